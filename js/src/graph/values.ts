/** The values of a node in the details: what they are over all rows, and one row after the other. */

import { PIXELS } from "./clean";
import { activeIn, make, makeSvg, pairs } from "./elements";
import type { Page, Picture } from "./protocol";

export class Values {
  readonly element = make("div", { class: "tfg-values" });
  /** The row on show, also for the node that is selected next. */
  #row = 0;
  #rows = 0;

  constructor(private ask: () => void) {}

  get row(): number {
    return this.#row;
  }

  clear(): void {
    this.#rows = 0;
    this.element.replaceChildren();
  }

  show(pages: Page[]): void {
    const focused = this.element.contains(activeIn(this.element))
      ? (activeIn(this.element) as HTMLElement).dataset.step
      : undefined;
    this.#rows = Math.max(0, ...pages.map((page) => page.rows));
    const named = pages.length > 1;
    this.element.replaceChildren(...pages.flatMap((page, at) => this.#page(page, named, at === 0)));
    const step = this.element.querySelector<HTMLElement>(`[data-step="${focused}"]`);
    if (focused) step?.focus();
  }

  /** Go to a row that is some steps away; return whether there is one. */
  step(by: number): boolean {
    return this.#goTo(this.#row + by);
  }

  #goTo(row: number): boolean {
    const next = Math.min(Math.max(0, row), this.#rows - 1);
    if (this.#rows < 2 || next === this.#row) return false;
    this.#row = next;
    this.ask();
    return true;
  }

  #page(page: Page, isNamed: boolean, isFirst: boolean): HTMLElement[] {
    const title = isNamed ? `Values of ${page.name}` : "Values";
    const facts: [string, string][] = [["Tensor", page.spec], ...page.facts];
    const parts: HTMLElement[] = [
      make("h4", { class: "tfg-panel-title" }, title),
      make("div", { class: "tfg-facts" }, pairs(facts)),
    ];
    if (page.all) parts.push(picture(page.all));
    if (page.note) parts.push(make("p", { class: "tfg-faint tfg-note" }, page.note));
    if (page.rows > 1 && isFirst) parts.push(this.#stepper(page));
    if (page.one) parts.push(picture(page.one));
    if (page.cells.length) parts.push(table(page));
    if (page.left) parts.push(make("p", { class: "tfg-faint tfg-note" }, page.left));
    return parts;
  }

  #stepper(page: Page): HTMLElement {
    const button = (sign: string, title: string, by: number) =>
      make(
        "button",
        {
          type: "button",
          class: "tfg-button tfg-worded",
          title,
          "aria-label": title,
          "data-step": by,
          "aria-disabled": String(page.row + by < 0 || page.row + by >= page.rows),
          onclick: () => void this.step(by),
        },
        sign,
      );
    const input = make("input", {
      type: "number",
      class: "tfg-row",
      min: 1,
      max: page.rows,
      value: page.row + 1,
      "aria-label": `Row, of ${page.rows}`,
      "data-step": 0,
      onchange: (event: Event) => {
        void this.#goTo(Number((event.target as HTMLInputElement).value) - 1);
      },
    });
    return make(
      "div",
      { class: "tfg-stepper", role: "group", "aria-label": "Row" },
      button("‹", "Previous row (,)", -1),
      make("span", {}, "Row"),
      input,
      make("span", { class: "tfg-faint" }, `of ${page.rows.toLocaleString("en")}`),
      button("›", "Next row (.)", 1),
    );
  }
}

function picture(shown: Picture): HTMLElement {
  const { width, height, alt, source: src } = shown;
  if (src && PIXELS.test(src)) {
    const named = shown.smooth ? "tfg-pixels tfg-smooth" : "tfg-pixels";
    return make("img", { class: named, src, alt, title: alt, width, height });
  }
  const attributes = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt };
  const bars = makeSvg("svg", attributes, makeSvg("path", { d: shown.path ?? "" }));
  const caption = make("span", { class: "tfg-faint", "aria-hidden": "true" }, alt);
  return make("div", { class: "tfg-histogram" }, bars, caption);
}

/** Numbers in rows, with no table: notebooks have styles of their own for tables. */
function table({ cells, row, rows }: Page): HTMLElement {
  const lines = cells.map((line) =>
    make(
      "div",
      { role: "row", class: "tfg-cells-row" },
      ...line.map((cell) =>
        make("span", { role: "cell", class: cell === "NaN" ? "tfg-error" : "" }, cell),
      ),
    ),
  );
  const label = rows > 1 ? `Values of row ${row + 1}` : "Values";
  const properties = { role: "table", class: "tfg-cells", tabindex: 0, "aria-label": label };
  return make("div", properties, ...lines);
}
