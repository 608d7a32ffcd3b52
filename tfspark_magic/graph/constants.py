"""Find the small constants of a graph, with which it may compare its rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tfspark_magic.graph.library import all_nodes
from tfspark_magic.graph.nodes import operation_of, parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1

Constant = bool | int | float | bytes

_ELEMENTS = 16
_MOST = 24

_COMPUTED: Mapping[str, Callable[..., Any]] = {
    "Add": np.add, "AddV2": np.add, "Sub": np.subtract, "Mul": np.multiply,
    "RealDiv": np.true_divide, "Div": np.true_divide, "Pow": np.power, "Neg": np.negative,
    "Exp": np.exp, "Log": np.log, "Sqrt": np.sqrt, "Square": np.square, "Identity": np.asarray,
    "Cast": np.asarray,
}  # fmt: skip
"""The operations on constants that are computed here, because thresholds are written like `10.0 ** 3`."""

_TEXTS = ("pattern", "rewrite")

_SIZED_BY_VALUES = frozenset(
    {"While", "StatelessWhile", "Range", "LinSpace", "Fill", "Tile", "OneHot", "BroadcastTo",
     "RaggedRange", "TensorListReserve", "Bincount", "DenseBincount"}
)  # fmt: skip


def small_constants(program: Program) -> tuple[Constant, ...]:
    """Return the values of a program's small constants, each once, also those inside functions.

    Text patterns in attributes count as constants, too.

    >>> small_constants(above_a_thousand)                           # doctest: +SKIP
    (1000.0,)
    """
    graph_def = parse(program)
    found: dict[Constant, None] = {}
    for nodes in (graph_def.node, *(f.node_def for f in graph_def.library.function)):
        for values in _values(list(nodes)):
            found.update(dict.fromkeys(values))
        found.update(
            dict.fromkeys(
                node.attr[name].s for node in nodes for name in _TEXTS if name in node.attr
            )
        )
    # Axes and similar constants are 0 and 1, which all made-up rows contain.
    by_size = sorted(found, key=lambda v: isinstance(v, float | bytes), reverse=True)
    return tuple(by_size[:_MOST])


def sizes_by_values(program: Program) -> bool:
    """Whether the values of rows may decide how long a graph runs, or how much memory it takes."""
    return any(node.op in _SIZED_BY_VALUES for node in all_nodes(parse(program)))


def _values(nodes: list[tf1.NodeDef]) -> Iterator[list[Constant]]:
    known: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        # The nodes are read twice, because the nodes of a function are in no order.
        for node in nodes * 2:
            if node.name in known:
                continue
            if node.op == "Const":
                tensor = node.attr["value"].tensor
                size = math.prod(axis.size for axis in tensor.tensor_shape.dim)
                if size > _ELEMENTS:
                    continue
                value = tf.make_ndarray(tensor)
            else:
                names = [operation_of(name) for name in node.input if name[:1] != "^"]
                compute = _COMPUTED.get(node.op)
                if compute is None or not names or any(name not in known for name in names):
                    continue
                value = np.asarray(compute(*(known[name] for name in names)))
            known[node.name] = value
            if value.dtype.kind in "biufSO" and value.size <= _ELEMENTS:
                yield value.reshape(-1).tolist()
