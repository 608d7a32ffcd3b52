function x(s){return s.getRootNode().activeElement}var j=250;function i(s,e="",t=""){let n=document.createElement(s);return e&&(n.className=e),t&&(n.textContent=t),n}function k(s){return s.reason?`${s.label} \xB7 ${s.reason}`:s.label}function F(s,e,t){let n=s.filter(o=>o!==e);return t?[...n,e]:n}function O(s,e){let t=i("select"),n="";return t.addEventListener("change",()=>e(s,t.value)),{root:t,target:t,update(o){let r=JSON.stringify(o.choices);r!==n&&(n=r,t.replaceChildren(...o.choices.map(a=>{let d=i("option","",k(a));return d.value=a.value,d.disabled=a.reason!=="",d}))),t.value=String(o.value),t.disabled=o.disabled}}}function D(s,e){let t=i("input");t.type="text",t.spellcheck=!1,t.autocomplete="off";let n="",o=0,r=()=>{clearTimeout(o),t.value!==n&&(n=t.value,e(s,n))};return t.addEventListener("input",()=>{clearTimeout(o),o=window.setTimeout(r,j)}),t.addEventListener("change",r),{root:t,target:t,flush:r,update(a){t===x(t)||(n=String(a.value),t.value=n),t.disabled=a.disabled,t.placeholder=a.note}}}function H(s,e){let t=i("div","tfs-many");t.setAttribute("role","group");let n="",o=[];return{root:t,target:t,update(r){o=r.value;let a=JSON.stringify(r.choices);a!==n&&(n=a,t.replaceChildren(...r.choices.map(d=>{let l=i("label",d.reason?"tfs-check tfs-off":"tfs-check"),c=i("input");return c.type="checkbox",c.value=d.value,c.addEventListener("change",()=>{o=F(o,d.value,c.checked),e(s,o)}),l.append(c,i("span","",k(d))),l}))),t.querySelectorAll("input").forEach((d,l)=>{d.checked=o.includes(d.value);let c=o.indexOf(d.value)+1;d.parentElement?.setAttribute("data-place",r.ordered&&c?`${c}`:""),d.disabled=r.disabled||!!r.choices[l]?.reason&&!d.checked})}}}function $(s,e){let t=i("label","tfs-check"),n=i("input"),o=i("span");return n.type="checkbox",n.addEventListener("change",()=>e(s,n.checked)),t.append(n,o),{root:t,target:n,update(r){n.checked=r.value===!0,n.disabled=r.disabled,o.textContent=r.note,t.classList.toggle("tfs-off",r.disabled)}}}var K={pick:O,text:D,many:H,flag:$},R=Math.random().toString(36).slice(2,10),w=0,h=class{constructor(e,t,n,o){this.id=e;this.kind=t;w+=1,this.control=K[t](e,n);let{target:r,root:a}=this.control;r.id=`tfs-${R}-${w}`,this.error.id=`${r.id}-error`,this.note.id=`${r.id}-note`,this.name.id=`${r.id}-name`,t==="many"?r.setAttribute("aria-labelledby",this.name.id):this.name.htmlFor=r.id,r.setAttribute("aria-describedby",`${this.error.id} ${this.note.id}`),this.label.append(this.name,this.detail),this.line=o?o.line:i("div","tfs-line"),this.line.append(a),this.cell.append(...o?[]:[this.line],this.error,this.note),o&&o.cell.append(this.cell)}id;kind;label=i("div","tfs-label");cell=i("div","tfs-cell");line;control;name=i("label","tfs-name");detail=i("span","tfs-detail");error=i("div","tfs-error");note=i("div","tfs-note");update(e){this.name.textContent=e.label,this.label.classList.toggle("tfs-inner",e.inner),this.detail.textContent=e.detail,this.control.update(e);let{target:t}=this.control;this.kind!=="many"&&t.setAttribute("aria-label",[e.label,e.detail].filter(Boolean).join(", ")),t.setAttribute("aria-invalid",String(e.error!=="")),this.error.textContent!==e.error&&(this.error.textContent=e.error);let n=this.kind==="pick"||this.kind==="many"?e.note:"";this.note.textContent=e.error?"":n,this.control.root.classList.toggle("tfs-wrong",e.error!=="")}flush(){this.control.flush?.()}focus(){let{target:e}=this.control;(e.matches("div")?e.querySelector("input"):e)?.focus()}remove(){this.control.root.remove(),this.label.remove(),this.cell.remove()}};var z=1500;async function I(s,e){try{return await navigator.clipboard.writeText(s),!0}catch{let t=i("textarea","tfs-unseen");t.value=s,e.append(t),t.select();let n=document.execCommand?.("copy")??!1;return t.remove(),n}}var m=class{constructor(e){this.what=e;this.button.type="button",this.name();let t=i("pre");t.append(this.text),this.root.append(t,this.button),this.button.addEventListener("click",async()=>{let n=await I(this.text.textContent??"",this.root);this.button.focus(),this.button.textContent=n?"Copied":"Not copied",this.button.setAttribute("aria-label",this.button.textContent),clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.name(),z)})}what;root=i("div","tfs-code");text=i("code");button=i("button","tfs-copy","Copy");timer=0;update(e){this.text.textContent!==e&&(this.text.textContent=e),this.root.hidden=e===""}name(){this.button.textContent="Copy",this.button.setAttribute("aria-label",`Copy ${this.what}`)}};var M=`
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
`;function V(s){let{body:e,documentElement:t}=s,n=e.dataset.jpThemeLight;if(n!==void 0)return n==="false";if(e.classList.contains("vscode-dark"))return!0;if(e.classList.contains("vscode-high-contrast"))return!e.classList.contains("vscode-high-contrast-light");if(e.classList.contains("vscode-light"))return!1;if(e.classList.contains("dark-theme"))return!0;if(e.classList.contains("light-theme"))return!1;let o=t.getAttribute("theme");return o?o==="dark":s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches??!1}function C(s,e){let t=()=>e(V(s)),n=new MutationObserver(t),o=["data-jp-theme-light","class","theme"];n.observe(s.body,{attributes:!0,attributeFilter:o}),n.observe(s.documentElement,{attributes:!0,attributeFilter:o});let r=s.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");return r?.addEventListener("change",t),t(),()=>{n.disconnect(),r?.removeEventListener("change",t)}}var g="tfspark_magic",E="text/html",_=["restarting","autorestarting","terminating","dead"];function v(s){return s.widget_manager?.context}function L(s){return v(s)!==void 0}function S(s,e){return[...v(s)?.model.cells??[]].find(t=>t.id===e)}function T(s,{cell:e,name:t,kept:n}){let o=S(s,e);if(!o)return!1;let r=o.getMetadata(g)??{},{[t]:a,...d}=r,l=Object.keys(n).length?{...d,[t]:n}:d;return JSON.stringify(l)===JSON.stringify(r)||(Object.keys(l).length?o.setMetadata(g,l):o.deleteMetadata(g)),!0}function A(s,{cell:e,name:t},n){let o=S(s,e)?.outputs;for(let r=0;o&&r<o.length;r++){let a=o.get(r),d=B(a.data[E]);if(d.includes(`data-tfs-program="${t}"`)){d!==n[E]&&o.set(r,{...a.toJSON(),data:n});return}}}function N(s,e){let t=v(s)?.sessionContext;if(!t)return()=>{};let n=(r,a)=>{_.includes(a)&&e()},o=()=>e();return t.statusChanged.connect(n),t.kernelChanged.connect(o),()=>{t.statusChanged.disconnect(n),t.kernelChanged.disconnect(o)}}function B(s){return Array.isArray(s)?s.join(""):String(s??"")}var P=300,b=class{constructor(e,t){this.model=e;let{root:n}=this,o=i("summary","tfs-head");o.append(this.title,this.summary);let r=i("summary","","More ");r.append(this.moreNote),this.more.append(r,this.grids.more);let a=i("div");a.append(this.grids.how,this.more);let d=i("div","tfs-columns");this.accept.type="button",this.accept.addEventListener("click",()=>{this.model.send({kind:"accept"}),this.run.focus()}),this.grids.columns.append(this.accept),d.append(this.grids.columns,a);let l=i("div","tfs-codes");l.append(this.line.root,this.code.root,this.noCode);let c=i("div","tfs-buttons");for(let[p,u]of[[this.run,"run"],[this.preview,"preview"],[this.define,"define"]])p.type="button",p.addEventListener("click",()=>this.act(u)),c.append(p);this.reason.setAttribute("role","status"),this.run.title="Compute it, and do what Then says",this.preview.title="Compute a few rows, and give them no name",this.define.title="Give the lazy DataFrame its name, and compute nothing",this.reset.type="button",this.reset.title="All fields as the cell's line has them",this.reset.addEventListener("click",()=>{this.model.send({kind:"reset"}),this.run.focus()}),this.notice.setAttribute("role","note"),c.append(this.reason,this.reset);let f=i("div","tfs-body");if(f.append(this.notice,d,l,c),n.append(o,f),n.addEventListener("toggle",()=>{e.get("opened")!==n.open&&(e.set("opened",n.open),e.save_changes())}),n.dataset.lmSuppressShortcuts="true",n.addEventListener("keydown",p=>{p.stopPropagation(),!(p.key!=="Enter"||!(p.ctrlKey||p.metaKey||p.shiftKey))&&(p.preventDefault(),this.act("run"))}),!L(e)){let p=()=>e.send({kind:"look"});n.addEventListener("pointerenter",p),n.addEventListener("focusin",({relatedTarget:u})=>{n.contains(u)||p()})}t.append(i("style","",M),n),this.updateFields(),this.updateRest()}model;root=i("details","tfs-form");title=i("span","tfs-title");summary=i("span","tfs-summary");more=i("details","tfs-more");moreNote=i("span","tfs-detail");grids={columns:i("div","tfs-grid"),how:i("div","tfs-grid"),more:i("div","tfs-grid")};line=new m("the line of magic");code=new m("the Python code");noCode=i("div","tfs-note","The code stands here once the form is complete.");preview=i("button","tfs-button","Preview");run=i("button","tfs-button tfs-primary","Run");accept=i("button","tfs-button");define=i("button","tfs-button","Define");reset=i("button","tfs-copy","Start over");notice=i("div","tfs-notice");reason=i("span","tfs-reason");views=new Map;timer=0;updateFields(){let e=this.model.get("fields"),t=new Map(e.map(({id:a,kind:d})=>[a,d]));for(let[a,d]of this.views)t.get(a)!==d.kind&&(d.remove(),this.views.delete(a));let n={},o=null;for(let a of e){let d=a.beside?o:null,l=this.views.get(a.id)??new h(a.id,a.kind,(c,f)=>this.send(c,f),d);if(this.views.set(a.id,l),!d){let c=this.grids[a.part],f=n[a.part]??0;n[a.part]=f+2;for(let[p,u]of[l.label,l.cell].entries()){let y=c.children[f+p]??null;y!==u&&c.insertBefore(u,y)}o=l}l.update(a)}let r=e.filter(a=>a.part==="more"&&a.error).length;this.moreNote.textContent=r?`${r} to correct`:"",this.moreNote.classList.toggle("tfs-bad",r>0)}updateRest(){let{model:e}=this;this.title.textContent=e.get("title"),this.summary.textContent=e.get("summary"),this.line.update(e.get("line")),this.code.update(e.get("code")),this.noCode.hidden=e.get("code")!=="";let t=e.get("actions"),{accept:n,busy:o,preview:r,reset:a,run:d}=t,l=e.get("notice");this.notice.textContent!==l&&(this.notice.textContent=l),this.reset.hidden=!a,this.accept.textContent=n,this.accept.hidden=n==="",this.preview.setAttribute("aria-disabled",String(o||r!=="")),this.run.setAttribute("aria-disabled",String(o||d!=="")),this.preview.hidden=!t.previews,this.define.hidden=!t.lazy,this.define.setAttribute("aria-disabled",String(o||t.define!==""));let c=o?"Running\u2026":d||r;this.reason.textContent!==c&&(this.reason.textContent=c),this.root.open!==e.get("opened")&&(this.root.open=e.get("opened"))}store(){let e=this.model.get("kept");!("cell"in e)||!T(this.model,e)||(clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.model.send({kind:"last"}),P))}hear(e){let t=this.model.get("kept");e.kind==="last"&&e.version===t.version&&e.data&&A(this.model,t,e.data)}dim(e){this.root.classList.toggle("tfs-dark",e)}end(){this.root.classList.add("tfs-ended")}close(){clearTimeout(this.timer)}send(e,t){this.model.send({kind:"set",field:e,value:t})}act(e){let t=this.model.get("actions");for(let o of this.views.values())o.flush();if(t.busy)return;if(t[e]===""){this.model.send({kind:e});return}this.model.get("fields").some(o=>o.id===t.first&&o.part==="more")&&(this.more.open=!0),this.views.get(t.first)?.focus()}};function J({model:s,el:e}){let t=new b(s,e),n=()=>t.updateFields(),o=()=>t.updateRest(),r=()=>t.store(),a=f=>t.hear(f),d=["title","summary","line","code","actions","notice","opened"];s.on("change:fields",n);for(let f of d)s.on(`change:${f}`,o);s.on("change:kept",r),s.on("msg:custom",a);let l=N(s,()=>t.end()),c=C(document,f=>t.dim(f));return t.store(),()=>{s.off("change:fields",n);for(let f of d)s.off(`change:${f}`,o);s.off("change:kept",r),s.off("msg:custom",a),l(),c(),t.close()}}var rt={render:J};export{rt as default};
