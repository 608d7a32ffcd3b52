/** The widget as a whole: bar, drawing and details, kept in step with the kernel. */

import type { AnyModel } from "@anywidget/types";
import { bar, helpPanel } from "./bar";
import { Canvas } from "./canvas";
import { Panel } from "./details";
import { make } from "./elements";
import { addGestures } from "./gestures";
import { type Channel, Kernel } from "./kernel";
import { Keyboard } from "./keyboard";
import type { Details, Finding, Revealed, Said, Traits, View } from "./protocol";
import { type Format, saveAs } from "./save";
import { Search } from "./search";
import { hideStaticPicture } from "./static_picture";
import { followTheme } from "./theme";
import { type Direction, reach, within } from "./trace";
import { boxLabel, count, nodeLabel } from "./words";

/** Width below which the details stand below the drawing, in pixels. */
const NARROW = 720;
/** Milliseconds within which two clicks are one double click. */
const DOUBLE_CLICK = 300;
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
  #selected = "";
  #focused = "";
  #traces = new Set<Direction>();
  #anchor = "";
  /** What to jump to as soon as it is drawn. */
  #wanted = "";
  #isDrawing = false;
  #isShown = false;
  #endings: (() => void)[] = [];

  constructor(private model: AnyModel<Traits>) {
    this.#kernel = new Kernel(model as unknown as Channel, (busy) => {
      this.#say(busy ? "The kernel is busy or gone: waiting for it." : "");
    });
    this.#canvas = new Canvas(model.get("title"));
    this.#panel = new Panel({
      jump: (name) => void this.#jump(name),
      trace: (direction) => this.#trace(direction),
      toggle: (id) => void this.#toggle(id),
      close: () => this.#leave(),
    });
    this.#search = new Search(
      (text) => this.#kernel.ask<Finding>("search", { text }),
      (found) => void this.#jump(found.name),
      () => this.#canvas.svg.focus({ preventScroll: true }),
    );

    this.#keyboard = new Keyboard(this.#canvas, {
      view: () => this.#view,
      selected: () => this.#selected,
      select: (id) => this.#select(id),
      leave: () => this.#leave(),
      toggle: (id) => void this.#toggle(id),
      close: (id) => {
        this.#focused = id;
        void this.#change("close", id);
      },
      trace: (direction) => this.#trace(direction),
      search: () => this.#search.input.focus(),
      help: () => this.#toggleHelp(),
      say: (text) => this.#say(text),
    });
    this.#canvas.element.append(this.#hint);
    const body = make("div", { class: "tfg-body" }, this.#canvas.element, this.#panel.element);
    this.element = make("div", { class: "tfg-view" }, this.#bar(), this.#help, body, this.#status);
    this.element.addEventListener("keydown", (event) => this.#keyboard.press(event));
    this.#canvas.svg.addEventListener("focusin", (event) => {
      this.#focused = (event.target as SVGElement).dataset.id ?? "";
    });
    addGestures(this.#canvas, {
      click: (id) => (id ? this.#select(id) : this.#leave()),
      toggle: (id) => void this.#toggle(id),
      scrolled: () => this.#showHint(),
    });
    this.#listen();
    this.#draw();
  }

  #bar(): HTMLElement {
    return bar(this.#search.element, {
      zoom: (factor) => this.#canvas.zoom(factor),
      fit: () => this.#canvas.fit(),
      openAll: () => void this.#change("open_all"),
      closeAll: () => void this.#change("close_all"),
      save: (format) => void this.#save(format),
      help: () => this.#toggleHelp(),
    });
  }

  #toggleHelp(): void {
    this.#help.hidden = !this.#help.hidden;
  }

  close(): void {
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
    const follow = () => this.#follow();
    const events = {
      "change:svg": redraw,
      "change:view": redraw,
      "change:at": follow,
      "change:selected": follow,
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

  #resize(): void {
    const { clientWidth } = this.element;
    if (!clientWidth) return;
    this.element.classList.toggle("tfg-narrow", clientWidth < NARROW);
    const canvas = this.#canvas.element;
    if (!this.#isShown) {
      this.#isShown = true;
      canvas.style.height = `${this.#canvas.heightFor(canvas.clientWidth)}px`;
      this.#endings.push(hideStaticPicture(this.model.get("uid"), this.element));
    }
    this.#canvas.resize({ width: canvas.clientWidth, height: canvas.clientHeight });
    if (this.#wanted) this.#arrive();
  }

  #draw(): void {
    const view = this.#view;
    const hadKeyboard = this.#canvas.svg.contains(document.activeElement);
    this.#canvas.show(this.model.get("svg"), view, this.#anchor || this.#selected);
    this.#canvas.element.append(this.#hint);
    this.#anchor = "";
    if (this.#selected && !this.#canvas.has(this.#selected)) this.#deselect();
    this.#mark();
    const first = this.#canvas.has(this.#focused) ? this.#focused : (view.nodes[0]?.id ?? "");
    if (hadKeyboard && this.#focused) this.#canvas.focus(first);
    else this.#canvas.tabTo(first);
    if (this.#wanted) this.#arrive();
    else this.#follow();
  }

  /** Select what Python has selected. */
  #follow(): void {
    const [name = "", id = ""] = this.model.get("at");
    if (name !== this.model.get("selected") || id === this.#selected) return;
    if (this.#nameOf(this.#selected) === name) return;
    if (!id) {
      this.#deselect();
      return;
    }
    this.#wanted = id;
    this.#arrive();
  }

  #arrive(): void {
    const id = this.#wanted;
    if (!this.#canvas.has(id) || !this.#isShown) return;
    this.#wanted = "";
    if (id !== this.#selected) this.#choose(id);
    this.#canvas.jump(id);
    this.#canvas.tabTo(id);
  }

  #select(id: string): void {
    this.#choose(id);
    this.#canvas.focus(id);
    const name = this.#nameOf(id);
    if (name !== this.model.get("selected")) {
      this.model.set("selected", name);
      this.model.save_changes();
    }
  }

  /** Mark something as selected and show what there is to know about it. */
  #choose(id: string): void {
    this.#selected = id;
    this.#mark();
    const node = this.#view.nodes.find((each) => each.id === id);
    const box = this.#view.boxes.find((each) => each.id === id);
    const kind = node?.kind ?? id.split(":", 1)[0] ?? "";
    const name = this.#nameOf(id);
    const opened = node?.openable ? false : box?.closable ? true : undefined;
    this.#panel.show({ id, name, kind, says: node?.says ?? "" }, opened);
    this.#say(`Selected: ${node ? nodeLabel(node) : box ? boxLabel(box) : name}`);
    if (!this.element.classList.contains("tfg-detailed")) {
      // The second click of two must not meet a drawing that has moved.
      const wait = opened === undefined ? 0 : DOUBLE_CLICK;
      setTimeout(() => this.#selected && this.#showPanel(), wait);
    }
    this.#kernel.ask<Details>("details", { node: id }).then(
      (details) => this.#selected === id && this.#panel.fill(details),
      (error: Error) => this.#selected === id && this.#panel.fail(error.message),
    );
  }

  #showPanel(): void {
    this.element.classList.add("tfg-detailed");
    this.#panel.element.hidden = false;
    // It takes room from the drawing, and may cover just what was selected.
    this.#resize();
    this.#canvas.reveal(this.#selected);
  }

  #hidePanel(): void {
    this.element.classList.remove("tfg-detailed");
    this.#panel.element.hidden = true;
    this.#resize();
  }

  /** Select nothing, end all traces. */
  #leave(): void {
    const hadKeyboard = this.#panel.element.contains(document.activeElement);
    const last = this.#selected;
    this.#deselect();
    if (hadKeyboard && last) this.#canvas.focus(last);
    if (this.model.get("selected")) {
      this.model.set("selected", "");
      this.model.save_changes();
    }
  }

  #deselect(): void {
    if (this.#selected) this.#say("Nothing is selected.");
    this.#selected = "";
    this.#traces.clear();
    this.#hidePanel();
    this.#mark();
  }

  #trace(direction: Direction): void {
    if (!this.#selected) {
      this.#say("Select a node first, then trace from it.");
      return;
    }
    if (!this.#traces.delete(direction)) this.#traces.add(direction);
    const traced = this.#mark();
    const words = { up: "depends on", down: "is used by" };
    const number = traced ? traced.size - within(this.#view, this.#selected).length : 0;
    if (!this.#traces.has(direction)) this.#say("The trace has ended.");
    else if (this.#traces.size > 1) this.#say(`Traced up and down: ${count(number, "node")}.`);
    else this.#say(`${this.#nameOf(this.#selected)} ${words[direction]} ${count(number, "node")}.`);
  }

  #mark(): Set<string> | null {
    let traced: Set<string> | null = null;
    if (this.#selected && this.#traces.size) {
      const from = within(this.#view, this.#selected);
      traced = new Set(from);
      for (const direction of this.#traces) {
        for (const id of reach(this.#view.links, from, direction)) traced.add(id);
      }
    }
    this.#canvas.mark(this.#selected, traced);
    this.#panel.traced(this.#traces);
    return traced;
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
      this.#say(says || [`${done[ask]} ${this.#nameOf(id)}`.trim(), shown].join(": "));
      if (id && id === this.#selected) this.#choose(id);
    } catch (error) {
      this.#anchor = "";
      this.#say((error as Error).message, true);
    }
  }

  /** Open all that an operation is in, go there and select it. */
  async #jump(name: string): Promise<void> {
    try {
      const { id, says } = await this.#kernel.ask<Revealed>("reveal", { name });
      this.#wanted = id;
      this.#arrive();
      this.#canvas.focus(id);
      if (says) this.#say(says);
      const shown = this.#nameOf(id) || name;
      if (shown !== this.model.get("selected")) {
        this.model.set("selected", shown);
        this.model.save_changes();
      }
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

  #nameOf(id: string): string {
    const { nodes, boxes } = this.#view;
    return [...nodes, ...boxes].find((each) => each.id === id)?.name ?? "";
  }

  #say(text: string, isError = false): void {
    this.#status.textContent = text;
    this.#status.classList.toggle("tfg-error", isError);
  }

  #showHint(): void {
    const key = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";
    this.#hint.textContent = `${key} + wheel zooms`;
    this.#hint.classList.add("tfg-on");
    setTimeout(() => this.#hint.classList.remove("tfg-on"), HINT);
  }
}
