"""Describe what is on show in a graph by its cost, as plain data for the page."""

from __future__ import annotations

from typing import Any

from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.outline import visible
from tfspark_magic.drawing.view import Cluster
from tfspark_magic.inspection.cost import Cost, NodeCost
from tfspark_magic.words import bytes_text, count, count_text, seconds_text

_LISTED = 30


def costs_of(cost: Cost, explorer: Explorer) -> dict[str, Any]:
    """Return the cost of each node and open group on show, and of what costs the most.

    Scopes have the sums of their operations.
    """
    total = cost.total

    def said(one: NodeCost) -> dict[str, Any]:
        return {
            "time": round(one.seconds / (total.seconds or 1), 5),
            "bytes": round(one.bytes / (total.bytes or 1), 5),
            "says": ", ".join(_said(one)),
        }

    nodes: dict[str, Any] = {}
    boxes: dict[str, Any] = {}
    scopes: dict[str, Any] = {}
    for member, _ in explorer.view.walk():
        is_operation = member.id == f"op:{member.name}"
        names = [member.name] if is_operation else explorer.inside(member.id)
        found = said(cost.of(names))
        (boxes if isinstance(member, Cluster) else nodes)[visible(member.id)] = found
        if member.id.startswith("scope:"):
            scopes[member.name] = found
    by_bytes = sorted(cost, key=lambda name: -cost.of([name]).bytes)
    listed = dict.fromkeys([*list(cost)[:_LISTED], *by_bytes[:_LISTED]])
    operations = [{"name": name, "is_scope": False} | said(cost.of([name])) for name in listed]
    sums = [{"name": name, "is_scope": True} | found for name, found in scopes.items()]
    return {
        "total": f"{count(cost.rows, 'row')}: {seconds_text(total.seconds)}, {bytes_text(total.bytes)} of tensors",
        "nodes": nodes,
        "boxes": boxes,
        "list": operations + sums,
    }


def _said(one: NodeCost) -> list[str]:
    said = [seconds_text(one.seconds), bytes_text(one.bytes)]
    if one.flops:
        said.append(f"{count_text(one.flops)} FLOPs")
    if one.uncounted:
        said.append("some FLOPs not counted" if one.flops else "FLOPs not counted")
    return said
