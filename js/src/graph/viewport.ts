/** Where the drawing is under its window: a shift in pixels, and pixels per unit of the drawing. */

export type Transform = { x: number; y: number; k: number };
export type Size = { width: number; height: number };
export type Point = { x: number; y: number };
export type Rect = Point & Size;
export type Side = "up" | "down" | "left" | "right";

/** Pixels per unit at which text has the size it is meant to have: a point in CSS. */
export const NATURAL = 4 / 3;
const SMALLEST = 0.05;
const LARGEST = 6;
/** Below this, not even titles can be read. */
const READABLE = 0.9;
const MARGIN = 12;
/** Pixels that are too few to speak of. */
const SLACK = 4;

/** Return the transform that shows everything, never larger than natural. */
export function fitted(content: Size, room: Size): Transform {
  const k = Math.min(
    (room.width - 2 * MARGIN) / content.width,
    (room.height - 2 * MARGIN) / content.height,
    NATURAL,
  );
  return centred(content, room, bounded(k));
}

/** Return how many units of a drawing in its natural size a width in pixels has room for. */
export function pointsIn(width: number): number {
  return Math.floor((width - 2 * MARGIN) / NATURAL);
}

/** Whether all of it can be seen at once in its natural size. */
export function fits(content: Size, room: Size): boolean {
  return fitted(content, room).k === NATURAL;
}

/**
 * Return the transform to begin with: in the natural size, everything, or as much as there is room
 * for around what the computation begins with.
 */
export function start(content: Size, room: Size, first?: Rect): Transform {
  const begin = first ?? { x: content.width / 2, y: 0, width: 0, height: 0 };
  const along = (all: number, window: number, from: number, length: number) => {
    const spare = window - all * NATURAL;
    if (spare >= 2 * MARGIN) return spare / 2;
    // What is too large for the window is seen from its beginning.
    const begins = from * NATURAL + window / 2 - MARGIN;
    const middle = window / 2 - Math.min((from + length / 2) * NATURAL, begins);
    return Math.max(spare - MARGIN, Math.min(MARGIN, middle));
  };
  return {
    x: along(content.width, room.width, begin.x, begin.width),
    y: along(content.height, room.height, begin.y, begin.height),
    k: NATURAL,
  };
}

/** Return the place of the first of some things, and of all others that are in sight with it. */
export function firstOf(rects: Rect[], room: Size): Rect | undefined {
  const sorted = [...rects].sort((a, b) => a.x + a.y - b.x - b.y);
  return sorted.reduce((all, rect) => {
    const x = Math.min(all.x, rect.x);
    const y = Math.min(all.y, rect.y);
    const width = Math.max(all.x + all.width, rect.x + rect.width) - x;
    const height = Math.max(all.y + all.height, rect.y + rect.height) - y;
    const isSeen =
      width * NATURAL <= room.width - 2 * MARGIN && height * NATURAL <= room.height - 2 * MARGIN;
    return isSeen ? { x, y, width, height } : all;
  }, sorted[0] as Rect);
}

/** Return on which sides of the window the drawing goes on. */
export function beyond(t: Transform, content: Size, room: Size): Record<Side, boolean> {
  return {
    up: t.y < -SLACK,
    down: t.y + content.height * t.k > room.height + SLACK,
    left: t.x < -SLACK,
    right: t.x + content.width * t.k > room.width + SLACK,
  };
}

function centred(content: Size, room: Size, k: number): Transform {
  return {
    x: (room.width - content.width * k) / 2,
    y: (room.height - content.height * k) / 2,
    k,
  };
}

/** Zoom by a factor; what lies under the point stays there. */
export function zoomAt(t: Transform, factor: number, at: Point): Transform {
  const k = bounded(t.k * factor);
  const by = k / t.k;
  return { x: at.x - (at.x - t.x) * by, y: at.y - (at.y - t.y) * by, k };
}

/** Return where a point of the drawing stands in the window; nothing if it does not. */
export function inWindow(t: Transform, point: Point, room: Size): Point | undefined {
  const x = point.x * t.k + t.x;
  const y = point.y * t.k + t.y;
  return x >= 0 && y >= 0 && x <= room.width && y <= room.height ? { x, y } : undefined;
}

export function panBy(t: Transform, dx: number, dy: number): Transform {
  return { ...t, x: t.x + dx, y: t.y + dy };
}

/** Keep what was at `before` in the old drawing where it was, now that it is at `after`. */
export function anchored(t: Transform, before: Point, after: Point): Transform {
  return panBy(t, (before.x - after.x) * t.k, (before.y - after.y) * t.k);
}

/**
 * Show something whole by moving as little as possible; from further away if it is too large, as
 * long as it can be read, and then from its beginning.
 */
export function insight(t: Transform, rect: Rect, room: Size): Transform {
  const whole = Math.min(
    (room.width - 2 * MARGIN) / rect.width,
    (room.height - 2 * MARGIN) / rect.height,
  );
  const k = Math.min(t.k, Math.max(whole, READABLE));
  const middle = { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
  const seen = { x: middle.x * t.k + t.x, y: middle.y * t.k + t.y };
  const next = k === t.k ? t : zoomAt(t, k / t.k, seen);
  const left = rect.x * next.k + next.x;
  const top = rect.y * next.k + next.y;
  return panBy(
    next,
    nudge(left, left + rect.width * next.k, room.width),
    nudge(top, top + rect.height * next.k, room.height),
  );
}

/** Return how many pixels something is away from the window; 0 if a part of it is there. */
export function distance(t: Transform, rect: Rect, room: Size): number {
  const left = rect.x * t.k + t.x;
  const top = rect.y * t.k + t.y;
  const dx = Math.max(0, -left - rect.width * t.k, left - room.width);
  const dy = Math.max(0, -top - rect.height * t.k, top - room.height);
  return Math.hypot(dx, dy);
}

/** Move on, so that something does not stand below what covers the lower right corner. */
export function uncovered(t: Transform, rect: Rect, room: Size, corner: Size): Transform {
  const right = (rect.x + rect.width) * t.k + t.x - (room.width - corner.width);
  const below = (rect.y + rect.height) * t.k + t.y - (room.height - corner.height);
  if (right <= 0 || below <= 0) return t;
  return right < below ? panBy(t, -right, 0) : panBy(t, 0, -below);
}

/** Put the middle of something into the middle of the room, large enough to be read. */
export function centre(t: Transform, rect: Rect, room: Size): Transform {
  const k = Math.max(t.k, READABLE);
  return {
    x: room.width / 2 - (rect.x + rect.width / 2) * k,
    y: room.height / 2 - (rect.y + rect.height / 2) * k,
    k,
  };
}

/** Return the transform on the way between two. */
export function between(from: Transform, to: Transform, part: number): Transform {
  const mix = (a: number, b: number) => a + (b - a) * part;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), k: mix(from.k, to.k) };
}

function nudge(from: number, to: number, room: number): number {
  if (from < MARGIN || to - from > room - 2 * MARGIN) return MARGIN - from;
  return to > room - MARGIN ? room - MARGIN - to : 0;
}

function bounded(k: number): number {
  return Math.min(LARGEST, Math.max(SMALLEST, k));
}
