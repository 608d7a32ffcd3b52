/** The line below the bar: which rows flow through the graph, and what can be done with them. */

import { activeIn, make } from "./elements";
import type { Peeking } from "./protocol";

export type PeekActions = {
  first(): void;
  cancel(): void;
  cost(on: boolean): void;
  hide(): void;
  /** Take the keyboard of a line that goes. */
  leave(): void;
};

/** What the menu offers: how many rows, and whether they are drawn from all. */
export const CHOICES: { label: string; rows: number; drawn: boolean }[] = [
  { label: "First 20 rows", rows: 20, drawn: false },
  { label: "First 200 rows", rows: 200, drawn: false },
  { label: "100 rows drawn from all", rows: 100, drawn: true },
  { label: "1,000 rows drawn from all", rows: 1000, drawn: true },
];

export class PeekLine {
  readonly element: HTMLElement;
  #says = make("span", { class: "tfg-peek-says" });
  #first: HTMLButtonElement;
  #cancel: HTMLButtonElement;
  #cost: HTMLButtonElement;
  #hide: HTMLButtonElement;

  constructor(private actions: PeekActions) {
    const button = (label: string, title: string, onclick: () => void) =>
      make("button", { type: "button", class: "tfg-button tfg-worded", title, onclick }, label);
    this.#first = button("Go to the first NaN or ∞", "Select the node that made it (N)", () =>
      actions.first(),
    );
    this.#cancel = button("Cancel", "Cancel the peek", () => actions.cancel());
    this.#cost = button("Cost", "Colour the nodes by their time, or by their bytes", () =>
      actions.cost(this.#cost.getAttribute("aria-pressed") !== "true"),
    );
    this.#cost.setAttribute("aria-pressed", "false");
    this.#hide = button("Hide values", "Show the graph alone", () => actions.hide());
    const buttons = [this.#first, this.#cancel, this.#cost, this.#hide];
    this.element = make("div", { class: "tfg-peek", hidden: true }, this.#says, ...buttons);
  }

  showCost(on: boolean): void {
    this.#cost.setAttribute("aria-pressed", String(on));
  }

  show({ state, says, first, compared }: Peeking): void {
    const hadKeyboard = this.element.contains(activeIn(this.element));
    this.element.hidden = !state;
    this.#says.textContent = says;
    this.#says.classList.toggle("tfg-error", state === "failed");
    this.#first.hidden = state !== "ready" || !first;
    this.#cost.hidden = state !== "ready" || compared;
    if (compared) {
      this.#first.textContent = "Go to where they part";
      this.#first.title = "Select the first node whose values part (N)";
    }
    this.#cancel.hidden = state !== "busy";
    this.#hide.hidden = (state !== "ready" && state !== "failed") || compared;
    // What is hidden may have the focus until the page is drawn.
    const now = activeIn(this.element);
    if (!hadKeyboard || (this.element.contains(now) && !now?.closest("[hidden]"))) return;
    const shown = [this.#cancel, this.#cost, this.#hide].find((button) => !button.hidden);
    if (shown) shown.focus();
    else this.actions.leave();
  }
}
