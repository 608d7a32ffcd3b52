"""Follow the advice in errors of binding literally: it works."""

from __future__ import annotations

import datetime as dt
import decimal
import re

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1


def program(dtype, shape):
    with tf.Graph().as_default():
        x = tf1.placeholder(dtype, shape, name="x")
        return freeze([tf.identity(x, name="z")], "same")


def objects(rank):
    """Arrays of arrays, as pandas reads those of a file."""
    cell = np.array([1.0, 2.0])
    for _ in range(rank - 1):
        inner, cell = cell, np.empty(1, object)
        cell[0] = inner
    return cell


def advised(graph, df, feed=None, pattern=r"(df\.\w+\(.*\))", **options):
    """Run the code that the error of a map advises, and return the new frame."""
    with pytest.raises(errors.TfSparkError) as caught:
        collect(tfs.map_rows(graph, df, feed, **options))
    code = re.search(pattern, str(caught.value))
    assert code, str(caught.value)
    from pyspark.ml.functions import vector_to_array

    names = {"df": df, "np": np, "pd": pd, "F": F, "vector_to_array": vector_to_array}
    # The code may be followed by words.
    text = re.split(r"(?<=\)), or | if its ", code[1])[0]
    return eval(text, names)


def collect(out):
    return out["z"].tolist() if isinstance(out, pd.DataFrame) else [r["z"] for r in out.collect()]


PANDAS = {
    "a cast": ("float32", [], pd.Series([1.5, 2.5])),
    "a cast of arrays": ("float32", [None], pd.Series([np.ones(2), np.zeros(3)])),
    "unsigned": ("int64", [], pd.Series([1, 2], dtype="uint64")),
    "small unsigned": ("int64", [], pd.Series([1, 2], dtype="uint32")),
    "a duration": ("float64", [], pd.Series([dt.timedelta(seconds=2)] * 2)),
    "a decimal": ("float64", [], pd.Series([decimal.Decimal("1.5")] * 2)),
    "nulls of pandas": ("float32", [], pd.Series([1, None], dtype="Int64")),
    "nulls of objects": ("int32", [], pd.Series([1, None], dtype=object)),
    "objects": ("float32", [], pd.Series([1, 2], dtype=object)),
    "Arrow's numbers": ("int32", [], pd.Series([1, None], dtype="int64[pyarrow]")),
    "categories": ("float32", [], pd.Series([1.5, None]).astype("category")),
    "numbers of text": ("int64", [], pd.Series(["1", None])),
    "text of numbers": ("string", [], pd.Series([1, 2])),
    "pixels": ("uint8", [], pd.Series([1, 2])),
    "halves": ("float16", [], pd.Series([1.5, None], dtype="Float64")),
    "arrays of numbers": ("float32", [None, 2], pd.Series([np.ones((2, 2)), None])),
    "lists": ("float32", [None, 2], pd.Series([[[1.0, 2.0]], None])),
    "arrays as files have them": ("float32", [1, None, 2], pd.Series([objects(3), None])),
    "arrays of text": ("int64", [None], pd.Series([np.array(["1", "2"], object), None])),
    "matrices for a vector": ("float64", [None], pd.Series([np.ones((2, 2)), None])),
    "files' matrices for a vector": ("float64", [None], pd.Series([objects(3), None])),
    "lists for a vector": ("float64", [2], pd.Series([[[[1.0], [2.0]]], None])),
}


@pytest.mark.parametrize("kind", PANDAS)
def test_what_is_advised_for_pandas(kind):
    dtype, shape, column = PANDAS[kind]
    df = pd.DataFrame({"x": column})
    graph = program(dtype, shape)
    mended = advised(graph, df)
    found = collect(tfs.map_rows(graph, mended, nulls="null"))
    assert [value is None or value is pd.NA for value in found] == df["x"].isna().tolist()
    assert str(df["x"].dtype) == str(column.dtype)


def test_what_is_not_advised_for_pandas():
    for dtype, values in (("bool", ["True", "False"]), ("int64", [b"1", b"2"])):
        with pytest.raises(
            errors.DtypeMismatchError, match=r"silently: make the placeholder tf\.string\.$"
        ):
            tfs.map_rows(program(dtype, []), pd.DataFrame({"x": values}))
        assert len(tfs.map_rows(program("string", []), pd.DataFrame({"x": values}))) == 2


def test_fields_of_a_struct_of_pandas():
    mixed = pd.DataFrame({"s": [{"x": 1.5, "name": "a"}, {"x": 2.5, "name": "b"}]})
    graph = program("float64", [])
    mended = advised(graph, mixed, {"x": "s"}, r"(df\.join\(.*\))")
    assert collect(tfs.map_rows(graph, mended)) == [1.5, 2.5]
    with pytest.raises(errors.UnsupportedTypeError) as caught:
        tfs.map_rows(graph, mixed, {"x": "s"})
    assert "'s.*'" not in str(caught.value)
    plain = pd.DataFrame({"s": [{"x": 1.5, "y": 1.0}]})
    with pytest.raises(errors.UnsupportedTypeError, match=r"bind 's\.\*'"):
        tfs.map_rows(graph, plain, {"x": "s"})
    assert [
        z.tolist() for z in collect(tfs.map_rows(program("float64", [2]), plain, {"x": "s.*"}))
    ] == [[1.5, 1.0]]


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("string", ["a", None]),
        ("bool", pd.array([True, None], "boolean")),
        ("int64", pd.array([1, None], "Int64")),
    ],
)
def test_the_value_advised_for_nulls_is_one(dtype, values):
    df, graph = pd.DataFrame({"x": values}), program(dtype, [])
    with pytest.raises(errors.NullValuesError) as caught:
        tfs.map_rows(graph, df)
    nulls = eval(re.search(r"such as nulls=(.*)\.$", str(caught.value))[1])
    assert len(collect(tfs.map_rows(graph, df, nulls=nulls))) == 2
    assert len(collect(tfs.map_rows(graph, df, nulls="null"))) == 2


POINT = "0101000000000000000000F03F0000000000000040"
SPARK = {
    "a cast": ("int32", [], "id as x", None),
    "a cast of arrays": ("int32", [None], "array(id) as x", None),
    "a decimal": ("float64", [], "cast(id as decimal(5, 2)) as x", None),
    "decimals in arrays": ("float64", [None], "array(cast(id as decimal(5, 2))) as x", None),
    "a struct of all kinds": ("int64", [], "struct(id as x, 'a' as y) as s", "s"),
    "structs in arrays": ("int64", [None], "array(struct(id as a, 'a' as y)) as x", None),
    "days": ("int64", [], "make_dt_interval(int(id)) as x", None),
    "months": ("int32", [], "make_ym_interval(int(id), 2) as x", None),
    "days in arrays": ("int64", [None, None], "array(array(make_dt_interval(int(id)))) as x", None),
    "any interval": ("string", [], "make_interval(int(id)) as x", None),
    "any interval in arrays": ("string", [None], "array(make_interval(int(id))) as x", None),
    "maps in arrays": ("int64", [None, None], "array(map('a', id), map('b', id)) as x", None),
    "maps in matrices": ("int64", [None, None, None], "array(array(map('a', id))) as x", None),
    "times of day": ("int64", [], "time'12:00:00' as x", None),
    "times of day in arrays": ("int64", [None], "array(time'12:00:00') as x", None),
    "variants": ("float64", [], "parse_json(string(id)) as x", None),
    "variants in arrays": ("float64", [None], "array(parse_json(string(id))) as x", None),
    "maps": ("int64", [None], "map('a', id) as x", None),
    "structs in matrices": ("int64", [None, None], "array(array(struct(id as `{}.`))) as x", None),
    "places": ("string", [], f"st_geomfromwkb(X'{POINT}') as x", None),
    "places in arrays": ("string", [None], f"array(st_geogfromwkb(X'{POINT}')) as x", None),
    "nothing": ("float64", [], "null as x", None),
    "nothing in arrays": ("float64", [None, None], "array(array(null)) as x", None),
    "parts in a struct": ("float32", [2], "struct(1D as a, 2D as b) as s", "s.*"),
    "parts in a list": ("float32", [2], "1D as a; 2D as b", ["a", "b"]),
    "parts with commas": ("float32", [2], "1D as `a, b`; 2D as `c``d.e`", ["a, b", "c`d.e"]),
    "matrices for a vector": ("int64", [4], "array(array(id, id), array(id, id)) as x", None),
    "cubes for a vector": ("int64", [None], "array(array(array(id, id))) as x", None),
    "numbers of text": ("int64", [], "string(id) as x", None),
    "arrays of text": ("string", [None, None], "array(array(id)) as x", None),
    "pixels": ("uint8", [None], "array(int(id)) as x", None),
    "halves": ("float16", [], "double(id) as x", None),
}


@pytest.fixture
def every_type(classic):
    """Types that Spark 4.1 has only by these settings."""
    names = [f"spark.sql.{name}.enabled" for name in ("timeType", "geospatial")]
    for name in names:
        classic.conf.set(name, "true")
    yield
    for name in names:
        classic.conf.unset(name)


@pytest.mark.usefixtures("every_type")
@pytest.mark.parametrize("kind", SPARK)
def test_what_is_advised_for_spark(classic, kind):
    dtype, shape, expression, column = SPARK[kind]
    df, graph = classic.range(2).selectExpr(*expression.split("; ")), program(dtype, shape)
    feed = None if column is None else {"x": column}
    mended = advised(graph, df, feed)
    # The new column is named `x`, or must still be bound.
    again = feed if column != "s" else None
    assert len(collect(tfs.map_rows(graph, mended, again, nulls="null"))) == 2


def test_what_is_advised_for_names_with_dots(classic):
    df = classic.range(2).selectExpr(
        "cast(id as decimal(5, 2)) as `a.d`", "id as `a.n`", "array(array(id, id)) as `a.m`",
        "struct(1D as p, 2D as q) as `a.s`",
    )  # fmt: skip
    for column, dtype, shape in (
        ("a.d", "float64", []), ("a.n", "int32", []), ("a.m", "int64", [2]), ("a.s.*", "float32", [2]),
    ):  # fmt: skip
        graph = program(dtype, shape)
        mended = advised(graph, df, {"x": column})
        assert len(collect(tfs.map_rows(graph, mended, {"x": column}))) == 2


def test_what_is_advised_for_objects(classic):
    from pyspark.ml.linalg import Matrices, MatrixUDT, Vectors, VectorUDT
    from pyspark.sql import types as T
    from pyspark.testing.objects import PythonOnlyPoint, PythonOnlyUDT

    vector, matrix = Vectors.dense([1.0, 2.0]), Matrices.dense(1, 2, [1.0, 2.0])
    point = PythonOnlyPoint(1.0, 2.0)
    objects = {
        "m": (MatrixUDT(), matrix, [[1, 2]]),
        "p": (PythonOnlyUDT(), point, [1, 2]),
        "vs": (T.ArrayType(T.ArrayType(VectorUDT())), [[vector]], [[[1, 2]]]),
        "ms": (T.ArrayType(T.ArrayType(MatrixUDT())), [[matrix]], [[[[1, 2]]]]),
        "ps": (T.ArrayType(PythonOnlyUDT()), [point], [[1, 2]]),
    }
    kinds = T.StructType([T.StructField(name, kind) for name, (kind, *_) in objects.items()])
    rows = [[cell for _, cell, _ in objects.values()], [None] * len(objects)]
    df = classic.createDataFrame(rows, kinds)
    with tf.Graph().as_default():
        fed = {name: tf1.placeholder("float64", None, name=name) for name in objects}
        graphs = {name: freeze([tf.identity(x, name="z")], "same") for name, x in fed.items()}
        several = [tf.reshape(x, [-1], name=f"z_{name}") for name, x in fed.items()]
        whole = freeze(several, "all")
    for name, graph in graphs.items():
        df = advised(graph, df, {name: name})
    first, second = tfs.map_rows(whole, df, nulls="null").collect()
    assert {name: first[name] for name in objects} == {
        name: value for name, (*_, value) in objects.items()
    }
    assert [second[f"z_{name}"] for name in objects] == [None] * len(objects)


def test_what_is_advised_for_fields(classic):
    df = classic.range(2).selectExpr(
        "struct(cast(id as decimal(5, 2)) as `a.b`, 2D as `c``d`) as `s.t`",
        "struct(1 as x, array(1) as y) as r",
        "struct() as e",
        "array(struct()) as es",
    )
    graph = program("float64", [2])
    mended = advised(graph, df, {"x": "s.t.*"})
    assert collect(tfs.map_rows(graph, mended, {"x": "s.t.*"})) == [[0.0, 2.0], [1.0, 2.0]]
    mixed = df.withColumn("m", F.struct(F.lit(1).alias("p"), F.create_map().alias("q")))
    mended = advised(graph, mixed, {"x": "m.*"})
    assert collect(tfs.map_rows(graph, mended, {"x": ["p", "p"]})) == [[1.0, 1.0]] * 2
    for column in ("e", "es"):
        with pytest.raises(errors.UnsupportedTypeError, match="bind another column, since its str"):
            tfs.map_rows(graph, df, {"x": column})


def test_nulls_of_a_trimmed_map():
    df = pd.DataFrame({"x": pd.array([1, None], "Int64")})
    block = program("int64", [None])
    with pytest.raises(errors.OptionError, match=r"use 'error', or a value of that dtype"):
        tfs.map_blocks(block, df, trim=True, nulls="none")
    assert collect(tfs.map_blocks(block, df, trim=True, nulls=0)) == [1, 0]


def test_what_is_advised_for_vectors_of_mllib(classic):
    from pyspark.ml.linalg import Vectors

    df = classic.createDataFrame(
        [([Vectors.dense([1.0, 2.0])], Vectors.dense([3.0, 4.0]))], ["vs", "x"]
    )
    several = advised(program("float64", [None, None]), df, {"x": "vs"})
    out = tfs.map_rows(program("float64", [None, None]), several, {"x": "vs"})
    assert collect(out) == [[[1.0, 2.0]]]
    narrow = advised(program("float32", [None]), df)
    assert collect(tfs.map_rows(program("float32", [None]), narrow)) == [[3.0, 4.0]]
    whole = advised(program("int32", [None]), df)
    assert collect(tfs.map_rows(program("int32", [None]), whole)) == [[3, 4]]


def test_a_profile_is_refused_in_words_for_files_too(tmp_path):
    pd.DataFrame({"x": [1.0]}).to_parquet(tmp_path / "f.parquet")
    block = program("float64", [None])
    with pytest.raises(errors.OptionError) as caught:
        tfs.map_blocks(block, str(tmp_path), trim=True, profile=object())
    assert "pandas" not in str(caught.value)
    assert tfs.map_blocks(block, str(tmp_path), trim=True).to_arrow()["z"].to_pylist() == [1.0]


def test_intervals_as_numbers_are_what_they_say(classic):
    df = classic.sql(
        "select interval '1 02:00:00' day to second as x, interval '2-3' year to month as y"
    )
    days = advised(program("int64", []), df)
    assert days.select("x").first()["x"] == 26 * 3600 * 10**6
    months = advised(program("int32", []), df, {"x": "y"})
    assert months.select("y").first()["y"] == 27


def test_parts_of_a_vector_of_pandas():
    structs = [{"c": 3.0, "d": 4.0}, {"c": 3.0, "d": None}, None]
    df = pd.DataFrame({"a, b": [1, None, 3], "b": [2.0, 5.0, None], "s": structs})
    df["a, b"] = df["a, b"].astype("Int32")
    for dtype in ("float32", "int32"):
        graph = program(dtype, [2])
        for parts, expected in ((["a, b", "b"], [1, 2]), ("s.*", [3, 4])):
            mended = advised(graph, df.iloc[:2], {"x": parts})
            out = tfs.map_rows(graph, mended, {"x": parts}, nulls="null")
            assert out["z"][0].tolist() == expected
            assert out["z"][1] is None
    mended = advised(program("float32", [2]), df, {"x": "s.*"})
    assert mended["s"][1:].tolist() == [{"c": 3.0, "d": None}, None]


def test_parts_of_a_vector_of_files(tmp_path):
    pd.DataFrame({"a": [1.0], "b": [2.0]}).to_parquet(tmp_path / "f.parquet")
    said = r"write the columns again as float32, or make the placeholder tf\.float64\.$"
    with pytest.raises(errors.DtypeMismatchError, match=said):
        tfs.map_rows(program("float32", [2]), str(tmp_path), {"x": ["a", "b"]})
    out = tfs.map_rows(program("float64", [2]), str(tmp_path), {"x": ["a", "b"]})
    assert out.to_arrow()["z"].to_pylist() == [[1, 2]]
    pd.DataFrame({"a": [1.0], "b": [2.0]}, dtype="float32").to_parquet(tmp_path / "f.parquet")
    out = tfs.map_rows(program("float32", [2]), str(tmp_path), {"x": ["a", "b"]})
    assert out.to_arrow()["z"].to_pylist() == [[1, 2]]


def test_arrays_of_files_for_a_vector(tmp_path):
    path = str(tmp_path / "f.parquet")
    pd.DataFrame({"x": [[[1.0], [2.0]]]}).to_parquet(path)
    vector = program("float64", [None])
    with pytest.raises(
        errors.ShapeMismatchError,
        match="write the column again as lists of single values, or change",
    ):
        tfs.map_rows(vector, path)
    pd.DataFrame({"x": [[1.0, 2.0]]}).to_parquet(path)
    assert tfs.map_rows(vector, path).to_arrow()["z"].to_pylist() == [[1, 2]]


def test_the_other_map_is_advised_where_it_works():
    scalars, vectors = pd.DataFrame({"x": [1.0, 2.0]}), pd.DataFrame({"x": [[1.0, 2.0]]})
    for graph, df, verb in [
        (program("float64", [None, 2]), vectors, "map_blocks"),
        (program("float64", []), scalars, "map_rows"),
        (program("float64", [2]), vectors, "map_rows"),
    ]:
        refusing = tfs.map_rows if verb == "map_blocks" else tfs.map_blocks
        with pytest.raises(errors.ShapeMismatchError, match=rf"; use {verb}, or"):
            refusing(graph, df)
        assert len(getattr(tfs, verb)(graph, df)) == len(df)
    # Neither map fits here, and neither is advised.
    with pytest.raises(errors.ShapeMismatchError) as caught:
        tfs.map_rows(program("float64", [None, 3]), scalars)
    assert "use map_" not in str(caught.value)
    with tf.Graph().as_default():
        x, y = tf1.placeholder("float64", [2], name="x"), tf1.placeholder("float64", [3], name="y")
        both = freeze([tf.concat([x, y], 0, name="z")], "both")
    with pytest.raises(errors.ShapeMismatchError, match="bind a list of 2 columns"):
        tfs.map_rows(both, scalars.assign(y=1.0))
    assert len(tfs.map_rows(both, scalars, {"x": ["x"] * 2, "y": ["x"] * 3})) == 2


NULLS = {
    "map_rows": (program("float64", []), "for null results in those rows"),
    "trimmed": (program("float64", [None]), None),
    "reduction": (None, "to leave those rows out"),
}


@pytest.mark.parametrize("kind", NULLS)
def test_what_is_advised_for_nulls_is_taken(kind):
    graph, passed = NULLS[kind]
    df = pd.DataFrame({"x": pd.array([1.0, None], "Float64")})

    def run(frame, **options):
        if kind == "reduction":
            return tfs.reduce_blocks(norm("x_input", "x"), frame, **options)
        if kind == "trimmed":
            return tfs.map_blocks(graph, frame, trim=True, **options)
        return tfs.map_rows(graph, frame, **options)

    with pytest.raises(errors.NullValuesError) as caught:
        run(df)
    assert str(caught.value).endswith("such as nulls=0.")
    whole = 1 if kind == "reduction" else 2
    assert np.size(run(df, nulls=0)) // (2 if kind == "map_rows" else 1) == whole
    if passed is None:
        assert "filter them" in str(caught.value)
        assert "nulls='null'" not in str(caught.value)
        assert len(run(df.dropna())) == 1
        with pytest.raises(errors.OptionError, match="filter the nulls, or give a value"):
            run(df, nulls="null")
    else:
        assert f"nulls='null' {passed}" in str(caught.value)
        assert np.size(run(df, nulls="null")) // (2 if kind == "map_rows" else 1) == whole


def test_no_value_is_advised_for_arrays_of_unknown_length():
    df = pd.DataFrame({"x": [np.ones(2), None]})
    graph = program("float64", [None])
    with pytest.raises(
        errors.NullValuesError, match=r"pass nulls='null' for null results .*rows\.$"
    ):
        tfs.map_rows(graph, df)
    assert len(tfs.map_rows(graph, df, nulls="null")) == 2
    with pytest.raises(errors.ShapeMismatchError, match="filter them, or give the placeholder its"):
        tfs.map_rows(graph, df, nulls=0)
    assert len(tfs.map_rows(graph, df.dropna(), nulls=0)) == 1
    assert len(tfs.map_rows(program("float64", [2]), df, nulls=0)) == 2


def norm(placeholder, fetch):
    with tf.Graph().as_default():
        block = tf1.placeholder("float64", [None], name=placeholder)
        return freeze([tf.identity(tf.sqrt(tf.reduce_sum(block * block)), name=fetch)], "norm")


def larger(first, second, fetch):
    with tf.Graph().as_default():
        a, b = (tf1.placeholder("float64", [], name=name) for name in (first, second))
        return freeze([tf.identity(tf.maximum(a, b), name=fetch)], "larger")


def test_names_of_reductions_are_given_as_advised(tmp_path):
    df = pd.DataFrame({"x": [3.0, 4.0]})
    cases = [
        (norm("x_input", "length"), tfs.reduce_blocks, 5.0),
        (norm("block", "x"), tfs.reduce_blocks, 5.0),
        (larger("x_1", "x_2", "most"), tfs.reduce_rows, 4.0),
        (larger("a", "b", "x"), tfs.reduce_rows, 4.0),
    ]
    for number, (graph, verb, expected) in enumerate(cases):
        with pytest.raises(errors.ReductionError) as caught:
            verb(graph, df)
        call = re.search(r"tfs\.load\(\.\.\., (\w+)=(\{.*?\})\)", str(caught.value))
        assert call, str(caught.value)
        path = str(tmp_path / str(number))
        graph.save(path)
        assert verb(tfs.load(path, **{call[1]: eval(call[2])}), df) == expected
    pair = larger("x_1", "x_2", "x")
    for options in ({"feed_dict": {"x_1": "x", "x_2": "y"}}, {"nulls": {"x_1": 0, "x_2": 1}}):
        with pytest.raises(errors.OptionError, match="give both the same"):
            tfs.reduce_rows(pair, df.assign(y=1.0), **options)
    assert tfs.reduce_rows(pair, df, {"x_1": "x", "x_2": "x"}, nulls={"x_1": 0, "x_2": 0}) == 4.0


def test_reductions_never_advise_the_other_map():
    with tf.Graph().as_default():
        a, b = (tf1.placeholder("float64", [None], name=name) for name in ("x_1", "x_2"))
        pairs = freeze([tf.maximum(a, b, name="x")], "pairs")
    with pytest.raises(
        errors.ShapeMismatchError, match=r"in reduce_rows: .*; declare the"
    ) as caught:
        tfs.reduce_rows(pairs, pd.DataFrame({"x": [1.0, 2.0]}))
    assert "use map_" not in str(caught.value)
    block = larger("x_input", "x_2", "x").fetch("x")
    with pytest.raises(errors.ReductionError, match="belongs to no fetch: .* Make it a constant"):
        tfs.reduce_blocks(block, pd.DataFrame({"x": [1.0, 2.0]}))
