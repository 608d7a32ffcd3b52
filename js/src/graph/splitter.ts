/** The line between the drawing and its details, which the mouse or the arrow keys move. */

import { make } from "./elements";

const NARROWEST = 200;
/** The largest part of the whole that they take. */
const WIDEST = 0.7;
const STEP = 24;
/** The width that the style sheet gives the details. */
const USUAL = 300;

/**
 * Make the line; `resize` is told how wide the details are to be, in pixels.
 *
 * `room` says how wide they are now, and how wide they and the drawing are together.
 */
export function splitter(
  room: () => { now: number; all: number },
  resize: (width: number) => void,
): HTMLElement {
  const line = make("div", {
    class: "tfg-splitter",
    role: "separator",
    tabindex: 0,
    "aria-label": "Width of the details",
    "aria-orientation": "vertical",
    title: "Drag, or press ← and →",
    "aria-valuemin": NARROWEST,
    "aria-valuenow": USUAL,
  });
  const to = (width: number) => {
    const { all } = room();
    const next = Math.round(Math.max(NARROWEST, Math.min(width, all * WIDEST)));
    line.setAttribute("aria-valuemax", `${Math.round(all * WIDEST)}`);
    line.setAttribute("aria-valuenow", `${next}`);
    resize(next);
  };
  let grasped: { x: number; width: number } | undefined;
  line.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    line.setPointerCapture(event.pointerId);
    grasped = { x: event.clientX, width: room().now };
  });
  line.addEventListener("pointermove", (event) => {
    if (grasped) to(grasped.width + grasped.x - event.clientX);
  });
  const end = () => {
    grasped = undefined;
  };
  line.addEventListener("pointerup", end);
  line.addEventListener("pointercancel", end);
  line.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (!by) return;
    event.preventDefault();
    to(room().now + by);
  });
  return line;
}
