"""Fold rows into one cell for each group, and fold partial results of groups.

A plain sum, mean, minimum, maximum or product is folded without sorting the rows. Any other graph
runs on runs of rows. Each group is cut into runs, whose lengths are powers of two, the longest
first. All runs of one length, over all groups, are one vectorized call. The results are cut into
runs again, until there is one result for each group. The number of calls is about log2 of the size
of the largest group, for any number of groups of any sizes. The rows of a group keep their order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfspark_magic.binding.reductions import GROUPS, ROWS, ReductionPlan, State
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.spec import FLOATS
from tfspark_magic.worker.devices import claim
from tfspark_magic.worker.program_cache import load_program
from tfspark_magic.worker.tensorflow_errors import failure
from tfspark_magic.worker.trials import Trials, check_shapes

_RADIX = 1 << 16

Groups = np.ndarray[Any, np.dtype[np.int64]]
Tensors = list[tf.Tensor]


class Fold:
    """Folds rows and partial results for a plan.

    >>> fold = Fold(plan)                                           # doctest: +SKIP
    >>> states = fold.rows(tensors, groups, 1000)                   # doctest: +SKIP
    >>> fewer = fold.merge(states, groups_of_states, 10)            # doctest: +SKIP
    >>> fetches = fold.finish(fewer)                                # doctest: +SKIP
    """

    def __init__(self, plan: ReductionPlan) -> None:
        # Plain reductions run on the CPU, even if a GPU is asked for.
        self._device = claim("cpu" if plan.graph is None else plan.device, plan.gpu_share)
        self._plan = plan
        self._states = plan.states
        self._graph_states = [i for i, state in enumerate(self._states) if state.kind == "graph"]
        self._trials = Trials(plan, self._call) if plan.check else None

    def rows(self, tensors: Sequence[tf.Tensor], groups: Groups | None, count: int) -> Tensors:
        """Fold rows: a state `[count, *cell]` for each of `plan.states`.

        Parameters
        ----------
        tensors
            `[rows, *cell]` for each feed, at least one row.
        groups
            The group of each row, from 0; None if all rows are in one group.
        count
            The number of groups; each has at least one row.
        """
        values = [self._start(state, tensors[state.fetch]) for state in self._states]
        return self._fold(values, groups, count, alone=False)

    def merge(self, states: Sequence[tf.Tensor], groups: Groups | None, count: int) -> Tensors:
        """Fold partial results, `[partials, *cell]` for each state, in their order."""
        return self._fold(list(states), groups, count, alone=True)

    def finish(self, states: Sequence[tf.Tensor]) -> Tensors:
        """Return the fetches of folded states, `[groups, *cell]` each."""
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
                # The division of integers rounds towards zero, as in TensorFlow's mean of integers.
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
        """Fold all states; `alone` says that a single value is already a result."""
        folded: dict[int, tf.Tensor] = {}
        for i, state in enumerate(self._states):
            if state.kind != "graph":
                folded[i] = _segments(state.kind, values[i], groups, count)
        if self._graph_states:
            mine = [values[i] for i in self._graph_states]
            if self._trials is not None and not alone:
                self._trials.rows(mine)
            results = self._fold_by_graph(mine, groups, count, alone=alone)
            folded.update(zip(self._graph_states, results, strict=True))
        return [folded[i] for i in range(len(self._states))]

    def _fold_by_graph(
        self, values: Tensors, groups: Groups | None, count: int, *, alone: bool
    ) -> Tensors:
        if self._plan.verb != GROUPS:
            if alone and int(values[0].shape[0]) == 1:
                return values
            if alone:
                self._check_results(values)
            if self._plan.verb == ROWS:
                return self._pairwise(values, alone=alone)
            return [tensor[None] for tensor in self._call(values)]
        if groups is None:
            groups = np.zeros(int(values[0].shape[0]), np.int64)
        # Integers of few bits are sorted by radix sort, which is ten times faster.
        order = np.argsort(groups.astype(np.uint16 if count < _RADIX else np.int64), kind="stable")
        sizes = np.bincount(groups, minlength=count)
        if (order[1:] < order[:-1]).any():
            values = [tf.gather(tensor, order) for tensor in values]
        while not (alone and (sizes == 1).all()):
            if alone:
                self._check_results(values, sizes)
            values, sizes = self._fold_runs(values, sizes, alone=alone)
            alone = True
        return values

    def _fold_runs(self, values: Tensors, sizes: Groups, *, alone: bool) -> tuple[Tensors, Groups]:
        """Fold each run of each group; the rows are sorted by group."""
        starts = np.cumsum(sizes) - sizes
        places: list[np.ndarray[Any, Any]] = []
        folded: list[Tensors] = []
        for bit in range(int(sizes.max()).bit_length()):
            length = 1 << bit
            has = np.flatnonzero(sizes & length)
            if not len(has):
                continue
            # Longer runs come first: the higher bits of the group's size give the rows before this
            # run.
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

    def _check_results(self, results: Tensors, sizes: Groups | None = None) -> None:
        """Try the graph on its own results, before these are folded."""
        if self._trials is None:
            return
        if sizes is not None:
            # A result that is alone in its group is not folded again.
            folded = np.flatnonzero(np.repeat(sizes, sizes) > 1)
            if len(folded) < len(results[0]):
                results = [tf.gather(tensor, folded) for tensor in results]
        self._trials.results(results)

    def _pairwise(self, values: Tensors, *, alone: bool) -> Tensors:
        """Fold neighbours, then their results, level after level."""
        while (rows := int(values[0].shape[0])) > 1:
            even = rows - rows % 2
            left = [tensor[:even:2] for tensor in values]
            right = [tensor[1:even:2] for tensor in values]
            folded = self._call([*left, *right])
            if self._trials is not None and not alone:
                self._trials.pairs(values, folded)
                alone = True
            if rows % 2:
                folded = [tf.concat([f, t[even:]], 0) for f, t in zip(folded, values, strict=True)]
            values = folded
        return values

    def _call(self, values: Tensors) -> Tensors:
        graph = self._plan.graph
        assert graph is not None
        program = load_program(graph, self._device)
        try:
            outcomes = program.run(values)
        except tf.errors.OpError as error:
            raise failure(error, f"Program {self._plan.name!r}", f" in {self._plan.verb}") from None
        return [
            value if shapes is None else self._stacked(state, value, np.asarray(shapes))
            for state, (value, shapes) in zip(self._graph_states, outcomes, strict=True)
        ]

    def _stacked(self, state: int, values: tf.Tensor, shapes: Groups) -> tf.Tensor:
        """Return the cells of runs that were mapped one by one, and whose values are in one vector."""
        name, _ = self._plan.outputs[self._states[state].fetch]
        check_shapes(self._plan.verb, name, {tuple(shape) for shape in shapes.tolist()})
        return tf.reshape(values, [len(shapes), *shapes[0].tolist()])


def _segments(kind: str, values: Any, groups: Groups | None, count: int) -> Any:
    if kind == "count":
        kind = "sum"
    if groups is None:
        whole = {
            "sum": tf.reduce_sum, "min": tf.reduce_min, "max": tf.reduce_max,
            "product": tf.reduce_prod,
        }[kind]  # fmt: skip
        return whole(values, axis=0, keepdims=True)
    # By measurement, NumPy is ten times faster than TensorFlow's unsorted segment operations. Its
    # minimum and maximum keep a NaN at any position.
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
