var z="http://www.w3.org/2000/svg";function m(s,t,...e){let o=document.createElementNS(z,s);for(let[n,i]of Object.entries(t))o.setAttribute(n,`${i}`);return o.append(...e),o}function E(s){s.addEventListener("focusin",({target:t})=>j(t))}function j(s){s.dataset.lmSuppressShortcuts="true"}function u(s){return s.getRootNode().activeElement}function l(s,t="",e=""){let o=document.createElement(s);return t&&(o.className=t),e&&(o.textContent=e),o}var Q=Math.random().toString(36).slice(2,10);var v=class{constructor(t,e){this.channel=t;this.onBusy=e;t.on("msg:custom",this.#r)}channel;onBusy;#t=new Map;#o=0;#i=Math.random().toString(36).slice(2);#n=!1;#s;ask(t,e={}){let o=`${this.#i}-${++this.#o}`;this.#s??=setTimeout(()=>{this.#n=!0,this.onBusy(!0)},1500);let n=new Promise((i,r)=>{this.#t.set(o,{resolve:i,reject:r})});return this.channel.send({id:o,ask:t,...e}),n}close(){clearTimeout(this.#s),this.channel.off("msg:custom",this.#r),this.#t.clear()}#r=t=>{let e=this.#t.get(String(t.id));e&&(this.#t.delete(String(t.id)),this.#t.size===0&&(clearTimeout(this.#s),this.#s=void 0,this.#n&&this.onBusy(!1),this.#n=!1),"error"in t?e.reject(new Error(String(t.error))):e.resolve(t.answer))}};function B(s){let{body:t,documentElement:e}=s,o=t.dataset.jpThemeLight;if(o!==void 0)return o==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;if(t.classList.contains("dark-theme"))return!0;if(t.classList.contains("light-theme"))return!1;let n=e.getAttribute("theme");return n?n==="dark":s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function T(s,t){let e=()=>t(B(s)),o=new MutationObserver(e),n=["data-jp-theme-light","class","theme"];o.observe(s.body,{attributes:!0,attributeFilter:n}),o.observe(s.documentElement,{attributes:!0,attributeFilter:n});let i=s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return i?.addEventListener("change",e),e(),()=>{o.disconnect(),i?.removeEventListener("change",e)}}var x=class{constructor(t,e){this.kernel=t;this.onCome=e}kernel;onCome;#t=new Map;#o=0;reset(t){this.#o+=1,this.#t.clear(),this.#t.set("0:0",t)}get(t,e){let o=this.#i(t,e);return o?.cells[t-o.first]?.[e-o.left]}number(t){let e=this.#i(t,0);return e?.numbers[t-e.first]}need(t,e){for(let o=Math.floor(t[0]/40);o*40<t[1];o+=1)for(let n=Math.floor(e[0]/24);n*24<e[1];n+=1){let i=`${o}:${n}`;this.#t.has(i)||(this.#t.set(i,null),this.#n(i,o*40,n*24))}}#i(t,e){return this.#t.get(`${Math.floor(t/40)}:${Math.floor(e/24)}`)}async#n(t,e,o){let n=this.#o,i={rows:[e,e+40],columns:[o,o+24]};try{let r=await this.kernel.ask("cells",i);n===this.#o&&this.#t.set(t,r)}catch{n===this.#o&&this.#t.delete(t);return}n===this.#o&&this.onCome()}};var g=22,C=.12;function S(s,t,e,o){let{sum:n}=t,i=l("div","tft-name",t.name);i.title=t.name;let r=l("div","tft-sum");n.bars.length>1?r.append(D(n.bars,e,o)):r.append(...n.tops.map(c=>F(c,o)));let a=l("div","tft-says",n.says);a.title=n.says,s.replaceChildren(i,l("div","tft-type",t.type),l("div","tft-note",t.note||"\xA0"),r,a,...n.lacks?[l("div","tft-says tft-lacks",n.lacks)]:[])}function D(s,t,e){let o=t/s.length,n=s.map((a,c)=>{let d=c*o,f=a.height?Math.max(1,a.height*g):0,h=m("title",{});h.textContent=a.says;let p=m("g",{},m("rect",{x:d,y:0,width:o,height:g,class:"tft-hit"}),m("rect",{x:d+o*C/2,y:g-f,width:o*(1-C),height:f,class:"tft-bar"}),h);return A(p,a.where,e),p}),r={viewBox:`0 0 ${t} ${g}`,width:t,height:g,"aria-hidden":"true"};return m("svg",r,...n)}function F(s,t){let e=l("div","tft-top");return e.title=`${s.text}: ${s.count.toLocaleString("en")}`,e.style.setProperty("--share",`${(100*s.share).toFixed(1)}%`),e.append(l("span","",s.text),l("span","",s.count.toLocaleString("en"))),A(e,s.where,t),e}function A(s,t,e){t&&(s.classList.add("tft-where"),s.addEventListener("click",o=>{o.stopPropagation(),e(t)}))}function H(s,t){let e=t.flatMap(r=>r?.[2]?.kind==="image"?[r[2].width]:[]),o=t.some(r=>r?.[2]?.kind==="plot"),n=e.length?Math.max(...e):s.characters*7.4+(o?84:0),i=Math.max((s.name.length+2)*8.6,s.type.length*6.7,s.note.length*6.7,s.sum.says.length*6.7);return Math.round(Math.min(320,Math.max(88,22+Math.max(n,Math.min(i,200)))))}var b=class{edges;pinned;constructor(t,e,o,n){this.edges=[o];for(let a of e)this.edges.push(this.edges.at(-1)+a);let i=0,r=({role:a})=>a==="key"||a==="output";for(;i<t.length&&!(!r(t[i])||this.edges[i+1]>n*.55);)i+=1;this.pinned=i}get width(){return this.edges.at(-1)}left(t){return this.edges[t]}widthAt(t){return this.left(t+1)-this.left(t)}inSight(t,e){let o=this.edges.length-1;if(o<=40)return[this.pinned,o];let n=t+this.left(this.pinned),i=t+e,r=this.pinned;for(;r<o-1&&this.left(r+1)<n;)r+=1;let a=r+1;for(;a<o&&this.left(a)<i;)a+=1;return[Math.max(this.pinned,r-2),Math.min(o,a+2)]}};var O=27,K=54,M=12,G=40,y=class{constructor(t,e){this.cells=t;this.actions=e;let{root:o}=this,n=l("thead");n.append(this.#i),this.#i.setAttribute("aria-rowindex","1"),this.#t.append(this.#o,n,this.#n),this.#t.setAttribute("role","grid"),this.#t.setAttribute("aria-label","Rows of the preview"),o.append(this.#t),o.tabIndex=-1,o.addEventListener("scroll",()=>this.draw(),{passive:!0}),o.addEventListener("keydown",i=>this.#L(i)),o.addEventListener("click",i=>this.#M(i)),o.addEventListener("focusin",i=>this.#v(i))}cells;actions;root=l("div","tft-scroll");#t=l("table","tft-table");#o=l("colgroup");#i=l("tr");#n=l("tbody");#s=[];#r=[];#a=0;#c=O;#e=new b([],[],0,0);#d="";#h=0;#l={row:0,column:0};#f={row:-1,column:-1};show(t,e){this.#r=t,this.#a=e.shown,this.#h+=1;let o=Math.min(G,e.shown),n=r=>Array.from({length:o},(a,c)=>this.cells.get(c,r)),i=t.some((r,a)=>r.pictures&&n(a).some(c=>c?.[2]?.kind==="image"));this.#c=i?K:O,this.#m(t.map((r,a)=>H(r,n(a)))),this.#p(e),this.#t.setAttribute("aria-rowcount",String(e.shown+1)),this.#t.setAttribute("aria-colcount",String(t.length+1)),this.#l.row=Math.min(this.#l.row,e.shown-1),this.#l.column=Math.min(this.#l.column,t.length-1),this.draw()}resize(){let{edges:t}=this.#e;this.#m(t.slice(1).map((e,o)=>e-t[o])),this.#d="",this.draw()}come(){this.#h+=1,this.draw()}top(){this.root.scrollTop=0}open(t,e){this.#f={row:t,column:e},this.#h+=1,this.draw()}focus(){this.#b()}draw(){let{root:t}=this,e=this.#c,o=Math.max(0,Math.floor(t.scrollTop/e)-M),n=Math.ceil((t.clientHeight||600)/e),i=o-o%M,r=Math.min(this.#a,i+n+3*M),[a,c]=this.#e.inSight(t.scrollLeft,t.clientWidth||800),d=[i,r,a,c,this.#h].join();if(d===this.#d)return;this.#d=d,this.cells.need([i,r],[0,this.#e.pinned||1]),this.cells.need([i,r],[a,c]);let f=t.contains(u(t))&&u(t)!==t,h=[...Array(this.#e.pinned).keys(),...P(a,c)];this.#y(h,a,c);let p=P(i,r).map(R=>this.#x(R,h,a,c));this.#n.replaceChildren(...$(i*e,h.length+3),...p,...$((this.#a-r)*e,h.length+3)),this.#u(f)}#m(t){let e=Math.max(44,26+String(this.#a).length*8);this.#e=new b(this.#r,t,e,this.root.clientWidth||800),this.#t.style.width=`${this.#e.width}px`}#p(t){this.#s=this.#r.map((e,o)=>{let n=l("th",`tft-cell tft-head tft-${e.role||"rest"}`);n.setAttribute("role","columnheader"),n.setAttribute("aria-colindex",String(o+2));let i=t.column===o?t.falling?"descending":"ascending":"none";n.setAttribute("aria-sort",i),n.dataset.column=String(o),n.dataset.row="-1",n.tabIndex=-1,n.classList.toggle("tft-numeric",e.numeric);let r=this.#e.widthAt(o)-20;return S(n,e,r,a=>this.actions.where(a)),n})}#y(t,e,o){let{edges:n,pinned:i}=this.#e,r=this.#e.left(e)-this.#e.left(i),a=this.#e.width-this.#e.left(o),c=[n[0],...t.map(h=>this.#e.widthAt(h))];r&&c.splice(i+1,0,r),a&&c.push(a),this.#o.replaceChildren(...c.map(h=>{let p=l("col");return p.style.width=`${h}px`,p}));let d=l("th","tft-cell tft-head tft-number","row");d.setAttribute("role","columnheader"),d.setAttribute("aria-colindex","1");let f=t.map(h=>this.#w(this.#s[h],h));r&&f.splice(i,0,w("th")),this.#i.replaceChildren(d,...f,...a?[w("th")]:[])}#x(t,e,o,n){let{pinned:i}=this.#e,r=l("tr");r.setAttribute("aria-rowindex",String(t+2)),r.style.height=`${this.#c}px`;let a=l("th","tft-cell tft-number");a.setAttribute("role","rowheader"),a.setAttribute("aria-colindex","1"),a.textContent=this.cells.number(t)?.toLocaleString("en")??"";let c=e.map(d=>this.#w(this.#k(t,d),d));return o>i&&c.splice(i,0,w("td")),r.append(a,...c,...n<this.#r.length?[w("td")]:[]),r}#k(t,e){let o=this.#r[e],n=this.cells.get(t,e),i=n?.[1]??"waiting",r=l("td",`tft-cell tft-${o.role||"rest"} tft-kind-${i}`);r.setAttribute("role","gridcell"),r.setAttribute("aria-colindex",String(e+2)),r.dataset.row=String(t),r.dataset.column=String(e),r.tabIndex=-1,r.classList.toggle("tft-numeric",o.numeric);let a=t===this.#f.row&&e===this.#f.column;return r.classList.toggle("tft-open",a),n?W(r,n,this.#c):r.textContent="\u2026",r}#w(t,e){let o=e<this.#e.pinned;return t.classList.toggle("tft-pinned",o),t.classList.toggle("tft-edge",o&&e===this.#e.pinned-1),t.style.left=o?`${this.#e.left(e)}px`:"",t}#u(t){for(let o of this.root.querySelectorAll('[tabindex="0"]'))o.tabIndex=-1;let e=this.#g();e?e.tabIndex=0:this.root.tabIndex=0,e&&(this.root.tabIndex=-1),t&&!this.root.contains(u(this.root))&&(e??this.root).focus({preventScroll:!0})}#g(){let{row:t,column:e}=this.#l;return this.root.querySelector(`[data-row="${t}"][data-column="${e}"]`)}#b(){let{root:t}=this,{row:e,column:o}=this.#l;if(e>=0){let i=e*this.#c,r=t.clientHeight-this.#i.offsetHeight-this.#c;i<t.scrollTop?t.scrollTop=i:i>t.scrollTop+r&&(t.scrollTop=i-r)}let{pinned:n}=this.#e;if(o>=n){let i=this.#e.left(o)-this.#e.left(n),r=this.#e.left(o+1)-t.clientWidth;i<t.scrollLeft?t.scrollLeft=i:r>t.scrollLeft&&(t.scrollLeft=r)}this.draw(),this.#u(!1),this.#g()?.focus({preventScroll:!0})}#v(t){let e=t.target.closest("[data-column]");e&&(this.#l={row:Number(e.dataset.row),column:Number(e.dataset.column)},this.#u(!1))}#M(t){let e=t.target.closest("[data-column]");if(!e)return;let[o,n]=[Number(e.dataset.row),Number(e.dataset.column)];this.#l={row:o,column:n},o<0?this.actions.sort(n):this.actions.open(o,n),this.#b()}#L(t){if(t.altKey||t.metaKey)return;let{row:e,column:o}=this.#l,n={row:this.#a-1,column:this.#r.length-1},i=Math.max(1,Math.floor(this.root.clientHeight/this.#c)-3),r=t.ctrlKey,c={ArrowUp:()=>[e-1,o],ArrowDown:()=>[e+1,o],ArrowLeft:()=>[e,o-1],ArrowRight:()=>[e,o+1],PageUp:()=>[Math.max(0,e-i),o],PageDown:()=>[e+i,o],Home:()=>[r?0:e,0],End:()=>[r?n.row:e,n.column]}[t.key];if(c){let[d,f]=c();this.#l={row:Math.min(n.row,Math.max(-1,d)),column:Math.min(n.column,Math.max(0,f))},this.#f.row>=0&&this.#l.row>=0&&this.actions.open(this.#l.row,this.#l.column),this.#b()}else if(t.key==="Enter"||t.key===" ")e<0?this.actions.sort(o):this.actions.open(e,o);else if(t.key!=="Escape"||!this.actions.close())return;t.preventDefault(),t.stopPropagation()}};function W(s,t,e){let[o,n,i]=t;if(i){let a=l("img",i.crisp?"tft-crisp":"");a.src=i.source,a.alt=i.title,a.title=i.title;let c=Math.min(1,(e-6)/i.height);if(a.width=Math.round(i.width*c),a.height=Math.round(i.height*c),s.append(a),i.kind==="image")return}let r=l("span","",o);(o.length>20||n==="tensor")&&(r.title=o),s.append(r)}function $(s,t){if(s<=0)return[];let e=l("tr","tft-gap");e.setAttribute("aria-hidden","true");let o=l("td");return o.colSpan=t,o.style.height=`${s}px`,e.append(o),[e]}function w(s){let t=l(s,"tft-blank");return t.setAttribute("role","presentation"),t.setAttribute("aria-hidden","true"),t}function P(s,t){return Array.from({length:Math.max(0,t-s)},(e,o)=>s+o)}async function N(s,t){try{return await navigator.clipboard.writeText(s),!0}catch{let e=l("textarea","tfs-unseen");e.value=s,t.append(e),e.select();let o=document.execCommand?.("copy")??!1;return e.remove(),o}}var _=1500,k=class{root=l("section","tft-inspector");#t=l("h4","tft-title");#o=l("button","tft-button","Copy");#i=l("dl","tft-facts");#n=l("div","tft-large");#s=l("pre","tft-text");#r=l("div","tft-faint");#a=0;constructor(t,e){let{root:o}=this;o.hidden=!0;let n=l("button","tft-button","Close");n.type=this.#o.type="button",n.addEventListener("click",e),this.#o.addEventListener("click",async()=>{let r="Not copied";try{await N(await t(),o)&&(r="Copied")}catch(a){this.#r.textContent=a.message}this.#o.focus(),this.#o.textContent=r,clearTimeout(this.#a),this.#a=window.setTimeout(()=>{this.#o.textContent="Copy"},_)}),this.#s.tabIndex=0;let i=l("div","tft-bar-of");i.append(this.#t,this.#o,n),o.append(i,this.#i,this.#n,this.#s,this.#r),o.addEventListener("keydown",r=>{r.key==="Escape"&&(r.stopPropagation(),e())})}get isOpen(){return!this.root.hidden}show(t){let{root:e}=this;e.hidden=!1;let o=`Row ${t.row.toLocaleString("en")}, ${t.name}`;if(e.setAttribute("aria-label",o),this.#s.setAttribute("aria-label",`Value of ${o}`),this.#t.replaceChildren(o,l("span","tft-type",t.type)),this.#i.replaceChildren(...t.facts.flatMap(([n,i])=>[l("dt","",n),l("dd","",i)])),this.#n.replaceChildren(),t.picture){let{source:n,title:i,width:r,height:a,crisp:c}=t.picture,d=l("img",c?"tft-crisp":"");Object.assign(d,{src:n,alt:i,title:i,width:r,height:a}),this.#n.append(d)}this.#s.textContent=t.text,this.#s.scrollTop=0,this.#r.textContent=t.left}fail(t){this.root.hidden=!1,this.#t.textContent=t;for(let e of[this.#i,this.#n])e.replaceChildren();this.#s.textContent=this.#r.textContent=""}close(){this.root.hidden=!0}};var I=`
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
`;var V=300,U="Filter: a text, or z > 3 and note is null",q=0,L=class{constructor(t){this.model=t;this.#a=new v(t,e=>{this.#m=e,this.#x()}),this.#c=new x(this.#a,()=>this.#e.come()),this.#e=new y(this.#c,{open:(e,o)=>{this.#b(e,o)},sort:e=>this.#k(e),where:e=>this.#w(e),close:()=>this.#v()}),this.#d=new k(async()=>(await this.#a.ask("copy",this.#h)).text,()=>{this.#v(),this.#e.focus()}),this.#y()}model;root=l("div","tft-root");#t=l("input","tft-filter");#o=l("span","tft-status");#i=l("div","tft-error");#n=l("button","tft-button");#s=l("div","tft-caption");#r=l("div","tft-error");#a;#c;#e;#d;#h={row:-1,column:-1};#l=-1;#f={filter:"",column:null,falling:!1};#m=!1;#p=0;update(){let{model:t}=this,e=t.get("state");if(e.table!==this.#l){let{filter:n,column:i,falling:r}=e;this.#f={filter:n,column:i,falling:r},this.#l=e.table,this.#c.reset(t.get("start")),this.#v(),this.#e.show(t.get("columns"),e)}this.#t!==u(this.root)&&(this.#t.value=e.filter),this.#t.parentElement?.toggleAttribute("hidden",e.rows===0);let o=u(this.root)===this.#n;this.#n.hidden=!e.more,o&&this.#n.hidden&&this.#e.focus(),this.#n.textContent=e.busy||e.more,this.#n.setAttribute("aria-disabled",String(e.busy!=="")),this.#s.textContent=e.caption,this.#r.textContent=e.note,this.#x()}resize(){this.#e.resize()}close(){clearTimeout(this.#p),this.#a.close()}#y(){let t=l("div","tft-tools"),{root:e}=this;this.#t.type="search",this.#t.placeholder=U,this.#t.spellcheck=!1,this.#t.autocomplete="off",this.#t.setAttribute("aria-label","Filter of the rows"),this.#i.id=`tft-error-${Math.random().toString(36).slice(2)}-${++q}`,this.#t.setAttribute("aria-describedby",this.#i.id),this.#o.setAttribute("role","status"),this.#i.setAttribute("role","alert"),this.#r.setAttribute("role","alert"),this.#t.addEventListener("input",()=>{clearTimeout(this.#p),this.#p=window.setTimeout(()=>this.#u(),V)}),this.#t.addEventListener("keydown",n=>{n.key==="Enter"&&(clearTimeout(this.#p),this.#u())}),this.#n.type="button",this.#n.addEventListener("click",()=>{this.model.get("state").busy||this.#a.ask("more").catch(()=>{})}),t.append(this.#t,this.#o);let o=l("div","tft-foot");o.append(this.#n,this.#s),e.append(t,this.#i,this.#e.root,this.#d.root,o,this.#r),E(e),e.addEventListener("keydown",n=>n.stopPropagation())}#x(){let{rows:t,shown:e}=this.model.get("state"),o=`${t.toLocaleString("en")} row${t===1?"":"s"}`,n=e===t?o:`${e.toLocaleString("en")} of ${o}`,i=this.#m?"Waiting for the kernel, which runs a cell":t?`${n} \xB7 the heads sum up ${e===t?"these":"all of them"}`:o;this.#o.textContent!==i&&(this.#o.textContent=i)}#k(t){let{filter:e,...o}=this.#f,n=o.column!==t?{column:t,falling:!1}:o.falling?{column:null,falling:!1}:{column:t,falling:!0};this.#g({filter:e,...n})}#w(t){let e=this.#t.value.trim(),o=e?e.split(" and "):[],n=t.split(" and "),r=n.every(a=>o.includes(a))?o.filter(a=>!n.includes(a)):[...o,t];this.#t.value=r.join(" and "),this.#u()}#u(){this.#g({...this.#f,filter:this.#t.value})}async#g(t){this.#f=t;try{await this.#a.ask("arrange",t),this.#i.textContent="",this.#e.top()}catch(e){this.#i.textContent=e.message;let{filter:o,column:n,falling:i}=this.model.get("state");this.#f={filter:o,column:n,falling:i}}}async#b(t,e){let{row:o,column:n}=this.#h;if(!(o===t&&n===e&&this.#d.isOpen)){this.#h={row:t,column:e},this.#e.open(t,e);try{let i=await this.#a.ask("cell",{row:t,column:e});this.#h.row===t&&this.#h.column===e&&this.#d.show(i)}catch(i){this.#d.fail(i.message)}}}#v(){let t=this.#d.isOpen;return this.#h={row:-1,column:-1},this.#d.close(),t&&this.#e.open(-1,-1),t}};function Y({model:s,el:t}){let e=new L(s);t.append(l("style","",I),e.root);let o=()=>e.update();s.on("change:state",o),o();let n=T(document,r=>e.root.classList.toggle("tft-dark",r)),i=new ResizeObserver(()=>e.resize());return i.observe(e.root),()=>{i.disconnect(),n(),s.off("change:state",o),e.close()}}var Tt={render:Y};export{Tt as default};
