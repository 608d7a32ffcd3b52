"""Bind a program to the schema of a DataFrame: a plan, or an error with the reason. Reads no data.

A plan is plain data: the columns that leave the JVM, the placeholder that each column feeds, the
graph to run, and the columns that come back. Workers unpickle a plan without TensorFlow; only
making a plan imports TensorFlow. Start reading at `plan.py`, then `feeds.py` and `maps.py`;
`reductions.py` does the same for reductions. May import `errors`, `schema` and `graph`.
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
