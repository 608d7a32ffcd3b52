function r(s,e="",t=""){let n=document.createElement(s);return e&&(n.className=e),t&&(n.textContent=t),n}function y(s){return s.reason?`${s.label} \xB7 ${s.reason}`:s.label}function T(s,e,t){let n=s.filter(o=>o!==e);return t?[...n,e]:n}function L(s,e){let t=r("select"),n="";return t.addEventListener("change",()=>e(s,t.value)),{root:t,target:t,update(o){let i=JSON.stringify(o.choices);i!==n&&(n=i,t.replaceChildren(...o.choices.map(a=>{let d=r("option","",y(a));return d.value=a.value,d.disabled=a.reason!=="",d}))),t.value=String(o.value),t.disabled=o.disabled}}}function F(s,e){let t=r("input");t.type="text",t.spellcheck=!1,t.autocomplete="off";let n="",o=0,i=()=>{clearTimeout(o),t.value!==n&&(n=t.value,e(s,n))};return t.addEventListener("input",()=>{clearTimeout(o),o=window.setTimeout(i,250)}),t.addEventListener("change",i),{root:t,target:t,flush:i,update(a){t===t.getRootNode().activeElement||(n=String(a.value),t.value=n),t.disabled=a.disabled,t.placeholder=a.note}}}function K(s,e){let t=r("div","tfs-many");t.setAttribute("role","group");let n="",o=[];return{root:t,target:t,update(i){o=i.value;let a=JSON.stringify(i.choices);a!==n&&(n=a,t.replaceChildren(...i.choices.map(d=>{let f=r("label",d.reason?"tfs-check tfs-off":"tfs-check"),l=r("input");return l.type="checkbox",l.value=d.value,l.addEventListener("change",()=>{o=T(o,d.value,l.checked),e(s,o)}),f.append(l,r("span","",y(d))),f}))),t.querySelectorAll("input").forEach((d,f)=>{d.checked=o.includes(d.value);let l=o.indexOf(d.value)+1;d.parentElement?.setAttribute("data-place",i.ordered&&l?`${l}`:""),d.disabled=i.disabled||!!i.choices[f]?.reason&&!d.checked})}}}function N(s,e){let t=r("label","tfs-check"),n=r("input"),o=r("span");return n.type="checkbox",n.addEventListener("change",()=>e(s,n.checked)),t.append(n,o),{root:t,target:n,update(i){n.checked=i.value===!0,n.disabled=i.disabled,o.textContent=i.note,t.classList.toggle("tfs-off",i.disabled)}}}var O={pick:L,text:F,many:K,flag:N},$=Math.random().toString(36).slice(2,10),x=0,g=class{constructor(e,t,n,o){this.id=e;this.kind=t;x+=1,this.control=O[t](e,n);let{target:i,root:a}=this.control;i.id=`tfs-${$}-${x}`,this.error.id=`${i.id}-error`,this.note.id=`${i.id}-note`,this.name.id=`${i.id}-name`,t==="many"?i.setAttribute("aria-labelledby",this.name.id):this.name.htmlFor=i.id,i.setAttribute("aria-describedby",`${this.error.id} ${this.note.id}`),this.label.append(this.name,this.detail),this.line=o?o.line:r("div","tfs-line"),this.line.append(a),this.cell.append(...o?[]:[this.line],this.error,this.note),o&&o.cell.append(this.cell)}id;kind;label=r("div","tfs-label");cell=r("div","tfs-cell");line;control;name=r("label","tfs-name");detail=r("span","tfs-detail");error=r("div","tfs-error");note=r("div","tfs-note");update(e){this.name.textContent=e.label,this.label.classList.toggle("tfs-inner",e.inner),this.detail.textContent=e.detail,this.control.update(e);let{target:t}=this.control;this.kind!=="many"&&t.setAttribute("aria-label",[e.label,e.detail].filter(Boolean).join(", ")),t.setAttribute("aria-invalid",String(e.error!=="")),this.error.textContent!==e.error&&(this.error.textContent=e.error);let n=this.kind==="pick"||this.kind==="many"?e.note:"";this.note.textContent=e.error?"":n,this.control.root.classList.toggle("tfs-wrong",e.error!=="")}flush(){this.control.flush?.()}focus(){let{target:e}=this.control;(e.matches("div")?e.querySelector("input"):e)?.focus()}remove(){this.control.root.remove(),this.label.remove(),this.cell.remove()}};var j=1500;async function z(s,e){try{return await navigator.clipboard.writeText(s),!0}catch{let t=r("textarea","tfs-unseen");t.value=s,e.append(t),t.select();let n=document.execCommand?.("copy")??!1;return t.remove(),n}}var u=class{constructor(e){this.what=e;this.button.type="button",this.name();let t=r("pre");t.append(this.text),this.root.append(t,this.button),this.button.addEventListener("click",async()=>{let n=await z(this.text.textContent??"",this.root);this.button.focus(),this.button.textContent=n?"Copied":"Not copied",this.button.setAttribute("aria-label",this.button.textContent),clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.name(),j)})}what;root=r("div","tfs-code");text=r("code");button=r("button","tfs-copy","Copy");timer=0;update(e){this.text.textContent!==e&&(this.text.textContent=e),this.root.hidden=e===""}name(){this.button.textContent="Copy",this.button.setAttribute("aria-label",`Copy ${this.what}`)}};var w=`
.tfs-form {
  --tfs-fg0: #1f2328; --tfs-dim0: #59636e; --tfs-bg0: #ffffff; --tfs-soft0: #f4f5f7;
  --tfs-line0: #d0d4da; --tfs-brand0: #1662c4; --tfs-bad0: #b3261e;
  --tfs-fg: var(--jp-ui-font-color1, var(--vscode-foreground, var(--tfs-fg0)));
  --tfs-dim: var(--jp-ui-font-color2, var(--vscode-descriptionForeground, var(--tfs-dim0)));
  --tfs-bg: var(--jp-layout-color0, var(--vscode-input-background, var(--tfs-bg0)));
  --tfs-soft: var(--jp-cell-editor-background, var(--vscode-textCodeBlock-background, var(--tfs-soft0)));
  --tfs-line: var(--jp-border-color1, var(--vscode-panel-border, var(--tfs-line0)));
  --tfs-brand: var(--jp-brand-color1, var(--vscode-focusBorder, var(--tfs-brand0)));
  --tfs-bad: var(--jp-error-color1, var(--vscode-errorForeground, var(--tfs-bad0)));
  --tfs-mono: var(--jp-code-font-family, var(--vscode-editor-font-family, ui-monospace, monospace));
  container-type: inline-size; box-sizing: border-box; margin: 4px 0; max-width: 1400px;
  color: var(--tfs-fg); border: 1px solid var(--tfs-line); border-radius: 4px;
  font: 13px/1.45 var(--jp-ui-font-family, var(--vscode-font-family, system-ui, sans-serif));
}
@media (prefers-color-scheme: dark) {
  .tfs-form {
    --tfs-fg0: #e4e6ea; --tfs-dim0: #a2a9b4; --tfs-bg0: #1b1d21; --tfs-soft0: #26292e;
    --tfs-line0: #454a52; --tfs-brand0: #6aa9ff; --tfs-bad0: #ff8a80;
  }
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
  display: grid; grid-template-columns: 118px minmax(0, 1fr); gap: 8px 12px;
}
.tfs-grid:empty { display: none; }
.tfs-grid + .tfs-button { margin: 10px 0 0 130px; }
.tfs-label {
  display: flex; flex-wrap: wrap; gap: 0 8px; align-content: flex-start; align-items: baseline;
  min-width: 0; padding-top: 4px; overflow-wrap: anywhere; line-height: 1.5;
}
.tfs-label > * { min-width: 0; }
.tfs-inner { padding-left: 12px; }
.tfs-inner .tfs-name { font-family: var(--tfs-mono); }
.tfs-cell { min-width: 0; }
.tfs-detail { color: var(--tfs-dim); font-family: var(--tfs-mono); font-size: 11.5px; }
.tfs-columns > :first-child .tfs-name { font-family: var(--tfs-mono); }
.tfs-columns > :first-child .tfs-label:first-child .tfs-name { font-family: inherit; }
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
.tfs-button.tfs-primary { background: var(--tfs-brand); border-color: var(--tfs-brand); color: #fff !important; }
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
}
@container (max-width: 420px) {
  .tfs-grid { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  .tfs-grid + .tfs-button { margin-left: 0; }
  .tfs-cell { margin-bottom: 8px; }
}
@media (forced-colors: active) { .tfs-button, .tfs-copy { border-color: ButtonText; } }
`;var v="tfspark_magic",k="text/html",D=["restarting","autorestarting","terminating","dead"];function C(s){return s.widget_manager?.context}function M(s,e){return[...C(s)?.model.cells??[]].find(t=>t.id===e)}function S(s,{cell:e,name:t,kept:n}){let o=M(s,e);if(!o)return!1;let i=o.getMetadata(v)??{},{[t]:a,...d}=i,f=Object.keys(n).length?{...d,[t]:n}:d;return JSON.stringify(f)===JSON.stringify(i)||(Object.keys(f).length?o.setMetadata(v,f):o.deleteMetadata(v)),!0}function A(s,{cell:e,name:t},n){let o=M(s,e)?.outputs;for(let i=0;o&&i<o.length;i++){let a=o.get(i),d=R(a.data[k]);if(d.includes(`data-tfs-program="${t}"`)){d!==n[k]&&o.set(i,{...a.toJSON(),data:n});return}}}function E(s,e){let t=C(s)?.sessionContext;if(!t)return()=>{};let n=(i,a)=>{D.includes(a)&&e()},o=()=>e();return t.statusChanged.connect(n),t.kernelChanged.connect(o),()=>{t.statusChanged.disconnect(n),t.kernelChanged.disconnect(o)}}function R(s){return Array.isArray(s)?s.join(""):String(s??"")}var H=300,b=class{constructor(e,t){this.model=e;let{root:n}=this,o=r("summary","tfs-head");o.append(this.title,this.summary);let i=r("summary","","More ");i.append(this.moreNote),this.more.append(i,this.grids.more);let a=r("div");a.append(this.grids.how,this.more);let d=r("div","tfs-columns"),f=r("div");this.accept.type="button",this.accept.addEventListener("click",()=>{this.model.send({kind:"accept"}),this.run.focus()}),f.append(this.grids.columns,this.accept),d.append(f,a);let l=r("div","tfs-codes");l.append(this.line.root,this.code.root,this.noCode);let p=r("div","tfs-buttons");for(let[c,h]of[[this.run,"run"],[this.preview,"preview"],[this.define,"define"]])c.type="button",c.addEventListener("click",()=>this.act(h)),p.append(c);this.reason.setAttribute("role","status"),this.run.title="Compute it, and do what Then says",this.preview.title="Compute a few rows, and give them no name",this.define.title="Give the lazy DataFrame its name, and compute nothing",this.reset.type="button",this.reset.title="All fields as the cell's line has them",this.reset.addEventListener("click",()=>{this.model.send({kind:"reset"}),this.run.focus()}),this.notice.setAttribute("role","note"),p.append(this.reason,this.reset);let m=r("div","tfs-body");m.append(this.notice,d,l,p),n.append(o,m),n.addEventListener("toggle",()=>{e.get("opened")!==n.open&&(e.set("opened",n.open),e.save_changes())}),n.dataset.lmSuppressShortcuts="true",n.addEventListener("keydown",c=>{c.stopPropagation(),!(c.key!=="Enter"||!(c.ctrlKey||c.metaKey||c.shiftKey))&&(c.preventDefault(),this.act("run"))}),t.append(r("style","",w),n),this.updateFields(),this.updateRest()}model;root=r("details","tfs-form");title=r("span","tfs-title");summary=r("span","tfs-summary");more=r("details","tfs-more");moreNote=r("span","tfs-detail");grids={columns:r("div","tfs-grid"),how:r("div","tfs-grid"),more:r("div","tfs-grid")};line=new u("the line of magic");code=new u("the Python code");noCode=r("div","tfs-note","The line and the code stand here once the form is complete.");preview=r("button","tfs-button","Preview");run=r("button","tfs-button tfs-primary","Run");accept=r("button","tfs-button");define=r("button","tfs-button","Define");reset=r("button","tfs-copy","Start over");notice=r("div","tfs-notice");reason=r("span","tfs-reason");views=new Map;timer=0;updateFields(){let e=this.model.get("fields"),t=new Map(e.map(({id:a,kind:d})=>[a,d]));for(let[a,d]of this.views)t.get(a)!==d.kind&&(d.remove(),this.views.delete(a));let n={},o=null;for(let a of e){let d=a.beside?o:null,f=this.views.get(a.id)??new g(a.id,a.kind,(l,p)=>this.send(l,p),d);if(this.views.set(a.id,f),!d){let l=this.grids[a.part],p=n[a.part]??0;n[a.part]=p+2;for(let[m,c]of[f.label,f.cell].entries()){let h=l.children[p+m]??null;h!==c&&l.insertBefore(c,h)}o=f}f.update(a)}let i=e.filter(a=>a.part==="more"&&a.error).length;this.moreNote.textContent=i?`${i} to correct`:"",this.moreNote.classList.toggle("tfs-bad",i>0)}updateRest(){let{model:e}=this;this.title.textContent=e.get("title"),this.summary.textContent=e.get("summary"),this.line.update(e.get("line")),this.code.update(e.get("code")),this.noCode.hidden=e.get("line")!=="";let t=e.get("actions"),{accept:n,busy:o,preview:i,reset:a,run:d}=t,f=e.get("notice");this.notice.textContent!==f&&(this.notice.textContent=f),this.reset.hidden=!a,this.accept.textContent=n,this.accept.hidden=n==="",this.preview.setAttribute("aria-disabled",String(o||i!=="")),this.run.setAttribute("aria-disabled",String(o||d!=="")),this.preview.hidden=!t.previews,this.define.hidden=!t.lazy,this.define.setAttribute("aria-disabled",String(o||t.define!==""));let l=o?"Running\u2026":d||i;this.reason.textContent!==l&&(this.reason.textContent=l),this.root.open!==e.get("opened")&&(this.root.open=e.get("opened"))}store(){let e=this.model.get("kept");!("cell"in e)||!S(this.model,e)||(clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.model.send({kind:"last"}),H))}hear(e){let t=this.model.get("kept");e.kind==="last"&&e.version===t.version&&e.data&&A(this.model,t,e.data)}end(){this.root.classList.add("tfs-ended")}close(){clearTimeout(this.timer)}send(e,t){this.model.send({kind:"set",field:e,value:t})}act(e){let t=this.model.get("actions");for(let o of this.views.values())o.flush();if(t.busy)return;if(t[e]===""){this.model.send({kind:e});return}this.model.get("fields").some(o=>o.id===t.first&&o.part==="more")&&(this.more.open=!0),this.views.get(t.first)?.focus()}};function _({model:s,el:e}){let t=new b(s,e),n=()=>t.updateFields(),o=()=>t.updateRest(),i=()=>t.store(),a=l=>t.hear(l),d=["title","summary","line","code","actions","notice","opened"];s.on("change:fields",n);for(let l of d)s.on(`change:${l}`,o);s.on("change:kept",i),s.on("msg:custom",a);let f=E(s,()=>t.end());return t.store(),()=>{s.off("change:fields",n);for(let l of d)s.off(`change:${l}`,o);s.off("change:kept",i),s.off("msg:custom",a),f(),t.close()}}var U={render:_};export{U as default};
