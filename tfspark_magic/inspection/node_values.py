"""Compute the tensors of a graph on some rows, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pyarrow as pa

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.freeze import parse
from tfspark_magic.graph.node_tensors import NodeTensor
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.inspection.statistics import Statistics
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.worker.columns_to_tensors import to_tensor
from tfspark_magic.worker.feeding import Feeder
from tfspark_magic.worker.tensorflow_errors import failure

Array = np.ndarray[Any, Any]
Fed = list[Any]


@dataclass
class NodeValues:
    """The values of a tensor, and what they are.

    Parameters
    ----------
    tensor
        The tensor.
    values
        An array for each row; for a graph of blocks, a single array of the whole block. None if
        they are left out, because all values together need more memory than allowed.
    statistics
        What the values are, also of those that are left out.
    failure
        The sentence of the error, if the tensor could not be computed.
    """

    tensor: NodeTensor
    values: list[Array] | None = field(default_factory=list)
    statistics: Statistics = field(default_factory=Statistics)
    failure: str = ""


def node_values(
    program: Program,
    plan: Plan,
    columns: tuple[pa.Array, ...],
    tensors: Sequence[NodeTensor],
    max_bytes: int,
) -> list[NodeValues]:
    """Return the values of tensors, as the graph has them on rows of the columns that feed it.

    >>> node_values(score, plan, (pa.array([3]), pa.array([4])), tensors, 1 << 20)  # doctest: +SKIP

    Parameters
    ----------
    program, plan
        The program, and the plan that binds it to columns.
    columns
        Some rows of the columns, in the order of `distinct(plan.feeds)`.
    tensors
        The tensors.
    max_bytes
        How many bytes of values are kept; other values go into the statistics only.

    Raises
    ------
    NullValuesError, ShapeMismatchError, InexactValueError
        If the rows hold values that the plan does not allow.
    """
    found = [NodeValues(tensor) for tensor in tensors]
    if not columns or not len(columns[0]):
        return found
    left = max_bytes
    with eager_mode():
        rows = [[_array(tensor) for tensor in fed] for fed in _fed(program, plan, columns)]
    with _Runs(program, [tensor.tensor for tensor in tensors]) as run:
        for fed in rows:
            for mine, value in zip(found, run(fed), strict=True):
                if isinstance(value, str):
                    mine.failure = value
                elif mine.values is None:
                    mine.statistics.add(value)
                else:
                    mine.values.append(value)
                    left -= value.nbytes
                    if left < 0:
                        left += sum(kept.nbytes for kept in mine.values)
                        _sum_up(mine)
                        mine.values = None
    for mine in found:
        _sum_up(mine)
        if mine.failure:
            mine.values = None
    return found


def _sum_up(mine: NodeValues) -> None:
    values = mine.values or []
    # Statistics of small arrays take as long as those of a larger one.
    alike = len({value.shape for value in values}) == 1
    for value in [np.stack(values)] if alike else values:
        mine.statistics.add(value)


def _fed(program: Program, plan: Plan, columns: tuple[pa.Array, ...]) -> Iterator[Fed]:
    """Yield the fed tensors: for each row, or for the block of all rows."""
    arrays, _ = Feeder(plan.feeds, "")(columns)
    by_name = dict(zip((feed.placeholder for feed in plan.feeds), range(len(arrays)), strict=True))
    order = [by_name[spec.name] for spec in program.inputs]
    rows = len(arrays[0])
    if plan.per_row and plan.batch is None:
        for row in range(rows):
            one = [to_tensor(arrays[at].slice(row, 1), plan.feeds[at]) for at in order]
            both = zip(program.inputs, order, one, strict=True)
            yield [
                tensor if _takes_batch(spec, plan.feeds[at]) else tf.squeeze(tensor, 0)
                for spec, at, tensor in both
            ]
        return
    if plan.batch is not None:
        # As in a map, the rows are filled up to the number that the graph takes at once.
        chosen = pa.array(np.arange(plan.batch) % rows)
        arrays = [array.take(chosen) for array in arrays]
    tensors = []
    for at in order:
        tensor = to_tensor(arrays[at], plan.feeds[at])
        if tensor is None:
            feed = plan.feeds[at]
            raise ShapeMismatchError(
                f"Column {feed.column!r} for placeholder {feed.placeholder!r}",
                "cells of one shape in a block",
                "cells of several shapes",
                "look at one row: rows=1",
            )
        tensors.append(tensor)
    yield tensors


def _takes_batch(spec: TensorSpec, feed: Feed) -> bool:
    """Whether a placeholder takes a batch of cells, as those of a Keras model do for a row, too."""
    cell = feed.cell.shape
    return spec.shape is not None and cell is not None and len(spec.shape) > len(cell)


class _Runs:
    """Runs a graph for all tensors at once, or for those that can be computed if some cannot.

    A session has any tensors of a graph at no cost; a function would be made anew for them.
    """

    def __init__(self, program: Program, names: Sequence[str]) -> None:
        self._names = list(names)
        self._of = f"Program {program.name!r}"
        graph = internals.ImportedGraph()
        with graph.as_default():
            tf1.import_graph_def(parse(program), name="")
        self._session = tf1.Session(graph=graph)
        weights = {} if program.weights is None else program.weights.tensors()
        self._weights = [_array(weight) for weight in weights.values()]
        self._fed = [*(spec.tensor for spec in program.inputs), *weights]
        self._initializers = program.initializers

    def __enter__(self) -> Self:
        self._session.run(
            [self._session.graph.get_operation_by_name(n) for n in self._initializers]
        )
        self._all = self._callable(self._computed(self._names))
        return self

    def __exit__(self, *error: object) -> None:
        self._session.close()

    def __call__(self, fed: Fed) -> list[Array | str]:
        known = dict(zip(self._fed, fed, strict=False))
        wanted = self._computed(self._names)
        known |= zip(wanted, self._some(wanted, self._all, fed), strict=True)
        return [known[name] for name in self._names]

    def _computed(self, names: list[str]) -> list[str]:
        # A fed tensor cannot be fetched.
        fed = set(self._fed)
        return [name for name in names if name not in fed]

    def _callable(self, names: list[str]) -> Any:
        return internals.session_call(self._session, self._fed, names) if names else lambda *_: []

    def _some(self, names: list[str], run: Any, fed: Fed) -> list[Array | str]:
        try:
            return [_plain(value) for value in run(*fed, *self._weights)]
        except tf.errors.OpError as error:
            if len(names) == 1:
                return [str(failure(error, self._of))]
        found = []
        for half in (names[: len(names) // 2], names[len(names) // 2 :]):
            found += self._some(half, self._callable(half), fed)
        return found


def _array(tensor: tf.Tensor) -> Array:
    return _plain(tensor.numpy())


def _plain(value: Any) -> Array:
    if isinstance(value, bytes):
        # NumPy's own arrays of bytes lose the zeros at the end.
        array = np.empty((), object)
        array[()] = value
        return array
    return np.asarray(value)
