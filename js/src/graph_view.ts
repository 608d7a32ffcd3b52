/** The widget `GraphView`, as anywidget loads it. */

import type { RenderProps } from "@anywidget/types";
import styles from "./graph/graph_view.css";
import type { Traits } from "./graph/protocol";
import { GraphView } from "./graph/view";

function render({ model, el }: RenderProps<Traits>): () => void {
  const style = document.createElement("style");
  style.textContent = styles;
  const view = new GraphView(model);
  el.append(style, view.element);
  return () => view.close();
}

export default { render };
