/** The bar above the drawing, and the list of keys below it. */

import { iconButton, make, pairs } from "./elements";
import { HELP } from "./keys";
import { menuButton } from "./menu";
import { CHOICES } from "./peek";
import type { Format } from "./save";

export type BarActions = {
  zoom(factor: number): void;
  fit(): void;
  openAll(): void;
  closeAll(): void;
  save(format: Format): void;
  help(): void;
  peek(rows: number, drawn: boolean): void;
};

const ZOOM = 1.3;

const FORMATS: [Format, string][] = [
  ["svg", "SVG picture"],
  ["png", "PNG picture"],
  ["dot", "DOT source"],
  ["pbtxt", "Graph as text (pbtxt)"],
];

export function bar(search: HTMLElement, turn: HTMLElement, actions: BarActions): HTMLElement {
  const choices = FORMATS.map(([format, label]) => ({
    label,
    choose: () => actions.save(format),
  }));
  const peeks = CHOICES.map(({ label, rows, drawn }) => ({
    label,
    choose: () => actions.peek(rows, drawn),
  }));
  const peek = menuButton("Peek", "Let rows flow through the graph", peeks);
  peek.classList.add("tfg-peek-menu");
  return make(
    "div",
    { class: "tfg-bar", role: "group", "aria-label": "Graph" },
    iconButton("plus", "Zoom in (+)", () => actions.zoom(ZOOM)),
    iconButton("minus", "Zoom out (-)", () => actions.zoom(1 / ZOOM)),
    iconButton("fit", "Show everything (0)", actions.fit),
    turn,
    make("span", { class: "tfg-gap" }),
    iconButton("expand", "Open all groups", actions.openAll),
    iconButton("collapse", "Close all groups", actions.closeAll),
    search,
    peek,
    menuButton("save", "Save as a file", choices),
    iconButton("keys", "Keyboard and mouse (?)", actions.help),
  );
}

export function helpPanel(): HTMLElement {
  const properties = { class: "tfg-help", role: "note", "aria-label": "Keys", hidden: true };
  return make("div", properties, pairs(HELP));
}
