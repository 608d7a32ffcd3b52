"""What the operations of a graph cost on some rows: their time, and the bytes of their tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import FetchNotFoundError
from tfspark_magic.inspection.sizes import Sizes
from tfspark_magic.inspection.table import as_text
from tfspark_magic.schema.spec import Shape
from tfspark_magic.words import bytes_text, count_text, seconds_text

_HEADS = ("operation", "time", "share", "bytes", "FLOPs", "parameters")
_SHOWN = 30
_BODY = re.compile(r"/(body|cond|then|else|branch(\d+))/_\d+/")
"""In the name of a kernel, where it enters a function of a loop or of branches."""


@dataclass(frozen=True, slots=True)
class NodeCost:
    """What an operation, or all operations of a scope, cost.

    Parameters
    ----------
    seconds
        The time of its kernels, without what they wait for.
    bytes
        The size of its tensors.
    flops
        The floating-point operations on these rows, as far as TensorFlow counts them.
    uncounted
        The kinds of its operations that compute, but that TensorFlow does not count.
    parameters, parameter_bytes
        The number of the weights that it has or uses, and their size.
    """

    seconds: float
    bytes: int
    flops: int = 0
    uncounted: tuple[str, ...] = ()
    parameters: int = 0
    parameter_bytes: int = 0


class Cost:
    """What the operations of a graph cost on some rows; shown as a table, the slowest first.

    >>> cost = tfs.peek(score, df, cost=True).cost                  # doctest: +SKIP
    >>> cost["dense"].seconds, cost["dense/MatMul"].bytes           # doctest: +SKIP
    (0.00012, 2048)
    >>> cost["dense"].flops, cost["dense"].parameters               # doctest: +SKIP
    (5120, 272)

    Parameters
    ----------
    nodes
        The cost of each operation that ran; those of a loop ran once in each turn.
    rows
        The number of rows.
    calls
        The operations that are loops, branches or calls, and which of these they are; they stand
        for all inside of them.
    sizes
        The parameters and the arithmetic of the operations.
    """

    def __init__(
        self,
        nodes: dict[str, NodeCost],
        rows: int,
        calls: Mapping[str, str] | None = None,
        sizes: Sizes | None = None,
    ) -> None:
        self._calls, self._sizes = calls or {}, sizes
        self._nodes = dict(sorted(nodes.items(), key=lambda one: -one[1].seconds))
        self.rows = rows

    @property
    def total(self) -> NodeCost:
        """The sum of all operations; they may have run side by side."""
        return self.of(self._nodes)

    @property
    def scopes(self) -> dict[str, NodeCost]:
        """The sum of each scope, the outer ones first."""
        inside: dict[str, list[str]] = {}
        for name in self._nodes:
            parts = name.split("/")
            for depth in range(1, len(parts)):
                inside.setdefault("/".join(parts[:depth]), []).append(name)
        found = {scope: self.of([*names, scope]) for scope, names in inside.items()}
        order = sorted(found, key=lambda scope: (scope.count("/"), -found[scope].seconds))
        return {scope: found[scope] for scope in order}

    def __getitem__(self, name: str) -> NodeCost:
        """Return the cost of an operation, or the sum of a scope, a loop, branches or a call.

        Raises
        ------
        FetchNotFoundError
            If there is no such operation and no such scope, or it did not run.
        """
        if name in self._nodes and name not in self._calls:
            return self.of([name])
        inside = [n for n in self._nodes if n == name or n.startswith(f"{name}/")]
        if not inside:
            raise FetchNotFoundError(name, tuple(self._nodes))
        return self.of(inside)

    def of(self, names: Iterable[str]) -> NodeCost:
        """Return the sum of some operations alone; those that did not run cost nothing."""
        names = list(names)
        ran = _sum(self._nodes[name] for name in names if name in self._nodes)
        if self._sizes is None:
            return ran
        size = self._sizes.of(names)
        return NodeCost(
            ran.seconds, ran.bytes, size.flops, tuple(sorted(size.uncounted)),
            size.parameters, size.bytes,
        )  # fmt: skip

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __str__(self) -> str:
        total = self.total
        rows = []
        for name in list(self._nodes)[:_SHOWN]:
            cost = self.of([name])
            share = f"{100 * cost.seconds / (total.seconds or 1):.0f} %"
            flops = "not counted" if cost.uncounted else f"{cost.flops:,}" if cost.flops else ""
            weights = f"{cost.parameters:,}" if cost.parameters else ""
            line = (name, seconds_text(cost.seconds), share, bytes_text(cost.bytes), flops, weights)
            rows.append(line)
        head = f"{len(self):,} operations on {self.rows:,} rows: "
        head += f"{seconds_text(total.seconds)}, {bytes_text(total.bytes)} of tensors."
        head += f" {count_text(total.flops)} FLOPs, {count_text(total.parameters)} parameters."
        more = len(self) - _SHOWN
        tail = [f"... and {more:,} more that took less time."] if more > 0 else []
        if total.uncounted:
            tail.append(f"FLOPs are not counted for {', '.join(total.uncounted)}.")
        if any(kind != "function" for kind in self._calls.values()):
            tail.append(
                "FLOPs inside of a loop are those of one turn, and of both branches of a choice."
            )
        return "\n".join([head, "", as_text(_HEADS, rows), *tail])

    __repr__ = __str__


def cost_of(
    step_stats: Sequence[Any],
    operations: Iterable[str],
    rows: int,
    calls: Mapping[str, str],
    sizes: Sizes | None,
) -> Cost:
    """Sum up TensorFlow's own statistics of some runs, by operation.

    Parameters
    ----------
    step_stats
        A `StepStats` for each run.
    operations
        The names of the graph's operations, also of those of its functions.
    rows
        The number of rows.
    calls
        The operations that have functions, and of which kind these are.
    sizes
        The parameters and the arithmetic of the operations.
    """
    known, found = frozenset(operations), dict[str, NodeCost]()
    for stats in step_stats:
        for node in (node for device in stats.dev_stats for node in device.node_stats):
            name = _operation(_drawn(node.node_name.removeprefix("Func/")), known)
            if name:
                seconds = 1e-9 * max(0, node.op_end_rel_nanos - node.op_start_rel_nanos)
                size = sum(
                    output.tensor_description.allocation_description.requested_bytes
                    for output in node.output
                )
                found[name] = _sum([found.get(name, NodeCost(0.0, 0)), NodeCost(seconds, size)])
    return Cost(found, rows, calls, sizes)


def shapes_in(stats: Any, operations: Iterable[str]) -> dict[tuple[str, int], Shape]:
    """Return the shapes of the tensors of a run, by operation and number of the output."""
    known, found = frozenset(operations), dict[tuple[str, int], Shape]()
    for node in (node for device in stats.dev_stats for node in device.node_stats):
        name = node.node_name.removeprefix("Func/")
        drawn = _operation(_drawn(name), known)
        # A kernel that only belongs to an operation has tensors of its own.
        if drawn and drawn.rpartition("/")[2] == name.rpartition("/")[2].removesuffix("_0"):
            for output in node.output:
                dims = output.tensor_description.shape.dim
                found[drawn, output.slot] = tuple(dim.size for dim in dims)
    return found


def _drawn(kernel: str) -> str:
    """Return the name of a kernel as a graph with opened functions has it.

    >>> _drawn("a/while/body/_1/a/while/add"), _drawn("case/branch1/_39/case/mul")
    ('a/while/body/add', 'case/branch_1/mul')
    """
    call, *inside = _BODY.split(kernel)
    drawn = call
    for kind, number, name in zip(inside[::3], inside[1::3], inside[2::3], strict=True):
        scope = f"branch_{number}" if number else kind
        # TensorFlow repeats the name of the loop in its body.
        drawn = f"{drawn}/{scope}/{name.removeprefix(f'{call}/')}"
        call = name
    return drawn


def _operation(kernel: str, known: frozenset[str]) -> str:
    """Return the operation to which a kernel belongs: itself, or the one around it."""
    # TensorFlow adds `_0` to some names inside of functions.
    for name in (kernel, re.sub(r"_0(?=/|$)", "", kernel)):
        if name in known:
            return name
    while kernel and kernel not in known:
        kernel = kernel.rpartition("/")[0]
    return kernel


def _sum(costs: Iterable[NodeCost]) -> NodeCost:
    seconds, size = 0.0, 0
    for cost in costs:
        seconds, size = seconds + cost.seconds, size + cost.bytes
    return NodeCost(seconds, size)
