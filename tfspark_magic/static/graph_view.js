var G=`.tfg-view {
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
`;function c(o,t={},...e){let i=document.createElement(o);for(let[n,s]of Object.entries(t))typeof s=="function"?i.addEventListener(n.slice(2),s):s===!0?i.setAttribute(n,""):s!==void 0&&s!==!1&&i.setAttribute(n,String(s));return i.append(...e),i}function T(o){let t=o.map(([e,i])=>c("div",{class:"tfg-pair",role:"listitem"},c("span",{class:"tfg-key",title:e},e),c("span",{class:"tfg-value"},i)));return c("div",{class:"tfg-list",role:"list"},...t)}var kt="http://www.w3.org/2000/svg";function v(o,t,...e){let i=document.createElementNS(kt,o);for(let[n,s]of Object.entries(t))i.setAttribute(n,`${s}`);return i.append(...e),i}var Et={plus:"M8 3v10M3 8h10",minus:"M3 8h10",fit:"M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",expand:"M4 6.5l4-4 4 4M4 9.5l4 4 4-4",collapse:"M4 2.5l4 4 4-4M4 13.5l4-4 4 4",save:"M8 2.5v7.5M4.5 7L8 10.5 11.5 7M2.5 13.5h11",keys:"M6 6a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M8 11.8v.4",close:"M4 4l8 8M12 4l-8 8"};function Tt(o){let t=v("path",{d:Et[o]});return v("svg",{class:"tfg-icon",viewBox:"0 0 16 16","aria-hidden":"true"},t)}function p(o,t,e){return c("button",{...{type:"button",class:"tfg-button","aria-label":t,title:t},onclick:e},Tt(o))}var $=0;function F(){return $+=1,`tfg-${$}-${Math.random().toString(36).slice(2,8)}`}var St={ArrowUp:[0,48],ArrowDown:[0,-48],ArrowLeft:[48,0],ArrowRight:[-48,0]},At={"+":{do:"zoom",by:1.3},"=":{do:"zoom",by:1.3},"-":{do:"zoom",by:1/1.3},_:{do:"zoom",by:1/1.3},0:{do:"fit"},f:{do:"fit"},Enter:{do:"enter"}," ":{do:"select"},Escape:{do:"leave"},"/":{do:"search"},"?":{do:"help"},u:{do:"up"},d:{do:"down"},p:{do:"parent"},Backspace:{do:"close"},Home:{do:"first"},End:{do:"last"}},K=[["Tab","to the drawing, then to its nodes"],["\u2190 \u2191 \u2193 \u2192","on a node: to the next one, \u2191 and \u2193 along lines; else move the drawing"],["Shift + arrow","move the drawing"],["Enter","open or close a group, select an operation"],["Space","select"],["Backspace","close the group around"],["P","to the group around"],["U, D","trace up, trace down"],["+, -","zoom; also Ctrl or \u2318 + wheel, or two fingers"],["0 or F","show everything"],["/","search"],["Escape","select nothing"]];function _(o,t){let e=St[o.key];if(e)return t&&!o.shiftKey?{do:"step",arrow:o.key}:{do:"pan",dx:e[0],dy:e[1]};let i=o.key.length===1?o.key.toLowerCase():o.key;return At[i]}function U(o,t,e){let i=e.map(({label:l,choose:d})=>c("button",{type:"button",role:"menuitem",class:"tfg-item",tabindex:-1,onclick:()=>{a(!1),s.focus(),d()}},l)),n=c("div",{class:"tfg-popup tfg-menu",role:"menu",hidden:!0},...i),s=p(o,t,()=>a(n.hidden===!0));s.setAttribute("aria-haspopup","menu"),s.setAttribute("aria-expanded","false");let r=c("div",{class:"tfg-holder"},s,n);function a(l){n.hidden=!l,s.setAttribute("aria-expanded",String(l)),l&&i[0]?.focus()}return r.addEventListener("focusout",l=>{r.contains(l.relatedTarget)||a(!1)}),r.addEventListener("keydown",l=>{if(n.hidden)return;let d=i.indexOf(l.target),f={ArrowDown:1,ArrowUp:i.length-1}[l.key];if(f!==void 0)i[(d+f)%i.length]?.focus();else if(l.key==="Escape")a(!1),s.focus();else return;l.preventDefault(),l.stopPropagation()}),r}var W=1.3,Mt=[["svg","SVG picture"],["png","PNG picture"],["dot","DOT source"],["pbtxt","Graph as text (pbtxt)"]];function q(o,t){let e=Mt.map(([i,n])=>({label:n,choose:()=>t.save(i)}));return c("div",{class:"tfg-bar",role:"group","aria-label":"Graph"},p("plus","Zoom in (+)",()=>t.zoom(W)),p("minus","Zoom out (-)",()=>t.zoom(1/W)),p("fit","Show everything (0)",t.fit),c("span",{class:"tfg-gap"}),p("expand","Open all groups",t.openAll),p("collapse","Close all groups",t.closeAll),o,U("save","Save as a file",e),p("keys","Keyboard and mouse (?)",t.help))}function X(){return c("div",{class:"tfg-help",role:"note","aria-label":"Keys",hidden:!0},T(K))}var Lt="http://www.w3.org/2000/svg",Pt=new Set("svg g path polygon polyline ellipse circle rect line text tspan".split(" ")),Nt=new Set("class d points transform x y cx cy rx ry r x1 y1 x2 y2 width height viewBox fill stroke fill-opacity stroke-opacity opacity stroke-width stroke-dasharray font-size font-weight font-style font-family text-anchor".split(" "));function b(o){let t=new DOMParser().parseFromString(o,"image/svg+xml").documentElement;return t?.localName!=="svg"?null:Y(t)}function Y(o){if(!Pt.has(o.localName))return null;let t=document.createElementNS(Lt,o.localName);for(let{name:e,value:i}of o.attributes)e==="id"?t.setAttribute("data-id",i):Nt.has(e)&&!/url\s*\(/i.test(i)&&t.setAttribute(e,i);for(let e of o.childNodes)if(e.nodeType===Node.TEXT_NODE)t.append(e.textContent??"");else if(e.nodeType===Node.ELEMENT_NODE){let i=Y(e);i&&t.append(i)}return t}var Ct=1.3333333333333333,zt=.05,Dt=6,S=.75,g=12;function j(o,t){let e=Math.min((t.width-2*g)/o.width,(t.height-2*g)/o.height,Ct);return J(o,t,V(e))}function A(o,t){let e=j(o,t);if(e.k>=S)return e;let i=(t.width-2*g)/o.width,n=V(Math.max(e.k,Math.min(i,S))),s=J(o,t,n);return{...s,y:Math.max(s.y,g)}}function J(o,t,e){return{x:(t.width-o.width*e)/2,y:(t.height-o.height*e)/2,k:e}}function H(o,t,e){let i=V(o.k*t),n=i/o.k;return{x:e.x-(e.x-o.x)*n,y:e.y-(e.y-o.y)*n,k:i}}function x(o,t,e){return{...o,x:o.x+t,y:o.y+e}}function Q(o,t,e,i){let n=x(o,(i.width-e.width)/2,0),s=({x:r,k:a},{width:l})=>r<0||r+t.width*a>l;return s(n,i)&&!s(o,e)?A(t,i):n}function tt(o,t,e){return x(o,(t.x-e.x)*o.k,(t.y-e.y)*o.k)}function M(o,t,e){let i=Math.min((e.width-2*g)/t.width,(e.height-2*g)/t.height),n=Math.min(o.k,Math.max(i,S)),s={x:t.x+t.width/2,y:t.y+t.height/2},r={x:s.x*o.k+o.x,y:s.y*o.k+o.y},a=n===o.k?o:H(o,n/o.k,r),l=t.x*a.k+a.x,d=t.y*a.k+a.y;return x(a,Z(l,l+t.width*a.k,e.width),Z(d,d+t.height*a.k,e.height))}function et(o,t,e){let i=Math.max(o.k,S);return{x:e.width/2-(t.x+t.width/2)*i,y:e.height/2-(t.y+t.height/2)*i,k:i}}function it(o,t,e){let i=(n,s)=>n+(s-n)*e;return{x:i(o.x,t.x),y:i(o.y,t.y),k:i(o.k,t.k)}}function Z(o,t,e){return o<g||t-o>e-2*g?g-o:t>e-g?e-g-t:0}function V(o){return Math.min(Dt,Math.max(zt,o))}var It={placeholder:"placeholder",fetch:"fetch",variable:"variable",constant:"constant",op:"operation",scope:"scope",series:"series",band:"group of neighbours",step:"repetition"};function w(o){return It[o]??o}function L(o){let t=o.openable?`closed ${w(o.kind)}`:w(o.kind);return[o.name,t,o.says].filter(Boolean).join(", ")}function P(o){return`${o.name}, open ${w(o.id.split(":",1)[0]??"")}`}function y({nodes:o,boxes:t},e){return[...o,...t].find(i=>i.id===e)?.name??""}function ot({nodes:o,boxes:t}){let e=t.length||o.some(i=>i.openable);return[`${m(o.length,"node")} on show.`,"A click shows what one is.",e?"A double click opens or closes a group.":""].join(" ")}function m(o,t){return`${o.toLocaleString("en")} ${t}${o===1?"":"s"}`}var Ot=180,Rt=200,Bt=520,N=class{element;svg;#e=v("g",{});#t=new Map;#n={width:1,height:1};#o={width:0,height:0};#s={x:0,y:0,k:1};#i=this.#s;#a=0;#h=!1;constructor(t){this.svg=v("svg",{class:"tfg-svg",role:"application","aria-roledescription":"graph","aria-label":t,tabindex:0}),this.svg.append(this.#e),this.element=c("div",{class:"tfg-canvas"}),this.element.append(this.svg)}show(t,e,i){let n=this.#g(i),s=b(t);if(this.#t.clear(),!s){let d=c("pre",{class:"tfg-text",tabindex:0},e.text??"");this.element.replaceChildren(d);return}this.element.replaceChildren(this.svg);let[,,r=1,a=1]=(s.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number);this.#n={width:r,height:a};let l=s.getAttribute("font-family");l&&this.#e.setAttribute("font-family",l),this.#e.replaceChildren(...s.childNodes);for(let d of this.#e.querySelectorAll("g:is(.node, .edge, .cluster)")){let h=d.dataset.id;h&&this.#t.set(h,d)}if(this.#r(e),!!this.#h)for(let[d,h]of n){let f=this.box(d);if(f){this.#i=tt(this.#i,h,nt(f)),this.#d(this.#i),d===i&&this.#f(M(this.#i,f,this.#o));break}}}resize(t,e=!1){let i=this.#o;this.#o=t,this.#h?!e&&t.width!==i.width&&this.#d(Q(this.#i,this.#n,i,t)):this.#d(A(this.#n,t)),this.#h=!0}heightFor(t){let e=A(this.#n,{width:t,height:Number.POSITIVE_INFINITY}).k;return Math.round(Math.min(Bt,Math.max(Rt,this.#n.height*e+32)))}get transform(){return this.#i}zoom(t,e){let{width:i,height:n}=this.#o,s=H(this.#i,t,e??{x:i/2,y:n/2});e?this.#d(s):this.#f(s)}pan(t,e){this.#d(x(this.#i,t,e))}fit(){this.#f(j(this.#n,this.#o))}jump(t){let e=this.box(t),i=this.#t.get(t);!e||!i||(this.#f(M(et(this.#i,e,this.#o),e,this.#o)),i.classList.remove("tfg-flash"),i.getBoundingClientRect(),i.classList.add("tfg-flash"))}reveal(t){let e=this.box(t);e&&this.#f(M(this.#i,e,this.#o))}has(t){return this.#t.has(t)}box(t){let e=this.#t.get(t);if(!e||this.#o.width===0)return;let i=e.getBoundingClientRect(),n=this.svg.getBoundingClientRect(),{x:s,y:r,k:a}=this.#s;return{x:(i.x-n.x-s)/a,y:(i.y-n.y-r)/a,width:i.width/a,height:i.height/a}}places(t){let e=new Map;for(let i of t){let n=this.box(i);n&&e.set(i,nt(n))}return e}focus(t){this.tabTo(t),this.#t.get(t)?.focus({preventScroll:!0})}tabTo(t){for(let[e,i]of this.#t)i.hasAttribute("tabindex")&&(i.tabIndex=e===t?0:-1)}mark(t,e){for(let[i,n]of this.#t){n.classList.toggle("tfg-selected",i===t),n.hasAttribute("role")&&n.setAttribute("aria-pressed",String(i===t));let s=n.classList.contains("tfg-cluster"),r=!e||s||e.has(i)||i.includes("->")&&jt(i,e);n.classList.toggle("tfg-dimmed",!r)}}close(){cancelAnimationFrame(this.#a)}#r(t){for(let e of t.nodes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",L(e)),i?.setAttribute("aria-pressed","false"),e.openable&&(i?.setAttribute("aria-expanded","false"),this.#l(i,e.id,`Open ${e.name}`,"M-2.5 0h5M0-2.5v5"))}for(let e of t.boxes){let i=this.#t.get(e.id);i?.setAttribute("role","button"),i?.setAttribute("tabindex","-1"),i?.setAttribute("aria-label",P(e)),i?.setAttribute("aria-pressed","false"),e.closable&&(i?.setAttribute("aria-expanded","true"),this.#l(i,e.id,`Close ${e.name}`,"M-2.5 0h5"))}}#l(t,e,i,n){let[s,r]=Ht(t);if(!t||s===void 0||r===void 0)return;let a=v("title",{});a.textContent=i;let l={class:"tfg-toggle","data-toggle":e,transform:`translate(${s-2} ${r+2})`};t.append(v("g",l,a,v("circle",{r:5}),v("path",{d:n})))}#g(t){let e={x:this.#o.width/2,y:this.#o.height/2},{x:i,y:n,k:s}=this.#i,r={x:(e.x-i)/s,y:(e.y-n)/s},a=h=>Math.hypot(h.x-r.x,h.y-r.y),l=[...this.#t.keys()].filter(h=>!h.startsWith("edge:"));return[...this.places(l)].sort(([h,f],[u,xt])=>+(u===t)-+(h===t)||a(f)-a(xt))}#f(t){let e=this.#s;if(matchMedia("(prefers-reduced-motion: reduce)").matches){this.#d(t);return}this.#i=t,cancelAnimationFrame(this.#a);let n=performance.now(),s=r=>{let a=Math.min(1,Math.max(0,(r-n)/Ot));this.#c(it(e,t,1-(1-a)**3)),a<1&&(this.#a=requestAnimationFrame(s))};this.#a=requestAnimationFrame(s)}#d(t){cancelAnimationFrame(this.#a),this.#i=t,this.#c(t)}#c(t){this.#s=t,this.#e.setAttribute("transform",`translate(${t.x} ${t.y}) scale(${t.k})`)}};function nt(o){return{x:o.x+o.width/2,y:o.y+o.height/2}}function jt(o,t){let e=o.slice(5);for(let i=e.indexOf("->");i>=0;i=e.indexOf("->",i+1))if(t.has(e.slice(0,i))&&t.has(e.slice(i+2)))return!0;return!1}function Ht(o){let t=o?.querySelector("path, polygon"),i=(t?.getAttribute("d")??t?.getAttribute("points")??"").match(/-?\d+(?:\.\d+)?/g)?.map(Number)??[];if(i.length<4)return[];let n=i.filter((r,a)=>a%2===0),s=i.filter((r,a)=>a%2===1);return[Math.max(...n),Math.min(...s)]}var z=class{constructor(t){this.actions=t;let e=(n,s,r)=>c("button",{type:"button",class:"tfg-button tfg-worded",title:s,onclick:r},n);this.#n=e("\u2191 Trace up","Show only what this depends on (U)",()=>t.trace("up")),this.#o=e("\u2193 Trace down","Show only what depends on this (D)",()=>t.trace("down")),this.#s=e("Open","",()=>t.toggle(this.#i));let i=p("close","Close details (Escape)",()=>t.close());this.element=c("section",{class:"tfg-panel","aria-label":"Details",hidden:!0},c("div",{class:"tfg-panel-head"},this.#e,i),c("div",{class:"tfg-panel-buttons"},this.#n,this.#o,this.#s),this.#t)}actions;element;#e=c("h3",{class:"tfg-panel-name"});#t=c("div",{class:"tfg-facts"});#n;#o;#s;#i="";show(t,e){this.#i=t.id,this.#e.textContent=t.name,this.#s.hidden=e===void 0,this.#s.textContent=e?"Close":"Open",this.#s.title=e?"Show it as one node (Enter)":"Show what is inside (Enter)",this.#t.replaceChildren(k([["Kind",w(t.kind)],["",t.says]]))}fill(t){this.#e.textContent=t.name,this.#t.replaceChildren(...t.op?this.#a(t):this.#h(t))}fail(t){this.#t.replaceChildren(c("p",{class:"tfg-error"},t))}traced(t){this.#n.setAttribute("aria-pressed",String(t.has("up"))),this.#o.setAttribute("aria-pressed",String(t.has("down")))}#a(t){let e=w(t.kind),i=[["Op",t.op],["Kind",e==="operation"?"":e],["Column",t.column],["Value",t.value],[t.outputs.length===1?"Type":"Types",t.outputs.join(`
`)],["Drawn as",t.part_of&&this.#l(t.part_of)],["Note",t.note]];return[k(i),...C("Inputs",this.#r(t.inputs,t.more_inputs)),...C("Used by",this.#r(t.consumers,t.more_consumers)),...C("Attributes",t.attributes.length?[k(t.attributes)]:[])]}#h(t){return[k([["Kind",w(t.kind)],["Holds",m(t.operations,"operation")]]),...C("Operations",[k(t.attributes)])]}#r(t,e){let i=t.map(n=>c("li",{},this.#l(n.name),c("span",{class:"tfg-faint"},n.is_control?"order only":n.spec)));return e&&i.push(c("li",{class:"tfg-faint"},`and ${e.toLocaleString("en")} more`)),i.length?[c("ul",{class:"tfg-ends"},...i)]:[]}#l(t){let e=`Go to ${t}`;return c("button",{type:"button",class:"tfg-link",title:e,onclick:()=>this.actions.jump(t)},t)}};function C(o,t){return t.length?[c("h4",{class:"tfg-panel-title"},o),...t]:[]}function k(o){return T(o.filter(([,t])=>t!==""))}function lt(o,t){let{svg:e}=o,i,n=0;Vt(o,()=>{i=void 0,n=4}),e.addEventListener("pointerdown",r=>{r.button!==0||!r.isPrimary||(i={x:r.clientX,y:r.clientY},n=0)}),e.addEventListener("pointermove",r=>{if(!i||!r.isPrimary)return;let a=r.clientX-i.x,l=r.clientY-i.y;n+=Math.abs(a)+Math.abs(l),!(n<4)&&(e.hasPointerCapture(r.pointerId)||e.setPointerCapture(r.pointerId),e.classList.add("tfg-dragging"),o.pan(a,l),i={x:r.clientX,y:r.clientY})});let s=()=>{i=void 0,e.classList.remove("tfg-dragging")};e.addEventListener("pointerup",s),e.addEventListener("pointercancel",s),e.addEventListener("click",r=>{if(n>=4)return;let a=at(r);a?t.toggle(a):t.click(rt(r))}),e.addEventListener("dblclick",r=>{let a=rt(r);a&&!at(r)&&t.toggle(a)}),e.addEventListener("wheel",r=>{if(!r.ctrlKey&&!r.metaKey){t.scrolled();return}r.preventDefault();let{left:a,top:l}=e.getBoundingClientRect(),d=r.deltaY*(r.deltaMode===1?16:1),h=Math.exp(-Math.max(-300,Math.min(300,d))*.0022);o.zoom(h,{x:r.clientX-a,y:r.clientY-l})},{passive:!1})}function Vt(o,t){let{svg:e}=o,i=new Map;e.addEventListener("pointerdown",r=>{r.pointerType==="touch"&&(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size===2&&t())}),e.addEventListener("pointermove",r=>{if(!i.has(r.pointerId))return;let a=st([...i.values()]);if(i.set(r.pointerId,{x:r.clientX,y:r.clientY}),i.size!==2)return;let l=st([...i.values()]),{left:d,top:h}=e.getBoundingClientRect();o.pan(l.x-a.x,l.y-a.y),o.zoom(l.length/(a.length||1),{x:l.x-d,y:l.y-h})});let n=r=>i.delete(r.pointerId);e.addEventListener("pointerup",n),e.addEventListener("pointercancel",n);let s=r=>r.touches.length>1&&r.preventDefault();e.addEventListener("touchstart",s,{passive:!1}),e.addEventListener("touchmove",s,{passive:!1})}function st([o={x:0,y:0},t=o]){return{x:(o.x+t.x)/2,y:(o.y+t.y)/2,length:Math.hypot(o.x-t.x,o.y-t.y)}}function rt(o){return o.target.closest(".tfg-node, .tfg-cluster")?.dataset.id??""}function at(o){return o.target.closest("[data-toggle]")?.dataset.toggle??""}var D=class{constructor(t,e){this.channel=t;this.onBusy=e;t.on("msg:custom",this.#i)}channel;onBusy;#e=new Map;#t=0;#n=Math.random().toString(36).slice(2);#o=!1;#s;ask(t,e={}){let i=`${this.#n}-${++this.#t}`;this.#s??=setTimeout(()=>{this.#o=!0,this.onBusy(!0)},1500);let n=new Promise((s,r)=>{this.#e.set(i,{resolve:s,reject:r})});return this.channel.send({id:i,ask:t,...e}),n}close(){clearTimeout(this.#s),this.channel.off("msg:custom",this.#i),this.#e.clear()}#i=t=>{let e=this.#e.get(String(t.id));e&&(this.#e.delete(String(t.id)),this.#e.size===0&&(clearTimeout(this.#s),this.#s=void 0,this.#o&&this.onBusy(!1),this.#o=!1),"error"in t?e.reject(new Error(String(t.error))):e.resolve(t.answer))}};function dt(o,t,e,i){let n=i.get(t);if(!n)return;if(o==="ArrowDown"||o==="ArrowUp"){let a=e.filter(([l,d])=>(o==="ArrowDown"?l:d)===t).map(([l,d])=>o==="ArrowDown"?d:l);return ct(a,i,l=>Math.hypot(l.x-n.x,l.y-n.y))}let s=o==="ArrowRight"?1:-1,r=[...i.keys()].filter(a=>{let l=i.get(a);return a!==t&&l!==void 0&&(l.x-n.x)*s>1});return ct(r,i,a=>Math.abs(a.x-n.x)+4*Math.abs(a.y-n.y))}function ct(o,t,e){let i,n=Number.POSITIVE_INFINITY;for(let s of o){let r=t.get(s),a=r?e(r):Number.POSITIVE_INFINITY;a<n&&(i=s,n=a)}return i}function ht(o,t,e){let i=new Map;for(let[s,r]of o){let[a,l]=e==="down"?[s,r]:[r,s],d=i.get(a);d?d.push(l):i.set(a,[l])}let n=new Set(t);for(let s of n)for(let r of i.get(s)??[])n.add(r);return n}function E(o,t){if(!o.boxes.some(n=>n.id===t))return[t];let e=new Map(o.boxes.map(n=>[n.id,n.box])),i=n=>n===t||n!==""&&i(e.get(n)??"");return o.nodes.filter(n=>i(n.box)).map(n=>n.id)}function ft(o,t){let e=new Map([...o.nodes,...o.boxes].map(n=>[n.id,n.box])),i=[];for(let n=e.get(t);n;n=e.get(n))i.push(n);return i}var Gt={ArrowUp:"It takes nothing.",ArrowDown:"Nothing takes it.",ArrowLeft:"There is nothing to the left.",ArrowRight:"There is nothing to the right."},I=class{constructor(t,e){this.canvas=t;this.actions=e}canvas;actions;press(t){if(t.ctrlKey||t.metaKey||t.altKey)return;t.stopPropagation();let e=t.target;if(!this.canvas.svg.contains(e)){t.key==="Escape"&&e.closest(".tfg-panel")&&this.actions.leave();return}let i=e!==this.canvas.svg,n=_(t,i);n&&(t.preventDefault(),this.#e(n,i?e.dataset.id??"":""))}#e(t,e){let{nodes:i}=this.actions.view();({zoom:()=>t.do==="zoom"&&this.canvas.zoom(t.by),pan:()=>t.do==="pan"&&this.canvas.pan(t.dx,t.dy),fit:()=>this.canvas.fit(),step:()=>t.do==="step"&&this.#s(t.arrow,e),enter:()=>this.#t(e),select:()=>e&&this.actions.select(e),leave:()=>this.actions.leave(),search:()=>this.actions.search(),help:()=>this.actions.help(),up:()=>this.#n(e,"up"),down:()=>this.#n(e,"down"),parent:()=>this.#o(e,s=>this.#i(s)),close:()=>this.#o(e,s=>this.actions.close(s)),first:()=>this.#i(i[0]?.id),last:()=>this.#i(i.at(-1)?.id)})[t.do]()}#t(t){let{nodes:e,boxes:i}=this.actions.view(),n=e.some(s=>s.id===t&&s.openable);t?n||i.some(s=>s.id===t&&s.closable)?this.actions.toggle(t):this.actions.select(t):this.#i(this.actions.selected()||e[0]?.id)}#n(t,e){t&&t!==this.actions.selected()&&this.actions.select(t),this.actions.trace(e)}#o(t,e){let[i]=ft(this.actions.view(),t);i?e(i):this.actions.say("There is no open group around.")}#s(t,e){let i=this.actions.view();if(i.boxes.some(r=>r.id===e)){this.#i(E(i,e)[0]);return}let n=this.canvas.places(i.nodes.map(r=>r.id)),s=dt(t,e,i.links,n);s?this.#i(s):this.actions.say(Gt[t])}#i(t){t&&(this.canvas.focus(t),this.canvas.reveal(t))}};var $t=4,pt=12e3;async function gt(o,t,e){let i={svg:async()=>new Blob([ut(t)],{type:"image/svg+xml"}),png:()=>Ft(t),dot:async()=>new Blob([await e()],{type:"text/vnd.graphviz"}),pbtxt:async()=>new Blob([await e()],{type:"text/plain"})};Kt(`graph.${o}`,await i[o]())}function ut(o){let t=b(o);if(!t)throw new Error("There is no picture to save: pip install graphviz-pure.");return new XMLSerializer().serializeToString(t)}async function Ft(o){let t=ut(o),[,,e=1,i=1]=(b(o)?.getAttribute("viewBox")??"").split(/[ ,]+/).map(Number),n=Math.min($t,pt/e,pt/i),s=new Image;s.src=`data:image/svg+xml;charset=utf-8,${encodeURIComponent(t)}`,await s.decode();let r=document.createElement("canvas");r.width=Math.round(e*n),r.height=Math.round(i*n);let a=r.getContext("2d");if(!a)throw new Error("This browser draws no pictures.");a.fillStyle="white",a.fillRect(0,0,r.width,r.height),a.drawImage(s,0,0,r.width,r.height);let l=await new Promise(d=>r.toBlob(d,"image/png"));if(!l)throw new Error("The picture is too large for this browser: save it as SVG.");return l}function Kt(o,t){let e=document.createElement("a");e.href=URL.createObjectURL(t),e.download=o,document.body.append(e),e.click(),e.remove(),setTimeout(()=>URL.revokeObjectURL(e.href),1e4)}var _t=120,O=class{constructor(t,e,i){this.find=t;this.jump=e;this.leave=i;let n=F();this.input=c("input",{type:"search",class:"tfg-search-input",role:"combobox",placeholder:"Search: name, op:MatMul, dtype:int64","aria-label":"Search operations by name, op:\u2026 or dtype:\u2026","aria-autocomplete":"list","aria-controls":n,"aria-expanded":"false",autocomplete:"off",spellcheck:"false",oninput:()=>this.#h(),onfocus:()=>this.#o.length>0&&this.#c(!0),onkeydown:s=>this.#f(s)}),this.#e=c("ul",{id:n,role:"listbox",class:"tfg-found","aria-label":"Found"}),this.#n=c("div",{class:"tfg-found-count",role:"status"}),this.#t=c("div",{class:"tfg-popup",hidden:!0},this.#e,this.#n),this.element=c("div",{class:"tfg-search"},this.input,this.#t),this.element.addEventListener("focusout",s=>{this.element.contains(s.relatedTarget)||this.#c(!1)})}find;jump;leave;element;input;#e;#t;#n;#o=[];#s=-1;#i;#a=0;#h(){clearTimeout(this.#i),this.#i=setTimeout(()=>{this.#r()},_t)}async#r(){clearTimeout(this.#i);let t=this.input.value.trim(),e=++this.#a;if(!t){this.#l([],""),this.#c(!1);return}try{let{total:i,findings:n}=await this.find(t);if(e!==this.#a)return;let s=n.length<i?`the first ${n.length} of `:"";this.#l(n,i?s+m(i,"operation"):"Nothing is called so.")}catch(i){e===this.#a&&this.#l([],i.message)}this.#c(!0)}#l(t,e){this.#o=t,this.#n.textContent=e,this.#e.replaceChildren(...t.map((i,n)=>c("li",{id:`${this.#e.id}-${n}`,role:"option",class:"tfg-option","aria-selected":"false",onmousedown:s=>s.preventDefault(),onclick:()=>this.#d(n)},c("span",{class:"tfg-name"},i.name),c("span",{class:"tfg-faint"},[i.op,i.spec].filter(Boolean).join("  "))))),this.#g(t.length?0:-1)}#g(t){this.#s=t,[...this.#e.children].forEach((i,n)=>{i.setAttribute("aria-selected",String(n===t))});let e=this.#e.children[t];e?(this.input.setAttribute("aria-activedescendant",e.id),e.scrollIntoView?.({block:"nearest"})):this.input.removeAttribute("aria-activedescendant")}#f(t){let{length:e}=this.#o;if(t.key==="ArrowDown"||t.key==="ArrowUp"){if(t.preventDefault(),!e)return;this.#c(!0);let i=t.key==="ArrowDown"?1:e-1;this.#g((this.#s+i)%e)}else t.key==="Enter"?(t.preventDefault(),!this.#t.hidden&&this.#s>=0?this.#d(this.#s):this.#r()):t.key==="Escape"&&(t.preventDefault(),this.#t.hidden?this.leave():this.#c(!1))}#d(t){let e=this.#o[t];e&&(this.#c(!1),this.jump(e))}#c(t){this.#t.hidden=!t,this.input.setAttribute("aria-expanded",String(t))}};var Ut=300,R=class{constructor(t){this.stage=t}stage;#e="";#t=new Set;#n="";get id(){return this.#e}tell(t){let{model:e}=this.stage;t!==e.get("selected")&&(e.set("selected",t),e.save_changes())}select(t){this.choose(t),this.stage.canvas.focus(t),this.tell(this.#a(t))}choose(t){let{panel:e,kernel:i,say:n}=this.stage,{nodes:s,boxes:r}=this.#i;this.#e=t,this.mark();let a=s.find(u=>u.id===t),l=r.find(u=>u.id===t),d=a?.kind??t.split(":",1)[0]??"",h=this.#a(t),f=a?.openable?!1:l?.closable?!0:void 0;e.show({id:t,name:h,kind:d,says:a?.says??""},f),n(`Selected: ${a?L(a):l?P(l):h}`),e.element.hidden&&setTimeout(()=>this.#e&&this.#s(),f===void 0?0:Ut),i.ask("details",{node:t}).then(u=>this.#e===t&&e.fill(u),u=>this.#e===t&&e.fail(u.message))}follow(){let{model:t}=this.stage,[e="",i=""]=t.get("at");e!==t.get("selected")||i===this.#e||this.#a(this.#e)!==e&&(i?this.goTo(i):this.#o())}goTo(t){this.#n=t,this.arrive()}arrive(){let{canvas:t}=this.stage,e=this.#n;!e||!t.has(e)||!this.stage.isShown()||(this.#n="",e!==this.#e&&this.choose(e),t.jump(e),t.tabTo(e))}redrawn(){this.#e&&!this.stage.canvas.has(this.#e)&&this.#o(),this.mark(),this.#n?this.arrive():this.follow()}leave(){let{canvas:t,panel:e}=this.stage,i=e.element.contains(document.activeElement),n=this.#e;this.#o(),i&&n&&t.focus(n),this.tell("")}trace(t){let{say:e}=this.stage;if(!this.#e){e("Select a node first, then trace from it.");return}this.#t.delete(t)||this.#t.add(t);let i=this.mark(),n={up:"depends on",down:"is used by"},s=i?i.size-E(this.#i,this.#e).length:0;this.#t.has(t)?this.#t.size>1?e(`Traced up and down: ${m(s,"node")}.`):e(`${this.#a(this.#e)} ${n[t]} ${m(s,"node")}.`):e("The trace has ended.")}mark(){let t=null;if(this.#e&&this.#t.size){let e=E(this.#i,this.#e);t=new Set(e);for(let i of this.#t)for(let n of ht(this.#i.links,e,i))t.add(n)}return this.stage.canvas.mark(this.#e,t),this.stage.panel.traced(this.#t),t}#o(){this.#e&&this.stage.say("Nothing is selected."),this.#e="",this.#t.clear(),this.stage.showPanel(!1),this.mark()}#s(){this.stage.showPanel(!0),this.stage.canvas.reveal(this.#e)}get#i(){return this.stage.model.get("view")}#a(t){return y(this.#i,t)}};var Wt=200,mt=24;function vt(o,t){let e=c("div",{class:"tfg-splitter",role:"separator",tabindex:0,"aria-label":"Width of the details","aria-orientation":"vertical",title:"Drag, or press \u2190 and \u2192"}),i=r=>{let{all:a}=o(),l=Math.round(Math.max(Wt,Math.min(r,a*.7)));e.setAttribute("aria-valuenow",`${l}`),t(l)},n;e.addEventListener("pointerdown",r=>{r.button===0&&(r.preventDefault(),e.setPointerCapture(r.pointerId),n={x:r.clientX,width:o().now})}),e.addEventListener("pointermove",r=>{n&&i(n.width+n.x-r.clientX)});let s=()=>{n=void 0};return e.addEventListener("pointerup",s),e.addEventListener("pointercancel",s),e.addEventListener("keydown",r=>{let a={ArrowLeft:mt,ArrowRight:-mt}[r.key];a&&(r.preventDefault(),i(o().now+a))}),e}function wt(o,t){let e=t.getRootNode(),s=[...(t.closest(".jp-OutputArea")??e).querySelectorAll("[data-tfg-static]")].filter(a=>a.dataset.tfgStatic===o&&a.compareDocumentPosition(t)&Node.DOCUMENT_POSITION_FOLLOWING).at(-1);if(!s)return()=>{};let r=s.style.display;return s.style.display="none",()=>{s.style.display=r}}function qt(o){let{body:t,documentElement:e}=o,i=t.dataset.jpThemeLight;if(i!==void 0)return i==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;let n=e.getAttribute("theme");return n?n==="dark":o.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function bt(o,t){let e=()=>t(qt(o)),i=new MutationObserver(e),n=["data-jp-theme-light","class","theme"];i.observe(o.body,{attributes:!0,attributeFilter:n}),i.observe(o.documentElement,{attributes:!0,attributeFilter:n});let s=o.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return s?.addEventListener("change",e),e(),()=>{i.disconnect(),s?.removeEventListener("change",e)}}var Xt=720,Yt=1400,B=class{constructor(t){this.model=t;this.#e=new D(t,s=>{this.#p(s?"The kernel is busy or gone: waiting for it.":"")}),this.#t=new N(t.get("title")),this.#n=new z({jump:s=>{this.#y(s)},trace:s=>this.#r.trace(s),toggle:s=>{this.#w(s)},close:()=>this.#r.leave()}),this.#r=new R({model:t,canvas:this.#t,panel:this.#n,kernel:this.#e,isShown:()=>this.#d,showPanel:s=>this.#T(s),say:s=>this.#p(s)}),this.#o=new O(s=>this.#e.ask("search",{text:s}),s=>{this.#y(s.name)},()=>this.#t.svg.focus({preventScroll:!0})),this.#s=new I(this.#t,{view:()=>this.#u,selected:()=>this.#r.id,select:s=>this.#r.select(s),leave:()=>this.#r.leave(),toggle:s=>{this.#w(s)},close:s=>{this.#l=s,this.#m("close",s)},trace:s=>this.#r.trace(s),search:()=>this.#o.input.focus(),help:()=>this.#b(),say:s=>this.#p(s)}),this.#t.element.append(this.#a);let e=vt(()=>({now:this.#n.element.clientWidth,all:this.element.clientWidth}),s=>{this.element.style.setProperty("--panel",`${s}px`),this.#v(!0)}),i=[this.#t.element,e,this.#n.element],n=c("div",{class:"tfg-body"},...i);this.element=c("div",{class:"tfg-view"},this.#k(),this.#h,n,this.#i),this.element.addEventListener("keydown",s=>this.#s.press(s)),this.#t.svg.addEventListener("focusin",s=>{this.#l=s.target.dataset.id??""}),lt(this.#t,{click:s=>s?this.#r.select(s):this.#r.leave(),toggle:s=>{this.#w(s)},scrolled:()=>this.#A()}),this.#E(),this.#x(),this.#p("")}model;element;#e;#t;#n;#o;#s;#i=c("div",{class:"tfg-status",role:"status","aria-live":"polite"});#a=c("div",{class:"tfg-hint","aria-hidden":"true"});#h=X();#r;#l="";#g="";#f=!1;#d=!1;#c=[];#k(){return q(this.#o.element,{zoom:t=>this.#t.zoom(t),fit:()=>this.#t.fit(),openAll:()=>{this.#m("open_all")},closeAll:()=>{this.#m("close_all")},save:t=>{this.#S(t)},help:()=>this.#b()})}#b(){this.#h.hidden=!this.#h.hidden}close(){for(let t of this.#c)t();this.#e.close(),this.#t.close()}get#u(){return this.model.get("view")}#E(){let t=()=>{this.#f||(this.#f=!0,queueMicrotask(()=>{this.#f=!1,this.#x()}))},e=()=>this.#r.follow(),i={"change:svg":t,"change:view":t,"change:at":e,"change:selected":e};for(let[s,r]of Object.entries(i))this.model.on(s,r),this.#c.push(()=>this.model.off(s,r));this.#c.push(bt(document,s=>{this.element.dataset.theme=s?"dark":"light"}));let n=new ResizeObserver(()=>this.#v());n.observe(this.#t.element),n.observe(this.element),this.#c.push(()=>n.disconnect())}#v(t=!1){let{clientWidth:e}=this.element;if(!e)return;this.element.classList.toggle("tfg-narrow",e<Xt);let i=this.#t.element;this.#d||(this.#d=!0,i.style.height=`${this.#t.heightFor(i.clientWidth)}px`,this.#c.push(wt(this.model.get("uid"),this.element))),this.#t.resize({width:i.clientWidth,height:i.clientHeight},t),this.#r.arrive()}#T(t){this.element.classList.toggle("tfg-detailed",t),this.#n.element.hidden=!t,this.#v(!0)}#x(){let t=this.#u,e=this.#t.svg.contains(document.activeElement);this.#t.show(this.model.get("svg"),t,this.#g||this.#r.id),this.#t.element.append(this.#a),this.#g="";let i=this.#t.has(this.#l)?this.#l:t.nodes[0]?.id??"";e&&this.#l?this.#t.focus(i):this.#t.tabTo(i),this.#r.redrawn()}async#w(t){let e=this.#u.nodes.find(n=>n.id===t),i=this.#u.boxes.find(n=>n.id===t);!e?.openable&&!i?.closable||await this.#m(e?"open":"close",t)}async#m(t,e=""){this.#g=e,e&&(this.#l=this.#l&&e);try{let{says:i}=await this.#e.ask(t,e?{node:e}:{}),n={open:"Opened",close:"Closed",open_all:"Opened all",close_all:"Closed all"},s=`${m(this.#u.nodes.length,"node")} on show.`;this.#p(i||[`${n[t]} ${y(this.#u,e)}`.trim(),s].join(": ")),e&&e===this.#r.id&&this.#r.choose(e)}catch(i){this.#g="",this.#p(i.message,!0)}}async#y(t){try{let{id:e,says:i}=await this.#e.ask("reveal",{name:t});this.#r.goTo(e),this.#t.focus(e),i&&this.#p(i),this.#r.tell(y(this.#u,e)||t)}catch(e){this.#p(e.message,!0)}}async#S(t){try{let e=async()=>(await this.#e.ask("export",{format:t})).text;await gt(t,this.model.get("svg"),e),this.#p(`Saved graph.${t}.`)}catch(e){this.#p(e.message,!0)}}#p(t,e=!1){this.#i.textContent=t||ot(this.#u),this.#i.classList.toggle("tfg-error",e)}#A(){let t=/Mac|iP(hone|ad)/.test(navigator.platform)?"\u2318":"Ctrl";this.#a.textContent=`${t} + wheel zooms`,this.#a.classList.add("tfg-on"),setTimeout(()=>this.#a.classList.remove("tfg-on"),Yt)}};function Zt({model:o,el:t}){let e=document.createElement("style");e.textContent=G;let i=new B(o);return t.append(e,i.element),()=>i.close()}var ei={render:Zt};export{ei as default};
