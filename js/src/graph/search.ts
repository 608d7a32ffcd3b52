/** The search box, with what it has found in a list below it. */

import { make, uniqueId } from "./elements";
import type { Finding, Found } from "./protocol";
import { count } from "./words";

/** Milliseconds without a key after which a search begins. */
const PAUSE = 120;

export class Search {
  readonly element: HTMLDivElement;
  readonly input: HTMLInputElement;
  #list: HTMLUListElement;
  #popup: HTMLDivElement;
  #foot: HTMLDivElement;
  #found: Found[] = [];
  #active = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(
    private find: (text: string) => Promise<Finding>,
    private jump: (found: Found) => void,
    private leave: () => void,
  ) {
    const id = uniqueId();
    this.input = make("input", {
      type: "search",
      class: "tfg-search-input",
      role: "combobox",
      placeholder: "Search: name, op:MatMul, dtype:int64",
      "aria-label": "Search operations by name, op:… or dtype:…",
      "aria-autocomplete": "list",
      "aria-controls": id,
      "aria-expanded": "false",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#wait(),
      onfocus: () => this.#found.length > 0 && this.#open(true),
      onkeydown: (event: Event) => this.#press(event as KeyboardEvent),
    });
    const list = { id, role: "listbox", class: "tfg-found", "aria-label": "Found", tabindex: -1 };
    this.#list = make("ul", list);
    this.#foot = make("div", { class: "tfg-found-count", role: "status" });
    this.#popup = make("div", { class: "tfg-popup", hidden: true }, this.#list, this.#foot);
    this.element = make("div", { class: "tfg-search" }, this.input, this.#popup);
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.#open(false);
    });
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#search(), PAUSE);
  }

  async #search(): Promise<void> {
    clearTimeout(this.#timer);
    const text = this.input.value.trim();
    const turn = ++this.#asked;
    if (!text) {
      this.#show([], "");
      this.#open(false);
      return;
    }
    try {
      const { total, findings } = await this.find(text);
      // A later search may have been answered already.
      if (turn !== this.#asked) return;
      const some = findings.length < total ? `the first ${findings.length} of ` : "";
      this.#show(findings, total ? some + count(total, "operation") : "Nothing is called so.");
    } catch (error) {
      if (turn === this.#asked) this.#show([], (error as Error).message);
    }
    this.#open(true);
  }

  #show(found: Found[], foot: string): void {
    this.#found = found;
    this.#foot.textContent = foot;
    this.#list.replaceChildren(
      ...found.map((each, index) =>
        make(
          "li",
          {
            id: `${this.#list.id}-${index}`,
            role: "option",
            class: "tfg-option",
            "aria-selected": "false",
            // Before the box loses the focus, which would close the list.
            onmousedown: (event: Event) => event.preventDefault(),
            onclick: () => this.#choose(index),
          },
          make("span", { class: "tfg-name" }, each.name),
          make("span", { class: "tfg-faint" }, [each.op, each.spec].filter(Boolean).join("  ")),
        ),
      ),
    );
    this.#activate(found.length ? 0 : -1);
  }

  #activate(index: number): void {
    this.#active = index;
    [...this.#list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === index));
    });
    const option = this.#list.children[index];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView?.({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  #press(event: KeyboardEvent): void {
    const { length } = this.#found;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!length) return;
      this.#open(true);
      const by = event.key === "ArrowDown" ? 1 : length - 1;
      this.#activate((this.#active + by) % length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (!this.#popup.hidden && this.#active >= 0) this.#choose(this.#active);
      else void this.#search();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!this.#popup.hidden) this.#open(false);
      else this.leave();
    }
  }

  #choose(index: number): void {
    const found = this.#found[index];
    if (!found) return;
    this.#open(false);
    this.jump(found);
  }

  #open(isOpen: boolean): void {
    this.#popup.hidden = !isOpen;
    this.input.setAttribute("aria-expanded", String(isOpen));
  }
}
