/** What the kernel sends: the synced traits of `GraphView`, and its answers to questions. */

/** An operation, or a group that is closed. */
export type GraphNode = {
  id: string;
  name: string;
  /** The id of the open group around it; empty if none. */
  box: string;
  kind: string;
  /** The kind of what it computes; empty if there is none. */
  does: string;
  openable: boolean;
  /** Its type, or what it holds. */
  says: string;
};

/** A group that is open. */
export type Box = { id: string; name: string; box: string; closable: boolean };

/** The ids at both ends of a line. */
export type Link = [source: string, target: string];

export type View = { nodes: GraphNode[]; boxes: Box[]; links: Link[]; text?: string };

export type Traits = {
  uid: string;
  title: string;
  svg: string;
  view: View;
  /** A name that was selected, and the id of what shows it. */
  at: string[];
  selected: string;
  direction: "down" | "right";
  /** Where somebody moved the drawing to: the middle of the window, and pixels per unit. */
  viewport: number[];
  /** The width of the window, in points. */
  room: number;
  peeking: Peeking;
  cost: Cost | Record<string, never>;
  /** For a comparison: what the old and the new graph do not have. */
  sides?: { old: string[]; new: string[] };
  /** Texts of nodes that are others in the old graph: pairs of the new and the old one, by ids. */
  old_words?: Record<string, [string, string][]>;
};

/** What something costs: its shares of time and bytes, and both in words. */
export type Costly = { time: number; bytes: number; says: string };

export type Cost = {
  total: string;
  /** By the ids of what is on show. */
  nodes: Record<string, Costly>;
  boxes: Record<string, Costly>;
  list: (Costly & { name: string; is_scope: boolean })[];
};

/** Whether rows can be peeked at, and what became of the last ones. */
export type Peeking = {
  can: boolean;
  /** Whether these are two graphs on the same rows. */
  compared: boolean;
  state: "" | "busy" | "failed" | "ready";
  says: string;
  /** The first node that made a NaN or infinity. */
  first: string;
};

/** A picture as the pixels of a PNG or JPEG, or as the path of an SVG. */
export type Picture = {
  source?: string;
  /** Whether it is a photograph, whose pixels are no squares. */
  smooth?: boolean;
  path?: string;
  width: number;
  height: number;
  alt: string;
};

/** The values of a tensor: over all rows, and for one row. */
export type Page = {
  name: string;
  spec: string;
  facts: [string, string][];
  note: string;
  all: Picture | null;
  /** How many rows there are to walk through; 0 if it has no rows. */
  rows: number;
  row: number;
  one: Picture | null;
  cells: string[][];
  left: string;
};

export type Found = { name: string; op: string; spec: string };
export type Finding = { total: number; findings: Found[] };

export type End = { name: string; spec: string; is_control: boolean };

export type Details = {
  id: string;
  name: string;
  kind: string;
  op: string;
  outputs: string[];
  attributes: [string, string][];
  inputs: End[];
  more_inputs: number;
  consumers: End[];
  more_consumers: number;
  column: string;
  value: string;
  operations: number;
  part_of: string;
  note: string;
  /** Whether it is computed, as the form says; null if there is no choice. */
  fetched: boolean | null;
};

/** How large something is, in words. */
export type Size = { parameters: string; flops: string };

/** What a change of the view answers. */
export type Said = { says: string };
export type Revealed = { id: string; says: string };
