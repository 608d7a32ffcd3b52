// One row of the form: its label, its control and what is wrong with it.

import { activeIn } from "../graph/elements";

export interface Choice {
  value: string;
  label: string;
  /** Why it cannot be chosen, in a few words; empty where it can. */
  reason: string;
}

export interface Field {
  id: string;
  kind: "pick" | "text" | "many" | "flag";
  part: "columns" | "how" | "more";
  label: string;
  /** A dtype and shape, or what an unlabelled control is, for those who hear the page. */
  detail: string;
  value: string | boolean | string[];
  choices: Choice[];
  error: string;
  note: string;
  /** Whether it stands on the line of the field before it. */
  beside: boolean;
  disabled: boolean;
  /** Whether it is about a part of what the field above it is about. */
  inner: boolean;
  /** Whether what is chosen has an order, which is then shown. */
  ordered: boolean;
}

export type Send = (field: string, value: Field["value"]) => void;

const TYPING_MS = 250;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** How a choice reads in a list: `note · string, takes int32`. */
export function choiceText(choice: Choice): string {
  return choice.reason ? `${choice.label} · ${choice.reason}` : choice.label;
}

/** The values chosen once one is switched, the new one last. */
export function switched(values: string[], value: string, on: boolean): string[] {
  const others = values.filter((one) => one !== value);
  return on ? [...others, value] : others;
}

interface Control {
  readonly root: HTMLElement;
  /** What takes the focus and bears the name. */
  readonly target: HTMLElement;
  update(field: Field): void;
  flush?(): void;
}

function pick(id: string, send: Send): Control {
  const select = element("select");
  let shown = "";
  select.addEventListener("change", () => send(id, select.value));
  return {
    root: select,
    target: select,
    update(field) {
      const now = JSON.stringify(field.choices);
      if (now !== shown) {
        shown = now;
        select.replaceChildren(
          ...field.choices.map((choice) => {
            const option = element("option", "", choiceText(choice));
            option.value = choice.value;
            option.disabled = choice.reason !== "";
            return option;
          }),
        );
      }
      select.value = String(field.value);
      select.disabled = field.disabled;
    },
  };
}

function text(id: string, send: Send): Control {
  const input = element("input");
  input.type = "text";
  input.spellcheck = false;
  input.autocomplete = "off";
  let sent = "";
  let timer = 0;
  const flush = () => {
    clearTimeout(timer);
    if (input.value === sent) return;
    sent = input.value;
    send(id, sent);
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(flush, TYPING_MS);
  });
  input.addEventListener("change", flush);
  return {
    root: input,
    target: input,
    flush,
    update(field) {
      // What is being typed is newer than any answer.
      const typing = input === activeIn(input);
      if (!typing) {
        sent = String(field.value);
        input.value = sent;
      }
      input.disabled = field.disabled;
      input.placeholder = field.note;
    },
  };
}

function many(id: string, send: Send): Control {
  const group = element("div", "tfs-many");
  group.setAttribute("role", "group");
  let shown = "";
  let values: string[] = [];
  return {
    root: group,
    target: group,
    update(field) {
      values = field.value as string[];
      const now = JSON.stringify(field.choices);
      if (now !== shown) {
        shown = now;
        group.replaceChildren(
          ...field.choices.map((choice) => {
            const label = element("label", choice.reason ? "tfs-check tfs-off" : "tfs-check");
            const box = element("input");
            box.type = "checkbox";
            box.value = choice.value;
            box.addEventListener("change", () => {
              values = switched(values, choice.value, box.checked);
              send(id, values);
            });
            label.append(box, element("span", "", choiceText(choice)));
            return label;
          }),
        );
      }
      group.querySelectorAll("input").forEach((box, at) => {
        box.checked = values.includes(box.value);
        const place = values.indexOf(box.value) + 1;
        box.parentElement?.setAttribute("data-place", field.ordered && place ? `${place}` : "");
        // One that cannot be chosen can be taken back.
        box.disabled = field.disabled || (!!field.choices[at]?.reason && !box.checked);
      });
    },
  };
}

function flag(id: string, send: Send): Control {
  const label = element("label", "tfs-check");
  const box = element("input");
  const note = element("span");
  box.type = "checkbox";
  box.addEventListener("change", () => send(id, box.checked));
  label.append(box, note);
  return {
    root: label,
    target: box,
    update(field) {
      box.checked = field.value === true;
      box.disabled = field.disabled;
      note.textContent = field.note;
      label.classList.toggle("tfs-off", field.disabled);
    },
  };
}

const MAKE = { pick, text, many, flag };
// Each form of a page is of a module of its own, which counts from one again.
const FORM = Math.random().toString(36).slice(2, 10);
let count = 0;

/** A field in the page; updated in place, so that the focus stays where it is. */
export class FieldView {
  readonly label = element("div", "tfs-label");
  readonly cell = element("div", "tfs-cell");
  readonly line: HTMLElement;
  private readonly control: Control;
  private readonly name = element("label", "tfs-name");
  private readonly detail = element("span", "tfs-detail");
  private readonly error = element("div", "tfs-error");
  private readonly note = element("div", "tfs-note");

  constructor(
    readonly id: string,
    readonly kind: Field["kind"],
    send: Send,
    before: FieldView | null,
  ) {
    count += 1;
    this.control = MAKE[kind](id, send);
    const { target, root } = this.control;
    target.id = `tfs-${FORM}-${count}`;
    this.error.id = `${target.id}-error`;
    this.note.id = `${target.id}-note`;
    this.name.id = `${target.id}-name`;
    if (kind === "many") target.setAttribute("aria-labelledby", this.name.id);
    else this.name.htmlFor = target.id;
    target.setAttribute("aria-describedby", `${this.error.id} ${this.note.id}`);
    this.label.append(this.name, this.detail);
    this.line = before ? before.line : element("div", "tfs-line");
    this.line.append(root);
    this.cell.append(...(before ? [] : [this.line]), this.error, this.note);
    if (before) before.cell.append(this.cell);
  }

  update(field: Field): void {
    this.name.textContent = field.label;
    this.label.classList.toggle("tfs-inner", field.inner);
    this.detail.textContent = field.detail;
    this.control.update(field);
    const { target } = this.control;
    if (this.kind !== "many") {
      target.setAttribute("aria-label", [field.label, field.detail].filter(Boolean).join(", "));
    }
    target.setAttribute("aria-invalid", String(field.error !== ""));
    if (this.error.textContent !== field.error) this.error.textContent = field.error;
    const note = this.kind === "pick" || this.kind === "many" ? field.note : "";
    this.note.textContent = field.error ? "" : note;
    this.control.root.classList.toggle("tfs-wrong", field.error !== "");
  }

  /** Send what was typed and not sent yet. */
  flush(): void {
    this.control.flush?.();
  }

  focus(): void {
    const { target } = this.control;
    (target.matches("div") ? target.querySelector("input") : target)?.focus();
  }

  remove(): void {
    this.control.root.remove();
    this.label.remove();
    this.cell.remove();
  }
}
