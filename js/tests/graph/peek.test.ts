// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { clean } from "../../src/graph/clean";
import type { Page } from "../../src/graph/protocol";
import { GraphView } from "../../src/graph/view";
import { FakeModel } from "./fake_model";

let model: FakeModel;
let view: GraphView;

const READY = {
  can: true,
  compared: false,
  state: "ready",
  says: "20 rows of df",
  first: "a",
} as const;
const PAGE: Page = {
  name: "a",
  spec: "float64",
  facts: [["Mean", "2"]],
  note: "",
  all: { path: "M0 0h1", width: 2, height: 2, alt: "Histogram from 0 to 4" },
  rows: 3,
  row: 0,
  one: { source: "data:image/png;base64,AA==", width: 2, height: 2, alt: "Image" },
  cells: [["<b>", "NaN"]],
  left: "The first 2 of 9 values.",
};

beforeEach(() => {
  vi.stubGlobal("matchMedia", () => ({
    matches: true,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  model = new FakeModel();
  view = new GraphView(model.asModel());
  document.body.replaceChildren(view.element);
});

afterEach(() => {
  view.close();
  vi.unstubAllGlobals();
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const find = <E extends HTMLElement>(selector: string) => view.element.querySelector<E>(selector);
const button = (label: string) =>
  [...view.element.querySelectorAll("button")].find(
    (each) => each.textContent === label || each.getAttribute("aria-label") === label,
  );
const line = () => find(".tfg-peek");
const last = () => model.asked.at(-1);

it("is offered where there are rows", () => {
  expect(view.element.classList.contains("tfg-can-peek")).toBe(false);
  model.receive({ peeking: { ...READY, state: "", says: "", first: "" } });
  expect(view.element.classList.contains("tfg-can-peek")).toBe(true);
  expect(line()?.hidden).toBe(true);
  button("1,000 rows drawn from all")?.click();
  expect(last()).toMatchObject({ ask: "peek", rows: 1000, drawn: true });
});

it("a refusal and a failure are said", async () => {
  button("First 20 rows")?.click();
  model.refuse("To correct first: y.");
  await settle();
  expect(find(".tfg-status")?.textContent).toBe("To correct first: y.");
  model.receive({
    peeking: { ...READY, state: "failed", says: "Column x holds nulls.", first: "" },
  });
  expect(line()?.textContent).toContain("Column x holds nulls.");
  expect(find(".tfg-peek .tfg-error")).not.toBeNull();
});

it("says what runs, with its buttons", () => {
  model.receive({ peeking: { ...READY, state: "busy", says: "Reading", first: "" } });
  button("Cancel")?.click();
  expect(last()).toMatchObject({ ask: "cancel_peek" });
  model.receive({ peeking: READY });
  expect(button("Cancel")?.hidden).toBe(true);
  button("Go to the first NaN or ∞")?.click();
  expect(last()).toMatchObject({ ask: "first" });
  button("Hide values")?.click();
  expect(last()).toMatchObject({ ask: "hide_values" });
});

it("a line that goes leaves the keyboard to Peek", () => {
  model.receive({ peeking: READY });
  button("Hide values")?.focus();
  model.receive({ peeking: { ...READY, state: "", says: "", first: "" } });
  expect(document.activeElement?.textContent).toBe("Peek");
});

it("the details walk from row to row, by buttons, by number and by keys", async () => {
  const node = find(`[data-id="op:a"]`);
  model.receive({ peeking: READY });
  node?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const values = () => model.asked.filter(({ ask }) => ask === "values");
  expect(values().at(-1)).toMatchObject({ node: "op:a", row: 0 });
  const answer = async (row: number) => {
    model.answer({ pages: [{ ...PAGE, row }] }, values().at(-1)?.id);
    await settle();
  };
  await answer(0);
  expect(find(".tfg-cells")?.textContent).toBe("<b>NaN");
  expect(find(".tfg-cells b")).toBeNull();
  expect(find(".tfg-histogram svg")?.getAttribute("aria-label")).toBe("Histogram from 0 to 4");
  expect(find(".tfg-pixels")?.getAttribute("alt")).toBe("Image");
  expect(button("Previous row (,)")?.getAttribute("aria-disabled")).toBe("true");
  button("Next row (.)")?.click();
  expect(values().at(-1)).toMatchObject({ row: 1 });
  await answer(1);
  const input = find<HTMLInputElement>(".tfg-row");
  expect(input?.value).toBe("2");
  if (input) input.value = "9";
  input?.dispatchEvent(new Event("change"));
  expect(values().at(-1)).toMatchObject({ row: 2 });
  await answer(2);
  const press = (key: string) =>
    node?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  press(".");
  expect(find(".tfg-status")?.textContent).toBe("There is no other row in this direction.");
  press(",");
  expect(values().at(-1)).toMatchObject({ row: 1 });
  press("n");
  expect(last()).toMatchObject({ ask: "first" });
});

it("a photograph is smooth, and nothing is loaded for it", async () => {
  model.receive({ peeking: READY });
  find(`[data-id="op:a"]`)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const show = async (source: string, smooth: boolean) => {
    const asked = model.asked.findLast(({ ask }) => ask === "values")?.id;
    const one = { source, smooth, width: 2, height: 2, alt: "JPEG" };
    model.answer({ pages: [{ ...PAGE, all: null, one }] }, asked);
    await settle();
    button("Next row (.)")?.click();
    return find<HTMLImageElement>(".tfg-pixels");
  };
  const photograph = await show("data:image/jpeg;base64,/9j/4A==", true);
  expect(photograph?.classList.contains("tfg-smooth")).toBe(true);
  expect(await show("https://example.com/a.jpg", true)).toBeNull();
});

it("an operation is computed too, or no more", async () => {
  find(`[data-id="op:a"]`)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const details = model.asked.findLast(({ ask }) => ask === "details")?.id;
  const ends = { inputs: [], more_inputs: 0, consumers: [], more_consumers: 0 };
  const facts = { name: "a", op: "Add", outputs: [], attributes: [], ...ends };
  expect(button("Compute this too")?.hidden).toBe(true);
  model.answer({ ...facts, fetched: false }, details);
  await settle();
  button("Compute this too")?.click();
  expect(last()).toMatchObject({ ask: "fetch", node: "op:a", on: true });
  model.answer({ name: "a" });
  await settle();
  expect(find(".tfg-status")?.textContent).toContain("a is computed too");
  button("✓ Computed")?.click();
  expect(last()).toMatchObject({ ask: "fetch", on: false });
  model.refuse("No column holds it.");
  await settle();
  expect(find(".tfg-status")?.textContent).toBe("No column holds it.");
  expect(button("✓ Computed")).toBeDefined();
});

it("the cost colours the nodes, and stands in a list", async () => {
  model.receive({ peeking: READY });
  button("Cost")?.click();
  expect(last()).toMatchObject({ ask: "cost", on: true });
  const a = { time: 0.2, bytes: 0.9, says: "2 ms, 9 KB" };
  const s = { time: 0.8, bytes: 0.1, says: "8 ms, 1 KB" };
  model.receive({
    cost: {
      total: "20 rows: 10 ms, 10 KB of tensors",
      nodes: { "op:a": a, "scope:s": s },
      boxes: {},
      list: [
        { name: "a", is_scope: false, ...a },
        { name: "s", is_scope: true, ...s },
      ],
    },
  });
  const names = () =>
    [...view.element.querySelectorAll(".tfg-costs button")].map((b) => b.textContent);
  expect(names()).toEqual(["s/", "a"]);
  const heat = () => find<HTMLElement>(`[data-id="op:a"]`)?.style.getPropertyValue("--heat");
  expect(heat()).toBe("50%");
  button("Bytes")?.click();
  expect(names()).toEqual(["a", "s/"]);
  expect(heat()).toBe("100%");
  find(`[data-id="op:a"]`)?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  expect(find(".tfg-panel")?.textContent).toContain("Cost on these rows: 20 %, 2 ms, 9 KB");
  button("Cost")?.click();
  expect(last()).toMatchObject({ ask: "cost", on: false });
  model.receive({ cost: {} });
  expect(find(".tfg-cost")?.hidden).toBe(true);
  expect(find(`[data-id="op:a"]`)?.classList.contains("tfg-heated")).toBe(false);
});

it("pixels that Python made are taken over, and nothing that loads", () => {
  const svg = (href: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg"><image href="${href}" width="2"/></svg>`;
  const ours = "data:image/png;base64,iVBORw0KGgo=";
  for (const one of [ours, "data:image/jpeg;base64,/9j/4A=="]) {
    expect(clean(svg(one))?.querySelector("image")?.getAttribute("href")).toBe(one);
  }
  for (const other of ["http://x/a.png", "data:image/svg+xml;base64,AA", `${ours} url(x)`]) {
    expect(clean(svg(other))?.querySelector("image")).toBeNull();
  }
});
