/** What the colours of nodes mean: one entry for each kind of operation that is on show. */

import { make } from "./elements";
import type { View } from "./protocol";

export class Legend {
  readonly element = make("div", {
    class: "tfg-legend",
    role: "list",
    "aria-label": "Colours",
    hidden: true,
  });

  show({ nodes }: View): void {
    const kinds = [...new Set(nodes.map(({ does }) => does).filter(Boolean))].sort();
    this.element.replaceChildren(
      ...kinds.map((kind) =>
        make(
          "span",
          { role: "listitem" },
          make("span", { class: `tfg-swatch tfg-is-${kind.split(/\W/, 1)[0]}` }),
          kind,
        ),
      ),
    );
    // One colour says nothing.
    this.element.hidden = kinds.length < 2;
  }
}
