/** What a node depends on, and what depends on it, along the lines that are drawn. */

import type { Box, GraphNode, Link, View } from "./protocol";

export type Direction = "up" | "down";

/** Return the ids of all that is reached from some nodes, themselves included. */
export function reach(links: Link[], from: Iterable<string>, direction: Direction): Set<string> {
  const next = new Map<string, string[]>();
  for (const [source, target] of links) {
    const [here, there] = direction === "down" ? [source, target] : [target, source];
    const known = next.get(here);
    if (known) known.push(there);
    else next.set(here, [there]);
  }
  const reached = new Set(from);
  for (const id of reached) {
    // A set is walked over in the order of insertion, additions included.
    for (const there of next.get(id) ?? []) reached.add(there);
  }
  return reached;
}

/** Return the nodes that an id stands for: itself, or all in an open group. */
export function within(view: View, id: string): string[] {
  if (!view.boxes.some((box) => box.id === id)) return [id];
  const boxes = new Map(view.boxes.map((box) => [box.id, box.box]));
  const isInside = (box: string): boolean =>
    box === id || (box !== "" && isInside(boxes.get(box) ?? ""));
  return view.nodes.filter((node) => isInside(node.box)).map((node) => node.id);
}

/** Return all open groups around a node or a group, the innermost first. */
export function around(view: View, id: string): string[] {
  const boxes = new Map(
    [...view.nodes, ...view.boxes].map((each: GraphNode | Box) => [each.id, each.box]),
  );
  const found: string[] = [];
  for (let box = boxes.get(id); box; box = boxes.get(box)) found.push(box);
  return found;
}
