"""Every verb, on every kind of frame, with columns of every type, against NumPy.

A frame has a column of each type, made from the number of the row, and a program has a fetch for
each column, so that one run of a verb tests all types.
"""

from __future__ import annotations

from functools import cache

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame

import tfspark_magic as tfs
from tfspark_magic.errors import ReductionError
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.arrow import arrow_from_cell
from tfspark_magic.schema.spec import CellSpec

pytestmark = pytest.mark.both

# name: (dtype, cell shape, SQL from the number n, the same in NumPy)
NUMBERS = {
    "i8": ("int8", (), "cast(n % 5 as tinyint)", lambda n: n % 5),
    "i16": ("int16", (), "cast(n % 300 as smallint)", lambda n: n % 300),
    "i32": ("int32", (), "cast(n as int)", lambda n: n),
    "i64": ("int64", (), "n + 9007199254740993", lambda n: n + 2**53 + 1),
    "f32": ("float32", (), "cast(n / 4D as float)", lambda n: n / 4),
    "f64": ("float64", (), "n / 8D", lambda n: n / 8),
    "vec": ("float32", (2,), "array(cast(n as float), -1f)",
            lambda n: np.stack([n, np.full_like(n, -1)], 1)),
    "mat": ("int64", (2, 1), "array(array(n), array(-n))", lambda n: np.stack([n, -n], 1)[..., None]),
    "cube": ("float64", (1, 2, 2), "array(array(array(n / 2D, 1D), array(0D, cast(-n as double))))",
             lambda n: np.stack([n / 2, n * 0 + 1, n * 0, -n], 1).reshape(-1, 1, 2, 2)),
}  # fmt: skip
TRUTHS = {"truth": ("bool", (), "n % 7 = 3", lambda n: n % 7 == 3)}
TEXTS = {
    "text": ("string", (), "concat(char(97 + n % 26), 'é')", lambda n: chr(97 + n % 26) + "é"),
    "raw": ("binary", (), "unhex(lpad(hex(n % 256), 2, '0'))", lambda n: bytes([n % 256])),
}
COLUMNS = {**NUMBERS, **TRUTHS, **TEXTS}
LAYOUTS = {
    "no rows": (0, 2),
    "one row": (1, 1),
    "empty partitions": (3, 5),
    "many batches": (3_000, 2),
}
RECORDS = "spark.sql.execution.arrow.maxRecordsPerBatch"
BATCH = 500
"""The most rows in a batch, and in a row group of a file."""


def value(name, rows):
    dtype, _, _, of = COLUMNS[name]
    if name in TEXTS:
        return [of(n) for n in range(rows)]
    return np.asarray(of(np.arange(rows)), dtype)


def arrow_dtype(name):
    dtype, shape, _, _ = COLUMNS[name]
    return pd.ArrowDtype(arrow_from_cell(CellSpec(dtype, shape)))


def table(rows, partitions):
    """Make an Arrow table with these numbers of rows and batches."""
    columns = {
        name: pa.array(list(value(name, rows)) if not COLUMNS[name][1] else value(name, rows).tolist(),
                       arrow_from_cell(CellSpec(*COLUMNS[name][:2])))
        for name in COLUMNS
    }  # fmt: skip
    n = np.arange(rows)
    whole = pa.table({"n": n, "k": n % 3, **columns})
    size = min(BATCH, max(1, -(-rows // partitions)))
    return pa.Table.from_batches(whole.to_batches(size), whole.schema)


TABLES = {
    "arrow": lambda table, folder: table,
    "polars": lambda table, folder: pl.from_arrow(table),
    "duckdb": lambda table, folder: duckdb.from_arrow(table),
    "files": lambda table, folder: (
        pq.write_table(table, folder / "0.parquet", row_group_size=BATCH) or str(folder)
    ),
}


@pytest.fixture(
    params=["classic", pytest.param("connect", marks=pytest.mark.long), "pandas", *TABLES]
)
def frame(request, tmp_path):
    """Make a frame with these numbers of rows and partitions."""
    if request.param in TABLES:
        yield lambda *layout: TABLES[request.param](table(*layout), tmp_path)
        return
    if request.param == "pandas":

        def of_pandas(rows, partitions):
            columns = {
                name: pd.Series(value(name, rows), dtype=object) if name in TEXTS
                else list(value(name, rows)) if COLUMNS[name][1] else value(name, rows)
                for name in COLUMNS
            }  # fmt: skip
            if not rows:
                # Without a value an object column has no type, and these have one.
                columns = {name: pd.Series([], dtype=arrow_dtype(name)) for name in COLUMNS}
            return pd.DataFrame({"n": np.arange(rows), **columns})

        yield of_pandas
        return
    spark = request.getfixturevalue(request.param)
    sql = [f"{expression} as {name}" for name, (_, _, expression, _) in COLUMNS.items()]
    before = spark.conf.get(RECORDS)
    spark.conf.set(RECORDS, str(BATCH))
    yield (
        lambda rows, partitions: (
            spark.range(0, rows, 1, partitions).selectExpr("id n", "id").selectExpr("n", *sql)
        )
    )
    spark.conf.set(RECORDS, before)


def rows_of(df, order):
    if isinstance(df, pd.DataFrame):
        return df.sort_values(order).to_dict("records") if len(df) else []
    if hasattr(df, "__arrow_c_stream__"):
        return sorted(pa.table(df).to_pylist(), key=lambda row: row[order])
    return [row.asDict() for row in df.orderBy(order).collect()]


def same(found, expected):
    if isinstance(expected, bool | str | bytes | np.bool_):
        assert found == expected
    else:
        np.testing.assert_array_equal(np.asarray(found, expected.dtype), expected)


def placeholder(name, suffix="", lead=()):
    dtype, shape, _, _ = COLUMNS[name]
    dtype = "string" if name in TEXTS else dtype
    return tf1.placeholder(dtype, [*lead, *shape], name=name + suffix)


@cache
def mapping(lead):
    with tf.Graph().as_default():
        fetches = []
        for name in COLUMNS:
            x = placeholder(name, lead=lead)
            if name in TEXTS:
                out = tf.strings.join([x, x])
            elif name in TRUTHS:
                out = tf.logical_not(x)
            else:
                out = x + x
            fetches.append(tf.identity(out, name=f"out_{name}"))
        return freeze(fetches)


@pytest.mark.matrix
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("verb", ["map_rows", "map_blocks", "run_local"])
def test_maps(frame, verb, layout):
    rows, partitions = LAYOUTS[layout]
    df = frame(rows, partitions)
    out = getattr(tfs, verb)(mapping(() if verb == "map_rows" else (None,)), df)
    found = rows_of(
        out.select("n", *(f"out_{name}" for name in COLUMNS))
        if isinstance(out, DataFrame)
        else out,
        "n",
    )
    assert [row["n"] for row in found] == list(range(rows))
    for name in COLUMNS:
        cells = value(name, rows)
        for row in {0, 1, rows // 2, rows - 1} & set(range(rows)):
            if name in TEXTS:
                expected = cells[row] * 2
            else:
                expected = ~cells[row] if name in TRUTHS else cells[row] + cells[row]
            same(found[row][f"out_{name}"], expected)


@cache
def blocks():
    with tf.Graph().as_default():
        fetches = []
        for name in COLUMNS:
            x = placeholder(name, "_input", (None,))
            if name in TEXTS:
                out = tf.strings.reduce_join(x, axis=0)
            elif name in TRUTHS:
                out = tf.reduce_any(x, axis=0)
            elif name in ("i8", "i16", "f32"):
                out = tf.reduce_max(x, axis=0)
            elif name == "vec":
                out = tf.reduce_min(x, axis=0)
            else:
                out = tf.reduce_sum(x, axis=0)
            fetches.append(tf.identity(out, name=name))
        return freeze(fetches)


@cache
def pairs():
    with tf.Graph().as_default():
        fetches = []
        for name in COLUMNS:
            x, y = placeholder(name, "_1"), placeholder(name, "_2")
            if name in TEXTS:
                out = tf.strings.join([x, y])
            elif name in TRUTHS:
                out = tf.logical_or(x, y)
            elif name in ("i8", "i16", "f32"):
                out = tf.maximum(x, y)
            elif name == "vec":
                out = tf.minimum(x, y)
            else:
                out = x + y
            fetches.append(tf.identity(out, name=name))
        return freeze(fetches)


def reduced(name, cells):
    if name in TEXTS:
        return cells[0][:0].join(cells)
    if name in TRUTHS:
        return cells.any()
    if name in ("i8", "i16", "f32"):
        return cells.max(axis=0)
    with np.errstate(over="ignore"):
        return cells.min(axis=0) if name == "vec" else cells.sum(axis=0, dtype=cells.dtype)


@pytest.mark.matrix
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("verb", ["reduce_blocks", "reduce_rows"])
def test_reductions(frame, verb, layout):
    rows, partitions = LAYOUTS[layout]
    df = frame(rows, partitions)
    program = blocks() if verb == "reduce_blocks" else pairs()
    if not rows:
        with pytest.raises(ReductionError, match="found no rows"):
            getattr(tfs, verb)(program, df)
        return
    found = getattr(tfs, verb)(program, df)
    for name, cell in zip(COLUMNS, found, strict=True):
        same(cell, reduced(name, value(name, rows)))


@pytest.mark.matrix
@pytest.mark.parametrize("layout", LAYOUTS)
def test_aggregates(frame, layout):
    rows, partitions = LAYOUTS[layout]
    df = frame(rows, partitions)
    if isinstance(df, pd.DataFrame):
        df = df.assign(k=df.n % 3)
        out = tfs.aggregate(blocks(), df.groupby("k"))
        pd.testing.assert_frame_equal(out, tfs.aggregate(blocks(), df, by="k"))
    elif isinstance(df, DataFrame):
        out = tfs.aggregate(blocks(), df.selectExpr("*", "n % 3 k").groupBy("k"))
    else:
        out = tfs.aggregate(blocks(), df, by="k")
    found = rows_of(out, "k")
    assert [row["k"] for row in found] == list(range(min(rows, 3)))
    for row in found:
        for name in COLUMNS:
            same(row[name], reduced(name, value(name, rows)[row["k"] :: 3]))
