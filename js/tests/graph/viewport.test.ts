import { describe, expect, it } from "vitest";
import {
  anchored,
  between,
  beyond,
  centre,
  distance,
  firstOf,
  fits,
  fitted,
  insight,
  inWindow,
  NATURAL,
  panBy,
  start,
  uncovered,
  zoomAt,
} from "../../src/graph/viewport";

const ROOM = { width: 800, height: 400 };
const seen = (t: { x: number; y: number; k: number }, x: number, y: number) => [
  x * t.k + t.x,
  y * t.k + t.y,
];

describe("fitted", () => {
  it("shows all of a large drawing, in the middle", () => {
    const t = fitted({ width: 1000, height: 2000 }, ROOM);
    expect(t.k).toBeCloseTo(376 / 2000);
    expect(seen(t, 500, 1000)).toEqual([400, 200]);
  });

  it("does not blow up a small one", () => {
    expect(fitted({ width: 10, height: 10 }, ROOM).k).toBe(NATURAL);
  });
});

describe("start", () => {
  const ends = (x: number, width: number, k: number) => [x, x + width * k];

  it("shows everything in the middle, where there is room for it", () => {
    const content = { width: 300, height: 150 };
    expect(start(content, ROOM)).toEqual({ x: 200, y: 100, k: NATURAL });
    expect(fits(content, ROOM)).toBe(true);
  });

  it("begins at the inputs, in the natural size, where there is not", () => {
    const content = { width: 3000, height: 5000 };
    const t = start(content, ROOM, { x: 1200, y: 20, width: 300, height: 20 });
    expect(fits(content, ROOM)).toBe(false);
    expect(t.k).toBe(NATURAL);
    expect(t.y).toBe(12);
    expect(seen(t, 1350, 0)[0]).toBeCloseTo(400);
  });

  it("begins with the first of inputs that are too many", () => {
    const t = start({ width: 3000, height: 90 }, ROOM, { x: 600, y: 0, width: 2000, height: 20 });
    expect(seen(t, 600, 0)[0]).toBeCloseTo(12);
  });

  it("begins at the first input, with those that are in sight at once", () => {
    const one = { x: 900, y: 0, width: 90, height: 30 };
    const near = { x: 700, y: 90, width: 90, height: 30 };
    const far = { x: 0, y: 1500, width: 90, height: 30 };
    expect(firstOf([one, near, far], ROOM)).toEqual({ x: 700, y: 0, width: 290, height: 120 });
    expect(firstOf([far, one], ROOM)).toEqual(one);
    expect(firstOf([], ROOM)).toBeUndefined();
  });

  it("leaves no room beside the drawing empty", () => {
    const content = { width: 1000, height: 90 };
    const right = start(content, ROOM, { x: 900, y: 0, width: 60, height: 20 });
    expect(ends(right.x, 1000, NATURAL)[1]).toBeCloseTo(788);
    const left = start(content, ROOM, { x: 0, y: 0, width: 60, height: 20 });
    expect(ends(left.x, 1000, NATURAL)[0]).toBe(12);
  });
});

describe("beyond", () => {
  it("names the sides on which the drawing goes on", () => {
    const content = { width: 1000, height: 90 };
    expect(beyond({ x: 12, y: 12, k: 1 }, content, ROOM)).toEqual({
      up: false,
      down: false,
      left: false,
      right: true,
    });
  });
});

describe("zoomAt", () => {
  it("keeps what lies under the point", () => {
    const t = { x: 30, y: -20, k: 0.8 };
    const at = { x: 210, y: 90 };
    const under = { x: (at.x - t.x) / t.k, y: (at.y - t.y) / t.k };
    const next = zoomAt(t, 1.7, at);
    expect(next.k).toBeCloseTo(0.8 * 1.7);
    expect(seen(next, under.x, under.y)[0]).toBeCloseTo(210);
    expect(seen(next, under.x, under.y)[1]).toBeCloseTo(90);
  });

  it("has limits, at which nothing moves", () => {
    const t = { x: 5, y: 5, k: 6 };
    expect(zoomAt(t, 2, { x: 100, y: 100 })).toEqual(t);
    expect(zoomAt({ ...t, k: 0.05 }, 0.5, { x: 1, y: 1 }).k).toBe(0.05);
  });
});

it("tells what is in the window", () => {
  expect(inWindow({ x: 10, y: 20, k: 2 }, { x: 5, y: 5 }, ROOM)).toEqual({ x: 20, y: 30 });
  expect(inWindow({ x: -11, y: 20, k: 2 }, { x: 5, y: 5 }, ROOM)).toBeUndefined();
  expect(inWindow({ x: 10, y: ROOM.height, k: 2 }, { x: 5, y: 5 }, ROOM)).toBeUndefined();
});

it("tells how far something is from the window", () => {
  const rect = { x: 5, y: 5, width: 10, height: 10 };
  expect(distance({ x: -25, y: 0, k: 2 }, rect, ROOM)).toBe(0);
  expect(distance({ x: -33, y: 0, k: 2 }, rect, ROOM)).toBe(3);
  expect(distance({ x: ROOM.width - 6, y: ROOM.height - 7, k: 2 }, rect, ROOM)).toBe(5);
});

it("an anchor stays where it was", () => {
  const t = { x: 10, y: 20, k: 2 };
  const next = anchored(t, { x: 5, y: 5 }, { x: 50, y: 80 });
  expect(seen(next, 50, 80)).toEqual(seen(t, 5, 5));
});

describe("insight", () => {
  const t = { x: 0, y: 0, k: 1 };

  it("moves nothing that is in sight", () => {
    expect(insight(t, { x: 100, y: 100, width: 50, height: 50 }, ROOM)).toEqual(t);
  });

  it("moves as little as possible", () => {
    const next = insight(t, { x: 900, y: -50, width: 50, height: 50 }, ROOM);
    expect(next).toEqual({ x: -(950 - 788), y: 62, k: 1 });
  });

  it("steps back from what is too large, as far as it can be read", () => {
    expect(insight(t, { x: 0, y: 0, width: 800, height: 100 }, ROOM).k).toBeCloseTo(776 / 800);
    const tall = insight(t, { x: 100, y: 500, width: 100, height: 9000 }, ROOM);
    expect(tall.k).toBe(0.9);
    expect(seen(tall, 100, 500)[1]).toBeCloseTo(12);
  });
});

it("centre puts a small thing into the middle, readable", () => {
  const t = centre({ x: 0, y: 0, k: 0.1 }, { x: 10, y: 10, width: 20, height: 20 }, ROOM);
  expect(t.k).toBe(0.9);
  expect(seen(t, 20, 20)).toEqual([400, 200]);
});

it("uncovered moves what stands in the corner out of it, the shorter way", () => {
  const t = { x: 0, y: 0, k: 1 };
  const corner = { width: 150, height: 100 };
  const at = (x: number, y: number) => uncovered(t, { x, y, width: 100, height: 50 }, ROOM, corner);
  expect(at(600, 340)).toEqual({ x: -50, y: 0, k: 1 });
  expect(at(690, 280)).toEqual({ x: 0, y: -30, k: 1 });
  expect(at(500, 340)).toEqual(t);
  expect(
    uncovered(t, { x: 690, y: 340, width: 100, height: 50 }, ROOM, { width: 0, height: 0 }),
  ).toEqual(t);
});

it("between and panBy", () => {
  const a = { x: 0, y: 0, k: 1 };
  expect(between(a, { x: 10, y: 20, k: 2 }, 0.5)).toEqual({ x: 5, y: 10, k: 1.5 });
  expect(panBy(a, 1, 2)).toEqual({ x: 1, y: 2, k: 1 });
});
