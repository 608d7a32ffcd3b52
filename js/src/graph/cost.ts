/** What operations cost on the rows: colours in the drawing, their legend, and a sorted list. */

import { activeIn, make } from "./elements";
import type { Cost, Costly } from "./protocol";

type By = "time" | "bytes";

const SHOWN = 30;

export class CostPanel {
  readonly element = make("section", { class: "tfg-cost", "aria-label": "Cost", hidden: true });
  #by: By = "time";
  #cost: Cost | null = null;

  constructor(
    private jump: (name: string) => void,
    private onChange: () => void,
  ) {}

  show(cost: Cost | null): void {
    this.#cost = cost;
    const focused = this.element.contains(activeIn(this.element));
    this.element.hidden = !cost;
    this.element.replaceChildren(...(cost ? [this.#head(cost), this.#list(cost)] : []));
    if (focused) this.element.querySelector<HTMLElement>("[aria-pressed='true']")?.focus();
    this.onChange();
  }

  /** Return how warm each node on show is, from 0 to 1. */
  heat(): Map<string, number> {
    const nodes = Object.entries(this.#cost?.nodes ?? {});
    const most = Math.max(...nodes.map(([, node]) => node[this.#by]), Number.MIN_VALUE);
    // So that what costs a tenth of the most is seen to cost something.
    return new Map(nodes.map(([id, node]) => [id, Math.sqrt(node[this.#by] / most)]));
  }

  says(id: string): string {
    const node = this.#cost?.nodes[id] ?? this.#cost?.boxes[id];
    return node ? words(node) : "";
  }

  #head(cost: Cost): HTMLElement {
    const button = (by: By, label: string) =>
      make(
        "button",
        {
          type: "button",
          class: "tfg-button tfg-worded",
          "aria-pressed": String(by === this.#by),
          onclick: () => {
            this.#by = by;
            this.show(this.#cost);
          },
        },
        label,
      );
    const scale = make("span", { class: "tfg-scale", "aria-hidden": "true" });
    return make(
      "div",
      { class: "tfg-cost-head" },
      button("time", "Time"),
      button("bytes", "Bytes"),
      make("span", { class: "tfg-faint" }, "none"),
      scale,
      make("span", { class: "tfg-faint" }, "the most on show"),
      make("span", { class: "tfg-cost-total" }, cost.total),
    );
  }

  #list(cost: Cost): HTMLElement {
    const by = this.#by;
    const sorted = [...cost.list].sort((a, b) => b[by] - a[by]).slice(0, SHOWN);
    const items = sorted.map((each) =>
      make(
        "li",
        {},
        make(
          "button",
          {
            type: "button",
            class: "tfg-link",
            title: `Go to ${each.name}`,
            onclick: () => this.jump(each.name),
          },
          each.is_scope ? `${each.name}/` : each.name,
        ),
        make("span", { class: "tfg-share", style: `--share:${(100 * each[by]).toFixed(1)}%` }),
        make("span", { class: "tfg-faint" }, words(each)),
      ),
    );
    return make(
      "ol",
      { class: "tfg-costs", tabindex: 0, "aria-label": "The most first" },
      ...items,
    );
  }
}

function words({ time, says }: Costly): string {
  return `${(100 * time).toFixed(0)} %, ${says}`;
}
