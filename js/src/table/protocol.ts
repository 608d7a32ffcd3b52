/** What the kernel sends: the synced traits of `LiveTable`, and its answers to questions. */

export type Bar = { height: number; says: string; where: string };
export type Top = { text: string; share: number; count: number; where: string };

export type Column = {
  name: string;
  type: string;
  note: string;
  role: "key" | "output" | "fed" | "";
  numeric: boolean;
  pictures: boolean;
  /** The characters of its widest cell. */
  characters: number;
  /** What its values are, over all rows of the preview. */
  sum: { bars: Bar[]; tops: Top[]; says: string; lacks: string };
};

export type Picture = {
  kind?: "plot" | "image";
  source: string;
  title: string;
  width: number;
  height: number;
  crisp: boolean;
};

/** Its text, its kind, and its picture if it has one. */
export type Cell = [text: string, kind: string, picture?: Picture];

/** The cells of some rows and columns, and the numbers of these rows. */
export type Block = { first: number; left: number; numbers: number[]; cells: Cell[][] };

export type State = {
  /** Another number for other rows, or another order. */
  table: number;
  rows: number;
  /** How many of the rows the filter lets through. */
  shown: number;
  filter: string;
  column: number | null;
  falling: boolean;
  caption: string;
  more: string;
  busy: string;
  note: string;
};

export type Traits = { columns: Column[]; start: Block; state: State };

export type Page = {
  row: number;
  name: string;
  type: string;
  facts: [string, string][];
  text: string;
  left: string;
  picture: Picture | null;
};
