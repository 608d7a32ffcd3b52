/** A button that opens a menu, and the menu. */

import { type Icon, iconButton, isIcon, make } from "./elements";

export type Choice = { label: string; choose: () => void };

/** `name` is an icon, or a word. */
export function menuButton(name: Icon | string, label: string, choices: Choice[]): HTMLElement {
  const items = choices.map(({ label: text, choose }) =>
    make(
      "button",
      {
        type: "button",
        role: "menuitem",
        class: "tfg-item",
        tabindex: -1,
        onclick: () => {
          open(false);
          button.focus();
          choose();
        },
      },
      text,
    ),
  );
  const menu = make("div", { class: "tfg-popup tfg-menu", role: "menu", hidden: true }, ...items);
  const toggle = () => open(menu.hidden === true);
  const worded = { type: "button", class: "tfg-button tfg-worded", title: label, onclick: toggle };
  const button = isIcon(name) ? iconButton(name, label, toggle) : make("button", worded, name);
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  const holder = make("div", { class: "tfg-holder" }, button, menu);

  function open(isOpen: boolean): void {
    menu.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) items[0]?.focus();
  }

  holder.addEventListener("focusout", (event) => {
    if (!holder.contains(event.relatedTarget as Node | null)) open(false);
  });
  holder.addEventListener("keydown", (event) => {
    if (menu.hidden) return;
    const at = items.indexOf(event.target as HTMLButtonElement);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: items.length - 1 };
    const step = steps[event.key];
    if (step !== undefined) {
      items[(at + step) % items.length]?.focus();
    } else if (event.key === "Escape") {
      open(false);
      button.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  return holder;
}
