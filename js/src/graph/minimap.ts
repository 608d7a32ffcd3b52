/** The whole drawing, small, with the part of it that is in the window; a click or drag goes there. */

import { makeSvg } from "./elements";
import type { GraphNode } from "./protocol";
import type { Point, Rect, Size, Transform } from "./viewport";

/** The largest size, in pixels. */
const ROOM: Size = { width: 150, height: 110 };
/** Pixels around it, as the style sheet has them. */
const GAP = 8;
/** Pixels below which the map would only cover the drawing. */
const NARROWEST = 380;

export class Minimap {
  readonly element: SVGElement;
  #nodes = makeSvg("g", {});
  #window = makeSvg("rect", { class: "tfg-window" });
  #scale = 1;
  #isWanted = true;

  /** `goTo` is told which point of the drawing is to stand in the middle. */
  constructor(goTo: (point: Point) => void) {
    // The keyboard has arrows, and those who do not see have the list of nodes.
    this.element = makeSvg("svg", { class: "tfg-map", "aria-hidden": "true" });
    this.element.append(this.#nodes, this.#window);
    const go = (event: PointerEvent) => {
      const { left, top } = this.element.getBoundingClientRect();
      goTo({ x: (event.clientX - left) / this.#scale, y: (event.clientY - top) / this.#scale });
    };
    // A drag that leaves the map would mark the texts that it passes.
    this.element.addEventListener("mousedown", (event) => event.preventDefault());
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      go(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) go(event);
    });
  }

  /** What it takes of the window's lower right corner. */
  get size(): Size {
    if (this.element.style.display === "none") return { width: 0, height: 0 };
    const [width = 0, height = 0] = ["width", "height"].map((name) =>
      Number(this.element.getAttribute(name)),
    );
    return { width: width + 2 * GAP, height: height + 2 * GAP };
  }

  toggle(): boolean {
    this.#isWanted = !this.#isWanted;
    return this.#isWanted;
  }

  /** Draw the nodes of a drawing of this size. */
  draw(content: Size, nodes: GraphNode[], place: (id: string) => Rect | undefined): void {
    this.#scale = Math.min(ROOM.width / content.width, ROOM.height / content.height);
    const { width, height } = content;
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.setAttribute("width", `${width * this.#scale}`);
    this.element.setAttribute("height", `${height * this.#scale}`);
    const rects = nodes.map(({ id, kind }) => {
      const { x, y, width: wide, height: high } = place(id) ?? { x: 0, y: 0, width: 0, height: 0 };
      return makeSvg("rect", { class: `tfg-${kind}`, x, y, width: wide, height: high });
    });
    this.#nodes.replaceChildren(...rects);
  }

  /** Show the window, unless all of the drawing is in it. */
  show(t: Transform, room: Size, isPartial: boolean): void {
    const isShown = this.#isWanted && isPartial && room.width >= NARROWEST;
    this.element.style.display = isShown ? "" : "none";
    const { x, y, k } = t;
    const rect = { x: -x / k, y: -y / k, width: room.width / k, height: room.height / k };
    for (const [name, value] of Object.entries(rect)) this.#window.setAttribute(name, `${value}`);
  }
}
