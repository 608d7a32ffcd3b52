/** Saving the drawing as a file, by the browser. */

import { clean } from "./clean";

export type Format = "svg" | "png" | "dot" | "pbtxt";

/** Pixels per unit of a PNG. */
const SCALE = 4;
const WIDEST = 12_000;

/**
 * Save as `graph.FORMAT`.
 *
 * @param svg The drawing.
 * @param text Asks the kernel for what only it has.
 */
export async function saveAs(
  format: Format,
  svg: string,
  text: () => Promise<string>,
): Promise<void> {
  const contents: Record<Format, () => Promise<Blob>> = {
    svg: async () => new Blob([svgText(svg)], { type: "image/svg+xml" }),
    png: () => pngOf(svg),
    dot: async () => new Blob([await text()], { type: "text/vnd.graphviz" }),
    pbtxt: async () => new Blob([await text()], { type: "text/plain" }),
  };
  download(`graph.${format}`, await contents[format]());
}

function svgText(svg: string): string {
  const drawing = clean(svg);
  if (!drawing) throw new Error("There is no picture to save: pip install graphviz-pure.");
  return new XMLSerializer().serializeToString(drawing);
}

/** Draw an SVG onto a white ground. */
async function pngOf(svg: string): Promise<Blob> {
  const text = svgText(svg);
  const [, , width = 1, height = 1] = (clean(svg)?.getAttribute("viewBox") ?? "")
    .split(/[ ,]+/)
    .map(Number);
  const scale = Math.min(SCALE, WIDEST / width, WIDEST / height);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures.");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("The picture is too large for this browser: save it as SVG.");
  return blob;
}

function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
