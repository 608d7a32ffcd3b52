var a=`
.tfs-stage { font: 13px/1.45 system-ui, sans-serif; }
.tfs-stage-row, .tfs-stage-column { display: flex; }
.tfs-stage-column { flex-direction: column; }
:is(.tfs-stage-row, .tfs-stage-column) > * { min-width: 0; }
.tfs-stage-button {
  height: 28px; padding: 0 12px; font: inherit; color: inherit; cursor: pointer;
  background: transparent; border: 1px solid currentColor; border-radius: 3px;
}
.tfs-stage-button:disabled { opacity: 0.5; cursor: default; }
.tfs-stage-button:focus-visible { outline: 2px solid #1976d2; outline-offset: 1px; }
`,r=class{constructor(e,t){this.model=e;this.host=t;this.root.className="tfs-stage"}model;host;root=document.createElement("div");#e=new Map;update(){let e=new Set;l(this.root,[this.#t(this.model.get("tree"),e)]);for(let[t,{end:n}]of this.#e)e.has(t)||(n.abort(),this.#e.delete(t))}close(){for(let{end:e}of this.#e.values())e.abort()}#t(e,t){t.add(e.id);let n=this.#e.get(e.id);n||(n={node:this.#n(e),value:"",end:new AbortController},this.#e.set(e.id,n),e.ref&&this.#s(e.ref,n.node,n.end.signal));let{node:s}=n;s.removeAttribute("style");for(let[i,d]of Object.entries(e.styles??{}))s.style.setProperty(i,d);if(e.inside)l(s,e.inside.map(i=>this.#t(i,t)));else if(e.value!==void 0&&e.value!==n.value){n.value=e.value;let{body:i}=new DOMParser().parseFromString(e.value,"text/html");s.replaceChildren(...i.childNodes)}else s instanceof HTMLButtonElement&&(s.textContent=e.description??"",s.title=e.tooltip??"",s.disabled=e.disabled??!1);return s}#n(e){let t=document.createElement(e.kind==="button"?"button":"div");return t.className=`tfs-stage-${e.kind}`,t instanceof HTMLButtonElement&&(t.type="button",t.addEventListener("click",()=>this.model.send({press:e.id}))),t}async#s(e,t,n){try{let s=await this.host?.getWidget(e);if(!s)throw new Error("This front end draws no widgets inside of others.");n.aborted||await s.render({el:t,signal:n})}catch(s){t.textContent=s.message}}};function l(o,e){for(e.forEach((t,n)=>{o.children[n]!==t&&o.insertBefore(t,o.children[n]??null)});o.children.length>e.length;)o.lastElementChild?.remove()}function c({model:o,el:e,host:t}){let n=new r(o,t),s=document.createElement("style");s.textContent=a,e.append(s,n.root);let i=()=>n.update();return o.on("change:tree",i),i(),()=>{o.off("change:tree",i),n.close()}}var f={render:c};export{f as default};
