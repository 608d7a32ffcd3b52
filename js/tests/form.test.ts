// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import form, { type Actions, type Model } from "../src/form";
import { choiceText, type Field, switched } from "../src/form/fields";

const choice = (value: string, reason = "") => ({ value, label: value, reason });

const field = (id: string, more: Partial<Field> = {}): Field => ({
  id,
  kind: "pick",
  part: "columns",
  label: id,
  detail: "",
  value: "",
  choices: [],
  error: "",
  note: "",
  beside: false,
  disabled: false,
  inner: false,
  ordered: false,
  ...more,
});

const ready: Actions = {
  busy: false,
  accept: "",
  preview: "",
  run: "",
  define: "",
  lazy: true,
  previews: true,
  first: "",
  reset: false,
};

class FakeModel {
  sent: unknown[] = [];
  saved = 0;
  private listeners = new Map<string, Set<() => void>>();
  constructor(readonly state: Model) {}
  get<K extends keyof Model>(name: K): Model[K] {
    return this.state[name];
  }
  set<K extends keyof Model>(name: K, value: Model[K]) {
    this.state[name] = value;
  }
  save_changes() {
    this.saved += 1;
  }
  send(content: unknown) {
    // This page is no notebook, so that it looks for what cells have changed.
    if ((content as { kind: string }).kind !== "look") this.sent.push(content);
  }
  on(name: string, listener: () => void) {
    if (!this.listeners.has(name)) this.listeners.set(name, new Set());
    this.listeners.get(name)?.add(listener);
  }
  off(name: string, listener: () => void) {
    this.listeners.get(name)?.delete(listener);
  }
  push(change: Partial<Model>) {
    Object.assign(this.state, change);
    for (const name of Object.keys(change)) {
      for (const listener of this.listeners.get(`change:${name}`) ?? []) listener();
    }
  }
}

const FIELDS = [
  field("df", { label: "DataFrame", value: "df", choices: [choice("df"), choice("other")] }),
  field("bind:x", {
    label: "x",
    detail: "int32",
    value: "a",
    choices: [choice("a"), choice("note", "string, takes int32")],
  }),
  field("by", {
    kind: "many",
    part: "how",
    label: "Group by",
    value: ["k"],
    choices: [choice("a"), choice("k"), choice("gone", "gone")],
  }),
  field("nulls", { part: "how", label: "Nulls", value: "value", choices: [choice("value")] }),
  field("fill", { kind: "text", part: "how", label: "Value", value: "0", beside: true }),
  field("out", { kind: "text", part: "how", label: "Result", value: "result" }),
  field("trim", { kind: "flag", part: "more", label: "Trim", value: false, note: "keep" }),
];

let model: FakeModel;
let host: HTMLElement;
let cleanup: () => void;

function control<T extends HTMLElement>(name: string): T {
  const found = [...host.querySelectorAll<HTMLElement>("select, input")].find((one) =>
    one.getAttribute("aria-label")?.startsWith(name),
  );
  if (!found) throw new Error(`there is no control ${name}`);
  return found as T;
}
const button = (name: string) =>
  [...host.querySelectorAll("button")].find((one) => one.textContent === name) as HTMLButtonElement;

beforeEach(() => {
  document.body.replaceChildren();
  host = document.createElement("div");
  document.body.append(host);
  model = new FakeModel({
    fields: FIELDS,
    title: "Bind and run",
    summary: "score over df",
    line: "%tfrun score",
    code: "result = tfs.map_rows(score, df)",
    actions: ready,
    notice: "",
    kept: {},
    opened: true,
  });
  // biome-ignore lint/suspicious/noExplicitAny: the fake has what the form uses of a model.
  cleanup = form.render({ model: model as any, el: host });
});

test("what does not fit is offered, disabled, with the reason", () => {
  const options = [...control<HTMLSelectElement>("x, int32").options];
  expect(options.map((one) => [one.textContent, one.disabled])).toEqual([
    ["a", false],
    ["note · string, takes int32", true],
  ]);
  expect(choiceText(choice("a"))).toBe("a");
});

test("a choice is sent", () => {
  const select = control<HTMLSelectElement>("DataFrame");
  select.value = "other";
  select.dispatchEvent(new Event("change"));
  expect(model.sent).toEqual([{ kind: "set", field: "df", value: "other" }]);
});

test("names of columns are text, never markup", () => {
  const evil = "<img src=x onerror=alert(1)>";
  model.push({
    fields: [field("bind:x", { label: evil, error: evil, choices: [choice(evil)], value: evil })],
    code: evil,
  });
  expect(host.querySelector("img")).toBeNull();
  expect(host.textContent).toContain(evil);
});

test("an error stands with its field, and is tied to it", () => {
  const wrong = FIELDS.map((one) => (one.id === "bind:x" ? { ...one, error: "No." } : one));
  model.push({ fields: wrong });
  const select = control("x");
  expect(select.getAttribute("aria-invalid")).toBe("true");
  const ids = select.getAttribute("aria-describedby")?.split(" ") ?? [];
  expect(ids.map((id) => document.getElementById(id)?.textContent)).toContain("No.");
});

test("an update keeps the elements, the focus and what is being typed", () => {
  const input = control<HTMLInputElement>("Result");
  input.focus();
  input.value = "scor";
  model.push({ fields: FIELDS.filter((one) => one.id !== "by").map((one) => ({ ...one })) });
  expect(control("Result")).toBe(input);
  expect(document.activeElement).toBe(input);
  expect(input.value).toBe("scor");
  expect(host.querySelector("[role=group]")).toBeNull();
});

test("typing is sent when it rests, and before a button is pressed", () => {
  vi.useFakeTimers();
  const input = control<HTMLInputElement>("Result");
  input.value = "scored";
  input.dispatchEvent(new Event("input"));
  expect(model.sent).toEqual([]);
  button("Run").click();
  vi.runAllTimers();
  expect(model.sent).toEqual([{ kind: "set", field: "out", value: "scored" }, { kind: "run" }]);
  vi.useRealTimers();
});

test("keys are chosen in the order of the clicks, and one that is gone can be taken back", () => {
  const boxes = [...host.querySelectorAll<HTMLInputElement>("[role=group] input")];
  expect(boxes.map((box) => [box.checked, box.disabled])).toEqual([
    [false, false],
    [true, false],
    [false, true],
  ]);
  boxes[0]?.click();
  expect(model.sent).toEqual([{ kind: "set", field: "by", value: ["k", "a"] }]);
  expect(switched(["k", "a"], "k", false)).toEqual(["a"]);
});

test("what is chosen in an order shows it", () => {
  const choices = [choice("a"), choice("b"), choice("c")];
  model.push({
    fields: [field("parts", { kind: "many", ordered: true, choices, value: ["c", "a"] })],
  });
  const places = [...host.querySelectorAll("[role=group] label")].map((label) =>
    label.getAttribute("data-place"),
  );
  expect(places).toEqual(["2", "", "1"]);
});

test("two forms of a page share no ids", async () => {
  vi.resetModules();
  const { default: again } = await import("../src/form");
  const second = document.createElement("div");
  document.body.append(second);
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  again.render({ model: model as any, el: second });
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a field beside another is on its line", () => {
  expect(control("Value").parentElement).toBe(control("Nulls").parentElement);
});

test("a button that cannot be pressed says why and leads to the field", () => {
  model.push({ actions: { ...ready, preview: "x first", run: "x first", first: "bind:x" } });
  expect(button("Run").getAttribute("aria-disabled")).toBe("true");
  expect(host.querySelector("[role=status]")?.textContent).toBe("x first");
  button("Run").click();
  expect(model.sent).toEqual([]);
  expect(document.activeElement).toBe(control("x"));
});

test("guesses are taken by one button, which is there only then", () => {
  model.push({
    actions: { ...ready, accept: "Use the 2 guesses", run: "x first", first: "bind:x" },
  });
  const focus = vi.spyOn(button("Run"), "focus");
  button("Use the 2 guesses").click();
  expect(model.sent).toEqual([{ kind: "accept" }]);
  // By mouse, the page stays where it is.
  expect(focus).toHaveBeenCalledWith({ preventScroll: true });
  model.push({ actions: ready });
  expect(host.querySelector<HTMLElement>(".tfs-grid > .tfs-button")?.hidden).toBe(true);
});

test("the keys that run a cell run the form", () => {
  const press = (more: KeyboardEventInit) =>
    control("DataFrame").dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more }),
    );
  expect(press({})).toBe(true);
  expect(model.sent).toEqual([]);
  expect(press({ ctrlKey: true })).toBe(false);
  expect(press({ shiftKey: true })).toBe(false);
  expect(model.sent).toEqual([{ kind: "run" }, { kind: "run" }]);
});

test("while something runs nothing is asked for", () => {
  model.push({ actions: { ...ready, busy: true } });
  button("Run").click();
  button("Preview").click();
  expect(model.sent).toEqual([]);
});

test("folding is told", () => {
  const details = host.querySelector("details") as HTMLDetailsElement;
  details.open = false;
  details.dispatchEvent(new Event("toggle"));
  expect(model.state.opened).toBe(false);
  expect(model.saved).toBe(1);
  model.push({ opened: true });
  expect(details.open).toBe(true);
});

test("copying says that it was done", async () => {
  const writeText = vi.fn(async () => {});
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  const [first] = [...host.querySelectorAll<HTMLButtonElement>(".tfs-copy")];
  first?.click();
  await vi.waitFor(() => expect(first?.textContent).toBe("Copied"));
  expect(writeText).toHaveBeenCalledWith("%tfrun score");
  vi.unstubAllGlobals();
});

test("keys stay in the form, and nothing listens once it is gone", () => {
  const heard = vi.fn();
  document.body.addEventListener("keydown", heard);
  control("x").dispatchEvent(new KeyboardEvent("keydown", { key: "x", bubbles: true }));
  expect(heard).not.toHaveBeenCalled();
  cleanup();
  model.push({ title: "Other" });
  expect(host.textContent).not.toContain("Other");
});

test("what became of earlier choices is said, and they can be taken back", () => {
  const notice = host.querySelector(".tfs-notice");
  expect(notice?.textContent).toBe("");
  expect(button("Start over").hidden).toBe(true);
  model.push({ notice: "Gone from the graph: operation mul.", actions: { ...ready, reset: true } });
  expect(notice?.textContent).toContain("operation mul");
  button("Start over").click();
  expect(model.sent).toEqual([{ kind: "reset" }]);
});

test("there is Define for what is lazy, and no preview that a run shows too", () => {
  button("Define").click();
  expect(model.sent).toEqual([{ kind: "define" }]);
  model.push({ actions: { ...ready, lazy: false, previews: false } });
  expect(button("Define").hidden).toBe(true);
  expect(button("Preview").hidden).toBe(true);
  expect(button("Run").hidden).toBe(false);
});
