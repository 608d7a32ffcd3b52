/** The cells that have come from the kernel, in blocks; what is in sight and not here is asked for. */

import type { Kernel } from "../graph/kernel";
import type { Block, Cell } from "./protocol";

const ROWS = 40;
const COLUMNS = 24;

export class Cells {
  #blocks = new Map<string, Block | null>();
  #table = 0;

  constructor(
    private kernel: Kernel,
    private onCome: () => void,
  ) {}

  /** Forget all cells but those of the first block. */
  reset(start: Block): void {
    this.#table += 1;
    this.#blocks.clear();
    this.#blocks.set("0:0", start);
  }

  /** A cell; undefined where it has not come yet. */
  get(row: number, column: number): Cell | undefined {
    const block = this.#block(row, column);
    return block?.cells[row - block.first]?.[column - block.left];
  }

  /** The number of a row in the whole preview. */
  number(row: number): number | undefined {
    const block = this.#block(row, 0);
    return block?.numbers[row - block.first];
  }

  /** Ask for the blocks of these rows and columns that are not here. */
  need(rows: [number, number], columns: [number, number]): void {
    for (let row = Math.floor(rows[0] / ROWS); row * ROWS < rows[1]; row += 1) {
      for (let at = Math.floor(columns[0] / COLUMNS); at * COLUMNS < columns[1]; at += 1) {
        const key = `${row}:${at}`;
        if (this.#blocks.has(key)) continue;
        this.#blocks.set(key, null);
        void this.#ask(key, row * ROWS, at * COLUMNS);
      }
    }
  }

  #block(row: number, column: number): Block | null | undefined {
    return this.#blocks.get(`${Math.floor(row / ROWS)}:${Math.floor(column / COLUMNS)}`);
  }

  async #ask(key: string, row: number, column: number): Promise<void> {
    const table = this.#table;
    const wanted = { rows: [row, row + ROWS], columns: [column, column + COLUMNS] };
    try {
      const block = await this.kernel.ask<Block>("cells", wanted);
      if (table === this.#table) this.#blocks.set(key, block);
    } catch {
      // Rows that are gone meanwhile: what is in sight then is asked for again.
      if (table === this.#table) this.#blocks.delete(key);
      return;
    }
    if (table === this.#table) this.onCome();
  }
}
