/** What the kernel sends: the synced traits of `GraphView`, and its answers to questions. */

/** An operation, or a group that is closed. */
export type GraphNode = {
  id: string;
  name: string;
  /** The id of the open group around it; empty if none. */
  box: string;
  kind: string;
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
};

/** What a change of the view answers. */
export type Said = { says: string };
export type Revealed = { id: string; says: string };
