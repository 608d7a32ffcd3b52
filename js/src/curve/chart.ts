// One chart: a loss or a metric over the epochs, of the rows trained on and those held back.

import { number, roundTicks, type Scale, scale } from "./scale";

export interface Panel {
  name: string;
  log: boolean;
  /** One value for each whole epoch. */
  training: number[];
  validation: number[];
  /** The current epoch so far: places between epochs, and values. */
  now: [number, number][];
}

/** A panel as JSON brings it, which has null for a value that is not finite. */
export function read(panel: Panel): Panel {
  const value = (one: number | null) => one ?? Number.NaN;
  return {
    ...panel,
    training: panel.training.map(value),
    validation: panel.validation.map(value),
    now: panel.now.map(([at, one]) => [at, value(one)]),
  };
}

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 180;
const MARGIN = { top: 8, right: 14, bottom: 22, left: 52 };
const LINES = ["training", "validation"] as const;
/** The most epochs whose points are drawn. */
const POINTS = 40;

type Attributes = Record<string, string | number>;

function draw(parent: Element, tag: string, attributes: Attributes, text = ""): SVGElement {
  const made = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}

/** In words what a chart shows: `loss, epoch 3: training 0.51, validation 0.53`. */
export function words(panel: Panel, epoch = panel.training.length): string {
  const said = LINES.filter((line) => panel[line].length >= epoch && epoch > 0).map(
    (line) => `${line} ${number(panel[line][epoch - 1] as number)}`,
  );
  const last = panel.now.at(-1);
  if (epoch === panel.training.length && last) said.push(`now ${number(last[1])}`);
  const when = epoch > 0 ? `${panel.name}, epoch ${epoch}` : panel.name;
  return said.length ? `${when}: ${said.join(", ")}` : `${when}: no value yet`;
}

export class Chart {
  readonly root = document.createElement("div");
  private readonly head = document.createElement("div");
  private readonly name = document.createElement("b");
  private readonly values = document.createElement("span");
  private readonly svg = document.createElementNS(SVG, "svg");
  private guide: SVGElement | null = null;
  private panel: Panel | null = null;
  private x: Scale | null = null;
  private drawn = "";
  private pointed = 0;

  constructor() {
    this.root.className = "tfs-chart";
    this.head.className = "tfs-chart-head";
    this.head.append(this.name, this.values);
    this.root.append(this.head, this.svg);
    this.svg.setAttribute("role", "img");
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.unpoint());
  }

  update(panel: Panel, epochs: number, width: number): void {
    const now = JSON.stringify([panel, epochs, width]);
    if (now === this.drawn || width <= 0) return;
    this.drawn = now;
    this.panel = panel;
    const { svg } = this;
    svg.replaceChildren();
    svg.setAttribute("width", String(width));
    svg.setAttribute("height", String(HEIGHT));
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    svg.setAttribute("aria-label", words(panel));
    const done = Math.max(panel.training.length, panel.validation.length);
    const ends = done ? [1, Math.max(epochs, 1)] : [0, 1];
    const all = [...panel.training, ...panel.validation, ...panel.now.map(([, value]) => value)];
    const y = scale(all, HEIGHT - MARGIN.bottom, MARGIN.top, panel.log);
    const x = scale(ends, MARGIN.left, width - MARGIN.right);
    this.x = x;
    this.axes(x, y, ends as [number, number], width);
    this.line("now", panel.now, x, y);
    for (const name of LINES) {
      const points = panel[name].map((value, at) => [at + 1, value] as [number, number]);
      this.line(name, points, x, y);
      if (points.length > POINTS) continue;
      for (const [at, value] of points) this.dot(name, x.at(at), y.at(value));
    }
    this.guide = draw(svg, "line", {
      class: "tfs-guide",
      y1: MARGIN.top,
      y2: HEIGHT - MARGIN.bottom,
      visibility: "hidden",
    });
    this.say(this.pointed);
  }

  private axes(x: Scale, y: Scale, [first, last]: [number, number], width: number): void {
    const bottom = HEIGHT - MARGIN.bottom;
    for (const value of y.ticks) {
      const at = y.at(value);
      draw(this.svg, "line", {
        class: "tfs-grid-line",
        x1: MARGIN.left,
        x2: width - MARGIN.right,
        y1: at,
        y2: at,
      });
      draw(
        this.svg,
        "text",
        { class: "tfs-tick", x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" },
        number(value),
      );
    }
    const whole = roundTicks(first, Math.max(last, first + 1), 7).filter(
      (value) => Number.isInteger(value) && value <= last,
    );
    const shown = first === 1 && last > 1 ? [...new Set([1, ...whole])] : whole;
    for (const value of shown) {
      draw(
        this.svg,
        "text",
        { class: "tfs-tick", x: x.at(value), y: bottom + 15, "text-anchor": "middle" },
        String(value),
      );
    }
  }

  private line(name: string, points: [number, number][], x: Scale, y: Scale): void {
    const known = points.filter(([, value]) => Number.isFinite(y.at(value)));
    if (known.length < 2) return;
    const d = known
      .map(([at, value]) => `${x.at(at).toFixed(1)},${y.at(value).toFixed(1)}`)
      .join("L");
    draw(this.svg, "path", { class: `tfs-line-${name}`, d: `M${d}` });
  }

  private dot(name: string, cx: number, cy: number): void {
    if (Number.isFinite(cy)) draw(this.svg, "circle", { class: `tfs-dot-${name}`, cx, cy, r: 2.6 });
  }

  private point(event: PointerEvent): void {
    const { x, panel } = this;
    if (!x || !panel) return;
    const at = event.clientX - this.svg.getBoundingClientRect().left;
    const epochs = Math.max(panel.training.length, panel.validation.length);
    let nearest = 0;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      if (!nearest || Math.abs(x.at(epoch) - at) < Math.abs(x.at(nearest) - at)) nearest = epoch;
    }
    this.say(nearest);
  }

  private unpoint(): void {
    this.say(0);
  }

  /** Show the values of an epoch; of the last one for 0. */
  private say(epoch: number): void {
    const { panel, guide, x } = this;
    if (!panel || !guide || !x) return;
    this.pointed = epoch;
    guide.setAttribute("visibility", epoch ? "visible" : "hidden");
    if (epoch) {
      guide.setAttribute("x1", String(x.at(epoch)));
      guide.setAttribute("x2", String(x.at(epoch)));
    }
    this.name.textContent = panel.name;
    const of = epoch || Math.max(panel.training.length, panel.validation.length);
    const parts = LINES.filter((line) => panel[line].length >= of && of > 0).map((line) => {
      const part = document.createElement("span");
      part.className = `tfs-key tfs-key-${line}`;
      part.textContent = `${line} ${number(panel[line][of - 1] as number)}`;
      return part;
    });
    const last = panel.now.at(-1);
    if (!epoch && last) {
      const part = document.createElement("span");
      part.className = "tfs-key tfs-key-now";
      part.textContent = `now ${number(last[1])}`;
      parts.push(part);
    }
    const when = document.createElement("span");
    when.className = "tfs-when";
    when.textContent = of ? `epoch ${of}` : "";
    this.values.replaceChildren(when, ...parts);
  }
}
