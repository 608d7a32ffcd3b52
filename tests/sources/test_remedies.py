"""Follow the advice in errors of files literally: it works."""

from __future__ import annotations

import gzip
import re
import zipfile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.orc
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tests.sources.tables import READS_NULL_LISTS, write
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError, OptionError, TfSparkError, UnsupportedTypeError


def advice_of(kind, call):
    with pytest.raises(kind) as error:
        call()
    return str(error.value).removesuffix(".")


def options_in(text):
    """Return the options that an error advises, as it writes them."""
    found = re.findall(r"(format|nulls|shapes|filters)=(\{.*?\}|'\w+'|pyarrow\S+)", text)
    assert found, text
    return {name: eval(value, {"pyarrow": pa}) for name, value in found}


def everything(path, **options):
    return list(tfs.dataset(path, batch_size=100, **options))


@pytest.mark.parametrize(
    ("values", "arrow", "rows"),
    [
        ([1, None], pa.int64(), 2),
        (["a", None], pa.string(), 2),
        ([True, None], pa.bool_(), 2),
        ([[1, None], [2, 3]], pa.list_(pa.int64()), 2),
        ([["a", None]], pa.list_(pa.string()), 1),
        ([[1], None], pa.list_(pa.int64()), 1),
        ([[1, 2], None if READS_NULL_LISTS else [None, 3]], pa.list_(pa.int64(), 2), 2),
    ],
)
def test_nulls_are_filled_or_left_out(tmp_path, values, arrow, rows):
    path = write(pa.table({"x": pa.array(values, arrow)}), tmp_path / "a.parquet")
    text = advice_of(FileContentError, lambda: everything(path))
    advised = options_in(text)
    for name, value in advised.items():
        (batch,) = everything(path, **{name: value})
        assert batch["x"].shape[0] == (
            rows if name == "nulls" else len(values) - values.count(None)
        )
    assert ("filters" in advised) == (None in values)
    # A list of unknown size cannot be filled, with any value.
    if "nulls" not in advised:
        text = advice_of(FileContentError, lambda: everything(path, nulls=0))
        (batch,) = everything(path, **options_in(text))
        assert batch["x"].to_list() == [[1]]


@pytest.mark.parametrize("shape", [[2, 2], [None, 2], [2, None], [3, 2]])
def test_axes_that_vary(tmp_path, shape):
    values = [[[1, 2], [3]], [[1], [2]], [[1, 2], [2, 3]]]
    path = write(pa.table({"x": values}), tmp_path / "a.parquet")
    shapes = {"x": shape}
    if shape != [2, None]:
        text = advice_of(FileContentError, lambda: everything(path, shapes=shapes))
        shapes = options_in(text)["shapes"]
    (batch,) = everything(path, shapes=shapes)
    assert batch["x"].to_list() == values


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [("parquet", "a.csv", "parquet"), ("orc", "a.parquet", "orc"), ("arrow", "a.jsonl", "arrow")],
)
def test_a_file_of_another_format_than_its_name(tmp_path, content, name, kind):
    table = pa.table({"x": [1, 2], "s": ["é", "b"]})
    path = tmp_path / name
    write(table, tmp_path / f"b.{content}")
    (tmp_path / f"b.{content}").rename(path)
    text = advice_of(FileContentError, lambda: tfs.files(path))
    assert options_in(text) == {"format": kind}
    assert table_of(tfs.files(path, format=kind)).equals(table)


def test_text_under_the_name_of_parquet_and_gzip_without_its_name(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_text("x\n1\n")
    text = advice_of(FileContentError, lambda: tfs.files(path))
    assert text.endswith("write it again, or pass format= with what it is")
    assert table_of(tfs.files(path, format="csv"))["x"].to_pylist() == [1]
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(b"x\n1\n"))
    assert advice_of(FileContentError, lambda: tfs.files(path)).endswith(
        "name it with .gz at its end"
    )
    named = path.rename(tmp_path / "a.csv.gz")
    assert table_of(tfs.files(named))["x"].to_pylist() == [1]


def test_names_that_say_gzip_of_what_is_none_and_files_packed_whole(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_text("x\n1\n")
    text = advice_of(FileContentError, lambda: tfs.files(path))
    assert text.endswith("name it without .gz at its end")
    assert table_of(tfs.files(path.rename(tmp_path / "a.csv"))).num_rows == 1
    plain = write(pa.table({"x": [1]}), tmp_path / "b.parquet")
    packed = tmp_path / "b.parquet.gz"
    packed.write_bytes(gzip.compress((tmp_path / "b.parquet").read_bytes()))
    assert advice_of(FileContentError, lambda: tfs.files(packed)).endswith("; unpack it")
    zipped = tmp_path / "b.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(plain)
    text = advice_of(FileContentError, lambda: tfs.files(zipped, format="parquet"))
    assert text.endswith("; unpack it")
    assert table_of(tfs.files(plain)).num_rows == 1


def test_a_csv_of_another_delimiter_and_values_that_come_late(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("x;y\n1;2,5\n3;4\n")
    text = advice_of(FileContentError, lambda: tfs.files(path))
    assert text.endswith("pass its delimiter=, or write that line again")
    assert table_of(tfs.files(path, delimiter=";")).num_rows == 2
    for name in ("csv", "json"):
        monkeypatch.setattr(f"tfspark_magic.sources.formats.{name}._BLOCK_BYTES", 100)
    path.write_text("x,y\n" + "1,1\n" * 100 + "late,1\n")
    found = tfs.files(path)
    text = advice_of(FileContentError, lambda: table_of(found))
    assert text.endswith("pass schema= with pa.string() for that column")
    as_text = found.schema.set(0, pa.field("x", pa.string()))
    assert table_of(tfs.files(path, schema=as_text))["x"].to_pylist()[-1] == "late"
    path = tmp_path / "a.jsonl"
    path.write_text('{"x": 1, "y": 1}\n' * 100 + '{"x": 1.5, "y": 1}\n')
    found = tfs.files(path)
    text = advice_of(FileContentError, lambda: table_of(found))
    assert text.endswith("pass schema= with another type for that column")
    as_float = found.schema.set(0, pa.field("x", pa.float64()))
    assert table_of(tfs.files(path, schema=as_float))["x"].to_pylist()[-1] == 1.5


def test_json_of_several_types_or_of_one_array(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"x": 1, "y": 1}\n{"x": "a", "y": 2}\n')
    text = advice_of(FileContentError, lambda: tfs.files(path))
    assert text.endswith("pass schema= without that column, or write it in one type")
    assert table_of(tfs.files(path, schema=pa.schema([("y", pa.int64())])))["y"].to_pylist() == [
        1,
        2,
    ]
    path.write_text('[{"x": 1}, {"x": 2}]')
    text = advice_of(FileContentError, lambda: tfs.files(path))
    assert text.endswith("write it with a record a line")
    path.write_text('{"x": 1}\n{"x": 2}')
    assert table_of(tfs.files(path))["x"].to_pylist() == [1, 2]


@pytest.mark.parametrize("extension", ["parquet", "orc", "arrow", "csv"])
def test_a_schema_that_the_files_do_not_have(tmp_path, extension):
    path = write(pa.table({"x": [1, 2]}), tmp_path / f"a.{extension}")
    wrong = pa.schema([("x", pa.int64()), ("z", pa.int64())])
    text = advice_of(FileContentError, lambda: table_of(tfs.files(path, schema=wrong)))
    assert text.endswith("leave it out of schema=")
    assert table_of(tfs.files(path, schema=wrong.remove(1)))["x"].to_pylist() == [1, 2]
    if extension != "csv":
        narrow = pa.schema([("x", pa.int32())])
        text = advice_of(FileContentError, lambda: table_of(tfs.files(path, schema=narrow)))
        assert text.endswith("found int64; write the type found in schema= for 'x'")


@pytest.mark.parametrize("extension", ["parquet", "orc", "arrow", "csv"])
def test_files_of_other_columns_are_read_apart(tmp_path, extension):
    write(pa.table({"x": [1]}), tmp_path / f"a.{extension}")
    other = write(pa.table({"y": [1]}), tmp_path / f"b.{extension}")
    assert advice_of(FileContentError, lambda: table_of(tfs.files(tmp_path))).endswith(
        "read such files apart"
    )
    assert table_of(tfs.files(other)).to_pydict() == {"y": [1]}


def test_several_columns_of_a_name_and_lines_that_are_no_numbers(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([n]) for n in range(3)], ["x", "x", "y"]), path)
    assert advice_of(OptionError, lambda: tfs.files(path)).endswith("pass schema= without them")
    assert everything(path, schema=pa.schema([("y", pa.int64())]))[0]["y"].numpy().tolist() == [2]
    path = tmp_path / "a.txt"
    path.write_text("1\na\n")
    wrong = tfs.files(path, schema=pa.schema([("value", pa.int64())]))
    text = advice_of(FileContentError, lambda: table_of(wrong))
    assert text.endswith("write 'value' in schema= as string")
    right = tfs.files(path, schema=pa.schema([("value", pa.string())]))
    assert table_of(right)["value"].to_pylist() == ["1", "a"]


VECTOR = pa.struct(
    [("type", pa.int8()), ("size", pa.int32()), ("indices", pa.list_(pa.int32())), ("values", pa.list_(pa.float64()))]
)  # fmt: skip
IMAGE = {"origin": "a.png", "height": 1, "data": b"\0"}
COLUMNS = {
    "uint16": (pa.array([2**16 - 1], pa.uint16()), "as int32, which holds", pa.int32()),
    "uint32": (pa.array([2**32 - 1], pa.uint32()), "as int64, which holds", pa.int64()),
    "uint64": (pa.array([2**63 - 1], pa.uint64()), "as int64 where its values", pa.int64()),
    "uint64 beyond": (pa.array([2**64 - 1], pa.uint64()), "else as string", pa.string()),
    "decimal": (pa.array([1]).cast(pa.decimal128(20)), "as double", pa.float64()),
    "duration": (pa.array([1], pa.duration("us")), "as int64", pa.int64()),
    "time32": (pa.array([1], pa.time32("ms")), "as int32", pa.int32()),
    "time64": (pa.array([1], pa.time64("us")), "as int64", pa.int64()),
    "lists": (pa.array([[1]], pa.list_(pa.uint32())), "as int64", pa.list_(pa.int64())),
}


@pytest.mark.parametrize(("array", "advised", "written"), COLUMNS.values(), ids=COLUMNS)
def test_types_that_no_tensor_has(tmp_path, array, advised, written):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": array, "y": [1]}), path)
    text = advice_of(UnsupportedTypeError, lambda: everything(path))
    assert advised in text.partition("write it ")[2]
    assert text.endswith("or name others in columns=")
    assert everything(path, columns=["y"])[0]["y"].numpy().tolist() == [1]
    pq.write_table(pa.table({"x": array.cast(written), "y": [1]}), path)
    assert everything(path)[0]["x"].shape[0] == 1


def test_structs_in_a_dataset_and_in_a_verb(tmp_path):
    path = tmp_path / "a.parquet"
    fits, image = [{"p": 1.0, "q": 2.0}], [IMAGE]
    pq.write_table(pa.table({"s": fits, "i": image, "l": [fits], "m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), "y": [1]}), path)  # fmt: skip
    for name in ("s", "i"):
        text = advice_of(UnsupportedTypeError, lambda name=name: everything(path, columns=[name]))
        assert text.endswith("write its fields as columns of their own, or name others in columns=")
    takes = program("v = tf.placeholder(tf.float64, [2], name='v')\ntf.reduce_sum(v, name='z')")

    def bound(column):
        return tfs.map_rows(takes, path, {"v": column}, columns=[]).to_arrow()["z"].to_pylist()

    text = advice_of(TfSparkError, lambda: bound("s"))
    assert "bind 's.*', its fields as a vector, or write its fields as columns of their own" in text
    assert bound("s.*") == [3.0]
    for name, advised in (
        ("i", "cannot be used here: write its fields as columns of their own"),
        ("l", "cannot be used here: write each of its fields as a column of lists"),
        ("m", "cannot be used here: write its keys and its values as two columns of lists"),
    ):
        assert advice_of(TfSparkError, lambda name=name: bound(name)).endswith(advised)
    table = pq.read_table(path).select(["s", "i"]).flatten()
    inner = pq.read_table(path)["l"].combine_chunks()
    lists = {n: pa.ListArray.from_arrays(inner.offsets, inner.flatten().field(n)) for n in "pq"}
    for name, values in {**lists, "k": pa.array([["k"]]), "n": pa.array([[1]])}.items():
        table = table.append_column(name, values)
    pq.write_table(table, path)
    (batch,) = everything(path)
    assert batch["i.data"].numpy().tolist() == [b"\0"]
    assert batch["p"].to_list() == [[1.0]]


def test_vectors_of_mllib_and_columns_of_nulls(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"v": pa.array([None], VECTOR)}), path)
    text = advice_of(UnsupportedTypeError, lambda: everything(path))
    assert "write it with pyspark.ml.functions.vector_to_array" in text
    pq.write_table(pa.table({"n": pa.nulls(2), "y": [1, 2]}), path)
    text = advice_of(UnsupportedTypeError, lambda: everything(path))
    assert "pass schema= with a type for it, or leave it out" in text
    (batch,) = everything(path, schema=pa.schema([("n", pa.int64())]), nulls=7)
    assert batch["n"].numpy().tolist() == [7, 7]
    (batch,) = everything(path, schema=pa.schema([("y", pa.int64())]))
    assert batch["y"].numpy().tolist() == [1, 2]


def test_times_finer_than_microseconds_are_rounded(tmp_path):
    path = tmp_path / "a.parquet"
    fine = pa.array([1_001], pa.timestamp("ns"))
    pq.write_table(pa.table({"t": fine}), path)
    text = advice_of(FileContentError, lambda: everything(path))
    assert text.endswith("round its times to microseconds")
    pq.write_table(pa.table({"t": pc.floor_temporal(fine, unit="microsecond")}), path)
    assert everything(path)[0]["t"].numpy().tolist() == [1]


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
def test_files_without_a_byte_have_no_rows(tmp_path, extension):
    (tmp_path / f"a.{extension}").write_bytes(b"")
    write(pa.table({"x": [1, 2]}), tmp_path / f"b.{extension}")
    assert table_of(tfs.files(tmp_path))["x"].to_pylist() == [1, 2]


@pytest.mark.parametrize("text", ['{"s": "%s"}', '{"s": ["%s"]}'])
def test_json_of_another_encoding(tmp_path, text):
    path = tmp_path / "a.jsonl"
    path.write_text(text % "caf\u00e9" + "\n", "cp1252")
    with pytest.raises(FileContentError, match=r"text in UTF-8 in column 's'.*; write it as UTF-8"):
        everything(path)
    path.write_text(path.read_text("cp1252"), "utf-8")
    (batch,) = everything(path)
    (cell,) = batch["s"].to_list() if text.count("[") else batch["s"].numpy().tolist()
    assert (cell[0] if isinstance(cell, list) else cell).decode() == "caf\u00e9"
