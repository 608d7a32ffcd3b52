// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hideStaticPicture } from "../../src/graph/static_picture";
import { isDark } from "../../src/graph/theme";
import { GraphView } from "../../src/graph/view";
import { FakeModel } from "./fake_model";

let model: FakeModel;
let view: GraphView;

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
const node = (id: string) => find(`[data-id="${id}"]`);
const press = (target: Element | null, key: string, more = {}) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target?.dispatchEvent(event);
  return event;
};

describe("the drawing", () => {
  it("names its nodes for those who do not see them", () => {
    expect(node("op:a")?.getAttribute("aria-label")).toBe("a, operation, float32");
    expect(node("scope:s")?.getAttribute("aria-label")).toBe("s, closed scope, 2 operations");
    expect(node("scope:s")?.getAttribute("aria-expanded")).toBe("false");
  });

  it("has one node in the order of tabs", () => {
    const stops = [...view.element.querySelectorAll(".tfg-svg [tabindex='0']")];
    expect(stops.map((stop) => stop.getAttribute("data-id"))).toEqual(["op:a"]);
  });

  it("is text where the kernel draws none", async () => {
    model.receive({ svg: "", view: { ...model.get("view"), text: "score: <b>" } });
    await settle();
    expect(find("pre")?.textContent).toBe("score: <b>");
    expect(find("b")).toBeNull();
  });
});

describe("selecting", () => {
  it("tells Python the name, and shows what is known", async () => {
    node("op:a")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    expect(model.get("selected")).toBe("a");
    expect(model.saved).toBe(1);
    expect(model.asked.at(-1)).toMatchObject({ ask: "details", node: "op:a" });
    model.answer({
      ...DETAILS,
      name: "<img src=x onerror=alert(1)>",
      attributes: [["key", "<script>alert(1)</script>"]],
      inputs: [{ name: "<i>", spec: "float32", is_control: false }],
    });
    await settle();
    expect(find(".tfg-panel-name")?.textContent).toBe("<img src=x onerror=alert(1)>");
    expect(view.element.querySelector("img, script, i")).toBeNull();
  });

  it("asks how large it is once the rest is there", async () => {
    node("op:a")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    model.answer(DETAILS);
    await settle();
    expect(find(".tfg-facts")?.textContent).toContain("Relu");
    expect(model.asked.at(-1)).toMatchObject({ ask: "size", node: "op:a" });
    model.answer({ parameters: "", flops: "12 for a row" });
    await settle();
    expect(find(".tfg-facts")?.textContent).toContain("FLOPs12 for a row");
    expect(find(".tfg-facts")?.textContent).not.toContain("Parameters");
  });

  it("shows the kernel's error", async () => {
    node("op:a")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    model.refuse("There is no a.");
    await settle();
    expect(find(".tfg-facts .tfg-error")?.textContent).toBe("There is no a.");
  });

  it("ends with Escape", () => {
    node("op:a")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    press(node("op:a"), "Escape");
    expect(model.get("selected")).toBe("");
    expect(node("op:a")?.getAttribute("aria-pressed")).toBe("false");
  });

  it("closes the list of keys with Escape, and then what is selected", () => {
    node("op:a")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    press(node("op:a"), "?");
    expect(find(".tfg-help")?.hidden).toBe(false);
    press(node("op:a"), "Escape");
    expect(find(".tfg-help")?.hidden).toBe(true);
    expect(model.get("selected")).not.toBe("");
    press(node("op:a"), "Escape");
    expect(model.get("selected")).toBe("");
  });

  it("forgets what Python selected and deselected before it was drawn", async () => {
    Object.defineProperty(view.element, "clientWidth", { value: 800 });
    model.receive({ selected: "a", at: ["a", "op:a"] });
    press(node("op:a"), "Escape");
    await settle();
    const drawn = { svg: model.get("svg"), view: model.get("view") };
    model.receive({ svg: "", view: { ...drawn.view, text: "later" } });
    await settle();
    model.receive({ selected: "a", at: ["a", "op:a"] });
    model.receive({ selected: "", at: ["", ""] });
    model.receive(drawn);
    await settle();
    expect(node("op:a")?.getAttribute("aria-pressed")).toBe("false");
    expect(find(".tfg-panel")?.hidden).toBe(true);
  });
});

describe("the keyboard", () => {
  it("keeps the notebook's keys from the notebook, not the browser's", () => {
    const heard: string[] = [];
    document.body.onkeydown = (event) => heard.push(event.key);
    press(node("op:a"), "d");
    press(node("op:a"), "x");
    press(find("input"), "d");
    press(node("op:a"), "s", { ctrlKey: true });
    expect(heard).toEqual(["s"]);
  });

  it("opens a group with Enter", () => {
    press(node("scope:s"), "Enter");
    expect(model.asked.at(-1)).toMatchObject({ ask: "open", node: "scope:s" });
  });

  it("traces with U and D", () => {
    press(node("op:a"), "u");
    expect(node("scope:s")?.classList.contains("tfg-dimmed")).toBe(true);
    press(node("op:a"), "d");
    expect(node("scope:s")?.classList.contains("tfg-dimmed")).toBe(false);
  });
});

describe("searching", () => {
  const type = async (text: string) => {
    const input = find<HTMLInputElement>("input");
    if (!input) throw new Error("There is no search box.");
    input.value = text;
    input.dispatchEvent(new Event("input"));
    await new Promise((resolve) => setTimeout(resolve, 150));
    return input;
  };

  it("lists what is found, and asks to see it", async () => {
    const input = await type("mm");
    expect(model.asked.at(-1)).toMatchObject({ ask: "search", text: "mm" });
    const findings = ["<b>mm", "mm_1"].map((name) => ({ name, op: "MatMul", spec: "" }));
    model.answer({ total: 7, findings });
    await settle();
    expect(find(".tfg-found-count")?.textContent).toBe("the first 2 of 7 operations");
    expect(find(".tfg-option .tfg-name")?.textContent).toBe("<b>mm");
    press(input, "ArrowDown");
    press(input, "Enter");
    expect(model.asked.at(-1)).toMatchObject({ ask: "reveal", name: "mm_1" });
  });

  it("drops the answer to an earlier search", async () => {
    await type("a");
    const early = model.asked.at(-1)?.id;
    await type("ab");
    model.answer({ total: 0, findings: [] });
    model.answer({ total: 1, findings: [{ name: "late", op: "", spec: "" }] }, early);
    await settle();
    expect(find(".tfg-found-count")?.textContent).toBe("Nothing is called so.");
  });
});

it("the theme is the notebook's, else the system's", () => {
  expect(isDark(document)).toBe(true);
  document.body.dataset.jpThemeLight = "true";
  expect(isDark(document)).toBe(false);
  delete document.body.dataset.jpThemeLight;
  document.body.classList.add("vscode-light");
  expect(isDark(document)).toBe(false);
  document.body.className = "";
});

it("the static picture before the widget is hidden while it lives", () => {
  const picture = (uid: string) => {
    const made = document.createElement("div");
    made.dataset.tfgStatic = uid;
    return made;
  };
  const pictures = [picture("u"), picture("other"), picture("u")] as const;
  const [first, other, last] = pictures;
  document.body.replaceChildren(first, other, view.element, last);
  const show = hideStaticPicture("u", view.element);
  expect(pictures.map(({ style }) => style.display)).toEqual(["none", "", ""]);
  show();
  expect(first.style.display).toBe("");
});

const DETAILS = {
  id: "op:a",
  name: "a",
  kind: "op",
  op: "Relu",
  outputs: ["float32"],
  attributes: [] as [string, string][],
  inputs: [] as unknown[],
  more_inputs: 0,
  consumers: [],
  more_consumers: 0,
  column: "",
  value: "",
  operations: 1,
  part_of: "",
  note: "",
  fetched: null,
};
