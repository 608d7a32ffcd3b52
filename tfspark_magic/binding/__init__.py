"""Program x DataFrame schema -> Plan, or the error that says why not. Reads no data.

A plan is plain data: which columns leave the JVM, which placeholder each feeds and as what, the
graph to run, and what comes back. Workers unpickle it, so TensorFlow is imported only to make
one. Start reading at `plan.py`, then `feeds.py` and `maps.py`; `reductions.py` does the same for
reductions. May import `errors`, `schema` and `graph`.
"""

from __future__ import annotations

from tfspark_magic.binding.columns import Columns, FrameColumns
from tfspark_magic.binding.feeds import FeedDict, Nulls
from tfspark_magic.binding.maps import bind, bind_by_shape, by_shape
from tfspark_magic.binding.plan import Feed, Plan, distinct

__all__ = [
    "Columns",
    "Feed",
    "FeedDict",
    "FrameColumns",
    "Nulls",
    "Plan",
    "bind",
    "bind_by_shape",
    "by_shape",
    "distinct",
]
