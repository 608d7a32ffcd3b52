/** Light or dark: as the notebook says, or else as the operating system does. */

export function isDark(page: Document): boolean {
  const { body, documentElement } = page;
  const lab = body.dataset.jpThemeLight;
  if (lab !== undefined) return lab === "false";
  if (body.classList.contains("vscode-dark")) return true;
  if (body.classList.contains("vscode-high-contrast")) {
    return !body.classList.contains("vscode-high-contrast-light");
  }
  if (body.classList.contains("vscode-light")) return false;
  if (body.classList.contains("dark-theme")) return true; // marimo
  if (body.classList.contains("light-theme")) return false;
  const colab = documentElement.getAttribute("theme");
  if (colab) return colab === "dark";
  return page.defaultView?.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false;
}

/** Call back now and whenever the theme changes; return what ends this. */
export function followTheme(page: Document, onChange: (dark: boolean) => void): () => void {
  const tell = () => onChange(isDark(page));
  const observer = new MutationObserver(tell);
  const attributeFilter = ["data-jp-theme-light", "class", "theme"];
  observer.observe(page.body, { attributes: true, attributeFilter });
  observer.observe(page.documentElement, { attributes: true, attributeFilter });
  const media = page.defaultView?.matchMedia?.("(prefers-color-scheme: dark)");
  media?.addEventListener("change", tell);
  tell();
  return () => {
    observer.disconnect();
    media?.removeEventListener("change", tell);
  };
}
