/** The table itself: of many rows and columns, those in sight are in the page. */

import { element } from "../form/fields";
import { activeIn } from "../graph/elements";
import type { Cells } from "./cells";
import { fillHead } from "./head";
import { Layout, widthOf } from "./layout";
import type { Cell, Column, State } from "./protocol";

const LOW = 27;
const HIGH = 54;
const MORE = 12;
const FOR_WIDTHS = 40;

export type Actions = {
  open(row: number, column: number): void;
  sort(column: number): void;
  where(condition: string): void;
  close(): boolean;
};

export class Grid {
  readonly root = element("div", "tft-scroll");
  readonly #table = element("table", "tft-table");
  readonly #columns = element("colgroup");
  readonly #head = element("tr");
  readonly #body = element("tbody");
  #heads: HTMLElement[] = [];
  #shown: Column[] = [];
  #rows = 0;
  #high = LOW;
  #layout = new Layout([], [], 0, 0);
  #drawn = "";
  #version = 0;
  /** Where the keyboard is: row -1 is the head, column -1 the numbers. */
  #at = { row: 0, column: 0 };
  #opened = { row: -1, column: -1 };

  constructor(
    private cells: Cells,
    private actions: Actions,
  ) {
    const { root } = this;
    const head = element("thead");
    head.append(this.#head);
    this.#head.setAttribute("aria-rowindex", "1");
    this.#table.append(this.#columns, head, this.#body);
    this.#table.setAttribute("role", "grid");
    this.#table.setAttribute("aria-label", "Rows of the preview");
    root.append(this.#table);
    root.tabIndex = -1;
    root.addEventListener("scroll", () => this.draw(), { passive: true });
    root.addEventListener("keydown", (event) => this.#onKey(event));
    root.addEventListener("click", (event) => this.#onClick(event));
    root.addEventListener("focusin", (event) => this.#onFocus(event));
  }

  /** Show these columns, of this many rows. */
  show(columns: Column[], state: State): void {
    this.#shown = columns;
    this.#rows = state.shown;
    this.#version += 1;
    const rows = Math.min(FOR_WIDTHS, state.shown);
    const first = (column: number) =>
      Array.from({ length: rows }, (_, row) => this.cells.get(row, column));
    const isImage = columns.some(
      (column, at) => column.pictures && first(at).some((cell) => cell?.[2]?.kind === "image"),
    );
    this.#high = isImage ? HIGH : LOW;
    this.#arrange(columns.map((column, at) => widthOf(column, first(at))));
    this.#makeHeads(state);
    this.#table.setAttribute("aria-rowcount", String(state.shown + 1));
    this.#table.setAttribute("aria-colcount", String(columns.length + 1));
    this.#at.row = Math.min(this.#at.row, state.shown - 1);
    this.#at.column = Math.min(this.#at.column, columns.length - 1);
    this.draw();
  }

  /** Lay out anew, in a page of another width. */
  resize(): void {
    const { edges } = this.#layout;
    this.#arrange(edges.slice(1).map((edge, at) => edge - (edges[at] as number)));
    this.#drawn = "";
    this.draw();
  }

  /** Cells have come. */
  come(): void {
    this.#version += 1;
    this.draw();
  }

  top(): void {
    this.root.scrollTop = 0;
  }

  /** Mark the cell that is looked into. */
  open(row: number, column: number): void {
    this.#opened = { row, column };
    this.#version += 1;
    this.draw();
  }

  focus(): void {
    this.#reveal();
  }

  draw(): void {
    const { root } = this;
    const high = this.#high;
    const first = Math.max(0, Math.floor(root.scrollTop / high) - MORE);
    const inPage = Math.ceil((root.clientHeight || 600) / high);
    const even = first - (first % MORE);
    const end = Math.min(this.#rows, even + inPage + 3 * MORE);
    const [left, right] = this.#layout.inSight(root.scrollLeft, root.clientWidth || 800);
    const drawn = [even, end, left, right, this.#version].join();
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.cells.need([even, end], [0, this.#layout.pinned || 1]);
    this.cells.need([even, end], [left, right]);
    const hadFocus = root.contains(activeIn(root)) && activeIn(root) !== root;
    const order = [...Array(this.#layout.pinned).keys(), ...range(left, right)];
    this.#drawColumns(order, left, right);
    const rows = range(even, end).map((row) => this.#row(row, order, left, right));
    this.#body.replaceChildren(
      ...gap(even * high, order.length + 3),
      ...rows,
      ...gap((this.#rows - end) * high, order.length + 3),
    );
    this.#tab(hadFocus);
  }

  #arrange(widths: number[]): void {
    const number = Math.max(44, 26 + String(this.#rows).length * 8);
    this.#layout = new Layout(this.#shown, widths, number, this.root.clientWidth || 800);
    this.#table.style.width = `${this.#layout.width}px`;
  }

  #makeHeads(state: State): void {
    this.#heads = this.#shown.map((column, at) => {
      const head = element("th", `tft-cell tft-head tft-${column.role || "rest"}`);
      head.setAttribute("role", "columnheader");
      head.setAttribute("aria-colindex", String(at + 2));
      const sorted = state.column === at ? (state.falling ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", sorted);
      head.dataset.column = String(at);
      head.dataset.row = "-1";
      head.tabIndex = -1;
      head.classList.toggle("tft-numeric", column.numeric);
      const width = this.#layout.widthAt(at) - 20;
      fillHead(head, column, width, (where) => this.actions.where(where));
      return head;
    });
  }

  #drawColumns(order: number[], left: number, right: number): void {
    const { edges, pinned } = this.#layout;
    const before = this.#layout.left(left) - this.#layout.left(pinned);
    const after = this.#layout.width - this.#layout.left(right);
    const widths = [edges[0] as number, ...order.map((at) => this.#layout.widthAt(at))];
    if (before) widths.splice(pinned + 1, 0, before);
    if (after) widths.push(after);
    this.#columns.replaceChildren(
      ...widths.map((width) => {
        const made = element("col");
        made.style.width = `${width}px`;
        return made;
      }),
    );
    const corner = element("th", "tft-cell tft-head tft-number", "row");
    corner.setAttribute("role", "columnheader");
    corner.setAttribute("aria-colindex", "1");
    const heads = order.map((at) => this.#pin(this.#heads[at] as HTMLElement, at));
    if (before) heads.splice(pinned, 0, blank("th"));
    this.#head.replaceChildren(corner, ...heads, ...(after ? [blank("th")] : []));
  }

  #row(row: number, order: number[], left: number, right: number): HTMLElement {
    const { pinned } = this.#layout;
    const line = element("tr");
    line.setAttribute("aria-rowindex", String(row + 2));
    line.style.height = `${this.#high}px`;
    const number = element("th", "tft-cell tft-number");
    number.setAttribute("role", "rowheader");
    number.setAttribute("aria-colindex", "1");
    number.textContent = this.cells.number(row)?.toLocaleString("en") ?? "";
    const cells = order.map((at) => this.#pin(this.#cell(row, at), at));
    if (left > pinned) cells.splice(pinned, 0, blank("td"));
    line.append(number, ...cells, ...(right < this.#shown.length ? [blank("td")] : []));
    return line;
  }

  #cell(row: number, at: number): HTMLElement {
    const column = this.#shown[at] as Column;
    const cell = this.cells.get(row, at);
    const kind = cell?.[1] ?? "waiting";
    const made = element("td", `tft-cell tft-${column.role || "rest"} tft-kind-${kind}`);
    made.setAttribute("role", "gridcell");
    made.setAttribute("aria-colindex", String(at + 2));
    made.dataset.row = String(row);
    made.dataset.column = String(at);
    made.tabIndex = -1;
    made.classList.toggle("tft-numeric", column.numeric);
    const isOpen = row === this.#opened.row && at === this.#opened.column;
    made.classList.toggle("tft-open", isOpen);
    if (cell) fill(made, cell, this.#high);
    else made.textContent = "…";
    return made;
  }

  #pin(cell: HTMLElement, at: number): HTMLElement {
    const isPinned = at < this.#layout.pinned;
    cell.classList.toggle("tft-pinned", isPinned);
    cell.classList.toggle("tft-edge", isPinned && at === this.#layout.pinned - 1);
    cell.style.left = isPinned ? `${this.#layout.left(at)}px` : "";
    return cell;
  }

  /** Let the tab key get to one cell, and give it the focus that the cells in the page had. */
  #tab(hadFocus: boolean): void {
    for (const other of this.root.querySelectorAll<HTMLElement>('[tabindex="0"]')) {
      other.tabIndex = -1;
    }
    const active = this.#find();
    if (active) active.tabIndex = 0;
    // It is out of sight.
    else this.root.tabIndex = 0;
    if (active) this.root.tabIndex = -1;
    if (hadFocus && !this.root.contains(activeIn(this.root))) {
      (active ?? this.root).focus({ preventScroll: true });
    }
  }

  #find(): HTMLElement | null {
    const { row, column } = this.#at;
    return this.root.querySelector(`[data-row="${row}"][data-column="${column}"]`);
  }

  /** Bring the cell of the keyboard into sight, and give it the focus. */
  #reveal(): void {
    const { root } = this;
    const { row, column } = this.#at;
    if (row >= 0) {
      const top = row * this.#high;
      const page = root.clientHeight - this.#head.offsetHeight - this.#high;
      if (top < root.scrollTop) root.scrollTop = top;
      else if (top > root.scrollTop + page) root.scrollTop = top - page;
    }
    const { pinned } = this.#layout;
    if (column >= pinned) {
      const from = this.#layout.left(column) - this.#layout.left(pinned);
      const to = this.#layout.left(column + 1) - root.clientWidth;
      if (from < root.scrollLeft) root.scrollLeft = from;
      else if (to > root.scrollLeft) root.scrollLeft = to;
    }
    this.draw();
    this.#tab(false);
    this.#find()?.focus({ preventScroll: true });
    // The table stands where it is to stand, but maybe below the window's edge.
    this.#find()?.scrollIntoView?.({ block: "nearest" });
  }

  #onFocus(event: FocusEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-column]");
    if (!cell) return;
    this.#at = { row: Number(cell.dataset.row), column: Number(cell.dataset.column) };
    this.#tab(false);
  }

  #onClick(event: MouseEvent): void {
    const cell = (event.target as HTMLElement).closest<HTMLElement>("[data-column]");
    if (!cell) return;
    const [row, column] = [Number(cell.dataset.row), Number(cell.dataset.column)];
    this.#at = { row, column };
    if (row < 0) this.actions.sort(column);
    else this.actions.open(row, column);
    this.#reveal();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const { row, column } = this.#at;
    const last = { row: this.#rows - 1, column: this.#shown.length - 1 };
    const page = Math.max(1, Math.floor(this.root.clientHeight / this.#high) - 3);
    const whole = event.ctrlKey;
    const moves: Record<string, () => [number, number]> = {
      ArrowUp: () => [row - 1, column],
      ArrowDown: () => [row + 1, column],
      ArrowLeft: () => [row, column - 1],
      ArrowRight: () => [row, column + 1],
      PageUp: () => [Math.max(0, row - page), column],
      PageDown: () => [row + page, column],
      Home: () => [whole ? 0 : row, 0],
      End: () => [whole ? last.row : row, last.column],
    };
    const move = moves[event.key];
    if (move) {
      const [toRow, toColumn] = move();
      this.#at = {
        row: Math.min(last.row, Math.max(-1, toRow)),
        column: Math.min(last.column, Math.max(0, toColumn)),
      };
      const isOpen = this.#opened.row >= 0;
      if (isOpen && this.#at.row >= 0) this.actions.open(this.#at.row, this.#at.column);
      this.#reveal();
    } else if (event.key === "Enter" || event.key === " ") {
      if (row < 0) this.actions.sort(column);
      else this.actions.open(row, column);
    } else if (event.key !== "Escape" || !this.actions.close()) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

function fill(made: HTMLElement, cell: Cell, high: number): void {
  const [text, kind, picture] = cell;
  if (picture) {
    const image = element("img", picture.crisp ? "tft-crisp" : "");
    image.src = picture.source;
    image.alt = picture.title;
    image.title = picture.title;
    const scale = Math.min(1, (high - 6) / picture.height);
    image.width = Math.round(picture.width * scale);
    image.height = Math.round(picture.height * scale);
    made.append(image);
    if (picture.kind === "image") return;
  }
  const said = element("span", "", text);
  if (text.length > 20 || kind === "tensor") said.title = text;
  made.append(said);
}

function gap(height: number, columns: number): HTMLElement[] {
  if (height <= 0) return [];
  const line = element("tr", "tft-gap");
  line.setAttribute("aria-hidden", "true");
  const cell = element("td");
  cell.colSpan = columns;
  cell.style.height = `${height}px`;
  line.append(cell);
  return [line];
}

function blank(tag: "td" | "th"): HTMLElement {
  const made = element(tag, "tft-blank");
  made.setAttribute("role", "presentation");
  made.setAttribute("aria-hidden", "true");
  return made;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}
