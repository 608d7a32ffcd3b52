"""Make up rows for cases that the data may not contain: both sides of each constant, zero, repeats.

Each component has the signs of the data. A graph may be a reduction only of values that are never
negative, such as weights.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tfspark_magic.graph.runtime import tf
from tfspark_magic.worker.extent import Extent

Values = np.ndarray[Any, np.dtype[Any]]
Tensors = list[tf.Tensor]

_WHOLE = (1, 2, 0, 3, 7, 12)
_BROKEN = (0.3, 1.45, 0.65, 0.0, 2.7, 10.2)
_SMALL = 1000
_PAIRED = 8
_MIXED = 4
_ROWS = 6
_WIDEST = 8
_LITERAL = re.compile(rb"[\w\s]+")
_REPEATED = 4
_REPEATED_ROWS = 9
_FEW_DIFFERENT = 3
_MANY_ROWS = 300
_SIZES = 6


def made_up(
    rows: Sequence[tf.Tensor], constants: Sequence[Any], extents: Sequence[Extent], *, large: bool
) -> Iterator[Tensors]:
    """Yield blocks of rows, `[rows, *cell]` for each feed.

    Parameters
    ----------
    rows
        A row of the data, `[1, *cell]` for each feed.
    constants
        The constants of the graph.
    extents
        The extents of the data.
    large
        Whether large numbers may be fed. They may not if the graph takes the size of an allocation
        from them.
    """
    makers = [
        _Texts(row, constants)
        if row.dtype == tf.string
        else _Truths(row)
        if row.dtype == tf.bool
        else _Numbers(row, constants, extent, large=large)
        for row, extent in zip(rows, extents, strict=True)
    ]
    for number in range(max(len(maker.blocks) for maker in makers)):
        yield [maker.block(number) for maker in makers]
    # The components of a row are on different sides of different constants.
    rng = np.random.default_rng(0)
    for _ in range(_MIXED):
        yield [maker.mixed(rng) for maker in makers]
    for _ in range(_REPEATED):
        yield [maker.repeated(rng.integers(0, _FEW_DIFFERENT, _REPEATED_ROWS)) for maker in makers]


def many_rows(
    rows: Sequence[tf.Tensor], constants: Sequence[Any], extents: Sequence[Extent]
) -> Iterator[Tensors]:
    """Yield blocks of more rows than the small constants of the graph, which may count rows."""
    numbers = {int(c) for c in constants if isinstance(c, int | float) and _ROWS < c <= _MANY_ROWS}
    first = next(made_up(rows, (), extents, large=False))
    for number in sorted(numbers, reverse=True)[:_SIZES]:
        size = number + number // 4 + _ROWS
        yield [tf.gather(tensor, np.arange(size) % int(tensor.shape[0])) for tensor in first]


class _Maker:
    """Rows for one feed.

    Parameters
    ----------
    row
        A row of the data, `[1, *cell]`.
    """

    def __init__(self, row: tf.Tensor) -> None:
        self.shape = tuple(row.shape[1:])
        self.blocks: Tensors = []
        self.pool: Values = np.zeros(0)

    def block(self, number: int) -> tf.Tensor:
        """Return the block of this number; after the last block, the first one comes again."""
        return self.blocks[number % len(self.blocks)]

    def mixed(self, rng: np.random.Generator) -> tf.Tensor:
        """Return a block in which each component is chosen independently."""
        return self.tensor(rng.choice(self.pool, (_ROWS, *self.shape)))

    def repeated(self, places: Values) -> tf.Tensor:
        """Return a block with these rows of the first block."""
        return tf.gather(self.blocks[0], places)

    def tensor(self, values: Values) -> tf.Tensor:
        """Return values `[rows, *cell]` as the tensor to feed."""
        return tf.constant(values)

    def filled(self, values: Any) -> tf.Tensor:
        """Return a row for each value, with this value in all components."""
        column = np.asarray(values).reshape(-1, *(1 for _ in self.shape))
        return self.tensor(np.broadcast_to(column, (len(column), *self.shape)))


class _Texts(_Maker):
    def __init__(self, row: tf.Tensor, constants: Sequence[Any]) -> None:
        super().__init__(row)
        texts = [c for c in constants if isinstance(c, bytes)]
        self.pool = np.array([b"", b"a", b"7", b"12", *texts, *(t + b"a" for t in texts)], object)
        cases = [
            [b"7", b"12", b"0", b"3.5", b"7"],
            [b"b", b"", b"a", b"B", b"ab"],
            [b"a ", b" ", b" b", b"", b"a"],
            *([t, t + b"a", b"", b"b" + t, t] for t in texts),
            *([b"b", *_halves(t), t, b"a"] for t in texts),
        ]
        self.blocks = [
            tf.concat([row, row + "a", "b" + row, row, row + "ab"], 0),
            *(self.filled(np.array(case, object)) for case in cases),
        ]

    def tensor(self, values: Values) -> tf.Tensor:
        return tf.constant(values, tf.string)


class _Truths(_Maker):
    def __init__(self, row: tf.Tensor) -> None:
        super().__init__(row)
        self.pool = np.array([False, True])
        cases = ([0, 1, 0], [1, 0, 1, 1], [0, 0, 0], [1, 1, 1], [0, 0, 1, 0])
        self.blocks = [
            tf.concat([row, ~row, row, row, ~row], 0),
            *(self.filled(np.array(case, bool)) for case in cases),
        ]


class _Numbers(_Maker):
    def __init__(
        self, row: tf.Tensor, constants: Sequence[Any], extent: Extent, *, large: bool
    ) -> None:
        super().__init__(row)
        self._dtype = np.dtype(row.dtype.as_numpy_dtype)
        self._extent = extent
        sides = [s for c in self._constants(constants, large=large) for s in _both_sides(c)]
        basis = [*_WHOLE, *(() if self._dtype.kind in "iu" else _BROKEN)]
        self.pool = np.array(self._held([*basis, *sides]))
        of_row = tf.concat([row, row * 3 + 2, row * 2 + 3, row * 5 + 4], 0)
        self.blocks = [self.tensor(np.asarray(of_row)), self._shifted(_WHOLE)]
        if self._dtype.kind == "f":
            self.blocks.append(self._shifted(_BROKEN))
        for at in range(0, len(sides), 3):
            values = self._held(sides[at : at + 3])
            if len(values):
                # Large values come twice, so that their sum is on the other side of the next
                # constant.
                self.blocks.append(self.filled(np.concatenate([values, [2, 1], values])))

    def tensor(self, values: Values) -> tf.Tensor:
        values = np.array(values).astype(self._dtype)
        negative, positive = self._extent.signs(self.shape)
        one_sign = np.where(negative & ~positive, -np.abs(values), np.abs(values))
        turned = values.copy()
        # If the data has both signs, every second row is negated.
        turned[1::2] = -turned[1::2] if self._dtype.kind != "u" else turned[1::2]
        return tf.constant(np.where(negative & positive, turned, one_sign).astype(self._dtype))

    def _constants(self, constants: Sequence[Any], *, large: bool) -> list[Any]:
        numbers = [c for c in constants if isinstance(c, int | float) and np.isfinite(c)]
        # `x - 500 > 500` depends on the sum of two constants.
        first = numbers[:_PAIRED]
        numbers += [a + b for a in first for b in first if a and b]
        if self._dtype.kind == "f":
            # `x * x > 100` and `log(x) > 3` depend on a root or an exponential of a constant.
            numbers += [abs(c) ** 0.5 for c in first]
            numbers += [float(np.exp(c)) for c in first if abs(c) < 80]  # noqa: PLR2004
        whole = self._dtype.kind in "iu"
        distinct = dict.fromkeys(int(c) if whole else c for c in map(abs, numbers))
        return [c for c in distinct if c and (large or c <= _SMALL)][:48]

    def _held(self, values: Sequence[Any]) -> list[Any]:
        """Leave out a value if the dtype cannot hold the sum of a few such values.

        Large integers are kept if there is a wider dtype, in which a graph may add them up.
        """
        info = np.finfo(self._dtype) if self._dtype.kind == "f" else np.iinfo(self._dtype)
        narrow = self._dtype.kind in "iu" and self._dtype.itemsize < _WIDEST
        most = int(info.max) // (1 if narrow else 64)
        return [v for v in values if abs(v) <= most or v in _WHOLE]

    def _shifted(self, values: Sequence[Any]) -> tf.Tensor:
        """Return rows whose components differ from each other."""
        size = int(np.prod(self.shape))
        at = np.add.outer(np.arange(len(values)), np.arange(size)) % len(values)
        return self.tensor(np.asarray(values)[at].reshape(len(values), *self.shape))


def _halves(text: bytes) -> tuple[bytes, bytes]:
    """Return two parts that give a text, or a match of its pattern, when they are joined."""
    *before, last = _LITERAL.findall(text) or [text]
    half = len(last) // 2
    return (before[-1], last) if before else (last[:half], last[half:])


def _both_sides(constant: Any) -> list[Any]:
    away = constant // 4 + 1 if isinstance(constant, int) else constant / 4 + 1.25
    return [constant, constant + away, constant - away]
