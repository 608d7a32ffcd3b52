"""The DataFrames that a form offers, and what is known of their columns."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfspark_magic.binding import Columns
from tfspark_magic.notebook.namespace import dataframes, pandas_frames


@dataclass(frozen=True, eq=False)
class Frame:
    """What is known of a DataFrame, which it does not hold.

    Parameters
    ----------
    columns
        In the neutral language.
    is_pandas, is_streaming
        Which kind it is.
    """

    columns: Columns
    is_pandas: bool
    is_streaming: bool


class Frames:
    """The DataFrames of a namespace.

    >>> Frames().names({"df": df, "prices": prices})                # doctest: +SKIP
    {'df': 'Spark', 'prices': 'pandas'}

    A schema may cost a round trip to the cluster, so it is read once for each DataFrame, and only
    of the one that is asked for. A pandas frame may change, and is read again if it has.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], Any, Frame]] = {}

    def names(self, namespace: Mapping[str, Any]) -> dict[str, str]:
        """Return the kind of each DataFrame by its name, Spark's first."""
        spark = dict.fromkeys(dataframes(namespace), "Spark")
        return {**spark, **dict.fromkeys(pandas_frames(namespace), "pandas")}

    def read(self, df: Any) -> Frame:
        """Describe a DataFrame."""
        from tfspark_magic.executor.columns import columns_of
        from tfspark_magic.executor.pandas_frames import is_pandas

        pandas = is_pandas(df)
        looks = (tuple(df.columns), tuple(df.dtypes), len(df)) if pandas else None
        self._known = {key: known for key, known in self._known.items() if known[0]() is not None}
        if id(df) in self._known and self._known[id(df)][1] == looks:
            return self._known[id(df)][2]
        frame = Frame(columns_of(df, "form"), pandas, not pandas and df.isStreaming)
        self._known[id(df)] = (weakref.ref(df), looks, frame)
        return frame
