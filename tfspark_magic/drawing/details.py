"""Describe one operation or group of a drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tfspark_magic.drawing.scopes import Group, call_of, span_of
from tfspark_magic.graph.attributes import attribute_text, attributes
from tfspark_magic.graph.node_tensors import inside_loops
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.structure import Edge, Node, written
from tfspark_magic.words import bytes_text, count_text

if TYPE_CHECKING:
    from tfspark_magic.inspection.sizes import Sizes

_SHOWN_ENDS = 40
_SHOWN_OPS = 12
_HANDLES = ("variant", "resource")
_OPENS = {
    "loop": "A loop. Operations inside have the values of the last turn.",
    "branches": "Branches, one of which runs. Operations inside have values for the rows that take it.",
    "function": "A function, with its operations inside.",
}


@dataclass(frozen=True, slots=True)
class End:
    """The operation at the other end of an edge.

    Parameters
    ----------
    name
        The name of the operation.
    spec
        The type of the tensor in between; empty if it is not known.
    is_control
        Whether only the order matters.
    """

    name: str
    spec: str
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """The description of an operation or a group.

    Parameters
    ----------
    id, name
        The id and name of the operation or group.
    kind
        The operation's role; `scope`, `series`, `step` or `band` for a group.
    op
        The type of the operation; empty for a group.
    outputs
        The types of its outputs.
    attributes
        The attributes by name, as text, long ones cut. For a group: its kinds of operations, with
        their numbers.
    inputs, consumers
        The operations from which its tensors come and to which they go, in order.
    more_inputs, more_consumers
        How many of them are left out.
    column
        The column that a placeholder is bound to.
    value
        The value of a short constant.
    operations
        How many operations a group holds.
    part_of
        The operation of whose node it is a part.
    note
        A remark.
    """

    id: str
    name: str
    kind: str
    op: str = ""
    outputs: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    inputs: tuple[End, ...] = ()
    more_inputs: int = 0
    consumers: tuple[End, ...] = ()
    more_consumers: int = 0
    column: str = ""
    value: str = ""
    operations: int = 1
    part_of: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class SizeInWords:
    """How large operations are; empty where there is nothing to say.

    Parameters
    ----------
    parameters
        How many weights they have or use.
    flops
        The arithmetic that they need for one row.
    """

    parameters: str = ""
    flops: str = ""


class Lookup:
    """A program's operations by name, with their attributes and consumers.

    >>> Lookup(score, structure(score)).operation("z", "z", "").op  # doctest: +SKIP
    'AddV2'
    """

    def __init__(self, program: Program, nodes: Sequence[Node]) -> None:
        self._program = program
        self._listed = nodes
        self._nodes = {node.name: node for node in nodes}

    def __contains__(self, name: str) -> bool:
        return name in self._nodes

    def node(self, name: str) -> Node:
        """Return an operation."""
        return self._nodes[name]

    def operation(self, name: str, drawn_as: str, column: str) -> Details:
        """Return the description of an operation.

        Parameters
        ----------
        name
            The operation's name.
        drawn_as
            The operation in whose node it is drawn, usually itself; empty if it is not drawn.
        column
            The column to which it is bound.
        """
        node = self._nodes[name]
        taken = [End(edge.source, edge.spec, edge.is_control) for edge in node.inputs[:_SHOWN_ENDS]]
        given = [
            End(user, edge.spec, edge.is_control)
            for user, edge in self._consumers.get(name, [])[:_SHOWN_ENDS]
        ]
        more = len(self._consumers.get(name, [])) - len(given)
        return Details(
            f"op:{name}",
            name,
            node.role,
            node.op,
            tuple(written(spec.dtype, spec.shape) for spec in node.outputs),
            tuple(sorted(self._texts(name))),
            tuple(taken),
            len(node.inputs) - len(taken),
            tuple(given),
            more,
            column,
            node.value,
            part_of="" if drawn_as == name else drawn_as,
            note=self._note(node) if drawn_as else "Not drawn: no fetch uses it.",
        )

    def group(self, identity: str, group: Group) -> Details:
        """Return the description of a group."""
        call = call_of(group)
        names = (name for item in group.leaves() for name in (item.name, *item.folded))
        counts = Counter(self._nodes[name].op for name in names)
        shown = [(op, f"{count:,}") for op, count in counts.most_common(_SHOWN_OPS)]
        if len(counts) > _SHOWN_OPS:
            shown.append((f"{len(counts) - _SHOWN_OPS} other kinds", ""))
        return Details(
            identity,
            group.path if group.kind == "scope" else span_of(group),
            group.kind,
            attributes=tuple(shown),
            operations=group.operations,
            note=_OPENS[call.node.opens] if call is not None else "",
        )

    def size(self, names: Iterable[str]) -> SizeInWords:
        """Say how large operations are together; of many operations, this takes a while."""
        size = self._sizes.of(names)
        parameters, flops = "", ""
        if size.parameters:
            parameters = f"{size.parameters:,} ({bytes_text(size.bytes)})"
        if size.flops:
            flops = f"{count_text(size.flops)} for a row"
        if size.uncounted:
            flops = (
                f"{flops}, without {size.left_out}" if flops else f"not counted: {size.left_out}"
            )
        return SizeInWords(parameters, flops)

    @cached_property
    def _sizes(self) -> Sizes:
        from tfspark_magic.inspection.sizes import Sizes

        return Sizes(self._program, nodes=self._listed)

    def _note(self, node: Node) -> str:
        """Say what is special about the values of an operation."""
        if node.opens:
            return _OPENS[node.opens]
        if node.op == "LoopVariable":
            return f"A variable of the loop {node.inside}, with its value before the last turn."
        if node.outputs and all(spec.dtype in _HANDLES for spec in node.outputs):
            return "It gives a handle, not numbers: there are no values to show."
        if node.inside:
            return self._inside_note(node)
        if node.name in self._without_values:
            return "In a loop or branch of TensorFlow 1: it has no values to show."
        calls = (
            value.WhichOneof("value") for value in self._attributes.get(node.name, {}).values()
        )
        return "The function that it calls is not shown." if "func" in calls else ""

    def _inside_note(self, node: Node) -> str:
        around = node.inside
        while around:
            if self._nodes[around].opens == "loop":
                return f"In the loop {around}: its values are those of the last turn."
            around = self._nodes[around].inside
        return f"In {node.inside}: it has values for the rows that come here."

    @cached_property
    def _without_values(self) -> set[str]:
        return inside_loops(self._listed)

    @cached_property
    def _attributes(self) -> dict[str, Any]:
        from tfspark_magic.graph.opened import opened

        return dict(attributes(opened(self._program).program))

    def _texts(self, name: str) -> list[tuple[str, str]]:
        values = self._attributes.get(name, {})
        return [(key, attribute_text(values[key])) for key in values if not key.startswith("_")]

    @cached_property
    def _consumers(self) -> dict[str, list[tuple[str, Edge]]]:
        consumers: dict[str, list[tuple[str, Edge]]] = {}
        for node in self._nodes.values():
            for edge in node.inputs:
                consumers.setdefault(edge.source, []).append((node.name, edge))
        return consumers
