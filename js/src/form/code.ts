// A line of code with a button that copies it.

import { element } from "./fields";

const COPIED_MS = 1500;

/** Put text on the clipboard; false where the page may not. */
export async function copy(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages without https have no clipboard of their own; a selection can still be copied.
    const area = element("textarea", "tfs-unseen");
    area.value = text;
    near.append(area);
    area.select();
    const done = document.execCommand?.("copy") ?? false;
    area.remove();
    return done;
  }
}

export class CodeView {
  readonly root = element("div", "tfs-code");
  private readonly text = element("code");
  private readonly button = element("button", "tfs-copy", "Copy");
  private timer = 0;

  constructor(private readonly what: string) {
    this.button.type = "button";
    this.name();
    const block = element("pre");
    block.append(this.text);
    this.root.append(block, this.button);
    this.button.addEventListener("click", async () => {
      const done = await copy(this.text.textContent ?? "", this.root);
      this.button.focus();
      this.button.textContent = done ? "Copied" : "Not copied";
      this.button.setAttribute("aria-label", this.button.textContent);
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.name(), COPIED_MS);
    });
  }

  update(text: string): void {
    if (this.text.textContent !== text) this.text.textContent = text;
    this.root.hidden = text === "";
  }

  private name(): void {
    this.button.textContent = "Copy";
    this.button.setAttribute("aria-label", `Copy ${this.what}`);
  }
}
