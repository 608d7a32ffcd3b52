// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { Chart, type Panel, read, words } from "../src/curve/chart";
import { number, scale } from "../src/curve/scale";

const panel: Panel = {
  name: "loss",
  log: false,
  training: [0.7, 0.5],
  validation: [0.8, 0.6],
  now: [
    [2.3, 0.45],
    [2.5, 0.4],
  ],
};

const shown = (panel: Panel, epochs = 4) => {
  const chart = new Chart();
  chart.update(panel, epochs, 400);
  return chart.root;
};

test("a scale puts its ends at the places, and has round ticks", () => {
  const { at, ticks } = scale([1, 3], 0, 100);
  expect([at(1), at(2), at(3)]).toEqual([0, 50, 100]);
  expect(ticks).toEqual([1, 1.5, 2, 2.5, 3]);
  expect(scale([0.01, 100], 0, 4, true).ticks.map(number)).toEqual([
    "0.01",
    "0.1",
    "1",
    "10",
    "100",
  ]);
  expect(scale([0.01, 100], 0, 4, true).at(1)).toBeCloseTo(2);
});

test("one value, and none, have a place", () => {
  for (const values of [[2], [0], [], [Number.NaN]]) {
    const { at } = scale(values, 0, 100);
    expect(Number.isFinite(at(values[0] || 0))).toBe(true);
  }
});

test("lines of both kinds, their points and the current epoch are drawn", () => {
  const root = shown(panel);
  expect(root.querySelectorAll(".tfs-line-training, .tfs-line-validation")).toHaveLength(2);
  expect(root.querySelectorAll("circle")).toHaveLength(4);
  expect(root.querySelector(".tfs-line-now")?.getAttribute("d")).toMatch(/^M.*L/);
  expect(root.textContent).toContain("epoch 2training 0.5validation 0.6now 0.4");
  expect(root.querySelector("svg")?.getAttribute("aria-label")).toBe(
    "loss, epoch 2: training 0.5, validation 0.6, now 0.4",
  );
});

test("before the first epoch is whole there is only its trail", () => {
  const root = shown({
    ...panel,
    training: [],
    validation: [],
    now: [
      [0.1, 3],
      [0.2, 2],
    ],
  });
  expect(root.querySelectorAll("path")).toHaveLength(1);
  expect(root.querySelector("svg")?.getAttribute("aria-label")).toBe("loss: now 2");
});

test("what is not finite is left out", () => {
  const wire = JSON.parse(
    '{"name":"a","log":false,"training":[1,null,2],"validation":[],"now":[]}',
  );
  const root = shown(read(wire));
  expect(root.querySelectorAll("circle")).toHaveLength(2);
  expect(root.innerHTML).not.toContain("NaN,");
  expect(words(read(wire), 2)).toBe("a, epoch 2: training NaN");
});

test("the pointer asks for the values of an epoch", () => {
  const root = shown(panel);
  const svg = root.querySelector("svg") as SVGSVGElement;
  svg.dispatchEvent(new PointerEvent("pointermove", { clientX: 60 }));
  expect(root.textContent).toContain("epoch 1training 0.7validation 0.8");
  svg.dispatchEvent(new PointerEvent("pointerleave"));
  expect(root.textContent).toContain("epoch 2");
});
