"""Frames of each kind give the same first rows, with the cells of their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.sql.types import LongType

import tfspark_magic as tfs
from tfspark_magic.executor.session import arrow_udf
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.frames.lazy_table import LazyTable
from tfspark_magic.frames.some_rows import FirstColumn
from tfspark_magic.frames.spark_rows import keeps_order, map_reader
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.spec import CellSpec

both = pytest.mark.both
TABLE = pa.table(
    {
        "x": [1, 2, 3],
        "v": [[0.5], [1.5, 2.5], []],
        "s": ["a", None, "c"],
        "d": pa.array([1, 2, 3], pa.duration("s")),
    }
)


def values(rows, column):
    return list(rows.columns[column].values)


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
        rows = frame_of(source, "preview").reader()
        rows.read(2)
        x, v, text, *more = rows.columns
        assert x == FirstColumn("x", CellSpec("int64"), [1, 2]), kind
        assert v == FirstColumn("v", CellSpec("float64", (None,)), [[0.5], [1.5, 2.5]]), kind
        assert text == FirstColumn("s", CellSpec("string"), ["a", None]), kind
        for column in more:  # a type that no tensor has is named as the frame names it
            assert str(column.cells).startswith(("duration", "timedelta")), kind
        assert not rows.is_whole
        rows.read(1)
        # What is in memory ends where it is known to end; no more rows are offered.
        assert rows.is_whole == (kind not in {"reader", "polars", "files"}), kind
        rows.read(9)
        assert (values(rows, 0), values(rows, 2)) == ([1, 2, 3], ["a", None, "c"]), kind
        assert rows.is_whole
    for kind in ("arrow", "files", "pandas", "spark"):
        rows = frame_of(kinds[kind], "preview").reader()
        rows.read(0)
        assert rows.columns[0] == FirstColumn("x", CellSpec("int64"), []), kind


def test_batches_of_files_are_computed_once(tmp_path):
    """A lazy table goes on where it was, also within a batch."""
    pq.write_table(pa.table({"x": list(range(1000))}), tmp_path / "x.parquet", row_group_size=100)
    passed = []

    class Counted(LazyTable):
        def __iter__(self):
            for batch in super().__iter__():
                passed.append(len(batch))
                yield batch

    table = tfs.map_rows(doubled(), str(tmp_path))
    table.__class__ = Counted
    rows = frame_of(table, "preview").reader()
    for count in (3, 150, 400, 1000):
        rows.read(count)
        assert [c.name for c in rows.columns] == ["x", "z"]
        assert values(rows, 1) == [2 * x for x in range(rows.count)]
    assert rows.is_whole
    assert sum(passed) == rows.count == 1000
    rows.close()


def doubled():
    with tf.Graph().as_default():
        x = tf.compat.v1.placeholder(tf.int64, [], name="x")
        return freeze([tf.multiply(x, 2, name="z")])


class Map:
    """A map over Spark that writes down for which rows it was asked."""

    def __init__(self, folder):
        self.file = folder / "asked"

    def __call__(self, df):
        file = self.file

        def double(batches):
            for batch in batches:
                with file.open("a") as asked:
                    asked.writelines(f"{x}\n" for x in batch.to_pylist())
                yield pc.multiply(batch, 2)

        udf = arrow_udf(df.sparkSession, double, LongType(), "double")
        return df.withColumn("z", udf("x"))

    @property
    def asked(self):
        """The rows since this was last asked."""
        found = list(map(int, self.file.read_text().split()))
        self.file.write_text("")
        return found


@both
def test_more_rows_of_a_map_leave_the_first_ones_alone(spark, tmp_path):
    df = spark.range(0, 1000, 1, 4).selectExpr("id x", "id % 7 x2").filter("x2 != 3")
    run = Map(tmp_path)
    rows = map_reader(run, df, trim=False)
    last = -1
    for count in (5, 90, 300):
        rows.read(count)
        asked = run.asked
        # Spark looks for the rest of the rows in all of the four partitions at once, if it likes.
        assert count <= len(asked) <= 4 * count
        assert min(asked) > last
        last = values(rows, 0)[-1]
    expected = [x for x in range(1000) if x % 7 != 3][: 5 + 90 + 300]
    assert [c.name for c in rows.columns] == ["x", "x2", "z"]
    assert values(rows, 0) == expected
    assert values(rows, 2) == [2 * x for x in expected]
    assert not rows.is_whole
    rows.read(1000)
    assert (rows.count, rows.is_whole) == (857, True)


def test_rows_that_come_in_any_order_are_all_computed_anew(spark, tmp_path):
    """Else a row could be shown twice, and another one never."""
    df = spark.range(0, 100, 1, 4).selectExpr("id % 50 x").groupBy("x").count()
    assert not keeps_order(df)
    assert keeps_order(spark.range(3).selectExpr("id + 1 x"))
    rows = map_reader(Map(tmp_path), df, trim=False)
    rows.read(5)
    assert rows.computes_again
    rows.read(20)
    assert len(set(values(rows, 0))) == 25
    # What is cached stays as it is.
    cached = df.cache()
    cached.count()
    assert keeps_order(cached.selectExpr("x + 1 y"))
    assert not keeps_order(cached.repartition(3))
    cached.unpersist()


def test_groups_are_read_ahead(spark):
    df = spark.range(0, 3000, 1, 4).selectExpr("id % 1500 x").groupBy("x").count()
    rows = frame_of(df, "preview").reader()
    rows.read(5)
    assert (rows.count, rows.computes_again) == (5, False)
    rows.read(995)
    assert (rows.count, rows.computes_again, rows.is_whole) == (1000, True, False)
    rows.read(9000)
    assert (rows.count, rows.is_whole) == (1500, True)


def test_looks_change_where_a_frame_can():
    df = pd.DataFrame({"x": np.arange(2)})
    before = frame_of(df, "form").looks
    df["y"] = 1.5
    assert frame_of(df, "form").looks != before
    assert frame_of(TABLE, "form").looks == frame_of(TABLE, "form").looks
