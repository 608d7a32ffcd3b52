/** The widget as a whole: bar, drawing and details, kept in step with the kernel. */

import type { AnyModel } from "@anywidget/types";
import { keepKeys } from "../shortcuts";
import { bar, helpPanel } from "./bar";
import { Canvas } from "./canvas";
import { CostPanel } from "./cost";
import { Panel } from "./details";
import { activeIn, iconButton, make } from "./elements";
import { addGestures, type Pointed } from "./gestures";
import { type Channel, Kernel } from "./kernel";
import { Keyboard } from "./keyboard";
import { Legend } from "./legend";
import { Mirror } from "./mirror";
import { PeekLine } from "./peek";
import type { Cost, Finding, Revealed, Said, Traits, View } from "./protocol";
import { type Format, saveAs } from "./save";
import { Search } from "./search";
import { Selection } from "./selection";
import { splitter } from "./splitter";
import { hideStaticPicture } from "./static_picture";
import { followTheme } from "./theme";
import { type Point, pointsIn } from "./viewport";
import { count, invitation, nameOf } from "./words";

/** Width below which the details stand below the drawing, in pixels. */
const NARROW = 720;
/** What can be done once values are on show. */
const READY = "Nodes carry the values of these rows. A click shows them row by row.";
/** Milliseconds after which a new width counts. */
const REST = 150;
const COMPARED = "Nodes say what became of them. A click shows the old and the new values.";
/** Milliseconds for which a hint is seen. */
const HINT = 1400;

export class GraphView {
  readonly element: HTMLDivElement;
  #kernel: Kernel;
  #canvas: Canvas;
  #panel: Panel;
  #search: Search;
  #keyboard: Keyboard;
  #status = make("div", { class: "tfg-status", role: "status", "aria-live": "polite" });
  #hint = make("div", { class: "tfg-hint", "aria-hidden": "true" });
  #help = helpPanel();
  #legend = new Legend();
  #turnButton = iconButton("turn", "Left to right (L)", () => this.#turn());
  #peekLine = new PeekLine({
    first: () => void this.#goToFirst(),
    cancel: () => void this.#ask("cancel_peek"),
    cost: (on) => void this.#ask("cost", { on }),
    hide: () => void this.#ask("hide_values"),
    leave: () => this.element.querySelector<HTMLElement>(".tfg-peek-menu button")?.focus(),
  });
  #costs = new CostPanel(
    (name) => void this.#jump(name),
    () => this.#heat(),
  );
  #mirror: Mirror | undefined;
  #peekState = "";
  #hasValues = false;
  #selection: Selection;
  #focused = "";
  #anchor = "";
  #isDrawing = false;
  #isShown = false;
  #height = "";
  #rest = 0;
  #endings: (() => void)[] = [];

  constructor(private model: AnyModel<Traits>) {
    this.#kernel = new Kernel(model as unknown as Channel, (busy) => {
      this.#say(busy ? "The kernel is busy or gone: waiting for it." : "");
    });
    this.#canvas = new Canvas(model.get("title"));
    this.#panel = new Panel({
      jump: (name) => void this.#jump(name),
      trace: (direction) => this.#selection.trace(direction),
      toggle: (id) => void this.#toggle(id),
      close: () => this.#selection.leave(),
      values: () => this.#selection.askValues(),
      compute: (id, on) => void this.#compute(id, on),
    });
    this.#selection = new Selection({
      model,
      canvas: this.#canvas,
      panel: this.#panel,
      kernel: this.#kernel,
      isShown: () => this.#isShown,
      showPanel: (on) => this.#showPanel(on),
      say: (text) => this.#say(text),
      cost: (id) => this.#costs.says(id),
    });
    this.#search = new Search(
      (text) => this.#kernel.ask<Finding>("search", { text }),
      (found) => void this.#jump(found.name),
      () => this.#canvas.svg.focus({ preventScroll: true }),
    );

    this.#keyboard = new Keyboard(this.#canvas, {
      view: () => this.#view,
      selected: () => this.#selection.id,
      select: (id) => this.#selection.select(id),
      leave: () => this.#selection.leave(),
      toggle: (id) => void this.#toggle(id),
      close: (id) => {
        this.#focused = id;
        void this.#change("close", id);
      },
      trace: (direction) => this.#selection.trace(direction),
      search: () => this.#search.input.focus(),
      help: () => this.#toggleHelp(),
      closeHelp: () => {
        const isThere = !this.#help.hidden;
        this.#help.hidden = true;
        return isThere;
      },
      turn: () => this.#turn(),
      isAcross: () => this.model.get("direction") === "right",
      row: (by) => this.#walk(by),
      notFinite: () => void this.#goToFirst(),
      say: (text) => this.#say(text),
    });
    this.#canvas.element.append(this.#hint);
    const line = splitter(
      () => ({ now: this.#panel.element.clientWidth, all: this.element.clientWidth }),
      (width) => {
        this.element.style.setProperty("--panel", `${width}px`);
        this.#resize(true);
      },
    );
    const parts = [this.#canvas.element, line, this.#panel.element];
    const body = make("div", { class: "tfg-body" }, ...parts);
    if (model.get("sides")) this.#addMirror(body);
    this.element = make(
      "div",
      { class: "tfg-view" },
      this.#bar(),
      this.#help,
      this.#peekLine.element,
      this.#costs.element,
      body,
      this.#legend.element,
      this.#status,
    );
    keepKeys(this.element);
    this.element.addEventListener("keydown", (event) => this.#keyboard.press(event));
    this.#canvas.svg.addEventListener("focusin", (event) => {
      this.#focused = (event.target as SVGElement).dataset.id ?? "";
    });
    addGestures(this.#canvas, this.#pointed);
    this.#listen();
    this.#showDirection();
    this.#draw();
    this.#showPeek();
    this.#showCost();
    this.#say("");
  }

  #bar(): HTMLElement {
    return bar(this.#search.element, this.#turnButton, {
      zoom: (factor) => this.#canvas.zoom(factor),
      fit: () => this.#canvas.fit(),
      openAll: () => void this.#change("open_all"),
      closeAll: () => void this.#change("close_all"),
      save: (format) => void this.#save(format),
      help: () => this.#toggleHelp(),
      peek: (rows, drawn) => void this.#ask("peek", { rows, drawn }),
    });
  }

  get #pointed(): Pointed {
    return {
      click: (id) => (id ? this.#selection.select(id) : this.#selection.leave()),
      toggle: (id) => void this.#toggle(id),
      scrolled: () => this.#showHint(),
    };
  }

  /** Put the old graph beside the new one, moved and marked as it. */
  #addMirror(body: HTMLElement): void {
    const mirror = new Mirror();
    this.#mirror = mirror;
    body.classList.add("tfg-two");
    body.prepend(mirror.element);
    this.#canvas.onMove = (transform) => mirror.follow(transform);
    this.#canvas.onMark = () => mirror.copy(this.#canvas.ground);
    const { svg } = mirror;
    const pan = (dx: number, dy: number) => this.#canvas.pan(dx, dy);
    const zoom = (factor: number, at?: Point) => this.#canvas.zoom(factor, at);
    addGestures({ svg, pan, zoom }, this.#pointed);
  }

  /** Ask for what shows itself when it is there. */
  async #ask(ask: string, facts: Record<string, unknown> = {}): Promise<void> {
    try {
      await this.#kernel.ask(ask, facts);
    } catch (error) {
      this.#say((error as Error).message, true);
    }
  }

  /** Add a node to what the form computes, or take it away. */
  async #compute(id: string, on: boolean): Promise<void> {
    try {
      const { name } = await this.#kernel.ask<{ name: string }>("fetch", { node: id, on });
      if (id === this.#selection.id) this.#panel.computed(on);
      this.#say(
        `${name} is ${on ? "computed too: see Compute" : "not computed: see Compute"} in the form.`,
      );
    } catch (error) {
      this.#say((error as Error).message, true);
    }
  }

  #walk(by: number): void {
    if (this.model.get("peeking").state !== "ready") this.#say("Peek at rows first.");
    else if (!this.#selection.id) this.#say("Select a node first.");
    else if (!this.#panel.values.step(by)) this.#say("There is no other row in this direction.");
  }

  async #goToFirst(): Promise<void> {
    const { state, first, compared } = this.model.get("peeking");
    const none = compared ? "The values part nowhere." : "No node on show made a NaN or infinity.";
    if (state === "ready" && !first) this.#say(none);
    else if (state !== "ready") this.#say("Peek at rows first.");
    else await this.#ask("first");
  }

  /** Show what became of the rows. */
  #showPeek(): void {
    const peeking = this.model.get("peeking");
    const isNew = peeking.state !== this.#peekState;
    this.#peekState = peeking.state;
    this.element.classList.toggle("tfg-can-peek", peeking.can);
    this.#peekLine.show(peeking);
    const ready = peeking.compared ? COMPARED : READY;
    const says = peeking.state === "ready" ? ready : peeking.says;
    if (isNew && says) this.#say(says, peeking.state === "failed");
    this.#selection.askValues();
  }

  #showCost(): void {
    const cost = this.model.get("cost");
    const isKnown = "nodes" in cost;
    this.#costs.show(isKnown ? (cost as Cost) : null);
    this.#peekLine.showCost(isKnown);
    this.#selection.askValues();
  }

  #heat(): void {
    const warmth = this.#costs.heat();
    this.#canvas.heat(warmth);
    this.#legend.show(this.#view);
    // Now colours say what nodes cost.
    if (warmth.size) this.#legend.element.hidden = true;
  }

  #toggleHelp(): void {
    this.#help.hidden = !this.#help.hidden;
  }

  /** Let the computation flow to the right instead of down, or down again. */
  #turn(): void {
    const isAcross = this.model.get("direction") === "right";
    this.model.set("direction", isAcross ? "down" : "right");
    this.model.save_changes();
    this.#say(isAcross ? "The graph flows down." : "The graph flows from left to right.");
  }

  #showDirection(): void {
    const isAcross = this.model.get("direction") === "right";
    this.#turnButton.setAttribute("aria-pressed", String(isAcross));
    // What was in sight is elsewhere.
    this.#canvas.forget();
  }

  close(): void {
    clearTimeout(this.#rest);
    for (const end of this.#endings) end();
    this.#kernel.close();
    this.#canvas.close();
  }

  get #view(): View {
    return this.model.get("view");
  }

  #listen(): void {
    const redraw = () => {
      // Picture and view arrive together, and are told of one by one.
      if (this.#isDrawing) return;
      this.#isDrawing = true;
      queueMicrotask(() => {
        this.#isDrawing = false;
        this.#draw();
      });
    };
    const follow = () => this.#selection.follow();
    const events = {
      "change:svg": redraw,
      "change:view": redraw,
      "change:at": follow,
      "change:selected": follow,
      "change:peeking": () => this.#showPeek(),
      "change:cost": () => this.#showCost(),
      "change:direction": () => this.#showDirection(),
    } as const;
    for (const [event, callback] of Object.entries(events)) {
      this.model.on(event as "change:svg", callback);
      this.#endings.push(() => this.model.off(event as "change:svg", callback));
    }
    this.#endings.push(
      followTheme(document, (dark) => {
        this.element.dataset.theme = dark ? "dark" : "light";
      }),
    );
    // The first size tells that the widget stands in the page, too.
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(this.#canvas.element);
    observer.observe(this.element);
    this.#endings.push(() => observer.disconnect());
  }

  /** Fit into the page; `stays` keeps the drawing where it is, whatever room is left of it. */
  #resize(stays = false): void {
    const { clientWidth } = this.element;
    if (!clientWidth) return;
    this.element.classList.toggle("tfg-narrow", clientWidth < NARROW);
    const canvas = this.#canvas.element;
    const isFirst = !this.#isShown;
    if (isFirst) {
      this.#isShown = true;
      this.#grow();
      this.#endings.push(hideStaticPicture(this.model.get("uid"), this.element));
    }
    this.#canvas.resize({ width: canvas.clientWidth, height: canvas.clientHeight }, stays);
    if (isFirst) this.#comeBack();
    this.#selection.arrive();
    this.#wait();
  }

  /** Stand where the drawing stood when the cell ran before, with what was selected then. */
  #comeBack(): void {
    const viewport = this.model.get("viewport") ?? [];
    if (viewport.length && this.#canvas.return(viewport)) {
      this.#selection.arrive(true);
      // The details have taken room from the drawing.
      this.#canvas.return(viewport);
    }
    this.#canvas.onStand = () => this.#wait();
  }

  /** Tell the kernel after a while how things stand in the page. */
  #wait(): void {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#tellRoom();
      this.#tellViewport();
    }, REST);
  }

  #tellViewport(): void {
    const { viewport } = this.#canvas;
    if (JSON.stringify(viewport) === JSON.stringify(this.model.get("viewport") ?? [])) return;
    this.model.set("viewport", viewport);
    this.model.save_changes();
  }

  /** Tell the kernel how wide the page is, which arranges inputs in rows for it. */
  #tellRoom(): void {
    const room = pointsIn(this.element.clientWidth);
    if (room <= 0 || room === this.model.get("room")) return;
    this.model.set("room", room);
    this.model.save_changes();
  }

  /** Give the drawing the height in which it can be read, unless somebody has chosen one. */
  #grow(): void {
    const canvas = this.#canvas.element;
    if (canvas.style.height !== this.#height) return;
    const height = this.#canvas.heightFor(canvas.clientWidth);
    if (height <= canvas.clientHeight && this.#height) return;
    this.#height = `${height}px`;
    canvas.style.height = this.#height;
    this.#canvas.grow({ width: canvas.clientWidth, height });
  }

  /** Give the drawing the place in which it can be read. */
  #startAnew(): void {
    const canvas = this.#canvas.element;
    this.#grow();
    this.#canvas.restart({ width: canvas.clientWidth, height: canvas.clientHeight });
    if (this.#selection.id) this.#canvas.reveal(this.#selection.id);
  }

  #showPanel(on: boolean): void {
    this.element.classList.toggle("tfg-detailed", on);
    this.#panel.element.hidden = !on;
    this.#resize(true);
  }

  #draw(): void {
    const view = this.#view;
    const hadKeyboard = this.#canvas.svg.contains(activeIn(this.#canvas.svg));
    this.#canvas.show(this.model.get("svg"), view, this.#anchor || this.#selection.id);
    if (this.#isShown) this.#grow();
    this.#canvas.element.append(this.#hint);
    if (this.#mirror) {
      this.#canvas.element.append(make("div", { class: "tfg-side" }, "New"));
      this.#mirror.show(
        this.#canvas.ground,
        this.model.get("sides") ?? { old: [], new: [] },
        this.model.get("old_words") ?? {},
      );
    }
    const hasValues = this.#canvas.svg.querySelector(".tfg-badge") !== null;
    // Nodes have grown or shrunk, so what was on show is elsewhere.
    if (hasValues !== this.#hasValues && this.#isShown) this.#startAnew();
    this.#hasValues = hasValues;
    this.#heat();
    this.#anchor = "";
    const first = this.#canvas.has(this.#focused) ? this.#focused : (view.nodes[0]?.id ?? "");
    if (hadKeyboard && this.#focused) this.#canvas.focus(first);
    else this.#canvas.tabTo(first);
    this.#selection.redrawn();
  }

  /** Open or close a group. */
  async #toggle(id: string): Promise<void> {
    const node = this.#view.nodes.find((each) => each.id === id);
    const box = this.#view.boxes.find((each) => each.id === id);
    if (!node?.openable && !box?.closable) return;
    await this.#change(node ? "open" : "close", id);
  }

  async #change(ask: "open" | "close" | "open_all" | "close_all", id = ""): Promise<void> {
    this.#anchor = id;
    if (id) this.#focused = this.#focused && id;
    try {
      const { says } = await this.#kernel.ask<Said>(ask, id ? { node: id } : {});
      const done = {
        open: "Opened",
        close: "Closed",
        open_all: "Opened all",
        close_all: "Closed all",
      };
      const shown = `${count(this.#view.nodes.length, "node")} on show.`;
      this.#say(says || [`${done[ask]} ${nameOf(this.#view, id)}`.trim(), shown].join(": "));
      if (id && id === this.#selection.id) this.#selection.choose(id);
    } catch (error) {
      this.#anchor = "";
      this.#say((error as Error).message, true);
    }
  }

  /** Open all that an operation is in, go there and select it. */
  async #jump(name: string): Promise<void> {
    try {
      const { id, says } = await this.#kernel.ask<Revealed>("reveal", { name });
      this.#selection.goTo(id);
      this.#canvas.focus(id);
      if (says) this.#say(says);
      this.#selection.tell(nameOf(this.#view, id) || name);
    } catch (error) {
      this.#say((error as Error).message, true);
    }
  }

  async #save(format: Format): Promise<void> {
    try {
      const text = async () =>
        (await this.#kernel.ask<{ text: string }>("export", { format })).text;
      await saveAs(format, this.model.get("svg"), text);
      this.#say(`Saved graph.${format}.`);
    } catch (error) {
      this.#say((error as Error).message, true);
    }
  }

  #say(text: string, isError = false): void {
    this.#status.textContent = text || invitation(this.#view);
    this.#status.classList.toggle("tfg-error", isError);
  }

  #showHint(): void {
    const key = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";
    this.#hint.textContent = `${key} + wheel zooms`;
    this.#hint.classList.add("tfg-on");
    setTimeout(() => this.#hint.classList.remove("tfg-on"), HINT);
  }
}
