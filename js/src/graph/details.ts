/** The panel that says all about what is selected. */

import { iconButton, make, pairs } from "./elements";
import type { Details, End, Size } from "./protocol";
import type { Direction } from "./trace";
import { Values } from "./values";
import { count, kindWord } from "./words";

export type Basics = { id: string; name: string; kind: string; says: string };

export type PanelActions = {
  jump(name: string): void;
  trace(direction: Direction): void;
  toggle(id: string): void;
  close(): void;
  values(): void;
  compute(id: string, on: boolean): void;
};

export class Panel {
  readonly element: HTMLElement;
  #name = make("h3", { class: "tfg-panel-name" });
  #cost = make("p", { class: "tfg-note", hidden: true });
  #facts = make("div", { class: "tfg-facts" });
  /** The first of the facts, which its size is added to. */
  #list = facts([]);
  readonly values: Values;
  #up: HTMLButtonElement;
  #down: HTMLButtonElement;
  #toggle: HTMLButtonElement;
  #compute: HTMLButtonElement;
  #id = "";

  constructor(private actions: PanelActions) {
    const button = (label: string, title: string, onclick: () => void) =>
      make("button", { type: "button", class: "tfg-button tfg-worded", title, onclick }, label);
    this.#up = button("↑ Trace up", "Show only what this depends on (U)", () =>
      actions.trace("up"),
    );
    this.#down = button("↓ Trace down", "Show only what depends on this (D)", () =>
      actions.trace("down"),
    );
    this.values = new Values(() => actions.values());
    this.#toggle = button("Open", "", () => actions.toggle(this.#id));
    this.#compute = button("Compute this too", "Add it to what the form computes", () =>
      actions.compute(this.#id, this.#compute.getAttribute("aria-pressed") !== "true"),
    );
    const close = iconButton("close", "Close details (Escape)", () => actions.close());
    this.element = make(
      "section",
      { class: "tfg-panel", "aria-label": "Details", hidden: true },
      make("div", { class: "tfg-panel-head" }, this.#name, close),
      make(
        "div",
        { class: "tfg-panel-buttons" },
        this.#up,
        this.#down,
        this.#toggle,
        this.#compute,
      ),
      this.#cost,
      this.values.element,
      this.#facts,
    );
  }

  /** Show what is known at once; the rest follows by `fill`. */
  show(basics: Basics, opened: boolean | undefined): void {
    this.#id = basics.id;
    this.values.clear();
    this.#compute.hidden = true;
    this.#name.textContent = basics.name;
    this.#toggle.hidden = opened === undefined;
    this.#toggle.textContent = opened ? "Close" : "Open";
    this.#toggle.title = opened ? "Show it as one node (Enter)" : "Show what is inside (Enter)";
    this.#facts.replaceChildren(
      facts([
        ["Kind", kindWord(basics.kind)],
        ["", basics.says],
      ]),
    );
  }

  fill(details: Details): void {
    this.#name.textContent = details.name;
    this.computed(details.fetched);
    this.#facts.replaceChildren(...(details.op ? this.#operation(details) : this.#group(details)));
  }

  /** Say how large it is, after `fill` has said the rest. */
  measure({ parameters, flops }: Size): void {
    const size = facts([
      ["Parameters", parameters],
      ["FLOPs", flops],
    ]);
    this.#list.append(...size.children);
  }

  fail(message: string): void {
    this.#facts.replaceChildren(make("p", { class: "tfg-error" }, message));
  }

  /** Show whether it is computed; null if that cannot be chosen. */
  computed(isFetched: boolean | null): void {
    this.#compute.hidden = isFetched === null;
    this.#compute.textContent = isFetched ? "✓ Computed" : "Compute this too";
    this.#compute.setAttribute("aria-pressed", String(isFetched === true));
  }

  costs(says: string): void {
    this.#cost.hidden = !says;
    this.#cost.textContent = says && `Cost on these rows: ${says}`;
  }

  traced(directions: Set<Direction>): void {
    this.#up.setAttribute("aria-pressed", String(directions.has("up")));
    this.#down.setAttribute("aria-pressed", String(directions.has("down")));
  }

  #operation(details: Details): HTMLElement[] {
    const kind = kindWord(details.kind);
    const rows: [string, string | Node][] = [
      ["Op", details.op],
      ["Kind", kind === "operation" ? "" : kind],
      ["Column", details.column],
      ["Value", details.value],
      [details.outputs.length === 1 ? "Type" : "Types", details.outputs.join("\n")],
      ["Drawn as", details.part_of && this.#link(details.part_of)],
      ["Note", details.note],
    ];
    this.#list = facts(rows);
    return [
      this.#list,
      ...section("Inputs", this.#ends(details.inputs, details.more_inputs)),
      ...section("Used by", this.#ends(details.consumers, details.more_consumers)),
      ...section("Attributes", details.attributes.length ? [facts(details.attributes)] : []),
    ];
  }

  #group(details: Details): HTMLElement[] {
    this.#list = facts([
      ["Kind", kindWord(details.kind)],
      ["Holds", count(details.operations, "operation")],
      ["Note", details.note],
    ]);
    return [this.#list, ...section("Operations", [facts(details.attributes)])];
  }

  #ends(ends: End[], more: number): HTMLElement[] {
    const rows = ends.map((end) =>
      make(
        "li",
        {},
        this.#link(end.name),
        make("span", { class: "tfg-faint" }, end.is_control ? "order only" : end.spec),
      ),
    );
    if (more)
      rows.push(make("li", { class: "tfg-faint" }, `and ${more.toLocaleString("en")} more`));
    return rows.length ? [make("ul", { class: "tfg-ends" }, ...rows)] : [];
  }

  #link(name: string): HTMLButtonElement {
    const title = `Go to ${name}`;
    const onclick = () => this.actions.jump(name);
    return make("button", { type: "button", class: "tfg-link", title, onclick }, name);
  }
}

function section(title: string, content: HTMLElement[]): HTMLElement[] {
  return content.length ? [make("h4", { class: "tfg-panel-title" }, title), ...content] : [];
}

function facts(rows: [string, string | Node][]): HTMLElement {
  return pairs(rows.filter(([, value]) => value !== ""));
}
