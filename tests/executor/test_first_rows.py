"""Frames of each kind give the same first rows, with the cells of their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tfspark_magic.frames.frame import frame_of
from tfspark_magic.frames.some_rows import FirstColumn
from tfspark_magic.schema.spec import CellSpec

TABLE = pa.table(
    {
        "x": [1, 2, 3],
        "v": [[0.5], [1.5, 2.5], []],
        "s": ["a", None, "c"],
        "d": pa.array([1, 2, 3], pa.duration("s")),
    }
)


def test_first_rows_of_each_kind(spark, tmp_path):
    pq.write_table(TABLE.drop(["d"]), tmp_path / "rows.parquet")
    kinds = {
        "arrow": TABLE,
        "reader": TABLE.to_reader(2),
        "polars": pl.from_arrow(TABLE),
        "files": str(tmp_path),
        "pandas": TABLE.to_pandas(),
        "spark": spark.createDataFrame(TABLE.drop(["d"])),
    }
    for kind, source in kinds.items():
        x, v, text, *more = frame_of(source, "preview").first(2)
        assert x == FirstColumn("x", CellSpec("int64"), [1, 2]), kind
        assert v == FirstColumn("v", CellSpec("float64", (None,)), [[0.5], [1.5, 2.5]]), kind
        assert text == FirstColumn("s", CellSpec("string"), ["a", None]), kind
        for column in more:  # a type that no tensor has is named as the frame names it
            assert str(column.cells).startswith(("duration", "timedelta")), kind
    for kind in ("arrow", "files", "pandas", "spark"):
        x, *_ = frame_of(kinds[kind], "preview").first(0)
        assert x == FirstColumn("x", CellSpec("int64"), []), kind


def test_looks_change_where_a_frame_can():
    df = pd.DataFrame({"x": np.arange(2)})
    before = frame_of(df, "form").looks
    df["y"] = 1.5
    assert frame_of(df, "form").looks != before
    assert frame_of(TABLE, "form").looks == frame_of(TABLE, "form").looks
