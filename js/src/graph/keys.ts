/** What each key does while the drawing has the keyboard. */

export type Command =
  | { do: "zoom"; by: number }
  | { do: "pan"; dx: number; dy: number }
  | { do: "step"; arrow: "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight" }
  | {
      do: "fit" | "enter" | "select" | "leave" | "turn" | "map" | "search" | "help" | "up" | "down";
    }
  | { do: "parent" | "close" | "first" | "last" }
  | { do: "row"; by: number }
  | { do: "notFinite" };

type Pressed = { key: string; shiftKey: boolean };

const ZOOM = 1.3;
const PAN = 48;

const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [0, PAN],
  ArrowDown: [0, -PAN],
  ArrowLeft: [PAN, 0],
  ArrowRight: [-PAN, 0],
};

const KEYS: Record<string, Command> = {
  "+": { do: "zoom", by: ZOOM },
  "=": { do: "zoom", by: ZOOM },
  "-": { do: "zoom", by: 1 / ZOOM },
  _: { do: "zoom", by: 1 / ZOOM },
  "0": { do: "fit" },
  f: { do: "fit" },
  Enter: { do: "enter" },
  " ": { do: "select" },
  Escape: { do: "leave" },
  "/": { do: "search" },
  "?": { do: "help" },
  u: { do: "up" },
  d: { do: "down" },
  l: { do: "turn" },
  m: { do: "map" },
  p: { do: "parent" },
  n: { do: "notFinite" },
  ",": { do: "row", by: -1 },
  ".": { do: "row", by: 1 },
  Backspace: { do: "close" },
  Home: { do: "first" },
  End: { do: "last" },
};

/** For people, in the order in which they are needed. */
export const HELP: [string, string][] = [
  ["Tab", "to the drawing, then to its nodes"],
  ["← ↑ ↓ →", "on a node: to the next one, along lines and beside; else move the drawing"],
  ["Shift + arrow", "move the drawing"],
  ["Enter", "open or close a group, select an operation"],
  ["Space", "select"],
  ["Backspace", "close the group around"],
  ["P", "to the group around"],
  ["U, D", "trace up, trace down"],
  ["+, -", "zoom; also Ctrl or ⌘ + wheel, or two fingers"],
  ["0 or F", "show everything"],
  ["L", "let the graph flow from left to right, or down"],
  [", and .", "with values: the row before, the next row"],
  ["N", "with values: to the first node that made a NaN or infinity"],
  ["M", "show or hide the map of a drawing that is larger than its window"],
  ["/", "search"],
  ["Escape", "select nothing"],
];

/** Return what a key does, on a node or on the ground of the drawing. */
export function command(event: Pressed, isOnNode: boolean): Command | undefined {
  const arrow = ARROWS[event.key];
  if (arrow) {
    if (isOnNode && !event.shiftKey) return { do: "step", arrow: event.key as "ArrowUp" };
    return { do: "pan", dx: arrow[0], dy: arrow[1] };
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return KEYS[key];
}
