var _=`.tfg-view {
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
`;function l(o,t={},...e){let i=document.createElement(o);for(let[s,n]of Object.entries(t))typeof n=="function"?i.addEventListener(s.slice(2),n):n===!0?i.setAttribute(s,""):n!==void 0&&n!==!1&&i.setAttribute(s,String(n));return i.append(...e),i}function b(o){let t=o.map(([e,i])=>l("div",{class:"tfg-pair",role:"listitem"},l("span",{class:"tfg-key",title:e},e),l("span",{class:"tfg-value"},i)));return l("div",{class:"tfg-list",role:"list"},...t)}var At="http://www.w3.org/2000/svg";function p(o,t,...e){let i=document.createElementNS(At,o);for(let[s,n]of Object.entries(t))i.setAttribute(s,`${n}`);return i.append(...e),i}var W={plus:"M8 3v10M3 8h10",minus:"M3 8h10",fit:"M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",expand:"M4 6.5l4-4 4 4M4 9.5l4 4 4-4",collapse:"M4 2.5l4 4 4-4M4 13.5l4-4 4 4",save:"M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",keys:"M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.8v.4",close:"M4 4l8 8M12 4l-8 8"};function q(o){return o in W}function Pt(o){let t=p("path",{d:W[o]});return p("svg",{class:"tfg-icon",viewBox:"0 0 16 16","aria-hidden":"true"},t)}function u(o,t,e){return l("button",{...{type:"button",class:"tfg-button","aria-label":t,title:t},onclick:e},Pt(o))}var U=0;function X(){return U+=1,`tfg-${U}-${Math.random().toString(36).slice(2,8)}`}var Nt={ArrowUp:[0,48],ArrowDown:[0,-48],ArrowLeft:[48,0],ArrowRight:[-48,0]},Ct={"+":{do:"zoom",by:1.3},"=":{do:"zoom",by:1.3},"-":{do:"zoom",by:1/1.3},_:{do:"zoom",by:1/1.3},0:{do:"fit"},f:{do:"fit"},Enter:{do:"enter"}," ":{do:"select"},Escape:{do:"leave"},"/":{do:"search"},"?":{do:"help"},u:{do:"up"},d:{do:"down"},p:{do:"parent"},n:{do:"notFinite"},",":{do:"row",by:-1},".":{do:"row",by:1},Backspace:{do:"close"},Home:{do:"first"},End:{do:"last"}},Y=[["Tab","to the drawing, then to its nodes"],["\u2190 \u2191 \u2193 \u2192","on a node: to the next one, \u2191 and \u2193 along lines; else move the drawing"],["Shift + arrow","move the drawing"],["Enter","open or close a group, select an operation"],["Space","select"],["Backspace","close the group around"],["P","to the group around"],["U, D","trace up, trace down"],["+, -","zoom; also Ctrl or \u2318 + wheel, or two fingers"],["0 or F","show everything"],[", and .","with values: the row before, the next row"],["N","with values: to the first node that made a NaN or infinity"],["/","search"],["Escape","select nothing"]];function Z(o,t){let e=Nt[o.key];if(e)return t&&!o.shiftKey?{do:"step",arrow:o.key}:{do:"pan",dx:e[0],dy:e[1]};let i=o.key.length===1?o.key.toLowerCase():o.key;return Ct[i]}function $(o,t,e){let i=e.map(({label:c,choose:f})=>l("button",{type:"button",role:"menuitem",class:"tfg-item",tabindex:-1,onclick:()=>{h(!1),a.focus(),f()}},c)),s=l("div",{class:"tfg-popup tfg-menu",role:"menu",hidden:!0},...i),n=()=>h(s.hidden===!0),r={type:"button",class:"tfg-button tfg-worded",title:t,onclick:n},a=q(o)?u(o,t,n):l("button",r,o);a.setAttribute("aria-haspopup","menu"),a.setAttribute("aria-expanded","false");let d=l("div",{class:"tfg-holder"},a,s);function h(c){s.hidden=!c,a.setAttribute("aria-expanded",String(c)),c&&i[0]?.focus()}return d.addEventListener("focusout",c=>{d.contains(c.relatedTarget)||h(!1)}),d.addEventListener("keydown",c=>{if(s.hidden)return;let f=i.indexOf(c.target),M={ArrowDown:1,ArrowUp:i.length-1}[c.key];if(M!==void 0)i[(f+M)%i.length]?.focus();else if(c.key==="Escape")h(!1),a.focus();else return;c.preventDefault(),c.stopPropagation()}),d}var J=[{label:"First 20 rows",rows:20,drawn:!1},{label:"First 200 rows",rows:200,drawn:!1},{label:"100 rows drawn from all",rows:100,drawn:!0},{label:"1,000 rows drawn from all",rows:1e3,drawn:!0}],L=class{element;#e=l("span",{class:"tfg-peek-says"});#t;#s;#o;constructor(t){let e=(s,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,onclick:r},s);this.#t=e("Go to the first NaN or \u221E","Select the node that made it (N)",()=>t.first()),this.#s=e("Cancel","Cancel the peek",()=>t.cancel()),this.#o=e("Hide values","Show the graph alone",()=>t.hide());let i=[this.#t,this.#s,this.#o];this.element=l("div",{class:"tfg-peek",hidden:!0},this.#e,...i)}show({state:t,says:e,first:i}){let s=this.element.contains(document.activeElement);this.element.hidden=!t,this.#e.textContent=e,this.#e.classList.toggle("tfg-error",t==="failed"),this.#t.hidden=t!=="ready"||!i,this.#s.hidden=t!=="busy",this.#o.hidden=t!=="ready"&&t!=="failed",s&&document.activeElement===document.body&&this.#n()?.focus()}#n(){return[this.#t,this.#s,this.#o].find(t=>!t.hidden)}};var Q=1.3,zt=[["svg","SVG picture"],["png","PNG picture"],["dot","DOT source"],["pbtxt","Graph as text (pbtxt)"]];function tt(o,t){let e=zt.map(([n,r])=>({label:r,choose:()=>t.save(n)})),i=J.map(({label:n,rows:r,drawn:a})=>({label:n,choose:()=>t.peek(r,a)})),s=$("Peek","Let rows flow through the graph",i);return s.classList.add("tfg-peek-menu"),l("div",{class:"tfg-bar",role:"group","aria-label":"Graph"},u("plus","Zoom in (+)",()=>t.zoom(Q)),u("minus","Zoom out (-)",()=>t.zoom(1/Q)),u("fit","Show everything (0)",t.fit),l("span",{class:"tfg-gap"}),u("expand","Open all groups",t.openAll),u("collapse","Close all groups",t.closeAll),o,s,$("save","Save as a file",e),u("keys","Keyboard and mouse (?)",t.help))}function et(){return l("div",{class:"tfg-help",role:"note","aria-label":"Keys",hidden:!0},b(Y))}var It="http://www.w3.org/2000/svg",Dt=new Set("svg g path polygon polyline ellipse circle rect line text tspan image".split(" ")),Ht=new Set("class d points transform x y cx cy rx ry r x1 y1 x2 y2 width height viewBox fill stroke fill-opacity stroke-opacity opacity stroke-width stroke-dasharray font-size font-weight font-style font-family text-anchor preserveAspectRatio".split(" ")),Rt=/^data:image\/png;base64,[\w+/=]*$/;function x(o){let t=new DOMParser().parseFromString(o,"image/svg+xml").documentElement;return t?.localName!=="svg"?null:it(t)}function it(o){if(!Dt.has(o.localName))return null;let t=o.getAttribute("href")??"";if(o.localName==="image"&&!Rt.test(t))return null;let e=document.createElementNS(It,o.localName);for(let{name:i,value:s}of o.attributes)i==="id"?e.setAttribute("data-id",s):Ht.has(i)&&!/url\s*\(/i.test(s)&&e.setAttribute(i,s);o.localName==="image"&&e.setAttribute("href",t);for(let i of o.childNodes)if(i.nodeType===Node.TEXT_NODE)e.append(i.textContent??"");else if(i.nodeType===Node.ELEMENT_NODE){let s=it(i);s&&e.append(s)}return e}var Ot=1.3333333333333333,Bt=.05,Vt=6,A=.75,m=12;function G(o,t){let e=Math.min((t.width-2*m)/o.width,(t.height-2*m)/o.height,Ot);return st(o,t,K(e))}function y(o,t){let e=G(o,t);if(e.k>=A)return e;let i=(t.width-2*m)/o.width,s=K(Math.max(e.k,Math.min(i,A))),n=st(o,t,s);return{...n,y:Math.max(n.y,m)}}function st(o,t,e){return{x:(t.width-o.width*e)/2,y:(t.height-o.height*e)/2,k:e}}function F(o,t,e){let i=K(o.k*t),s=i/o.k;return{x:e.x-(e.x-o.x)*s,y:e.y-(e.y-o.y)*s,k:i}}function k(o,t,e){return{...o,x:o.x+t,y:o.y+e}}function nt(o,t,e,i){let s=k(o,(i.width-e.width)/2,0),n=({x:r,k:a},{width:d})=>r<0||r+t.width*a>d;return n(s,i)&&!n(o,e)?y(t,i):s}function rt(o,t,e){return k(o,(t.x-e.x)*o.k,(t.y-e.y)*o.k)}function P(o,t,e){let i=Math.min((e.width-2*m)/t.width,(e.height-2*m)/t.height),s=Math.min(o.k,Math.max(i,A)),n={x:t.x+t.width/2,y:t.y+t.height/2},r={x:n.x*o.k+o.x,y:n.y*o.k+o.y},a=s===o.k?o:F(o,s/o.k,r),d=t.x*a.k+a.x,h=t.y*a.k+a.y;return k(a,ot(d,d+t.width*a.k,e.width),ot(h,h+t.height*a.k,e.height))}function at(o,t,e){let i=Math.max(o.k,A);return{x:e.width/2-(t.x+t.width/2)*i,y:e.height/2-(t.y+t.height/2)*i,k:i}}function lt(o,t,e){let i=(s,n)=>s+(n-s)*e;return{x:i(o.x,t.x),y:i(o.y,t.y),k:i(o.k,t.k)}}function ot(o,t,e){return o<m||t-o>e-2*m?m-o:t>e-m?e-m-t:0}function K(o){return Math.min(Vt,Math.max(Bt,o))}var jt={placeholder:"placeholder",fetch:"fetch",variable:"variable",constant:"constant",op:"operation",scope:"scope",series:"series",band:"group of neighbours",step:"repetition"};function w(o){return jt[o]??o}function N(o){let t=o.openable?`closed ${w(o.kind)}`:w(o.kind);return[o.name,t,o.says].filter(Boolean).join(", ")}function C(o){return`${o.name}, open ${w(o.id.split(":",1)[0]??"")}`}function E({nodes:o,boxes:t},e){return[...o,...t].find(i=>i.id===e)?.name??""}function dt({nodes:o,boxes:t}){let e=t.length||o.some(i=>i.openable);return[`${v(o.length,"node")} on show.`,"A click shows what one is.",e?"A double click opens or closes a group.":""].join(" ")}function v(o,t){return`${o.toLocaleString("en")} ${t}${o===1?"":"s"}`}var $t=180,Gt=200,Ft=520,z=class{element;svg;#e=p("g",{});#t=new Map;#s={width:1,height:1};#o={width:0,height:0};#n={x:0,y:0,k:1};#i=this.#n;#a=0;#f=!1;constructor(t){this.svg=p("svg",{class:"tfg-svg",role:"application","aria-roledescription":"graph","aria-label":t,tabindex:0}),this.svg.append(this.#e),this.element=l("div",{class:"tfg-canvas"}),this.element.append(this.svg)}show(t,e,i){let s=this.#p(i),n=x(t);if(this.#t.clear(),!n){let h=l("pre",{class:"tfg-text",tabindex:0},e.text??"");this.element.replaceChildren(h);return}this.element.replaceChildren(this.svg);let[,,r=1,a=1]=(n.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number);this.#s={width:r,height:a};let d=n.getAttribute("font-family");d&&this.#e.setAttribute("font-family",d),this.#e.replaceChildren(...n.childNodes);for(let h of this.#e.querySelectorAll("g:is(.node, .edge, .cluster)")){let c=h.dataset.id;c&&this.#t.set(c,h)}if(this.#g(e),!!this.#f)for(let[h,c]of s){let f=this.box(h);if(f){this.#i=rt(this.#i,c,ct(f)),this.#d(this.#i),h===i&&this.#r(P(this.#i,f,this.#o));break}}}resize(t,e=!1){let i=this.#o;this.#o=t,this.#f?!e&&t.width!==i.width&&this.#d(nt(this.#i,this.#s,i,t)):this.#d(y(this.#s,t)),this.#f=!0}restart(t){this.#o=t,this.#d(y(this.#s,t))}heightFor(t){let e=y(this.#s,{width:t,height:Number.POSITIVE_INFINITY}).k;return Math.round(Math.min(Ft,Math.max(Gt,this.#s.height*e+32)))}get transform(){return this.#i}zoom(t,e){let{width:i,height:s}=this.#o,n=F(this.#i,t,e??{x:i/2,y:s/2});e?this.#d(n):this.#r(n)}pan(t,e){this.#d(k(this.#i,t,e))}fit(){this.#r(G(this.#s,this.#o))}jump(t){let e=this.box(t),i=this.#t.get(t);!e||!i||(this.#r(P(at(this.#i,e,this.#o),e,this.#o)),i.classList.remove("tfg-flash"),i.getBoundingClientRect(),i.classList.add("tfg-flash"))}reveal(t){let e=this.box(t);e&&this.#r(P(this.#i,e,this.#o))}has(t){return this.#t.has(t)}box(t){let e=this.#t.get(t);if(!e||this.#o.width===0)return;let i=e.getBoundingClientRect(),s=this.svg.getBoundingClientRect(),{x:n,y:r,k:a}=this.#n;return{x:(i.x-s.x-n)/a,y:(i.y-s.y-r)/a,width:i.width/a,height:i.height/a}}places(t){let e=new Map;for(let i of t){let s=this.box(i);s&&e.set(i,ct(s))}return e}focus(t){this.tabTo(t),this.#t.get(t)?.focus({preventScroll:!0})}tabTo(t){for(let[e,i]of this.#t)i.hasAttribute("tabindex")&&(i.tabIndex=e===t?0:-1)}mark(t,e){for(let[i,s]of this.#t){s.classList.toggle("tfg-selected",i===t),s.hasAttribute("role")&&s.setAttribute("aria-pressed",String(i===t));let n=s.classList.contains("tfg-cluster"),r=!e||n||e.has(i)||i.includes("->")&&Kt(i,e);s.classList.toggle("tfg-dimmed",!r)}}close(){cancelAnimationFrame(this.#a)}#g(t){for(let e of t.nodes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",N(e)),i?.setAttribute("aria-pressed","false"),e.openable&&(i?.setAttribute("aria-expanded","false"),this.#h(i,e.id,`Open ${e.name}`,"M-2.5 0h5M0-2.5v5"))}for(let e of t.boxes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",C(e)),i?.setAttribute("aria-pressed","false"),e.closable&&(i?.setAttribute("aria-expanded","true"),this.#h(i,e.id,`Close ${e.name}`,"M-2.5 0h5"))}}#h(t,e,i,s){let[n,r]=_t(t);if(!t||n===void 0||r===void 0)return;let a=p("title",{});a.textContent=i;let d={class:"tfg-toggle","data-toggle":e,transform:`translate(${n-2} ${r+2})`};t.append(p("g",d,a,p("circle",{r:5}),p("path",{d:s})))}#p(t){let e={x:this.#o.width/2,y:this.#o.height/2},{x:i,y:s,k:n}=this.#i,r={x:(e.x-i)/n,y:(e.y-s)/n},a=c=>Math.hypot(c.x-r.x,c.y-r.y),d=[...this.#t.keys()].filter(c=>!c.startsWith("edge:"));return[...this.places(d)].sort(([c,f],[g,M])=>+(g===t)-+(c===t)||a(f)-a(M))}#r(t){let e=this.#n;if(matchMedia("(prefers-reduced-motion: reduce)").matches){this.#d(t);return}this.#i=t,cancelAnimationFrame(this.#a);let s=performance.now(),n=r=>{let a=Math.min(1,Math.max(0,(r-s)/$t));this.#c(lt(e,t,1-(1-a)**3)),a<1&&(this.#a=requestAnimationFrame(n))};this.#a=requestAnimationFrame(n)}#d(t){cancelAnimationFrame(this.#a),this.#i=t,this.#c(t)}#c(t){this.#n=t,this.#e.setAttribute("transform",`translate(${t.x} ${t.y}) scale(${t.k})`)}};function ct(o){return{x:o.x+o.width/2,y:o.y+o.height/2}}function Kt(o,t){let e=o.slice(5);for(let i=e.indexOf("->");i>=0;i=e.indexOf("->",i+1))if(t.has(e.slice(0,i))&&t.has(e.slice(i+2)))return!0;return!1}function _t(o){let t=o?.querySelector("path, polygon"),i=(t?.getAttribute("d")??t?.getAttribute("points")??"").match(/-?\d+(?:\.\d+)?/g)?.map(Number)??[];if(i.length<4)return[];let s=i.filter((r,a)=>a%2===0),n=i.filter((r,a)=>a%2===1);return[Math.max(...s),Math.min(...n)]}var I=class{constructor(t){this.ask=t}ask;element=l("div",{class:"tfg-values"});#e=0;#t=0;get row(){return this.#e}clear(){this.#t=0,this.element.replaceChildren()}show(t){let e=this.element.contains(document.activeElement)?document.activeElement.dataset.step:void 0;this.#t=Math.max(0,...t.map(n=>n.rows));let i=t.length>1;this.element.replaceChildren(...t.flatMap((n,r)=>this.#o(n,i,r===0)));let s=this.element.querySelector(`[data-step="${e}"]`);e&&s?.focus()}step(t){return this.#s(this.#e+t)}#s(t){let e=Math.min(Math.max(0,t),this.#t-1);return this.#t<2||e===this.#e?!1:(this.#e=e,this.ask(),!0)}#o(t,e,i){let s=e?`Values of ${t.name}`:"Values",n=[["Tensor",t.spec],...t.facts],r=[l("h4",{class:"tfg-panel-title"},s),l("div",{class:"tfg-facts"},b(n))];return t.all&&r.push(ht(t.all)),t.note&&r.push(l("p",{class:"tfg-faint tfg-note"},t.note)),t.rows>1&&i&&r.push(this.#n(t)),t.one&&r.push(ht(t.one)),t.cells.length&&r.push(Ut(t)),t.left&&r.push(l("p",{class:"tfg-faint tfg-note"},t.left)),r}#n(t){let e=(s,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,"aria-label":n,"data-step":r,"aria-disabled":String(t.row+r<0||t.row+r>=t.rows),onclick:()=>{this.step(r)}},s),i=l("input",{type:"number",class:"tfg-row",min:1,max:t.rows,value:t.row+1,"aria-label":`Row, of ${t.rows}`,"data-step":0,onchange:s=>{this.#s(Number(s.target.value)-1)}});return l("div",{class:"tfg-stepper",role:"group","aria-label":"Row"},e("\u2039","Previous row (,)",-1),l("span",{},"Row"),i,l("span",{class:"tfg-faint"},`of ${t.rows.toLocaleString("en")}`),e("\u203A","Next row (.)",1))}};function ht(o){let{width:t,height:e,alt:i}=o;if(o.source?.startsWith("data:image/png;base64,")){let a={class:"tfg-pixels",src:o.source,alt:i,title:i,width:t,height:e};return l("img",a)}let s={viewBox:`0 0 ${t} ${e}`,role:"img","aria-label":i},n=p("svg",s,p("path",{d:o.path??""})),r=l("span",{class:"tfg-faint","aria-hidden":"true"},i);return l("div",{class:"tfg-histogram"},n,r)}function Ut({cells:o,row:t,rows:e}){let i=o.map(r=>l("div",{role:"row",class:"tfg-cells-row"},...r.map(a=>l("span",{role:"cell",class:a==="NaN"?"tfg-error":""},a)))),n={role:"table",class:"tfg-cells",tabindex:0,"aria-label":e>1?`Values of row ${t+1}`:"Values"};return l("div",n,...i)}var H=class{constructor(t){this.actions=t;let e=(s,n,r)=>l("button",{type:"button",class:"tfg-button tfg-worded",title:n,onclick:r},s);this.#s=e("\u2191 Trace up","Show only what this depends on (U)",()=>t.trace("up")),this.#o=e("\u2193 Trace down","Show only what depends on this (D)",()=>t.trace("down")),this.values=new I(()=>t.values()),this.#n=e("Open","",()=>t.toggle(this.#a)),this.#i=e("Compute this too","Add it to what the form computes",()=>t.compute(this.#a,this.#i.getAttribute("aria-pressed")!=="true"));let i=u("close","Close details (Escape)",()=>t.close());this.element=l("section",{class:"tfg-panel","aria-label":"Details",hidden:!0},l("div",{class:"tfg-panel-head"},this.#e,i),l("div",{class:"tfg-panel-buttons"},this.#s,this.#o,this.#n,this.#i),this.values.element,this.#t)}actions;element;#e=l("h3",{class:"tfg-panel-name"});#t=l("div",{class:"tfg-facts"});values;#s;#o;#n;#i;#a="";show(t,e){this.#a=t.id,this.values.clear(),this.#i.hidden=!0,this.#e.textContent=t.name,this.#n.hidden=e===void 0,this.#n.textContent=e?"Close":"Open",this.#n.title=e?"Show it as one node (Enter)":"Show what is inside (Enter)",this.#t.replaceChildren(T([["Kind",w(t.kind)],["",t.says]]))}fill(t){this.#e.textContent=t.name,this.computed(t.fetched),this.#t.replaceChildren(...t.op?this.#f(t):this.#g(t))}fail(t){this.#t.replaceChildren(l("p",{class:"tfg-error"},t))}computed(t){this.#i.hidden=t===null,this.#i.textContent=t?"\u2713 Computed":"Compute this too",this.#i.setAttribute("aria-pressed",String(t===!0))}traced(t){this.#s.setAttribute("aria-pressed",String(t.has("up"))),this.#o.setAttribute("aria-pressed",String(t.has("down")))}#f(t){let e=w(t.kind),i=[["Op",t.op],["Kind",e==="operation"?"":e],["Column",t.column],["Value",t.value],[t.outputs.length===1?"Type":"Types",t.outputs.join(`
`)],["Drawn as",t.part_of&&this.#p(t.part_of)],["Note",t.note]];return[T(i),...D("Inputs",this.#h(t.inputs,t.more_inputs)),...D("Used by",this.#h(t.consumers,t.more_consumers)),...D("Attributes",t.attributes.length?[T(t.attributes)]:[])]}#g(t){return[T([["Kind",w(t.kind)],["Holds",v(t.operations,"operation")]]),...D("Operations",[T(t.attributes)])]}#h(t,e){let i=t.map(s=>l("li",{},this.#p(s.name),l("span",{class:"tfg-faint"},s.is_control?"order only":s.spec)));return e&&i.push(l("li",{class:"tfg-faint"},`and ${e.toLocaleString("en")} more`)),i.length?[l("ul",{class:"tfg-ends"},...i)]:[]}#p(t){let e=`Go to ${t}`;return l("button",{type:"button",class:"tfg-link",title:e,onclick:()=>this.actions.jump(t)},t)}};function D(o,t){return t.length?[l("h4",{class:"tfg-panel-title"},o),...t]:[]}function T(o){return b(o.filter(([,t])=>t!==""))}function ut(o,t){let{svg:e}=o,i,s=0;Wt(o,()=>{i=void 0,s=4}),e.addEventListener("pointerdown",r=>{r.button!==0||!r.isPrimary||(i={x:r.clientX,y:r.clientY},s=0)}),e.addEventListener("pointermove",r=>{if(!i||!r.isPrimary)return;let a=r.clientX-i.x,d=r.clientY-i.y;s+=Math.abs(a)+Math.abs(d),!(s<4)&&(e.hasPointerCapture(r.pointerId)||e.setPointerCapture(r.pointerId),e.classList.add("tfg-dragging"),o.pan(a,d),i={x:r.clientX,y:r.clientY})});let n=()=>{i=void 0,e.classList.remove("tfg-dragging")};e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n),e.addEventListener("click",r=>{if(s>=4)return;let a=gt(r);a?t.toggle(a):t.click(pt(r))}),e.addEventListener("dblclick",r=>{let a=pt(r);a&&!gt(r)&&t.toggle(a)}),e.addEventListener("wheel",r=>{if(!r.ctrlKey&&!r.metaKey){t.scrolled();return}r.preventDefault();let{left:a,top:d}=e.getBoundingClientRect(),h=r.deltaY*(r.deltaMode===1?16:1),c=Math.exp(-Math.max(-300,Math.min(300,h))*.0022);o.zoom(c,{x:r.clientX-a,y:r.clientY-d})},{passive:!1})}function Wt(o,t){let{svg:e}=o,i=new Map;e.addEventListener("pointerdown",r=>{r.pointerType==="touch"&&(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size===2&&t())}),e.addEventListener("pointermove",r=>{if(!i.has(r.pointerId))return;let a=ft([...i.values()]);if(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size!==2)return;let d=ft([...i.values()]),{left:h,top:c}=e.getBoundingClientRect();o.pan(d.x-a.x,d.y-a.y),o.zoom(d.length/(a.length||1),{x:d.x-h,y:d.y-c})});let s=r=>i.delete(r.pointerId);e.addEventListener("pointerup",s),e.addEventListener("pointercancel",s);let n=r=>r.touches.length>1&&r.preventDefault();e.addEventListener("touchstart",n,{passive:!1}),e.addEventListener("touchmove",n,{passive:!1})}function ft([o={x:0,y:0},t=o]){return{x:(o.x+t.x)/2,y:(o.y+t.y)/2,length:Math.hypot(o.x-t.x,o.y-t.y)}}function pt(o){return o.target.closest(".tfg-node, .tfg-cluster")?.dataset.id??""}function gt(o){return o.target.closest("[data-toggle]")?.dataset.toggle??""}var R=class{constructor(t,e){this.channel=t;this.onBusy=e;t.on("msg:custom",this.#i)}channel;onBusy;#e=new Map;#t=0;#s=Math.random().toString(36).slice(2);#o=!1;#n;ask(t,e={}){let i=`${this.#s}-${++this.#t}`;this.#n??=setTimeout(()=>{this.#o=!0,this.onBusy(!0)},1500);let s=new Promise((n,r)=>{this.#e.set(i,{resolve:n,reject:r})});return this.channel.send({id:i,ask:t,...e}),s}close(){clearTimeout(this.#n),this.channel.off("msg:custom",this.#i),this.#e.clear()}#i=t=>{let e=this.#e.get(String(t.id));e&&(this.#e.delete(String(t.id)),this.#e.size===0&&(clearTimeout(this.#n),this.#n=void 0,this.#o&&this.onBusy(!1),this.#o=!1),"error"in t?e.reject(new Error(String(t.error))):e.resolve(t.answer))}};function vt(o,t,e,i){let s=i.get(t);if(!s)return;if(o==="ArrowDown"||o==="ArrowUp"){let a=e.filter(([d,h])=>(o==="ArrowDown"?d:h)===t).map(([d,h])=>o==="ArrowDown"?h:d);return mt(a,i,d=>Math.hypot(d.x-s.x,d.y-s.y))}let n=o==="ArrowRight"?1:-1,r=[...i.keys()].filter(a=>{let d=i.get(a);return a!==t&&d!==void 0&&(d.x-s.x)*n>1});return mt(r,i,a=>Math.abs(a.x-s.x)+4*Math.abs(a.y-s.y))}function mt(o,t,e){let i,s=Number.POSITIVE_INFINITY;for(let n of o){let r=t.get(n),a=r?e(r):Number.POSITIVE_INFINITY;a<s&&(i=n,s=a)}return i}function wt(o,t,e){let i=new Map;for(let[n,r]of o){let[a,d]=e==="down"?[n,r]:[r,n],h=i.get(a);h?h.push(d):i.set(a,[d])}let s=new Set(t);for(let n of s)for(let r of i.get(n)??[])s.add(r);return s}function S(o,t){if(!o.boxes.some(s=>s.id===t))return[t];let e=new Map(o.boxes.map(s=>[s.id,s.box])),i=s=>s===t||s!==""&&i(e.get(s)??"");return o.nodes.filter(s=>i(s.box)).map(s=>s.id)}function bt(o,t){let e=new Map([...o.nodes,...o.boxes].map(s=>[s.id,s.box])),i=[];for(let s=e.get(t);s;s=e.get(s))i.push(s);return i}var qt={ArrowUp:"It takes nothing.",ArrowDown:"Nothing takes it.",ArrowLeft:"There is nothing to the left.",ArrowRight:"There is nothing to the right."},O=class{constructor(t,e){this.canvas=t;this.actions=e}canvas;actions;press(t){if(t.ctrlKey||t.metaKey||t.altKey)return;t.stopPropagation();let e=t.target;if(!this.canvas.svg.contains(e)){t.key==="Escape"&&e.closest(".tfg-panel")&&this.actions.leave();return}let i=e!==this.canvas.svg,s=Z(t,i);s&&(t.preventDefault(),this.#e(s,i?e.dataset.id??"":""))}#e(t,e){let{nodes:i}=this.actions.view();({zoom:()=>t.do==="zoom"&&this.canvas.zoom(t.by),pan:()=>t.do==="pan"&&this.canvas.pan(t.dx,t.dy),fit:()=>this.canvas.fit(),step:()=>t.do==="step"&&this.#n(t.arrow,e),enter:()=>this.#t(e),select:()=>e&&this.actions.select(e),leave:()=>this.actions.leave(),search:()=>this.actions.search(),help:()=>this.actions.help(),up:()=>this.#s(e,"up"),down:()=>this.#s(e,"down"),row:()=>t.do==="row"&&this.actions.row(t.by),notFinite:()=>this.actions.notFinite(),parent:()=>this.#o(e,n=>this.#i(n)),close:()=>this.#o(e,n=>this.actions.close(n)),first:()=>this.#i(i[0]?.id),last:()=>this.#i(i.at(-1)?.id)})[t.do]()}#t(t){let{nodes:e,boxes:i}=this.actions.view(),s=e.some(n=>n.id===t&&n.openable);t?s||i.some(n=>n.id===t&&n.closable)?this.actions.toggle(t):this.actions.select(t):this.#i(this.actions.selected()||e[0]?.id)}#s(t,e){t&&t!==this.actions.selected()&&this.actions.select(t),this.actions.trace(e)}#o(t,e){let[i]=bt(this.actions.view(),t);i?e(i):this.actions.say("There is no open group around.")}#n(t,e){let i=this.actions.view();if(i.boxes.some(r=>r.id===e)){this.#i(S(i,e)[0]);return}let s=this.canvas.places(i.nodes.map(r=>r.id)),n=vt(t,e,i.links,s);n?this.#i(n):this.actions.say(qt[t])}#i(t){t&&(this.canvas.focus(t),this.canvas.reveal(t))}};var Xt=4,xt=12e3;async function yt(o,t,e){let i={svg:async()=>new Blob([kt(t)],{type:"image/svg+xml"}),png:()=>Yt(t),dot:async()=>new Blob([await e()],{type:"text/vnd.graphviz"}),pbtxt:async()=>new Blob([await e()],{type:"text/plain"})};Zt(`graph.${o}`,await i[o]())}function kt(o){let t=x(o);if(!t)throw new Error("There is no picture to save: pip install graphviz-pure.");return new XMLSerializer().serializeToString(t)}async function Yt(o){let t=kt(o),[,,e=1,i=1]=(x(o)?.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number),s=Math.min(Xt,xt/e,xt/i),n=new Image;n.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(t)}`,await n.decode();let r=document.createElement("canvas");r.width=Math.round(e*s),r.height=Math.round(i*s);let a=r.getContext("2d");if(!a)throw new Error("This browser draws no pictures.");a.fillStyle="white",a.fillRect(0,0,r.width,r.height),a.drawImage(n,0,0,r.width,r.height);let d=await new Promise(h=>r.toBlob(h,"image/png"));if(!d)throw new Error("The picture is too large for this browser: save it as SVG.");return d}function Zt(o,t){let e=document.createElement("a");e.href=URL.createObjectURL(t),e.download=o,document.body.append(e),e.click(),e.remove(),setTimeout(()=>URL.revokeObjectURL(e.href),1e4)}var Jt=120,B=class{constructor(t,e,i){this.find=t;this.jump=e;this.leave=i;let s=X();this.input=l("input",{type:"search",class:"tfg-search-input",role:"combobox",placeholder:"Search: name, op:MatMul, dtype:int64","aria-label":"Search operations by name, op:\u2026 or dtype:\u2026","aria-autocomplete":"list","aria-controls":s,"aria-expanded":"false",autocomplete:"off",spellcheck:"false",oninput:()=>this.#f(),onfocus:()=>this.#o.length>0&&this.#c(!0),onkeydown:n=>this.#r(n)}),this.#e=l("ul",{id:s,role:"listbox",class:"tfg-found","aria-label":"Found"}),this.#s=l("div",{class:"tfg-found-count",role:"status"}),this.#t=l("div",{class:"tfg-popup",hidden:!0},this.#e,this.#s),this.element=l("div",{class:"tfg-search"},this.input,this.#t),this.element.addEventListener("focusout",n=>{this.element.contains(n.relatedTarget)||this.#c(!1)})}find;jump;leave;element;input;#e;#t;#s;#o=[];#n=-1;#i;#a=0;#f(){clearTimeout(this.#i),this.#i=setTimeout(()=>{this.#g()},Jt)}async#g(){clearTimeout(this.#i);let t=this.input.value.trim(),e=++this.#a;if(!t){this.#h([],""),this.#c(!1);return}try{let{total:i,findings:s}=await this.find(t);if(e!==this.#a)return;let n=s.length<i?`the first ${s.length} of `:"";this.#h(s,i?n+v(i,"operation"):"Nothing is called so.")}catch(i){e===this.#a&&this.#h([],i.message)}this.#c(!0)}#h(t,e){this.#o=t,this.#s.textContent=e,this.#e.replaceChildren(...t.map((i,s)=>l("li",{id:`${this.#e.id}-${s}`,role:"option",class:"tfg-option","aria-selected":"false",onmousedown:n=>n.preventDefault(),onclick:()=>this.#d(s)},l("span",{class:"tfg-name"},i.name),l("span",{class:"tfg-faint"},[i.op,i.spec].filter(Boolean).join("  "))))),this.#p(t.length?0:-1)}#p(t){this.#n=t,[...this.#e.children].forEach((i,s)=>{i.setAttribute("aria-selected",String(s===t))});let e=this.#e.children[t];e?(this.input.setAttribute("aria-activedescendant",e.id),e.scrollIntoView?.({block:"nearest"})):this.input.removeAttribute("aria-activedescendant")}#r(t){let{length:e}=this.#o;if(t.key==="ArrowDown"||t.key==="ArrowUp"){if(t.preventDefault(),!e)return;this.#c(!0);let i=t.key==="ArrowDown"?1:e-1;this.#p((this.#n+i)%e)}else t.key==="Enter"?(t.preventDefault(),!this.#t.hidden&&this.#n>=0?this.#d(this.#n):this.#g()):t.key==="Escape"&&(t.preventDefault(),this.#t.hidden?this.leave():this.#c(!1))}#d(t){let e=this.#o[t];e&&(this.#c(!1),this.jump(e))}#c(t){this.#t.hidden=!t,this.input.setAttribute("aria-expanded",String(t))}};var Qt=300,V=class{constructor(t){this.stage=t}stage;#e="";#t=new Set;#s="";get id(){return this.#e}tell(t){let{model:e}=this.stage;t!==e.get("selected")&&(e.set("selected",t),e.save_changes())}select(t){this.choose(t),this.stage.canvas.focus(t),this.tell(this.#a(t))}choose(t){let{panel:e,kernel:i,say:s}=this.stage,{nodes:n,boxes:r}=this.#i;this.#e=t,this.mark();let a=n.find(g=>g.id===t),d=r.find(g=>g.id===t),h=a?.kind??t.split(":",1)[0]??"",c=this.#a(t),f=a?.openable?!1:d?.closable?!0:void 0;e.show({id:t,name:c,kind:h,says:a?.says??""},f),s(`Selected: ${a?N(a):d?C(d):c}`),e.element.hidden&&setTimeout(()=>this.#e&&this.#n(),f===void 0?0:Qt),this.askValues(),i.ask("details",{node:t}).then(g=>this.#e===t&&e.fill(g),g=>this.#e===t&&e.fail(g.message))}askValues(){let{panel:t,kernel:e,say:i}=this.stage,s=this.#e;s&&e.ask("values",{node:s,row:t.values.row}).then(({pages:n})=>this.#e===s&&t.values.show(n),n=>i(n.message))}follow(){let{model:t}=this.stage,[e="",i=""]=t.get("at");e!==t.get("selected")||i===this.#e||this.#a(this.#e)!==e&&(i?this.goTo(i):this.#o())}goTo(t){this.#s=t,this.arrive()}arrive(){let{canvas:t}=this.stage,e=this.#s;!e||!t.has(e)||!this.stage.isShown()||(this.#s="",e!==this.#e&&this.choose(e),t.jump(e),t.tabTo(e))}redrawn(){this.#e&&!this.stage.canvas.has(this.#e)&&this.#o(),this.mark(),this.#s?this.arrive():this.follow()}leave(){let{canvas:t,panel:e}=this.stage,i=e.element.contains(document.activeElement),s=this.#e;this.#o(),i&&s&&t.focus(s),this.tell("")}trace(t){let{say:e}=this.stage;if(!this.#e){e("Select a node first, then trace from it.");return}this.#t.delete(t)||this.#t.add(t);let i=this.mark(),s={up:"depends on",down:"is used by"},n=i?i.size-S(this.#i,this.#e).length:0;this.#t.has(t)?this.#t.size>1?e(`Traced up and down: ${v(n,"node")}.`):e(`${this.#a(this.#e)} ${s[t]} ${v(n,"node")}.`):e("The trace has ended.")}mark(){let t=null;if(this.#e&&this.#t.size){let e=S(this.#i,this.#e);t=new Set(e);for(let i of this.#t)for(let s of wt(this.#i.links,e,i))t.add(s)}return this.stage.canvas.mark(this.#e,t),this.stage.panel.traced(this.#t),t}#o(){this.#e&&this.stage.say("Nothing is selected."),this.#e="",this.#t.clear(),this.stage.showPanel(!1),this.mark()}#n(){this.stage.showPanel(!0),this.stage.canvas.reveal(this.#e)}get#i(){return this.stage.model.get("view")}#a(t){return E(this.#i,t)}};var te=200,Et=24;function Tt(o,t){let e=l("div",{class:"tfg-splitter",role:"separator",tabindex:0,"aria-label":"Width of the details","aria-orientation":"vertical",title:"Drag, or press \u2190 and \u2192"}),i=r=>{let{all:a}=o(),d=Math.round(Math.max(te,Math.min(r,a*.7)));e.setAttribute("aria-valuenow",`${d}`),t(d)},s;e.addEventListener("pointerdown",r=>{r.button===0&&(r.preventDefault(),e.setPointerCapture(r.pointerId),s={x:r.clientX,width:o().now})}),e.addEventListener("pointermove",r=>{s&&i(s.width+s.x-r.clientX)});let n=()=>{s=void 0};return e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n),e.addEventListener("keydown",r=>{let a={ArrowLeft:Et,ArrowRight:-Et}[r.key];a&&(r.preventDefault(),i(o().now+a))}),e}function St(o,t){let e=t.getRootNode(),n=[...(t.closest(".jp-OutputArea")??e).querySelectorAll("[data-tfg-static]")].filter(a=>a.dataset.tfgStatic===o&&a.compareDocumentPosition(t)&Node.DOCUMENT_POSITION_FOLLOWING).at(-1);if(!n)return()=>{};let r=n.style.display;return n.style.display="none",()=>{n.style.display=r}}function ee(o){let{body:t,documentElement:e}=o,i=t.dataset.jpThemeLight;if(i!==void 0)return i==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;let s=e.getAttribute("theme");return s?s==="dark":o.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function Mt(o,t){let e=()=>t(ee(o)),i=new MutationObserver(e),s=["data-jp-theme-light","class","theme"];i.observe(o.body,{attributes:!0,attributeFilter:s}),i.observe(o.documentElement,{attributes:!0,attributeFilter:s});let n=o.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return n?.addEventListener("change",e),e(),()=>{i.disconnect(),n?.removeEventListener("change",e)}}var ie=720,oe="Nodes carry the values of these rows. A click shows them row by row.",se=1400,j=class{constructor(t){this.model=t;this.#e=new R(t,n=>{this.#l(n?"The kernel is busy or gone: waiting for it.":"")}),this.#t=new z(t.get("title")),this.#s=new H({jump:n=>{this.#L(n)},trace:n=>this.#r.trace(n),toggle:n=>{this.#k(n)},close:()=>this.#r.leave(),values:()=>this.#r.askValues(),compute:(n,r)=>{this.#P(n,r)}}),this.#r=new V({model:t,canvas:this.#t,panel:this.#s,kernel:this.#e,isShown:()=>this.#v,showPanel:n=>this.#I(n),say:n=>this.#l(n)}),this.#o=new B(n=>this.#e.ask("search",{text:n}),n=>{this.#L(n.name)},()=>this.#t.svg.focus({preventScroll:!0})),this.#n=new O(this.#t,{view:()=>this.#u,selected:()=>this.#r.id,select:n=>this.#r.select(n),leave:()=>this.#r.leave(),toggle:n=>{this.#k(n)},close:n=>{this.#d=n,this.#b("close",n)},trace:n=>this.#r.trace(n),search:()=>this.#o.input.focus(),help:()=>this.#S(),row:n=>this.#N(n),notFinite:()=>{this.#E()},say:n=>this.#l(n)}),this.#t.element.append(this.#a);let e=Tt(()=>({now:this.#s.element.clientWidth,all:this.element.clientWidth}),n=>{this.element.style.setProperty("--panel",`${n}px`),this.#y(!0)}),i=[this.#t.element,e,this.#s.element],s=l("div",{class:"tfg-body"},...i);this.element=l("div",{class:"tfg-view"},this.#A(),this.#f,this.#g.element,s,this.#i),this.element.addEventListener("keydown",n=>this.#n.press(n)),this.#t.svg.addEventListener("focusin",n=>{this.#d=n.target.dataset.id??""}),ut(this.#t,{click:n=>n?this.#r.select(n):this.#r.leave(),toggle:n=>{this.#k(n)},scrolled:()=>this.#H()}),this.#C(),this.#M(),this.#T(),this.#l("")}model;element;#e;#t;#s;#o;#n;#i=l("div",{class:"tfg-status",role:"status","aria-live":"polite"});#a=l("div",{class:"tfg-hint","aria-hidden":"true"});#f=et();#g=new L({first:()=>{this.#E()},cancel:()=>{this.#w("cancel_peek")},hide:()=>{this.#w("hide_values")}});#h="";#p=!1;#r;#d="";#c="";#x=!1;#v=!1;#m=[];#A(){return tt(this.#o.element,{zoom:t=>this.#t.zoom(t),fit:()=>this.#t.fit(),openAll:()=>{this.#b("open_all")},closeAll:()=>{this.#b("close_all")},save:t=>{this.#D(t)},help:()=>this.#S(),peek:(t,e)=>{this.#w("peek",{rows:t,drawn:e})}})}async#w(t,e={}){try{await this.#e.ask(t,e)}catch(i){this.#l(i.message,!0)}}async#P(t,e){try{let{name:i}=await this.#e.ask("fetch",{node:t,on:e});t===this.#r.id&&this.#s.computed(e),this.#l(`${i} is ${e?"computed too: see Compute":"not computed: see Compute"} in the form.`)}catch(i){this.#l(i.message,!0)}}#N(t){this.model.get("peeking").state!=="ready"?this.#l("Peek at rows first."):this.#r.id?this.#s.values.step(t)||this.#l("There is no other row in this direction."):this.#l("Select a node first.")}async#E(){let{state:t,first:e}=this.model.get("peeking");t==="ready"&&!e?this.#l("No node on show made a NaN or infinity."):t!=="ready"?this.#l("Peek at rows first."):await this.#w("first")}#T(){let t=this.model.get("peeking"),e=t.state!==this.#h;this.#h=t.state,this.element.classList.toggle("tfg-can-peek",t.can),this.#g.show(t);let i=t.state==="ready"?oe:t.says;e&&i&&this.#l(i,t.state==="failed"),this.#r.askValues()}#S(){this.#f.hidden=!this.#f.hidden}close(){for(let t of this.#m)t();this.#e.close(),this.#t.close()}get#u(){return this.model.get("view")}#C(){let t=()=>{this.#x||(this.#x=!0,queueMicrotask(()=>{this.#x=!1,this.#M()}))},e=()=>this.#r.follow(),i={"change:svg":t,"change:view":t,"change:at":e,"change:selected":e,"change:peeking":()=>this.#T()};for(let[n,r]of Object.entries(i))this.model.on(n,r),this.#m.push(()=>this.model.off(n,r));this.#m.push(Mt(document,n=>{this.element.dataset.theme=n?"dark":"light"}));let s=new ResizeObserver(()=>this.#y());s.observe(this.#t.element),s.observe(this.element),this.#m.push(()=>s.disconnect())}#y(t=!1){let{clientWidth:e}=this.element;if(!e)return;this.element.classList.toggle("tfg-narrow",e<ie);let i=this.#t.element;this.#v||(this.#v=!0,i.style.height=`${this.#t.heightFor(i.clientWidth)}px`,this.#m.push(St(this.model.get("uid"),this.element))),this.#t.resize({width:i.clientWidth,height:i.clientHeight},t),this.#r.arrive()}#z(){let t=this.#t.element;t.style.height=`${this.#t.heightFor(t.clientWidth)}px`,this.#t.restart({width:t.clientWidth,height:t.clientHeight}),this.#r.id&&this.#t.reveal(this.#r.id)}#I(t){this.element.classList.toggle("tfg-detailed",t),this.#s.element.hidden=!t,this.#y(!0)}#M(){let t=this.#u,e=this.#t.svg.contains(document.activeElement);this.#t.show(this.model.get("svg"),t,this.#c||this.#r.id),this.#t.element.append(this.#a);let i=this.#t.svg.querySelector(".tfg-badge")!==null;i!==this.#p&&this.#v&&this.#z(),this.#p=i,this.#c="";let s=this.#t.has(this.#d)?this.#d:t.nodes[0]?.id??"";e&&this.#d?this.#t.focus(s):this.#t.tabTo(s),this.#r.redrawn()}async#k(t){let e=this.#u.nodes.find(s=>s.id===t),i=this.#u.boxes.find(s=>s.id===t);!e?.openable&&!i?.closable||await this.#b(e?"open":"close",t)}async#b(t,e=""){this.#c=e,e&&(this.#d=this.#d&&e);try{let{says:i}=await this.#e.ask(t,e?{node:e}:{}),s={open:"Opened",close:"Closed",open_all:"Opened all",close_all:"Closed all"},n=`${v(this.#u.nodes.length,"node")} on show.`;this.#l(i||[`${s[t]} ${E(this.#u,e)}`.trim(),n].join(": ")),e&&e===this.#r.id&&this.#r.choose(e)}catch(i){this.#c="",this.#l(i.message,!0)}}async#L(t){try{let{id:e,says:i}=await this.#e.ask("reveal",{name:t});this.#r.goTo(e),this.#t.focus(e),i&&this.#l(i),this.#r.tell(E(this.#u,e)||t)}catch(e){this.#l(e.message,!0)}}async#D(t){try{let e=async()=>(await this.#e.ask("export",{format:t})).text;await yt(t,this.model.get("svg"),e),this.#l(`Saved graph.${t}.`)}catch(e){this.#l(e.message,!0)}}#l(t,e=!1){this.#i.textContent=t||dt(this.#u),this.#i.classList.toggle("tfg-error",e)}#H(){let t=/Mac|iP(hone|ad)/.test(navigator.platform)?"\u2318":"Ctrl";this.#a.textContent=`${t} + wheel zooms`,this.#a.classList.add("tfg-on"),setTimeout(()=>this.#a.classList.remove("tfg-on"),se)}};function ne({model:o,el:t}){let e=document.createElement("style");e.textContent=_;let i=new j(o);return t.append(e,i.element),()=>i.close()}var mi={render:ne};export{mi as default};
