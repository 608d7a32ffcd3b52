// The widget `TrainingCurve`: the losses and metrics of a training, drawn anew as they come.

import type { AnyModel, RenderProps } from "@anywidget/types";
import { Chart, type Panel, read } from "./curve/chart";
import { STYLE } from "./curve/style";
import { followTheme } from "./graph/theme";
import { whenEnded, writeStill } from "./notebook";

export interface Traits {
  panels: Panel[];
  /** How many epochs the lines have room for. */
  epochs: number;
  /** What the cell keeps while the training runs. */
  still: { cell: string; data: Record<string, unknown> } | Record<string, never>;
}

const TWO_COLUMNS = 620;
const GAP = 24;

function render({ model, el }: RenderProps<Traits>): () => void {
  const style = document.createElement("style");
  style.textContent = STYLE;
  const root = document.createElement("div");
  root.className = "tfs-curve";
  el.append(style, root);
  const charts: Chart[] = [];

  const update = () => {
    const panels = model.get("panels").map(read);
    while (charts.length < panels.length) {
      const chart = new Chart();
      charts.push(chart);
      root.append(chart.root);
    }
    for (const gone of charts.splice(panels.length)) gone.root.remove();
    const whole = root.clientWidth;
    const columns = panels.length > 1 && whole >= TWO_COLUMNS ? 2 : 1;
    root.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    const width = Math.floor((whole - GAP * (columns - 1)) / columns);
    panels.forEach((panel, at) => {
      charts[at]?.update(panel, model.get("epochs"), width);
    });
  };

  const keep = () => {
    const { cell, data } = model.get("still") ?? {};
    if (cell) writeStill(model as unknown as AnyModel, cell, data);
  };

  const endTheme = followTheme(document, (dark) => root.classList.toggle("tfs-dark", dark));
  const leave = whenEnded(model as unknown as AnyModel, () => root.classList.add("tfs-stopped"));
  const sized = new ResizeObserver(update);
  sized.observe(root);
  model.on("change:panels", update);
  model.on("change:epochs", update);
  model.on("change:still", keep);
  update();
  keep();
  return () => {
    sized.disconnect();
    endTheme();
    leave();
    model.off("change:panels", update);
    model.off("change:epochs", update);
    model.off("change:still", keep);
  };
}

export default { render };
