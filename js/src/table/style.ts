// Colours are the notebook's where it has them. Pinned cells hide what moves below them, so that
// their colours are mixed, not transparent.
export const STYLE = `
.tft-root {
  --tft-fg0: #1f2328; --tft-dim0: #59636e; --tft-bg0: #ffffff; --tft-line0: #d0d4da;
  --tft-brand0: #1662c4; --tft-bad0: #b3261e; --tft-blue: #3c82eb; --tft-green: #2da55f;
  --tft-fg: var(--jp-ui-font-color1, var(--vscode-foreground, var(--tft-fg0)));
  --tft-dim: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, var(--tft-dim0)));
  --tft-bg: var(--jp-layout-color0, var(--vscode-editor-background, var(--tft-bg0)));
  --tft-line: var(--jp-border-color2, var(--vscode-panel-border, var(--tft-line0)));
  --tft-brand: var(--jp-brand-color1, var(--vscode-focusBorder, var(--tft-brand0)));
  --tft-bad: var(--jp-error-color1, var(--vscode-errorForeground, var(--tft-bad0)));
  --tft-warn: color-mix(in srgb, var(--tft-bad), var(--tft-fg) 35%);
  --tft-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace));
  margin: 6px 0 2px; color: var(--tft-fg);
  font: 13px/1.45 var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
}
.tft-root.tft-dark {
  --tft-fg0: #e4e6ea; --tft-dim0: #a2a9b4; --tft-bg0: #1b1d21; --tft-line0: #454a52;
  --tft-brand0: #6aa9ff; --tft-bad0: #ff8a80;
}
.tft-root *, .tft-root *::before { box-sizing: border-box; }
.tft-root [hidden] { display: none; }
.tft-tools { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; margin-bottom: 6px; }
.tft-filter {
  flex: 0 1 340px; min-width: 160px; height: 26px; padding: 0 8px; border: 1px solid var(--tft-line);
  border-radius: 3px; background: var(--tft-bg); color: var(--tft-fg); font: inherit;
}
.tft-filter::placeholder { color: var(--tft-dim); opacity: 1; }
.tft-status, .tft-faint { color: var(--tft-dim); font-size: 12px; }
.tft-error { color: var(--tft-bad); font-size: 12px; overflow-wrap: anywhere; }
.tft-error:not(:empty) { padding-bottom: 6px; }
.tft-scroll {
  position: relative; overflow: auto; overflow-anchor: none; max-height: 460px; max-width: 100%;
}
.tft-root .tft-table {
  table-layout: fixed; border-collapse: separate; border-spacing: 0; border: none; margin: 0;
  font-size: 13px; color: inherit;
}
.tft-root .tft-table tr, .tft-root .tft-table tr:hover { background: none; }
.tft-root .tft-cell {
  padding: 2px 10px; border: none; background: var(--tft-back, var(--tft-bg)); text-align: left;
  vertical-align: middle; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  max-width: none; font-weight: normal; line-height: 1.4; cursor: default;
}
.tft-root td.tft-cell { font-family: var(--tft-mono); font-size: 12px; }
.tft-root td.tft-kind-text { font-family: inherit; font-size: 13px; }
.tft-root .tft-head { position: sticky; top: 0; z-index: 2; vertical-align: top; border-bottom: 1px solid var(--tft-line); }
.tft-root .tft-head[data-column] { cursor: pointer; }
.tft-root .tft-number {
  position: sticky; left: 0; z-index: 1; text-align: right; color: var(--tft-dim); font-size: 11px;
  font-variant-numeric: tabular-nums;
}
.tft-root .tft-head.tft-number { z-index: 4; vertical-align: bottom; }
.tft-root .tft-pinned { position: sticky; z-index: 1; }
.tft-root .tft-head.tft-pinned { z-index: 3; }
.tft-root .tft-edge { border-right: 1px solid var(--tft-line); }
.tft-output { --tft-back: color-mix(in srgb, var(--tft-bg), var(--tft-green) 12%); }
.tft-fed { --tft-back: color-mix(in srgb, var(--tft-bg), var(--tft-blue) 11%); }
.tft-head.tft-output { --tft-back: color-mix(in srgb, var(--tft-bg), var(--tft-green) 22%); }
.tft-head.tft-fed { --tft-back: color-mix(in srgb, var(--tft-bg), var(--tft-blue) 20%); }
.tft-root .tft-numeric { text-align: right; }
.tft-root .tft-kind-null > span { font-style: italic; color: var(--tft-dim); }
.tft-root .tft-kind-nan > span { font-weight: bold; color: var(--tft-warn); }
.tft-root .tft-kind-bytes > span, .tft-root .tft-kind-waiting { color: var(--tft-dim); }
.tft-root tr:hover > td.tft-cell { --tft-over: 6%; }
.tft-root td.tft-cell {
  background: color-mix(in srgb, var(--tft-back, var(--tft-bg)), var(--tft-fg) var(--tft-over, 0%));
}
.tft-root td.tft-open { box-shadow: inset 0 0 0 2px var(--tft-brand); }
.tft-root .tft-cell:focus-visible, .tft-root .tft-scroll:focus-visible, .tft-root :is(button, input, pre):focus-visible {
  outline: 2px solid var(--tft-brand); outline-offset: -2px;
}
.tft-root .tft-cell img {
  display: inline-block; vertical-align: middle; margin: 0 8px 0 0; max-width: none;
}
.tft-crisp { image-rendering: pixelated; }
.tft-gap td, .tft-blank { padding: 0 !important; border: none !important; background: none; }
.tft-name { font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
[aria-sort="ascending"] > .tft-name::after { content: " \\2191"; }
[aria-sort="descending"] > .tft-name::after { content: " \\2193"; }
.tft-head[data-column]:hover > .tft-name { text-decoration: underline; text-decoration-thickness: 1px; }
.tft-type { font: 11px/1.4 var(--tft-mono); color: var(--tft-dim); overflow: hidden; text-overflow: ellipsis; }
.tft-note, .tft-says { font-size: 11px; overflow: hidden; text-overflow: ellipsis; }
.tft-says { color: var(--tft-dim); min-height: 16px; font-variant-numeric: tabular-nums; }
.tft-says.tft-lacks { color: var(--tft-warn); }
.tft-sum { min-height: 24px; margin-top: 2px; text-align: left; }
.tft-sum svg { display: block; border-bottom: 1px solid var(--tft-line); }
.tft-bar { fill: color-mix(in srgb, var(--tft-fg), var(--tft-bg) 45%); }
.tft-hit { fill: transparent; }
.tft-where { cursor: pointer; }
.tft-where:hover > .tft-bar { fill: var(--tft-brand); }
.tft-where:hover > .tft-hit { fill: color-mix(in srgb, transparent, var(--tft-brand) 15%); }
.tft-top {
  display: flex; justify-content: space-between; gap: 8px; font-size: 11px; line-height: 15px; padding: 0 3px;
  background: linear-gradient(to right, color-mix(in srgb, transparent, var(--tft-fg) 16%) var(--share), transparent 0);
}
.tft-top > span:first-child { overflow: hidden; text-overflow: ellipsis; }
.tft-top.tft-where:hover > span:first-child { text-decoration: underline; }
.tft-foot { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; padding: 6px 0 2px; }
.tft-caption { font: 12px/1.5 var(--tft-mono); color: var(--tft-dim); min-width: 0; overflow-wrap: anywhere; }
.tft-button {
  flex: none; height: 26px; padding: 0 12px; border: 1px solid var(--tft-line); border-radius: 3px;
  background: var(--tft-bg); color: var(--tft-fg); font: inherit; cursor: pointer;
}
.tft-button[aria-disabled="true"] { color: var(--tft-dim); cursor: default; }
.tft-button:not([aria-disabled="true"]):hover { border-color: var(--tft-brand); }
.tft-inspector { margin-top: 8px; padding: 8px 10px; border: 1px solid var(--tft-line); border-radius: 4px; }
.tft-bar-of { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; }
.tft-root .tft-title { flex: 1; min-width: 0; margin: 0; font-size: 13px; font-weight: 600; overflow-wrap: anywhere; }
.tft-title .tft-type { margin-left: 10px; }
.tft-root .tft-facts { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0; font-size: 12px; }
.tft-root .tft-facts:empty { display: none; }
.tft-root .tft-facts dt { color: var(--tft-dim); margin: 0 -10px 0 0; padding: 0; font-weight: normal; }
.tft-root .tft-facts dd { margin: 0; padding: 0; font-variant-numeric: tabular-nums; }
.tft-large { overflow: auto; max-height: 420px; }
.tft-large:empty { display: none; }
.tft-root .tft-large img { display: block; margin: 4px 0; max-width: 100%; height: auto; }
.tft-root .tft-text {
  margin: 4px 0 0; padding: 6px 8px; max-height: 260px; overflow: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; border: none; border-radius: 3px; color: inherit;
  font: 12px/1.45 var(--tft-mono); background: color-mix(in srgb, var(--tft-bg), var(--tft-fg) 5%);
}
.tft-text:empty { display: none; }
/* The table for pages without a kernel stands below the one that is alive: one is enough. */
.jp-OutputArea:has(.tft-root) .tfs-rows { display: none; }
@media (forced-colors: active) { .tft-bar { fill: CanvasText; } }
`;
