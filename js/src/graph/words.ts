/** What is said of things: to those who read, and to those who listen. */

import type { Box, GraphNode, View } from "./protocol";

const KINDS: Record<string, string> = {
  placeholder: "placeholder",
  fetch: "fetch",
  variable: "variable",
  constant: "constant",
  op: "operation",
  scope: "scope",
  series: "series",
  band: "group of neighbours",
  step: "repetition",
};

export function kindWord(kind: string): string {
  return KINDS[kind] ?? kind;
}

/** Name a node for those who do not see it. */
export function nodeLabel(node: GraphNode): string {
  const kind = node.openable ? `closed ${kindWord(node.kind)}` : kindWord(node.kind);
  return [node.name, kind, node.says].filter(Boolean).join(", ");
}

export function boxLabel(box: Box): string {
  return `${box.name}, open ${kindWord(box.id.split(":", 1)[0] ?? "")}`;
}

export function nameOf({ nodes, boxes }: View, id: string): string {
  return [...nodes, ...boxes].find((each) => each.id === id)?.name ?? "";
}

/** What stands where there is nothing else to say. */
export function invitation({ nodes, boxes }: View): string {
  const groups = boxes.length || nodes.some((node) => node.openable);
  return [
    `${count(nodes.length, "node")} on show.`,
    "A click shows what one is.",
    groups ? "A double click opens or closes a group." : "",
  ].join(" ");
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}
