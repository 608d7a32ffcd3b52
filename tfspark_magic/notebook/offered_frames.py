"""List the DataFrames that a form offers, and describe their columns."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfspark_magic.binding import Columns
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.notebook.namespace import frames


@dataclass(frozen=True, eq=False)
class Frame:
    """The description of a DataFrame, without the DataFrame itself.

    Parameters
    ----------
    columns
        The columns, as `CellSpec`s.
    is_lazy, is_streaming
        As in `tfspark_magic.frames.frame.Frame`.
    """

    columns: Columns
    is_lazy: bool
    is_streaming: bool


class Frames:
    """The DataFrames of a namespace.

    >>> Frames().names({"df": df, "prices": prices})                # doctest: +SKIP
    {'df': 'Spark', 'prices': 'pandas'}

    Reading a schema may need a round trip to the cluster. So it is read once for each DataFrame,
    and only when it is asked for. A frame of pandas or Polars may change, and is then read again.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[Any], Any, Frame]] = {}

    def names(self, namespace: Mapping[str, Any]) -> dict[str, str]:
        """Return the kind of each DataFrame by its name, Spark's first."""
        return frames(namespace)

    def read(self, df: Any) -> Frame:
        """Describe a DataFrame."""
        found = frame_of(df, "form")
        if found.session is not None:
            # A session may be stopped after the columns of its DataFrame were read.
            from tfspark_magic.executor.session import check_running

            check_running(found.session)
        looks = found.looks
        self._known = {key: known for key, known in self._known.items() if known[0]() is not None}
        if id(df) in self._known and self._known[id(df)][1] == looks:
            return self._known[id(df)][2]
        frame = Frame(found.columns, found.is_lazy, found.is_streaming)
        self._known[id(df)] = (weakref.ref(df), looks, frame)
        return frame
