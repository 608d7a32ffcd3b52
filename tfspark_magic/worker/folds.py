"""Fold rows into one cell for each group, and such partial results into fewer.

A plain sum, mean, minimum, maximum or product is added up where its group stands, with no sort. Any
other graph is run on runs of rows: each group is cut into runs of power-of-two length,
the largest first, so that all runs of one length, over all groups, are one vectorized call; their
results are cut into runs again, until there is one for each group. That is about log2 of the
largest group calls, however many groups there are and however unequal, and the rows of a group
stay in their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfspark_magic.binding.reductions import BLOCKS, GROUPS, ROWS, ReductionPlan, State
from tfspark_magic.errors import (
    NotAlgebraicError,
    ShapeMismatchError,
    WorkerFailedError,
)
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.spec import FLOATS, format_shape
from tfspark_magic.worker.compare import equal_but_rounding
from tfspark_magic.worker.devices import claim
from tfspark_magic.worker.program_cache import load_program
from tfspark_magic.worker.reasons import failure
from tfspark_magic.worker.shipped import ProgramSource

_FEWEST = 3
_RADIX = 1 << 16

Groups = np.ndarray[Any, np.dtype[np.int64]]
Tensors = list[tf.Tensor]


class Fold:
    """Folds as a plan says.

    >>> fold = Fold(plan, digest, read)                             # doctest: +SKIP
    >>> states = fold.rows(tensors, groups, 1000)                   # doctest: +SKIP
    >>> fewer = fold.merge(states, groups_of_states, 10)            # doctest: +SKIP
    >>> fetches = fold.finish(fewer)                                # doctest: +SKIP

    Parameters
    ----------
    plan
        What to fold.
    digest, read
        Identify the graph and give its bytes; of no use where all fetches have a kind.
    """

    def __init__(self, plan: ReductionPlan, digest: str, read: ProgramSource) -> None:
        # Plain reductions run on the CPU, beside the data, whatever is asked for.
        self._device = claim("cpu" if plan.graph is None else plan.device, plan.gpu_share)
        self._plan = plan
        self._digest = digest
        self._read = read
        self._states = plan.states
        self._graph_states = [i for i, state in enumerate(self._states) if state.kind == "graph"]
        self._unchecked = {"made up", "rows", "results"} if plan.check else set()

    def rows(self, tensors: Sequence[tf.Tensor], groups: Groups | None, count: int) -> Tensors:
        """Fold rows: a state `[count, *cell]` for each of `plan.states`.

        Parameters
        ----------
        tensors
            `[rows, *cell]` for each feed, at least one row.
        groups
            The group of each row, from 0; None if all are of one.
        count
            How many groups there are, each with a row.
        """
        values = [self._start(state, tensors[state.fetch]) for state in self._states]
        return self._fold(values, groups, count, alone=False)

    def merge(self, states: Sequence[tf.Tensor], groups: Groups | None, count: int) -> Tensors:
        """Fold partial results, `[partials, *cell]` for each state, in their order."""
        return self._fold(list(states), groups, count, alone=True)

    def finish(self, states: Sequence[tf.Tensor]) -> Tensors:
        """Return the fetches, `[groups, *cell]` each, of folded states."""
        results: Tensors = []
        for fetch, ((_, cell), kind) in enumerate(
            zip(self._plan.outputs, self._plan.kinds, strict=True)
        ):
            mine = [t for s, t in zip(self._states, states, strict=True) if s.fetch == fetch]
            dtype = "string" if cell.dtype == "binary" else cell.dtype
            if kind == "mean":
                total, number = mine
                shape = [-1] + [1] * (len(total.shape) - 1)
                number = tf.cast(tf.reshape(number, shape), total.dtype)
                # Whole numbers are divided towards zero, as TensorFlow's mean of them is.
                total = total / number if dtype in FLOATS else tf.truncatediv(total, number)
                results.append(tf.cast(total, dtype))
            else:
                results.append(tf.cast(mine[0], dtype) if dtype in FLOATS else mine[0])
        return results

    def _start(self, state: State, tensor: tf.Tensor) -> tf.Tensor:
        if state.kind == "count":
            return np.ones(int(tensor.shape[0]), np.int64)
        dtype = "string" if state.cell.dtype == "binary" else state.cell.dtype
        return tensor if tensor.dtype.name == dtype else tf.cast(tensor, dtype)

    def _fold(self, values: Tensors, groups: Groups | None, count: int, *, alone: bool) -> Tensors:
        """Fold all states; `alone` says that a lone value is a result already."""
        folded: dict[int, tf.Tensor] = {}
        for i, state in enumerate(self._states):
            if state.kind != "graph":
                folded[i] = _segments(state.kind, values[i], groups, count)
        if self._graph_states:
            mine = [values[i] for i in self._graph_states]
            if self._unchecked:
                self._check(mine, results=alone)
            results = self._fold_by_graph(mine, groups, count, alone=alone)
            folded.update(zip(self._graph_states, results, strict=True))
        return [folded[i] for i in range(len(self._states))]

    def _fold_by_graph(
        self, values: Tensors, groups: Groups | None, count: int, *, alone: bool
    ) -> Tensors:
        if self._plan.verb == ROWS:
            return self._pairwise(values)
        if groups is None:
            groups = np.zeros(int(values[0].shape[0]), np.int64)
        if self._plan.verb == BLOCKS:
            if alone and len(groups) == 1:
                return values
            return [tensor[None] for tensor in self._call(values)]
        # Small numbers are sorted by radix, ten times faster.
        order = np.argsort(groups.astype(np.uint16 if count < _RADIX else np.int64), kind="stable")
        sizes = np.bincount(groups, minlength=count)
        if (order[1:] < order[:-1]).any():
            values = [tf.gather(tensor, order) for tensor in values]
        if alone and (sizes == 1).all():
            return values
        while True:
            values, sizes = self._fold_runs(values, sizes, alone=alone)
            alone = True
            if (sizes == 1).all():
                return values

    def _fold_runs(self, values: Tensors, sizes: Groups, *, alone: bool) -> tuple[Tensors, Groups]:
        """Fold each run of each group, the groups standing one after the other."""
        starts = np.cumsum(sizes) - sizes
        places: list[np.ndarray[Any, Any]] = []
        folded: list[Tensors] = []
        for bit in range(int(sizes.max()).bit_length()):
            length = 1 << bit
            has = np.flatnonzero(sizes & length)
            if not len(has):
                continue
            # Longer runs come first: before this one are the higher bits of the group's size.
            first = starts[has] + (sizes[has] >> (bit + 1) << (bit + 1))
            places.append(first)
            if length == 1 and alone:
                folded.append([tf.gather(tensor, first) for tensor in values])
                continue
            rows = first[:, None] + np.arange(length)
            folded.append(self._call([tf.gather(tensor, rows) for tensor in values]))
        back = np.argsort(np.concatenate(places))
        results = [
            tf.gather(tf.concat(list(parts), 0), back) for parts in zip(*folded, strict=True)
        ]
        return results, np.bitwise_count(sizes).astype(np.int64)

    def _pairwise(self, values: Tensors) -> Tensors:
        """Fold neighbours, then what came of them, level after level."""
        while (rows := int(values[0].shape[0])) > 1:
            even = rows - rows % 2
            left = [tensor[:even:2] for tensor in values]
            right = [tensor[1:even:2] for tensor in values]
            folded = self._call([*left, *right])
            if rows % 2:
                folded = [tf.concat([f, t[even:]], 0) for f, t in zip(folded, values, strict=True)]
            values = folded
        return values

    def _call(self, values: Tensors) -> Tensors:
        graph = self._plan.graph
        assert graph is not None
        program = load_program(graph, self._digest, self._read, self._device)
        try:
            outcomes = program.run(values)
        except tf.errors.OpError as error:
            raise failure(error, f"Program {self._plan.name!r}", f" in {self._plan.verb}") from None
        return [
            value if shapes is None else self._stacked(state, value, np.asarray(shapes))
            for state, (value, shapes) in zip(self._graph_states, outcomes, strict=True)
        ]

    def _stacked(self, state: int, values: tf.Tensor, shapes: Groups) -> tf.Tensor:
        """Return the cells of runs that were mapped one by one, all their values in one vector."""
        self._check_shapes(state, {tuple(shape) for shape in shapes.tolist()})
        return tf.reshape(values, [len(shapes), *shapes[0].tolist()])

    def _check(self, values: Tensors, *, results: bool) -> None:
        """Try the graph on the first rows, and on the first results, that there are some of."""
        kind = "results" if results else "rows"
        if kind in self._unchecked and int(values[0].shape[0]) >= _FEWEST:
            # Unequal parts: the mean of the means of two halves is their mean.
            self._try(values, int(values[0].shape[0]) // 3, f"the same {kind}")
            self._unchecked.remove(kind)
        if "made up" in self._unchecked:
            self._check_on_made_up_rows(values)
            self._unchecked.remove("made up")

    def _check_on_made_up_rows(self, values: Tensors) -> None:
        """Try the graph on rows that differ, whatever those at hand are.

        A deviation is no reduction, and is one of rows that are all alike; a sum of squares is one
        of zeros and ones. The rows are made of the first one. Where the graph cannot take them they
        say nothing.
        """
        try:
            rows = [_made_up(tensor[:1]) for tensor in values]
            for cut in range(1, int(rows[0].shape[0])):
                self._try(rows, cut, "rows made up from the first one")
        except WorkerFailedError:
            return

    def _try(self, rows: Tensors, cut: int, what: str) -> None:
        if self._plan.verb == ROWS:
            whole = self._pairwise(rows)
            left = self._pairwise([tensor[:cut] for tensor in rows])
            folded = self._call([*left, *self._pairwise([tensor[cut:] for tensor in rows])])
        else:
            parts = [self._whole([t[:cut] for t in rows]), self._whole([t[cut:] for t in rows])]
            whole = self._whole(rows)
            self._check_like([whole, *parts])
            folded = self._whole([tf.concat(pair, 0) for pair in zip(*parts, strict=True)])
        self._check_like([whole, folded])
        for state, one, other, made_of in zip(self._graph_states, whole, folded, rows, strict=True):
            name, cell = self._plan.outputs[self._states[state].fetch]
            if not equal_but_rounding(other, one, made_of, cell.dtype):
                shown = (
                    np.array2string(np.asarray(t[0]), threshold=4, floatmode="unique")[:80]
                    for t in (one, other)
                )
                raise NotAlgebraicError(self._plan.verb, name, what, *shown)

    def _check_like(self, ways: list[Tensors]) -> None:
        for state, *tensors in zip(self._graph_states, *ways, strict=True):
            self._check_shapes(state, {tuple(tensor.shape[1:]) for tensor in tensors})

    def _check_shapes(self, state: int, shapes: set[tuple[int, ...]]) -> None:
        if len(shapes) > 1:
            name, _ = self._plan.outputs[self._states[state].fetch]
            raise ShapeMismatchError(
                f"Fetch {name!r} of {self._plan.verb}",
                "cells of one shape, however many rows they are made of",
                " and ".join(sorted(format_shape(shape) or "[]" for shape in shapes)),
                "a reduction keeps the shape of its column's cells",
            )

    def _whole(self, values: Tensors) -> Tensors:
        if self._plan.verb == GROUPS:
            return self._call([tensor[None] for tensor in values])
        return [tensor[None] for tensor in self._call(values)]


def _made_up(row: tf.Tensor) -> tf.Tensor:
    """Return five rows made of one, not all alike and of its size."""
    if row.dtype == tf.string:
        return tf.concat([row, row + "a", "b" + row, row, row + "ab"], 0)
    if row.dtype == tf.bool:
        return tf.concat([row, ~row, row, row, ~row], 0)
    return tf.concat([row, row * 3 + 2, row * 2 + 3, row * 5 + 4, row * 2 + 3], 0)


def _segments(kind: str, values: Any, groups: Groups | None, count: int) -> Any:
    if kind == "count":
        kind = "sum"
    if groups is None:
        whole = {
            "sum": tf.reduce_sum, "min": tf.reduce_min, "max": tf.reduce_max,
            "product": tf.reduce_prod,
        }[kind]  # fmt: skip
        return whole(values, axis=0, keepdims=True)
    # Measured: NumPy's is ten times faster than TensorFlow's unsorted segment operations, and its
    # minimum and maximum keep a NaN wherever it stands.
    cells = np.asarray(values)
    fold, start = _FOLDS[kind](cells.dtype)
    size = math.prod(cells.shape[1:])
    places = groups if size == 1 else (groups[:, None] * size + np.arange(size)).reshape(-1)
    folded = np.full(count * size, start, cells.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        fold.at(folded, places, cells.reshape(-1))
    return folded.reshape(count, *cells.shape[1:])


def _lowest(dtype: Any) -> Any:
    return np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _highest(dtype: Any) -> Any:
    return np.iinfo(dtype).max if dtype.kind in "iu" else np.inf


_FOLDS: dict[str, Callable[[Any], tuple[np.ufunc, Any]]] = {
    "sum": lambda _: (np.add, 0),
    "product": lambda _: (np.multiply, 1),
    "min": lambda dtype: (np.minimum, _highest(dtype)),
    "max": lambda dtype: (np.maximum, _lowest(dtype)),
}
