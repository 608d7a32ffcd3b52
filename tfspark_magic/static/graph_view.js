var U=`.tfg-view {
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
`;function l(s,t={},...e){let i=document.createElement(s);for(let[o,n]of Object.entries(t))typeof n=="function"?i.addEventListener(o.slice(2),n):n===!0?i.setAttribute(o,""):n!==void 0&&n!==!1&&i.setAttribute(o,String(n));return i.append(...e),i}function b(s){let t=s.map(([e,i])=>l("div",{class:"tfg-pair",role:"listitem"},l("span",{class:"tfg-key",title:e},e),l("span",{class:"tfg-value"},i)));return l("div",{class:"tfg-list",role:"list"},...t)}var Ct="http://www.w3.org/2000/svg";function p(s,t,...e){let i=document.createElementNS(Ct,s);for(let[o,n]of Object.entries(t))i.setAttribute(o,`${n}`);return i.append(...e),i}var q={plus:"M8 3v10M3 8h10",minus:"M3 8h10",fit:"M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",expand:"M4 6.5l4-4 4 4M4 9.5l4 4 4-4",collapse:"M4 2.5l4 4 4-4M4 13.5l4-4 4 4",save:"M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",keys:"M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.8v.4",close:"M4 4l8 8M12 4l-8 8"};function X(s){return s in q}function Nt(s){let t=p("path",{d:q[s]});return p("svg",{class:"tfg-icon",viewBox:"0 0 16 16","aria-hidden":"true"},t)}function u(s,t,e){return l("button",{...{type:"button",class:"tfg-button","aria-label":t,title:t},onclick:e},Nt(s))}var W=0;function Y(){return W+=1,`tfg-${W}-${Math.random().toString(36).slice(2,8)}`}var zt={ArrowUp:[0,48],ArrowDown:[0,-48],ArrowLeft:[48,0],ArrowRight:[-48,0]},Ht={"+":{do:"zoom",by:1.3},"=":{do:"zoom",by:1.3},"-":{do:"zoom",by:1/1.3},_:{do:"zoom",by:1/1.3},0:{do:"fit"},f:{do:"fit"},Enter:{do:"enter"}," ":{do:"select"},Escape:{do:"leave"},"/":{do:"search"},"?":{do:"help"},u:{do:"up"},d:{do:"down"},p:{do:"parent"},n:{do:"notFinite"},",":{do:"row",by:-1},".":{do:"row",by:1},Backspace:{do:"close"},Home:{do:"first"},End:{do:"last"}},Z=[["Tab","to the drawing, then to its nodes"],["\u2190 \u2191 \u2193 \u2192","on a node: to the next one, \u2191 and \u2193 along lines; else move the drawing"],["Shift + arrow","move the drawing"],["Enter","open or close a group, select an operation"],["Space","select"],["Backspace","close the group around"],["P","to the group around"],["U, D","trace up, trace down"],["+, -","zoom; also Ctrl or \u2318 + wheel, or two fingers"],["0 or F","show everything"],[", and .","with values: the row before, the next row"],["N","with values: to the first node that made a NaN or infinity"],["/","search"],["Escape","select nothing"]];function J(s,t){let e=zt[s.key];if(e)return t&&!s.shiftKey?{do:"step",arrow:s.key}:{do:"pan",dx:e[0],dy:e[1]};let i=s.key.length===1?s.key.toLowerCase():s.key;return Ht[i]}function G(s,t,e){let i=e.map(({label:c,choose:f})=>l("button",{type:"button",role:"menuitem",class:"tfg-item",tabindex:-1,onclick:()=>{h(!1),a.focus(),f()}},c)),o=l("div",{class:"tfg-popup tfg-menu",role:"menu",hidden:!0},...i),n=()=>h(o.hidden===!0),r={type:"button",class:"tfg-button tfg-worded",title:t,onclick:n},a=X(s)?u(s,t,n):l("button",r,s);a.setAttribute("aria-haspopup","menu"),a.setAttribute("aria-expanded","false");let d=l("div",{class:"tfg-holder"},a,o);function h(c){o.hidden=!c,a.setAttribute("aria-expanded",String(c)),c&&i[0]?.focus()}return d.addEventListener("focusout",c=>{d.contains(c.relatedTarget)||h(!1)}),d.addEventListener("keydown",c=>{if(o.hidden)return;let f=i.indexOf(c.target),S={ArrowDown:1,ArrowUp:i.length-1}[c.key];if(S!==void 0)i[(f+S)%i.length]?.focus();else if(c.key==="Escape")h(!1),a.focus();else return;c.preventDefault(),c.stopPropagation()}),d}var Q=[{label:"First 20 rows",rows:20,drawn:!1},{label:"First 200 rows",rows:200,drawn:!1},{label:"100 rows drawn from all",rows:100,drawn:!0},{label:"1,000 rows drawn from all",rows:1e3,drawn:!0}],L=class{element;#e=l("span",{class:"tfg-peek-says"});#t;#s;#i;#r;constructor(t){let e=(o,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,onclick:r},o);this.#t=e("Go to the first NaN or \u221E","Select the node that made it (N)",()=>t.first()),this.#s=e("Cancel","Cancel the peek",()=>t.cancel()),this.#i=e("Cost","Colour the nodes by their time, or by their bytes",()=>t.cost(this.#i.getAttribute("aria-pressed")!=="true")),this.#i.setAttribute("aria-pressed","false"),this.#r=e("Hide values","Show the graph alone",()=>t.hide());let i=[this.#t,this.#s,this.#i,this.#r];this.element=l("div",{class:"tfg-peek",hidden:!0},this.#e,...i)}showCost(t){this.#i.setAttribute("aria-pressed",String(t))}show({state:t,says:e,first:i}){let o=this.element.contains(document.activeElement);this.element.hidden=!t,this.#e.textContent=e,this.#e.classList.toggle("tfg-error",t==="failed"),this.#t.hidden=t!=="ready"||!i,this.#i.hidden=t!=="ready",this.#s.hidden=t!=="busy",this.#r.hidden=t!=="ready"&&t!=="failed",o&&document.activeElement===document.body&&this.#o()?.focus()}#o(){return[this.#s,this.#i,this.#r].find(t=>!t.hidden)}};var tt=1.3,It=[["svg","SVG picture"],["png","PNG picture"],["dot","DOT source"],["pbtxt","Graph as text (pbtxt)"]];function et(s,t){let e=It.map(([n,r])=>({label:r,choose:()=>t.save(n)})),i=Q.map(({label:n,rows:r,drawn:a})=>({label:n,choose:()=>t.peek(r,a)})),o=G("Peek","Let rows flow through the graph",i);return o.classList.add("tfg-peek-menu"),l("div",{class:"tfg-bar",role:"group","aria-label":"Graph"},u("plus","Zoom in (+)",()=>t.zoom(tt)),u("minus","Zoom out (-)",()=>t.zoom(1/tt)),u("fit","Show everything (0)",t.fit),l("span",{class:"tfg-gap"}),u("expand","Open all groups",t.openAll),u("collapse","Close all groups",t.closeAll),s,o,G("save","Save as a file",e),u("keys","Keyboard and mouse (?)",t.help))}function it(){return l("div",{class:"tfg-help",role:"note","aria-label":"Keys",hidden:!0},b(Z))}var Dt="http://www.w3.org/2000/svg",Bt=new Set("svg g path polygon polyline ellipse circle rect line text tspan image".split(" ")),Ot=new Set("class d points transform x y cx cy rx ry r x1 y1 x2 y2 width height viewBox fill stroke fill-opacity stroke-opacity opacity stroke-width stroke-dasharray font-size font-weight font-style font-family text-anchor preserveAspectRatio".split(" ")),Rt=/^data:image\/png;base64,[\w+/=]*$/;function x(s){let t=new DOMParser().parseFromString(s,"image/svg+xml").documentElement;return t?.localName!=="svg"?null:st(t)}function st(s){if(!Bt.has(s.localName))return null;let t=s.getAttribute("href")??"";if(s.localName==="image"&&!Rt.test(t))return null;let e=document.createElementNS(Dt,s.localName);for(let{name:i,value:o}of s.attributes)i==="id"?e.setAttribute("data-id",o):Ot.has(i)&&!/url\s*\(/i.test(o)&&e.setAttribute(i,o);s.localName==="image"&&e.setAttribute("href",t);for(let i of s.childNodes)if(i.nodeType===Node.TEXT_NODE)e.append(i.textContent??"");else if(i.nodeType===Node.ELEMENT_NODE){let o=st(i);o&&e.append(o)}return e}var Vt=1.3333333333333333,$t=.05,jt=6,A=.75,m=12;function F(s,t){let e=Math.min((t.width-2*m)/s.width,(t.height-2*m)/s.height,Vt);return nt(s,t,_(e))}function y(s,t){let e=F(s,t);if(e.k>=A)return e;let i=(t.width-2*m)/s.width,o=_(Math.max(e.k,Math.min(i,A))),n=nt(s,t,o);return{...n,y:Math.max(n.y,m)}}function nt(s,t,e){return{x:(t.width-s.width*e)/2,y:(t.height-s.height*e)/2,k:e}}function K(s,t,e){let i=_(s.k*t),o=i/s.k;return{x:e.x-(e.x-s.x)*o,y:e.y-(e.y-s.y)*o,k:i}}function k(s,t,e){return{...s,x:s.x+t,y:s.y+e}}function rt(s,t,e,i){let o=k(s,(i.width-e.width)/2,0),n=({x:r,k:a},{width:d})=>r<0||r+t.width*a>d;return n(o,i)&&!n(s,e)?y(t,i):o}function at(s,t,e){return k(s,(t.x-e.x)*s.k,(t.y-e.y)*s.k)}function P(s,t,e){let i=Math.min((e.width-2*m)/t.width,(e.height-2*m)/t.height),o=Math.min(s.k,Math.max(i,A)),n={x:t.x+t.width/2,y:t.y+t.height/2},r={x:n.x*s.k+s.x,y:n.y*s.k+s.y},a=o===s.k?s:K(s,o/s.k,r),d=t.x*a.k+a.x,h=t.y*a.k+a.y;return k(a,ot(d,d+t.width*a.k,e.width),ot(h,h+t.height*a.k,e.height))}function lt(s,t,e){let i=Math.max(s.k,A);return{x:e.width/2-(t.x+t.width/2)*i,y:e.height/2-(t.y+t.height/2)*i,k:i}}function dt(s,t,e){let i=(o,n)=>o+(n-o)*e;return{x:i(s.x,t.x),y:i(s.y,t.y),k:i(s.k,t.k)}}function ot(s,t,e){return s<m||t-s>e-2*m?m-s:t>e-m?e-m-t:0}function _(s){return Math.min(jt,Math.max($t,s))}var Gt={placeholder:"placeholder",fetch:"fetch",variable:"variable",constant:"constant",op:"operation",scope:"scope",series:"series",band:"group of neighbours",step:"repetition"};function w(s){return Gt[s]??s}function C(s){let t=s.openable?`closed ${w(s.kind)}`:w(s.kind);return[s.name,t,s.says].filter(Boolean).join(", ")}function N(s){return`${s.name}, open ${w(s.id.split(":",1)[0]??"")}`}function E({nodes:s,boxes:t},e){return[...s,...t].find(i=>i.id===e)?.name??""}function ct({nodes:s,boxes:t}){let e=t.length||s.some(i=>i.openable);return[`${v(s.length,"node")} on show.`,"A click shows what one is.",e?"A double click opens or closes a group.":""].join(" ")}function v(s,t){return`${s.toLocaleString("en")} ${t}${s===1?"":"s"}`}var Ft=180,Kt=200,_t=520,z=class{element;svg;#e=p("g",{});#t=new Map;#s={width:1,height:1};#i={width:0,height:0};#r={x:0,y:0,k:1};#o=this.#r;#a=0;#c=!1;constructor(t){this.svg=p("svg",{class:"tfg-svg",role:"application","aria-roledescription":"graph","aria-label":t,tabindex:0}),this.svg.append(this.#e),this.element=l("div",{class:"tfg-canvas"}),this.element.append(this.svg)}show(t,e,i){let o=this.#g(i),n=x(t);if(this.#t.clear(),!n){let h=l("pre",{class:"tfg-text",tabindex:0},e.text??"");this.element.replaceChildren(h);return}this.element.replaceChildren(this.svg);let[,,r=1,a=1]=(n.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number);this.#s={width:r,height:a};let d=n.getAttribute("font-family");d&&this.#e.setAttribute("font-family",d),this.#e.replaceChildren(...n.childNodes);for(let h of this.#e.querySelectorAll("g:is(.node, .edge, .cluster)")){let c=h.dataset.id;c&&this.#t.set(c,h)}if(this.#p(e),!!this.#c)for(let[h,c]of o){let f=this.box(h);if(f){this.#o=at(this.#o,c,ht(f)),this.#n(this.#o),h===i&&this.#f(P(this.#o,f,this.#i));break}}}resize(t,e=!1){let i=this.#i;this.#i=t,this.#c?!e&&t.width!==i.width&&this.#n(rt(this.#o,this.#s,i,t)):this.#n(y(this.#s,t)),this.#c=!0}restart(t){this.#i=t,this.#n(y(this.#s,t))}heightFor(t){let e=y(this.#s,{width:t,height:Number.POSITIVE_INFINITY}).k;return Math.round(Math.min(_t,Math.max(Kt,this.#s.height*e+32)))}get transform(){return this.#o}zoom(t,e){let{width:i,height:o}=this.#i,n=K(this.#o,t,e??{x:i/2,y:o/2});e?this.#n(n):this.#f(n)}pan(t,e){this.#n(k(this.#o,t,e))}fit(){this.#f(F(this.#s,this.#i))}jump(t){let e=this.box(t),i=this.#t.get(t);!e||!i||(this.#f(P(lt(this.#o,e,this.#i),e,this.#i)),i.classList.remove("tfg-flash"),i.getBoundingClientRect(),i.classList.add("tfg-flash"))}reveal(t){let e=this.box(t);e&&this.#f(P(this.#o,e,this.#i))}has(t){return this.#t.has(t)}box(t){let e=this.#t.get(t);if(!e||this.#i.width===0)return;let i=e.getBoundingClientRect(),o=this.svg.getBoundingClientRect(),{x:n,y:r,k:a}=this.#r;return{x:(i.x-o.x-n)/a,y:(i.y-o.y-r)/a,width:i.width/a,height:i.height/a}}places(t){let e=new Map;for(let i of t){let o=this.box(i);o&&e.set(i,ht(o))}return e}focus(t){this.tabTo(t),this.#t.get(t)?.focus({preventScroll:!0})}tabTo(t){for(let[e,i]of this.#t)i.hasAttribute("tabindex")&&(i.tabIndex=e===t?0:-1)}mark(t,e){for(let[i,o]of this.#t){o.classList.toggle("tfg-selected",i===t),o.hasAttribute("role")&&o.setAttribute("aria-pressed",String(i===t));let n=o.classList.contains("tfg-cluster"),r=!e||n||e.has(i)||i.includes("->")&&Ut(i,e);o.classList.toggle("tfg-dimmed",!r)}}heat(t){for(let[e,i]of this.#t){let o=t.get(e);i.classList.toggle("tfg-heated",o!==void 0),i.style.setProperty("--heat",`${(100*(o??0)).toFixed(0)}%`)}}close(){cancelAnimationFrame(this.#a)}#p(t){for(let e of t.nodes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",C(e)),i?.setAttribute("aria-pressed","false"),e.openable&&(i?.setAttribute("aria-expanded","false"),this.#h(i,e.id,`Open ${e.name}`,"M-2.5 0h5M0-2.5v5"))}for(let e of t.boxes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",N(e)),i?.setAttribute("aria-pressed","false"),e.closable&&(i?.setAttribute("aria-expanded","true"),this.#h(i,e.id,`Close ${e.name}`,"M-2.5 0h5"))}}#h(t,e,i,o){let[n,r]=Wt(t);if(!t||n===void 0||r===void 0)return;let a=p("title",{});a.textContent=i;let d={class:"tfg-toggle","data-toggle":e,transform:`translate(${n-2} ${r+2})`};t.append(p("g",d,a,p("circle",{r:5}),p("path",{d:o})))}#g(t){let e={x:this.#i.width/2,y:this.#i.height/2},{x:i,y:o,k:n}=this.#o,r={x:(e.x-i)/n,y:(e.y-o)/n},a=c=>Math.hypot(c.x-r.x,c.y-r.y),d=[...this.#t.keys()].filter(c=>!c.startsWith("edge:"));return[...this.places(d)].sort(([c,f],[g,S])=>+(g===t)-+(c===t)||a(f)-a(S))}#f(t){let e=this.#r;if(matchMedia("(prefers-reduced-motion: reduce)").matches){this.#n(t);return}this.#o=t,cancelAnimationFrame(this.#a);let o=performance.now(),n=r=>{let a=Math.min(1,Math.max(0,(r-o)/Ft));this.#d(dt(e,t,1-(1-a)**3)),a<1&&(this.#a=requestAnimationFrame(n))};this.#a=requestAnimationFrame(n)}#n(t){cancelAnimationFrame(this.#a),this.#o=t,this.#d(t)}#d(t){this.#r=t,this.#e.setAttribute("transform",`translate(${t.x} ${t.y}) scale(${t.k})`)}};function ht(s){return{x:s.x+s.width/2,y:s.y+s.height/2}}function Ut(s,t){let e=s.slice(5);for(let i=e.indexOf("->");i>=0;i=e.indexOf("->",i+1))if(t.has(e.slice(0,i))&&t.has(e.slice(i+2)))return!0;return!1}function Wt(s){let t=s?.querySelector("path, polygon"),i=(t?.getAttribute("d")??t?.getAttribute("points")??"").match(/-?\d+(?:\.\d+)?/g)?.map(Number)??[];if(i.length<4)return[];let o=i.filter((r,a)=>a%2===0),n=i.filter((r,a)=>a%2===1);return[Math.max(...o),Math.min(...n)]}var qt=30,H=class{constructor(t,e){this.jump=t;this.onChange=e}jump;onChange;element=l("section",{class:"tfg-cost","aria-label":"Cost",hidden:!0});#e="time";#t=null;show(t){this.#t=t;let e=this.element.contains(document.activeElement);this.element.hidden=!t,this.element.replaceChildren(...t?[this.#s(t),this.#i(t)]:[]),e&&this.element.querySelector("[aria-pressed='true']")?.focus(),this.onChange()}heat(){let t=Object.entries(this.#t?.nodes??{}),e=Math.max(...t.map(([,i])=>i[this.#e]),Number.MIN_VALUE);return new Map(t.map(([i,o])=>[i,Math.sqrt(o[this.#e]/e)]))}says(t){let e=this.#t?.nodes[t]??this.#t?.boxes[t];return e?ft(e):""}#s(t){let e=(o,n)=>l("button",{type:"button",class:"tfg-button tfg-worded","aria-pressed":String(o===this.#e),onclick:()=>{this.#e=o,this.show(this.#t)}},n),i=l("span",{class:"tfg-scale","aria-hidden":"true"});return l("div",{class:"tfg-cost-head"},e("time","Time"),e("bytes","Bytes"),l("span",{class:"tfg-faint"},"none"),i,l("span",{class:"tfg-faint"},"the most on show"),l("span",{class:"tfg-cost-total"},t.total))}#i(t){let e=this.#e,o=[...t.list].sort((n,r)=>r[e]-n[e]).slice(0,qt).map(n=>l("li",{},l("button",{type:"button",class:"tfg-link",title:`Go to ${n.name}`,onclick:()=>this.jump(n.name)},n.is_scope?`${n.name}/`:n.name),l("span",{class:"tfg-share",style:`--share:${(100*n[e]).toFixed(1)}%`}),l("span",{class:"tfg-faint"},ft(n))));return l("ol",{class:"tfg-costs",tabindex:0,"aria-label":"The most first"},...o)}};function ft({time:s,says:t}){return`${(100*s).toFixed(0)} %, ${t}`}var I=class{constructor(t){this.ask=t}ask;element=l("div",{class:"tfg-values"});#e=0;#t=0;get row(){return this.#e}clear(){this.#t=0,this.element.replaceChildren()}show(t){let e=this.element.contains(document.activeElement)?document.activeElement.dataset.step:void 0;this.#t=Math.max(0,...t.map(n=>n.rows));let i=t.length>1;this.element.replaceChildren(...t.flatMap((n,r)=>this.#i(n,i,r===0)));let o=this.element.querySelector(`[data-step="${e}"]`);e&&o?.focus()}step(t){return this.#s(this.#e+t)}#s(t){let e=Math.min(Math.max(0,t),this.#t-1);return this.#t<2||e===this.#e?!1:(this.#e=e,this.ask(),!0)}#i(t,e,i){let o=e?`Values of ${t.name}`:"Values",n=[["Tensor",t.spec],...t.facts],r=[l("h4",{class:"tfg-panel-title"},o),l("div",{class:"tfg-facts"},b(n))];return t.all&&r.push(pt(t.all)),t.note&&r.push(l("p",{class:"tfg-faint tfg-note"},t.note)),t.rows>1&&i&&r.push(this.#r(t)),t.one&&r.push(pt(t.one)),t.cells.length&&r.push(Xt(t)),t.left&&r.push(l("p",{class:"tfg-faint tfg-note"},t.left)),r}#r(t){let e=(o,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,"aria-label":n,"data-step":r,"aria-disabled":String(t.row+r<0||t.row+r>=t.rows),onclick:()=>{this.step(r)}},o),i=l("input",{type:"number",class:"tfg-row",min:1,max:t.rows,value:t.row+1,"aria-label":`Row, of ${t.rows}`,"data-step":0,onchange:o=>{this.#s(Number(o.target.value)-1)}});return l("div",{class:"tfg-stepper",role:"group","aria-label":"Row"},e("\u2039","Previous row (,)",-1),l("span",{},"Row"),i,l("span",{class:"tfg-faint"},`of ${t.rows.toLocaleString("en")}`),e("\u203A","Next row (.)",1))}};function pt(s){let{width:t,height:e,alt:i}=s;if(s.source?.startsWith("data:image/png;base64,")){let a={class:"tfg-pixels",src:s.source,alt:i,title:i,width:t,height:e};return l("img",a)}let o={viewBox:`0 0 ${t} ${e}`,role:"img","aria-label":i},n=p("svg",o,p("path",{d:s.path??""})),r=l("span",{class:"tfg-faint","aria-hidden":"true"},i);return l("div",{class:"tfg-histogram"},n,r)}function Xt({cells:s,row:t,rows:e}){let i=s.map(r=>l("div",{role:"row",class:"tfg-cells-row"},...r.map(a=>l("span",{role:"cell",class:a==="NaN"?"tfg-error":""},a)))),n={role:"table",class:"tfg-cells",tabindex:0,"aria-label":e>1?`Values of row ${t+1}`:"Values"};return l("div",n,...i)}var B=class{constructor(t){this.actions=t;let e=(o,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,onclick:r},o);this.#i=e("\u2191 Trace up","Show only what this depends on (U)",()=>t.trace("up")),this.#r=e("\u2193 Trace down","Show only what depends on this (D)",()=>t.trace("down")),this.values=new I(()=>t.values()),this.#o=e("Open","",()=>t.toggle(this.#c)),this.#a=e("Compute this too","Add it to what the form computes",()=>t.compute(this.#c,this.#a.getAttribute("aria-pressed")!=="true"));let i=u("close","Close details (Escape)",()=>t.close());this.element=l("section",{class:"tfg-panel","aria-label":"Details",hidden:!0},l("div",{class:"tfg-panel-head"},this.#e,i),l("div",{class:"tfg-panel-buttons"},this.#i,this.#r,this.#o,this.#a),this.#t,this.values.element,this.#s)}actions;element;#e=l("h3",{class:"tfg-panel-name"});#t=l("p",{class:"tfg-note",hidden:!0});#s=l("div",{class:"tfg-facts"});values;#i;#r;#o;#a;#c="";show(t,e){this.#c=t.id,this.values.clear(),this.#a.hidden=!0,this.#e.textContent=t.name,this.#o.hidden=e===void 0,this.#o.textContent=e?"Close":"Open",this.#o.title=e?"Show it as one node (Enter)":"Show what is inside (Enter)",this.#s.replaceChildren(T([["Kind",w(t.kind)],["",t.says]]))}fill(t){this.#e.textContent=t.name,this.computed(t.fetched),this.#s.replaceChildren(...t.op?this.#p(t):this.#h(t))}fail(t){this.#s.replaceChildren(l("p",{class:"tfg-error"},t))}computed(t){this.#a.hidden=t===null,this.#a.textContent=t?"\u2713 Computed":"Compute this too",this.#a.setAttribute("aria-pressed",String(t===!0))}costs(t){this.#t.hidden=!t,this.#t.textContent=t&&`Cost on these rows: ${t}`}traced(t){this.#i.setAttribute("aria-pressed",String(t.has("up"))),this.#r.setAttribute("aria-pressed",String(t.has("down")))}#p(t){let e=w(t.kind),i=[["Op",t.op],["Kind",e==="operation"?"":e],["Column",t.column],["Value",t.value],[t.outputs.length===1?"Type":"Types",t.outputs.join(`
`)],["Drawn as",t.part_of&&this.#f(t.part_of)],["Note",t.note]];return[T(i),...D("Inputs",this.#g(t.inputs,t.more_inputs)),...D("Used by",this.#g(t.consumers,t.more_consumers)),...D("Attributes",t.attributes.length?[T(t.attributes)]:[])]}#h(t){return[T([["Kind",w(t.kind)],["Holds",v(t.operations,"operation")]]),...D("Operations",[T(t.attributes)])]}#g(t,e){let i=t.map(o=>l("li",{},this.#f(o.name),l("span",{class:"tfg-faint"},o.is_control?"order only":o.spec)));return e&&i.push(l("li",{class:"tfg-faint"},`and ${e.toLocaleString("en")} more`)),i.length?[l("ul",{class:"tfg-ends"},...i)]:[]}#f(t){let e=`Go to ${t}`;return l("button",{type:"button",class:"tfg-link",title:e,onclick:()=>this.actions.jump(t)},t)}};function D(s,t){return t.length?[l("h4",{class:"tfg-panel-title"},s),...t]:[]}function T(s){return b(s.filter(([,t])=>t!==""))}function vt(s,t){let{svg:e}=s,i,o=0;Yt(s,()=>{i=void 0,o=4}),e.addEventListener("pointerdown",r=>{r.button!==0||!r.isPrimary||(i={x:r.clientX,y:r.clientY},o=0)}),e.addEventListener("pointermove",r=>{if(!i||!r.isPrimary)return;let a=r.clientX-i.x,d=r.clientY-i.y;o+=Math.abs(a)+Math.abs(d),!(o<4)&&(e.hasPointerCapture(r.pointerId)||e.setPointerCapture(r.pointerId),e.classList.add("tfg-dragging"),s.pan(a,d),i={x:r.clientX,y:r.clientY})});let n=()=>{i=void 0,e.classList.remove("tfg-dragging")};e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n),e.addEventListener("click",r=>{if(o>=4)return;let a=mt(r);a?t.toggle(a):t.click(ut(r))}),e.addEventListener("dblclick",r=>{let a=ut(r);a&&!mt(r)&&t.toggle(a)}),e.addEventListener("wheel",r=>{if(!r.ctrlKey&&!r.metaKey){t.scrolled();return}r.preventDefault();let{left:a,top:d}=e.getBoundingClientRect(),h=r.deltaY*(r.deltaMode===1?16:1),c=Math.exp(-Math.max(-300,Math.min(300,h))*.0022);s.zoom(c,{x:r.clientX-a,y:r.clientY-d})},{passive:!1})}function Yt(s,t){let{svg:e}=s,i=new Map;e.addEventListener("pointerdown",r=>{r.pointerType==="touch"&&(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size===2&&t())}),e.addEventListener("pointermove",r=>{if(!i.has(r.pointerId))return;let a=gt([...i.values()]);if(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size!==2)return;let d=gt([...i.values()]),{left:h,top:c}=e.getBoundingClientRect();s.pan(d.x-a.x,d.y-a.y),s.zoom(d.length/(a.length||1),{x:d.x-h,y:d.y-c})});let o=r=>i.delete(r.pointerId);e.addEventListener("pointerup",o),e.addEventListener("pointercancel",o);let n=r=>r.touches.length>1&&r.preventDefault();e.addEventListener("touchstart",n,{passive:!1}),e.addEventListener("touchmove",n,{passive:!1})}function gt([s={x:0,y:0},t=s]){return{x:(s.x+t.x)/2,y:(s.y+t.y)/2,length:Math.hypot(s.x-t.x,s.y-t.y)}}function ut(s){return s.target.closest(".tfg-node, .tfg-cluster")?.dataset.id??""}function mt(s){return s.target.closest("[data-toggle]")?.dataset.toggle??""}var O=class{constructor(t,e){this.channel=t;this.onBusy=e;t.on("msg:custom",this.#o)}channel;onBusy;#e=new Map;#t=0;#s=Math.random().toString(36).slice(2);#i=!1;#r;ask(t,e={}){let i=`${this.#s}-${++this.#t}`;this.#r??=setTimeout(()=>{this.#i=!0,this.onBusy(!0)},1500);let o=new Promise((n,r)=>{this.#e.set(i,{resolve:n,reject:r})});return this.channel.send({id:i,ask:t,...e}),o}close(){clearTimeout(this.#r),this.channel.off("msg:custom",this.#o),this.#e.clear()}#o=t=>{let e=this.#e.get(String(t.id));e&&(this.#e.delete(String(t.id)),this.#e.size===0&&(clearTimeout(this.#r),this.#r=void 0,this.#i&&this.onBusy(!1),this.#i=!1),"error"in t?e.reject(new Error(String(t.error))):e.resolve(t.answer))}};function bt(s,t,e,i){let o=i.get(t);if(!o)return;if(s==="ArrowDown"||s==="ArrowUp"){let a=e.filter(([d,h])=>(s==="ArrowDown"?d:h)===t).map(([d,h])=>s==="ArrowDown"?h:d);return wt(a,i,d=>Math.hypot(d.x-o.x,d.y-o.y))}let n=s==="ArrowRight"?1:-1,r=[...i.keys()].filter(a=>{let d=i.get(a);return a!==t&&d!==void 0&&(d.x-o.x)*n>1});return wt(r,i,a=>Math.abs(a.x-o.x)+4*Math.abs(a.y-o.y))}function wt(s,t,e){let i,o=Number.POSITIVE_INFINITY;for(let n of s){let r=t.get(n),a=r?e(r):Number.POSITIVE_INFINITY;a<o&&(i=n,o=a)}return i}function xt(s,t,e){let i=new Map;for(let[n,r]of s){let[a,d]=e==="down"?[n,r]:[r,n],h=i.get(a);h?h.push(d):i.set(a,[d])}let o=new Set(t);for(let n of o)for(let r of i.get(n)??[])o.add(r);return o}function M(s,t){if(!s.boxes.some(o=>o.id===t))return[t];let e=new Map(s.boxes.map(o=>[o.id,o.box])),i=o=>o===t||o!==""&&i(e.get(o)??"");return s.nodes.filter(o=>i(o.box)).map(o=>o.id)}function yt(s,t){let e=new Map([...s.nodes,...s.boxes].map(o=>[o.id,o.box])),i=[];for(let o=e.get(t);o;o=e.get(o))i.push(o);return i}var Zt={ArrowUp:"It takes nothing.",ArrowDown:"Nothing takes it.",ArrowLeft:"There is nothing to the left.",ArrowRight:"There is nothing to the right."},R=class{constructor(t,e){this.canvas=t;this.actions=e}canvas;actions;press(t){if(t.ctrlKey||t.metaKey||t.altKey)return;t.stopPropagation();let e=t.target;if(!this.canvas.svg.contains(e)){t.key==="Escape"&&e.closest(".tfg-panel")&&this.actions.leave();return}let i=e!==this.canvas.svg,o=J(t,i);o&&(t.preventDefault(),this.#e(o,i?e.dataset.id??"":""))}#e(t,e){let{nodes:i}=this.actions.view();({zoom:()=>t.do==="zoom"&&this.canvas.zoom(t.by),pan:()=>t.do==="pan"&&this.canvas.pan(t.dx,t.dy),fit:()=>this.canvas.fit(),step:()=>t.do==="step"&&this.#r(t.arrow,e),enter:()=>this.#t(e),select:()=>e&&this.actions.select(e),leave:()=>this.actions.leave(),search:()=>this.actions.search(),help:()=>this.actions.help(),up:()=>this.#s(e,"up"),down:()=>this.#s(e,"down"),row:()=>t.do==="row"&&this.actions.row(t.by),notFinite:()=>this.actions.notFinite(),parent:()=>this.#i(e,n=>this.#o(n)),close:()=>this.#i(e,n=>this.actions.close(n)),first:()=>this.#o(i[0]?.id),last:()=>this.#o(i.at(-1)?.id)})[t.do]()}#t(t){let{nodes:e,boxes:i}=this.actions.view(),o=e.some(n=>n.id===t&&n.openable);t?o||i.some(n=>n.id===t&&n.closable)?this.actions.toggle(t):this.actions.select(t):this.#o(this.actions.selected()||e[0]?.id)}#s(t,e){t&&t!==this.actions.selected()&&this.actions.select(t),this.actions.trace(e)}#i(t,e){let[i]=yt(this.actions.view(),t);i?e(i):this.actions.say("There is no open group around.")}#r(t,e){let i=this.actions.view();if(i.boxes.some(r=>r.id===e)){this.#o(M(i,e)[0]);return}let o=this.canvas.places(i.nodes.map(r=>r.id)),n=bt(t,e,i.links,o);n?this.#o(n):this.actions.say(Zt[t])}#o(t){t&&(this.canvas.focus(t),this.canvas.reveal(t))}};var Jt=4,kt=12e3;async function Et(s,t,e){let i={svg:async()=>new Blob([Tt(t)],{type:"image/svg+xml"}),png:()=>Qt(t),dot:async()=>new Blob([await e()],{type:"text/vnd.graphviz"}),pbtxt:async()=>new Blob([await e()],{type:"text/plain"})};te(`graph.${s}`,await i[s]())}function Tt(s){let t=x(s);if(!t)throw new Error("There is no picture to save: pip install graphviz-pure.");return new XMLSerializer().serializeToString(t)}async function Qt(s){let t=Tt(s),[,,e=1,i=1]=(x(s)?.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number),o=Math.min(Jt,kt/e,kt/i),n=new Image;n.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(t)}`,await n.decode();let r=document.createElement("canvas");r.width=Math.round(e*o),r.height=Math.round(i*o);let a=r.getContext("2d");if(!a)throw new Error("This browser draws no pictures.");a.fillStyle="white",a.fillRect(0,0,r.width,r.height),a.drawImage(n,0,0,r.width,r.height);let d=await new Promise(h=>r.toBlob(h,"image/png"));if(!d)throw new Error("The picture is too large for this browser: save it as SVG.");return d}function te(s,t){let e=document.createElement("a");e.href=URL.createObjectURL(t),e.download=s,document.body.append(e),e.click(),e.remove(),setTimeout(()=>URL.revokeObjectURL(e.href),1e4)}var ee=120,V=class{constructor(t,e,i){this.find=t;this.jump=e;this.leave=i;let o=Y();this.input=l("input",{type:"search",class:"tfg-search-input",role:"combobox",placeholder:"Search: name, op:MatMul, dtype:int64","aria-label":"Search operations by name, op:\u2026 or dtype:\u2026","aria-autocomplete":"list","aria-controls":o,"aria-expanded":"false",autocomplete:"off",spellcheck:"false",oninput:()=>this.#c(),onfocus:()=>this.#i.length>0&&this.#d(!0),onkeydown:n=>this.#f(n)}),this.#e=l("ul",{id:o,role:"listbox",class:"tfg-found","aria-label":"Found"}),this.#s=l("div",{class:"tfg-found-count",role:"status"}),this.#t=l("div",{class:"tfg-popup",hidden:!0},this.#e,this.#s),this.element=l("div",{class:"tfg-search"},this.input,this.#t),this.element.addEventListener("focusout",n=>{this.element.contains(n.relatedTarget)||this.#d(!1)})}find;jump;leave;element;input;#e;#t;#s;#i=[];#r=-1;#o;#a=0;#c(){clearTimeout(this.#o),this.#o=setTimeout(()=>{this.#p()},ee)}async#p(){clearTimeout(this.#o);let t=this.input.value.trim(),e=++this.#a;if(!t){this.#h([],""),this.#d(!1);return}try{let{total:i,findings:o}=await this.find(t);if(e!==this.#a)return;let n=o.length<i?`the first ${o.length} of `:"";this.#h(o,i?n+v(i,"operation"):"Nothing is called so.")}catch(i){e===this.#a&&this.#h([],i.message)}this.#d(!0)}#h(t,e){this.#i=t,this.#s.textContent=e,this.#e.replaceChildren(...t.map((i,o)=>l("li",{id:`${this.#e.id}-${o}`,role:"option",class:"tfg-option","aria-selected":"false",onmousedown:n=>n.preventDefault(),onclick:()=>this.#n(o)},l("span",{class:"tfg-name"},i.name),l("span",{class:"tfg-faint"},[i.op,i.spec].filter(Boolean).join("  "))))),this.#g(t.length?0:-1)}#g(t){this.#r=t,[...this.#e.children].forEach((i,o)=>{i.setAttribute("aria-selected",String(o===t))});let e=this.#e.children[t];e?(this.input.setAttribute("aria-activedescendant",e.id),e.scrollIntoView?.({block:"nearest"})):this.input.removeAttribute("aria-activedescendant")}#f(t){let{length:e}=this.#i;if(t.key==="ArrowDown"||t.key==="ArrowUp"){if(t.preventDefault(),!e)return;this.#d(!0);let i=t.key==="ArrowDown"?1:e-1;this.#g((this.#r+i)%e)}else t.key==="Enter"?(t.preventDefault(),!this.#t.hidden&&this.#r>=0?this.#n(this.#r):this.#p()):t.key==="Escape"&&(t.preventDefault(),this.#t.hidden?this.leave():this.#d(!1))}#n(t){let e=this.#i[t];e&&(this.#d(!1),this.jump(e))}#d(t){this.#t.hidden=!t,this.input.setAttribute("aria-expanded",String(t))}};var ie=300,$=class{constructor(t){this.stage=t}stage;#e="";#t=new Set;#s="";get id(){return this.#e}tell(t){let{model:e}=this.stage;t!==e.get("selected")&&(e.set("selected",t),e.save_changes())}select(t){this.choose(t),this.stage.canvas.focus(t),this.tell(this.#a(t))}choose(t){let{panel:e,kernel:i,say:o}=this.stage,{nodes:n,boxes:r}=this.#o;this.#e=t,this.mark();let a=n.find(g=>g.id===t),d=r.find(g=>g.id===t),h=a?.kind??t.split(":",1)[0]??"",c=this.#a(t),f=a?.openable?!1:d?.closable?!0:void 0;e.show({id:t,name:c,kind:h,says:a?.says??""},f),o(`Selected: ${a?C(a):d?N(d):c}`),e.element.hidden&&setTimeout(()=>this.#e&&this.#r(),f===void 0?0:ie),this.askValues(),i.ask("details",{node:t}).then(g=>this.#e===t&&e.fill(g),g=>this.#e===t&&e.fail(g.message))}askValues(){let{panel:t,kernel:e,say:i,cost:o}=this.stage,n=this.#e;n&&(t.costs(o(n)),e.ask("values",{node:n,row:t.values.row}).then(({pages:r})=>this.#e===n&&t.values.show(r),r=>i(r.message)))}follow(){let{model:t}=this.stage,[e="",i=""]=t.get("at");e===t.get("selected")&&(i||(this.#s=""),i!==this.#e&&this.#a(this.#e)!==e&&(i?this.goTo(i):this.#i()))}goTo(t){this.#s=t,this.arrive()}arrive(){let{canvas:t}=this.stage,e=this.#s;!e||!t.has(e)||!this.stage.isShown()||(this.#s="",e!==this.#e&&this.choose(e),t.jump(e),t.tabTo(e))}redrawn(){this.#e&&!this.stage.canvas.has(this.#e)&&this.#i(),this.mark(),this.#s?this.arrive():this.follow()}leave(){let{canvas:t,panel:e}=this.stage,i=e.element.contains(document.activeElement),o=this.#e;this.#i(),i&&o&&t.focus(o),this.tell("")}trace(t){let{say:e}=this.stage;if(!this.#e){e("Select a node first, then trace from it.");return}this.#t.delete(t)||this.#t.add(t);let i=this.mark(),o={up:"depends on",down:"is used by"},n=i?i.size-M(this.#o,this.#e).length:0;this.#t.has(t)?this.#t.size>1?e(`Traced up and down: ${v(n,"node")}.`):e(`${this.#a(this.#e)} ${o[t]} ${v(n,"node")}.`):e("The trace has ended.")}mark(){let t=null;if(this.#e&&this.#t.size){let e=M(this.#o,this.#e);t=new Set(e);for(let i of this.#t)for(let o of xt(this.#o.links,e,i))t.add(o)}return this.stage.canvas.mark(this.#e,t),this.stage.panel.traced(this.#t),t}#i(){this.#e&&this.stage.say("Nothing is selected."),this.#e="",this.#t.clear(),this.stage.showPanel(!1),this.mark()}#r(){this.stage.showPanel(!0),this.stage.canvas.reveal(this.#e)}get#o(){return this.stage.model.get("view")}#a(t){return E(this.#o,t)}};var se=200,Mt=24;function St(s,t){let e=l("div",{class:"tfg-splitter",role:"separator",tabindex:0,"aria-label":"Width of the details","aria-orientation":"vertical",title:"Drag, or press \u2190 and \u2192"}),i=r=>{let{all:a}=s(),d=Math.round(Math.max(se,Math.min(r,a*.7)));e.setAttribute("aria-valuenow",`${d}`),t(d)},o;e.addEventListener("pointerdown",r=>{r.button===0&&(r.preventDefault(),e.setPointerCapture(r.pointerId),o={x:r.clientX,width:s().now})}),e.addEventListener("pointermove",r=>{o&&i(o.width+o.x-r.clientX)});let n=()=>{o=void 0};return e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n),e.addEventListener("keydown",r=>{let a={ArrowLeft:Mt,ArrowRight:-Mt}[r.key];a&&(r.preventDefault(),i(s().now+a))}),e}function Lt(s,t){let e=t.getRootNode(),n=[...(t.closest(".jp-OutputArea")??e).querySelectorAll("[data-tfg-static]")].filter(a=>a.dataset.tfgStatic===s&&a.compareDocumentPosition(t)&Node.DOCUMENT_POSITION_FOLLOWING).at(-1);if(!n)return()=>{};let r=n.style.display;return n.style.display="none",()=>{n.style.display=r}}function oe(s){let{body:t,documentElement:e}=s,i=t.dataset.jpThemeLight;if(i!==void 0)return i==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;let o=e.getAttribute("theme");return o?o==="dark":s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function At(s,t){let e=()=>t(oe(s)),i=new MutationObserver(e),o=["data-jp-theme-light","class","theme"];i.observe(s.body,{attributes:!0,attributeFilter:o}),i.observe(s.documentElement,{attributes:!0,attributeFilter:o});let n=s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return n?.addEventListener("change",e),e(),()=>{i.disconnect(),n?.removeEventListener("change",e)}}var ne=720,re="Nodes carry the values of these rows. A click shows them row by row.",ae=1400,j=class{constructor(t){this.model=t;this.#e=new O(t,n=>{this.#l(n?"The kernel is busy or gone: waiting for it.":"")}),this.#t=new z(t.get("title")),this.#s=new B({jump:n=>{this.#T(n)},trace:n=>this.#n.trace(n),toggle:n=>{this.#E(n)},close:()=>this.#n.leave(),values:()=>this.#n.askValues(),compute:(n,r)=>{this.#z(n,r)}}),this.#n=new $({model:t,canvas:this.#t,panel:this.#s,kernel:this.#e,isShown:()=>this.#b,showPanel:n=>this.#B(n),say:n=>this.#l(n),cost:n=>this.#h.says(n)}),this.#i=new V(n=>this.#e.ask("search",{text:n}),n=>{this.#T(n.name)},()=>this.#t.svg.focus({preventScroll:!0})),this.#r=new R(this.#t,{view:()=>this.#u,selected:()=>this.#n.id,select:n=>this.#n.select(n),leave:()=>this.#n.leave(),toggle:n=>{this.#E(n)},close:n=>{this.#d=n,this.#x("close",n)},trace:n=>this.#n.trace(n),search:()=>this.#i.input.focus(),help:()=>this.#P(),row:n=>this.#H(n),notFinite:()=>{this.#M()},say:n=>this.#l(n)}),this.#t.element.append(this.#a);let e=St(()=>({now:this.#s.element.clientWidth,all:this.element.clientWidth}),n=>{this.element.style.setProperty("--panel",`${n}px`),this.#k(!0)}),i=[this.#t.element,e,this.#s.element],o=l("div",{class:"tfg-body"},...i);this.element=l("div",{class:"tfg-view"},this.#N(),this.#c,this.#p.element,this.#h.element,o,this.#o),this.element.addEventListener("keydown",n=>this.#r.press(n)),this.#t.svg.addEventListener("focusin",n=>{this.#d=n.target.dataset.id??""}),vt(this.#t,{click:n=>n?this.#n.select(n):this.#n.leave(),toggle:n=>{this.#E(n)},scrolled:()=>this.#R()}),this.#I(),this.#C(),this.#S(),this.#L(),this.#l("")}model;element;#e;#t;#s;#i;#r;#o=l("div",{class:"tfg-status",role:"status","aria-live":"polite"});#a=l("div",{class:"tfg-hint","aria-hidden":"true"});#c=it();#p=new L({first:()=>{this.#M()},cancel:()=>{this.#v("cancel_peek")},cost:t=>{this.#v("cost",{on:t})},hide:()=>{this.#v("hide_values")}});#h=new H(t=>{this.#T(t)},()=>this.#A());#g="";#f=!1;#n;#d="";#w="";#y=!1;#b=!1;#m=[];#N(){return et(this.#i.element,{zoom:t=>this.#t.zoom(t),fit:()=>this.#t.fit(),openAll:()=>{this.#x("open_all")},closeAll:()=>{this.#x("close_all")},save:t=>{this.#O(t)},help:()=>this.#P(),peek:(t,e)=>{this.#v("peek",{rows:t,drawn:e})}})}async#v(t,e={}){try{await this.#e.ask(t,e)}catch(i){this.#l(i.message,!0)}}async#z(t,e){try{let{name:i}=await this.#e.ask("fetch",{node:t,on:e});t===this.#n.id&&this.#s.computed(e),this.#l(`${i} is ${e?"computed too: see Compute":"not computed: see Compute"} in the form.`)}catch(i){this.#l(i.message,!0)}}#H(t){this.model.get("peeking").state!=="ready"?this.#l("Peek at rows first."):this.#n.id?this.#s.values.step(t)||this.#l("There is no other row in this direction."):this.#l("Select a node first.")}async#M(){let{state:t,first:e}=this.model.get("peeking");t==="ready"&&!e?this.#l("No node on show made a NaN or infinity."):t!=="ready"?this.#l("Peek at rows first."):await this.#v("first")}#S(){let t=this.model.get("peeking"),e=t.state!==this.#g;this.#g=t.state,this.element.classList.toggle("tfg-can-peek",t.can),this.#p.show(t);let i=t.state==="ready"?re:t.says;e&&i&&this.#l(i,t.state==="failed"),this.#n.askValues()}#L(){let t=this.model.get("cost"),e="nodes"in t;this.#h.show(e?t:null),this.#p.showCost(e),this.#n.askValues()}#A(){this.#t.heat(this.#h.heat())}#P(){this.#c.hidden=!this.#c.hidden}close(){for(let t of this.#m)t();this.#e.close(),this.#t.close()}get#u(){return this.model.get("view")}#I(){let t=()=>{this.#y||(this.#y=!0,queueMicrotask(()=>{this.#y=!1,this.#C()}))},e=()=>this.#n.follow(),i={"change:svg":t,"change:view":t,"change:at":e,"change:selected":e,"change:peeking":()=>this.#S(),"change:cost":()=>this.#L()};for(let[n,r]of Object.entries(i))this.model.on(n,r),this.#m.push(()=>this.model.off(n,r));this.#m.push(At(document,n=>{this.element.dataset.theme=n?"dark":"light"}));let o=new ResizeObserver(()=>this.#k());o.observe(this.#t.element),o.observe(this.element),this.#m.push(()=>o.disconnect())}#k(t=!1){let{clientWidth:e}=this.element;if(!e)return;this.element.classList.toggle("tfg-narrow",e<ne);let i=this.#t.element;this.#b||(this.#b=!0,i.style.height=`${this.#t.heightFor(i.clientWidth)}px`,this.#m.push(Lt(this.model.get("uid"),this.element))),this.#t.resize({width:i.clientWidth,height:i.clientHeight},t),this.#n.arrive()}#D(){let t=this.#t.element;t.style.height=`${this.#t.heightFor(t.clientWidth)}px`,this.#t.restart({width:t.clientWidth,height:t.clientHeight}),this.#n.id&&this.#t.reveal(this.#n.id)}#B(t){this.element.classList.toggle("tfg-detailed",t),this.#s.element.hidden=!t,this.#k(!0)}#C(){let t=this.#u,e=this.#t.svg.contains(document.activeElement);this.#t.show(this.model.get("svg"),t,this.#w||this.#n.id),this.#t.element.append(this.#a);let i=this.#t.svg.querySelector(".tfg-badge")!==null;i!==this.#f&&this.#b&&this.#D(),this.#f=i,this.#A(),this.#w="";let o=this.#t.has(this.#d)?this.#d:t.nodes[0]?.id??"";e&&this.#d?this.#t.focus(o):this.#t.tabTo(o),this.#n.redrawn()}async#E(t){let e=this.#u.nodes.find(o=>o.id===t),i=this.#u.boxes.find(o=>o.id===t);!e?.openable&&!i?.closable||await this.#x(e?"open":"close",t)}async#x(t,e=""){this.#w=e,e&&(this.#d=this.#d&&e);try{let{says:i}=await this.#e.ask(t,e?{node:e}:{}),o={open:"Opened",close:"Closed",open_all:"Opened all",close_all:"Closed all"},n=`${v(this.#u.nodes.length,"node")} on show.`;this.#l(i||[`${o[t]} ${E(this.#u,e)}`.trim(),n].join(": ")),e&&e===this.#n.id&&this.#n.choose(e)}catch(i){this.#w="",this.#l(i.message,!0)}}async#T(t){try{let{id:e,says:i}=await this.#e.ask("reveal",{name:t});this.#n.goTo(e),this.#t.focus(e),i&&this.#l(i),this.#n.tell(E(this.#u,e)||t)}catch(e){this.#l(e.message,!0)}}async#O(t){try{let e=async()=>(await this.#e.ask("export",{format:t})).text;await Et(t,this.model.get("svg"),e),this.#l(`Saved graph.${t}.`)}catch(e){this.#l(e.message,!0)}}#l(t,e=!1){this.#o.textContent=t||ct(this.#u),this.#o.classList.toggle("tfg-error",e)}#R(){let t=/Mac|iP(hone|ad)/.test(navigator.platform)?"\u2318":"Ctrl";this.#a.textContent=`${t} + wheel zooms`,this.#a.classList.add("tfg-on"),setTimeout(()=>this.#a.classList.remove("tfg-on"),ae)}};function le({model:s,el:t}){let e=document.createElement("style");e.textContent=U;let i=new j(s);return t.append(e,i.element),()=>i.close()}var ki={render:le};export{ki as default};
