function h(n){return n.getRootNode().activeElement}var H=250;function i(n,t="",e=""){let o=document.createElement(n);return t&&(o.className=t),e&&(o.textContent=e),o}function M(n){return n.reason?`${n.label} \xB7 ${n.reason}`:n.label}function D(n,t,e){let o=n.filter(s=>s!==t);return e?[...o,t]:o}function R(n,t){let e=i("select"),o="";return e.addEventListener("change",()=>t(n,e.value)),{root:e,target:e,update(s){let r=JSON.stringify(s.choices);r!==o&&(o=r,e.replaceChildren(...s.choices.map(a=>{let d=i("option","",M(a));return d.value=a.value,d.disabled=a.reason!=="",d}))),e.value=String(s.value),e.disabled=s.disabled}}}function $(n,t){let e=i("input");e.type="text",e.spellcheck=!1,e.autocomplete="off";let o="",s=0,r=()=>{clearTimeout(s),e.value!==o&&(o=e.value,t(n,o))};return e.addEventListener("input",()=>{clearTimeout(s),s=window.setTimeout(r,H)}),e.addEventListener("change",r),{root:e,target:e,flush:r,update(a){e===h(e)||(o=String(a.value),e.value=o),e.disabled=a.disabled,e.placeholder=a.note}}}function z(n,t){let e=i("div","tfs-many");e.setAttribute("role","group");let o="",s=[];return{root:e,target:e,update(r){s=r.value;let a=JSON.stringify(r.choices);a!==o&&(o=a,e.replaceChildren(...r.choices.map(d=>{let l=i("label",d.reason?"tfs-check tfs-off":"tfs-check"),c=i("input");return c.type="checkbox",c.value=d.value,c.addEventListener("change",()=>{s=D(s,d.value,c.checked),t(n,s)}),l.append(c,i("span","",M(d))),l}))),e.querySelectorAll("input").forEach((d,l)=>{d.checked=s.includes(d.value);let c=s.indexOf(d.value)+1;d.parentElement?.setAttribute("data-place",r.ordered&&c?`${c}`:""),d.disabled=r.disabled||!!r.choices[l]?.reason&&!d.checked})}}}function I(n,t){let e=i("label","tfs-check"),o=i("input"),s=i("span");return o.type="checkbox",o.addEventListener("change",()=>t(n,o.checked)),e.append(o,s),{root:e,target:o,update(r){o.checked=r.value===!0,o.disabled=r.disabled,s.textContent=r.note,e.classList.toggle("tfs-off",r.disabled)}}}var V={pick:R,text:$,many:z,flag:I},_=Math.random().toString(36).slice(2,10),k=0,g=class{constructor(t,e,o,s){this.id=t;this.kind=e;k+=1,this.control=V[e](t,o);let{target:r,root:a}=this.control;r.id=`tfs-${_}-${k}`,this.error.id=`${r.id}-error`,this.note.id=`${r.id}-note`,this.name.id=`${r.id}-name`,e==="many"?r.setAttribute("aria-labelledby",this.name.id):this.name.htmlFor=r.id,r.setAttribute("aria-describedby",`${this.error.id} ${this.note.id}`),this.label.append(this.name,this.detail),this.line=s?s.line:i("div","tfs-line"),this.line.append(a),this.cell.append(...s?[]:[this.line],this.error,this.note),s&&s.cell.append(this.cell)}id;kind;label=i("div","tfs-label");cell=i("div","tfs-cell");line;control;name=i("label","tfs-name");detail=i("span","tfs-detail");error=i("div","tfs-error");note=i("div","tfs-note");update(t){this.name.textContent=t.label,this.label.classList.toggle("tfs-inner",t.inner),this.detail.textContent=t.detail,this.control.update(t);let{target:e}=this.control;this.kind!=="many"&&e.setAttribute("aria-label",[t.label,t.detail].filter(Boolean).join(", ")),e.setAttribute("aria-invalid",String(t.error!=="")),this.error.textContent!==t.error&&(this.error.textContent=t.error);let o=this.kind==="pick"||this.kind==="many"?t.note:"";this.note.textContent=t.error?"":o,this.control.root.classList.toggle("tfs-wrong",t.error!=="")}flush(){this.control.flush?.()}focus(){let{target:t}=this.control;(t.matches("div")?t.querySelector("input"):t)?.focus()}remove(){this.control.root.remove(),this.label.remove(),this.cell.remove()}};var B=1500;async function P(n,t){try{return await navigator.clipboard.writeText(n),!0}catch{let e=i("textarea","tfs-unseen");e.value=n,t.append(e),e.select();let o=document.execCommand?.("copy")??!1;return e.remove(),o}}var m=class{constructor(t){this.what=t;this.button.type="button",this.name();let e=i("pre");e.append(this.text),this.root.append(e,this.button),this.button.addEventListener("click",async()=>{let o=await P(this.text.textContent??"",this.root);this.button.focus(),this.button.textContent=o?"Copied":"Not copied",this.button.setAttribute("aria-label",this.button.textContent),clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.name(),B)})}what;root=i("div","tfs-code");text=i("code");button=i("button","tfs-copy","Copy");timer=0;update(t){this.text.textContent!==t&&(this.text.textContent=t),this.root.hidden=t===""}name(){this.button.textContent="Copy",this.button.setAttribute("aria-label",`Copy ${this.what}`)}};var E=`
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
`;function J(n){let{body:t,documentElement:e}=n,o=t.dataset.jpThemeLight;if(o!==void 0)return o==="false";if(t.classList.contains("vscode-dark"))return!0;if(t.classList.contains("vscode-high-contrast"))return!t.classList.contains("vscode-high-contrast-light");if(t.classList.contains("vscode-light"))return!1;if(t.classList.contains("dark-theme"))return!0;if(t.classList.contains("light-theme"))return!1;let s=e.getAttribute("theme");return s?s==="dark":n.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function L(n,t){let e=()=>t(J(n)),o=new MutationObserver(e),s=["data-jp-theme-light","class","theme"];o.observe(n.body,{attributes:!0,attributeFilter:s}),o.observe(n.documentElement,{attributes:!0,attributeFilter:s});let r=n.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return r?.addEventListener("change",e),e(),()=>{o.disconnect(),r?.removeEventListener("change",e)}}var v="tfspark_magic",C="text/html",G=["restarting","autorestarting","terminating","dead"];function b(n){return n.widget_manager?.context}function T(n){return b(n)!==void 0}function S(n,t){return[...b(n)?.model.cells??[]].find(e=>e.id===t)}function A(n,{cell:t,name:e,kept:o}){let s=S(n,t);if(!s)return!1;let r=s.getMetadata(v)??{},{[e]:a,...d}=r,l=Object.keys(o).length?{...d,[e]:o}:d;return JSON.stringify(l)===JSON.stringify(r)||(Object.keys(l).length?s.setMetadata(v,l):s.deleteMetadata(v)),!0}function N(n,{cell:t,name:e},o){let s=S(n,t)?.outputs;for(let r=0;s&&r<s.length;r++){let a=s.get(r),d=q(a.data[C]);if(d.includes(`data-tfs-program="${e}"`)){d!==o[C]&&s.set(r,{...a.toJSON(),data:o});return}}}function K(n,t){let e=b(n)?.sessionContext;if(!e)return()=>{};let o=(r,a)=>{G.includes(a)&&t()},s=()=>t();return e.statusChanged.connect(o),e.kernelChanged.connect(s),()=>{e.statusChanged.disconnect(o),e.kernelChanged.disconnect(s)}}function q(n){return Array.isArray(n)?n.join(""):String(n??"")}var j="data-lm-suppress-shortcuts";function y(n){"tfsKeys"in n.dataset||(n.dataset.tfsKeys="",window.addEventListener("keydown",Y,!0),n.addEventListener("keydown",t=>O(t)?.removeAttribute(j),!0),n.addEventListener("keydown",t=>{F(t)&&t.stopPropagation()}))}function Y(n){let t=O(n);F(n)&&t?.closest("[data-tfs-keys]")&&t.setAttribute(j,"")}function O(n){return n.target instanceof Element?n.target:void 0}function F(n){return n.key==="Enter"||!(n.ctrlKey||n.metaKey||n.altKey)}var U=300,W=".jp-OutputArea-output, .tfs-stage",x=class{constructor(t,e){this.model=t;let{root:o}=this,s=i("summary","tfs-head");s.append(this.title,this.summary);let r=i("summary","","More ");r.append(this.moreNote),this.more.append(r,this.grids.more);let a=i("div");a.append(this.grids.how,this.more);let d=i("div","tfs-columns");this.accept.type="button",this.accept.addEventListener("click",()=>{this.model.send({kind:"accept"}),this.run.focus({preventScroll:!this.accept.matches(":focus-visible")})}),this.grids.columns.append(this.accept),d.append(this.grids.columns,a);let l=i("div","tfs-codes");l.append(this.line.root,this.code.root,this.noCode);let c=i("div","tfs-buttons");for(let[p,u]of[[this.run,"run"],[this.preview,"preview"],[this.define,"define"]])p.type="button",p.addEventListener("click",()=>this.act(u)),c.append(p);this.reason.setAttribute("role","status"),this.run.title="Compute it, and do what Then says",this.preview.title="Compute a few rows, and give them no name",this.define.title="Give the lazy DataFrame its name, and compute nothing",this.reset.type="button",this.reset.title="All fields as the cell's line has them",this.reset.addEventListener("click",()=>{this.model.send({kind:"reset"}),this.run.focus()}),this.notice.setAttribute("role","note"),c.append(this.reason,this.reset);let f=i("div","tfs-body");if(f.append(this.notice,d,l,c),o.append(s,f),o.addEventListener("toggle",()=>{t.get("opened")!==o.open&&(t.set("opened",o.open),t.save_changes())}),y(o),o.addEventListener("keydown",p=>{p.key!=="Enter"||!(p.ctrlKey||p.metaKey||p.shiftKey)||(p.preventDefault(),this.act("run"))}),!T(t)){let p=()=>t.send({kind:"look"});o.addEventListener("pointerenter",p),o.addEventListener("focusin",({relatedTarget:u})=>{o.contains(u)||p()})}e.append(i("style","",E),o),this.updateFields(),this.updateRest()}model;root=i("details","tfs-form");title=i("span","tfs-title");summary=i("span","tfs-summary");more=i("details","tfs-more");moreNote=i("span","tfs-detail");grids={columns:i("div","tfs-grid"),how:i("div","tfs-grid"),more:i("div","tfs-grid")};line=new m("the line of magic");code=new m("the Python code");noCode=i("div","tfs-note","The code stands here once the form is complete.");preview=i("button","tfs-button","Preview");run=i("button","tfs-button tfs-primary","Run");accept=i("button","tfs-button");define=i("button","tfs-button","Define");reset=i("button","tfs-copy","Start over");notice=i("div","tfs-notice");reason=i("span","tfs-reason");views=new Map;last=null;page=document;timer=0;updateFields(){let t=this.model.get("fields"),e=new Map(t.map(({id:a,kind:d})=>[a,d]));for(let[a,d]of this.views)e.get(a)!==d.kind&&(d.remove(),this.views.delete(a));let o={},s=null;for(let a of t){let d=a.beside?s:null,l=this.views.get(a.id)??new g(a.id,a.kind,(c,f)=>this.send(c,f),d);if(this.views.set(a.id,l),!d){let c=this.grids[a.part],f=o[a.part]??0;o[a.part]=f+2;for(let[p,u]of[l.label,l.cell].entries()){let w=c.children[f+p]??null;w!==u&&c.insertBefore(u,w)}s=l}l.update(a)}let r=t.filter(a=>a.part==="more"&&a.error).length;this.moreNote.textContent=r?`${r} to correct`:"",this.moreNote.classList.toggle("tfs-bad",r>0)}updateRest(){let{model:t}=this;this.title.textContent=t.get("title"),this.summary.textContent=t.get("summary"),this.line.update(t.get("line")),this.code.update(t.get("code")),this.noCode.hidden=t.get("code")!=="";let e=t.get("actions"),{accept:o,busy:s,preview:r,reset:a,run:d}=e,l=t.get("notice");this.notice.textContent!==l&&(this.notice.textContent=l),this.reset.hidden=!a,this.accept.textContent=o,this.accept.hidden=o==="",this.preview.setAttribute("aria-disabled",String(s||r!=="")),this.run.setAttribute("aria-disabled",String(s||d!=="")),this.preview.hidden=!e.previews,this.define.hidden=!e.lazy,this.define.setAttribute("aria-disabled",String(s||e.define!==""));let c=s?"Running\u2026":d||r;this.reason.textContent!==c&&(this.reason.textContent=c),this.root.open!==t.get("opened")&&(this.root.open=t.get("opened")),this.followKeyboard(),s||this.comeBack()}focused=({target:t})=>{this.last=t;let{output:e}=this;e?.contains(this.last)&&y(e)};followKeyboard(){this.page.removeEventListener("focusin",this.focused);let{root:t}=this;this.page=t.isConnected?t.getRootNode():document,this.page.addEventListener("focusin",this.focused)}get output(){return this.root.closest(W)}comeBack(){let{last:t}=this;if(t?.offsetParent!==null)return;(document.activeElement===document.body||h(this.root)===t)&&this.output?.contains(t)&&this.run.focus({preventScroll:!0})}store(){let t=this.model.get("kept");!("cell"in t)||!A(this.model,t)||(clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.model.send({kind:"last"}),U))}hear(t){let e=this.model.get("kept");t.kind==="last"&&t.version===e.version&&t.data&&N(this.model,e,t.data)}dim(t){this.root.classList.toggle("tfs-dark",t)}end(){this.root.classList.add("tfs-ended")}close(){this.page.removeEventListener("focusin",this.focused),clearTimeout(this.timer)}send(t,e){this.model.send({kind:"set",field:t,value:e})}act(t){let e=this.model.get("actions");for(let s of this.views.values())s.flush();if(e.busy)return;if(e[t]===""){this.model.send({kind:t});return}this.model.get("fields").some(s=>s.id===e.first&&s.part==="more")&&(this.more.open=!0),this.views.get(e.first)?.focus()}};function Q({model:n,el:t}){let e=new x(n,t),o=()=>e.updateFields(),s=()=>e.updateRest(),r=()=>e.store(),a=f=>e.hear(f),d=["title","summary","line","code","actions","notice","opened"];n.on("change:fields",o);for(let f of d)n.on(`change:${f}`,s);n.on("change:kept",r),n.on("msg:custom",a);let l=K(n,()=>e.end()),c=L(document,f=>e.dim(f));return e.store(),()=>{n.off("change:fields",o);for(let f of d)n.off(`change:${f}`,s);n.off("change:kept",r),n.off("msg:custom",a),l(),c(),e.close()}}var mt={render:Q};export{mt as default};
