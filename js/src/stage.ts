// The widget `Stage`: boxes, texts and buttons of ipywidgets, for pages that have anywidget alone.

import type { AnyModel } from "@anywidget/types";

interface Part {
  id: string;
  kind: "row" | "column" | "html" | "button" | "widget";
  styles?: Record<string, string>;
  inside?: Part[];
  /** The HTML of a text. */
  value?: string;
  description?: string;
  tooltip?: string | null;
  disabled?: boolean;
  /** The widget, as the host knows it. */
  ref?: string;
}

interface Host {
  getWidget(ref: string): Promise<{
    render(place: { el: HTMLElement; signal?: AbortSignal }): Promise<void>;
  }>;
}

interface Place {
  node: HTMLElement;
  /** The HTML that it shows. */
  value: string;
  end: AbortController;
}

interface Traits {
  tree: Part;
}

const STYLE = `
.tfs-stage { font: 13px/1.45 system-ui, sans-serif; }
.tfs-stage-row, .tfs-stage-column { display: flex; }
.tfs-stage-column { flex-direction: column; }
:is(.tfs-stage-row, .tfs-stage-column) > * { min-width: 0; }
.tfs-stage-button {
  height: 28px; padding: 0 12px; font: inherit; color: inherit; cursor: pointer;
  background: transparent; border: 1px solid currentColor; border-radius: 3px;
}
.tfs-stage-button:disabled { opacity: 0.5; cursor: default; }
.tfs-stage-button:focus-visible { outline: 2px solid #1976d2; outline-offset: 1px; }
`;

class StageView {
  readonly root = document.createElement("div");
  readonly #places = new Map<string, Place>();

  constructor(
    private readonly model: AnyModel<Traits>,
    private readonly host: Host | undefined,
  ) {
    this.root.className = "tfs-stage";
  }

  update(): void {
    const seen = new Set<string>();
    arrange(this.root, [this.#drawn(this.model.get("tree"), seen)]);
    for (const [id, { end }] of this.#places) {
      if (seen.has(id)) continue;
      end.abort();
      this.#places.delete(id);
    }
  }

  close(): void {
    for (const { end } of this.#places.values()) end.abort();
  }

  /** Return the element of a part, which stays the same as long as the part is there. */
  #drawn(part: Part, seen: Set<string>): HTMLElement {
    seen.add(part.id);
    let place = this.#places.get(part.id);
    if (!place) {
      place = { node: this.#made(part), value: "", end: new AbortController() };
      this.#places.set(part.id, place);
      if (part.ref) void this.#mount(part.ref, place.node, place.end.signal);
    }
    const { node } = place;
    node.removeAttribute("style");
    for (const [name, value] of Object.entries(part.styles ?? {})) {
      node.style.setProperty(name, value);
    }
    if (part.inside) {
      arrange(
        node,
        part.inside.map((child) => this.#drawn(child, seen)),
      );
    } else if (part.value !== undefined && part.value !== place.value) {
      place.value = part.value;
      const { body } = new DOMParser().parseFromString(part.value, "text/html");
      node.replaceChildren(...body.childNodes);
    } else if (node instanceof HTMLButtonElement) {
      node.textContent = part.description ?? "";
      node.title = part.tooltip ?? "";
      node.disabled = part.disabled ?? false;
    }
    return node;
  }

  #made(part: Part): HTMLElement {
    const node = document.createElement(part.kind === "button" ? "button" : "div");
    node.className = `tfs-stage-${part.kind}`;
    if (node instanceof HTMLButtonElement) {
      node.type = "button";
      node.addEventListener("click", () => this.model.send({ press: part.id }));
    }
    return node;
  }

  async #mount(ref: string, el: HTMLElement, signal: AbortSignal): Promise<void> {
    try {
      const widget = await this.host?.getWidget(ref);
      if (!widget) throw new Error("This front end draws no widgets inside of others.");
      if (!signal.aborted) await widget.render({ el, signal });
    } catch (error) {
      el.textContent = (error as Error).message;
    }
  }
}

/** Put elements in order; what stays in its place is not moved, and so keeps the focus. */
function arrange(box: HTMLElement, nodes: HTMLElement[]): void {
  nodes.forEach((node, at) => {
    if (box.children[at] !== node) box.insertBefore(node, box.children[at] ?? null);
  });
  while (box.children.length > nodes.length) box.lastElementChild?.remove();
}

function render({
  model,
  el,
  host,
}: {
  model: AnyModel<Traits>;
  el: HTMLElement;
  host?: Host;
}): () => void {
  const view = new StageView(model, host);
  const style = document.createElement("style");
  style.textContent = STYLE;
  el.append(style, view.root);
  const update = () => view.update();
  model.on("change:tree", update);
  update();
  return () => {
    model.off("change:tree", update);
    view.close();
  };
}

export default { render };
