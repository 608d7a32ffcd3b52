/**
 * The kernel's SVG, made anew from the few elements and attributes that a drawing needs.
 *
 * Names in it come from graphs that anybody may have written, so nothing is taken over that could
 * run, load or link. Ids become `data-id`: two drawings in a page must not share any.
 */

const SVG = "http://www.w3.org/2000/svg";

const ELEMENTS = new Set(
  "svg g path polygon polyline ellipse circle rect line text tspan image".split(" "),
);

const ATTRIBUTES = new Set(
  (
    "class d points transform x y cx cy rx ry r x1 y1 x2 y2 width height viewBox fill stroke " +
    "fill-opacity stroke-opacity opacity stroke-width stroke-dasharray font-size font-weight " +
    "font-style font-family text-anchor preserveAspectRatio"
  ).split(" "),
);

/** Pixels that are here, and nothing that would be loaded. */
export const PIXELS = /^data:image\/(png|jpeg);base64,[\w+/=]*$/;

/** Return the drawing, or null if the text is no SVG. */
export function clean(text: string): SVGSVGElement | null {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (root?.localName !== "svg") return null;
  return copy(root) as SVGSVGElement | null;
}

function copy(source: Element): Element | null {
  if (!ELEMENTS.has(source.localName)) return null;
  const pixels = source.getAttribute("href") ?? "";
  if (source.localName === "image" && !PIXELS.test(pixels)) return null;
  const made = document.createElementNS(SVG, source.localName);
  for (const { name, value } of source.attributes) {
    if (name === "id") made.setAttribute("data-id", value);
    else if (ATTRIBUTES.has(name) && !/url\s*\(/i.test(value)) made.setAttribute(name, value);
  }
  if (source.localName === "image") made.setAttribute("href", pixels);
  for (const child of source.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) made.append(child.textContent ?? "");
    else if (child.nodeType === Node.ELEMENT_NODE) {
      const copied = copy(child as Element);
      if (copied) made.append(copied);
    }
  }
  return made;
}
