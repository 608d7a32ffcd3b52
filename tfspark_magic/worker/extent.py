"""Track the extreme values of a feed, component by component."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfspark_magic.graph.runtime import tf

_FEW = 12


class Extent:
    """The smallest and the largest values so far, and whether there was a NaN.

    >>> extent = Extent()                                           # doctest: +SKIP
    >>> extent.further(tf.constant([3.0, 1.0, 2.0])).tolist()       # doctest: +SKIP
    [0, 1]
    >>> extent.further(tf.constant([1.5, 2.5])).tolist()            # doctest: +SKIP
    []
    """

    def __init__(self) -> None:
        self._least: Any = None
        self._largest: Any = None
        self._nan: Any = None

    def further(self, tensor: tf.Tensor) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return some of the rows with new extreme values, and remember these values.

        The value of a text is its length.
        """
        if tensor.dtype == tf.string:
            tensor = tf.strings.length(tensor)
        cells = np.asarray(tensor)
        if cells.dtype == bool:
            cells = cells.view(np.int8)
        cells = cells.reshape(len(cells), -1)
        with np.errstate(invalid="ignore"):
            least, largest = np.fmin.reduce(cells, 0), np.fmax.reduce(cells, 0)
            nan = np.isnan(cells.sum(0)) if cells.dtype.kind == "f" else np.zeros(len(least), bool)
        if nan.any():
            nan = np.isnan(cells).any(0)
        if self._least is None or self._least.shape != least.shape:
            new = np.ones(len(least), bool), np.ones(len(least), bool), nan
            known = least, largest, nan
        else:
            # Written so that every value is more extreme than a NaN.
            new = (
                ~(least >= self._least) & ~np.isnan(least),
                ~(largest <= self._largest) & ~np.isnan(largest),
                nan & ~self._nan,
            )
            known = np.fmin(least, self._least), np.fmax(largest, self._largest), nan | self._nan
        found: list[int] = []
        for kind, value in zip(new, (least, largest, None), strict=True):
            for component in np.flatnonzero(kind)[:_FEW]:
                column = cells[:, component]
                where = np.isnan(column) if value is None else column == value[component]
                found.append(int(where.argmax()))
        self._least, self._largest, self._nan = known
        return np.unique(np.array(found, np.int64))

    def signs(self, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """Return which components of a cell have been negative, and which positive.

        For a cell with many components, either all or none of them: otherwise rows would be made up
        again for each new one.
        """
        if self._least is None:
            return np.zeros(shape, bool), np.zeros(shape, bool)
        negative, positive = self._least < 0, self._largest > 0
        if negative.size > _FEW:
            negative, positive = (np.full_like(kind, kind.any()) for kind in (negative, positive))
        return negative.reshape(shape), positive.reshape(shape)

    @property
    def key(self) -> bytes:
        """A key that is different if other rows would be made up."""
        if self._least is None:
            return b""
        return np.packbits(self.signs(self._least.shape)).tobytes()
