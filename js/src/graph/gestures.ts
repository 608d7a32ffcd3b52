/** The mouse or fingers on the drawing: dragging, the wheel, pinching, clicks. */

import type { Canvas } from "./canvas";
import type { Point } from "./viewport";

export type Pointed = {
  /** What was clicked; empty for the ground. */
  click(id: string): void;
  toggle(id: string): void;
  /** The wheel was turned without the key that zooms. */
  scrolled(): void;
};

/** Pixels by which a mouse may move within a click. */
const SLACK = 4;
const WHEEL = 0.0022;
const LINE = 16;

/** What is moved; the mouse may be on a copy of it. */
export type Moved = Pick<Canvas, "svg" | "pan" | "zoom">;

export function addGestures(canvas: Moved, pointed: Pointed): void {
  const { svg } = canvas;
  let last: Point | undefined;
  let moved = 0;
  addPinch(canvas, () => {
    last = undefined;
    moved = SLACK;
  });

  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    last = { x: event.clientX, y: event.clientY };
    moved = 0;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!last || !event.isPrimary) return;
    const dx = event.clientX - last.x;
    const dy = event.clientY - last.y;
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved < SLACK) return;
    // Only now: a captured pointer's click would be the drawing's, not the node's.
    if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
    svg.classList.add("tfg-dragging");
    canvas.pan(dx, dy);
    last = { x: event.clientX, y: event.clientY };
  });
  const end = () => {
    last = undefined;
    svg.classList.remove("tfg-dragging");
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);

  svg.addEventListener("click", (event) => {
    if (moved >= SLACK) return;
    const toggle = toggleAt(event);
    if (toggle) pointed.toggle(toggle);
    else pointed.click(idAt(event));
  });
  svg.addEventListener("dblclick", (event) => {
    const id = idAt(event);
    if (id && !toggleAt(event)) pointed.toggle(id);
  });

  svg.addEventListener(
    "wheel",
    (event) => {
      // The page scrolls by a plain wheel; a pinch arrives as a wheel with Ctrl.
      if (!event.ctrlKey && !event.metaKey) {
        pointed.scrolled();
        return;
      }
      event.preventDefault();
      const { left, top } = svg.getBoundingClientRect();
      const turned = event.deltaY * (event.deltaMode === 1 ? LINE : 1);
      const factor = Math.exp(-Math.max(-300, Math.min(300, turned)) * WHEEL);
      canvas.zoom(factor, { x: event.clientX - left, y: event.clientY - top });
    },
    { passive: false },
  );
}

/** Two fingers zoom what is between them, and move it. */
function addPinch(canvas: Moved, began: () => void): void {
  const { svg } = canvas;
  const fingers = new Map<number, Point>();
  svg.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) began();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = span([...fingers.values()]);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size !== 2) return;
    const now = span([...fingers.values()]);
    const { left, top } = svg.getBoundingClientRect();
    canvas.pan(now.x - before.x, now.y - before.y);
    canvas.zoom(now.length / (before.length || 1), { x: now.x - left, y: now.y - top });
  });
  const lift = (event: PointerEvent) => fingers.delete(event.pointerId);
  svg.addEventListener("pointerup", lift);
  svg.addEventListener("pointercancel", lift);
  // One finger scrolls the page; two are ours.
  const keep = (event: TouchEvent) => event.touches.length > 1 && event.preventDefault();
  svg.addEventListener("touchstart", keep, { passive: false });
  svg.addEventListener("touchmove", keep, { passive: false });
}

/** Return the middle of two points, and how far they are apart. */
function span([a = { x: 0, y: 0 }, b = a]: Point[]): Point & { length: number } {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.hypot(a.x - b.x, a.y - b.y) };
}

function idAt(event: Event): string {
  const element = (event.target as Element).closest<SVGGElement>(".tfg-node, .tfg-cluster");
  return element?.dataset.id ?? "";
}

function toggleAt(event: Event): string {
  return (event.target as Element).closest<SVGGElement>("[data-toggle]")?.dataset.toggle ?? "";
}
