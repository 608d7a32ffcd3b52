"""Records of `tf.train.Example` and `SequenceExample`, against TensorFlow's own parsers."""

from __future__ import annotations

import bz2
import re
import zlib

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.sources.tables import write
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError, OptionError, UnsupportedTypeError

import tensorflow as tf

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def feature(values):
    if values and isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    if values and isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def example(**features):
    found = tf.train.Features(feature={name: feature(v) for name, v in features.items()})
    return tf.train.Example(features=found).SerializeToString()


def sequence(context, **lists):
    return tf.train.SequenceExample(
        context=tf.train.Features(feature={name: feature(v) for name, v in context.items()}),
        feature_lists=tf.train.FeatureLists(
            feature_list={
                name: tf.train.FeatureList(feature=[feature(step) for step in steps])
                for name, steps in lists.items()
            }
        ),
    ).SerializeToString()


def stored(path, *records, compression=""):
    with tf.io.TFRecordWriter(str(path), compression) as file:
        for record in records:
            file.write(record)
    return path


def schema(**types):
    return pa.schema(list(types.items()))


def test_a_feature_that_no_record_has_is_named_with_those_that_there_are(tmp_path):
    path = stored(tmp_path / "a.tfrecord", example(image=[b"x"], label=[1]), example(boxes=[0.5]))
    for arrow in (pa.int64(), pa.list_(pa.int64())):
        with pytest.raises(FileContentError) as error:
            tfs.files(path, schema=schema(label=pa.int64(), labels=arrow)).fragments()
        text = str(error.value)
        assert text.startswith(
            f"File '{path}': expected tf.train.Example records with a feature 'labels', found the "
            "features "
        )
        assert all(name in text for name in ("image", "label", "boxes"))
    # Following the advice: with the name in the records.
    assert table_of(tfs.files(path, schema=schema(label=pa.int64())))["label"].to_pylist() == [
        1,
        None,
    ]


def test_a_feature_that_some_record_of_some_file_has_is_a_null_elsewhere(tmp_path):
    stored(tmp_path / "a.tfrecord", *[example(n=[n]) for n in range(50)])
    stored(tmp_path / "b.tfrecord", *[example(n=[n]) for n in range(50)], example(n=[50], v=[1, 2]))
    found = tfs.files(tmp_path, schema=schema(n=pa.int64(), v=pa.list_(pa.int64())))
    assert table_of(found)["v"].to_pylist() == [[]] * 100 + [[1, 2]]
    # It may be empty wherever it is.
    stored(tmp_path / "c.tfrecord", example(n=[1], v=[]))
    alone = tfs.files(tmp_path / "c.tfrecord", schema=schema(v=pa.list_(pa.int64())))
    assert table_of(alone)["v"].to_pylist() == [[]]


def test_records_are_read_where_a_graph_is_open(tmp_path):
    stored(tmp_path / "a.tfrecord", *[example(n=[n]) for n in range(30)])
    stored(tmp_path / "b.tfrecord", sequence({"n": [30]}, v=[[1], [2]]))
    with tf.Graph().as_default():
        found = tfs.files(tmp_path, schema=schema(n=pa.int64(), v=pa.list_(pa.int64())))
        assert table_of(found).slice(29).to_pylist() == [{"n": 29, "v": []}, {"n": 30, "v": [1, 2]}]


@pytest.mark.parametrize(
    "record", [tf.make_tensor_proto([1, 2]).SerializeToString(), b"no message", b"\x0a\x02\x08\x01"]
)
def test_records_of_another_message_are_an_error(tmp_path, record):
    path = stored(tmp_path / "a.tfrecord", *[record] * 3)
    found = tfs.files(path, schema=schema(v=pa.list_(pa.int64())))
    with pytest.raises(FileContentError, match=r"expected tf.train.Example records with "):
        table_of(found)


STEPS = st.lists(st.lists(st.integers(-9, 9), max_size=3), max_size=4)


@few
@given(
    rows=st.lists(st.tuples(st.integers(0, 9), STEPS, st.lists(st.binary(max_size=3), max_size=4))),
    batch_rows=st.sampled_from([1, 2, None]),
)
def test_sequences_are_read_as_tensorflow_parses_them(tmp_path, rows, batch_rows):
    records = [
        sequence({"id": [n]}, frames=steps, words=[[word] for word in words])
        for n, steps, words in [(1, [[1]], [b"a"]), *rows]
    ]
    path = stored(tmp_path / "a.tfrecord", *records)
    found = tfs.files(
        path,
        schema=schema(
            id=pa.int64(), frames=pa.list_(pa.list_(pa.int64())), words=pa.list_(pa.binary())
        ),
    )
    table = table_of(found, batch_rows=batch_rows)
    context, lists, _ = tf.io.parse_sequence_example(
        records,
        {"id": tf.io.FixedLenFeature([], tf.int64)},
        {"frames": tf.io.RaggedFeature(tf.int64), "words": tf.io.RaggedFeature(tf.string)},
    )
    assert table["id"].to_pylist() == context["id"].numpy().tolist()
    assert table["frames"].to_pylist() == lists["frames"].to_list()
    flat = [[word for (word,) in steps] for steps in lists["words"].to_list()]
    assert table["words"].to_pylist() == flat


def test_sequences_become_tensors(tmp_path):
    path = stored(
        tmp_path / "a.tfrecord",
        sequence({"y": [1.0]}, v=[[0.5, 1.0], [1.5, 2.0]]),
        sequence({"y": [2.0]}, v=[[2.5, 3.0]]),
    )
    kinds = schema(y=pa.float32(), v=pa.list_(pa.list_(pa.float32(), 2)))
    (batch,) = tfs.dataset(path, batch_size=2, schema=kinds)
    assert batch["v"].to_list() == [[[0.5, 1.0], [1.5, 2.0]], [[2.5, 3.0]]]
    with pytest.raises(FileContentError, match="2 values in a step .*; make it a list of lists"):
        table_of(tfs.files(path, schema=schema(v=pa.list_(pa.float32()))))
    with pytest.raises(FileContentError, match="found a list of features; make it a list in schem"):
        table_of(tfs.files(path, schema=schema(v=pa.float32())))
    with pytest.raises(FileContentError, match="found lists of 2 values; give its list no size"):
        table_of(tfs.files(path, schema=schema(v=pa.list_(pa.list_(pa.float32(), 3)))))


def test_a_list_of_lists_of_a_flat_feature_is_refused(tmp_path):
    path = stored(tmp_path / "a.tfrecord", example(v=[1, 2]))
    with pytest.raises(FileContentError, match="found a flat list; make it a list in schema="):
        table_of(tfs.files(path, schema=schema(v=pa.list_(pa.list_(pa.int64())))))
    assert table_of(tfs.files(path, schema=schema(v=pa.list_(pa.int64()))))["v"].to_pylist() == [
        [1, 2]
    ]


@pytest.mark.parametrize(
    ("values", "arrow", "found"),
    [
        ([1, 2], pa.bool_(), "2"),
        ([-1], pa.bool_(), "-1"),
        ([300], pa.int8(), "300"),
        ([-1], pa.uint8(), "-1"),
        ([0.1], pa.float16(), "0.1"),
        ([1e9], pa.float16(), "1000000000.0"),
        ([b"\xff"], pa.string(), "Invalid UTF8"),
    ],
)
def test_a_value_that_the_schema_cannot_hold_is_an_error(tmp_path, values, arrow, found):
    path = stored(tmp_path / "a.tfrecord", example(v=values))
    with pytest.raises(FileContentError) as error:
        table_of(tfs.files(path, schema=schema(v=pa.list_(arrow))))
    text = str(error.value)
    assert text.startswith(f"File '{path}': expected feature 'v' as list<item: {arrow}>, found ")
    assert found in text.partition(", found ")[2]
    advised = re.search(r"; write (pa\..*) in schema=\.$", text)[1]
    # As it says.
    found = table_of(tfs.files(path, schema=schema(v=eval(advised))))["v"].to_pylist()
    assert found == [pytest.approx(values) if isinstance(values[0], float) else values]


def test_what_the_schema_can_hold_is_read(tmp_path):
    halves = [0.5, float("inf"), -0.0, 65504.0]
    path = stored(tmp_path / "a.tfrecord", example(b=[0, 1], h=halves))
    kinds = schema(b=pa.list_(pa.bool_()), h=pa.list_(pa.float16()))
    assert table_of(tfs.files(path, schema=kinds)).to_pylist() == [
        {"b": [False, True], "h": halves}
    ]


def test_the_schema_that_is_advised_reads_the_file(tmp_path):
    path = stored(
        tmp_path / "a.tfrecord",
        sequence({"n": [1], "v": [1.0, 2.0], "s": [b"x"]}, f=[[1], [2, 3]], g=[[b"a"]]),
        sequence({"n": [2], "v": [3.0], "s": [b"\xff"]}, f=[]),
    )
    with pytest.raises(OptionError) as error:
        tfs.files(path)
    advised = str(error.value).partition("by its first records ")[2].removesuffix(".")
    found = tfs.files(path, schema=eval(advised))
    assert sorted(table_of(found).to_pylist()[0].items()) == [
        ("f", [[1], [2, 3]]), ("g", [b"a"]), ("n", 1), ("s", b"x"), ("v", [1.0, 2.0]),
    ]  # fmt: skip
    # Types that no feature can have, and types that this feature does not have.
    wanted = {"v": pa.list_(pa.float32()), "n": pa.int64(), "s": pa.binary()}
    for name, wrong in (
        ("v", pa.list_(pa.float64())), ("n", pa.date32()), ("n", pa.decimal128(5)),
        ("s", pa.timestamp("us")), ("v", pa.list_(pa.int64())), ("n", pa.float32()),
        ("s", pa.int64()), ("n", pa.string()),
    ):  # fmt: skip
        with pytest.raises((UnsupportedTypeError, FileContentError)) as refused:
            table_of(tfs.files(path, schema=schema(**{name: wrong})))
        advised = re.search(r"write (pa\..*) in schema=\.$", str(refused.value))[1].split(" or ")
        assert wanted[name] in [eval(one) for one in advised], refused.value
        assert table_of(tfs.files(path, schema=schema(**{name: wanted[name]}))).num_rows == 2
    with pytest.raises(FileContentError, match="; pass schema= with another type for 'f'"):
        table_of(tfs.files(path, schema=schema(f=pa.list_(pa.list_(pa.string())))))
    assert table_of(tfs.files(path, schema=schema(f=pa.list_(pa.list_(pa.int64()))))).num_rows == 2


@pytest.mark.parametrize("compression", ["", "GZIP", "ZLIB"])
@pytest.mark.parametrize(
    "name",
    [
        "train.tfrecord-00000-of-00010", "a.tfrec", "a.tfrecords", "data_tfrecord-00000-of-00001.gz",
        "a.tfrecord.gz-00000-of-00010", "a.tfrecord", "a.tfrecord.deflate",
    ],
)  # fmt: skip
def test_records_are_known_by_their_usual_names_and_their_compression_by_their_bytes(
    tmp_path, name, compression
):
    path = stored(tmp_path / name, *[example(n=[n]) for n in range(300)], compression=compression)
    rows = [{"n": n} for n in range(300)]
    assert table_of(tfs.files(path, schema=schema(n=pa.int64()))).to_pylist() == rows
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(FileContentError, match="expected a whole tfrecord file"):
        table_of(tfs.files(path, schema=schema(n=pa.int64())))


def test_records_compressed_by_others_too(tmp_path):
    path = stored(tmp_path / "a.tfrecord", example(n=[1]))
    (tmp_path / "b.tfrecord.bz2").write_bytes(bz2.compress(path.read_bytes()))
    found = tfs.files(tmp_path, schema=schema(n=pa.int64()))
    assert table_of(found)["n"].to_pylist() == [1, 1]


def test_text_of_zlib_is_read_in_parts(tmp_path):
    text = "".join(f"{n}\n" for n in range(2_000_000))
    packed = zlib.compress(text[:9_000_000].encode()) + zlib.compress(text[9_000_000:].encode())
    path = tmp_path / "a.csv.deflate"
    path.write_bytes(packed)
    found = tfs.files(path, schema=schema(n=pa.int64()), header=False)
    assert table_of(found)["n"].to_pylist() == list(range(2_000_000))
    path.write_bytes(packed[:-100])
    with pytest.raises(FileContentError, match="Truncated compressed stream"):
        table_of(found)


def test_shards_of_other_formats_are_known_too(tmp_path):
    path = write(pa.table({"x": [1, 2]}), tmp_path / "a.csv")
    (tmp_path / "a.csv").rename(tmp_path / "a.csv-00000-of-00002")
    assert not (tmp_path / path).exists()
    assert table_of(tfs.files(tmp_path))["x"].to_pylist() == [1, 2]
