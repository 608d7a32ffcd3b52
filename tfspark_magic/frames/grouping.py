"""Find the groups of a frame: those of a grouped DataFrame, or of columns; and the form of their keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfspark_magic.errors import (
    NotADataFrameError,
    OptionError,
    ReductionError,
    closest,
    type_name,
)
from tfspark_magic.frames.frame import PANDAS, SPARK, Frame, Groups, frame_of, kind_of

_GROUPED = {PANDAS: "df.groupby('key')", SPARK: "df.groupBy('key')", None: "df.groupBy('key')"}


def is_grouped(source: object) -> bool:
    """Whether `source` is a DataFrame of Spark or pandas that is grouped."""
    return _grouped_by(source) is not None


def groups_of(source: Any, by: str | Sequence[str] | None = None) -> Groups:
    """Return the groups of `df.groupBy(...)`, or of a frame by the names of its columns.

    Raises
    ------
    NotADataFrameError, ReductionError
        If it is neither, or if its grouping cannot be aggregated.
    OptionError, AmbiguousColumnError
        If `by` names a column that does not exist, or that exists twice.
    """
    package = _grouped_by(source)
    if by is not None and package is not None:
        raise OptionError(
            "by= goes with a DataFrame that is not grouped yet: leave it out, or group by it."
        )
    if by is not None:
        frame = frame_of(source, "aggregate")
        keys = [by] if isinstance(by, str) else list(by)
        _check_keys(frame, keys)
        return frame.group(keys)
    if package == "pyspark":
        from tfspark_magic.frames.spark import SparkGroups

        return SparkGroups.of(source)
    if package == "pandas":
        from tfspark_magic.frames.pandas import PandasGroups

        return PandasGroups.of(source)
    found = type_name(source)
    kind = PANDAS if found.startswith("pandas.") else kind_of(source)
    way = _GROUPED.get(kind, "df, by='key'")
    call = f"aggregate(fetches, {way})"
    raise NotADataFrameError("aggregate", found, "a grouped DataFrame", call)


def _check_keys(frame: Frame, keys: Sequence[str]) -> None:
    if not keys:
        raise ReductionError("by= names no column: use tfs.reduce_blocks, which reduces all rows.")
    names = [name for name, _ in frame.schema()]
    for key in keys:
        if key not in names:
            raise OptionError(
                f"There is no column {key!r} to group by. {closest(key, names)}", option="by"
            )
        frame.columns.refuse_twins(key)
        if keys.count(key) > 1:
            raise OptionError(
                f"Column {key!r} is twice among those to group by: name it once.", option="by"
            )


def _grouped_by(source: object) -> str | None:
    """Return the package that grouped a frame; None if `source` is not grouped."""
    kind = type(source)
    package = kind.__module__.partition(".")[0]
    names = {"pyspark": "GroupedData", "pandas": "DataFrameGroupBy"}
    return package if names.get(package) == kind.__name__ else None


def without_signs(value: Any) -> Any:
    """Return a key with no minus zero in it, at any depth: zero and minus zero are one key.

    >>> without_signs([-0.0, {"a": -0.0}])
    [0.0, {'a': 0.0}]
    """
    if isinstance(value, float | np.floating) or (
        isinstance(value, np.ndarray) and value.dtype.kind == "f"
    ):
        return value + 0.0
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        again = value.copy()
        again[...] = [without_signs(v) for v in value]
        return again
    if isinstance(value, dict):
        return {name: without_signs(v) for name, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(without_signs(v) for v in value)
    return value
