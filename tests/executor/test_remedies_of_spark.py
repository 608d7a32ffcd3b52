"""Follow the advice in errors of functions, groups, shapes and streams literally: it works."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F
from pyspark.sql import types as T

import tfspark_magic as tfs
from tests.binding.test_remedies_of_bindings import program
from tfspark_magic import errors
from tfspark_magic.binding.column_functions import bind_arguments
from tfspark_magic.schema.spec import CellSpec

NARROW = program("x + 1", x=("float32", []))
WIDE = program("x + 1", x=[])
VECTOR = program("v + 1", v=[2])
VECTORS = program("v + 1", v=[None])
TEXT = program("tf.identity(s)", s=("string", []))
SUM = program("{'x': tf.reduce_sum(x_input)}", x_input=[None])


@pytest.fixture(scope="module")
def df(classic):
    return classic.range(4).selectExpr(
        "double(id) x", "float(id) f", "string(id) s", "array(double(id), 1D) v", "id",
        "make_interval(0, 0, 0, int(id)) c", "make_ym_interval(int(id)) y", "parse_json(string(id)) j",
        "array(array(double(id), 1D)) vv", "cast(id as decimal(5, 2)) d",
    )  # fmt: skip


def refused(said, call, kind=errors.TfSparkError):
    with pytest.raises(kind, match=said) as caught:
        call()
    return str(caught.value)


def test_types_of_functions_are_said_as_it_is_advised(df):
    for graph, types, column in [
        (NARROW, {"x": "double"}, "f"),
        (NARROW, {"x": "decimal(5, 2)"}, "f"),
        (NARROW, {"x": "flot"}, "f"),
        (program("v + 1", v=("float32", [2])), {"v": "array<double>"}, F.array("f", "f")),
    ]:
        text = refused(r"types=", lambda graph=graph, types=types: tfs.udf(graph, types=types))
        advised = eval(re.search(r"(?:say|write) types=(\{.*?\})", text)[1])
        assert df.select(tfs.udf(graph, types=advised)(column)).count() == 4
    for graph, types, said in [
        (NARROW, {"x": "array<float>"}, "say other types=, or change the placeholder's shape"),
        (VECTOR, {"v": "array<array<double>>"}, "say types= of a vector, or change"),
    ]:
        refused(said, lambda graph=graph, types=types: tfs.udf(graph, types=types))
    assert df.select(tfs.udf(NARROW, types={"x": "float"})("f")).count() == 4
    assert df.select(tfs.udf(VECTOR, types={"v": "array<double>"})("v")).count() == 4
    assert df.select(
        tfs.udf(program("v", v=[None, None]), types={"v": "array<array<double>>"})("vv")
    ).count()


NUMBER, TEXTS, LIST = CellSpec("float64"), CellSpec("string"), CellSpec("float64", (None,))
# name: (a function, its argument, a part of the error, the function and argument of its advice)
ARGUMENTS = {
    "a cast": (tfs.udf(NARROW), NUMBER, "so cast it to float, or", tfs.udf(NARROW), CellSpec("float32")),
    "a wider placeholder": (
        tfs.udf(NARROW), NUMBER, "or make the placeholder tf.float64", tfs.udf(WIDE), NUMBER,
    ),
    "text": (tfs.udf(WIDE), TEXTS, "so make the placeholder tf.string", tfs.udf(TEXT), TEXTS),
    "bytes": (
        tfs.udf(TEXT), CellSpec("binary"), r"with types=\{'s': 'binary'\}",
        tfs.udf(TEXT, types={"s": T.BinaryType()}), CellSpec("binary"),
    ),
    "blocks": (
        tfs.udf(VECTORS), NUMBER, "say verb='map_blocks' if its first axis is the rows",
        tfs.udf(VECTORS, verb="map_blocks"), NUMBER,
    ),
    "an array": (tfs.udf(VECTORS), NUMBER, "or pass an array", tfs.udf(VECTORS), LIST),
    "rows": (
        tfs.udf(VECTORS, verb="map_blocks"), LIST, "say verb='map_rows' if its first axis is not",
        tfs.udf(VECTORS, verb="map_rows"), LIST,
    ),
    "single values": (
        tfs.udf(VECTORS, verb="map_blocks"), LIST, "or pass single values",
        tfs.udf(VECTORS, verb="map_blocks"), NUMBER,
    ),
    "another shape": (
        tfs.udf(VECTOR), CellSpec("float64", (None, None)), "pass an argument of that shape",
        tfs.udf(VECTOR), LIST,
    ),
}  # fmt: skip


@pytest.mark.usefixtures("classic")
@pytest.mark.parametrize("kind", ARGUMENTS)
def test_arguments_are_passed_as_it_is_said(kind):
    # As a task does it: failing there takes seconds.
    function, cell, said, then, passed = ARGUMENTS[kind]
    refused(said, lambda: bind_arguments(function._plan, [cell]), errors.ArgumentError)
    assert bind_arguments(then._plan, [passed]).feeds[0].source == passed


def test_functions_are_called_as_it_is_said(df, classic):
    function, vector = tfs.udf(WIDE), tfs.udf(VECTOR)
    for value, call in [(3.5, function), ([1.0, 2.0], vector)]:
        text = refused("takes columns and their names", lambda value=value, call=call: call(value))
        advised = eval(re.search(r"write (F\.lit.*)\.$", text)[1], {"F": F})
        assert df.select(call(advised)).count() == 4
    for value, then in [(np.ones(2), F.lit(np.ones(2))), (df, "v")]:
        refused("the name of a column, or F.lit of a value", lambda value=value: vector(value))
        assert df.select(vector(then)).count() == 4
    refused("takes 1 argument", function, errors.FeedError)
    text = refused("has its own function 'sum'", lambda: tfs.register(classic, "sum", WIDE))
    advised = re.search(r"write (tfs\.register\(.*\))\.$", text)[1].replace("...", "WIDE")
    eval(advised, {"tfs": tfs, "spark": classic, "WIDE": WIDE})
    assert classic.sql("select tf_sum(1D) z").first().z == 2
    refused("a name of letters, digits and underscores", lambda: tfs.register(classic, "a b", WIDE))


def test_groups_are_made_as_it_is_said(df):
    for key in ("c", "y", "j"):
        text = refused(f"Key {key!r} is", lambda key=key: tfs.aggregate(SUM, df.groupBy(key)))
        kind = re.search(r"with cast\('(.*)'\)\.$", text)[1]
        grouped = df.groupBy(F.col(key).cast(kind).alias("k"))
        assert sum(row.x for row in tfs.aggregate(SUM, grouped).collect()) == 6
    text = refused("has no keys", lambda: tfs.aggregate(SUM, df.groupBy()))
    assert "use tfs.reduce_blocks" in text
    assert tfs.reduce_blocks(SUM, df) == 6
    text = refused("needs a grouped DataFrame", lambda: tfs.aggregate(SUM, df))
    assert text.endswith("write tfs.aggregate(fetches, df.groupBy('key')).")
    refused(
        "group by columns, one aggregation at a time", lambda: tfs.aggregate(SUM, df.rollup("s"))
    )
    assert tfs.aggregate(SUM, df.groupBy("s")).count() == 4


def test_groups_of_pandas_are_made_as_it_is_said():
    df = pd.DataFrame({"x": [1.0, 2.0, 3.0], "key": [1, 1, 2]})
    series = pd.Series([1, 2, 2], index=[2, 1, 0])
    text = refused("has another one", lambda: tfs.aggregate(SUM, df.groupby(series)))
    advised = eval(
        re.search(r"write (df\.groupby\(.*\))\.$", text)[1], {"df": df, "series": series}
    )
    assert tfs.aggregate(SUM, advised)["x"].tolist() == [3, 3]
    for keys in ([0, 0, 1], lambda row: row % 2, pd.Grouper(key="key")):
        text = refused("by its columns", lambda keys=keys: tfs.aggregate(SUM, df.groupby(keys)))
        advised = eval(re.search(r"write (df\.groupby\('key'\)) or", text)[1], {"df": df})
        assert tfs.aggregate(SUM, advised)["x"].tolist() == [3, 3]
    text = refused("needs a grouped", lambda: tfs.aggregate(SUM, df))
    advised = eval(re.search(r"fetches, (df\..*)\)\.$", text)[1], {"df": df})
    assert tfs.aggregate(SUM, advised)["x"].tolist() == [3, 3]


def test_shapes_are_said_as_it_is_advised(df):
    for column, shape in [("v", [3, 4]), ("vv", [2]), ("x", [2, 2])]:
        text = refused("The shape of column", lambda c=column, s=shape: tfs.append_shape(df, c, s))
        advised = eval(re.search(r"write (\[.*?\])", text)[1])
        assert tfs.append_shape(df, column, advised).schema.names == df.schema.names
    refused(
        "a list of sizes, with None for one not known", lambda: tfs.append_shape(df, "v", "two")
    )
    refused("Did you mean 'vv'", lambda: tfs.append_shape(df, "vvv", [2]))
    stream = (
        df.sparkSession.readStream.format("rate").load().selectExpr("array(1D) v", "1D x", "1 k")
    )
    text = refused("cannot be read now", lambda: tfs.analyze(stream))
    advised = re.search(r"with (tfs\.append_shape\(.*\))\.$", text)[1]
    names = {"tfs": tfs, "df": stream, "column": "v", "shape": [1]}
    assert tfs.map_rows(program("v", v=[1]), eval(advised, names)).isStreaming
    for call in (
        lambda: tfs.reduce_blocks(SUM, stream),
        lambda: tfs.aggregate(SUM, stream.groupBy("k")),
    ):
        refused("call it in foreachBatch", call)
    totals = []
    query = stream.writeStream.foreachBatch(lambda batch, _: totals.append(tfs.reduce_blocks(SUM, batch)
        if batch.count() else 0)).trigger(availableNow=True).start()  # fmt: skip
    query.awaitTermination()
    assert totals


def test_options_are_given_as_it_is_said(df, classic, tmp_path):
    pd.DataFrame({"f": np.ones(3, "float32"), "t": pd.to_timedelta([1, 2, 3])}).to_parquet(
        tmp_path / "a.parquet"
    )
    path, feed = str(tmp_path), {"x": "f"}
    for said, call, then in [
        ("trim and whole_partition go with map_blocks",
         lambda: tfs.explain(NARROW, df, feed, verb="map_rows", trim=True), lambda: tfs.explain(NARROW, df, feed)),
        ("explain knows the verbs map_rows", lambda: tfs.explain(NARROW, df, feed, verb="map"),
         lambda: tfs.explain(NARROW, df, feed, verb="map_rows")),
        (r"it needs df\.groupBy", lambda: tfs.explain(SUM, df, verb="aggregate"),
         lambda: tfs.explain(SUM, df.groupBy("s"), verb="aggregate")),
        ("a DataFrame: leave verb out", lambda: tfs.explain(SUM, df.groupBy("s"), verb="map_rows"),
         lambda: tfs.explain(SUM, df.groupBy("s"))),
        ("output is 'pandas' or 'arrow' or 'batches'", lambda: tfs.run_local(NARROW, df.select("f"), feed, output="numpy"),
         lambda: tfs.run_local(NARROW, df.select("f"), feed, output="arrow")),
        ("spark= goes with files: leave it out", lambda: tfs.reduce_blocks(SUM, df, spark=classic),
         lambda: tfs.reduce_blocks(SUM, df)),
        ("leave it out, and drop columns", lambda: tfs.map_rows(NARROW, df, feed, columns=["f"]),
         lambda: tfs.map_rows(NARROW, df, feed).drop("f")),
        ("profile goes with trim=True", lambda: tfs.map_blocks(VECTORS, df, {"v": "x"}, profile=object()),
         lambda: tfs.map_blocks(VECTORS, df, {"v": "x"}, trim=True)),
        ("leave profile out", lambda: tfs.map_blocks(VECTORS, df, {"v": "x"}, trim=True, profile=profile()),
         lambda: tfs.map_blocks(VECTORS, df, {"v": "x"}, trim=True)),
        (r"write tfs\.map_rows\(fetches, df\)", lambda: tfs.map_rows(NARROW, 3), lambda: tfs.map_rows(NARROW, df, feed)),
        (r"write tfs\.map_files\(fetches, path, spark=spark\)", lambda: tfs.map_files(NARROW, df, feed, spark=classic),
         lambda: tfs.map_files(NARROW, path, feed, spark=classic, columns=["f"])),
        ("trim=True returns only the fetches: leave columns= out",
         lambda: tfs.map_blocks(VECTORS, path, {"v": "f"}, trim=True, columns=["f"]),
         lambda: tfs.map_blocks(program("v", v=("float32", [None])), path, {"v": "f"}, trim=True)),
    ]:  # fmt: skip
        refused(said, call)
        assert then() is not None


def profile():
    from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests

    return ResourceProfileBuilder().require(TaskResourceRequests().cpus(1)).build
