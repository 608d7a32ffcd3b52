/** What is selected, from the page or from Python; its details and its traces. */

import type { AnyModel } from "@anywidget/types";
import type { Canvas } from "./canvas";
import type { Panel } from "./details";
import { activeIn } from "./elements";
import type { Kernel } from "./kernel";
import type { Details, Page, Size, Traits } from "./protocol";
import { type Direction, reach, within } from "./trace";
import { boxLabel, count, nameOf, nodeLabel } from "./words";

/** Milliseconds within which two clicks are one double click. */
const DOUBLE_CLICK = 300;

export type Stage = {
  model: AnyModel<Traits>;
  canvas: Canvas;
  panel: Panel;
  kernel: Kernel;
  /** Whether the widget stands in the page. */
  isShown(): boolean;
  showPanel(on: boolean): void;
  say(text: string): void;
  /** What something costs, in words; empty if it is not known. */
  cost(id: string): string;
};

export class Selection {
  #id = "";
  #traces = new Set<Direction>();
  /** What to jump to as soon as it is drawn. */
  #wanted = "";

  constructor(private stage: Stage) {}

  get id(): string {
    return this.#id;
  }

  /** Tell Python a name. */
  tell(name: string): void {
    const { model } = this.stage;
    if (name === model.get("selected")) return;
    model.set("selected", name);
    model.save_changes();
  }

  select(id: string): void {
    this.choose(id);
    this.stage.canvas.focus(id);
    this.tell(this.#nameOf(id));
  }

  /** Mark something as selected and show what there is to know about it. */
  choose(id: string, isBack = false): void {
    const { panel, kernel, say } = this.stage;
    const { nodes, boxes } = this.#view;
    this.#id = id;
    this.mark();
    const node = nodes.find((each) => each.id === id);
    const box = boxes.find((each) => each.id === id);
    const kind = node?.kind ?? id.split(":", 1)[0] ?? "";
    const name = this.#nameOf(id);
    const opened = node?.openable ? false : box?.closable ? true : undefined;
    panel.show({ id, name, kind, says: node?.says ?? "" }, opened);
    say(`Selected: ${node ? nodeLabel(node) : box ? boxLabel(box) : name}`);
    if (isBack) this.stage.showPanel(true);
    else if (panel.element.hidden) {
      // The second click of two must not meet a drawing that has moved.
      const wait = opened === undefined ? 0 : DOUBLE_CLICK;
      setTimeout(() => this.#id && this.#showPanel(), wait);
    }
    this.askValues();
    kernel.ask<Details>("details", { node: id }).then(
      (details) => {
        if (this.#id !== id) return;
        panel.fill(details);
        // Of a large group it takes longer, and is asked for only once the rest is there.
        kernel.ask<Size>("size", { node: id }).then(
          (size) => this.#id === id && panel.measure(size),
          () => {},
        );
      },
      (error: Error) => this.#id === id && panel.fail(error.message),
    );
  }

  /** Show what rows make of the selected node, if rows flow through the graph; and constants. */
  askValues(): void {
    const { panel, kernel, say, cost } = this.stage;
    const id = this.#id;
    if (!id) return;
    panel.costs(cost(id));
    kernel.ask<{ pages: Page[] }>("values", { node: id, row: panel.values.row }).then(
      ({ pages }) => this.#id === id && panel.values.show(pages),
      (error: Error) => say(error.message),
    );
  }

  /** Select what Python has selected. */
  follow(): void {
    const { model } = this.stage;
    const [name = "", id = ""] = model.get("at");
    if (name !== model.get("selected")) return;
    if (!id) this.#wanted = "";
    if (id === this.#id) return;
    if (this.#nameOf(this.#id) === name) return;
    if (id) this.goTo(id);
    else this.#deselect();
  }

  /** Select something and bring it into sight, as soon as it is drawn. */
  goTo(id: string): void {
    this.#wanted = id;
    this.arrive();
  }

  /** Select what is wanted, once it is drawn; `isBack` if the drawing stands where it stood before. */
  arrive(isBack = false): void {
    const { canvas } = this.stage;
    const id = this.#wanted;
    if (!id || !canvas.has(id) || !this.stage.isShown()) return;
    this.#wanted = "";
    if (id !== this.#id) this.choose(id, isBack);
    if (!isBack) canvas.jump(id);
    canvas.tabTo(id);
  }

  /** Follow a drawing that has changed. */
  redrawn(): void {
    if (this.#id && !this.stage.canvas.has(this.#id)) this.#deselect();
    this.mark();
    if (this.#wanted) this.arrive();
    else this.follow();
  }

  /** Select nothing, end all traces. */
  leave(): void {
    const { canvas, panel } = this.stage;
    const active = activeIn(panel.element);
    const hadFocus = panel.element.contains(active);
    // A button that was clicked has the focus, too, but a mouse is not to move the page.
    const byKeyboard = hadFocus && active?.matches(":focus-visible");
    const last = this.#id;
    this.#deselect();
    if (hadFocus && last) canvas.focus(last);
    if (byKeyboard && last) canvas.intoSight();
    this.tell("");
  }

  trace(direction: Direction): void {
    const { say } = this.stage;
    if (!this.#id) {
      say("Select a node first, then trace from it.");
      return;
    }
    if (!this.#traces.delete(direction)) this.#traces.add(direction);
    const traced = this.mark();
    const words = { up: "depends on", down: "is used by" };
    const number = traced ? traced.size - within(this.#view, this.#id).length : 0;
    if (!this.#traces.has(direction)) say("The trace has ended.");
    else if (this.#traces.size > 1) say(`Traced up and down: ${count(number, "node")}.`);
    else say(`${this.#nameOf(this.#id)} ${words[direction]} ${count(number, "node")}.`);
  }

  mark(): Set<string> | null {
    let traced: Set<string> | null = null;
    if (this.#id && this.#traces.size) {
      const from = within(this.#view, this.#id);
      traced = new Set(from);
      for (const direction of this.#traces) {
        for (const id of reach(this.#view.links, from, direction)) traced.add(id);
      }
    }
    this.stage.canvas.mark(this.#id, traced);
    this.stage.panel.traced(this.#traces);
    return traced;
  }

  #deselect(): void {
    if (this.#id) this.stage.say("Nothing is selected.");
    this.#id = "";
    this.#traces.clear();
    this.stage.showPanel(false);
    this.mark();
  }

  #showPanel(): void {
    this.stage.showPanel(true);
    // It takes room from the drawing, and may cover just what was selected.
    this.stage.canvas.reveal(this.#id);
  }

  get #view() {
    return this.stage.model.get("view");
  }

  #nameOf(id: string): string {
    return nameOf(this.#view, id);
  }
}
