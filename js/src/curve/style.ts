// Colours are the notebook's where it has them; the two lines differ in colour and in dashes.
export const STYLE = `
.tfs-curve {
  --tfs-fg0: #1f2328; --tfs-dim0: #59636e; --tfs-line0: #d0d4da;
  --tfs-training: #1662c4; --tfs-validation: #b3541e;
  --tfs-fg: var(--jp-ui-font-color1, var(--vscode-foreground, var(--tfs-fg0)));
  --tfs-dim: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, var(--tfs-dim0)));
  --tfs-line: var(--jp-border-color2, var(--vscode-panel-border, var(--tfs-line0)));
  display: grid; gap: 10px 24px; margin: 6px 0 2px; max-width: 1100px; color: var(--tfs-fg);
  font: 12px/1.5 var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
}
.tfs-curve.tfs-dark { --tfs-fg0: #e4e6ea; --tfs-dim0: #a2a9b4; --tfs-line0: #454a52; --tfs-training: #6aa9ff; --tfs-validation: #ffb074; }
.tfs-chart { min-width: 0; }
.tfs-chart svg { display: block; overflow: visible; }
.tfs-chart-head { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; padding-left: 4px; min-height: 36px; align-content: flex-start; }
.tfs-chart-head > span { display: flex; flex-wrap: wrap; gap: 0 12px; font-variant-numeric: tabular-nums; }
.tfs-when { color: var(--tfs-dim); }
.tfs-key::before { content: ""; display: inline-block; width: 14px; margin: 0 5px 3px 0; border-top: 2px solid var(--tfs-training); }
.tfs-key-validation::before { border-top: 2px dashed var(--tfs-validation); }
.tfs-key-now::before { border-top-width: 1px; opacity: 0.7; }
.tfs-line-training, .tfs-line-validation, .tfs-line-now { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
.tfs-line-training { stroke: var(--tfs-training); }
.tfs-line-validation { stroke: var(--tfs-validation); stroke-dasharray: 5 3; }
.tfs-line-now { stroke: var(--tfs-training); stroke-width: 1; opacity: 0.7; }
.tfs-dot-training { fill: var(--tfs-training); }
.tfs-dot-validation { fill: var(--tfs-validation); }
.tfs-grid-line { stroke: var(--tfs-line); stroke-width: 1; }
.tfs-guide { stroke: var(--tfs-dim); stroke-width: 1; stroke-dasharray: 2 2; }
.tfs-tick { fill: var(--tfs-dim); font-size: 11px; }
/* A training whose kernel has ended neither goes on nor can be cancelled. */
.jp-OutputArea-output:has(.tfs-stopped) .widget-hbox:has([role="progressbar"]) { display: none; }
.jp-OutputArea-output:has(.tfs-stopped):has([role="progressbar"])::before {
  content: "The kernel has ended: run this cell again to train.";
}
/* The picture for pages without a kernel stands after the lines that are alive: one is enough. */
.jp-OutputArea:has(.tfs-curve) .tfs-still { display: none; }
`;
