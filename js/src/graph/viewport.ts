/** Where the drawing is under its window: a shift in pixels, and pixels per unit of the drawing. */

export type Transform = { x: number; y: number; k: number };
export type Size = { width: number; height: number };
export type Point = { x: number; y: number };
export type Rect = Point & Size;

/** Pixels per unit at which text has the size it is meant to have: a point in CSS. */
export const NATURAL = 4 / 3;
const SMALLEST = 0.05;
const LARGEST = 6;
/** Below this, text cannot be read. */
const READABLE = 0.75;
const MARGIN = 12;

/** Return the transform that shows everything, never larger than natural. */
export function fitted(content: Size, room: Size): Transform {
  const k = Math.min(
    (room.width - 2 * MARGIN) / content.width,
    (room.height - 2 * MARGIN) / content.height,
    NATURAL,
  );
  return centred(content, room, bounded(k));
}

/** Return the transform to begin with: everything if it can be read so, else the upper part. */
export function start(content: Size, room: Size): Transform {
  const all = fitted(content, room);
  if (all.k >= READABLE) return all;
  const wide = (room.width - 2 * MARGIN) / content.width;
  const k = bounded(Math.max(all.k, Math.min(wide, READABLE)));
  const placed = centred(content, room, k);
  return { ...placed, y: Math.max(placed.y, MARGIN) };
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

export function panBy(t: Transform, dx: number, dy: number): Transform {
  return { ...t, x: t.x + dx, y: t.y + dy };
}

/** Keep the middle where it is; and all in sight, if it was, as far as it can be read. */
export function resized(t: Transform, content: Size, before: Size, now: Size): Transform {
  const moved = panBy(t, (now.width - before.width) / 2, 0);
  const sticksOut = ({ x, k }: Transform, { width }: Size) =>
    x < 0 || x + content.width * k > width;
  return sticksOut(moved, now) && !sticksOut(t, before) ? start(content, now) : moved;
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
