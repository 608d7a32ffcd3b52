// Colours are the notebook's where it has them; else those of VS Code, or of the system.
export const STYLE = `
.tfs-form {
  --tfs-fg0: #1f2328; --tfs-dim0: #59636e; --tfs-bg0: #ffffff; --tfs-soft0: #f4f5f7;
  --tfs-line0: #d0d4da; --tfs-brand0: #1662c4; --tfs-bad0: #b3261e;
  --tfs-fg: var(--jp-ui-font-color1, var(--vscode-foreground, var(--tfs-fg0)));
  --tfs-dim: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, var(--tfs-dim0)));
  --tfs-bg: var(--jp-layout-color0, var(--vscode-input-background, var(--tfs-bg0)));
  --tfs-soft: var(--jp-cell-editor-background, var(--vscode-textCodeBlock-background, var(--tfs-soft0)));
  --tfs-line: var(--jp-border-color1, var(--vscode-panel-border, var(--tfs-line0)));
  --tfs-brand: var(--jp-brand-color1, var(--vscode-focusBorder, var(--tfs-brand0)));
  --tfs-button: var(--tfs-brand);
  --tfs-bad: var(--jp-error-color1, var(--vscode-errorForeground, var(--tfs-bad0)));
  --tfs-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace));
  container-type: inline-size; box-sizing: border-box; margin: 4px 0; max-width: 1400px;
  color: var(--tfs-fg); border: 1px solid var(--tfs-line); border-radius: 4px;
  font: 13px/1.45 var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
}
.tfs-form.tfs-dark {
  --tfs-fg0: #e4e6ea; --tfs-dim0: #a2a9b4; --tfs-bg0: #1b1d21; --tfs-soft0: #26292e;
  --tfs-line0: #454a52; --tfs-brand0: #6aa9ff; --tfs-bad0: #ff8a80;
  /* White text is read on it, as it is not on the bright colour of lines. */
  --tfs-button: var(--jp-brand-color0, var(--vscode-button-background, #1662c4));
}
.tfs-form *, .tfs-form *::before { box-sizing: border-box; }
.tfs-form [hidden] { display: none; }
.tfs-form summary { cursor: pointer; user-select: none; }
.tfs-form :is(summary, button, select, input):focus-visible {
  outline: 2px solid var(--tfs-brand); outline-offset: 1px;
}
.tfs-head { padding: 6px 10px; border-radius: 4px; overflow-wrap: anywhere; }
.tfs-title { font-weight: 600; margin-right: 10px; }
.tfs-summary { color: var(--tfs-dim); font-family: var(--tfs-mono); font-size: 12px; }
.tfs-body { padding: 8px 12px 12px; border-top: 1px solid var(--tfs-line); }
.tfs-columns { display: grid; gap: 8px 36px; align-items: start; }
.tfs-grid {
  display: grid; grid-template-columns: 36% minmax(0, 1fr); gap: 8px 12px;
}
.tfs-grid:empty { display: none; }
.tfs-grid > .tfs-button { grid-column: -2 / -1; justify-self: start; }
.tfs-label {
  display: flex; flex-wrap: wrap; gap: 0 8px; align-content: flex-start; align-items: baseline;
  min-width: 118px; padding-top: 4px; overflow-wrap: anywhere; line-height: 1.5;
}
.tfs-label > * { min-width: 0; }
.tfs-inner { padding-left: 12px; }
.tfs-inner .tfs-name { font-family: var(--tfs-mono); }
.tfs-cell { min-width: 0; }
.tfs-detail { color: var(--tfs-dim); font-family: var(--tfs-mono); font-size: 11.5px; }
.tfs-columns > .tfs-grid .tfs-name { font-family: var(--tfs-mono); }
.tfs-columns > .tfs-grid .tfs-label:first-child .tfs-name { font-family: inherit; }
.tfs-line { display: flex; flex-wrap: wrap; gap: 6px; }
.tfs-form select, .tfs-form input[type="text"] {
  height: 28px; min-width: 0; max-width: 100%; margin: 0; padding: 0 7px; font: inherit;
  color: var(--tfs-fg); background: var(--tfs-bg); border: 1px solid var(--tfs-line);
  border-radius: 3px;
}
.tfs-form input[type="text"] { flex: 1 1 110px; font-family: var(--tfs-mono); font-size: 12px; }
.tfs-form input::placeholder { color: var(--tfs-dim); opacity: 0.8; }
.tfs-form select { flex: 1 1 200px; text-overflow: ellipsis; }
.tfs-form option { color: var(--tfs-fg); background: var(--tfs-bg); }
.tfs-form option:disabled { color: var(--tfs-dim); opacity: 0.75; }
.tfs-form :is(select, input[type="text"]):disabled { opacity: 0.55; }
.tfs-form :is(select, input[type="text"]).tfs-wrong { border-color: var(--tfs-bad); }
.tfs-form input[type="checkbox"] { accent-color: var(--tfs-brand); margin: 0; flex: none; }
.tfs-many { display: flex; flex-wrap: wrap; gap: 3px 16px; padding-top: 4px; max-height: 132px; overflow: auto; }
.tfs-check { display: inline-flex; align-items: center; gap: 6px; min-height: 22px; overflow-wrap: anywhere; }
.tfs-many .tfs-check { font-family: var(--tfs-mono); font-size: 12px; }
label.tfs-check { padding-top: 2px; }
.tfs-many label.tfs-check { padding-top: 0; }
.tfs-check[data-place]:not([data-place=""])::after {
  content: attr(data-place); min-width: 16px; padding: 0 4px; border-radius: 8px; font-size: 11px;
  line-height: 16px; text-align: center; color: var(--tfs-dim); background: var(--tfs-soft);
}
.tfs-off { color: var(--tfs-dim); }
.tfs-error, .tfs-bad { color: var(--tfs-bad); }
.tfs-error, .tfs-note { padding-top: 3px; font-size: 12px; line-height: 1.4; overflow-wrap: anywhere; }
:is(.tfs-error, .tfs-note):empty { display: none; }
.tfs-note { color: var(--tfs-dim); }
.tfs-more { margin-top: 10px; }
.tfs-more > summary { color: var(--tfs-dim); width: max-content; padding-right: 4px; }
.tfs-more[open] > summary { margin-bottom: 8px; }
.tfs-codes { margin-top: 14px; display: grid; gap: 4px; }
.tfs-code { display: flex; align-items: flex-start; background: var(--tfs-soft); border-radius: 3px; }
.tfs-code pre {
  flex: 1; min-width: 0; margin: 0; padding: 5px 10px; background: none; color: var(--tfs-fg);
  font: 12px/1.5 var(--tfs-mono); white-space: pre-wrap; word-break: normal;
  overflow-wrap: anywhere;
}
.tfs-code pre code { font: inherit; background: none; color: inherit; padding: 0; }
.tfs-form button { font: inherit; color: var(--tfs-fg); cursor: pointer; }
.tfs-copy {
  flex: none; min-width: 62px; height: 22px; margin: 3px 4px; padding: 0 8px; background: none;
  border: 1px solid transparent; border-radius: 3px; font-size: 12px !important;
  color: var(--tfs-dim) !important;
}
.tfs-copy:hover { border-color: var(--tfs-line); color: var(--tfs-fg) !important; }
.tfs-buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-top: 10px; }
.tfs-button {
  height: 28px; padding: 0 16px; border: 1px solid var(--tfs-line); border-radius: 3px;
  background: var(--tfs-bg);
}
.tfs-button.tfs-primary { background: var(--tfs-button); border-color: var(--tfs-button); color: #fff !important; }
.tfs-button[aria-disabled="true"] { opacity: 0.45; cursor: default; }
.tfs-button:not([aria-disabled="true"]):hover { filter: brightness(0.95); }
.tfs-buttons > .tfs-copy { margin-left: auto; }
.tfs-notice {
  margin-bottom: 12px; padding: 5px 10px; background: var(--tfs-soft); border-radius: 3px;
  border-left: 3px solid var(--tfs-brand); overflow-wrap: anywhere;
}
.tfs-notice:empty { display: none; }
.tfs-reason { color: var(--tfs-dim); font-size: 12px; }
.tfs-unseen { position: absolute; opacity: 0; pointer-events: none; }
@container (min-width: 760px) {
  .tfs-columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .tfs-grid { grid-template-columns: fit-content(46%) minmax(0, 1fr); }
}
@container (max-width: 420px) {
  .tfs-grid { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  .tfs-cell { margin-bottom: 8px; }
}
/* Jupyter Notebook puts tall outputs into a low window that scrolls, unasked. */
body[data-notebook] .jp-mod-outputsScrolled .jp-Cell-outputArea:has(.tfs-form) {
  max-height: none; resize: none;
}
body[data-notebook] .jp-mod-outputsScrolled .jp-Cell-outputArea:has(.tfs-form)::after { display: none; }
@media (forced-colors: active) { .tfs-button, .tfs-copy { border-color: ButtonText; } }
`;
