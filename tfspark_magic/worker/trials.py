"""Try on rows whether a graph is a reduction: its result must not depend on how rows are cut.

For a graph of blocks, rows are folded at once, and also in two parts whose results are folded. Each
result that will be folded further must come out unchanged when it is fed alone. For a graph of
pairs, the first two of three rows are folded first, and then the last two.

The rows are the first block, rows of each block with new extreme values, and made-up rows that
reach each branch of the graph.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from tfspark_magic.binding.reductions import GROUPS, ROWS, ReductionPlan
from tfspark_magic.errors import (
    NotAlgebraicError,
    OutOfMemoryError,
    ShapeMismatchError,
    WorkerFailedError,
)
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.spec import CellSpec, format_shape
from tfspark_magic.worker.extent import Extent
from tfspark_magic.worker.made_up import made_up, many_rows
from tfspark_magic.worker.rounding import equal_but_rounding

_FEWEST = 3
_SPECIAL = 10
_TRIPLES = 1 << 10
_KEPT = 256
_ROOM = 64

Tensors = list[tf.Tensor]
Rows = np.ndarray[Any, np.dtype[np.int64]]

_tried: set[tuple[str, tuple[Any, ...]]] = set()
"""The graphs that this process has already tried on made-up rows, with the keys of the extents."""


class Trials:
    """Try the graph of a plan while its rows are folded.

    >>> trials.rows(tensors)                                        # doctest: +SKIP
    >>> trials.results(states)                                      # doctest: +SKIP

    Parameters
    ----------
    plan
        The plan of the reduction.
    call
        Runs the graph: on a block, on runs `[runs, rows, *cell]`, or on the left and the right
        rows.

    Raises
    ------
    NotAlgebraicError
        From any method, if the graph is no reduction.
    """

    def __init__(self, plan: ReductionPlan, call: Callable[[Tensors], Tensors]) -> None:
        self._verb = plan.verb
        self._plan = plan
        self._call = call
        self._fetches = [plan.outputs[s.fetch] for s in plan.states if s.kind == "graph"]
        self._extents = [Extent() for _ in self._fetches]
        self._folded = [Extent() for _ in self._fetches]
        self._untried = {"rows", "results"}

    def rows(self, values: Tensors) -> None:
        """Try a block of rows, `[rows, *cell]` for each fetch."""
        self._try_some(values, "rows")

    def results(self, values: Tensors) -> None:
        """Try results of the graph, before they are folded with each other."""
        self._try_some(values, "results")
        if self._verb == ROWS:
            number = int(values[0].shape[0]) - 2
            first = np.arange(max(0, min(number, _TRIPLES)))
            self._try_triples(values, (first, first + 1, first + 2), "results")
        else:
            self._try_alone(values)

    def pairs(self, rows: Tensors, folded: Tensors) -> None:
        """Try the rows whose results in pairs, `[rows // 2, *cell]`, have new extreme values."""
        found = self._further(self._folded, folded)
        if len(found):
            self._try_special(rows, np.unique([2 * found, 2 * found + 1]), "rows")

    def _try_some(self, values: Tensors, what: str) -> None:
        number = int(values[0].shape[0])
        further = self._further(self._extents, values)
        if len(further):
            self._try_made_up(values)
        if what in self._untried and number >= _FEWEST:
            self._untried.remove(what)
            if self._verb == ROWS:
                first = np.arange(min(number - 2, _TRIPLES))
                self._try_triples(values, (first, first + 1, first + 2), what)
            else:
                # Unequal parts: the mean of the means of two halves is their mean.
                self._try_cuts(values, [number // 3], f"the same {what}")
        if len(further):
            self._try_special(values, further, what)

    def _further(self, extents: list[Extent], values: Tensors) -> Rows:
        found = [extent.further(tensor) for extent, tensor in zip(extents, values, strict=True)]
        return np.unique(np.concatenate(found))

    def _try_special(self, values: Tensors, found: Rows, what: str) -> None:
        number = int(values[0].shape[0])
        if self._verb == ROWS:
            chosen = np.unique([*found[:_SPECIAL], 0, number - 1])
            self._try_all_triples(_gathered(values, chosen), what)
            return
        chosen = np.unique([*found, 0, number // 3, number // 2, number - 1])
        if len(chosen) >= _FEWEST:
            rows = _gathered(values, chosen)
            self._try_alone(self._try_cuts(rows, [len(chosen) // 3], f"some of the {what}"))

    def _try_made_up(self, values: Tensors) -> None:
        """Try the graph on rows that differ, even if all rows of the data are equal.

        A deviation is not a reduction, but for equal rows it looks like one; a sum of squares looks
        like one for zeros and ones. If the graph fails on the made-up rows, they are ignored.
        """
        shapes = tuple(tuple(tensor.shape[1:]) for tensor in values)
        assert self._plan.graph is not None
        key = (self._plan.graph.digest, (shapes, tuple(extent.key for extent in self._extents)))
        if key in _tried:
            return
        # TensorFlow waits ten seconds for memory each time. A graph that needs too much memory
        # fails on the data itself.
        with contextlib.suppress(OutOfMemoryError):
            self._try_blocks([tensor[:1] for tensor in values])
        if len(_tried) >= _KEPT:
            _tried.clear()
        _tried.add(key)

    def _try_blocks(self, first: Tensors) -> None:
        plan = self._plan
        blocks = made_up(first, plan.constants, self._extents, large=plan.large)
        if self._verb != ROWS:
            blocks = chain(blocks, many_rows(first, plan.constants, self._extents))
        for rows in blocks:
            try:
                if self._verb == ROWS:
                    self._try_all_triples(rows, "made up rows", made_up=True)
                    continue
                number = int(rows[0].shape[0])
                cuts = (2, number // 2, number - 1)
                whole = self._try_cuts(rows, cuts, "rows made up for it", made_up=True)
                self._try_alone(whole, made_up=True)
            except OutOfMemoryError:
                raise
            except WorkerFailedError:
                continue
        if self._verb != ROWS:
            self._try_extremes(first)

    def _try_extremes(self, first: Tensors) -> None:
        """Try single rows of a NaN, of infinity, and of whole numbers near the limits of the dtype.

        Folded with each other, they would overflow, and the trial would be useless.
        """
        for which in range(3):
            rows = [_extreme(tensor, which) for tensor in first]
            if all(row is None for row in rows) or not (self._plan.large or which == 0):
                continue
            here = [f if row is None else row for f, row in zip(first, rows, strict=True)]
            try:
                self._try_alone(self._whole(here), made_up=True)
                self._try_alone(
                    self._whole([tf.concat(pair, 0) for pair in zip(first, here, strict=True)]),
                    made_up=True,
                )
            except OutOfMemoryError:
                raise
            except WorkerFailedError:
                continue

    def _try_cuts(
        self, rows: Tensors, cuts: Sequence[int], what: str, *, made_up: bool = False
    ) -> Tensors:
        """Fold rows at once and in two parts, and return the result of folding them at once."""
        whole = self._whole(rows)
        for cut in cuts:
            halves = zip(*(_cut(tensor, cut) for tensor in rows), strict=True)
            parts = [self._whole(list(half)) for half in halves]
            self._check_like([whole, *parts])
            folded = self._whole([tf.concat(pair, 0) for pair in zip(*parts, strict=True)])
            self._check_like([whole, folded])
            for fetch, one, other, of in zip(self._fetches, whole, folded, rows, strict=True):
                if not _agree(other, one, of, fetch[1], made_up=made_up):
                    finding = f"{what} gave {_shown(one)} at once and {_shown(other)} in two parts"
                    raise NotAlgebraicError(self._verb, fetch[0], finding)
        return whole

    def _try_alone(self, results: Tensors, *, made_up: bool = False) -> None:
        """Feed each result as the only row of a block: it must come out unchanged."""
        if self._verb == GROUPS:
            alone = self._call([tf.expand_dims(tensor, 1) for tensor in results])
        else:
            number = int(results[0].shape[0])
            each = zip(*(tf.split(tensor, number) for tensor in results), strict=True)
            one_by_one = [self._whole(list(row)) for row in each]
            alone = [tf.concat(parts, 0) for parts in zip(*one_by_one, strict=True)]
        self._check_like([results, alone])
        for fetch, result, again in zip(self._fetches, results, alone, strict=True):
            if not _agree(again, result, tf.expand_dims(result, 0), fetch[1], made_up=made_up):
                where = _first_difference(again, result)
                finding = (
                    f"its result {_shown(result[where : where + 1])}, fed as the only row, gave "
                    f"{_shown(again[where : where + 1])}"
                )
                raise NotAlgebraicError(self._verb, fetch[0], finding)

    def _try_all_triples(self, rows: Tensors, what: str, *, made_up: bool = False) -> None:
        number = int(rows[0].shape[0])
        places = np.indices((number,) * 3).reshape(3, -1)
        self._try_triples(rows, tuple(places), what, made_up=made_up)

    def _try_triples(
        self, rows: Tensors, places: Sequence[Rows], what: str, *, made_up: bool = False
    ) -> None:
        """Fold three rows twice: the first two first, and the last two first."""
        if not len(places[0]):
            return
        first, second, third = (_gathered(rows, place) for place in places)
        left = self._call([*self._call([*first, *second]), *third])
        right = self._call([*first, *self._call([*second, *third])])
        self._check_like([left, right])
        for fetch, one, other, made_of in zip(self._fetches, left, right, rows, strict=True):
            if not _agree(one, other, made_of, fetch[1], made_up=made_up):
                where = _first_difference(one, other)
                shown = (_shown(t[where : where + 1]) for t in (one, other))
                finding = (
                    f"of three {what} it gave {next(shown)} with the first two folded first and "
                    f"{next(shown)} with the last two"
                )
                raise NotAlgebraicError(self._verb, fetch[0], finding)

    def _whole(self, values: Tensors) -> Tensors:
        if self._verb == GROUPS:
            return self._call([tf.expand_dims(tensor, 0) for tensor in values])
        return [tf.expand_dims(tensor, 0) for tensor in self._call(values)]

    def _check_like(self, ways: list[Tensors]) -> None:
        for (name, _), *tensors in zip(self._fetches, *ways, strict=True):
            check_shapes(self._verb, name, {tuple(tensor.shape[1:]) for tensor in tensors})


def check_shapes(verb: str, fetch: str, shapes: set[tuple[int, ...]]) -> None:
    """Raise ShapeMismatchError if the results of a fetch differ in shape."""
    if len(shapes) > 1:
        raise ShapeMismatchError(
            f"Fetch {fetch!r} of {verb}",
            "cells of one shape, however many rows they are made of",
            " and ".join(sorted(format_shape(shape) or "[]" for shape in shapes)),
            "a reduction keeps the shape of its column's cells",
        )


def _cut(tensor: tf.Tensor, at: int) -> Tensors:
    """Return the rows before and after a place: of an eager tensor, slices take twice the time."""
    number = int(tensor.shape[0])
    parts: Tensors = tf.split(tensor, [min(at, number), max(0, number - at)])
    return parts


def _gathered(values: Tensors, places: Rows) -> Tensors:
    return [tf.gather(tensor, places) for tensor in values]


def _extreme(first: tf.Tensor, which: int) -> tf.Tensor | None:
    """Return the first row with a NaN, or a very large or small number, in all components."""
    if first.dtype.is_floating:
        return tf.fill(tf.shape(first), tf.cast((np.nan, np.inf, -np.inf)[which], first.dtype))
    if first.dtype.is_integer and which:
        # Not the very limits: they overflow in a graph that divides and then multiplies.
        end = (first.dtype.max, first.dtype.min)[which - 1]
        return tf.fill(tf.shape(first), tf.constant(int(end) // _ROOM, first.dtype))
    return None


def _agree(
    found: tf.Tensor, expected: tf.Tensor, made_of: tf.Tensor, cell: CellSpec, *, made_up: bool
) -> bool:
    one, other = np.asarray(found), np.asarray(expected)
    if made_up and one.dtype.kind == "f":
        # For made-up rows, results that are infinite or NaN are ignored.
        says = np.isfinite(one) & np.isfinite(other)
        one, other = np.where(says, one, 0), np.where(says, other, 0)
    return equal_but_rounding(one, other, made_of, cell.dtype)


def _first_difference(found: tf.Tensor, expected: tf.Tensor) -> int:
    one, other = (np.asarray(tensor).reshape(len(tensor), -1) for tensor in (found, expected))
    if one.dtype.kind != "f":
        return int((one != other).any(1).argmax())
    with np.errstate(all="ignore"):
        away = np.abs(one - other) / np.maximum(np.abs(one), np.abs(other))
    return int(
        np.where(np.isnan(one) == np.isnan(other), np.nan_to_num(away), np.inf).max(1).argmax()
    )


def _shown(tensor: tf.Tensor) -> str:
    return np.array2string(np.asarray(tensor[0]), threshold=4, floatmode="unique")[:80]
