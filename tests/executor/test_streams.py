"""Maps and functions in streams, which stop in the middle and go on from their checkpoint."""

from __future__ import annotations

import time

import pytest

import tfspark_magic as tfs
from tests.executor.test_large_programs import LARGE
from tests.executor.test_large_programs import program as large_program
from tests.executor.test_mapping import SEED, program
from tfspark_magic import errors

FILES, ROWS, NULL = 6, 10, 25
LOOK_UP = """
x = tf.placeholder(tf.int32, [], name='x')
tf.identity(tf.constant(large)[x, 3], name='w')
"""
DOUBLE = "z = tf.placeholder(tf.int32, [None], name='z')\ntf.multiply(z, 2, name='d')"
TOTAL = """
key = tf.placeholder(tf.int64, [None], name='key')
w = tf.placeholder(tf.float64, [None], name='w')
d = tf.placeholder(tf.int32, [None], name='d')
s = tf.placeholder(tf.int32, [None], name='s')
[tf.identity(key, name='id'), tf.add(w, tf.cast(d + s, tf.float64), name='total')]
"""


@pytest.fixture
def source(spark, tmp_path):
    """Files of ten rows, the third of which holds a null."""
    folder = str(tmp_path / "in")
    for file in range(FILES):
        spark.range(file * ROWS, (file + 1) * ROWS, 1, 1).selectExpr(
            "id", f"if(id = {NULL}, null, cast(id as int)) x", "cast(2 * id as int) y"
        ).write.mode("append").parquet(folder)
    files = spark.readStream.schema("id bigint, x int, y int")
    return files.option("maxFilesPerTrigger", 1).parquet(folder)


def every_map(spark, stream, nulls):
    """Rows, weights beside the graph, blocks, SQL, and blocks that are trimmed: in one query."""
    rows = tfs.map_rows(program(SEED), stream, nulls=nulls)
    looked_up = tfs.map_rows(large_program(LOOK_UP), rows, nulls=0)
    blocks = tfs.map_blocks(program(DOUBLE), looked_up)
    blocks.createOrReplaceTempView("scored_stream")
    tfs.register(spark, "stream_score", program(SEED))
    computed = spark.sql("select id key, w, d, stream_score(z, y) s from scored_stream")
    assert computed.isStreaming
    return tfs.map_blocks(program(TOTAL), computed, trim=True)


def expected(key):
    x = 100 if key == NULL else key
    z = x + 6 * key
    return LARGE[0 if key == NULL else key, 3] + 2 * z + z + 6 * key


def test_each_row_once_however_often_the_query_stops(spark, source, tmp_path):
    out = str(tmp_path / "out")

    def start(nulls, **trigger):
        writer = every_map(spark, source, nulls).writeStream.format("parquet")
        checkpoint = writer.option("checkpointLocation", str(tmp_path / "checkpoint"))
        return checkpoint.trigger(**trigger).start(out)

    # It fails beside the data, in the third file.
    query = start("error", availableNow=True)
    with pytest.raises(Exception, match="Column 'x' holds 1 null"):
        query.awaitTermination()
    assert spark.read.parquet(out).count() == 2 * ROWS

    # It is stopped by hand once it has written more, wherever it is by then.
    query = start(100, processingTime="2 seconds")
    deadline = time.monotonic() + 120
    while spark.read.parquet(out).count() == 2 * ROWS and time.monotonic() < deadline:
        query.awaitTermination(0.1)
    query.stop()
    assert spark.read.parquet(out).count() >= 3 * ROWS

    start(100, availableNow=True).awaitTermination()
    rows = sorted((r.id, r.total) for r in spark.read.parquet(out).collect())
    assert rows == [(key, expected(key)) for key in range(FILES * ROWS)]


@pytest.mark.both
def test_reductions_of_streams_are_refused_with_advice(spark, source):
    total = program(
        "y_input = tf.placeholder(tf.int32, [None], name='y_input')\n"
        "tf.reduce_sum(y_input, name='y')"
    )
    with pytest.raises(errors.NotAvailableError, match="call it in foreachBatch"):
        tfs.reduce_blocks(total, source)


@pytest.mark.both
def test_functions_of_columns_in_a_stream(spark, source, tmp_path):
    from tfspark_magic.executor.session import functions

    names = functions(spark)
    score = tfs.udf(program(SEED), nulls="null")
    query = (
        source.withColumn("z", score(names.col("x"), names.col("y")))
        .filter("z > 350 or z is null")
        .writeStream.format("parquet")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .trigger(availableNow=True)
        .start(str(tmp_path / "out"))
    )
    query.awaitTermination()
    rows = spark.read.parquet(str(tmp_path / "out")).select("id", "z").orderBy("id").collect()
    assert [tuple(r) for r in rows] == [(NULL, None), *((i, 7 * i) for i in range(51, 60))]
