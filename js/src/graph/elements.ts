/** Making elements. Text is always set as text. */

type Properties = Record<string, string | number | boolean | EventListener | undefined>;

/** Make an element; `on...` adds a listener, all else is an attribute. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** Make a list of names and values, with no elements that notebooks have styles of their own for. */
export function pairs(rows: [string, string | Node][]): HTMLElement {
  const shown = rows.map(([name, value]) =>
    make(
      "div",
      { class: "tfg-pair", role: "listitem" },
      make("span", { class: "tfg-key", title: name }, name),
      make("span", { class: "tfg-value" }, value),
    ),
  );
  return make("div", { class: "tfg-list", role: "list" }, ...shown);
}

const SVG = "http://www.w3.org/2000/svg";

export function makeSvg(
  tag: string,
  attributes: Record<string, string | number>,
  ...children: Node[]
): SVGElement {
  const element = document.createElementNS(SVG, tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, `${value}`);
  element.append(...children);
  return element;
}

const ICONS = {
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  turn: "M2.5 8h10M9 4.5L12.5 8 9 11.5",
  expand: "M4 6.5l4-4 4 4M4 9.5l4 4 4-4",
  collapse: "M4 2.5l4 4 4-4M4 13.5l4-4 4 4",
  save: "M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",
  keys: "M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.8v.4",
  close: "M4 4l8 8M12 4l-8 8",
} as const;

export type Icon = keyof typeof ICONS;

export function isIcon(name: string): name is Icon {
  return name in ICONS;
}

export function icon(name: Icon): SVGElement {
  const shape = makeSvg("path", { d: ICONS[name] });
  const attributes = { class: "tfg-icon", viewBox: "0 0 16 16", "aria-hidden": "true" };
  return makeSvg("svg", attributes, shape);
}

export function iconButton(
  name: Icon,
  label: string,
  onclick: (event: Event) => void,
): HTMLButtonElement {
  const properties = { type: "button", class: "tfg-button", "aria-label": label, title: label };
  return make("button", { ...properties, onclick }, icon(name));
}

let made = 0;

/** Return an id that no other element of the page has. */
export function uniqueId(): string {
  made += 1;
  return `tfg-${made}-${Math.random().toString(36).slice(2, 8)}`;
}

/** Return what has the focus, in the page or in the shadow root that a node is in. */
export function activeIn(node: Node): Element | null {
  return (node.getRootNode() as Document | ShadowRoot).activeElement;
}
