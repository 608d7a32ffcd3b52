// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import widget from "../src/table";
import { Layout } from "../src/table/layout";
import type { Block, Column, State, Traits } from "../src/table/protocol";

type Message = { id: string; ask: string; [fact: string]: unknown };

const NAMES = ["z", "x", "note"];

function column(name: string, role: Column["role"]): Column {
  const bars = [
    { height: 1, says: "0 to 5: 5", where: `${name} >= 0 and ${name} < 5` },
    { height: 0.5, says: "5 to 9: 4", where: `${name} >= 5 and ${name} <= 9` },
  ];
  const sum = { bars, tops: [], says: "0 … 9", lacks: "" };
  return {
    name,
    type: "int32",
    note: role,
    role,
    numeric: true,
    pictures: false,
    characters: 4,
    sum,
  };
}

function block(first: number, end: number, left = 0, right = NAMES.length): Block {
  const rows = Array.from({ length: end - first }, (_, at) => first + at);
  return {
    first,
    left,
    numbers: rows.map((row) => row + 1),
    cells: rows.map((row) => NAMES.slice(left, right).map((name) => [`${name}${row}`, "number"])),
  };
}

function model(rows: number) {
  const state: State = {
    table: 1,
    rows,
    shown: rows,
    filter: "",
    column: null,
    falling: false,
    caption: "The first rows",
    more: "90 more rows",
    busy: "",
    note: "",
  };
  const traits: Traits = {
    columns: NAMES.map((name, at) => column(name, (["output", "fed", ""] as const)[at] ?? "")),
    start: block(0, Math.min(rows, 40)),
    state,
  };
  const heard: Record<string, ((message?: unknown) => void)[]> = {};
  const sent: Message[] = [];
  return {
    sent,
    traits,
    get: (name: keyof Traits) => traits[name],
    send: (message: Message) => sent.push(message),
    on(event: string, callback: () => void) {
      heard[event] = [...(heard[event] ?? []), callback];
    },
    off(event: string) {
      delete heard[event];
    },
    answer(message: Message | undefined, answer: unknown) {
      for (const callback of heard["msg:custom"] ?? []) callback({ id: message?.id, answer });
    },
    refuse(message: Message | undefined, error: string) {
      for (const callback of heard["msg:custom"] ?? []) callback({ id: message?.id, error });
    },
    change(changed: Partial<State>) {
      traits.state = { ...traits.state, ...changed };
      for (const callback of heard["change:state"] ?? []) callback();
    },
  };
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

function render(rows = 10) {
  const made = model(rows);
  const el = document.createElement("div");
  document.body.replaceChildren(el);
  // biome-ignore lint/suspicious/noExplicitAny: the fake has what is used of a model.
  const end = widget.render({ model: made as any, el });
  const all = <E extends HTMLElement>(selector: string) => [...el.querySelectorAll<E>(selector)];
  const one = <E extends HTMLElement>(selector: string) => el.querySelector<E>(selector) as E;
  const cell = (row: number, at: number) => one(`[data-row="${row}"][data-column="${at}"]`);
  const press = (key: string, more = {}) =>
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, ...more }),
    );
  return { made, el, end, all, one, cell, press };
}

beforeEach(() => {
  globalThis.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
});

describe("the table", () => {
  it("shows the rows that came with it, and asks for nothing", () => {
    const { made, all, one } = render();
    expect(made.sent).toEqual([]);
    expect(all("tbody tr").length).toBe(10);
    expect(all("tbody tr:first-child > *").map((cell) => cell.textContent)).toEqual([
      "1",
      "z0",
      "x0",
      "note0",
    ]);
    expect(one("table").getAttribute("aria-rowcount")).toBe("11");
    expect(all(".tft-pinned").length).toBe(11);
  });

  it("asks for rows that are in sight and not here, once", async () => {
    const { made, one, cell } = render(1000);
    const scroll = one(".tft-scroll");
    scroll.scrollTop = 27 * 500;
    scroll.dispatchEvent(new Event("scroll"));
    scroll.dispatchEvent(new Event("scroll"));
    const asked = made.sent.map((message) => message.rows);
    expect(asked).toEqual([
      [40, 80],
      [480, 520],
      [520, 560],
    ]);
    expect(cell(500, 0).textContent).toBe("…");
    made.answer(made.sent[1], block(480, 520));
    await soon();
    expect(cell(500, 0).textContent).toBe("z500");
  });

  it("takes a block that comes after the rows have changed for nothing", async () => {
    const { made, one, cell } = render(1000);
    one(".tft-scroll").scrollTop = 27 * 500;
    one(".tft-scroll").dispatchEvent(new Event("scroll"));
    const old = made.sent[1];
    made.change({ table: 2 });
    made.answer(old, block(480, 520));
    await soon();
    expect(cell(500, 0).textContent).toBe("…");
  });

  it("sorts rising, falling, and not", () => {
    const { made, cell } = render();
    cell(-1, 1).click();
    expect(made.sent.at(-1)).toMatchObject({ ask: "arrange", column: 1, falling: false });
    made.change({ table: 2, column: 1 });
    expect(cell(-1, 1).getAttribute("aria-sort")).toBe("ascending");
    cell(-1, 1).click();
    expect(made.sent.at(-1)).toMatchObject({ column: 1, falling: true });
    made.change({ table: 3, falling: true });
    cell(-1, 1).click();
    expect(made.sent.at(-1)).toMatchObject({ column: null, falling: false });
  });

  it("filters by a bar, and a second click takes it away", () => {
    const { made, all, one } = render();
    const bar = () => all('[data-row="-1"][data-column="0"] .tft-where')[1];
    bar()?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    expect(one<HTMLInputElement>(".tft-filter").value).toBe("z >= 5 and z <= 9");
    expect(made.sent.at(-1)).toMatchObject({ ask: "arrange", filter: "z >= 5 and z <= 9" });
    made.change({ table: 2, shown: 4, filter: "z >= 5 and z <= 9" });
    expect(one(".tft-status").textContent).toBe("4 of 10 rows · the heads sum up all of them");
    bar()?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    expect(made.sent.at(-1)).toMatchObject({ filter: "" });
  });

  it("says what is wrong with a filter, and takes it back", async () => {
    const { made, one } = render();
    const input = one<HTMLInputElement>(".tft-filter");
    input.value = "y > 3";
    input.focus();
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    made.refuse(made.sent[0], "There is no column 'y'.");
    await soon();
    expect(one('[role="alert"]').textContent).toBe("There is no column 'y'.");
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    made.answer(made.sent[1], {});
    await soon();
    expect(one('[role="alert"]').textContent).toBe("");
  });

  it("is walked through by keys, one cell of it by Tab", () => {
    const { all, cell, press } = render();
    expect(all('[tabindex="0"]').map((one) => one.className)[0]).toContain("tft-cell");
    cell(0, 0).focus();
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"]) press(key);
    expect(document.activeElement).toBe(cell(2, 0));
    press("End", { ctrlKey: true });
    expect(document.activeElement).toBe(cell(9, 2));
    press("ArrowDown");
    expect(document.activeElement).toBe(cell(9, 2));
    press("Home", { ctrlKey: true });
    press("ArrowUp");
    expect(document.activeElement).toBe(cell(-1, 0));
    expect(all('[data-column][tabindex="0"]')).toEqual([cell(-1, 0)]);
  });

  it("opens a cell in full, copies and closes it", async () => {
    const { made, one, cell, press } = render();
    cell(3, 2).focus();
    press("Enter");
    expect(made.sent.at(-1)).toMatchObject({ ask: "cell", row: 3, column: 2 });
    const facts = [["Values", "64"]];
    const page = { row: 4, name: "note", type: "string", facts, text: "<b>", left: "" };
    made.answer(made.sent.at(-1), { ...page, picture: null });
    await soon();
    const full = one(".tft-inspector");
    expect(full.hidden).toBe(false);
    expect(full.getAttribute("aria-label")).toBe("Row 4, note");
    expect(one("pre").textContent).toBe("<b>");
    press("Escape");
    expect(full.hidden).toBe(true);
    expect(document.activeElement).toBe(cell(3, 2));
  });

  it("asks for more rows once", () => {
    const { made, all } = render();
    const more = all<HTMLButtonElement>(".tft-foot button")[0] as HTMLButtonElement;
    expect(more.textContent).toBe("90 more rows");
    more.click();
    made.change({ busy: "Computing…" });
    more.click();
    expect(made.sent.map((message) => message.ask)).toEqual(["more"]);
    expect(more.getAttribute("aria-disabled")).toBe("true");
    more.focus();
    made.change({ busy: "", more: "" });
    expect(more.hidden).toBe(true);
    // The keyboard goes on in the rows.
    expect(document.activeElement?.closest("table")).not.toBeNull();
  });

  it("leaves nothing behind", () => {
    const { made, end } = render();
    end();
    made.change({ table: 9 });
  });
});

describe("the layout", () => {
  const columns = Array.from({ length: 200 }, (_, at) =>
    column(`c${at}`, at < 5 ? "output" : "fed"),
  );
  const widths = columns.map(() => 100);

  it("pins outputs while they leave room for the rest", () => {
    expect(new Layout(columns, widths, 50, 1400).pinned).toBe(5);
    expect(new Layout(columns, widths, 50, 700).pinned).toBe(3);
    expect(new Layout(columns, widths, 50, 150).pinned).toBe(0);
  });

  it("draws the columns in sight", () => {
    const layout = new Layout(columns, widths, 50, 700);
    const [first, end] = layout.inSight(5000, 700);
    expect(layout.left(first)).toBeLessThanOrEqual(5000 + layout.left(layout.pinned));
    expect(layout.left(end)).toBeGreaterThanOrEqual(5700);
    expect(end - first).toBeLessThan(12);
    expect(layout.inSight(1e6, 700)[1]).toBe(200);
  });
});
