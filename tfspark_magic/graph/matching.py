"""Match the operations of two graphs: by name, and else by what they compute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.opened import opened
from tfspark_magic.graph.program import Program

_NOT_COMPUTED = frozenset(
    {
        "_output_shapes",
        "_class",
        "_xla_inferred_shapes",
        "_num_original_outputs",
        "_stateful_parallelism",
    }
)
"""Attributes that change nothing of what an operation computes."""


@dataclass(frozen=True)
class Matching:
    """What became of the operations of a graph in another graph; nothing has been computed.

    >>> found = match(old, new)                                     # doctest: +SKIP
    >>> found.came, found.went, found.changed                       # doctest: +SKIP
    (('dense/Relu',), ('dense/Tanh',), ('z',))

    Parameters
    ----------
    pairs
        The operation of the new graph for each operation of the old one that it still has.
    came, went
        The operations that only the new graph has, and those that only the old one has.
    changed
        The operations, by their names in the new graph, that compute something else of what they
        take, or take something else.
    """

    pairs: Mapping[str, str]
    came: tuple[str, ...]
    went: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def renamed(self) -> dict[str, str]:
        """The new names of operations that have another one now."""
        return {old: new for old, new in self.pairs.items() if old != new}


def match(old: Program, new: Program) -> Matching:
    """Match the operations of two programs.

    Operations of one name are one operation. Of the others, two are one if they compute the same of
    the same: their type, their attributes and the operations that they take match, and no third one
    does so too. Constants are the same if their values are.
    """
    before, after = _operations(old), _operations(new)
    pairs = {name: name for name in before if name in after}
    # Each new pair may be what further operations take.
    while found := _alike(before, after, pairs):
        pairs |= found
    taken = set(pairs.values())
    changed = (b for a, b in pairs.items() if before[a].by(pairs) != after[b].by())
    order = {name: at for at, name in enumerate(after)}
    return Matching(
        pairs,
        came=tuple(name for name in after if name not in taken),
        went=tuple(name for name in before if name not in pairs),
        changed=tuple(sorted(changed, key=order.__getitem__)),
    )


@dataclass(frozen=True)
class _Operation:
    """What an operation computes, and the outputs of operations that it takes."""

    computes: tuple[Any, ...]
    takes: tuple[tuple[str, str], ...]

    def by(self, names: Mapping[str, str] | None = None) -> tuple[Any, ...]:
        """Return all of it, with other names for the operations that it takes."""
        known = names or {}
        return self.computes, tuple((known.get(name, name), output) for name, output in self.takes)


def _operations(program: Program) -> dict[str, _Operation]:
    """Return the operations by name, each after those that it takes where they are in this order."""
    found = opened(program)
    return {
        node.name: _operation(node, opens=node.name in found.calls)
        for node in parse(found.program).node
        if node.name not in found.hidden
    }


def _operation(node: Any, *, opens: bool) -> _Operation:
    attributes = (
        (name, value.SerializeToString(deterministic=True))
        for name, value in sorted(node.attr.items())
        if name not in _NOT_COMPUTED
        # What functions do is compared by their operations, and their names mean nothing.
        and not (opens and _names_functions(value))
    )
    takes = []
    for given in node.input:
        name, _, output = given.removeprefix("^").partition(":")
        takes.append((name, "^" if given.startswith("^") else output or "0"))
    return _Operation((node.op, *attributes), tuple(takes))


def _names_functions(value: Any) -> bool:
    return value.WhichOneof("value") == "func" or bool(value.list.func)


def _alike(
    before: Mapping[str, _Operation], after: Mapping[str, _Operation], pairs: Mapping[str, str]
) -> dict[str, str]:
    """Return further pairs: operations that are alike, and unlike all others that have no pair."""
    taken = set(pairs.values())
    olds = _grouped({n: one.by(pairs) for n, one in before.items() if _is_next(n, one, pairs)})
    news = _grouped({n: o.by() for n, o in after.items() if n not in taken})
    return {
        names[0]: news[what][0]
        for what, names in olds.items()
        if len(names) == 1 and len(news.get(what, ())) == 1
    }


def _is_next(name: str, operation: _Operation, pairs: Mapping[str, str]) -> bool:
    """Whether an operation has no pair yet, but all that it takes has one."""
    return name not in pairs and all(taken in pairs for taken, _ in operation.takes)


def _grouped(what: Mapping[str, tuple[Any, ...]]) -> dict[tuple[Any, ...], Sequence[str]]:
    groups: dict[tuple[Any, ...], list[str]] = {}
    for name, computed in what.items():
        groups.setdefault(computed, []).append(name)
    return dict(groups)
