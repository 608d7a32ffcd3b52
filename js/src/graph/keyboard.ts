/** The keyboard in the drawing: from node to node, in and out of groups. */

import type { Canvas } from "./canvas";
import { type Command, command } from "./keys";
import type { View } from "./protocol";
import { type Arrow, step } from "./steps";
import { around, type Direction, within } from "./trace";

export type KeyboardActions = {
  view(): View;
  selected(): string;
  select(id: string): void;
  leave(): void;
  toggle(id: string): void;
  close(id: string): void;
  trace(direction: Direction): void;
  search(): void;
  help(): void;
  /** Close the list of keys; false if it is not there. */
  closeHelp(): boolean;
  turn(): void;
  isAcross(): boolean;
  row(by: number): void;
  notFinite(): void;
  say(text: string): void;
};

const NO_STEP: Record<Arrow, string> = {
  ArrowUp: "It takes nothing.",
  ArrowDown: "Nothing takes it.",
  ArrowLeft: "There is nothing to the left.",
  ArrowRight: "There is nothing to the right.",
};

const NO_STEP_ACROSS: Record<Arrow, string> = {
  ArrowLeft: "It takes nothing.",
  ArrowRight: "Nothing takes it.",
  ArrowUp: "There is nothing above.",
  ArrowDown: "There is nothing below.",
};

export class Keyboard {
  constructor(
    private canvas: Canvas,
    private actions: KeyboardActions,
  ) {}

  press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && this.actions.closeHelp()) return;
    const target = event.target as Element;
    if (!this.canvas.svg.contains(target)) {
      if (event.key === "Escape" && target.closest(".tfg-panel")) this.actions.leave();
      return;
    }
    const isOnNode = target !== this.canvas.svg;
    const pressed = command(event, isOnNode);
    if (!pressed) return;
    event.preventDefault();
    this.#obey(pressed, isOnNode ? ((target as SVGElement).dataset.id ?? "") : "");
  }

  #obey(pressed: Command, id: string): void {
    const { nodes } = this.actions.view();
    const commands: Record<Command["do"], () => void> = {
      zoom: () => pressed.do === "zoom" && this.canvas.zoomAbout(id, pressed.by),
      pan: () => pressed.do === "pan" && this.canvas.pan(pressed.dx, pressed.dy),
      fit: () => this.canvas.fit(),
      step: () => pressed.do === "step" && this.#step(pressed.arrow, id),
      enter: () => this.#enter(id),
      select: () => id && this.actions.select(id),
      leave: () => this.actions.leave(),
      search: () => this.actions.search(),
      turn: () => this.actions.turn(),
      map: () => this.actions.say(`The map is ${this.canvas.toggleMap() ? "shown" : "hidden"}.`),
      help: () => this.actions.help(),
      up: () => this.#trace(id, "up"),
      down: () => this.#trace(id, "down"),
      row: () => pressed.do === "row" && this.actions.row(pressed.by),
      notFinite: () => this.actions.notFinite(),
      parent: () => this.#around(id, (box) => this.#goTo(box)),
      close: () => this.#around(id, (box) => this.actions.close(box)),
      first: () => this.#goTo(nodes[0]?.id),
      last: () => this.#goTo(nodes.at(-1)?.id),
    };
    commands[pressed.do]();
  }

  #enter(id: string): void {
    const { nodes, boxes } = this.actions.view();
    const opens = nodes.some((node) => node.id === id && node.openable);
    if (!id) this.#goTo(this.actions.selected() || nodes[0]?.id);
    else if (opens || boxes.some((box) => box.id === id && box.closable)) this.actions.toggle(id);
    else this.actions.select(id);
  }

  #trace(id: string, direction: Direction): void {
    if (id && id !== this.actions.selected()) this.actions.select(id);
    this.actions.trace(direction);
  }

  #around(id: string, act: (box: string) => void): void {
    const [box] = around(this.actions.view(), id);
    if (box) act(box);
    else this.actions.say("There is no open group around.");
  }

  #step(arrow: Arrow, id: string): void {
    const view = this.actions.view();
    if (view.boxes.some((box) => box.id === id)) {
      // From the edge of a group, the arrows lead inside.
      this.#goTo(within(view, id)[0]);
      return;
    }
    const places = this.canvas.places(view.nodes.map((node) => node.id));
    const isAcross = this.actions.isAcross();
    const next = step(arrow, id, view.links, places, isAcross);
    if (next) this.#goTo(next);
    else this.actions.say((isAcross ? NO_STEP_ACROSS : NO_STEP)[arrow]);
  }

  #goTo(id: string | undefined): void {
    if (!id) return;
    this.canvas.focus(id);
    this.canvas.reveal(id);
    this.canvas.intoSight();
  }
}
