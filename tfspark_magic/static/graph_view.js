var j=`.tfg-view {
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
  width: 300px;
  padding: 8px 12px 12px;
  overflow: auto;
  border-left: 1px solid var(--border);
}
.tfg-detailed .tfg-canvas {
  margin-right: 300px;
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
  max-height: 260px;
  border-left: 0;
  border-top: 1px solid var(--border);
}
.tfg-narrow .tfg-canvas {
  margin-right: 0;
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
`;function c(o,t={},...e){let i=document.createElement(o);for(let[n,s]of Object.entries(t))typeof s=="function"?i.addEventListener(n.slice(2),s):s===!0?i.setAttribute(n,""):s!==void 0&&s!==!1&&i.setAttribute(n,String(s));return i.append(...e),i}function y(o){let t=o.map(([e,i])=>c("div",{class:"tfg-pair",role:"listitem"},c("span",{class:"tfg-key",title:e},e),c("span",{class:"tfg-value"},i)));return c("div",{class:"tfg-list",role:"list"},...t)}var ut="http://www.w3.org/2000/svg";function g(o,t,...e){let i=document.createElementNS(ut,o);for(let[n,s]of Object.entries(t))i.setAttribute(n,`${s}`);return i.append(...e),i}var mt={plus:"M8 3v10M3 8h10",minus:"M3 8h10",fit:"M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",expand:"M4 6.5l4-4 4 4M4 9.5l4 4 4-4",collapse:"M4 2.5l4 4 4-4M4 13.5l4-4 4 4",save:"M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",keys:"M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.8v.4",close:"M4 4l8 8M12 4l-8 8"};function vt(o){let t=g("path",{d:mt[o]});return g("svg",{class:"tfg-icon",viewBox:"0 0 16 16","aria-hidden":"true"},t)}function f(o,t,e){return c("button",{...{type:"button",class:"tfg-button","aria-label":t,title:t},onclick:e},vt(o))}var H=0;function G(){return H+=1,`tfg-${H}-${Math.random().toString(36).slice(2,8)}`}var bt={ArrowUp:[0,48],ArrowDown:[0,-48],ArrowLeft:[48,0],ArrowRight:[-48,0]},wt={"+":{do:"zoom",by:1.3},"=":{do:"zoom",by:1.3},"-":{do:"zoom",by:1/1.3},_:{do:"zoom",by:1/1.3},0:{do:"fit"},f:{do:"fit"},Enter:{do:"enter"}," ":{do:"select"},Escape:{do:"leave"},"/":{do:"search"},"?":{do:"help"},u:{do:"up"},d:{do:"down"},p:{do:"parent"},Backspace:{do:"close"},Home:{do:"first"},End:{do:"last"}},V=[["Tab","to the drawing, then to its nodes"],["\u2190 \u2191 \u2193 \u2192","on a node: to the next one, \u2191 and \u2193 along lines; else move the drawing"],["Shift + arrow","move the drawing"],["Enter","open or close a group, select an operation"],["Space","select"],["Backspace","close the group around"],["P","to the group around"],["U, D","trace up, trace down"],["+, -","zoom; also Ctrl or \u2318 + wheel"],["0 or F","show everything"],["/","search"],["Escape","select nothing"]];function $(o,t){let e=bt[o.key];if(e)return t&&!o.shiftKey?{do:"step",arrow:o.key}:{do:"pan",dx:e[0],dy:e[1]};let i=o.key.length===1?o.key.toLowerCase():o.key;return wt[i]}function F(o,t,e){let i=e.map(({label:l,choose:d})=>c("button",{type:"button",role:"menuitem",class:"tfg-item",tabindex:-1,onclick:()=>{a(!1),s.focus(),d()}},l)),n=c("div",{class:"tfg-popup tfg-menu",role:"menu",hidden:!0},...i),s=f(o,t,()=>a(n.hidden===!0));s.setAttribute("aria-haspopup","menu"),s.setAttribute("aria-expanded","false");let r=c("div",{class:"tfg-holder"},s,n);function a(l){n.hidden=!l,s.setAttribute("aria-expanded",String(l)),l&&i[0]?.focus()}return r.addEventListener("focusout",l=>{r.contains(l.relatedTarget)||a(!1)}),r.addEventListener("keydown",l=>{if(n.hidden)return;let d=i.indexOf(l.target),u={ArrowDown:1,ArrowUp:i.length-1}[l.key];if(u!==void 0)i[(d+u)%i.length]?.focus();else if(l.key==="Escape")a(!1),s.focus();else return;l.preventDefault(),l.stopPropagation()}),r}var _=1.3,xt=[["svg","SVG picture"],["png","PNG picture"],["dot","DOT source"],["pbtxt","Graph as text (pbtxt)"]];function K(o,t){let e=xt.map(([i,n])=>({label:n,choose:()=>t.save(i)}));return c("div",{class:"tfg-bar",role:"group","aria-label":"Graph"},f("plus","Zoom in (+)",()=>t.zoom(_)),f("minus","Zoom out (-)",()=>t.zoom(1/_)),f("fit","Show everything (0)",t.fit),c("span",{class:"tfg-gap"}),f("expand","Open all groups",t.openAll),f("collapse","Close all groups",t.closeAll),o,F("save","Save as a file",e),f("keys","Keyboard and mouse (?)",t.help))}function U(){return c("div",{class:"tfg-help",role:"note","aria-label":"Keys",hidden:!0},y(V))}var yt="http://www.w3.org/2000/svg",kt=new Set("svg g path polygon polyline ellipse circle rect line text tspan".split(" ")),Et=new Set("class d points transform x y cx cy rx ry r x1 y1 x2 y2 width height viewBox fill stroke fill-opacity stroke-opacity opacity stroke-width stroke-dasharray font-size font-weight font-style font-family text-anchor".split(" "));function b(o){let t=new DOMParser().parseFromString(o,"image/svg+xml").documentElement;return t?.localName!=="svg"?null:W(t)}function W(o){if(!kt.has(o.localName))return null;let t=document.createElementNS(yt,o.localName);for(let{name:e,value:i}of o.attributes)e==="id"?t.setAttribute("data-id",i):Et.has(e)&&!/url\s*\(/i.test(i)&&t.setAttribute(e,i);for(let e of o.childNodes)if(e.nodeType===Node.TEXT_NODE)t.append(e.textContent??"");else if(e.nodeType===Node.ELEMENT_NODE){let i=W(e);i&&t.append(i)}return t}var Tt=1.3333333333333333,At=.05,St=6,k=.75,p=12;function I(o,t){let e=Math.min((t.width-2*p)/o.width,(t.height-2*p)/o.height,Tt);return Y(o,t,R(e))}function O(o,t){let e=I(o,t);if(e.k>=k)return e;let i=(t.width-2*p)/o.width,n=R(Math.max(e.k,Math.min(i,k))),s=Y(o,t,n);return{...s,y:Math.max(s.y,p)}}function Y(o,t,e){return{x:(t.width-o.width*e)/2,y:(t.height-o.height*e)/2,k:e}}function B(o,t,e){let i=R(o.k*t),n=i/o.k;return{x:e.x-(e.x-o.x)*n,y:e.y-(e.y-o.y)*n,k:i}}function E(o,t,e){return{...o,x:o.x+t,y:o.y+e}}function Z(o,t,e){return E(o,(t.x-e.x)*o.k,(t.y-e.y)*o.k)}function T(o,t,e){let i=Math.min((e.width-2*p)/t.width,(e.height-2*p)/t.height),n=Math.min(o.k,Math.max(i,k)),s={x:t.x+t.width/2,y:t.y+t.height/2},r={x:s.x*o.k+o.x,y:s.y*o.k+o.y},a=n===o.k?o:B(o,n/o.k,r),l=t.x*a.k+a.x,d=t.y*a.k+a.y;return E(a,q(l,l+t.width*a.k,e.width),q(d,d+t.height*a.k,e.height))}function X(o,t,e){let i=Math.max(o.k,k);return{x:e.width/2-(t.x+t.width/2)*i,y:e.height/2-(t.y+t.height/2)*i,k:i}}function J(o,t,e){let i=(n,s)=>n+(s-n)*e;return{x:i(o.x,t.x),y:i(o.y,t.y),k:i(o.k,t.k)}}function q(o,t,e){return o<p||t-o>e-2*p?p-o:t>e-p?e-p-t:0}function R(o){return Math.min(St,Math.max(At,o))}var Mt={placeholder:"placeholder",fetch:"fetch",variable:"variable",constant:"constant",op:"operation",scope:"scope",series:"series",band:"group of neighbours",step:"repetition"};function v(o){return Mt[o]??o}function A(o){let t=o.openable?`closed ${v(o.kind)}`:v(o.kind);return[o.name,t,o.says].filter(Boolean).join(", ")}function S(o){return`${o.name}, open ${v(o.id.split(":",1)[0]??"")}`}function m(o,t){return`${o.toLocaleString("en")} ${t}${o===1?"":"s"}`}var Lt=180,Pt=200,Nt=520,M=class{element;svg;#i=g("g",{});#t=new Map;#s={width:1,height:1};#o={width:0,height:0};#r={x:0,y:0,k:1};#e=this.#r;#a=0;#g=!1;constructor(t){this.svg=g("svg",{class:"tfg-svg",role:"application","aria-roledescription":"graph","aria-label":t,tabindex:0}),this.svg.append(this.#i),this.element=c("div",{class:"tfg-canvas"}),this.element.append(this.svg)}show(t,e,i){let n=this.#f(i),s=b(t);if(this.#t.clear(),!s){let d=c("pre",{class:"tfg-text",tabindex:0},e.text??"");this.element.replaceChildren(d);return}this.element.replaceChildren(this.svg);let[,,r=1,a=1]=(s.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number);this.#s={width:r,height:a};let l=s.getAttribute("font-family");l&&this.#i.setAttribute("font-family",l),this.#i.replaceChildren(...s.childNodes);for(let d of this.#i.querySelectorAll("g:is(.node, .edge, .cluster)")){let h=d.dataset.id;h&&this.#t.set(h,d)}if(this.#n(e),!!this.#g)for(let[d,h]of n){let u=this.box(d);if(u){this.#e=Z(this.#e,h,Q(u)),this.#c(this.#e),d===i&&this.#p(T(this.#e,u,this.#o));break}}}resize(t){this.#o=t,!this.#g&&(this.#g=!0,this.#c(O(this.#s,t)))}heightFor(t){let e=O(this.#s,{width:t,height:Number.POSITIVE_INFINITY}).k;return Math.round(Math.min(Nt,Math.max(Pt,this.#s.height*e+32)))}get transform(){return this.#e}zoom(t,e){let{width:i,height:n}=this.#o,s=B(this.#e,t,e??{x:i/2,y:n/2});e?this.#c(s):this.#p(s)}pan(t,e){this.#c(E(this.#e,t,e))}fit(){this.#p(I(this.#s,this.#o))}jump(t){let e=this.box(t),i=this.#t.get(t);!e||!i||(this.#p(T(X(this.#e,e,this.#o),e,this.#o)),i.classList.remove("tfg-flash"),i.getBoundingClientRect(),i.classList.add("tfg-flash"))}reveal(t){let e=this.box(t);e&&this.#p(T(this.#e,e,this.#o))}has(t){return this.#t.has(t)}box(t){let e=this.#t.get(t);if(!e||this.#o.width===0)return;let i=e.getBoundingClientRect(),n=this.svg.getBoundingClientRect(),{x:s,y:r,k:a}=this.#r;return{x:(i.x-n.x-s)/a,y:(i.y-n.y-r)/a,width:i.width/a,height:i.height/a}}places(t){let e=new Map;for(let i of t){let n=this.box(i);n&&e.set(i,Q(n))}return e}focus(t){this.tabTo(t),this.#t.get(t)?.focus({preventScroll:!0})}tabTo(t){for(let[e,i]of this.#t)i.hasAttribute("tabindex")&&(i.tabIndex=e===t?0:-1)}mark(t,e){for(let[i,n]of this.#t){n.classList.toggle("tfg-selected",i===t),n.hasAttribute("role")&&n.setAttribute("aria-pressed",String(i===t));let s=n.classList.contains("tfg-cluster"),r=!e||s||e.has(i)||i.includes("->")&&Ct(i,e);n.classList.toggle("tfg-dimmed",!r)}}close(){cancelAnimationFrame(this.#a)}#n(t){for(let e of t.nodes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",A(e)),i?.setAttribute("aria-pressed","false"),e.openable&&(i?.setAttribute("aria-expanded","false"),this.#l(i,e.id,`Open ${e.name}`,"M-2.5 0h5M0-2.5v5"))}for(let e of t.boxes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",S(e)),i?.setAttribute("aria-pressed","false"),e.closable&&(i?.setAttribute("aria-expanded","true"),this.#l(i,e.id,`Close ${e.name}`,"M-2.5 0h5"))}}#l(t,e,i,n){let[s,r]=Dt(t);if(!t||s===void 0||r===void 0)return;let a=g("title",{});a.textContent=i;let l={class:"tfg-toggle","data-toggle":e,transform:`translate(${s-2} ${r+2})`};t.append(g("g",l,a,g("circle",{r:5}),g("path",{d:n})))}#f(t){let e={x:this.#o.width/2,y:this.#o.height/2},{x:i,y:n,k:s}=this.#e,r={x:(e.x-i)/s,y:(e.y-n)/s},a=h=>Math.hypot(h.x-r.x,h.y-r.y),l=[...this.#t.keys()].filter(h=>!h.startsWith("edge:"));return[...this.places(l)].sort(([h,u],[ft,pt])=>+(ft===t)-+(h===t)||a(u)-a(pt))}#p(t){let e=this.#r;if(matchMedia("(prefers-reduced-motion: reduce)").matches){this.#c(t);return}this.#e=t,cancelAnimationFrame(this.#a);let n=performance.now(),s=r=>{let a=Math.min(1,Math.max(0,(r-n)/Lt));this.#d(J(e,t,1-(1-a)**3)),a<1&&(this.#a=requestAnimationFrame(s))};this.#a=requestAnimationFrame(s)}#c(t){cancelAnimationFrame(this.#a),this.#e=t,this.#d(t)}#d(t){this.#r=t,this.#i.setAttribute("transform",`translate(${t.x} ${t.y}) scale(${t.k})`)}};function Q(o){return{x:o.x+o.width/2,y:o.y+o.height/2}}function Ct(o,t){let e=o.slice(5);for(let i=e.indexOf("->");i>=0;i=e.indexOf("->",i+1))if(t.has(e.slice(0,i))&&t.has(e.slice(i+2)))return!0;return!1}function Dt(o){let t=o?.querySelector("path, polygon"),i=(t?.getAttribute("d")??t?.getAttribute("points")??"").match(/-?\d+(?:\.\d+)?/g)?.map(Number)??[];if(i.length<4)return[];let n=i.filter((r,a)=>a%2===0),s=i.filter((r,a)=>a%2===1);return[Math.max(...n),Math.min(...s)]}var P=class{constructor(t){this.actions=t;let e=(n,s,r)=>c("button",{type:"button",class:"tfg-button tfg-worded",title:s,onclick:r},n);this.#s=e("\u2191 Trace up","Show only what this depends on (U)",()=>t.trace("up")),this.#o=e("\u2193 Trace down","Show only what depends on this (D)",()=>t.trace("down")),this.#r=e("Open","",()=>t.toggle(this.#e));let i=f("close","Close details (Escape)",()=>t.close());this.element=c("section",{class:"tfg-panel","aria-label":"Details",hidden:!0},c("div",{class:"tfg-panel-head"},this.#i,i),c("div",{class:"tfg-panel-buttons"},this.#s,this.#o,this.#r),this.#t)}actions;element;#i=c("h3",{class:"tfg-panel-name"});#t=c("div",{class:"tfg-facts"});#s;#o;#r;#e="";show(t,e){this.#e=t.id,this.#i.textContent=t.name,this.#r.hidden=e===void 0,this.#r.textContent=e?"Close":"Open",this.#r.title=e?"Show it as one node (Enter)":"Show what is inside (Enter)",this.#t.replaceChildren(w([["Kind",v(t.kind)],["",t.says]]))}fill(t){this.#i.textContent=t.name,this.#t.replaceChildren(...t.op?this.#a(t):this.#g(t))}fail(t){this.#t.replaceChildren(c("p",{class:"tfg-error"},t))}traced(t){this.#s.setAttribute("aria-pressed",String(t.has("up"))),this.#o.setAttribute("aria-pressed",String(t.has("down")))}#a(t){let e=v(t.kind),i=[["Op",t.op],["Kind",e==="operation"?"":e],["Column",t.column],["Value",t.value],[t.outputs.length===1?"Type":"Types",t.outputs.join(`
`)],["Drawn as",t.part_of&&this.#l(t.part_of)],["Note",t.note]];return[w(i),...L("Inputs",this.#n(t.inputs,t.more_inputs)),...L("Used by",this.#n(t.consumers,t.more_consumers)),...L("Attributes",t.attributes.length?[w(t.attributes)]:[])]}#g(t){return[w([["Kind",v(t.kind)],["Holds",m(t.operations,"operation")]]),...L("Operations",[w(t.attributes)])]}#n(t,e){let i=t.map(n=>c("li",{},this.#l(n.name),c("span",{class:"tfg-faint"},n.is_control?"order only":n.spec)));return e&&i.push(c("li",{class:"tfg-faint"},`and ${e.toLocaleString("en")} more`)),i.length?[c("ul",{class:"tfg-ends"},...i)]:[]}#l(t){let e=`Go to ${t}`;return c("button",{type:"button",class:"tfg-link",title:e,onclick:()=>this.actions.jump(t)},t)}};function L(o,t){return t.length?[c("h4",{class:"tfg-panel-title"},o),...t]:[]}function w(o){return y(o.filter(([,t])=>t!==""))}function it(o,t){let{svg:e}=o,i,n=0;e.addEventListener("pointerdown",r=>{r.button!==0||!r.isPrimary||(i={x:r.clientX,y:r.clientY},n=0)}),e.addEventListener("pointermove",r=>{if(!i||!r.isPrimary)return;let a=r.clientX-i.x,l=r.clientY-i.y;n+=Math.abs(a)+Math.abs(l),!(n<4)&&(e.hasPointerCapture(r.pointerId)||e.setPointerCapture(r.pointerId),e.classList.add("tfg-dragging"),o.pan(a,l),i={x:r.clientX,y:r.clientY})});let s=()=>{i=void 0,e.classList.remove("tfg-dragging")};e.addEventListener("pointerup",s),e.addEventListener("pointercancel",s),e.addEventListener("click",r=>{if(n>=4)return;let a=et(r);a?t.toggle(a):t.click(tt(r))}),e.addEventListener("dblclick",r=>{let a=tt(r);a&&!et(r)&&t.toggle(a)}),e.addEventListener("wheel",r=>{if(!r.ctrlKey&&!r.metaKey){t.scrolled();return}r.preventDefault();let{left:a,top:l}=e.getBoundingClientRect(),d=r.deltaY*(r.deltaMode===1?16:1),h=Math.exp(-Math.max(-300,Math.min(300,d))*.0022);o.zoom(h,{x:r.clientX-a,y:r.clientY-l})},{passive:!1})}function tt(o){return o.target.closest(".tfg-node, .tfg-cluster")?.dataset.id??""}function et(o){return o.target.closest("[data-toggle]")?.dataset.toggle??""}var N=class{constructor(t,e){this.channel=t;this.onBusy=e;t.on("msg:custom",this.#e)}channel;onBusy;#i=new Map;#t=0;#s=Math.random().toString(36).slice(2);#o=!1;#r;ask(t,e={}){let i=`${this.#s}-${++this.#t}`;this.#r??=setTimeout(()=>{this.#o=!0,this.onBusy(!0)},1500);let n=new Promise((s,r)=>{this.#i.set(i,{resolve:s,reject:r})});return this.channel.send({id:i,ask:t,...e}),n}close(){clearTimeout(this.#r),this.channel.off("msg:custom",this.#e),this.#i.clear()}#e=t=>{let e=this.#i.get(String(t.id));e&&(this.#i.delete(String(t.id)),this.#i.size===0&&(clearTimeout(this.#r),this.#r=void 0,this.#o&&this.onBusy(!1),this.#o=!1),"error"in t?e.reject(new Error(String(t.error))):e.resolve(t.answer))}};function nt(o,t,e,i){let n=i.get(t);if(!n)return;if(o==="ArrowDown"||o==="ArrowUp"){let a=e.filter(([l,d])=>(o==="ArrowDown"?l:d)===t).map(([l,d])=>o==="ArrowDown"?d:l);return ot(a,i,l=>Math.hypot(l.x-n.x,l.y-n.y))}let s=o==="ArrowRight"?1:-1,r=[...i.keys()].filter(a=>{let l=i.get(a);return a!==t&&l!==void 0&&(l.x-n.x)*s>1});return ot(r,i,a=>Math.abs(a.x-n.x)+4*Math.abs(a.y-n.y))}function ot(o,t,e){let i,n=Number.POSITIVE_INFINITY;for(let s of o){let r=t.get(s),a=r?e(r):Number.POSITIVE_INFINITY;a<n&&(i=s,n=a)}return i}function st(o,t,e){let i=new Map;for(let[s,r]of o){let[a,l]=e==="down"?[s,r]:[r,s],d=i.get(a);d?d.push(l):i.set(a,[l])}let n=new Set(t);for(let s of n)for(let r of i.get(s)??[])n.add(r);return n}function x(o,t){if(!o.boxes.some(n=>n.id===t))return[t];let e=new Map(o.boxes.map(n=>[n.id,n.box])),i=n=>n===t||n!==""&&i(e.get(n)??"");return o.nodes.filter(n=>i(n.box)).map(n=>n.id)}function rt(o,t){let e=new Map([...o.nodes,...o.boxes].map(n=>[n.id,n.box])),i=[];for(let n=e.get(t);n;n=e.get(n))i.push(n);return i}var zt={ArrowUp:"It takes nothing.",ArrowDown:"Nothing takes it.",ArrowLeft:"There is nothing to the left.",ArrowRight:"There is nothing to the right."},C=class{constructor(t,e){this.canvas=t;this.actions=e}canvas;actions;press(t){if(t.ctrlKey||t.metaKey||t.altKey)return;t.stopPropagation();let e=t.target;if(!this.canvas.svg.contains(e)){t.key==="Escape"&&e.closest(".tfg-panel")&&this.actions.leave();return}let i=e!==this.canvas.svg,n=$(t,i);n&&(t.preventDefault(),this.#i(n,i?e.dataset.id??"":""))}#i(t,e){let{nodes:i}=this.actions.view();({zoom:()=>t.do==="zoom"&&this.canvas.zoom(t.by),pan:()=>t.do==="pan"&&this.canvas.pan(t.dx,t.dy),fit:()=>this.canvas.fit(),step:()=>t.do==="step"&&this.#r(t.arrow,e),enter:()=>this.#t(e),select:()=>e&&this.actions.select(e),leave:()=>this.actions.leave(),search:()=>this.actions.search(),help:()=>this.actions.help(),up:()=>this.#s(e,"up"),down:()=>this.#s(e,"down"),parent:()=>this.#o(e,s=>this.#e(s)),close:()=>this.#o(e,s=>this.actions.close(s)),first:()=>this.#e(i[0]?.id),last:()=>this.#e(i.at(-1)?.id)})[t.do]()}#t(t){let{nodes:e,boxes:i}=this.actions.view(),n=e.some(s=>s.id===t&&s.openable);t?n||i.some(s=>s.id===t&&s.closable)?this.actions.toggle(t):this.actions.select(t):this.#e(this.actions.selected()||e[0]?.id)}#s(t,e){t&&t!==this.actions.selected()&&this.actions.select(t),this.actions.trace(e)}#o(t,e){let[i]=rt(this.actions.view(),t);i?e(i):this.actions.say("There is no open group around.")}#r(t,e){let i=this.actions.view();if(i.boxes.some(r=>r.id===e)){this.#e(x(i,e)[0]);return}let n=this.canvas.places(i.nodes.map(r=>r.id)),s=nt(t,e,i.links,n);s?this.#e(s):this.actions.say(zt[t])}#e(t){t&&(this.canvas.focus(t),this.canvas.reveal(t))}};var It=4,at=12e3;async function lt(o,t,e){let i={svg:async()=>new Blob([ct(t)],{type:"image/svg+xml"}),png:()=>Ot(t),dot:async()=>new Blob([await e()],{type:"text/vnd.graphviz"}),pbtxt:async()=>new Blob([await e()],{type:"text/plain"})};Bt(`graph.${o}`,await i[o]())}function ct(o){let t=b(o);if(!t)throw new Error("There is no picture to save: pip install graphviz-pure.");return new XMLSerializer().serializeToString(t)}async function Ot(o){let t=ct(o),[,,e=1,i=1]=(b(o)?.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number),n=Math.min(It,at/e,at/i),s=new Image;s.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(t)}`,await s.decode();let r=document.createElement("canvas");r.width=Math.round(e*n),r.height=Math.round(i*n);let a=r.getContext("2d");if(!a)throw new Error("This browser draws no pictures.");a.fillStyle="white",a.fillRect(0,0,r.width,r.height),a.drawImage(s,0,0,r.width,r.height);let l=await new Promise(d=>r.toBlob(d,"image/png"));if(!l)throw new Error("The picture is too large for this browser: save it as SVG.");return l}function Bt(o,t){let e=document.createElement("a");e.href=URL.createObjectURL(t),e.download=o,document.body.append(e),e.click(),e.remove(),setTimeout(()=>URL.revokeObjectURL(e.href),1e4)}var Rt=120,D=class{constructor(t,e,i){this.find=t;this.jump=e;this.leave=i;let n=G();this.input=c("input",{type:"search",class:"tfg-search-input",role:"combobox",placeholder:"Search: name, op:MatMul, dtype:int64","aria-label":"Search operations by name, op:\u2026 or dtype:\u2026","aria-autocomplete":"list","aria-controls":n,"aria-expanded":"false",autocomplete:"off",spellcheck:"false",oninput:()=>this.#g(),onfocus:()=>this.#o.length>0&&this.#d(!0),onkeydown:s=>this.#p(s)}),this.#i=c("ul",{id:n,role:"listbox",class:"tfg-found","aria-label":"Found"}),this.#s=c("div",{class:"tfg-found-count",role:"status"}),this.#t=c("div",{class:"tfg-popup",hidden:!0},this.#i,this.#s),this.element=c("div",{class:"tfg-search"},this.input,this.#t),this.element.addEventListener("focusout",s=>{this.element.contains(s.relatedTarget)||this.#d(!1)})}find;jump;leave;element;input;#i;#t;#s;#o=[];#r=-1;#e;#a=0;#g(){clearTimeout(this.#e),this.#e=setTimeout(()=>{this.#n()},Rt)}async#n(){clearTimeout(this.#e);let t=this.input.value.trim(),e=++this.#a;if(!t){this.#l([],""),this.#d(!1);return}try{let{total:i,findings:n}=await this.find(t);if(e!==this.#a)return;let s=n.length<i?`the first ${n.length} of `:"";this.#l(n,i?s+m(i,"operation"):"Nothing is called so.")}catch(i){e===this.#a&&this.#l([],i.message)}this.#d(!0)}#l(t,e){this.#o=t,this.#s.textContent=e,this.#i.replaceChildren(...t.map((i,n)=>c("li",{id:`${this.#i.id}-${n}`,role:"option",class:"tfg-option","aria-selected":"false",onmousedown:s=>s.preventDefault(),onclick:()=>this.#c(n)},c("span",{class:"tfg-name"},i.name),c("span",{class:"tfg-faint"},[i.op,i.spec].filter(Boolean).join("  "))))),this.#f(t.length?0:-1)}#f(t){this.#r=t,[...this.#i.children].forEach((i,n)=>{i.setAttribute("aria-selected",String(n===t))});let e=this.#i.children[t];e?(this.input.setAttribute("aria-activedescendant",e.id),e.scrollIntoView?.({block:"nearest"})):this.input.removeAttribute("aria-activedescendant")}#p(t){let{length:e}=this.#o;if(t.key==="ArrowDown"||t.key==="ArrowUp"){if(t.preventDefault(),!e)return;this.#d(!0);let i=t.key==="ArrowDown"?1:e-1;this.#f((this.#r+i)%e)}else t.key==="Enter"?(t.preventDefault(),!this.#t.hidden&&this.#r>=0?this.#c(this.#r):this.#n()):t.key==="Escape"&&(t.preventDefault(),this.#t.hidden?this.leave():this.#d(!1))}#c(t){let e=this.#o[t];e&&(this.#d(!1),this.jump(e))}#d(t){this.#t.hidden=!t,this.input.setAttribute("aria-expanded",String(t))}};function dt(o,t){let e=t.getRootNode(),s=[...(t.closest(".jp-OutputArea")??e).querySelectorAll("[data-tfg-static]")].filter(a=>a.dataset.tfgStatic===o&&a.compareDocumentPosition(t)&Node.DOCUMENT_POSITION_FOLLOWING).at(-1);if(!s)return()=>{};let r=s.style.display;return s.style.display="none",()=>{s.style.display=r}}function jt(o){let{body:t,documentElement:e}=o,i=t.dataset.jpThemeLight;if(i!==void 0)return i==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;let n=e.getAttribute("theme");return n?n==="dark":o.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function ht(o,t){let e=()=>t(jt(o)),i=new MutationObserver(e),n=["data-jp-theme-light","class","theme"];i.observe(o.body,{attributes:!0,attributeFilter:n}),i.observe(o.documentElement,{attributes:!0,attributeFilter:n});let s=o.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return s?.addEventListener("change",e),e(),()=>{i.disconnect(),s?.removeEventListener("change",e)}}var Ht=720,Gt=300,Vt=1400,z=class{constructor(t){this.model=t;this.#i=new N(t,i=>{this.#h(i?"The kernel is busy or gone: waiting for it.":"")}),this.#t=new M(t.get("title")),this.#s=new P({jump:i=>{this.#D(i)},trace:i=>this.#C(i),toggle:i=>{this.#S(i)},close:()=>this.#T()}),this.#o=new D(i=>this.#i.ask("search",{text:i}),i=>{this.#D(i.name)},()=>this.#t.svg.focus({preventScroll:!0})),this.#r=new C(this.#t,{view:()=>this.#u,selected:()=>this.#n,select:i=>this.#N(i),leave:()=>this.#T(),toggle:i=>{this.#S(i)},close:i=>{this.#l=i,this.#x("close",i)},trace:i=>this.#C(i),search:()=>this.#o.input.focus(),help:()=>this.#M(),say:i=>this.#h(i)}),this.#t.element.append(this.#a);let e=c("div",{class:"tfg-body"},this.#t.element,this.#s.element);this.element=c("div",{class:"tfg-view"},this.#z(),this.#g,e,this.#e),this.element.addEventListener("keydown",i=>this.#r.press(i)),this.#t.svg.addEventListener("focusin",i=>{this.#l=i.target.dataset.id??""}),it(this.#t,{click:i=>i?this.#N(i):this.#T(),toggle:i=>{this.#S(i)},scrolled:()=>this.#j()}),this.#I(),this.#L()}model;element;#i;#t;#s;#o;#r;#e=c("div",{class:"tfg-status",role:"status","aria-live":"polite"});#a=c("div",{class:"tfg-hint","aria-hidden":"true"});#g=U();#n="";#l="";#f=new Set;#p="";#c="";#d=!1;#y=!1;#v=[];#z(){return K(this.#o.element,{zoom:t=>this.#t.zoom(t),fit:()=>this.#t.fit(),openAll:()=>{this.#x("open_all")},closeAll:()=>{this.#x("close_all")},save:t=>{this.#R(t)},help:()=>this.#M()})}#M(){this.#g.hidden=!this.#g.hidden}close(){for(let t of this.#v)t();this.#i.close(),this.#t.close()}get#u(){return this.model.get("view")}#I(){let t=()=>{this.#d||(this.#d=!0,queueMicrotask(()=>{this.#d=!1,this.#L()}))},e=()=>this.#P(),i={"change:svg":t,"change:view":t,"change:at":e,"change:selected":e};for(let[s,r]of Object.entries(i))this.model.on(s,r),this.#v.push(()=>this.model.off(s,r));this.#v.push(ht(document,s=>{this.element.dataset.theme=s?"dark":"light"}));let n=new ResizeObserver(()=>this.#k());n.observe(this.#t.element),n.observe(this.element),this.#v.push(()=>n.disconnect())}#k(){let{clientWidth:t}=this.element;if(!t)return;this.element.classList.toggle("tfg-narrow",t<Ht);let e=this.#t.element;this.#y||(this.#y=!0,e.style.height=`${this.#t.heightFor(e.clientWidth)}px`,this.#v.push(dt(this.model.get("uid"),this.element))),this.#t.resize({width:e.clientWidth,height:e.clientHeight}),this.#c&&this.#b()}#L(){let t=this.#u,e=this.#t.svg.contains(document.activeElement);this.#t.show(this.model.get("svg"),t,this.#p||this.#n),this.#t.element.append(this.#a),this.#p="",this.#n&&!this.#t.has(this.#n)&&this.#A(),this.#w();let i=this.#t.has(this.#l)?this.#l:t.nodes[0]?.id??"";e&&this.#l?this.#t.focus(i):this.#t.tabTo(i),this.#c?this.#b():this.#P()}#P(){let[t="",e=""]=this.model.get("at");if(!(t!==this.model.get("selected")||e===this.#n)&&this.#m(this.#n)!==t){if(!e){this.#A();return}this.#c=e,this.#b()}}#b(){let t=this.#c;!this.#t.has(t)||!this.#y||(this.#c="",t!==this.#n&&this.#E(t),this.#t.jump(t),this.#t.tabTo(t))}#N(t){this.#E(t),this.#t.focus(t);let e=this.#m(t);e!==this.model.get("selected")&&(this.model.set("selected",e),this.model.save_changes())}#E(t){this.#n=t,this.#w();let e=this.#u.nodes.find(a=>a.id===t),i=this.#u.boxes.find(a=>a.id===t),n=e?.kind??t.split(":",1)[0]??"",s=this.#m(t),r=e?.openable?!1:i?.closable?!0:void 0;this.#s.show({id:t,name:s,kind:n,says:e?.says??""},r),this.#h(`Selected: ${e?A(e):i?S(i):s}`),this.element.classList.contains("tfg-detailed")||setTimeout(()=>this.#n&&this.#O(),r===void 0?0:Gt),this.#i.ask("details",{node:t}).then(a=>this.#n===t&&this.#s.fill(a),a=>this.#n===t&&this.#s.fail(a.message))}#O(){this.element.classList.add("tfg-detailed"),this.#s.element.hidden=!1,this.#k(),this.#t.reveal(this.#n)}#B(){this.element.classList.remove("tfg-detailed"),this.#s.element.hidden=!0,this.#k()}#T(){let t=this.#s.element.contains(document.activeElement),e=this.#n;this.#A(),t&&e&&this.#t.focus(e),this.model.get("selected")&&(this.model.set("selected",""),this.model.save_changes())}#A(){this.#n&&this.#h("Nothing is selected."),this.#n="",this.#f.clear(),this.#B(),this.#w()}#C(t){if(!this.#n){this.#h("Select a node first, then trace from it.");return}this.#f.delete(t)||this.#f.add(t);let e=this.#w(),i={up:"depends on",down:"is used by"},n=e?e.size-x(this.#u,this.#n).length:0;this.#f.has(t)?this.#f.size>1?this.#h(`Traced up and down: ${m(n,"node")}.`):this.#h(`${this.#m(this.#n)} ${i[t]} ${m(n,"node")}.`):this.#h("The trace has ended.")}#w(){let t=null;if(this.#n&&this.#f.size){let e=x(this.#u,this.#n);t=new Set(e);for(let i of this.#f)for(let n of st(this.#u.links,e,i))t.add(n)}return this.#t.mark(this.#n,t),this.#s.traced(this.#f),t}async#S(t){let e=this.#u.nodes.find(n=>n.id===t),i=this.#u.boxes.find(n=>n.id===t);!e?.openable&&!i?.closable||await this.#x(e?"open":"close",t)}async#x(t,e=""){this.#p=e,e&&(this.#l=this.#l&&e);try{let{says:i}=await this.#i.ask(t,e?{node:e}:{}),n={open:"Opened",close:"Closed",open_all:"Opened all",close_all:"Closed all"},s=`${m(this.#u.nodes.length,"node")} on show.`;this.#h(i||[`${n[t]} ${this.#m(e)}`.trim(),s].join(": ")),e&&e===this.#n&&this.#E(e)}catch(i){this.#p="",this.#h(i.message,!0)}}async#D(t){try{let{id:e,says:i}=await this.#i.ask("reveal",{name:t});this.#c=e,this.#b(),this.#t.focus(e),i&&this.#h(i);let n=this.#m(e)||t;n!==this.model.get("selected")&&(this.model.set("selected",n),this.model.save_changes())}catch(e){this.#h(e.message,!0)}}async#R(t){try{let e=async()=>(await this.#i.ask("export",{format:t})).text;await lt(t,this.model.get("svg"),e),this.#h(`Saved graph.${t}.`)}catch(e){this.#h(e.message,!0)}}#m(t){let{nodes:e,boxes:i}=this.#u;return[...e,...i].find(n=>n.id===t)?.name??""}#h(t,e=!1){this.#e.textContent=t,this.#e.classList.toggle("tfg-error",e)}#j(){let t=/Mac|iP(hone|ad)/.test(navigator.platform)?"\u2318":"Ctrl";this.#a.textContent=`${t} + wheel zooms`,this.#a.classList.add("tfg-on"),setTimeout(()=>this.#a.classList.remove("tfg-on"),Vt)}};function $t({model:o,el:t}){let e=document.createElement("style");e.textContent=j;let i=new z(o);return t.append(e,i.element),()=>i.close()}var Ge={render:$t};export{Ge as default};
