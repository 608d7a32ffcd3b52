// The widget `LiveTable`: rows of a preview that are sorted, filtered, looked into, and go on.

import type { AnyModel } from "@anywidget/types";
import { element } from "./form/fields";
import { activeIn } from "./graph/elements";
import { Kernel } from "./graph/kernel";
import { followTheme } from "./graph/theme";
import { keepKeys } from "./shortcuts";
import { Cells } from "./table/cells";
import { Grid } from "./table/grid";
import { Inspector } from "./table/inspector";
import type { Page, State, Traits } from "./table/protocol";
import { STYLE } from "./table/style";

const TYPING_MS = 300;
const EXAMPLE = "Filter: a text, or z > 3 and note is null";
let count = 0;

type Order = Pick<State, "filter" | "column" | "falling">;

class TableView {
  readonly root = element("div", "tft-root");
  readonly #filter = element("input", "tft-filter");
  readonly #status = element("span", "tft-status");
  readonly #error = element("div", "tft-error");
  readonly #more = element("button", "tft-button");
  readonly #caption = element("div", "tft-caption");
  readonly #note = element("div", "tft-error");
  readonly #kernel: Kernel;
  readonly #cells: Cells;
  readonly #grid: Grid;
  readonly #inspector: Inspector;
  #at = { row: -1, column: -1 };
  #table = -1;
  #asked: Order = { filter: "", column: null, falling: false };
  #isLate = false;
  #timer = 0;

  constructor(private model: AnyModel<Traits>) {
    this.#kernel = new Kernel(model, (isLate) => {
      this.#isLate = isLate;
      this.#say();
    });
    this.#cells = new Cells(this.#kernel, () => this.#grid.come());
    this.#grid = new Grid(this.#cells, {
      open: (row, column) => void this.#open(row, column),
      sort: (column) => this.#sort(column),
      where: (condition) => this.#where(condition),
      close: () => this.#close(),
    });
    this.#inspector = new Inspector(
      async () => (await this.#kernel.ask<{ text: string }>("copy", this.#at)).text,
      () => {
        this.#close();
        this.#grid.focus();
      },
    );
    this.#build();
  }

  update(): void {
    const { model } = this;
    const state = model.get("state");
    if (state.table !== this.#table) {
      const { filter, column, falling } = state;
      this.#asked = { filter, column, falling };
      this.#table = state.table;
      this.#cells.reset(model.get("start"));
      this.#close();
      this.#grid.show(model.get("columns"), state);
    }
    if (this.#filter !== activeIn(this.root)) this.#filter.value = state.filter;
    this.#filter.parentElement?.toggleAttribute("hidden", state.rows === 0);
    const hadKeyboard = activeIn(this.root) === this.#more;
    this.#more.hidden = !state.more;
    if (hadKeyboard && this.#more.hidden) this.#grid.focus();
    this.#more.textContent = state.busy || state.more;
    this.#more.setAttribute("aria-disabled", String(state.busy !== ""));
    this.#caption.textContent = state.caption;
    this.#note.textContent = state.note;
    this.#say();
  }

  resize(): void {
    this.#grid.resize();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#kernel.close();
  }

  #build(): void {
    const bar = element("div", "tft-tools");
    const { root } = this;
    this.#filter.type = "search";
    this.#filter.placeholder = EXAMPLE;
    this.#filter.spellcheck = false;
    this.#filter.autocomplete = "off";
    this.#filter.setAttribute("aria-label", "Filter of the rows");
    this.#error.id = `tft-error-${Math.random().toString(36).slice(2)}-${++count}`;
    this.#filter.setAttribute("aria-describedby", this.#error.id);
    this.#status.setAttribute("role", "status");
    this.#error.setAttribute("role", "alert");
    this.#note.setAttribute("role", "alert");
    this.#filter.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => this.#send(), TYPING_MS);
    });
    this.#filter.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      clearTimeout(this.#timer);
      this.#send();
    });
    this.#more.type = "button";
    this.#more.addEventListener("click", () => {
      if (!this.model.get("state").busy) void this.#kernel.ask("more").catch(() => {});
    });
    bar.append(this.#filter, this.#status);
    const foot = element("div", "tft-foot");
    foot.append(this.#more, this.#caption);
    root.append(bar, this.#error, this.#grid.root, this.#inspector.root, foot, this.#note);
    keepKeys(root);
  }

  #say(): void {
    const { rows, shown } = this.model.get("state");
    const all = `${rows.toLocaleString("en")} row${rows === 1 ? "" : "s"}`;
    const some = shown === rows ? all : `${shown.toLocaleString("en")} of ${all}`;
    const said = this.#isLate
      ? "Waiting for the kernel, which runs a cell"
      : rows
        ? `${some} · the heads sum up ${shown === rows ? "these" : "all of them"}`
        : all;
    if (this.#status.textContent !== said) this.#status.textContent = said;
  }

  #sort(column: number): void {
    const { filter, ...by } = this.#asked;
    // Rising, then falling, then as they came.
    const next =
      by.column !== column
        ? { column, falling: false }
        : by.falling
          ? { column: null, falling: false }
          : { column, falling: true };
    this.#arrange({ filter, ...next });
  }

  #where(condition: string): void {
    const filter = this.#filter.value.trim();
    // The same once more takes it away.
    const parts = filter ? filter.split(" and ") : [];
    const asked = condition.split(" and ");
    const has = asked.every((part) => parts.includes(part));
    const kept = has ? parts.filter((part) => !asked.includes(part)) : [...parts, condition];
    this.#filter.value = kept.join(" and ");
    this.#send();
  }

  #send(): void {
    this.#arrange({ ...this.#asked, filter: this.#filter.value });
  }

  async #arrange(wanted: Order) {
    // The next click may come before the rows do.
    this.#asked = wanted;
    try {
      await this.#kernel.ask("arrange", wanted);
      this.#error.textContent = "";
      this.#grid.top();
    } catch (error) {
      this.#error.textContent = (error as Error).message;
      const { filter, column, falling } = this.model.get("state");
      this.#asked = { filter, column, falling };
    }
  }

  async #open(row: number, column: number): Promise<void> {
    const { row: oldRow, column: oldColumn } = this.#at;
    if (oldRow === row && oldColumn === column && this.#inspector.isOpen) return;
    this.#at = { row, column };
    this.#grid.open(row, column);
    try {
      const page = await this.#kernel.ask<Page>("cell", { row, column });
      if (this.#at.row === row && this.#at.column === column) this.#inspector.show(page);
    } catch (error) {
      this.#inspector.fail((error as Error).message);
    }
  }

  #close(): boolean {
    const wasOpen = this.#inspector.isOpen;
    this.#at = { row: -1, column: -1 };
    this.#inspector.close();
    if (wasOpen) this.#grid.open(-1, -1);
    return wasOpen;
  }
}

function render({ model, el }: { model: AnyModel<Traits>; el: HTMLElement }): () => void {
  const view = new TableView(model);
  el.append(element("style", "", STYLE), view.root);
  const update = () => view.update();
  model.on("change:state", update);
  update();
  const endTheme = followTheme(document, (dark) => view.root.classList.toggle("tft-dark", dark));
  const sized = new ResizeObserver(() => view.resize());
  sized.observe(view.root);
  return () => {
    sized.disconnect();
    endTheme();
    model.off("change:state", update);
    view.close();
  };
}

export default { render };
