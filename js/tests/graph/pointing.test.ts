// @vitest-environment happy-dom
import { expect, it, vi } from "vitest";
import type { Canvas } from "../../src/graph/canvas";
import { addGestures } from "../../src/graph/gestures";
import { splitter } from "../../src/graph/splitter";

const point = (type: string, x: number, y: number, more = {}) =>
  Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
    button: 0,
    isPrimary: true,
    pointerId: 1,
    pointerType: "touch",
    clientX: x,
    clientY: y,
    ...more,
  });

const stage = () => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setPointerCapture = () => {};
  svg.hasPointerCapture = () => true;
  const canvas = { svg, pan: vi.fn(), zoom: vi.fn() };
  const pointed = { click: vi.fn(), toggle: vi.fn(), scrolled: vi.fn() };
  addGestures(canvas as unknown as Canvas, pointed);
  return { svg, canvas, pointed };
};

it("zooms what is between two fingers, and moves it with them", () => {
  const { svg, canvas, pointed } = stage();
  const second = { pointerId: 2, isPrimary: false };
  svg.dispatchEvent(point("pointerdown", 100, 100));
  svg.dispatchEvent(point("pointerdown", 200, 100, second));
  svg.dispatchEvent(point("pointermove", 300, 100, second));
  expect(canvas.pan.mock.calls).toEqual([[50, 0]]);
  expect(canvas.zoom.mock.calls).toEqual([[2, { x: 200, y: 100 }]]);
  svg.dispatchEvent(point("pointerup", 300, 100, second));
  svg.dispatchEvent(point("pointermove", 120, 100));
  expect(canvas.zoom).toHaveBeenCalledTimes(1);
  svg.dispatchEvent(new MouseEvent("click"));
  expect(pointed.click).not.toHaveBeenCalled();
});

it("still drags by one finger, and clicks", () => {
  const { svg, canvas, pointed } = stage();
  svg.dispatchEvent(point("pointerdown", 100, 100));
  svg.dispatchEvent(point("pointermove", 130, 110));
  expect(canvas.pan.mock.calls).toEqual([[30, 10]]);
  svg.dispatchEvent(point("pointerup", 130, 110));
  svg.dispatchEvent(point("pointerdown", 130, 110));
  svg.dispatchEvent(new MouseEvent("click"));
  expect(pointed.click).toHaveBeenCalledOnce();
});

it("moves the line of the details by mouse and by keys, within bounds", () => {
  const widths: number[] = [];
  const line = splitter(
    () => ({ now: widths.at(-1) ?? 300, all: 1000 }),
    (width) => widths.push(width),
  );
  line.setPointerCapture = () => {};
  line.dispatchEvent(point("pointerdown", 700, 0));
  line.dispatchEvent(point("pointermove", 600, 0));
  line.dispatchEvent(point("pointermove", 10, 0));
  line.dispatchEvent(point("pointerup", 10, 0));
  line.dispatchEvent(point("pointermove", 500, 0));
  line.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  expect(widths).toEqual([400, 700, 676]);
  expect(line.getAttribute("aria-valuenow")).toBe("676");
});
