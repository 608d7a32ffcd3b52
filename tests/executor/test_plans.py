"""Test Spark's plan of a map: when the graph runs, on which rows, and which columns leave the JVM."""

from __future__ import annotations

import json
import os
import uuid

import pyspark
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tests.executor.test_tuning import COLUMNAR
from tfspark_magic.executor.session import functions
from tfspark_magic.executor.tuning import Tuning
from tfspark_magic.frames import spark_maps
from tfspark_magic.verbs import column_functions
from tfspark_magic.versions import is_older
from tfspark_magic.worker.calling import CallColumns
from tfspark_magic.worker.mapping import MapColumns


class Observed:
    """Calls the real function, and records the rows in each worker."""

    def __init__(self, function, folder):
        self.function = function
        self.folder = folder

    def __call__(self, batches):
        from tfspark_magic.worker import program_cache

        seen = {"rows": 0, "columns": 0, "pid": os.getpid()}

        def counted():
            for batch in batches:
                columns = batch if isinstance(batch, tuple) else (batch,)
                seen["rows"] += len(columns[0])
                seen["columns"] = len(columns)
                yield batch

        yield from self.function(counted())
        seen["uses"] = [loaded.uses for loaded in program_cache._loaded.values()]
        with open(f"{self.folder}/{uuid.uuid4()}", "w") as file:
            json.dump(seen, file)


@pytest.fixture
def observe(monkeypatch, tmp_path):
    from pyspark import cloudpickle

    import tests.executor.test_plans as here

    cloudpickle.register_pickle_by_value(here)
    for module, function in ((spark_maps, MapColumns), (column_functions, CallColumns)):
        monkeypatch.setattr(
            module,
            function.__name__,
            lambda *args, function=function: Observed(function(*args), str(tmp_path)),
        )

    def run(action):
        for path in tmp_path.iterdir():
            path.unlink()
        result = action()
        seen = [json.loads(path.read_text()) for path in tmp_path.iterdir()]
        return result, seen

    yield run
    cloudpickle.unregister_pickle_by_value(here)


@pytest.fixture
def table(spark, tmp_path_factory):
    path = str(tmp_path_factory.mktemp("table") / "t")
    spark.range(0, 100, 1, 1).selectExpr(
        "id", "cast(id as int) x", "cast(2 * id as int) y", "concat('s', id) s"
    ).write.parquet(path)
    return spark.read.parquet(path)


def rows(seen):
    return sum(one["rows"] for one in seen)


def once_more(kept):
    """How many rows Spark 4.1 computes again for a filter on a result that keeps so many."""
    return kept if is_older(pyspark.__version__, "4.2") else 0


ONE = SEED
TWO = SEED + "w = tf.subtract(x, y, name='w')\n[z, w]"


@pytest.mark.matrix
@pytest.mark.parametrize("source", [ONE, TWO])
@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda out: out.collect(), 100),
        (lambda out: out.filter("id < 10").collect(), 10),
        (lambda out: out.filter("z < 70").collect(), 100 + once_more(10)),
        (lambda out: out.filter("z < 70 and id < 50").collect(), 50 + once_more(10)),
        (lambda out: out.na.drop().collect(), 100 + once_more(100)),
        (lambda out: out.cache().na.drop().collect(), 100),
        (lambda out: out.select("id", "s").collect(), 0),
        (lambda out: out.count(), 0),
        (lambda out: out.limit(5).collect(), 5),
        (lambda out: out.take(5), 5),
    ],
    ids="all pass-through-filter output-filter both dropna cached select count limit take".split(),
)
def test_the_graph_runs_once_on_each_row_that_is_needed(observe, table, source, action, expected):
    out, seen = observe(lambda: tfs.map_rows(program(source), table))
    assert rows(seen) == 0, "defining a map must run nothing"
    _, seen = observe(lambda: action(out))
    assert rows(seen) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda out: out.collect(), 100),
        (lambda out: out.filter("id < 10").collect(), 10),
        (lambda out: out.filter("z < 70").collect(), 100 + once_more(10)),
        (lambda out: out.na.drop().collect(), 100 + once_more(100)),
        (lambda out: out.select("id", "s").collect(), 0),
        (lambda out: out.take(5), 5),
    ],
    ids="all pass-through-filter output-filter dropna select take".split(),
)
def test_so_does_a_function_of_columns(observe, table, action, expected):
    names = functions(table.sparkSession)
    score = tfs.udf(program(SEED))
    out = table.withColumn("z", score(names.col("x"), names.col("y")))
    _, seen = observe(lambda: action(out))
    assert rows(seen) == expected


def test_only_the_columns_that_feed_the_graph_leave_the_jvm(observe, table):
    _, seen = observe(lambda: tfs.map_rows(program(SEED), table).collect())
    assert {one["columns"] for one in seen} == {2}  # x and y


@pytest.mark.parametrize("columnar", ["false", "true"])
@pytest.mark.parametrize("spark", ["classic"], indirect=True)
def test_rows_are_read_and_not_the_columnar_batches_of_a_file(observe, spark, table, columnar):
    """Spark limits neither the rows nor the bytes of a batch that it takes from a file as it is."""
    with Tuning(spark, {COLUMNAR: columnar}):
        out, _ = observe(lambda: tfs.map_rows(program(SEED), table))
        assert out.columns == ["id", "x", "y", "s", "z"]
        kept = out.filter("z < 70")
        plan = spark._jvm.PythonSQLUtils.explainString(kept._jdf.queryExecution(), "simple")
        assert plan.count("ArrowEvalPython") == 1 + (once_more(1) > 0), plan
        rows_below = "ColumnarToRow" in plan.partition("ArrowEvalPython")[2]
        assert rows_below or columnar == "false", plan
        assert [row.z for row in kept.collect()] == list(range(0, 70, 7))


def test_a_program_is_loaded_once_per_worker_and_kept_across_queries(observe, table):
    score = program("x = tf.placeholder(tf.int32, name='x')\ntf.add(x, 4242, name='unique')")
    workers: dict[int, list[list[int]]] = {}
    for _ in range(4):  # Spark keeps two idle workers and takes them in turn
        _, seen = observe(lambda: tfs.map_rows(score, table).collect())
        for one in seen:
            workers.setdefault(one["pid"], []).append(one["uses"])
    used_again = [uses for uses in workers.values() if len(uses) > 1]
    assert used_again, "Spark gave each query a new worker"
    for first, second, *_ in used_again:
        assert len(second) == len(first), "the second task loaded the program again"
        assert sum(second) == sum(first) + 1


@pytest.mark.both
def test_a_preview_of_a_large_table_computes_a_few_rows(observe, spark):
    big = spark.range(0, 10_000_000, 1, 8).selectExpr("cast(id as int) x", "cast(id as int) y")
    taken, seen = observe(lambda: tfs.map_rows(program(SEED), big).limit(5).collect())
    assert len(taken) == 5
    assert rows(seen) <= 5 * 8
