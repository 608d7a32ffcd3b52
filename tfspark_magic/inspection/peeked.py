"""The result of `peek`: the values of a graph's nodes on some rows, and what they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from html import escape
from typing import Any

import numpy as np

from tfspark_magic.errors import FetchNotFoundError, NotAvailableError
from tfspark_magic.inspection.cost import Cost
from tfspark_magic.inspection.node_values import Array, NodeValues
from tfspark_magic.inspection.table import as_html, as_text
from tfspark_magic.schema.spec import TensorSpec, format_shape

_HEADS = ("node", "operation", "cells", "least", "mean", "most", "NaN", "infinite", "zero", "")
_CONSTANTS = ("Const",)
_SHOWN = 60
"""The largest number of nodes in the table; a notebook stores what it shows."""


class Peek:
    """The values of a graph's nodes on some rows; shown as a table of statistics.

    >>> seen = tfs.peek(score, df)                                  # doctest: +SKIP
    >>> seen["mul"]                                                 # doctest: +SKIP
    array([10, 30, 60], dtype=int32)
    >>> seen.statistics["mul"].most                                 # doctest: +SKIP
    60

    Parameters
    ----------
    nodes
        The values by node, each node after those that it is made of.
    rows
        The number of rows.
    in_rows
        True if the graph ran on each row alone; False if it ran on the block of all rows.
    outputs
        The program's outputs, whose names stand for their nodes.
    cost
        What the operations cost, if it was measured.
    """

    def __init__(
        self,
        nodes: Sequence[NodeValues],
        rows: int,
        *,
        in_rows: bool,
        outputs: Sequence[TensorSpec] = (),
        cost: Cost | None = None,
    ) -> None:
        self._cost = cost
        self._outputs = {spec.name: spec.tensor for spec in outputs}
        self._nodes = {node.tensor.name: node for node in nodes}
        self.rows, self.in_rows = rows, in_rows

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes; for outputs after the first, with the number: `split:1`."""
        return tuple(self._nodes)

    @property
    def statistics(self) -> dict[str, Any]:
        """What the values of each node are: count, least, mean, most, NaN, infinite, zero."""
        return {name: node.statistics for name, node in self._nodes.items()}

    @property
    def values(self) -> dict[str, Any]:
        """The values of each node whose values are kept, as `peek[node]` gives them."""
        return {name: self[name] for name, node in self._nodes.items() if _is_kept(node)}

    @property
    def cost(self) -> Cost:
        """What the operations cost on the first of these rows.

        Raises
        ------
        NotAvailableError
            If it was not measured.
        """
        if self._cost is None:
            message = "The cost was not measured: tfs.peek(..., cost=True)."
            raise NotAvailableError(message)
        return self._cost

    @property
    def left_out(self) -> tuple[str, ...]:
        """The nodes whose values are not kept, because all together need too much memory."""
        return tuple(n for n, node in self._nodes.items() if node.is_left_out)

    @property
    def failures(self) -> dict[str, str]:
        """The nodes that could not be computed, with the errors: the first one is the cause."""
        return {name: node.failure for name, node in self._nodes.items() if node.failure}

    @cached_property
    def not_finite(self) -> str | None:
        """The first node that made a NaN or infinity of finite values; None if there is none.

        If the rows themselves hold one, it is the placeholder. Constants do not count: infinity is
        often the start of a maximum.
        """
        for name, node in self._nodes.items():
            if node.statistics.is_finite or node.tensor.operation in _CONSTANTS:
                continue
            made_of = (self._nodes.get(source) for source in node.tensor.inputs)
            if all(one is None or one.statistics.is_finite for one in made_of):
                return name
        return None

    def __getitem__(self, node: str) -> Any:
        """Return the values of a node or an output: an array `[rows, *cell]`, or a list if rows differ in shape.

        For a graph of blocks it is the array of the block of all rows. An operation of a loop has
        its values of the last turn. Rows for which an operation of a branch or loop did not run,
        and rows with a null, have None.

        Raises
        ------
        FetchNotFoundError
            If there is no such node here.
        NotAvailableError
            If its values are left out, could not be computed, or it did not run for any row.
        """
        name = self._outputs.get(node, node).removesuffix(":0")
        if name not in self._nodes:
            raise FetchNotFoundError(node, self.nodes)
        found = self._nodes[name]
        if found.values is None:
            why = found.failure or (
                f"The values of node {name!r} need more memory than allowed: look at it alone, by "
                f"nodes=[{name!r}], at fewer rows, or raise max_bytes."
            )
            raise NotAvailableError(why)
        if found.values and not found.arrays:
            sentence = (
                f"Node {name!r} did not run on these rows: it is in a branch that was not taken, in "
                f"a loop without a turn, or all rows have nulls. rows= and seed= choose other rows."
            )
            raise NotAvailableError(sentence)
        return _together(found.values) if self.in_rows else found.values[0]

    def node(self, name: str) -> NodeValues | None:
        """Return the values and statistics of a node by its own name; None if it has none."""
        return self._nodes.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __str__(self) -> str:
        return "\n".join([self._head(), "", as_text(_HEADS, self._table()), *self._more()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        table = as_html(_HEADS, self._table(), _HEADS[3:9], lambda row: bool(row[-1]))
        return (
            f'<div style="font-size:13px;color:inherit;overflow-x:auto">{escape(self._head())}'
            f"{table}{escape(''.join(self._more()))}</div>"
        )

    def _head(self) -> str:
        nodes = f"{len(self):,} node{'' if len(self) == 1 else 's'}"
        rows = f"{self.rows} row{'' if self.rows == 1 else 's'}"
        how = "each alone" if self.in_rows else "as one block"
        first = self.not_finite
        told = f" The first NaN or infinity is made by {first!r}." if first else ""
        return f"{nodes} on {rows}, {how}.{told}"

    def _table(self) -> list[tuple[str, ...]]:
        """Return rows of words: of the first nodes, and of those with a note."""
        notes = {name: self._note(name, node) for name, node in self._nodes.items()}
        shown = [name for at, (name, note) in enumerate(notes.items()) if at < _SHOWN or note]
        return [self._row(name, self._nodes[name], notes[name]) for name in shown[: 2 * _SHOWN]]

    def _more(self) -> list[str]:
        more = len(self) - len(self._table())
        return [f"... and {more:,} more: peek.nodes names them, nodes= chooses."] if more else []

    def _note(self, name: str, node: NodeValues) -> str:
        if name == self.not_finite:
            return "the first NaN or infinity"
        return node.failure or ("not kept" if node.is_left_out else node.ran)

    def _row(self, name: str, node: NodeValues, note: str) -> tuple[str, ...]:
        tensor, found = node.tensor, node.statistics
        shape = _shape(node) or format_shape(tensor.shape)
        numbers = (found.least, found.mean, found.most)
        shares = (found.nan, found.infinite, found.zero)
        return (
            name, tensor.operation, f"{tensor.dtype}{shape}",
            *("" if number is None else _number(number) for number in numbers),
            *(_share(count, found.count) for count in shares), note,
        )  # fmt: skip


def _is_kept(node: NodeValues) -> bool:
    return node.values is not None and bool(node.arrays or not node.values)


def _together(values: Sequence[Array | None]) -> Any:
    arrays = [value for value in values if value is not None]
    if len(arrays) < len(values) or len({value.shape for value in arrays}) > 1:
        return list(values)
    return np.stack(arrays) if arrays else np.empty(0)


def _shape(node: NodeValues) -> str:
    """Return the shape that all rows have; empty if they differ, or there are none."""
    shapes = {value.shape for value in node.arrays}
    return format_shape(shapes.pop()) if len(shapes) == 1 else ""


def _number(number: Any) -> str:
    return f"{number:.4g}" if isinstance(number, float) else str(number)


def _share(count: int, of: int) -> str:
    if not count:
        return ""
    return "all" if count == of else f"{count} of {of}"
