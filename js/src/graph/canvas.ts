/** The drawing in its window: moved about, zoomed, and its nodes marked. */

import { clean } from "./clean";
import { make, makeSvg } from "./elements";
import { Minimap } from "./minimap";
import { MoreSigns } from "./more";
import type { GraphNode, Link, View } from "./protocol";
import {
  anchored,
  between,
  beyond,
  centre,
  distance,
  firstOf,
  fits,
  fitted,
  insight,
  inWindow,
  NATURAL,
  type Point,
  panBy,
  type Rect,
  type Size,
  start,
  type Transform,
  uncovered,
  zoomAt,
} from "./viewport";
import { boxLabel, nodeLabel } from "./words";

const MILLISECONDS = 180;
const LOWEST = 200;
const HIGHEST = 560;

export class Canvas {
  readonly element: HTMLDivElement;
  readonly svg: SVGSVGElement;
  #ground = makeSvg("g", {});
  #elements = new Map<string, SVGGElement>();
  #content: Size = { width: 1, height: 1 };
  #room: Size = { width: 0, height: 0 };
  #now: Transform = { x: 0, y: 0, k: 1 };
  #goal: Transform = this.#now;
  #frame = 0;
  #isPlaced = false;
  /** Where the drawing stands of itself: where it begins, or as a whole; "" if it was moved. */
  #home: "start" | "whole" | "" = "start";
  /** Told of each move, and of each change of the marks. */
  onMove: (transform: string) => void = () => {};
  onMark: () => void = () => {};
  /** Told whenever the drawing may stand elsewhere. */
  onStand: () => void = () => {};
  #inputs: string[] = [];
  #links: Link[] = [];
  #nodes: GraphNode[] = [];
  #map = new Minimap((point) => {
    this.#home = "";
    const { width, height } = this.#room;
    const { k } = this.#goal;
    this.#place({ x: width / 2 - point.x * k, y: height / 2 - point.y * k, k });
  });
  #more = new MoreSigns((dx, dy) => {
    this.#home = "";
    this.#go(panBy(this.#goal, dx * this.#room.width, dy * this.#room.height));
  });

  constructor(title: string) {
    this.svg = makeSvg("svg", {
      class: "tfg-svg",
      role: "application",
      "aria-roledescription": "graph",
      "aria-label": title,
      tabindex: 0,
    }) as SVGSVGElement;
    this.svg.append(this.#ground);
    this.element = make("div", { class: "tfg-canvas" });
    this.element.append(this.svg, this.#map.element, ...this.#more.elements);
  }

  /** Show a drawing; what `anchor` names stays where it is, and comes in sight as a whole. */
  show(text: string, view: View, anchor: string): void {
    const before = this.#anchors(anchor);
    const drawing = clean(text);
    this.#elements.clear();
    if (!drawing) {
      const pre = make("pre", { class: "tfg-text", tabindex: 0 }, view.text ?? "");
      this.element.replaceChildren(pre);
      return;
    }
    this.element.replaceChildren(this.svg, this.#map.element, ...this.#more.elements);
    const [, , width = 1, height = 1] = (drawing.getAttribute("viewBox") ?? "")
      .split(/[ ,]+/)
      .map(Number);
    this.#content = { width, height };
    const font = drawing.getAttribute("font-family");
    if (font) this.#ground.setAttribute("font-family", font);
    this.#ground.replaceChildren(...drawing.childNodes);
    for (const element of this.#ground.querySelectorAll<SVGGElement>(
      "g:is(.node, .edge, .cluster)",
    )) {
      const id = element.dataset.id;
      if (id) this.#elements.set(id, element);
    }
    this.#label(view);
    this.#links = view.links;
    this.#inputs = view.nodes.filter((node) => node.kind === "placeholder").map(({ id }) => id);
    this.#nodes = view.nodes;
    if (!this.#isPlaced) return;
    this.#drawMap();
    if (this.#isHome(anchor)) {
      this.#stand();
      return;
    }
    this.#home = "";
    for (const [id, place] of before) {
      const after = this.box(id);
      if (!after) continue;
      this.#goal = anchored(this.#goal, place, middle(after));
      this.#place(this.#goal);
      if (id === anchor) this.#go(insight(this.#goal, after, this.#room));
      else this.#seeSomething();
      break;
    }
  }

  /** Take a new size; `stays` keeps the drawing where it is. */
  resize(room: Size, stays = false): void {
    const before = this.#room;
    this.#room = room;
    if (!this.#isPlaced) this.#drawMap();
    if (!this.#isPlaced || (this.#home && !stays)) this.#stand();
    else if (stays) this.#set(this.#now);
    else this.#place(panBy(this.#goal, (room.width - before.width) / 2, 0));
    this.#isPlaced = true;
  }

  /** Stand where a drawing stands at first. */
  restart(room: Size): void {
    this.#room = room;
    this.#home = "start";
    this.#stand();
  }

  /** Take a new height, of which only what stands where it begins makes use. */
  grow(room: Size): void {
    this.#room = room;
    if (this.#isPlaced && this.#home) this.#stand();
  }

  /** Let the next drawing stand where it begins. */
  forget(): void {
    this.#home = "start";
  }

  /** Return the height in which the drawing can be read, given a width. */
  heightFor(width: number): number {
    const { k } = fitted(this.#content, { width, height: Number.POSITIVE_INFINITY });
    return Math.round(Math.min(HIGHEST, Math.max(LOWEST, this.#content.height * k + 32)));
  }

  /** Where somebody moved the drawing to, whatever the size of the window; nothing if nobody did. */
  get viewport(): number[] {
    if (this.#home === "start") return [];
    const { width, height } = this.#room;
    const { x, y, k } = this.#goal;
    return [(width / 2 - x) / k, (height / 2 - y) / k, k].map((one) => Math.round(one * 100) / 100);
  }

  /** Stand where somebody moved the drawing to; false if nothing of it would be seen there. */
  return(viewport: number[]): boolean {
    const [x = -1, y = -1, k = 0] = viewport;
    const { width, height } = this.#content;
    if (k <= 0 || x < 0 || y < 0 || x > width || y > height) return false;
    this.#home = "";
    this.#place({ x: this.#room.width / 2 - x * k, y: this.#room.height / 2 - y * k, k });
    return true;
  }

  get transform(): Transform {
    return this.#goal;
  }

  /** What moves in the window. */
  get ground(): SVGElement {
    return this.#ground;
  }

  zoom(factor: number, at?: Point): void {
    const { width, height } = this.#room;
    const next = zoomAt(this.#goal, factor, at ?? { x: width / 2, y: height / 2 });
    this.#home = "";
    // A wheel turns in steps too small to be worth an animation.
    if (at) this.#place(next);
    else this.#go(next);
  }

  /** Zoom about the node of the keyboard, which stays in sight; about the middle if it is not there. */
  zoomAbout(id: string, factor: number): void {
    const rect = this.box(id);
    const seen = rect && inWindow(this.#goal, middle(rect), this.#room);
    if (!seen) {
      this.zoom(factor);
      return;
    }
    const next = zoomAt(this.#goal, factor, seen);
    const whole = insight(next, rect, this.#room);
    this.#home = "";
    // What has become larger than the window stands where it stood.
    const isSmaller = whole.k === next.k;
    this.#go(isSmaller ? uncovered(whole, rect, this.#room, this.#map.size) : next);
  }

  pan(dx: number, dy: number): void {
    this.#home = "";
    this.#place(panBy(this.#goal, dx, dy));
  }

  fit(): void {
    this.#home = "whole";
    this.#go(fitted(this.#content, this.#room));
  }

  /** Bring something into the middle, and let it light up for a moment. */
  jump(id: string): void {
    const rect = this.box(id);
    const element = this.#elements.get(id);
    if (!rect || !element) return;
    this.#leaveFor(insight(centre(this.#goal, rect, this.#room), rect, this.#room));
    element.classList.remove("tfg-flash");
    // So that the animation begins anew where it is still running.
    void element.getBoundingClientRect();
    element.classList.add("tfg-flash");
  }

  /** Move as little as is needed to see something. */
  reveal(id: string): void {
    const rect = this.box(id);
    if (!rect) return;
    const seen = insight(this.#goal, rect, this.#room);
    this.#leaveFor(uncovered(seen, rect, this.#room, this.#map.size));
  }

  /** Have the page show the whole drawing: the keyboard is in it. */
  intoSight(): void {
    this.element.scrollIntoView?.({ block: "nearest" });
  }

  has(id: string): boolean {
    return this.#elements.has(id);
  }

  /** Return where something is, in units of the drawing. */
  box(id: string): Rect | undefined {
    const element = this.#elements.get(id);
    if (!element || this.#room.width === 0) return undefined;
    const shape = element.getBoundingClientRect();
    const window = this.svg.getBoundingClientRect();
    const { x, y, k } = this.#now;
    return {
      x: (shape.x - window.x - x) / k,
      y: (shape.y - window.y - y) / k,
      width: shape.width / k,
      height: shape.height / k,
    };
  }

  /** Return the middles of some nodes. */
  places(ids: Iterable<string>): Map<string, Point> {
    const places = new Map<string, Point>();
    for (const id of ids) {
      const rect = this.box(id);
      if (rect) places.set(id, middle(rect));
    }
    return places;
  }

  /** Show or hide the map of the whole; return whether it is wanted. */
  toggleMap(): boolean {
    const isWanted = this.#map.toggle();
    this.#set(this.#now);
    return isWanted;
  }

  /** Put the keyboard on a node. */
  focus(id: string): void {
    this.tabTo(id);
    this.#elements.get(id)?.focus({ preventScroll: true });
  }

  /** Have the tab key lead to a node, of all nodes to this one alone. */
  tabTo(id: string): void {
    for (const [other, element] of this.#elements) {
      if (element.hasAttribute("tabindex")) element.tabIndex = other === id ? 0 : -1;
    }
  }

  /** Mark what is selected, and dim all nodes and lines that a trace does not reach. */
  mark(selected: string, traced: Set<string> | null): void {
    for (const [id, element] of this.#elements) {
      element.classList.toggle("tfg-selected", id === selected);
      if (element.hasAttribute("role")) {
        element.setAttribute("aria-pressed", String(id === selected));
      }
      const isBox = element.classList.contains("tfg-cluster");
      const isTraced =
        !traced || isBox || traced.has(id) || (id.includes("->") && this.#ends(id, traced));
      element.classList.toggle("tfg-dimmed", !isTraced);
    }
    this.onMark();
  }

  /** Colour the nodes from cold, 0, to warm, 1. */
  heat(warmth: Map<string, number>): void {
    for (const [id, element] of this.#elements) {
      const warm = warmth.get(id);
      element.classList.toggle("tfg-heated", warm !== undefined);
      element.style.setProperty("--heat", `${(100 * (warm ?? 0)).toFixed(0)}%`);
    }
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
  }

  #label(view: View): void {
    for (const node of view.nodes) {
      const element = this.#elements.get(node.id);
      element?.setAttribute("role", "button");
      element?.setAttribute("tabindex", "-1");
      element?.setAttribute("aria-label", nodeLabel(node));
      element?.setAttribute("aria-pressed", "false");
      if (node.openable) {
        element?.setAttribute("aria-expanded", "false");
        this.#addToggle(element, node.id, `Open ${node.name}`, "M-2.5 0h5M0-2.5v5");
      }
    }
    for (const box of view.boxes) {
      const element = this.#elements.get(box.id);
      element?.setAttribute("role", "button");
      element?.setAttribute("tabindex", "-1");
      element?.setAttribute("aria-label", boxLabel(box));
      element?.setAttribute("aria-pressed", "false");
      if (box.closable) {
        element?.setAttribute("aria-expanded", "true");
        this.#addToggle(element, box.id, `Close ${box.name}`, "M-2.5 0h5");
      }
    }
  }

  #addToggle(element: SVGGElement | undefined, id: string, title: string, sign: string): void {
    const [x, y] = corner(element);
    if (!element || x === undefined || y === undefined) return;
    const name = makeSvg("title", {});
    name.textContent = title;
    const attributes = {
      class: "tfg-toggle",
      "data-toggle": id,
      transform: `translate(${x - 2} ${y + 2})`,
    };
    element.append(
      makeSvg("g", attributes, name, makeSvg("circle", { r: 5 }), makeSvg("path", { d: sign })),
    );
  }

  /** Go to the nearest node if none is in the window: what was looked at has gone with its group. */
  #seeSomething(): void {
    const rects = this.#nodes.map(({ id }) => this.box(id)).filter((rect) => rect !== undefined);
    const away = rects.map((rect) => distance(this.#goal, rect, this.#room));
    const nearest = rects[away.indexOf(Math.min(...away))];
    if (nearest && Math.min(...away) > 0) this.#go(insight(this.#goal, nearest, this.#room));
  }

  /** Return the middles of what could be looked at now, the most likely first. */
  #anchors(anchor: string): [string, Point][] {
    const window = { x: this.#room.width / 2, y: this.#room.height / 2 };
    const { x, y, k } = this.#goal;
    const looked = { x: (window.x - x) / k, y: (window.y - y) / k };
    const far = (place: Point) => Math.hypot(place.x - looked.x, place.y - looked.y);
    const nodes = [...this.#elements.keys()].filter((id) => !id.startsWith("edge:"));
    const places = [...this.places(nodes)];
    return places.sort(
      ([a, here], [b, there]) =>
        Number(b === anchor) - Number(a === anchor) || far(here) - far(there),
    );
  }

  /** Whether the new drawing is to stand where it stands of itself, and what `anchor` names is seen. */
  #isHome(anchor: string): boolean {
    const first = start(this.#content, this.#room, this.#begin());
    if (!this.#home) {
      // What has been moved goes back home as soon as all of it can be seen and read.
      const isBack = this.#goal.k <= NATURAL && fits(this.#content, this.#room);
      if (isBack) this.#home = "start";
      return isBack;
    }
    const rect = this.#home === "start" ? this.box(anchor) : undefined;
    if (!rect) return true;
    const seen = insight(first, rect, this.#room);
    return seen.x === first.x && seen.y === first.y && seen.k === first.k;
  }

  #drawMap(): void {
    this.#map.draw(this.#content, this.#nodes, (id) => this.box(id));
  }

  #stand(): void {
    const { width, height } = this.#room;
    if (this.#home === "whole") this.#place(fitted(this.#content, { width, height }));
    else this.#place(start(this.#content, { width, height }, this.#begin()));
  }

  /** Return the place of the inputs, of which there may be no more than are in sight at once. */
  #begin(): Rect | undefined {
    const rects = this.#inputs.map((id) => this.box(id)).filter((rect) => rect !== undefined);
    return firstOf(rects, this.#room);
  }

  /** Whether a line begins and ends at what a trace reaches. */
  #ends(id: string, traced: Set<string>): boolean {
    const line = id.slice("edge:".length);
    if (line.startsWith("*->")) {
      // One line for many inputs.
      const target = line.slice(3);
      return this.#links.some(([from, to]) => to === target && traced.has(from) && traced.has(to));
    }
    for (let at = line.indexOf("->"); at >= 0; at = line.indexOf("->", at + 1)) {
      // A name may hold an arrow, too.
      if (traced.has(line.slice(0, at)) && traced.has(line.slice(at + 2))) return true;
    }
    return false;
  }

  #leaveFor(goal: Transform): void {
    const { x, y, k } = this.#goal;
    if (goal.x !== x || goal.y !== y || goal.k !== k) this.#home = "";
    this.#go(goal);
  }

  #go(goal: Transform): void {
    const from = this.#now;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (calm) {
      this.#place(goal);
      return;
    }
    this.#goal = goal;
    cancelAnimationFrame(this.#frame);
    const began = performance.now();
    const advance = (time: number) => {
      const part = Math.min(1, Math.max(0, (time - began) / MILLISECONDS));
      this.#set(between(from, goal, 1 - (1 - part) ** 3));
      if (part < 1) this.#frame = requestAnimationFrame(advance);
    };
    this.#frame = requestAnimationFrame(advance);
  }

  #place(goal: Transform): void {
    cancelAnimationFrame(this.#frame);
    this.#goal = goal;
    this.#set(goal);
  }

  #set(now: Transform): void {
    this.#now = now;
    const transform = `translate(${now.x} ${now.y}) scale(${now.k})`;
    this.#ground.setAttribute("transform", transform);
    this.onMove(transform);
    this.onStand();
    const sides = beyond(now, this.#content, this.#room);
    this.#more.show(sides);
    this.#map.show(now, this.#room, Object.values(sides).some(Boolean));
  }
}

function middle(rect: Rect): Point {
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
}

/** Return the upper right corner of a node's or a box's outline. */
function corner(element: SVGGElement | undefined): [number?, number?] {
  const outline = element?.querySelector("path, polygon");
  const text = outline?.getAttribute("d") ?? outline?.getAttribute("points") ?? "";
  const numbers = text.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
  if (numbers.length < 4) return [];
  const xs = numbers.filter((_, index) => index % 2 === 0);
  const ys = numbers.filter((_, index) => index % 2 === 1);
  return [Math.max(...xs), Math.min(...ys)];
}
