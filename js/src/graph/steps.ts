/** Where an arrow key leads from a node: along a line, or to a neighbour at the same height. */

import type { Link } from "./protocol";
import type { Point } from "./viewport";

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/** For each arrow in a drawing that flows to the right, the one that does so in one that flows down. */
const TURNED: Record<Arrow, Arrow> = {
  ArrowRight: "ArrowDown",
  ArrowLeft: "ArrowUp",
  ArrowDown: "ArrowRight",
  ArrowUp: "ArrowLeft",
};

/**
 * Return the id of the node to go to, or undefined if there is none in this direction.
 *
 * Down and up follow the lines to the nearest node at their other end; left and right go to the
 * nearest node beside, of which those at the same height come first. In a drawing that flows to the
 * right, `isAcross`, it is right and left that follow the lines.
 */
export function step(
  arrow: Arrow,
  from: string,
  links: Link[],
  places: Map<string, Point>,
  isAcross = false,
): string | undefined {
  if (isAcross) {
    const turned = [...places].map(([id, { x, y }]): [string, Point] => [id, { x: y, y: x }]);
    return step(TURNED[arrow], from, links, new Map(turned));
  }
  const here = places.get(from);
  if (!here) return undefined;
  if (arrow === "ArrowDown" || arrow === "ArrowUp") {
    const ends = links
      .filter(([source, target]) => (arrow === "ArrowDown" ? source : target) === from)
      .map(([source, target]) => (arrow === "ArrowDown" ? target : source));
    return nearest(ends, places, (place) => Math.hypot(place.x - here.x, place.y - here.y));
  }
  const sign = arrow === "ArrowRight" ? 1 : -1;
  const beside = [...places.keys()].filter((id) => {
    const place = places.get(id);
    return id !== from && place !== undefined && (place.x - here.x) * sign > 1;
  });
  // Rows count more than distance: the eye follows a row.
  return nearest(
    beside,
    places,
    (place) => Math.abs(place.x - here.x) + 4 * Math.abs(place.y - here.y),
  );
}

function nearest(
  ids: string[],
  places: Map<string, Point>,
  distance: (place: Point) => number,
): string | undefined {
  let best: string | undefined;
  let shortest = Number.POSITIVE_INFINITY;
  for (const id of ids) {
    const place = places.get(id);
    const length = place ? distance(place) : Number.POSITIVE_INFINITY;
    if (length < shortest) {
      best = id;
      shortest = length;
    }
  }
  return best;
}
