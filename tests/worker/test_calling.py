from __future__ import annotations

import pickle

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executor.test_mapping import SEED, TYPES, program
from tfspark_magic import errors
from tfspark_magic.binding.column_functions import bind_function
from tfspark_magic.schema.spec import CellSpec, is_lossless
from tfspark_magic.worker.calling import CallColumns
from tfspark_magic.worker.shipped import SparkFile


def function(source, types=None, **options):
    return CallColumns(bind_function(program(source), "score", types or {}, **options))


def call(source, *batches, **options):
    made = pickle.loads(pickle.dumps(function(source, **options)))
    return [value for array in made(iter(batches)) for value in array.to_pylist()]


def placeholder(dtype, shape="[]"):
    return f"x = tf.placeholder(tf.{dtype}, {shape}, name='x')\ntf.identity(x, name='z')"


def ints(*values):
    return pa.array(values, pa.int32())


def test_a_single_argument_comes_without_a_tuple():
    source = "x = tf.placeholder(tf.int32, name='x')\ntf.add(x, 1, name='z')"
    assert call(source, ints(1, 2), ints(), ints(3)) == [2, 3, 4]


def test_arguments_are_bound_by_position():
    assert call(SEED, (ints(1, 2), ints(10, 20))) == [31, 62]
    assert call(SEED) == []
    with pytest.raises(errors.FeedError, match=r"score takes 2 arguments \(x, y\) and got 3\."):
        call(SEED, (ints(1), ints(1), ints(1)))


ARROW = {
    dtype: arrow for dtype, (arrow, _, _) in TYPES.items() if dtype not in ("uint8", "float16")
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([d for d in TYPES if d != "binary"]), st.sampled_from(list(ARROW)))
def test_types_by_the_rules_of_the_maps(takes, found):
    column = pa.array(TYPES[found][2][:1] * 2, ARROW[found])
    if takes in ("uint8", "float16") and found == {"uint8": "int16", "float16": "float32"}[takes]:
        column = pa.array([1, 2], ARROW[found])
    elif not is_lossless(found, takes) or (found == "binary" and takes == "string"):
        # Text is taken for text, since the result is made of it.
        with pytest.raises(errors.ArgumentError) as caught:
            call(placeholder(takes), column)
        function_name, position, name, expected, was, advice = caught.value.args
        assert (function_name, position, name) == ("score", 1, "x")
        assert (expected, was) == (takes, found)
        assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))
        if (takes, found) == ("uint8", "binary"):
            # Bytes are vectors of uint8, and the placeholder takes single values.
            assert advice.startswith("pass an argument of that shape")
        else:
            assert advice.startswith(("nothing is cast silently, so ", "the type of the result"))
        return
    assert call(placeholder(takes), column) == column.to_pylist()


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (
            ints(1).cast(pa.int64()),
            "is int64: nothing is cast silently, so cast it to int, or make",
        ),
        (pa.array(["a"]), "is string: nothing is cast silently, so make the placeholder tf.string"),
        (pa.array([0], pa.date32()), "is date: nothing .* make the placeholder tf.int64"),
        (pa.array([[1]], pa.list_(pa.int32())), r"is int32\[\?\]: pass an argument of that shape"),
        (
            pa.array([[1]], pa.list_(pa.int64())),
            r"is int64\[\?\]: nothing .* cast it to array<int>",
        ),
        (pa.nulls(1), "is null: cast the null"),
        (pa.array([{"a": 1}]), "is struct<a: int64>: pass its fields"),
        (pa.array([1]).cast(pa.decimal128(20, 1)), "is decimal128.*: cast it to a number"),
    ],
    ids=str,
)
def test_what_does_not_fit(column, sentence):
    with pytest.raises(errors.ArgumentError, match=sentence):
        call(placeholder("int32"), column)


def test_rows_or_blocks():
    vector = placeholder("int32", "[None]")
    rows = pa.array([[1, 2], [3]], pa.list_(pa.int32()))
    assert call(vector, rows) == [[1, 2], [3]]
    assert call(vector, ints(1, 2), verb="map_blocks") == [1, 2]
    assert call(vector, ints(1, 2), types={"x": CellSpec("int32")}) == [1, 2]
    # As a map does that is not told: a vector of 1 as it is, before one with an axis more.
    said, ones = {"x": CellSpec("int32", (None,))}, pa.array([[1], [2]], pa.list_(pa.int32()))
    assert call(placeholder("int32", "[None, 1]"), ones, types=said) == [[1], [2]]
    with pytest.raises(errors.ArgumentError, match="say verb='map_blocks' if its first axis"):
        call(vector, ints(1, 2))
    with pytest.raises(errors.ArgumentError, match="say verb='map_rows' if its first axis"):
        call(vector, rows, verb="map_blocks")
    loose = "x = tf.placeholder(tf.int32, name='x')\ntf.identity(x, name='z')"
    said = {"x": CellSpec("int32", (None,))}
    assert call(loose, rows, types=said) == [[1, 2], [3]]
    with pytest.raises(errors.ArgumentError, match=r"takes int32, and is int32\[\?\]"):
        call(loose, rows)


def test_bytes_are_text_where_no_result_is_made_of_them():
    same = placeholder("string")
    binary = pa.array([b"\xff"])
    assert call(same, binary, types={"x": CellSpec("binary")}) == [b"\xff"]
    with pytest.raises(errors.ArgumentError, match="takes binary, and is string: the type of the"):
        call(same, pa.array(["a"]), types={"x": CellSpec("binary")})
    length = "x = tf.placeholder(tf.string, name='x')\ntf.strings.length(x, name='z')"
    assert call(length, binary) == call(length, pa.array(["a"])) == [1]
    pixels = "x = tf.placeholder(tf.uint8, [None], name='x')\ntf.reduce_max(x, name='z')"
    assert call(pixels, binary) == [255]
    assert call(pixels, pa.array([[1, 255]], pa.list_(pa.int16()))) == [255]
    with pytest.raises(errors.InexactValueError):
        call(pixels, pa.array([[256]], pa.list_(pa.int16())))


def test_nulls():
    holes = (pa.array([1, None], pa.int32()), ints(1, 1))
    assert call(SEED, holes, nulls="null") == [4, None]
    assert call(SEED, holes, nulls={"x": 10}) == [4, 13]
    with pytest.raises(errors.NullValuesError, match="Column 'x of score' holds 1 null"):
        call(SEED, holes)


def test_a_file_that_spark_did_not_send(monkeypatch, tmp_path):
    from pyspark import SparkFiles

    monkeypatch.setattr(SparkFiles, "get", lambda name: str(tmp_path / name))
    file = SparkFile("score.pb", str(tmp_path / "elsewhere"))
    with pytest.raises(errors.NotAvailableError, match="Use tfs.map_rows on the stream"):
        _ = file.path
    (tmp_path / "score.pb").write_bytes(b"")
    assert file.path == str(tmp_path / "score.pb")
