function n(d,e="",t=""){let o=document.createElement(d);return e&&(o.className=e),t&&(o.textContent=t),o}function x(d){return d.reason?`${d.label} \xB7 ${d.reason}`:d.label}function w(d,e,t){let o=d.filter(r=>r!==e);return t?[...o,e]:o}function k(d,e){let t=n("select"),o="";return t.addEventListener("change",()=>e(d,t.value)),{root:t,target:t,update(r){let i=JSON.stringify(r.choices);i!==o&&(o=i,t.replaceChildren(...r.choices.map(s=>{let a=n("option","",x(s));return a.value=s.value,a.disabled=s.reason!=="",a}))),t.value=String(r.value),t.disabled=r.disabled}}}function C(d,e){let t=n("input");t.type="text",t.spellcheck=!1,t.autocomplete="off";let o="",r=0,i=()=>{clearTimeout(r),t.value!==o&&(o=t.value,e(d,o))};return t.addEventListener("input",()=>{clearTimeout(r),r=window.setTimeout(i,250)}),t.addEventListener("change",i),{root:t,target:t,flush:i,update(s){t===t.getRootNode().activeElement||(o=String(s.value),t.value=o),t.disabled=s.disabled,t.placeholder=s.note}}}function E(d,e){let t=n("div","tfs-many");t.setAttribute("role","group");let o="",r=[];return{root:t,target:t,update(i){r=i.value;let s=JSON.stringify(i.choices);s!==o&&(o=s,t.replaceChildren(...i.choices.map(a=>{let l=n("label",a.reason?"tfs-check tfs-off":"tfs-check"),f=n("input");return f.type="checkbox",f.value=a.value,f.addEventListener("change",()=>{r=w(r,a.value,f.checked),e(d,r)}),l.append(f,n("span","",x(a))),l}))),t.querySelectorAll("input").forEach((a,l)=>{a.checked=r.includes(a.value);let f=r.indexOf(a.value)+1;a.parentElement?.setAttribute("data-place",i.ordered&&f?`${f}`:""),a.disabled=i.disabled||!!i.choices[l]?.reason&&!a.checked})}}}function L(d,e){let t=n("label","tfs-check"),o=n("input"),r=n("span");return o.type="checkbox",o.addEventListener("change",()=>e(d,o.checked)),t.append(o,r),{root:t,target:o,update(i){o.checked=i.value===!0,o.disabled=i.disabled,r.textContent=i.note,t.classList.toggle("tfs-off",i.disabled)}}}var M={pick:k,text:C,many:E,flag:L},S=Math.random().toString(36).slice(2,10),b=0,g=class{constructor(e,t,o,r){this.id=e;this.kind=t;b+=1,this.control=M[t](e,o);let{target:i,root:s}=this.control;i.id=`tfs-${S}-${b}`,this.error.id=`${i.id}-error`,this.note.id=`${i.id}-note`,this.name.id=`${i.id}-name`,t==="many"?i.setAttribute("aria-labelledby",this.name.id):this.name.htmlFor=i.id,i.setAttribute("aria-describedby",`${this.error.id} ${this.note.id}`),this.label.append(this.name,this.detail),this.line=r?r.line:n("div","tfs-line"),this.line.append(s),this.cell.append(...r?[]:[this.line],this.error,this.note),r&&r.cell.append(this.cell)}id;kind;label=n("div","tfs-label");cell=n("div","tfs-cell");line;control;name=n("label","tfs-name");detail=n("span","tfs-detail");error=n("div","tfs-error");note=n("div","tfs-note");update(e){this.name.textContent=e.label,this.label.classList.toggle("tfs-inner",e.inner),this.detail.textContent=e.detail,this.control.update(e);let{target:t}=this.control;this.kind!=="many"&&t.setAttribute("aria-label",[e.label,e.detail].filter(Boolean).join(", ")),t.setAttribute("aria-invalid",String(e.error!=="")),this.error.textContent!==e.error&&(this.error.textContent=e.error);let o=this.kind==="pick"||this.kind==="many"?e.note:"";this.note.textContent=e.error?"":o,this.control.root.classList.toggle("tfs-wrong",e.error!=="")}flush(){this.control.flush?.()}focus(){let{target:e}=this.control;(e.matches("div")?e.querySelector("input"):e)?.focus()}remove(){this.control.root.remove(),this.label.remove(),this.cell.remove()}};var T=1500;async function A(d,e){try{return await navigator.clipboard.writeText(d),!0}catch{let t=n("textarea","tfs-unseen");t.value=d,e.append(t),t.select();let o=document.execCommand?.("copy")??!1;return t.remove(),o}}var m=class{constructor(e){this.what=e;this.button.type="button",this.name();let t=n("pre");t.append(this.text),this.root.append(t,this.button),this.button.addEventListener("click",async()=>{let o=await A(this.text.textContent??"",this.root);this.button.focus(),this.button.textContent=o?"Copied":"Not copied",this.button.setAttribute("aria-label",this.button.textContent),clearTimeout(this.timer),this.timer=window.setTimeout(()=>this.name(),T)})}what;root=n("div","tfs-code");text=n("code");button=n("button","tfs-copy","Copy");timer=0;update(e){this.text.textContent!==e&&(this.text.textContent=e),this.root.hidden=e===""}name(){this.button.textContent="Copy",this.button.setAttribute("aria-label",`Copy ${this.what}`)}};var y=`
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
`;var v=class{constructor(e,t){this.model=e;let{root:o}=this,r=n("summary","tfs-head");r.append(this.title,this.summary);let i=n("summary","","More ");i.append(this.moreNote),this.more.append(i,this.grids.more);let s=n("div");s.append(this.grids.how,this.more);let a=n("div","tfs-columns"),l=n("div");this.accept.type="button",this.accept.addEventListener("click",()=>{this.model.send({kind:"accept"}),this.preview.focus()}),l.append(this.grids.columns,this.accept),a.append(l,s);let f=n("div","tfs-codes");f.append(this.line.root,this.code.root,this.noCode);let c=n("div","tfs-buttons");for(let[p,h]of[[this.preview,"preview"],[this.run,"run"]])p.type="button",p.addEventListener("click",()=>this.act(h)),c.append(p);this.reason.setAttribute("role","status"),this.reset.type="button",this.reset.title="All fields as the cell's line has them",this.reset.addEventListener("click",()=>{this.model.send({kind:"reset"}),this.run.focus()}),this.notice.setAttribute("role","note"),c.append(this.reason,this.reset);let u=n("div","tfs-body");u.append(this.notice,a,f,c),o.append(r,u),o.addEventListener("toggle",()=>{e.get("opened")!==o.open&&(e.set("opened",o.open),e.save_changes())}),o.dataset.lmSuppressShortcuts="true",o.addEventListener("keydown",p=>{p.stopPropagation(),!(p.key!=="Enter"||!(p.ctrlKey||p.metaKey||p.shiftKey))&&(p.preventDefault(),this.act("run"))}),t.append(n("style","",y),o),this.updateFields(),this.updateRest()}model;root=n("details","tfs-form");title=n("span","tfs-title");summary=n("span","tfs-summary");more=n("details","tfs-more");moreNote=n("span","tfs-detail");grids={columns:n("div","tfs-grid"),how:n("div","tfs-grid"),more:n("div","tfs-grid")};line=new m("the line of magic");code=new m("the Python code");noCode=n("div","tfs-note","The line and the code stand here once the form is complete.");preview=n("button","tfs-button","Preview");run=n("button","tfs-button tfs-primary","Run");accept=n("button","tfs-button");reset=n("button","tfs-copy","Start over");notice=n("div","tfs-notice");reason=n("span","tfs-reason");views=new Map;updateFields(){let e=this.model.get("fields"),t=new Map(e.map(({id:s,kind:a})=>[s,a]));for(let[s,a]of this.views)t.get(s)!==a.kind&&(a.remove(),this.views.delete(s));let o={},r=null;for(let s of e){let a=s.beside?r:null,l=this.views.get(s.id)??new g(s.id,s.kind,(f,c)=>this.send(f,c),a);if(this.views.set(s.id,l),!a){let f=this.grids[s.part],c=o[s.part]??0;o[s.part]=c+2;for(let[u,p]of[l.label,l.cell].entries()){let h=f.children[c+u]??null;h!==p&&f.insertBefore(p,h)}r=l}l.update(s)}let i=e.filter(s=>s.part==="more"&&s.error).length;this.moreNote.textContent=i?`${i} to correct`:"",this.moreNote.classList.toggle("tfs-bad",i>0)}updateRest(){let{model:e}=this;this.title.textContent=e.get("title"),this.summary.textContent=e.get("summary"),this.line.update(e.get("line")),this.code.update(e.get("code")),this.noCode.hidden=e.get("line")!=="";let{accept:t,busy:o,preview:r,reset:i,run:s}=e.get("actions"),a=e.get("notice");this.notice.textContent!==a&&(this.notice.textContent=a),this.reset.hidden=!i,this.accept.textContent=t,this.accept.hidden=t==="",this.preview.setAttribute("aria-disabled",String(o||r!=="")),this.run.setAttribute("aria-disabled",String(o||s!==""));let l=o?"Running\u2026":s||r;this.reason.textContent!==l&&(this.reason.textContent=l),this.root.open!==e.get("opened")&&(this.root.open=e.get("opened"))}send(e,t){this.model.send({kind:"set",field:e,value:t})}act(e){let t=this.model.get("actions");for(let r of this.views.values())r.flush();if(t.busy)return;if(t[e]===""){this.model.send({kind:e});return}this.model.get("fields").some(r=>r.id===t.first&&r.part==="more")&&(this.more.open=!0),this.views.get(t.first)?.focus()}};function F({model:d,el:e}){let t=new v(d,e),o=()=>t.updateFields(),r=()=>t.updateRest(),i=["title","summary","line","code","actions","notice","opened"];d.on("change:fields",o);for(let s of i)d.on(`change:${s}`,r);return()=>{d.off("change:fields",o);for(let s of i)d.off(`change:${s}`,r)}}var P={render:F};export{P as default};
