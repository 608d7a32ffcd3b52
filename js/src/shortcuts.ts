// Whose a key is: a notebook has a meaning for most keys, such as deleting the cell.

const LEFT_ALONE = "data-lm-suppress-shortcuts";

/**
 * Keep the notebook from the keys that are pressed in a view. Those with Ctrl, Alt or Cmd are the notebook's, so that
 * it can be saved from here; only Enter is the view's with any of them.
 */
export function keepKeys(root: HTMLElement): void {
  if ("tfsKeys" in root.dataset) return;
  root.dataset.tfsKeys = "";
  // Jupyter Notebook takes a key at the document, on its way down: only the window is before it.
  window.addEventListener("keydown", mark, true);
  root.addEventListener("keydown", (event) => target(event)?.removeAttribute(LEFT_ALONE), true);
  // JupyterLab takes it there on its way up.
  root.addEventListener("keydown", (event) => {
    if (isOurs(event)) event.stopPropagation();
  });
}

/** Lumino, of which both are made, leaves a key alone if the element that it is pressed in says so. */
function mark(event: KeyboardEvent): void {
  const pressedIn = target(event);
  if (isOurs(event) && pressedIn?.closest("[data-tfs-keys]"))
    pressedIn.setAttribute(LEFT_ALONE, "");
}

function target(event: KeyboardEvent): Element | undefined {
  return event.target instanceof Element ? event.target : undefined;
}

function isOurs(event: KeyboardEvent): boolean {
  return event.key === "Enter" || !(event.ctrlKey || event.metaKey || event.altKey);
}
