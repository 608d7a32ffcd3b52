/** The old graph beside the new one: the same drawing, in which other nodes are faint. */

import { make, makeSvg } from "./elements";

/** What the old and the new graph do not have, by the ids of the drawing. */
export type Sides = { old: string[]; new: string[] };

/** Texts of nodes in the new graph and what they are in the old one, by the ids of the drawing. */
export type Words = Record<string, [string, string][]>;

const ARROW = " \u2192 ";
const GHOST = "tfg-ghost";

export class Mirror {
  readonly element = make("div", { class: "tfg-canvas tfg-mirror" });
  readonly svg = makeSvg("svg", { class: "tfg-svg", "aria-hidden": "true" }) as SVGSVGElement;
  #ground: SVGElement = makeSvg("g", {});
  #ghosts: string[] = [];
  #words: Words = {};

  constructor() {
    this.element.append(this.svg, make("div", { class: "tfg-side" }, "Old"));
  }

  /** Fade in the drawing what the new graph does not have; show the rest of it here. */
  show(ground: SVGElement, sides: Sides, words: Words): void {
    this.#words = words;
    this.#ghosts = sides.old.filter((id) => !sides.new.includes(id));
    for (const element of ground.querySelectorAll<SVGElement>("[data-id]")) {
      element.classList.toggle(GHOST, sides.new.includes(element.dataset.id ?? ""));
    }
    this.copy(ground);
  }

  /** Copy the drawing with its marks. */
  copy(ground: SVGElement): void {
    const copy = ground.cloneNode(true) as SVGElement;
    for (const element of copy.querySelectorAll<SVGElement>("[data-id]")) {
      element.removeAttribute("tabindex");
      element.removeAttribute("role");
      const id = element.dataset.id ?? "";
      element.classList.toggle(GHOST, this.#ghosts.includes(id));
      for (const text of this.#words[id] ? element.querySelectorAll("text") : []) {
        text.textContent = replaced(text.textContent ?? "", this.#words[id] ?? []);
      }
    }
    this.svg.replaceChildren(copy);
    this.#ground = copy;
  }

  /** Stand where the drawing stands. */
  follow(transform: string): void {
    this.#ground.setAttribute("transform", transform);
  }
}

/** Return a text as it is in the old graph; a line on a fetched node goes on after its operation. */
function replaced(text: string, words: [string, string][]): string {
  for (const [now, before] of words) {
    if (text === now || (now.includes(ARROW) && text.startsWith(now))) {
      return before + text.slice(now.length);
    }
  }
  return text;
}
