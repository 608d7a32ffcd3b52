"""Sum up the values of a tensor over rows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Statistics:
    """What the values of a tensor are, over all rows that were added.

    >>> found = Statistics()
    >>> found.add(np.array([0.0, 2.0, np.nan]))
    >>> found.count, found.least, found.most, found.mean, found.nan, found.zero
    (3, 0.0, 2.0, 1.0, 1, 1)

    Parameters
    ----------
    count
        The number of values.
    least, most, mean
        Of the finite values; truths count as 0 and 1. None if there are none, or for texts.
    nan, infinite, zero
        How many values are NaN, infinite, and 0 (False for truths, an empty text for texts).
    """

    count: int = 0
    least: Any = None
    most: Any = None
    mean: float | None = None
    nan: int = 0
    infinite: int = 0
    zero: int = 0
    _finite: int = field(default=0, repr=False)
    _total: int = field(default=0, repr=False)

    def add(self, values: np.ndarray[Any, Any]) -> None:
        """Add the values of a row, or of a block."""
        self.count += values.size
        if values.dtype.kind in "OSU":
            self.zero += sum(not value for value in values.reshape(-1))
            return
        if values.dtype.kind not in "biuf":
            # No float32 of numpy, but a float of TensorFlow, as bfloat16; or complex numbers.
            if values.dtype.kind == "c":
                self.nan += int(np.isnan(values).sum())
                self.infinite += int(np.isinf(values).sum())
                self.zero += int((values == 0).sum())
                return
            values = values.astype(np.float32)
        self.zero += values.size - int(np.count_nonzero(values))
        if not values.size:
            return
        finite = values.reshape(-1)
        # Functions that reduce are called as such: the methods of arrays take twice as long, and a
        # peek has thousands of small tensors.
        least, most = np.minimum.reduce(finite).item(), np.maximum.reduce(finite).item()
        if not (math.isfinite(least) and math.isfinite(most)):
            says = np.isfinite(finite)
            nan = int(np.isnan(finite).sum())
            self.nan += nan
            self.infinite += values.size - int(says.sum()) - nan
            finite = finite[says]
            if not finite.size:
                return
            least, most = finite.min().item(), finite.max().item()
        self.least = least if self.least is None else min(self.least, least)
        self.most = most if self.most is None else max(self.most, most)
        before, self._finite = self._finite, self._finite + finite.size
        if finite.dtype.kind == "f":
            mean = _mean(finite)
            self.mean = mean if self.mean is None else (
                self.mean * (before / self._finite) + mean * (finite.size / self._finite)
            )  # fmt: skip
        else:
            # Exact for integers, whose sum may not fit 64 bits.
            is_long = finite.dtype in (np.int64, np.uint64)
            self._total += (
                sum(finite.tolist()) if is_long else int(np.add.reduce(finite, dtype=np.int64))
            )
            self.mean = self._total / self._finite

    @property
    def is_finite(self) -> bool:
        """Whether no value is NaN or infinite."""
        return not (self.nan or self.infinite)


def _mean(finite: np.ndarray[Any, Any]) -> float:
    with np.errstate(over="ignore"):
        mean = float(np.add.reduce(finite, dtype=np.float64)) / finite.size
    # The sum of large numbers may be infinite, but no mean is.
    return mean if math.isfinite(mean) else float(np.add.reduce(finite / finite.size))
