/** The picture for pages without a kernel stands right before the widget: one of both is enough. */

/** Hide the picture of the same program before an element; return what shows it again. */
export function hideStaticPicture(uid: string, element: Element): () => void {
  const page = element.getRootNode() as Document | ShadowRoot;
  const area = element.closest(".jp-OutputArea") ?? page;
  // In HTML of ours, or an SVG that the notebook shows as an image.
  const ours = `[data-tfg-static="${uid}"], img[src*="tfg-static-${uid}"]`;
  const pictures = [...area.querySelectorAll<HTMLElement>(ours)].filter(
    (picture) => picture.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING,
  );
  const picture = pictures.at(-1);
  if (!picture) return () => {};
  const before = picture.style.display;
  picture.style.display = "none";
  return () => {
    picture.style.display = before;
  };
}
