"""Search operations by name, type and dtype."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tfspark_magic.graph.structure import Node


@dataclass(frozen=True, slots=True)
class Found:
    """A result of a search.

    Parameters
    ----------
    name, op
        The operation's name and type.
    spec
        The type of its first output; empty if it has none.
    """

    name: str
    op: str
    spec: str


@dataclass(frozen=True, slots=True)
class Finding:
    """The results of a search.

    Parameters
    ----------
    total
        The number of operations that were found.
    findings
        The first results; operations whose name fits come before other ones.
    """

    total: int
    findings: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    last: str
    op: str
    output: str
    node: Node

    def has_dtype(self, dtype: str) -> bool:
        """Whether an output of the operation has a dtype."""
        return any(spec.dtype == dtype for spec in self.node.outputs)


_MISSED = 9

Test = Callable[[_Entry], int]
"""How well an operation fits, with 0 for the best; `_MISSED` if it does not fit."""


class Index:
    """All operations of a program, for searching.

    >>> Index(nodes).search("op:MatMul layer_2").findings           # doctest: +SKIP
    (Found(name='layer_2/MatMul', op='MatMul', spec='float32[?,64]'),)
    """

    def __init__(self, nodes: Sequence[Node], outputs: Mapping[str, str]) -> None:
        self._nodes = nodes
        self._entries = [_entry(node, outputs.get(node.name, "")) for node in nodes]

    def search(self, text: str, limit: int) -> Finding:
        """Find the operations that contain all words of a text."""
        tests = [_test(word) for word in text.lower().split()]
        if not tests:
            return Finding(0, ())
        fits: list[tuple[int, int]] = []
        for index, entry in enumerate(self._entries):
            worst = max(test(entry) for test in tests)
            if worst < _MISSED:
                fits.append((worst, index))
        fits.sort()
        return Finding(len(fits), tuple(_found(self._nodes[index]) for _, index in fits[:limit]))


def _entry(node: Node, output: str) -> _Entry:
    name = node.name.lower()
    return _Entry(name, name.rpartition("/")[2], node.op.lower(), output.lower(), node)


def _found(node: Node) -> Found:
    return Found(node.name, node.op, node.spec)


def _test(word: str) -> Test:
    field, colon, value = word.partition(":")
    if colon and value and field in {"op", "dtype", "name"}:
        if field == "op":
            return lambda entry: 0 if entry.op == value else 1 if value in entry.op else _MISSED
        if field == "dtype":
            return lambda entry: 0 if entry.has_dtype(value) else _MISSED
        return lambda entry: _name_fits(entry, value)

    # The types of tens of thousands of outputs take a second to read.
    is_dtype = _is_dtype(word)

    def fits(entry: _Entry) -> int:
        by_name = _name_fits(entry, word)
        if by_name < _MISSED:
            return by_name
        if word in entry.op:
            return 4
        return 5 if is_dtype and entry.has_dtype(word) else _MISSED

    return fits


def _is_dtype(word: str) -> bool:
    from tfspark_magic.graph.runtime import tf

    try:
        tf.dtypes.as_dtype(word)
    except TypeError:
        return False
    return True


def _name_fits(entry: _Entry, word: str) -> int:
    if word in (entry.name, entry.output):
        return 0
    if word == entry.last:
        return 1
    if entry.last.startswith(word):
        return 2
    return 3 if word in entry.name or word in entry.output else _MISSED
