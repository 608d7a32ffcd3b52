import { describe, expect, it } from "vitest";
import { command } from "../../src/graph/keys";
import type { GraphNode, Link, View } from "../../src/graph/protocol";
import { step } from "../../src/graph/steps";
import { around, reach, within } from "../../src/graph/trace";

const LINKS: Link[] = [
  ["x", "a"],
  ["a", "b"],
  ["a", "c"],
  ["c", "d"],
  ["d", "c"],
  ["y", "d"],
];

const node = (id: string, box = ""): GraphNode => ({
  id,
  name: id,
  box,
  kind: "op",
  does: "",
  openable: false,
  says: "",
});

const VIEW: View = {
  nodes: [node("a", "inner"), node("b", "outer"), node("c")],
  boxes: [
    { id: "outer", name: "outer", box: "", closable: true },
    { id: "inner", name: "outer/inner", box: "outer", closable: true },
  ],
  links: LINKS,
};

describe("reach", () => {
  it("follows lines down and up, through loops too", () => {
    expect([...reach(LINKS, ["a"], "down")].sort()).toEqual(["a", "b", "c", "d"]);
    expect([...reach(LINKS, ["c"], "up")].sort()).toEqual(["a", "c", "d", "x", "y"]);
  });

  it("reaches the node itself at least", () => {
    expect([...reach([], ["x"], "up")]).toEqual(["x"]);
  });
});

describe("groups", () => {
  it("stand for what is in them", () => {
    expect(within(VIEW, "outer")).toEqual(["a", "b"]);
    expect(within(VIEW, "inner")).toEqual(["a"]);
    expect(within(VIEW, "c")).toEqual(["c"]);
  });

  it("are found from the inside outwards", () => {
    expect(around(VIEW, "a")).toEqual(["inner", "outer"]);
    expect(around(VIEW, "inner")).toEqual(["outer"]);
    expect(around(VIEW, "c")).toEqual([]);
  });
});

describe("step", () => {
  const places = new Map([
    ["x", { x: 50, y: 0 }],
    ["a", { x: 50, y: 50 }],
    ["b", { x: 0, y: 100 }],
    ["c", { x: 60, y: 100 }],
    ["d", { x: 60, y: 150 }],
    ["y", { x: 200, y: 60 }],
  ]);

  it("goes along lines, to the nearest first", () => {
    expect(step("ArrowDown", "a", LINKS, places)).toBe("c");
    expect(step("ArrowUp", "a", LINKS, places)).toBe("x");
    expect(step("ArrowUp", "x", LINKS, places)).toBeUndefined();
  });

  it("goes sideways along the row", () => {
    expect(step("ArrowRight", "b", LINKS, places)).toBe("c");
    expect(step("ArrowLeft", "c", LINKS, places)).toBe("b");
    expect(step("ArrowRight", "y", LINKS, places)).toBeUndefined();
    expect(step("ArrowRight", "nowhere", LINKS, places)).toBeUndefined();
  });
});

describe("keys", () => {
  const press = (key: string, isOnNode = true, shiftKey = false) =>
    command({ key, shiftKey }, isOnNode);

  it("steps from node to node, or moves the drawing", () => {
    expect(press("ArrowDown")).toEqual({ do: "step", arrow: "ArrowDown" });
    expect(press("ArrowDown", false)).toEqual({ do: "pan", dx: 0, dy: -48 });
    expect(press("ArrowLeft", true, true)).toEqual({ do: "pan", dx: 48, dy: 0 });
  });

  it("knows letters with and without shift, and no others", () => {
    expect(press("F")).toEqual({ do: "fit" });
    expect(press("f")).toEqual({ do: "fit" });
    expect(press("+")).toEqual({ do: "zoom", by: 1.3 });
    expect(press("x")).toBeUndefined();
    expect(press("Tab")).toBeUndefined();
  });
});
