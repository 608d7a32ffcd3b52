// The form of `%%tfgraph`: what Python says of each field is shown, what is chosen is sent back.

import type { AnyModel } from "@anywidget/types";
import { CodeView } from "./form/code";
import { element, type Field, FieldView } from "./form/fields";
import { STYLE } from "./form/style";
import { activeIn } from "./graph/elements";
import { followTheme } from "./graph/theme";
import { isNotebook, type Kept, whenEnded, writeKept, writeLast } from "./notebook";
import { keepKeys } from "./shortcuts";

/** How long the page waits for more changes, before it writes what is on show into the notebook. */
const CALM_MS = 300;
/** What JupyterLab and marimo put around all that is below a cell's code. */
const OUTPUT = ".jp-OutputArea-output, .tfs-stage";

export interface Actions {
  busy: boolean;
  /** The text of the button that takes the guessed columns; empty where none is guessed. */
  accept: string;
  /** Why there can be no preview, or no run; empty where there can. */
  preview: string;
  run: string;
  /** As for a run; Define is there for a lazy result. */
  define: string;
  lazy: boolean;
  /** Whether a preview is something else than a run. */
  previews: boolean;
  /** The first field that is wrong. */
  first: string;
  /** Whether the fields can be as the cell's line has them again. */
  reset: boolean;
}

export interface Model {
  fields: Field[];
  title: string;
  summary: string;
  line: string;
  code: string;
  actions: Actions;
  /** What became of earlier choices; empty where there is nothing to say. */
  notice: string;
  kept: Kept | Record<string, never>;
  opened: boolean;
}

class FormView {
  private readonly root = element("details", "tfs-form");
  private readonly title = element("span", "tfs-title");
  private readonly summary = element("span", "tfs-summary");
  private readonly more = element("details", "tfs-more");
  private readonly moreNote = element("span", "tfs-detail");
  private readonly grids: Record<Field["part"], HTMLElement> = {
    columns: element("div", "tfs-grid"),
    how: element("div", "tfs-grid"),
    more: element("div", "tfs-grid"),
  };
  private readonly line = new CodeView("the line of magic");
  private readonly code = new CodeView("the Python code");
  private readonly noCode = element(
    "div",
    "tfs-note",
    "The code stands here once the form is complete.",
  );
  private readonly preview = element("button", "tfs-button", "Preview");
  private readonly run = element("button", "tfs-button tfs-primary", "Run");
  private readonly accept = element("button", "tfs-button");
  private readonly define = element("button", "tfs-button", "Define");
  private readonly reset = element("button", "tfs-copy", "Start over");
  private readonly notice = element("div", "tfs-notice");
  private readonly reason = element("span", "tfs-reason");
  private readonly views = new Map<string, FieldView>();
  /** What had the keyboard last, anywhere in the page. */
  private last: HTMLElement | null = null;
  /** The page, or in marimo the part of it that is this cell's own. */
  private page: Document | ShadowRoot = document;
  private timer = 0;

  constructor(
    private readonly model: AnyModel<Model>,
    host: HTMLElement,
  ) {
    const { root } = this;
    const head = element("summary", "tfs-head");
    head.append(this.title, this.summary);
    const moreHead = element("summary", "", "More ");
    moreHead.append(this.moreNote);
    this.more.append(moreHead, this.grids.more);
    const right = element("div");
    right.append(this.grids.how, this.more);
    const columns = element("div", "tfs-columns");
    this.accept.type = "button";
    this.accept.addEventListener("click", () => {
      this.model.send({ kind: "accept" });
      // In a narrow page Run is far below, to which a click is not to move the page.
      this.run.focus({ preventScroll: !this.accept.matches(":focus-visible") });
    });
    this.grids.columns.append(this.accept);
    columns.append(this.grids.columns, right);
    const codes = element("div", "tfs-codes");
    codes.append(this.line.root, this.code.root, this.noCode);
    const buttons = element("div", "tfs-buttons");
    for (const [button, kind] of [
      [this.run, "run"],
      [this.preview, "preview"],
      [this.define, "define"],
    ] as const) {
      button.type = "button";
      button.addEventListener("click", () => this.act(kind));
      buttons.append(button);
    }
    this.reason.setAttribute("role", "status");
    this.run.title = "Compute it, and do what Then says";
    this.preview.title = "Compute a few rows, and give them no name";
    this.define.title = "Give the lazy DataFrame its name, and compute nothing";
    this.reset.type = "button";
    this.reset.title = "All fields as the cell's line has them";
    this.reset.addEventListener("click", () => {
      this.model.send({ kind: "reset" });
      this.run.focus();
    });
    this.notice.setAttribute("role", "note");
    buttons.append(this.reason, this.reset);
    const body = element("div", "tfs-body");
    body.append(this.notice, columns, codes, buttons);
    root.append(head, body);
    root.addEventListener("toggle", () => {
      if (model.get("opened") !== root.open) {
        model.set("opened", root.open);
        model.save_changes();
      }
    });
    keepKeys(root);
    root.addEventListener("keydown", (event) => {
      // As in a cell.
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey || event.shiftKey)) return;
      event.preventDefault();
      this.act("run");
    });
    if (!isNotebook(model as unknown as AnyModel)) {
      // Nobody tells of cells that ran meanwhile, and may have made or changed DataFrames.
      const look = () => model.send({ kind: "look" });
      root.addEventListener("pointerenter", look);
      root.addEventListener("focusin", ({ relatedTarget }) => {
        if (!root.contains(relatedTarget as Node | null)) look();
      });
    }
    host.append(element("style", "", STYLE), root);
    this.updateFields();
    this.updateRest();
  }

  updateFields(): void {
    const fields = this.model.get("fields");
    const kinds = new Map(fields.map(({ id, kind }) => [id, kind]));
    for (const [id, view] of this.views) {
      if (kinds.get(id) === view.kind) continue;
      view.remove();
      this.views.delete(id);
    }
    const places: Record<string, number> = {};
    let before: FieldView | null = null;
    for (const field of fields) {
      const host: FieldView | null = field.beside ? before : null;
      const view: FieldView =
        this.views.get(field.id) ??
        new FieldView(field.id, field.kind, (id, value) => this.send(id, value), host);
      this.views.set(field.id, view);
      if (!host) {
        const grid = this.grids[field.part];
        const at = places[field.part] ?? 0;
        places[field.part] = at + 2;
        for (const [offset, node] of [view.label, view.cell].entries()) {
          // Moving what has the focus would take it away.
          const now = grid.children[at + offset] ?? null;
          if (now !== node) grid.insertBefore(node, now);
        }
        before = view;
      }
      view.update(field);
    }
    const wrong = fields.filter((field) => field.part === "more" && field.error).length;
    this.moreNote.textContent = wrong ? `${wrong} to correct` : "";
    this.moreNote.classList.toggle("tfs-bad", wrong > 0);
  }

  updateRest(): void {
    const { model } = this;
    this.title.textContent = model.get("title");
    this.summary.textContent = model.get("summary");
    this.line.update(model.get("line"));
    this.code.update(model.get("code"));
    this.noCode.hidden = model.get("code") !== "";
    const actions = model.get("actions");
    const { accept, busy, preview, reset, run } = actions;
    const notice = model.get("notice");
    if (this.notice.textContent !== notice) this.notice.textContent = notice;
    this.reset.hidden = !reset;
    this.accept.textContent = accept;
    this.accept.hidden = accept === "";
    this.preview.setAttribute("aria-disabled", String(busy || preview !== ""));
    this.run.setAttribute("aria-disabled", String(busy || run !== ""));
    this.preview.hidden = !actions.previews;
    this.define.hidden = !actions.lazy;
    this.define.setAttribute("aria-disabled", String(busy || actions.define !== ""));
    const reason = busy ? "Running…" : run || preview;
    if (this.reason.textContent !== reason) this.reason.textContent = reason;
    if (this.root.open !== model.get("opened")) this.root.open = model.get("opened");
    this.followKeyboard();
    if (!busy) this.comeBack();
  }

  private readonly focused = ({ target }: Event) => {
    this.last = target as HTMLElement;
    // Cancel is none of ours, and stands below.
    const { output } = this;
    if (output?.contains(this.last)) keepKeys(output);
  };

  /** Hear where the keyboard is: what happens inside a part of a page is not heard outside it. */
  private followKeyboard(): void {
    this.page.removeEventListener("focusin", this.focused);
    const { root } = this;
    this.page = root.isConnected ? (root.getRootNode() as Document | ShadowRoot) : document;
    this.page.addEventListener("focusin", this.focused);
  }

  private get output(): HTMLElement | null {
    return this.root.closest<HTMLElement>(OUTPUT);
  }

  /** Take the keyboard of the Cancel button below the form, which goes at the end of a run. */
  private comeBack(): void {
    const { last } = this;
    if (last?.offsetParent !== null) return;
    const isLost = document.activeElement === document.body || activeIn(this.root) === last;
    if (isLost && this.output?.contains(last)) this.run.focus({ preventScroll: true });
  }

  /** Write what the user did into the notebook, and soon what is on show. */
  store(): void {
    const kept = this.model.get("kept");
    if (!("cell" in kept) || !writeKept(this.model, kept as Kept)) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.model.send({ kind: "last" }), CALM_MS);
  }

  hear(message: { kind?: string; version?: number; data?: Record<string, unknown> }): void {
    const kept = this.model.get("kept") as Kept;
    if (message.kind === "last" && message.version === kept.version && message.data) {
      writeLast(this.model, kept, message.data);
    }
  }

  dim(dark: boolean): void {
    this.root.classList.toggle("tfs-dark", dark);
  }

  /** The kernel is gone: the notebook shows what was on show last. */
  end(): void {
    this.root.classList.add("tfs-ended");
  }

  close(): void {
    this.page.removeEventListener("focusin", this.focused);
    clearTimeout(this.timer);
  }

  private send(field: string, value: Field["value"]): void {
    this.model.send({ kind: "set", field, value });
  }

  private act(kind: "preview" | "run" | "define"): void {
    const actions = this.model.get("actions");
    for (const view of this.views.values()) view.flush();
    if (actions.busy) return;
    if (actions[kind] === "") {
      this.model.send({ kind });
      return;
    }
    const fields = this.model.get("fields");
    if (fields.some((field) => field.id === actions.first && field.part === "more")) {
      this.more.open = true;
    }
    this.views.get(actions.first)?.focus();
  }
}

function render({ model, el }: { model: AnyModel<Model>; el: HTMLElement }): () => void {
  const view = new FormView(model, el);
  const fields = () => view.updateFields();
  const rest = () => view.updateRest();
  const store = () => view.store();
  const hear = (message: object) => view.hear(message);
  const names = ["title", "summary", "line", "code", "actions", "notice", "opened"] as const;
  model.on("change:fields", fields);
  for (const name of names) model.on(`change:${name}`, rest);
  model.on("change:kept", store);
  model.on("msg:custom", hear);
  const leave = whenEnded(model as unknown as AnyModel, () => view.end());
  const endTheme = followTheme(document, (dark) => view.dim(dark));
  view.store();
  return () => {
    model.off("change:fields", fields);
    for (const name of names) model.off(`change:${name}`, rest);
    model.off("change:kept", store);
    model.off("msg:custom", hear);
    leave();
    endTheme();
    view.close();
  };
}

export default { render };
