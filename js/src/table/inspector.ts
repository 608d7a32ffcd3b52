/** A cell in full, below the table: its text, its numbers and a large picture. */

import { copy } from "../form/code";
import { element } from "../form/fields";
import type { Page } from "./protocol";

const COPIED_MS = 1500;

export class Inspector {
  readonly root = element("section", "tft-inspector");
  readonly #title = element("h4", "tft-title");
  readonly #copy = element("button", "tft-button", "Copy");
  readonly #facts = element("dl", "tft-facts");
  readonly #picture = element("div", "tft-large");
  readonly #text = element("pre", "tft-text");
  readonly #left = element("div", "tft-faint");
  #timer = 0;

  constructor(ask: () => Promise<string>, onClose: () => void) {
    const { root } = this;
    root.hidden = true;
    const close = element("button", "tft-button", "Close");
    close.type = this.#copy.type = "button";
    close.addEventListener("click", onClose);
    this.#copy.addEventListener("click", async () => {
      let said = "Not copied";
      try {
        if (await copy(await ask(), root)) said = "Copied";
      } catch (error) {
        this.#left.textContent = (error as Error).message;
      }
      this.#copy.focus();
      this.#copy.textContent = said;
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => {
        this.#copy.textContent = "Copy";
      }, COPIED_MS);
    });
    this.#text.tabIndex = 0;
    const bar = element("div", "tft-bar-of");
    bar.append(this.#title, this.#copy, close);
    root.append(bar, this.#facts, this.#picture, this.#text, this.#left);
    root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onClose();
    });
  }

  get isOpen(): boolean {
    return !this.root.hidden;
  }

  show(page: Page): void {
    const { root } = this;
    const isNew = root.hidden;
    root.hidden = false;
    const where = `Row ${page.row.toLocaleString("en")}, ${page.name}`;
    root.setAttribute("aria-label", where);
    this.#text.setAttribute("aria-label", `Value of ${where}`);
    this.#title.replaceChildren(where, element("span", "tft-type", page.type));
    this.#facts.replaceChildren(
      ...page.facts.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]),
    );
    this.#picture.replaceChildren();
    if (page.picture) {
      const { source, title, width, height, crisp } = page.picture;
      const image = element("img", crisp ? "tft-crisp" : "");
      Object.assign(image, { src: source, alt: title, title, width, height });
      this.#picture.append(image);
    }
    this.#text.textContent = page.text;
    this.#text.scrollTop = 0;
    this.#left.textContent = page.left;
    // Below a long table nobody would see that it is there.
    if (isNew) root.scrollIntoView?.({ block: "nearest" });
  }

  fail(message: string): void {
    this.root.hidden = false;
    this.#title.textContent = message;
    for (const part of [this.#facts, this.#picture]) part.replaceChildren();
    this.#text.textContent = this.#left.textContent = "";
  }

  close(): void {
    this.root.hidden = true;
  }
}
