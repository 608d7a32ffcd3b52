/** Where columns stand: which are pinned, which are in sight, and how wide each is. */

import type { Cell, Column } from "./protocol";

const LEAST = 88;
const MOST = 320;
const LETTER = 7.4;
const BOLD_LETTER = 8.6;
const SMALL_LETTER = 6.7;
const PADDING = 22;
const PLOT = 84;
/** The part of the page that pinned columns may take. */
const PINNED = 0.55;
/** Up to so many columns are all drawn; of more, those in sight. */
const ALL = 40;

export function widthOf(column: Column, cells: (Cell | undefined)[]): number {
  const images = cells.flatMap((cell) => (cell?.[2]?.kind === "image" ? [cell[2].width] : []));
  const plots = cells.some((cell) => cell?.[2]?.kind === "plot");
  const text = images.length
    ? Math.max(...images)
    : column.characters * LETTER + (plots ? PLOT : 0);
  const head = Math.max(
    (column.name.length + 2) * BOLD_LETTER,
    column.type.length * SMALL_LETTER,
    column.note.length * SMALL_LETTER,
    column.sum.says.length * SMALL_LETTER,
  );
  return Math.round(Math.min(MOST, Math.max(LEAST, PADDING + Math.max(text, Math.min(head, 200)))));
}

export class Layout {
  /** The left edge of each column, and at the end the right edge of the last one. */
  readonly edges: number[];
  readonly pinned: number;

  constructor(columns: Column[], widths: number[], number: number, page: number) {
    this.edges = [number];
    for (const width of widths) this.edges.push((this.edges.at(-1) as number) + width);
    let pinned = 0;
    const isPinned = ({ role }: Column) => role === "key" || role === "output";
    while (pinned < columns.length) {
      if (!isPinned(columns[pinned] as Column)) break;
      if ((this.edges[pinned + 1] as number) > page * PINNED) break;
      pinned += 1;
    }
    this.pinned = pinned;
  }

  get width(): number {
    return this.edges.at(-1) as number;
  }

  left(column: number): number {
    return this.edges[column] as number;
  }

  widthAt(column: number): number {
    return this.left(column + 1) - this.left(column);
  }

  /** The columns after the pinned ones that are in sight: from the first, to before the last. */
  inSight(scrolled: number, page: number): [number, number] {
    const count = this.edges.length - 1;
    if (count <= ALL) return [this.pinned, count];
    const from = scrolled + this.left(this.pinned);
    const to = scrolled + page;
    let first = this.pinned;
    while (first < count - 1 && this.left(first + 1) < from) first += 1;
    let last = first + 1;
    while (last < count && this.left(last) < to) last += 1;
    return [Math.max(this.pinned, first - 2), Math.min(count, last + 2)];
  }
}
