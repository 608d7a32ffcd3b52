"""Describe the view of a graph as plain data, for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfspark_magic.drawing.badge import Badge
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.view import Cluster


def wired(explorer: Explorer, badges: Mapping[str, Badge]) -> dict[str, Any]:
    """Describe the nodes, open groups and links on show; ids are those of the drawing.

    >>> wired(Explorer(score), {})["links"]                         # doctest: +SKIP
    [['op:x', 'op:z'], ['op:y', 'op:mul'], ['op:mul', 'op:z']]

    Parameters
    ----------
    explorer
        The graph on show.
    badges
        What nodes make of some rows, for those who do not see the drawing.
    """
    view, openable, closable = explorer.view, explorer.openable, explorer.closable
    nodes: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []
    for member, box in view.walk():
        common = {"id": visible(member.id), "name": member.name, "box": visible(box)}
        if isinstance(member, Cluster):
            boxes.append(common | {"closable": member.id in closable})
        else:
            says = [member.spec] if member.spec else list(member.lines)
            badge = badges.get(visible(member.id))
            if badge is not None:
                says += badge.lines[badge.is_typed :]
            nodes.append(
                common
                | {
                    "kind": member.kind,
                    "does": "" if member.is_fetched else member.does,
                    "openable": member.id in openable,
                    "says": visible(", ".join(says)),
                }
            )
    links = [[visible(link.source), visible(link.target)] for link in view.links]
    return {"nodes": nodes, "boxes": boxes, "links": links}
