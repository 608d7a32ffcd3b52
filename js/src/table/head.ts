/** The head of a column: its name, type, role, and what its values are over the rows of the preview. */

import { element } from "../form/fields";
import { makeSvg } from "../graph/elements";
import type { Bar, Column, Top } from "./protocol";

const HIGH = 22;
const GAP = 0.12;

/** Fill the head of a column; a bar or a frequent value filters the rows if it is clicked. */
export function fillHead(
  head: HTMLElement,
  column: Column,
  width: number,
  onWhere: (where: string) => void,
): void {
  const { sum } = column;
  const name = element("div", "tft-name", column.name);
  name.title = column.name;
  const picture = element("div", "tft-sum");
  if (sum.bars.length > 1) picture.append(histogram(sum.bars, width, onWhere));
  else picture.append(...sum.tops.map((top) => frequent(top, onWhere)));
  const said = element("div", "tft-says", sum.says);
  said.title = sum.says;
  head.replaceChildren(
    name,
    element("div", "tft-type", column.type),
    element("div", "tft-note", column.note || "\u00a0"),
    picture,
    said,
    ...(sum.lacks ? [element("div", "tft-says tft-lacks", sum.lacks)] : []),
  );
}

function histogram(bars: Bar[], width: number, onWhere: (where: string) => void): SVGElement {
  const wide = width / bars.length;
  const drawn = bars.map((bar, at) => {
    const x = at * wide;
    const high = bar.height ? Math.max(1, bar.height * HIGH) : 0;
    const title = makeSvg("title", {});
    title.textContent = bar.says;
    const group = makeSvg(
      "g",
      {},
      // The whole column of a bar can be clicked, also above a small one.
      makeSvg("rect", { x, y: 0, width: wide, height: HIGH, class: "tft-hit" }),
      makeSvg("rect", {
        x: x + (wide * GAP) / 2,
        y: HIGH - high,
        width: wide * (1 - GAP),
        height: high,
        class: "tft-bar",
      }),
      title,
    );
    listen(group, bar.where, onWhere);
    return group;
  });
  const viewBox = `0 0 ${width} ${HIGH}`;
  const attributes = { viewBox, width, height: HIGH, "aria-hidden": "true" };
  return makeSvg("svg", attributes, ...drawn);
}

function frequent(top: Top, onWhere: (where: string) => void): HTMLElement {
  const line = element("div", "tft-top");
  line.title = `${top.text}: ${top.count.toLocaleString("en")}`;
  line.style.setProperty("--share", `${(100 * top.share).toFixed(1)}%`);
  line.append(element("span", "", top.text), element("span", "", top.count.toLocaleString("en")));
  listen(line, top.where, onWhere);
  return line;
}

function listen(part: Element, where: string, onWhere: (where: string) => void): void {
  if (!where) return;
  part.classList.add("tft-where");
  part.addEventListener("click", (event) => {
    // A click beside it sorts.
    event.stopPropagation();
    onWhere(where);
  });
}
