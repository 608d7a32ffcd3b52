var Z=`.tfg-view {
  --ink: var(--jp-ui-font-color1, #1f2329);
  --faint: var(--jp-ui-font-color2, #5f6570);
  --ground: var(--jp-layout-color1, #fff);
  --raised: var(--jp-layout-color1, #fff);
  --hover: var(--jp-layout-color2, #eef0f3);
  --border: var(--jp-border-color2, #d5d9df);
  --accent: var(--jp-brand-color1, #1976d2);
  --wrong: var(--jp-error-color1, #c62828);
  --line: #7a7a7a;
  --quiet: #5f6570;
  border: 1px solid var(--border);
  border-radius: 3px;
  background: var(--ground);
  color: var(--ink);
  font:
    var(--jp-ui-font-size1, 13px) / 1.4
    var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif);
  margin: 2px 0;
  box-sizing: border-box;
}
.tfg-view[data-theme="dark"] {
  --ink: var(--jp-ui-font-color1, #e6e6e6);
  --faint: var(--jp-ui-font-color2, #a9afb8);
  --ground: var(--jp-layout-color1, #1b1d21);
  --raised: var(--jp-layout-color2, #26292e);
  --hover: var(--jp-layout-color3, #34383f);
  --border: var(--jp-border-color2, #43484f);
  --accent: var(--jp-brand-color1, #64b5f6);
  --wrong: var(--jp-error-color1, #ef9a9a);
  --line: #8d949e;
  --quiet: #aeb5bf;
}
.tfg-view *,
.tfg-view *::before {
  box-sizing: border-box;
}
.tfg-view [hidden] {
  display: none;
}

.tfg-bar {
  display: flex;
  align-items: center;
  gap: 2px;
  padding: 3px 4px;
  border-bottom: 1px solid var(--border);
}
.tfg-gap {
  width: 1px;
  height: 16px;
  margin: 0 4px;
  background: var(--border);
}
.tfg-button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  flex: none;
  min-width: 26px;
  height: 26px;
  padding: 0 5px;
  border: 1px solid transparent;
  border-radius: 3px;
  background: none;
  color: var(--ink);
  font: inherit;
  cursor: pointer;
}
.tfg-button:hover {
  background: var(--hover);
}
.tfg-button[aria-pressed="true"] {
  border-color: var(--accent);
  color: var(--accent);
}
.tfg-worded {
  border-color: var(--border);
  padding: 0 8px;
}
.tfg-icon {
  width: 16px;
  height: 16px;
  fill: none;
  stroke: currentcolor;
  stroke-width: 1.4;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.tfg-view :focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: -1px;
}

.tfg-search {
  position: relative;
  flex: 1 1 160px;
  min-width: 100px;
  margin: 0 4px;
}
.tfg-search-input {
  width: 100%;
  height: 26px;
  margin: 0;
  padding: 0 8px;
  border: 1px solid var(--border);
  border-radius: 3px;
  background: var(--ground);
  color: var(--ink);
  font: inherit;
}
.tfg-search-input::placeholder {
  color: var(--faint);
  opacity: 1;
}
.tfg-popup {
  position: absolute;
  z-index: 10;
  top: 28px;
  left: 0;
  min-width: 100%;
  max-width: min(560px, 90vw);
  border: 1px solid var(--border);
  border-radius: 3px;
  background: var(--raised);
  box-shadow: 0 2px 8px rgb(0 0 0 / 25%);
}
.tfg-found {
  max-height: 240px;
  margin: 0;
  padding: 0;
  overflow: auto;
  list-style: none;
}
.tfg-option {
  display: flex;
  justify-content: space-between;
  gap: 16px;
  margin: 0;
  padding: 3px 8px;
  cursor: pointer;
}
.tfg-option:hover {
  background: var(--hover);
}
.tfg-option[aria-selected="true"] {
  background: var(--hover);
  box-shadow: inset 2px 0 var(--accent);
}
.tfg-option > span {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.tfg-name,
.tfg-option > span,
.tfg-link,
.tfg-value {
  unicode-bidi: isolate;
}
.tfg-option > .tfg-faint {
  flex: none;
  max-width: 50%;
}
.tfg-found-count {
  padding: 3px 8px;
  color: var(--faint);
  border-top: 1px solid var(--border);
}
.tfg-found:empty + .tfg-found-count {
  border: 0;
}
.tfg-faint {
  color: var(--faint);
}
.tfg-holder {
  position: relative;
}
.tfg-menu {
  left: auto;
  right: 0;
  min-width: 170px;
  padding: 3px 0;
}
.tfg-item {
  display: block;
  width: 100%;
  padding: 4px 12px;
  border: 0;
  background: none;
  color: var(--ink);
  font: inherit;
  text-align: left;
  white-space: nowrap;
  cursor: pointer;
}
.tfg-item:hover,
.tfg-item:focus {
  background: var(--hover);
}

.tfg-help {
  padding: 8px 12px;
  border-bottom: 1px solid var(--border);
}
.tfg-help .tfg-list {
  display: grid;
  grid-template-columns: repeat(2, max-content 1fr);
  gap: 2px 16px;
}
.tfg-narrow .tfg-help .tfg-list {
  grid-template-columns: max-content 1fr;
}
.tfg-help .tfg-key {
  font-weight: 600;
  white-space: nowrap;
}
.tfg-help .tfg-value {
  color: var(--faint);
}

.tfg-body {
  position: relative;
}
.tfg-canvas {
  position: relative;
  min-height: 160px;
  overflow: hidden;
  resize: vertical;
}
.tfg-svg {
  display: block;
  width: 100%;
  height: 100%;
  cursor: grab;
  user-select: none;
  touch-action: pan-y;
}
.tfg-svg.tfg-dragging {
  cursor: grabbing;
}
.tfg-svg:focus-visible {
  outline-offset: -2px;
}
.tfg-text {
  height: 100%;
  margin: 0;
  padding: 8px 12px;
  overflow: auto;
  background: none;
  color: inherit;
}
.tfg-more {
  position: absolute;
  padding: 1px 8px;
  border: 1px solid var(--border);
  border-radius: 10px;
  background: var(--ground);
  color: var(--faint);
  font: inherit;
  font-size: 12px;
  cursor: pointer;
}
.tfg-more:hover {
  color: var(--ink);
}
.tfg-more:is(.tfg-more-up, .tfg-more-down) {
  left: 50%;
  transform: translateX(-50%);
}
.tfg-more-up {
  top: 4px;
}
.tfg-more-down {
  bottom: 4px;
}
.tfg-more:is(.tfg-more-left, .tfg-more-right) {
  top: 50%;
  transform: translateY(-50%);
}
.tfg-more-left {
  left: 4px;
}
.tfg-more-right {
  right: 4px;
}
.tfg-hint {
  position: absolute;
  bottom: 10px;
  left: 50%;
  padding: 3px 10px;
  border-radius: 3px;
  background: var(--ink);
  color: var(--ground);
  opacity: 0;
  transform: translateX(-50%);
  transition: opacity 0.15s;
  pointer-events: none;
}
.tfg-hint.tfg-on {
  opacity: 0.85;
}

.tfg-panel {
  position: absolute;
  top: 0;
  right: 0;
  bottom: 0;
  width: var(--panel, 300px);
  padding: 8px 12px 12px;
  overflow: auto;
  border-left: 1px solid var(--border);
}
.tfg-detailed .tfg-canvas {
  margin-right: var(--panel, 300px);
}
.tfg-splitter {
  position: absolute;
  top: 0;
  right: calc(var(--panel, 300px) - 4px);
  bottom: 0;
  z-index: 1;
  width: 7px;
  cursor: col-resize;
  touch-action: none;
}
.tfg-view:not(.tfg-detailed) .tfg-splitter {
  display: none;
}
.tfg-splitter:is(:hover, :focus-visible) {
  background: var(--border);
}
.tfg-panel-head {
  display: flex;
  align-items: flex-start;
  gap: 4px;
}
.tfg-panel h3.tfg-panel-name {
  flex: 1;
  min-width: 0;
  margin: 2px 0 6px;
  color: var(--ink);
  font: 600 var(--jp-ui-font-size1, 13px) / 1.4 var(--jp-ui-font-family, system-ui, sans-serif);
  overflow-wrap: anywhere;
  unicode-bidi: isolate;
}
.tfg-panel-buttons {
  display: flex;
  flex-wrap: wrap;
  gap: 4px;
  margin-bottom: 8px;
}
.tfg-panel h4.tfg-panel-title {
  margin: 10px 0 3px;
  color: var(--faint);
  font: 600 var(--jp-ui-font-size0, 11px) / 1.4 var(--jp-ui-font-family, system-ui, sans-serif);
}
.tfg-list {
  display: grid;
  grid-template-columns: max-content 1fr;
  gap: 1px 12px;
}
.tfg-pair {
  display: contents;
}
.tfg-facts .tfg-key {
  max-width: 130px;
  overflow: hidden;
  color: var(--faint);
  font-weight: normal;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.tfg-facts .tfg-value {
  min-width: 0;
  font-family: var(--jp-code-font-family, ui-monospace, monospace);
  font-size: 0.95em;
  overflow-wrap: anywhere;
  white-space: pre-line;
}
.tfg-ends {
  margin: 0;
  padding: 0;
  list-style: none;
}
.tfg-ends li {
  margin: 0;
  overflow-wrap: anywhere;
}
.tfg-ends li > .tfg-faint {
  margin-left: 8px;
  font-size: 0.95em;
}
.tfg-link {
  display: inline;
  padding: 0;
  border: 0;
  background: none;
  color: var(--accent);
  font: inherit;
  text-align: left;
  overflow-wrap: anywhere;
  cursor: pointer;
}
.tfg-link:hover {
  text-decoration: underline;
}
.tfg-status {
  min-height: 24px;
  padding: 2px 8px;
  border-top: 1px solid var(--border);
  color: var(--faint);
  overflow-wrap: anywhere;
}
.tfg-view .tfg-error {
  color: var(--wrong);
}

/* Below the drawing, which keeps its size. */
.tfg-narrow .tfg-panel {
  position: static;
  width: auto;
  height: 260px;
  resize: vertical;
  border-left: 0;
  border-top: 1px solid var(--border);
}
.tfg-narrow .tfg-canvas {
  margin-right: 0;
}
.tfg-narrow .tfg-splitter {
  display: none;
}
.tfg-two {
  display: flex;
}
.tfg-view .tfg-two .tfg-canvas {
  flex: 1 1 0;
  min-width: 0;
  margin-right: 0;
}
.tfg-view .tfg-two .tfg-mirror {
  border-right: 1px solid var(--border);
  resize: none;
}
.tfg-detailed .tfg-two {
  padding-right: var(--panel, 300px);
}
.tfg-narrow .tfg-two {
  flex-wrap: wrap;
  padding-right: 0;
}
.tfg-narrow .tfg-two .tfg-panel {
  flex: 1 0 100%;
}
.tfg-side {
  position: absolute;
  top: 6px;
  left: 8px;
  padding: 1px 6px;
  font-weight: 600;
  background: var(--ground, transparent);
  border-radius: 3px;
  pointer-events: none;
}
.tfg-ghost {
  opacity: 0.15;
}
.tfg-narrow .tfg-gap {
  margin: 0 1px;
}

.tfg-node,
.tfg-svg .tfg-cluster,
.tfg-toggle {
  cursor: pointer;
}
.tfg-svg g:focus {
  outline: none;
}
.tfg-svg g:focus-visible > :is(path, polygon):first-of-type {
  stroke: var(--accent);
  stroke-width: 2.5;
  stroke-dasharray: none;
}
.tfg-svg .tfg-node:not(.tfg-selected):hover > :is(path, polygon) {
  stroke-width: 1.6;
}
.tfg-svg .tfg-selected > :is(path, polygon) {
  stroke: var(--accent);
  stroke-width: 2.5;
}
.tfg-svg .tfg-constant.tfg-selected > text {
  text-decoration: underline;
}
.tfg-svg .tfg-dimmed {
  opacity: 0.18;
}
.tfg-svg .tfg-edge {
  pointer-events: none;
}
.tfg-toggle circle {
  fill: var(--ground);
  stroke: var(--line);
}
.tfg-toggle path {
  stroke: var(--ink);
  stroke-width: 1.3;
  stroke-linecap: round;
}
.tfg-toggle:hover circle {
  fill: var(--accent);
  stroke: var(--accent);
}
.tfg-toggle:hover path {
  stroke: var(--ground);
}
.tfg-svg .tfg-flash {
  animation: tfg-flash 0.5s ease-in-out 2;
}
@keyframes tfg-flash {
  50% {
    opacity: 0.25;
  }
}
@media (prefers-reduced-motion: reduce) {
  .tfg-svg .tfg-flash {
    animation: none;
  }
  .tfg-hint {
    transition: none;
  }
}

.tfg-svg .tfg-constant text,
.tfg-svg .tfg-edge text,
.tfg-svg .tfg-cluster text {
  fill: var(--quiet);
}
.tfg-view[data-theme="dark"] .tfg-edge :is(path, polygon) {
  stroke: var(--line);
}
.tfg-view[data-theme="dark"] .tfg-edge polygon {
  fill: var(--line);
}
.tfg-view[data-theme="dark"] .tfg-cluster:not(.tfg-selected) > path {
  stroke: #59606b;
  fill: #ffffff;
  fill-opacity: 0.05;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-op, .tfg-band) > :is(path, polygon) {
  fill: #2c333d;
  stroke: #66717f;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-op, .tfg-band) > text {
  fill: #e4e9f0;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-scope, .tfg-series) > :is(path, polygon, polyline) {
  fill: #37305c;
  stroke: #8f82d2;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-scope, .tfg-series) > polyline {
  fill: none;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-scope, .tfg-series) > text {
  fill: #e6e1ff;
}
.tfg-view[data-theme="dark"] .tfg-node.tfg-variable > path {
  fill: #4a3817;
  stroke: #c0923d;
}
.tfg-view[data-theme="dark"] .tfg-node.tfg-variable > text {
  fill: #fae6c0;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-fetch, .tfg-op.tfg-fetched) > :is(path, polygon) {
  fill: #1a7f45;
  stroke: #4fb37b;
}
.tfg-view[data-theme="dark"] .tfg-node:is(.tfg-fetch, .tfg-op.tfg-fetched) > text {
  fill: #fff;
}
.tfg-view[data-theme="dark"] .tfg-node.tfg-placeholder > :is(path, polygon) {
  fill: #1f6fd0;
  stroke: #6aa8ee;
}
.tfg-view[data-theme="dark"] .tfg-node.tfg-selected > :is(path, polygon) {
  stroke: #fff;
}
.tfg-view[data-theme="dark"] .tfg-cluster.tfg-selected > path {
  fill: #fff;
  fill-opacity: 0.05;
}
.tfg-button[aria-pressed="true"]:hover {
  color: var(--ink);
}

.tfg-view:not(.tfg-can-peek) .tfg-peek-menu {
  display: none;
}
.tfg-peek {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 8px;
  padding: 3px 8px;
  border-bottom: 1px solid var(--border);
}
.tfg-peek-says {
  flex: 1 1 auto;
  overflow-wrap: anywhere;
}
.tfg-peek .tfg-button {
  height: 24px;
}
.tfg-values:not(:empty) {
  margin-bottom: 12px;
  padding-bottom: 8px;
  border-bottom: 1px solid var(--border);
}
.tfg-values .tfg-note {
  margin: 3px 0;
}
.tfg-stepper {
  display: flex;
  align-items: center;
  gap: 6px;
  margin: 8px 0 6px;
}
.tfg-stepper [aria-disabled="true"] {
  opacity: 0.45;
  cursor: default;
}
.tfg-row {
  width: 64px;
  height: 26px;
  padding: 0 4px;
  border: 1px solid var(--border);
  border-radius: 3px;
  background: var(--ground);
  color: var(--ink);
  font: inherit;
}
.tfg-histogram svg {
  display: block;
  width: 100%;
  max-width: 300px;
  margin: 6px 0 0;
}
.tfg-histogram path {
  fill: var(--accent);
}
.tfg-pixels {
  display: block;
  max-width: 100%;
  height: auto;
  margin: 4px 0;
  image-rendering: pixelated;
}
.tfg-cells {
  max-height: 220px;
  overflow: auto;
  font-family: var(--jp-code-font-family, ui-monospace, monospace);
  font-size: 0.9em;
}
.tfg-cells-row {
  display: flex;
  flex-wrap: nowrap;
}
.tfg-cells-row:only-child {
  flex-wrap: wrap;
}
.tfg-cells-row > span {
  flex: 0 0 auto;
  min-width: 62px;
  padding: 0 6px 0 0;
  white-space: pre;
}
.tfg-badge image {
  image-rendering: pixelated;
}
.tfg-view[data-theme="dark"] .tfg-badge > rect {
  fill: #16181c;
}
.tfg-view[data-theme="dark"] .tfg-badge > text {
  fill: #d5dae2;
}
.tfg-view[data-theme="dark"] .tfg-badge > text.tfg-warning {
  fill: #ff9a94;
}
.tfg-view[data-theme="dark"] .tfg-badge.tfg-first > rect {
  stroke: #ff7b74;
}
.tfg-view[data-theme="dark"] .tfg-badge > .tfg-bars {
  fill: #6aa8ee;
}

.tfg-view[data-theme] .tfg-canvas .tfg-svg .tfg-heated.tfg-node > :is(path, polygon) {
  fill: color-mix(in srgb, #f57c33 var(--heat), #fff3e2);
}
.tfg-view[data-theme] .tfg-canvas .tfg-svg .tfg-heated.tfg-node > text {
  fill: #1d2530;
}
.tfg-view[data-theme] .tfg-canvas .tfg-svg .tfg-heated.tfg-node.tfg-constant > :is(path, polygon) {
  fill: none;
}
.tfg-view[data-theme] .tfg-canvas .tfg-svg .tfg-heated.tfg-node.tfg-constant > text {
  fill: var(--quiet);
}
.tfg-cost {
  padding: 4px 8px 6px;
  border-bottom: 1px solid var(--border);
}
.tfg-cost-head {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 8px;
}
.tfg-cost-head .tfg-button {
  height: 24px;
}
.tfg-scale {
  width: 90px;
  height: 10px;
  border: 1px solid var(--border);
  background: linear-gradient(to right, #fff3e2, #f57c33);
}
.tfg-cost-total {
  margin-left: auto;
}
.tfg-view ol.tfg-costs {
  max-height: 112px;
  margin: 4px 0 0;
  padding: 0;
  overflow: auto;
  list-style: none;
}
.tfg-costs li {
  display: grid;
  grid-template-columns: minmax(80px, 2fr) minmax(40px, 1fr) minmax(150px, 1fr);
  gap: 0 12px;
  align-items: center;
  margin: 0;
}
.tfg-share {
  height: 8px;
  background: linear-gradient(to right, #f57c33 var(--share), transparent var(--share));
}
`;function l(s,t={},...e){let i=document.createElement(s);for(let[o,n]of Object.entries(t))typeof n=="function"?i.addEventListener(o.slice(2),n):n===!0?i.setAttribute(o,""):n!==void 0&&n!==!1&&i.setAttribute(o,String(n));return i.append(...e),i}function x(s){let t=s.map(([e,i])=>l("div",{class:"tfg-pair",role:"listitem"},l("span",{class:"tfg-key",title:e},e),l("span",{class:"tfg-value"},i)));return l("div",{class:"tfg-list",role:"list"},...t)}var Bt="http://www.w3.org/2000/svg";function f(s,t,...e){let i=document.createElementNS(Bt,s);for(let[o,n]of Object.entries(t))i.setAttribute(o,`${n}`);return i.append(...e),i}var Q={plus:"M8 3v10M3 8h10",minus:"M3 8h10",fit:"M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",turn:"M2.5 8h10M9 4.5L12.5 8 9 11.5",expand:"M4 6.5l4-4 4 4M4 9.5l4 4 4-4",collapse:"M4 2.5l4 4 4-4M4 13.5l4-4 4 4",save:"M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",keys:"M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.8v.4",close:"M4 4l8 8M12 4l-8 8"};function tt(s){return s in Q}function Ot(s){let t=f("path",{d:Q[s]});return f("svg",{class:"tfg-icon",viewBox:"0 0 16 16","aria-hidden":"true"},t)}function g(s,t,e){return l("button",{...{type:"button",class:"tfg-button","aria-label":t,title:t},onclick:e},Ot(s))}var J=0;function et(){return J+=1,`tfg-${J}-${Math.random().toString(36).slice(2,8)}`}var Vt={ArrowUp:[0,48],ArrowDown:[0,-48],ArrowLeft:[48,0],ArrowRight:[-48,0]},Gt={"+":{do:"zoom",by:1.3},"=":{do:"zoom",by:1.3},"-":{do:"zoom",by:1/1.3},_:{do:"zoom",by:1/1.3},0:{do:"fit"},f:{do:"fit"},Enter:{do:"enter"}," ":{do:"select"},Escape:{do:"leave"},"/":{do:"search"},"?":{do:"help"},u:{do:"up"},d:{do:"down"},l:{do:"turn"},p:{do:"parent"},n:{do:"notFinite"},",":{do:"row",by:-1},".":{do:"row",by:1},Backspace:{do:"close"},Home:{do:"first"},End:{do:"last"}},it=[["Tab","to the drawing, then to its nodes"],["\u2190 \u2191 \u2193 \u2192","on a node: to the next one, along lines and beside; else move the drawing"],["Shift + arrow","move the drawing"],["Enter","open or close a group, select an operation"],["Space","select"],["Backspace","close the group around"],["P","to the group around"],["U, D","trace up, trace down"],["+, -","zoom; also Ctrl or \u2318 + wheel, or two fingers"],["0 or F","show everything"],["L","let the graph flow from left to right, or down"],[", and .","with values: the row before, the next row"],["N","with values: to the first node that made a NaN or infinity"],["/","search"],["Escape","select nothing"]];function ot(s,t){let e=Vt[s.key];if(e)return t&&!s.shiftKey?{do:"step",arrow:s.key}:{do:"pan",dx:e[0],dy:e[1]};let i=s.key.length===1?s.key.toLowerCase():s.key;return Gt[i]}function U(s,t,e){let i=e.map(({label:c,choose:p})=>l("button",{type:"button",role:"menuitem",class:"tfg-item",tabindex:-1,onclick:()=>{d(!1),a.focus(),p()}},c)),o=l("div",{class:"tfg-popup tfg-menu",role:"menu",hidden:!0},...i),n=()=>d(o.hidden===!0),r={type:"button",class:"tfg-button tfg-worded",title:t,onclick:n},a=tt(s)?g(s,t,n):l("button",r,s);a.setAttribute("aria-haspopup","menu"),a.setAttribute("aria-expanded","false");let h=l("div",{class:"tfg-holder"},a,o);function d(c){o.hidden=!c,a.setAttribute("aria-expanded",String(c)),c&&i[0]?.focus()}return h.addEventListener("focusout",c=>{h.contains(c.relatedTarget)||d(!1)}),h.addEventListener("keydown",c=>{if(o.hidden)return;let p=i.indexOf(c.target),L={ArrowDown:1,ArrowUp:i.length-1}[c.key];if(L!==void 0)i[(p+L)%i.length]?.focus();else if(c.key==="Escape")d(!1),a.focus();else return;c.preventDefault(),c.stopPropagation()}),h}var st=[{label:"First 20 rows",rows:20,drawn:!1},{label:"First 200 rows",rows:200,drawn:!1},{label:"100 rows drawn from all",rows:100,drawn:!0},{label:"1,000 rows drawn from all",rows:1e3,drawn:!0}],P=class{element;#e=l("span",{class:"tfg-peek-says"});#t;#s;#i;#n;constructor(t){let e=(o,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,onclick:r},o);this.#t=e("Go to the first NaN or \u221E","Select the node that made it (N)",()=>t.first()),this.#s=e("Cancel","Cancel the peek",()=>t.cancel()),this.#i=e("Cost","Colour the nodes by their time, or by their bytes",()=>t.cost(this.#i.getAttribute("aria-pressed")!=="true")),this.#i.setAttribute("aria-pressed","false"),this.#n=e("Hide values","Show the graph alone",()=>t.hide());let i=[this.#t,this.#s,this.#i,this.#n];this.element=l("div",{class:"tfg-peek",hidden:!0},this.#e,...i)}showCost(t){this.#i.setAttribute("aria-pressed",String(t))}show({state:t,says:e,first:i,compared:o}){let n=this.element.contains(document.activeElement);this.element.hidden=!t,this.#e.textContent=e,this.#e.classList.toggle("tfg-error",t==="failed"),this.#t.hidden=t!=="ready"||!i,this.#i.hidden=t!=="ready"||o,o&&(this.#t.textContent="Go to where they part",this.#t.title="Select the first node whose values part (N)"),this.#s.hidden=t!=="busy",this.#n.hidden=t!=="ready"&&t!=="failed"||o,n&&document.activeElement===document.body&&this.#o()?.focus()}#o(){return[this.#s,this.#i,this.#n].find(t=>!t.hidden)}};var nt=1.3,$t=[["svg","SVG picture"],["png","PNG picture"],["dot","DOT source"],["pbtxt","Graph as text (pbtxt)"]];function rt(s,t,e){let i=$t.map(([r,a])=>({label:a,choose:()=>e.save(r)})),o=st.map(({label:r,rows:a,drawn:h})=>({label:r,choose:()=>e.peek(a,h)})),n=U("Peek","Let rows flow through the graph",o);return n.classList.add("tfg-peek-menu"),l("div",{class:"tfg-bar",role:"group","aria-label":"Graph"},g("plus","Zoom in (+)",()=>e.zoom(nt)),g("minus","Zoom out (-)",()=>e.zoom(1/nt)),g("fit","Show everything (0)",e.fit),t,l("span",{class:"tfg-gap"}),g("expand","Open all groups",e.openAll),g("collapse","Close all groups",e.closeAll),s,n,U("save","Save as a file",i),g("keys","Keyboard and mouse (?)",e.help))}function at(){return l("div",{class:"tfg-help",role:"note","aria-label":"Keys",hidden:!0},x(it))}var jt="http://www.w3.org/2000/svg",Ft=new Set("svg g path polygon polyline ellipse circle rect line text tspan image".split(" ")),_t=new Set("class d points transform x y cx cy rx ry r x1 y1 x2 y2 width height viewBox fill stroke fill-opacity stroke-opacity opacity stroke-width stroke-dasharray font-size font-weight font-style font-family text-anchor preserveAspectRatio".split(" ")),Kt=/^data:image\/png;base64,[\w+/=]*$/;function k(s){let t=new DOMParser().parseFromString(s,"image/svg+xml").documentElement;return t?.localName!=="svg"?null:lt(t)}function lt(s){if(!Ft.has(s.localName))return null;let t=s.getAttribute("href")??"";if(s.localName==="image"&&!Kt.test(t))return null;let e=document.createElementNS(jt,s.localName);for(let{name:i,value:o}of s.attributes)i==="id"?e.setAttribute("data-id",o):_t.has(i)&&!/url\s*\(/i.test(o)&&e.setAttribute(i,o);s.localName==="image"&&e.setAttribute("href",t);for(let i of s.childNodes)if(i.nodeType===Node.TEXT_NODE)e.append(i.textContent??"");else if(i.nodeType===Node.ELEMENT_NODE){let o=lt(i);o&&e.append(o)}return e}var C=.7,Ut={up:["\u25B2 more above",0,C],down:["\u25BC more below",0,-C],left:["\u25C0 more",C,0],right:["more \u25B6",-C,0]},N=class{#e=new Map;constructor(t){for(let[e,[i,o,n]]of Object.entries(Ut)){let r={type:"button",class:`tfg-more tfg-more-${e}`,tabindex:-1,hidden:!0,onclick:()=>t(o,n)};this.#e.set(e,l("button",r,i))}}get elements(){return[...this.#e.values()]}show(t){for(let[e,i]of this.#e)i.hidden=!t[e]}};var w=1.3333333333333333,Wt=.05,qt=6,dt=.9,u=12,R=4;function E(s,t){let e=Math.min((t.width-2*u)/s.width,(t.height-2*u)/s.height,w);return Xt(s,t,vt(e))}function ct(s){return Math.floor((s-2*u)/w)}function ft(s,t){return E(s,t).k===w}function W(s,t,e){let i=e??{x:s.width/2,y:0,width:0,height:0},o=(n,r,a,h)=>{let d=r-n*w;if(d>=2*u)return d/2;let c=r/2-Math.min((a+h/2)*w,a*w+r/2);return Math.max(d-u,Math.min(u,c))};return{x:o(s.width,t.width,i.x,i.width),y:o(s.height,t.height,i.y,i.height),k:w}}function pt(s,t,e){return{up:s.y<-R,down:s.y+t.height*s.k>e.height+R,left:s.x<-R,right:s.x+t.width*s.k>e.width+R}}function Xt(s,t,e){return{x:(t.width-s.width*e)/2,y:(t.height-s.height*e)/2,k:e}}function q(s,t,e){let i=vt(s.k*t),o=i/s.k;return{x:e.x-(e.x-s.x)*o,y:e.y-(e.y-s.y)*o,k:i}}function y(s,t,e){return{...s,x:s.x+t,y:s.y+e}}function gt(s,t,e){return y(s,(t.x-e.x)*s.k,(t.y-e.y)*s.k)}function S(s,t,e){let i=Math.min((e.width-2*u)/t.width,(e.height-2*u)/t.height),o=Math.min(s.k,Math.max(i,dt)),n={x:t.x+t.width/2,y:t.y+t.height/2},r={x:n.x*s.k+s.x,y:n.y*s.k+s.y},a=o===s.k?s:q(s,o/s.k,r),h=t.x*a.k+a.x,d=t.y*a.k+a.y;return y(a,ht(h,h+t.width*a.k,e.width),ht(d,d+t.height*a.k,e.height))}function ut(s,t,e){let i=Math.max(s.k,dt);return{x:e.width/2-(t.x+t.width/2)*i,y:e.height/2-(t.y+t.height/2)*i,k:i}}function mt(s,t,e){let i=(o,n)=>o+(n-o)*e;return{x:i(s.x,t.x),y:i(s.y,t.y),k:i(s.k,t.k)}}function ht(s,t,e){return s<u||t-s>e-2*u?u-s:t>e-u?e-u-t:0}function vt(s){return Math.min(qt,Math.max(Wt,s))}var Yt={placeholder:"placeholder",fetch:"fetch",variable:"variable",constant:"constant",op:"operation",scope:"scope",series:"series",band:"group of neighbours",step:"repetition"};function b(s){return Yt[s]??s}function H(s){let t=s.openable?`closed ${b(s.kind)}`:b(s.kind);return[s.name,t,s.says].filter(Boolean).join(", ")}function z(s){return`${s.name}, open ${b(s.id.split(":",1)[0]??"")}`}function T({nodes:s,boxes:t},e){return[...s,...t].find(i=>i.id===e)?.name??""}function wt({nodes:s,boxes:t}){let e=t.length||s.some(i=>i.openable);return[`${v(s.length,"node")} on show.`,"A click shows what one is.",e?"A double click opens or closes a group.":""].join(" ")}function v(s,t){return`${s.toLocaleString("en")} ${t}${s===1?"":"s"}`}var Zt=180,Jt=200,Qt=560,I=class{element;svg;#e=f("g",{});#t=new Map;#s={width:1,height:1};#i={width:0,height:0};#n={x:0,y:0,k:1};#o=this.#n;#r=0;#d=!1;#l="start";onMove=()=>{};onMark=()=>{};#g=[];#c=[];#u=new N((t,e)=>{this.#l="",this.#w(y(this.#o,t*this.#i.width,e*this.#i.height))});constructor(t){this.svg=f("svg",{class:"tfg-svg",role:"application","aria-roledescription":"graph","aria-label":t,tabindex:0}),this.svg.append(this.#e),this.element=l("div",{class:"tfg-canvas"}),this.element.append(this.svg,...this.#u.elements)}show(t,e,i){let o=this.#a(i),n=k(t);if(this.#t.clear(),!n){let d=l("pre",{class:"tfg-text",tabindex:0},e.text??"");this.element.replaceChildren(d);return}this.element.replaceChildren(this.svg,...this.#u.elements);let[,,r=1,a=1]=(n.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number);this.#s={width:r,height:a};let h=n.getAttribute("font-family");h&&this.#e.setAttribute("font-family",h),this.#e.replaceChildren(...n.childNodes);for(let d of this.#e.querySelectorAll("g:is(.node, .edge, .cluster)")){let c=d.dataset.id;c&&this.#t.set(c,d)}if(this.#x(e),this.#c=e.links,this.#g=e.nodes.filter(d=>d.kind==="placeholder").map(({id:d})=>d),!!this.#d){if(this.#m(i)){this.#v();return}this.#l="";for(let[d,c]of o){let p=this.box(d);if(p){this.#o=gt(this.#o,c,bt(p)),this.#p(this.#o),d===i&&this.#w(S(this.#o,p,this.#i));break}}}}resize(t,e=!1){let i=this.#i;this.#i=t,!this.#d||this.#l&&!e?this.#v():e?this.#S(this.#n):this.#p(y(this.#o,(t.width-i.width)/2,0)),this.#d=!0}restart(t){this.#i=t,this.#l="start",this.#v()}grow(t){this.#i=t,this.#d&&this.#l&&this.#v()}forget(){this.#l="start"}heightFor(t){let{k:e}=E(this.#s,{width:t,height:Number.POSITIVE_INFINITY});return Math.round(Math.min(Qt,Math.max(Jt,this.#s.height*e+32)))}get transform(){return this.#o}get ground(){return this.#e}zoom(t,e){let{width:i,height:o}=this.#i,n=q(this.#o,t,e??{x:i/2,y:o/2});this.#l="",e?this.#p(n):this.#w(n)}pan(t,e){this.#l="",this.#p(y(this.#o,t,e))}fit(){this.#l="whole",this.#w(E(this.#s,this.#i))}jump(t){let e=this.box(t),i=this.#t.get(t);!e||!i||(this.#k(S(ut(this.#o,e,this.#i),e,this.#i)),i.classList.remove("tfg-flash"),i.getBoundingClientRect(),i.classList.add("tfg-flash"))}reveal(t){let e=this.box(t);e&&this.#k(S(this.#o,e,this.#i))}has(t){return this.#t.has(t)}box(t){let e=this.#t.get(t);if(!e||this.#i.width===0)return;let i=e.getBoundingClientRect(),o=this.svg.getBoundingClientRect(),{x:n,y:r,k:a}=this.#n;return{x:(i.x-o.x-n)/a,y:(i.y-o.y-r)/a,width:i.width/a,height:i.height/a}}places(t){let e=new Map;for(let i of t){let o=this.box(i);o&&e.set(i,bt(o))}return e}focus(t){this.tabTo(t),this.#t.get(t)?.focus({preventScroll:!0})}tabTo(t){for(let[e,i]of this.#t)i.hasAttribute("tabindex")&&(i.tabIndex=e===t?0:-1)}mark(t,e){for(let[i,o]of this.#t){o.classList.toggle("tfg-selected",i===t),o.hasAttribute("role")&&o.setAttribute("aria-pressed",String(i===t));let n=o.classList.contains("tfg-cluster"),r=!e||n||e.has(i)||i.includes("->")&&this.#y(i,e);o.classList.toggle("tfg-dimmed",!r)}this.onMark()}heat(t){for(let[e,i]of this.#t){let o=t.get(e);i.classList.toggle("tfg-heated",o!==void 0),i.style.setProperty("--heat",`${(100*(o??0)).toFixed(0)}%`)}}close(){cancelAnimationFrame(this.#r)}#x(t){for(let e of t.nodes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",H(e)),i?.setAttribute("aria-pressed","false"),e.openable&&(i?.setAttribute("aria-expanded","false"),this.#f(i,e.id,`Open ${e.name}`,"M-2.5 0h5M0-2.5v5"))}for(let e of t.boxes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",z(e)),i?.setAttribute("aria-pressed","false"),e.closable&&(i?.setAttribute("aria-expanded","true"),this.#f(i,e.id,`Close ${e.name}`,"M-2.5 0h5"))}}#f(t,e,i,o){let[n,r]=te(t);if(!t||n===void 0||r===void 0)return;let a=f("title",{});a.textContent=i;let h={class:"tfg-toggle","data-toggle":e,transform:`translate(${n-2} ${r+2})`};t.append(f("g",h,a,f("circle",{r:5}),f("path",{d:o})))}#a(t){let e={x:this.#i.width/2,y:this.#i.height/2},{x:i,y:o,k:n}=this.#o,r={x:(e.x-i)/n,y:(e.y-o)/n},a=c=>Math.hypot(c.x-r.x,c.y-r.y),h=[...this.#t.keys()].filter(c=>!c.startsWith("edge:"));return[...this.places(h)].sort(([c,p],[m,L])=>+(m===t)-+(c===t)||a(p)-a(L))}#m(t){let e=W(this.#s,this.#i,this.#E());if(!this.#l){let n=this.#o.k<=w&&ft(this.#s,this.#i);return n&&(this.#l="start"),n}let i=this.#l==="start"?this.box(t):void 0;if(!i)return!0;let o=S(e,i,this.#i);return o.x===e.x&&o.y===e.y&&o.k===e.k}#v(){let{width:t,height:e}=this.#i;this.#l==="whole"?this.#p(E(this.#s,{width:t,height:e})):this.#p(W(this.#s,{width:t,height:e},this.#E()))}#E(){let t=this.#g.map(r=>this.box(r)).filter(r=>r!==void 0);if(!t.length)return;let e=Math.min(...t.map(r=>r.x)),i=Math.min(...t.map(r=>r.y)),o=Math.max(...t.map(r=>r.x+r.width)),n=Math.max(...t.map(r=>r.y+r.height));return{x:e,y:i,width:o-e,height:n-i}}#y(t,e){let i=t.slice(5);if(i.startsWith("*->")){let o=i.slice(3);return this.#c.some(([n,r])=>r===o&&e.has(n)&&e.has(r))}for(let o=i.indexOf("->");o>=0;o=i.indexOf("->",o+1))if(e.has(i.slice(0,o))&&e.has(i.slice(o+2)))return!0;return!1}#k(t){let{x:e,y:i,k:o}=this.#o;(t.x!==e||t.y!==i||t.k!==o)&&(this.#l=""),this.#w(t)}#w(t){let e=this.#n;if(matchMedia("(prefers-reduced-motion: reduce)").matches){this.#p(t);return}this.#o=t,cancelAnimationFrame(this.#r);let o=performance.now(),n=r=>{let a=Math.min(1,Math.max(0,(r-o)/Zt));this.#S(mt(e,t,1-(1-a)**3)),a<1&&(this.#r=requestAnimationFrame(n))};this.#r=requestAnimationFrame(n)}#p(t){cancelAnimationFrame(this.#r),this.#o=t,this.#S(t)}#S(t){this.#n=t;let e=`translate(${t.x} ${t.y}) scale(${t.k})`;this.#e.setAttribute("transform",e),this.onMove(e),this.#u.show(pt(t,this.#s,this.#i))}};function bt(s){return{x:s.x+s.width/2,y:s.y+s.height/2}}function te(s){let t=s?.querySelector("path, polygon"),i=(t?.getAttribute("d")??t?.getAttribute("points")??"").match(/-?\d+(?:\.\d+)?/g)?.map(Number)??[];if(i.length<4)return[];let o=i.filter((r,a)=>a%2===0),n=i.filter((r,a)=>a%2===1);return[Math.max(...o),Math.min(...n)]}var ee=30,D=class{constructor(t,e){this.jump=t;this.onChange=e}jump;onChange;element=l("section",{class:"tfg-cost","aria-label":"Cost",hidden:!0});#e="time";#t=null;show(t){this.#t=t;let e=this.element.contains(document.activeElement);this.element.hidden=!t,this.element.replaceChildren(...t?[this.#s(t),this.#i(t)]:[]),e&&this.element.querySelector("[aria-pressed='true']")?.focus(),this.onChange()}heat(){let t=Object.entries(this.#t?.nodes??{}),e=Math.max(...t.map(([,i])=>i[this.#e]),Number.MIN_VALUE);return new Map(t.map(([i,o])=>[i,Math.sqrt(o[this.#e]/e)]))}says(t){let e=this.#t?.nodes[t]??this.#t?.boxes[t];return e?xt(e):""}#s(t){let e=(o,n)=>l("button",{type:"button",class:"tfg-button tfg-worded","aria-pressed":String(o===this.#e),onclick:()=>{this.#e=o,this.show(this.#t)}},n),i=l("span",{class:"tfg-scale","aria-hidden":"true"});return l("div",{class:"tfg-cost-head"},e("time","Time"),e("bytes","Bytes"),l("span",{class:"tfg-faint"},"none"),i,l("span",{class:"tfg-faint"},"the most on show"),l("span",{class:"tfg-cost-total"},t.total))}#i(t){let e=this.#e,o=[...t.list].sort((n,r)=>r[e]-n[e]).slice(0,ee).map(n=>l("li",{},l("button",{type:"button",class:"tfg-link",title:`Go to ${n.name}`,onclick:()=>this.jump(n.name)},n.is_scope?`${n.name}/`:n.name),l("span",{class:"tfg-share",style:`--share:${(100*n[e]).toFixed(1)}%`}),l("span",{class:"tfg-faint"},xt(n))));return l("ol",{class:"tfg-costs",tabindex:0,"aria-label":"The most first"},...o)}};function xt({time:s,says:t}){return`${(100*s).toFixed(0)} %, ${t}`}var B=class{constructor(t){this.ask=t}ask;element=l("div",{class:"tfg-values"});#e=0;#t=0;get row(){return this.#e}clear(){this.#t=0,this.element.replaceChildren()}show(t){let e=this.element.contains(document.activeElement)?document.activeElement.dataset.step:void 0;this.#t=Math.max(0,...t.map(n=>n.rows));let i=t.length>1;this.element.replaceChildren(...t.flatMap((n,r)=>this.#i(n,i,r===0)));let o=this.element.querySelector(`[data-step="${e}"]`);e&&o?.focus()}step(t){return this.#s(this.#e+t)}#s(t){let e=Math.min(Math.max(0,t),this.#t-1);return this.#t<2||e===this.#e?!1:(this.#e=e,this.ask(),!0)}#i(t,e,i){let o=e?`Values of ${t.name}`:"Values",n=[["Tensor",t.spec],...t.facts],r=[l("h4",{class:"tfg-panel-title"},o),l("div",{class:"tfg-facts"},x(n))];return t.all&&r.push(yt(t.all)),t.note&&r.push(l("p",{class:"tfg-faint tfg-note"},t.note)),t.rows>1&&i&&r.push(this.#n(t)),t.one&&r.push(yt(t.one)),t.cells.length&&r.push(ie(t)),t.left&&r.push(l("p",{class:"tfg-faint tfg-note"},t.left)),r}#n(t){let e=(o,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,"aria-label":n,"data-step":r,"aria-disabled":String(t.row+r<0||t.row+r>=t.rows),onclick:()=>{this.step(r)}},o),i=l("input",{type:"number",class:"tfg-row",min:1,max:t.rows,value:t.row+1,"aria-label":`Row, of ${t.rows}`,"data-step":0,onchange:o=>{this.#s(Number(o.target.value)-1)}});return l("div",{class:"tfg-stepper",role:"group","aria-label":"Row"},e("\u2039","Previous row (,)",-1),l("span",{},"Row"),i,l("span",{class:"tfg-faint"},`of ${t.rows.toLocaleString("en")}`),e("\u203A","Next row (.)",1))}};function yt(s){let{width:t,height:e,alt:i}=s;if(s.source?.startsWith("data:image/png;base64,")){let a={class:"tfg-pixels",src:s.source,alt:i,title:i,width:t,height:e};return l("img",a)}let o={viewBox:`0 0 ${t} ${e}`,role:"img","aria-label":i},n=f("svg",o,f("path",{d:s.path??""})),r=l("span",{class:"tfg-faint","aria-hidden":"true"},i);return l("div",{class:"tfg-histogram"},n,r)}function ie({cells:s,row:t,rows:e}){let i=s.map(r=>l("div",{role:"row",class:"tfg-cells-row"},...r.map(a=>l("span",{role:"cell",class:a==="NaN"?"tfg-error":""},a)))),n={role:"table",class:"tfg-cells",tabindex:0,"aria-label":e>1?`Values of row ${t+1}`:"Values"};return l("div",n,...i)}var V=class{constructor(t){this.actions=t;let e=(o,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,onclick:r},o);this.#i=e("\u2191 Trace up","Show only what this depends on (U)",()=>t.trace("up")),this.#n=e("\u2193 Trace down","Show only what depends on this (D)",()=>t.trace("down")),this.values=new B(()=>t.values()),this.#o=e("Open","",()=>t.toggle(this.#d)),this.#r=e("Compute this too","Add it to what the form computes",()=>t.compute(this.#d,this.#r.getAttribute("aria-pressed")!=="true"));let i=g("close","Close details (Escape)",()=>t.close());this.element=l("section",{class:"tfg-panel","aria-label":"Details",hidden:!0},l("div",{class:"tfg-panel-head"},this.#e,i),l("div",{class:"tfg-panel-buttons"},this.#i,this.#n,this.#o,this.#r),this.#t,this.values.element,this.#s)}actions;element;#e=l("h3",{class:"tfg-panel-name"});#t=l("p",{class:"tfg-note",hidden:!0});#s=l("div",{class:"tfg-facts"});values;#i;#n;#o;#r;#d="";show(t,e){this.#d=t.id,this.values.clear(),this.#r.hidden=!0,this.#e.textContent=t.name,this.#o.hidden=e===void 0,this.#o.textContent=e?"Close":"Open",this.#o.title=e?"Show it as one node (Enter)":"Show what is inside (Enter)",this.#s.replaceChildren(M([["Kind",b(t.kind)],["",t.says]]))}fill(t){this.#e.textContent=t.name,this.computed(t.fetched),this.#s.replaceChildren(...t.op?this.#l(t):this.#g(t))}fail(t){this.#s.replaceChildren(l("p",{class:"tfg-error"},t))}computed(t){this.#r.hidden=t===null,this.#r.textContent=t?"\u2713 Computed":"Compute this too",this.#r.setAttribute("aria-pressed",String(t===!0))}costs(t){this.#t.hidden=!t,this.#t.textContent=t&&`Cost on these rows: ${t}`}traced(t){this.#i.setAttribute("aria-pressed",String(t.has("up"))),this.#n.setAttribute("aria-pressed",String(t.has("down")))}#l(t){let e=b(t.kind),i=[["Op",t.op],["Kind",e==="operation"?"":e],["Column",t.column],["Value",t.value],[t.outputs.length===1?"Type":"Types",t.outputs.join(`
`)],["Drawn as",t.part_of&&this.#u(t.part_of)],["Parameters",t.parameters],["FLOPs",t.flops],["Note",t.note]];return[M(i),...O("Inputs",this.#c(t.inputs,t.more_inputs)),...O("Used by",this.#c(t.consumers,t.more_consumers)),...O("Attributes",t.attributes.length?[M(t.attributes)]:[])]}#g(t){return[M([["Kind",b(t.kind)],["Holds",v(t.operations,"operation")],["Parameters",t.parameters],["FLOPs",t.flops],["Note",t.note]]),...O("Operations",[M(t.attributes)])]}#c(t,e){let i=t.map(o=>l("li",{},this.#u(o.name),l("span",{class:"tfg-faint"},o.is_control?"order only":o.spec)));return e&&i.push(l("li",{class:"tfg-faint"},`and ${e.toLocaleString("en")} more`)),i.length?[l("ul",{class:"tfg-ends"},...i)]:[]}#u(t){let e=`Go to ${t}`;return l("button",{type:"button",class:"tfg-link",title:e,onclick:()=>this.actions.jump(t)},t)}};function O(s,t){return t.length?[l("h4",{class:"tfg-panel-title"},s),...t]:[]}function M(s){return x(s.filter(([,t])=>t!==""))}function X(s,t){let{svg:e}=s,i,o=0;oe(s,()=>{i=void 0,o=4}),e.addEventListener("pointerdown",r=>{r.button!==0||!r.isPrimary||(i={x:r.clientX,y:r.clientY},o=0)}),e.addEventListener("pointermove",r=>{if(!i||!r.isPrimary)return;let a=r.clientX-i.x,h=r.clientY-i.y;o+=Math.abs(a)+Math.abs(h),!(o<4)&&(e.hasPointerCapture(r.pointerId)||e.setPointerCapture(r.pointerId),e.classList.add("tfg-dragging"),s.pan(a,h),i={x:r.clientX,y:r.clientY})});let n=()=>{i=void 0,e.classList.remove("tfg-dragging")};e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n),e.addEventListener("click",r=>{if(o>=4)return;let a=St(r);a?t.toggle(a):t.click(Et(r))}),e.addEventListener("dblclick",r=>{let a=Et(r);a&&!St(r)&&t.toggle(a)}),e.addEventListener("wheel",r=>{if(!r.ctrlKey&&!r.metaKey){t.scrolled();return}r.preventDefault();let{left:a,top:h}=e.getBoundingClientRect(),d=r.deltaY*(r.deltaMode===1?16:1),c=Math.exp(-Math.max(-300,Math.min(300,d))*.0022);s.zoom(c,{x:r.clientX-a,y:r.clientY-h})},{passive:!1})}function oe(s,t){let{svg:e}=s,i=new Map;e.addEventListener("pointerdown",r=>{r.pointerType==="touch"&&(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size===2&&t())}),e.addEventListener("pointermove",r=>{if(!i.has(r.pointerId))return;let a=kt([...i.values()]);if(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size!==2)return;let h=kt([...i.values()]),{left:d,top:c}=e.getBoundingClientRect();s.pan(h.x-a.x,h.y-a.y),s.zoom(h.length/(a.length||1),{x:h.x-d,y:h.y-c})});let o=r=>i.delete(r.pointerId);e.addEventListener("pointerup",o),e.addEventListener("pointercancel",o);let n=r=>r.touches.length>1&&r.preventDefault();e.addEventListener("touchstart",n,{passive:!1}),e.addEventListener("touchmove",n,{passive:!1})}function kt([s={x:0,y:0},t=s]){return{x:(s.x+t.x)/2,y:(s.y+t.y)/2,length:Math.hypot(s.x-t.x,s.y-t.y)}}function Et(s){return s.target.closest(".tfg-node, .tfg-cluster")?.dataset.id??""}function St(s){return s.target.closest("[data-toggle]")?.dataset.toggle??""}var G=class{constructor(t,e){this.channel=t;this.onBusy=e;t.on("msg:custom",this.#o)}channel;onBusy;#e=new Map;#t=0;#s=Math.random().toString(36).slice(2);#i=!1;#n;ask(t,e={}){let i=`${this.#s}-${++this.#t}`;this.#n??=setTimeout(()=>{this.#i=!0,this.onBusy(!0)},1500);let o=new Promise((n,r)=>{this.#e.set(i,{resolve:n,reject:r})});return this.channel.send({id:i,ask:t,...e}),o}close(){clearTimeout(this.#n),this.channel.off("msg:custom",this.#o),this.#e.clear()}#o=t=>{let e=this.#e.get(String(t.id));e&&(this.#e.delete(String(t.id)),this.#e.size===0&&(clearTimeout(this.#n),this.#n=void 0,this.#i&&this.onBusy(!1),this.#i=!1),"error"in t?e.reject(new Error(String(t.error))):e.resolve(t.answer))}};var se={ArrowRight:"ArrowDown",ArrowLeft:"ArrowUp",ArrowDown:"ArrowRight",ArrowUp:"ArrowLeft"};function Y(s,t,e,i,o=!1){if(o){let h=[...i].map(([d,{x:c,y:p}])=>[d,{x:p,y:c}]);return Y(se[s],t,e,new Map(h))}let n=i.get(t);if(!n)return;if(s==="ArrowDown"||s==="ArrowUp"){let h=e.filter(([d,c])=>(s==="ArrowDown"?d:c)===t).map(([d,c])=>s==="ArrowDown"?c:d);return Tt(h,i,d=>Math.hypot(d.x-n.x,d.y-n.y))}let r=s==="ArrowRight"?1:-1,a=[...i.keys()].filter(h=>{let d=i.get(h);return h!==t&&d!==void 0&&(d.x-n.x)*r>1});return Tt(a,i,h=>Math.abs(h.x-n.x)+4*Math.abs(h.y-n.y))}function Tt(s,t,e){let i,o=Number.POSITIVE_INFINITY;for(let n of s){let r=t.get(n),a=r?e(r):Number.POSITIVE_INFINITY;a<o&&(i=n,o=a)}return i}function Mt(s,t,e){let i=new Map;for(let[n,r]of s){let[a,h]=e==="down"?[n,r]:[r,n],d=i.get(a);d?d.push(h):i.set(a,[h])}let o=new Set(t);for(let n of o)for(let r of i.get(n)??[])o.add(r);return o}function A(s,t){if(!s.boxes.some(o=>o.id===t))return[t];let e=new Map(s.boxes.map(o=>[o.id,o.box])),i=o=>o===t||o!==""&&i(e.get(o)??"");return s.nodes.filter(o=>i(o.box)).map(o=>o.id)}function At(s,t){let e=new Map([...s.nodes,...s.boxes].map(o=>[o.id,o.box])),i=[];for(let o=e.get(t);o;o=e.get(o))i.push(o);return i}var ne={ArrowUp:"It takes nothing.",ArrowDown:"Nothing takes it.",ArrowLeft:"There is nothing to the left.",ArrowRight:"There is nothing to the right."},re={ArrowLeft:"It takes nothing.",ArrowRight:"Nothing takes it.",ArrowUp:"There is nothing above.",ArrowDown:"There is nothing below."},$=class{constructor(t,e){this.canvas=t;this.actions=e}canvas;actions;press(t){if(t.ctrlKey||t.metaKey||t.altKey)return;t.stopPropagation();let e=t.target;if(!this.canvas.svg.contains(e)){t.key==="Escape"&&e.closest(".tfg-panel")&&this.actions.leave();return}let i=e!==this.canvas.svg,o=ot(t,i);o&&(t.preventDefault(),this.#e(o,i?e.dataset.id??"":""))}#e(t,e){let{nodes:i}=this.actions.view();({zoom:()=>t.do==="zoom"&&this.canvas.zoom(t.by),pan:()=>t.do==="pan"&&this.canvas.pan(t.dx,t.dy),fit:()=>this.canvas.fit(),step:()=>t.do==="step"&&this.#n(t.arrow,e),enter:()=>this.#t(e),select:()=>e&&this.actions.select(e),leave:()=>this.actions.leave(),search:()=>this.actions.search(),turn:()=>this.actions.turn(),help:()=>this.actions.help(),up:()=>this.#s(e,"up"),down:()=>this.#s(e,"down"),row:()=>t.do==="row"&&this.actions.row(t.by),notFinite:()=>this.actions.notFinite(),parent:()=>this.#i(e,n=>this.#o(n)),close:()=>this.#i(e,n=>this.actions.close(n)),first:()=>this.#o(i[0]?.id),last:()=>this.#o(i.at(-1)?.id)})[t.do]()}#t(t){let{nodes:e,boxes:i}=this.actions.view(),o=e.some(n=>n.id===t&&n.openable);t?o||i.some(n=>n.id===t&&n.closable)?this.actions.toggle(t):this.actions.select(t):this.#o(this.actions.selected()||e[0]?.id)}#s(t,e){t&&t!==this.actions.selected()&&this.actions.select(t),this.actions.trace(e)}#i(t,e){let[i]=At(this.actions.view(),t);i?e(i):this.actions.say("There is no open group around.")}#n(t,e){let i=this.actions.view();if(i.boxes.some(a=>a.id===e)){this.#o(A(i,e)[0]);return}let o=this.canvas.places(i.nodes.map(a=>a.id)),n=this.actions.isAcross(),r=Y(t,e,i.links,o,n);r?this.#o(r):this.actions.say((n?re:ne)[t])}#o(t){t&&(this.canvas.focus(t),this.canvas.reveal(t))}};var Lt="tfg-ghost",j=class{element=l("div",{class:"tfg-canvas tfg-mirror"});svg=f("svg",{class:"tfg-svg","aria-hidden":"true"});#e=f("g",{});#t=[];constructor(){this.element.append(this.svg,l("div",{class:"tfg-side"},"Old"))}show(t,e){this.#t=e.old.filter(i=>!e.new.includes(i));for(let i of t.querySelectorAll("[data-id]"))i.classList.toggle(Lt,e.new.includes(i.dataset.id??""));this.copy(t)}copy(t){let e=t.cloneNode(!0);for(let i of e.querySelectorAll("[data-id]"))i.removeAttribute("tabindex"),i.removeAttribute("role"),i.classList.toggle(Lt,this.#t.includes(i.dataset.id??""));this.svg.replaceChildren(e),this.#e=e}follow(t){this.#e.setAttribute("transform",t)}};var ae=4,Pt=12e3;async function Ct(s,t,e){let i={svg:async()=>new Blob([Nt(t)],{type:"image/svg+xml"}),png:()=>le(t),dot:async()=>new Blob([await e()],{type:"text/vnd.graphviz"}),pbtxt:async()=>new Blob([await e()],{type:"text/plain"})};he(`graph.${s}`,await i[s]())}function Nt(s){let t=k(s);if(!t)throw new Error("There is no picture to save: pip install graphviz-pure.");return new XMLSerializer().serializeToString(t)}async function le(s){let t=Nt(s),[,,e=1,i=1]=(k(s)?.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number),o=Math.min(ae,Pt/e,Pt/i),n=new Image;n.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(t)}`,await n.decode();let r=document.createElement("canvas");r.width=Math.round(e*o),r.height=Math.round(i*o);let a=r.getContext("2d");if(!a)throw new Error("This browser draws no pictures.");a.fillStyle="white",a.fillRect(0,0,r.width,r.height),a.drawImage(n,0,0,r.width,r.height);let h=await new Promise(d=>r.toBlob(d,"image/png"));if(!h)throw new Error("The picture is too large for this browser: save it as SVG.");return h}function he(s,t){let e=document.createElement("a");e.href=URL.createObjectURL(t),e.download=s,document.body.append(e),e.click(),e.remove(),setTimeout(()=>URL.revokeObjectURL(e.href),1e4)}var de=120,F=class{constructor(t,e,i){this.find=t;this.jump=e;this.leave=i;let o=et();this.input=l("input",{type:"search",class:"tfg-search-input",role:"combobox",placeholder:"Search: name, op:MatMul, dtype:int64","aria-label":"Search operations by name, op:\u2026 or dtype:\u2026","aria-autocomplete":"list","aria-controls":o,"aria-expanded":"false",autocomplete:"off",spellcheck:"false",oninput:()=>this.#d(),onfocus:()=>this.#i.length>0&&this.#f(!0),onkeydown:n=>this.#u(n)}),this.#e=l("ul",{id:o,role:"listbox",class:"tfg-found","aria-label":"Found"}),this.#s=l("div",{class:"tfg-found-count",role:"status"}),this.#t=l("div",{class:"tfg-popup",hidden:!0},this.#e,this.#s),this.element=l("div",{class:"tfg-search"},this.input,this.#t),this.element.addEventListener("focusout",n=>{this.element.contains(n.relatedTarget)||this.#f(!1)})}find;jump;leave;element;input;#e;#t;#s;#i=[];#n=-1;#o;#r=0;#d(){clearTimeout(this.#o),this.#o=setTimeout(()=>{this.#l()},de)}async#l(){clearTimeout(this.#o);let t=this.input.value.trim(),e=++this.#r;if(!t){this.#g([],""),this.#f(!1);return}try{let{total:i,findings:o}=await this.find(t);if(e!==this.#r)return;let n=o.length<i?`the first ${o.length} of `:"";this.#g(o,i?n+v(i,"operation"):"Nothing is called so.")}catch(i){e===this.#r&&this.#g([],i.message)}this.#f(!0)}#g(t,e){this.#i=t,this.#s.textContent=e,this.#e.replaceChildren(...t.map((i,o)=>l("li",{id:`${this.#e.id}-${o}`,role:"option",class:"tfg-option","aria-selected":"false",onmousedown:n=>n.preventDefault(),onclick:()=>this.#x(o)},l("span",{class:"tfg-name"},i.name),l("span",{class:"tfg-faint"},[i.op,i.spec].filter(Boolean).join("  "))))),this.#c(t.length?0:-1)}#c(t){this.#n=t,[...this.#e.children].forEach((i,o)=>{i.setAttribute("aria-selected",String(o===t))});let e=this.#e.children[t];e?(this.input.setAttribute("aria-activedescendant",e.id),e.scrollIntoView?.({block:"nearest"})):this.input.removeAttribute("aria-activedescendant")}#u(t){let{length:e}=this.#i;if(t.key==="ArrowDown"||t.key==="ArrowUp"){if(t.preventDefault(),!e)return;this.#f(!0);let i=t.key==="ArrowDown"?1:e-1;this.#c((this.#n+i)%e)}else t.key==="Enter"?(t.preventDefault(),!this.#t.hidden&&this.#n>=0?this.#x(this.#n):this.#l()):t.key==="Escape"&&(t.preventDefault(),this.#t.hidden?this.leave():this.#f(!1))}#x(t){let e=this.#i[t];e&&(this.#f(!1),this.jump(e))}#f(t){this.#t.hidden=!t,this.input.setAttribute("aria-expanded",String(t))}};var ce=300,_=class{constructor(t){this.stage=t}stage;#e="";#t=new Set;#s="";get id(){return this.#e}tell(t){let{model:e}=this.stage;t!==e.get("selected")&&(e.set("selected",t),e.save_changes())}select(t){this.choose(t),this.stage.canvas.focus(t),this.tell(this.#r(t))}choose(t){let{panel:e,kernel:i,say:o}=this.stage,{nodes:n,boxes:r}=this.#o;this.#e=t,this.mark();let a=n.find(m=>m.id===t),h=r.find(m=>m.id===t),d=a?.kind??t.split(":",1)[0]??"",c=this.#r(t),p=a?.openable?!1:h?.closable?!0:void 0;e.show({id:t,name:c,kind:d,says:a?.says??""},p),o(`Selected: ${a?H(a):h?z(h):c}`),e.element.hidden&&setTimeout(()=>this.#e&&this.#n(),p===void 0?0:ce),this.askValues(),i.ask("details",{node:t}).then(m=>this.#e===t&&e.fill(m),m=>this.#e===t&&e.fail(m.message))}askValues(){let{panel:t,kernel:e,say:i,cost:o}=this.stage,n=this.#e;n&&(t.costs(o(n)),e.ask("values",{node:n,row:t.values.row}).then(({pages:r})=>this.#e===n&&t.values.show(r),r=>i(r.message)))}follow(){let{model:t}=this.stage,[e="",i=""]=t.get("at");e===t.get("selected")&&(i||(this.#s=""),i!==this.#e&&this.#r(this.#e)!==e&&(i?this.goTo(i):this.#i()))}goTo(t){this.#s=t,this.arrive()}arrive(){let{canvas:t}=this.stage,e=this.#s;!e||!t.has(e)||!this.stage.isShown()||(this.#s="",e!==this.#e&&this.choose(e),t.jump(e),t.tabTo(e))}redrawn(){this.#e&&!this.stage.canvas.has(this.#e)&&this.#i(),this.mark(),this.#s?this.arrive():this.follow()}leave(){let{canvas:t,panel:e}=this.stage,i=e.element.contains(document.activeElement),o=this.#e;this.#i(),i&&o&&t.focus(o),this.tell("")}trace(t){let{say:e}=this.stage;if(!this.#e){e("Select a node first, then trace from it.");return}this.#t.delete(t)||this.#t.add(t);let i=this.mark(),o={up:"depends on",down:"is used by"},n=i?i.size-A(this.#o,this.#e).length:0;this.#t.has(t)?this.#t.size>1?e(`Traced up and down: ${v(n,"node")}.`):e(`${this.#r(this.#e)} ${o[t]} ${v(n,"node")}.`):e("The trace has ended.")}mark(){let t=null;if(this.#e&&this.#t.size){let e=A(this.#o,this.#e);t=new Set(e);for(let i of this.#t)for(let o of Mt(this.#o.links,e,i))t.add(o)}return this.stage.canvas.mark(this.#e,t),this.stage.panel.traced(this.#t),t}#i(){this.#e&&this.stage.say("Nothing is selected."),this.#e="",this.#t.clear(),this.stage.showPanel(!1),this.mark()}#n(){this.stage.showPanel(!0),this.stage.canvas.reveal(this.#e)}get#o(){return this.stage.model.get("view")}#r(t){return T(this.#o,t)}};var fe=200,Rt=24;function Ht(s,t){let e=l("div",{class:"tfg-splitter",role:"separator",tabindex:0,"aria-label":"Width of the details","aria-orientation":"vertical",title:"Drag, or press \u2190 and \u2192"}),i=r=>{let{all:a}=s(),h=Math.round(Math.max(fe,Math.min(r,a*.7)));e.setAttribute("aria-valuenow",`${h}`),t(h)},o;e.addEventListener("pointerdown",r=>{r.button===0&&(r.preventDefault(),e.setPointerCapture(r.pointerId),o={x:r.clientX,width:s().now})}),e.addEventListener("pointermove",r=>{o&&i(o.width+o.x-r.clientX)});let n=()=>{o=void 0};return e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n),e.addEventListener("keydown",r=>{let a={ArrowLeft:Rt,ArrowRight:-Rt}[r.key];a&&(r.preventDefault(),i(s().now+a))}),e}function zt(s,t){let e=t.getRootNode(),n=[...(t.closest(".jp-OutputArea")??e).querySelectorAll("[data-tfg-static]")].filter(a=>a.dataset.tfgStatic===s&&a.compareDocumentPosition(t)&Node.DOCUMENT_POSITION_FOLLOWING).at(-1);if(!n)return()=>{};let r=n.style.display;return n.style.display="none",()=>{n.style.display=r}}function pe(s){let{body:t,documentElement:e}=s,i=t.dataset.jpThemeLight;if(i!==void 0)return i==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;let o=e.getAttribute("theme");return o?o==="dark":s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function It(s,t){let e=()=>t(pe(s)),i=new MutationObserver(e),o=["data-jp-theme-light","class","theme"];i.observe(s.body,{attributes:!0,attributeFilter:o}),i.observe(s.documentElement,{attributes:!0,attributeFilter:o});let n=s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return n?.addEventListener("change",e),e(),()=>{i.disconnect(),n?.removeEventListener("change",e)}}var ge=720,ue="Nodes carry the values of these rows. A click shows them row by row.",me=150,ve="Nodes say what became of them. A click shows the old and the new values.",we=1400,K=class{constructor(t){this.model=t;this.#e=new G(t,n=>{this.#h(n?"The kernel is busy or gone: waiting for it.":"")}),this.#t=new I(t.get("title")),this.#s=new V({jump:n=>{this.#C(n)},trace:n=>this.#a.trace(n),toggle:n=>{this.#P(n)},close:()=>this.#a.leave(),values:()=>this.#a.askValues(),compute:(n,r)=>{this.#$(n,r)}}),this.#a=new _({model:t,canvas:this.#t,panel:this.#s,kernel:this.#e,isShown:()=>this.#y,showPanel:n=>this.#U(n),say:n=>this.#h(n),cost:n=>this.#c.says(n)}),this.#i=new F(n=>this.#e.ask("search",{text:n}),n=>{this.#C(n.name)},()=>this.#t.svg.focus({preventScroll:!0})),this.#n=new $(this.#t,{view:()=>this.#b,selected:()=>this.#a.id,select:n=>this.#a.select(n),leave:()=>this.#a.leave(),toggle:n=>{this.#P(n)},close:n=>{this.#m=n,this.#M("close",n)},trace:n=>this.#a.trace(n),search:()=>this.#i.input.focus(),help:()=>this.#D(),turn:()=>this.#B(),isAcross:()=>this.model.get("direction")==="right",row:n=>this.#j(n),notFinite:()=>{this.#R()},say:n=>this.#h(n)}),this.#t.element.append(this.#r);let e=Ht(()=>({now:this.#s.element.clientWidth,all:this.element.clientWidth}),n=>{this.element.style.setProperty("--panel",`${n}px`),this.#A(!0)}),i=[this.#t.element,e,this.#s.element],o=l("div",{class:"tfg-body"},...i);t.get("sides")&&this.#G(o),this.element=l("div",{class:"tfg-view"},this.#S(),this.#d,this.#g.element,this.#c.element,o,this.#o),this.element.addEventListener("keydown",n=>this.#n.press(n)),this.#t.svg.addEventListener("focusin",n=>{this.#m=n.target.dataset.id??""}),X(this.#t,this.#N),this.#F(),this.#O(),this.#V(),this.#H(),this.#z(),this.#h("")}model;element;#e;#t;#s;#i;#n;#o=l("div",{class:"tfg-status",role:"status","aria-live":"polite"});#r=l("div",{class:"tfg-hint","aria-hidden":"true"});#d=at();#l=g("turn","Left to right (L)",()=>this.#B());#g=new P({first:()=>{this.#R()},cancel:()=>{this.#T("cancel_peek")},cost:t=>{this.#T("cost",{on:t})},hide:()=>{this.#T("hide_values")}});#c=new D(t=>{this.#C(t)},()=>this.#I());#u;#x="";#f=!1;#a;#m="";#v="";#E=!1;#y=!1;#k="";#w=0;#p=[];#S(){return rt(this.#i.element,this.#l,{zoom:t=>this.#t.zoom(t),fit:()=>this.#t.fit(),openAll:()=>{this.#M("open_all")},closeAll:()=>{this.#M("close_all")},save:t=>{this.#W(t)},help:()=>this.#D(),peek:(t,e)=>{this.#T("peek",{rows:t,drawn:e})}})}get#N(){return{click:t=>t?this.#a.select(t):this.#a.leave(),toggle:t=>{this.#P(t)},scrolled:()=>this.#q()}}#G(t){let e=new j;this.#u=e,t.classList.add("tfg-two"),t.prepend(e.element),this.#t.onMove=r=>e.follow(r),this.#t.onMark=()=>e.copy(this.#t.ground);let{svg:i}=e;X({svg:i,pan:(r,a)=>this.#t.pan(r,a),zoom:(r,a)=>this.#t.zoom(r,a)},this.#N)}async#T(t,e={}){try{await this.#e.ask(t,e)}catch(i){this.#h(i.message,!0)}}async#$(t,e){try{let{name:i}=await this.#e.ask("fetch",{node:t,on:e});t===this.#a.id&&this.#s.computed(e),this.#h(`${i} is ${e?"computed too: see Compute":"not computed: see Compute"} in the form.`)}catch(i){this.#h(i.message,!0)}}#j(t){this.model.get("peeking").state!=="ready"?this.#h("Peek at rows first."):this.#a.id?this.#s.values.step(t)||this.#h("There is no other row in this direction."):this.#h("Select a node first.")}async#R(){let{state:t,first:e,compared:i}=this.model.get("peeking"),o=i?"The values part nowhere.":"No node on show made a NaN or infinity.";t==="ready"&&!e?this.#h(o):t!=="ready"?this.#h("Peek at rows first."):await this.#T("first")}#H(){let t=this.model.get("peeking"),e=t.state!==this.#x;this.#x=t.state,this.element.classList.toggle("tfg-can-peek",t.can),this.#g.show(t);let i=t.compared?ve:ue,o=t.state==="ready"?i:t.says;e&&o&&this.#h(o,t.state==="failed"),this.#a.askValues()}#z(){let t=this.model.get("cost"),e="nodes"in t;this.#c.show(e?t:null),this.#g.showCost(e),this.#a.askValues()}#I(){this.#t.heat(this.#c.heat())}#D(){this.#d.hidden=!this.#d.hidden}#B(){let t=this.model.get("direction")==="right";this.model.set("direction",t?"down":"right"),this.model.save_changes(),this.#h(t?"The graph flows down.":"The graph flows from left to right.")}#O(){let t=this.model.get("direction")==="right";this.#l.setAttribute("aria-pressed",String(t)),this.#t.forget()}close(){clearTimeout(this.#w);for(let t of this.#p)t();this.#e.close(),this.#t.close()}get#b(){return this.model.get("view")}#F(){let t=()=>{this.#E||(this.#E=!0,queueMicrotask(()=>{this.#E=!1,this.#V()}))},e=()=>this.#a.follow(),i={"change:svg":t,"change:view":t,"change:at":e,"change:selected":e,"change:peeking":()=>this.#H(),"change:cost":()=>this.#z(),"change:direction":()=>this.#O()};for(let[n,r]of Object.entries(i))this.model.on(n,r),this.#p.push(()=>this.model.off(n,r));this.#p.push(It(document,n=>{this.element.dataset.theme=n?"dark":"light"}));let o=new ResizeObserver(()=>this.#A());o.observe(this.#t.element),o.observe(this.element),this.#p.push(()=>o.disconnect())}#A(t=!1){let{clientWidth:e}=this.element;if(!e)return;this.element.classList.toggle("tfg-narrow",e<ge);let i=this.#t.element;this.#y||(this.#y=!0,this.#L(),this.#p.push(zt(this.model.get("uid"),this.element))),this.#t.resize({width:i.clientWidth,height:i.clientHeight},t),this.#a.arrive(),clearTimeout(this.#w),this.#w=setTimeout(()=>this.#_(),me)}#_(){let t=ct(this.element.clientWidth);t<=0||t===this.model.get("room")||(this.model.set("room",t),this.model.save_changes())}#L(){let t=this.#t.element;if(t.style.height!==this.#k)return;let e=this.#t.heightFor(t.clientWidth);e<=t.clientHeight&&this.#k||(this.#k=`${e}px`,t.style.height=this.#k,this.#t.grow({width:t.clientWidth,height:e}))}#K(){let t=this.#t.element;this.#L(),this.#t.restart({width:t.clientWidth,height:t.clientHeight}),this.#a.id&&this.#t.reveal(this.#a.id)}#U(t){this.element.classList.toggle("tfg-detailed",t),this.#s.element.hidden=!t,this.#A(!0)}#V(){let t=this.#b,e=this.#t.svg.contains(document.activeElement);this.#t.show(this.model.get("svg"),t,this.#v||this.#a.id),this.#y&&this.#L(),this.#t.element.append(this.#r),this.#u&&(this.#t.element.append(l("div",{class:"tfg-side"},"New")),this.#u.show(this.#t.ground,this.model.get("sides")??{old:[],new:[]}));let i=this.#t.svg.querySelector(".tfg-badge")!==null;i!==this.#f&&this.#y&&this.#K(),this.#f=i,this.#I(),this.#v="";let o=this.#t.has(this.#m)?this.#m:t.nodes[0]?.id??"";e&&this.#m?this.#t.focus(o):this.#t.tabTo(o),this.#a.redrawn()}async#P(t){let e=this.#b.nodes.find(o=>o.id===t),i=this.#b.boxes.find(o=>o.id===t);!e?.openable&&!i?.closable||await this.#M(e?"open":"close",t)}async#M(t,e=""){this.#v=e,e&&(this.#m=this.#m&&e);try{let{says:i}=await this.#e.ask(t,e?{node:e}:{}),o={open:"Opened",close:"Closed",open_all:"Opened all",close_all:"Closed all"},n=`${v(this.#b.nodes.length,"node")} on show.`;this.#h(i||[`${o[t]} ${T(this.#b,e)}`.trim(),n].join(": ")),e&&e===this.#a.id&&this.#a.choose(e)}catch(i){this.#v="",this.#h(i.message,!0)}}async#C(t){try{let{id:e,says:i}=await this.#e.ask("reveal",{name:t});this.#a.goTo(e),this.#t.focus(e),i&&this.#h(i),this.#a.tell(T(this.#b,e)||t)}catch(e){this.#h(e.message,!0)}}async#W(t){try{let e=async()=>(await this.#e.ask("export",{format:t})).text;await Ct(t,this.model.get("svg"),e),this.#h(`Saved graph.${t}.`)}catch(e){this.#h(e.message,!0)}}#h(t,e=!1){this.#o.textContent=t||wt(this.#b),this.#o.classList.toggle("tfg-error",e)}#q(){let t=/Mac|iP(hone|ad)/.test(navigator.platform)?"\u2318":"Ctrl";this.#r.textContent=`${t} + wheel zooms`,this.#r.classList.add("tfg-on"),setTimeout(()=>this.#r.classList.remove("tfg-on"),we)}};function be({model:s,el:t}){let e=document.createElement("style");e.textContent=Z;let i=new K(s);return t.append(e,i.element),()=>i.close()}var Gi={render:be};export{Gi as default};
