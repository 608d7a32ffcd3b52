/** Signs at the edges of the drawing's window, where the drawing goes on. */

import { make } from "./elements";
import type { Side } from "./viewport";

const PART = 0.7;
const SIGNS: Record<Side, [text: string, dx: number, dy: number]> = {
  up: ["▲ more above", 0, PART],
  down: ["▼ more below", 0, -PART],
  left: ["◀ more", PART, 0],
  right: ["more ▶", -PART, 0],
};

export class MoreSigns {
  #buttons = new Map<Side, HTMLButtonElement>();

  /** `move` is told by which parts of the window the drawing is to move. */
  constructor(move: (dx: number, dy: number) => void) {
    for (const [side, [text, dx, dy]] of Object.entries(SIGNS)) {
      const properties = {
        type: "button",
        class: `tfg-more tfg-more-${side}`,
        // The keyboard has arrows.
        tabindex: -1,
        hidden: true,
        onclick: () => move(dx, dy),
      };
      this.#buttons.set(side as Side, make("button", properties, text));
    }
  }

  get elements(): HTMLButtonElement[] {
    return [...this.#buttons.values()];
  }

  show(sides: Record<Side, boolean>): void {
    for (const [side, button] of this.#buttons) button.hidden = !sides[side];
  }
}
