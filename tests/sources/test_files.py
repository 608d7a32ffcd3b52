from __future__ import annotations

import json
import pickle

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.sources.tables import tables, write
from tfspark_magic.errors import FileContentError, OptionError, UnsupportedTypeError
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.sources.reading import read_fragment

few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
HOLDS = {
    "parquet": "binfdsvr", "orc": "binfdsr", "arrow": "binfdsvr", "arrows": "binfdsvr",
    "csv": "bnds", "csv.gz": "bnds", "jsonl": "bndsr", "jsonl.gz": "bndsr", "tfrecord": "binfsvr",
    "tfrecord.gz": "binfsvr",
}  # fmt: skip


def table_of(found, columns=None, batch_rows=None):
    batches = [
        b
        for fragment in found.fragments()
        for b in read_fragment(found, fragment, columns, batch_rows)
    ]
    if not batches:
        return found.schema.empty_table().select(columns or found.schema.names)
    assert all(batch.num_rows <= (batch_rows or 1 << 16) for batch in batches)
    return pa.Table.from_batches(batches)


@few
@given(data=st.data(), extension=st.sampled_from(sorted(HOLDS)))
def test_what_is_written_is_read(tmp_path, data, extension):
    names = data.draw(st.lists(st.sampled_from(HOLDS[extension]), min_size=1, unique=True))
    # Text formats have no types of their own: without rows they have nothing to tell them by.
    table = data.draw(tables(names, min_rows=1 if extension[0] in "cj" else 0))
    path = write(table, tmp_path / f"rows.{extension}")
    found = tfs.files(path, schema=table.schema)
    assert table_of(found, batch_rows=data.draw(st.sampled_from([None, 1, 3]))).to_pylist() == (
        table.to_pylist()
    )
    asked = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    assert table_of(found, asked).to_pylist() == table.select(asked).to_pylist()
    if extension.startswith(("parquet", "arrow", "orc")):
        told = tfs.files(path).schema
        assert told.names == names


def test_lines_are_text_by_any_end_of_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("a\n\nü\r\nb\rc\n".encode())
    assert table_of(tfs.files(path))["value"].to_pylist() == ["a", "", "ü", "b", "c"]
    path.write_bytes(b"\nlast")
    assert table_of(tfs.files(path))["value"].to_pylist() == ["", "last"]
    path.write_bytes(b"")
    assert table_of(tfs.files(path)).num_rows == 0


@few
@given(text=st.text(st.sampled_from("ab\r\n"), max_size=40), block=st.integers(1, 9))
def test_lines_are_as_python_splits_them_wherever_blocks_end(tmp_path, monkeypatch, text, block):
    monkeypatch.setattr("tfspark_magic.sources.formats.text._BLOCK_BYTES", block)
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    assert table_of(tfs.files(path))["value"].to_pylist() == text.splitlines()


def test_csv_is_read_as_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('1;x\n2;"y;\nz"\n3;\n4;""\n')
    schema = pa.schema([("n", pa.int32()), ("s", pa.string())])
    found = tfs.files(path, delimiter=";", header=False, schema=schema)
    assert table_of(found).to_pydict() == {"n": [1, 2, 3, 4], "s": ["x", "y;\nz", None, ""]}
    assert table_of(found, ["s"]).to_pydict() == {"s": ["x", "y;\nz", None, ""]}
    guessed = tfs.files(path, delimiter=";", header=False)
    assert guessed.schema.names == ["f0", "f1"]
    assert table_of(guessed, ["f0"])["f0"].to_pylist() == [1, 2, 3, 4]


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Two days of 20 rows, in row groups of 7."""
    root = tmp_path_factory.mktemp("days")
    for day in (1, 2):
        path = root / f"day={day}" / "a.parquet"
        path.parent.mkdir()
        write(pa.table({"x": range(20), "y": [day * n for n in range(20)]}), path)
    return root


def test_a_fragment_is_a_row_group_that_the_filters_may_let_through(days):
    assert [fragment.rows for fragment in tfs.files(days).fragments()] == [7, 7, 6] * 2
    found = tfs.files(days, filters=[("x", ">=", 14), ("day", "=", 2)])
    assert [(p.row_groups, p.partition) for p in found.fragments()] == [((2,), (("day", 2),))]
    assert pickle.loads(pickle.dumps(found)).fragments() == found.fragments()


def test_filters_keep_the_rows_that_they_let_through_whichever_columns_are_read(days):
    filters = [[("x", "<", 2)], [("y", "=", 38)]]
    found = tfs.files(days, filters=filters)
    assert table_of(found, ["day"])["day"].to_pylist() == [1, 1, 2, 2, 2]
    assert table_of(found, ["y", "x"]).to_pydict() == {"y": [0, 1, 0, 2, 38], "x": [0, 1, 0, 1, 19]}
    expression = pa.compute.field("day") > 1
    assert table_of(tfs.files(days, filters=expression)).num_rows == 20


def test_partition_columns_come_last_and_only_if_asked_for(days):
    assert tfs.files(days).schema.names == ["x", "y", "day"]
    assert tfs.files(days, partitioning=None).schema.names == ["x", "y"]
    assert table_of(tfs.files(days), ["day"])["day"].to_pylist() == [1] * 20 + [2] * 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": [("nope", ">", 1)]}, "cannot be used: there is no column 'nope'"),
        ({"filters": "x > 1"}, "cannot be used: "),
        ({"filters": [("x", "<", 2**64)]}, "cannot be used: write filters=[('x', '==', 0)], with"),
        ({"format": "xml"}, "format is one of parquet, orc, csv, "),
        ({"delimiter": ";"}, "delimiter and header are options of csv, the files are parquet."),
        ({"partitioning": "directory"}, "partitioning is 'hive' or None, got 'directory'."),
        ({"schema": {"x": "int"}}, "schema is a pyarrow.Schema, got dict."),
        ({"shapes": {"nope": 3}}, "shapes: no column 'nope'. There are: x, y, day."),
        ({"shapes": {"x": 3}}, "shapes: column 'x' is int64 and needs 0 sizes, each a number or "),
    ],
)
def test_options_that_cannot_be_are_refused(days, options, message):
    with pytest.raises(OptionError) as error:
        tfs.files(days, **options)
    assert message in str(error.value)


def test_files_of_several_formats_or_none_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(OptionError, match="several formats, csv .* and json"):
        tfs.files(tmp_path)
    (tmp_path / "b.json").rename(tmp_path / "part-0")
    with pytest.raises(OptionError, match="does not tell its format: pass format=, one of"):
        tfs.files(tmp_path)
    assert tfs.files(tmp_path, format="text").format == "text"


def test_a_column_of_folders_and_files_alike_is_refused(tmp_path):
    path = tmp_path / "x=1" / "a.csv"
    path.parent.mkdir()
    path.write_text("x\n1\n")
    with pytest.raises(OptionError, match="is in the files and in the names of their folders"):
        tfs.files(tmp_path)
    assert tfs.files(tmp_path, partitioning=None).schema.names == ["x"]


def test_tfrecords_need_a_schema(tmp_path):
    path = write(pa.table({"x": [1]}), tmp_path / "a.tfrecord")
    with pytest.raises(OptionError, match="do not say what they hold: pass schema="):
        tfs.files(path)
    with pytest.raises(UnsupportedTypeError, match="features are int64, float32 or bytes"):
        tfs.files(path, schema=pa.schema([("x", pa.float64())])).fragments()


def test_columns_are_described_for_binding(tmp_path):
    schema = pa.schema(
        [
            ("d", pa.dictionary(pa.int8(), pa.string())), ("t", pa.timestamp("us", "UTC")),
            ("v", pa.list_(pa.list_(pa.float32(), 2), 3)), ("u", pa.uint16()), ("w", pa.binary(4)),
        ]
    )  # fmt: skip
    pq.write_table(schema.empty_table(), tmp_path / "a.parquet")
    found = dict(tfs.files(tmp_path).columns())
    assert isinstance(found.pop("u"), UnsupportedTypeError)
    assert found == {
        "d": CellSpec("string"),
        "t": CellSpec("int64", (), "timestamp"),
        "v": CellSpec("float32", (3, 2)),
        "w": CellSpec("binary"),
    }


def test_shapes_that_spark_knew_are_in_the_footer(tmp_path):
    fields = [
        {"name": "v", "type": "array", "metadata": {"tfspark_magic.shape": [3]}},
        {"name": "p", "type": "short", "metadata": {"tfspark_magic.dtype": "uint8"}},
        {"name": "q", "type": "array", "metadata": {}},
    ]
    text = json.dumps({"type": "struct", "fields": fields})
    schema = pa.schema(
        [("v", pa.list_(pa.int8())), ("p", pa.int16()), ("q", pa.list_(pa.int8()))],
        {"org.apache.spark.sql.parquet.row.metadata": text},
    )
    pq.write_table(schema.empty_table(), tmp_path / "a.parquet")
    found = tfs.files(tmp_path, shapes={"q": 5})
    assert [str(cell) for _, cell in found.columns()] == ["int8[3]", "uint8", "int8[5]"]


def test_a_file_that_is_not_as_the_first_is_named(tmp_path):
    write(pa.table({"x": [1], "y": [1.0]}), tmp_path / "a.parquet")
    path = write(pa.table({"x": [1]}), tmp_path / "b.parquet")
    with pytest.raises(FileContentError) as error:
        tfs.files(tmp_path).fragments()
    assert str(error.value) == (
        f"File '{path}': expected a column 'y' (double), as in the first file, found only x; read "
        f"such files apart."
    )
    write(pa.table({"y": pa.array([1.0], pa.float32()), "x": [1]}), tmp_path / "b.parquet")
    with pytest.raises(FileContentError) as error:
        tfs.files(tmp_path).fragments()
    assert "expected column 'y' as double, as in the first file, found float;" in str(error.value)
    write(pa.table({"z": [0], "y": [2.0], "x": [2]}), tmp_path / "b.parquet")
    assert table_of(tfs.files(tmp_path)).to_pydict() == {"x": [1, 2], "y": [1.0, 2.0]}


@pytest.mark.parametrize("extension", ["parquet", "arrow", "arrows"])
@pytest.mark.parametrize("turned", [False, True])
def test_texts_of_one_file_may_be_counted_by_more_bytes_than_those_of_another(
    tmp_path, extension, turned
):
    rows = [{"s": text, "l": [text, None], "t": {"b": text.encode()}} for text in ("a", "bc", "é")]
    small, large = (
        pa.schema([("s", text), ("l", many(text)), ("t", pa.struct([("b", binary)]))])
        for text, binary, many in (
            (pa.string(), pa.binary(), pa.list_),
            (pa.large_string(), pa.large_binary(), pa.large_list),
        )
    )
    encoded = pa.dictionary(pa.int32(), pa.string())
    for number, schema in enumerate([large, small] if turned else [small, large]):
        write(pa.Table.from_pylist(rows, schema), tmp_path / f"{number}.{extension}")
    write(
        pa.Table.from_pylist(rows, small.set(0, pa.field("s", encoded))),
        tmp_path / f"2.{extension}",
    )
    assert table_of(tfs.files(tmp_path)).to_pylist() == rows * 3
    assert table_of(tfs.files(tmp_path, filters=[("s", "=", "bc")])).to_pylist() == [rows[1]] * 3
    other = small.set(2, pa.field("t", pa.struct([("c", pa.binary())])))
    path = write(pa.Table.from_pylist(rows, other), tmp_path / f"3.{extension}")
    with pytest.raises(
        FileContentError, match=f"^File '{path}': expected column 't' as struct<b: "
    ):
        tfs.files(tmp_path).fragments()


@pytest.mark.parametrize("extension", ["csv", "jsonl", "orc", "arrow", "arrows"])
def test_a_later_file_of_another_type_is_named_in_each_format(tmp_path, extension):
    write(pa.table({"x": [1, 2]}), tmp_path / f"a.{extension}")
    path = write(pa.table({"x": ["one", "two"]}), tmp_path / f"b.{extension}")
    with pytest.raises(FileContentError) as error:
        table_of(tfs.files(tmp_path))
    assert str(error.value).startswith(f"File '{path}': expected ")


@pytest.mark.parametrize("extension", ["csv", "orc", "arrow", "arrows"])
def test_a_later_file_without_a_column_is_named_in_each_format(tmp_path, extension):
    write(pa.table({"x": [1], "y": [2]}), tmp_path / f"a.{extension}")
    path = write(pa.table({"x": [1], "z": [2]}), tmp_path / f"b.{extension}")
    with pytest.raises(FileContentError) as error:
        table_of(tfs.files(tmp_path))
    assert str(error.value).startswith(f"File '{path}': expected a column 'y'")


def test_a_field_that_a_line_of_json_lacks_is_a_null(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"x": 1}\n{"y": 2, "x": 3}\n')
    assert table_of(tfs.files(tmp_path)).to_pydict() == {"x": [1, 3], "y": [None, 2]}


@pytest.mark.parametrize("extension", sorted({*HOLDS, "txt.gz"} - {"csv", "jsonl"}))
@pytest.mark.parametrize("how", ["truncated", "rubbish"])
def test_a_broken_file_is_named_and_gives_no_wrong_rows(tmp_path, extension, how):
    table = pa.table({"x": range(50), "s": [f"text {n * n}" for n in range(50)]})
    whole = tmp_path / f"a.{extension}"
    if extension == "txt.gz":
        write(table, tmp_path / "a.csv.gz")
        (tmp_path / "a.csv.gz").rename(whole)
    else:
        write(table, whole)
    content = whole.read_bytes()
    whole.write_bytes(content[: len(content) * 2 // 3] if how == "truncated" else b"\7junk" * 99)
    schema = table.schema if extension != "txt.gz" else None
    rows = []
    with pytest.raises(FileContentError) as error:
        for fragment in (found := tfs.files(whole, schema=schema)).fragments():
            for batch in read_fragment(found, fragment, batch_rows=5):
                rows += batch.to_pylist()
    text = str(error.value)
    assert text.startswith(f"File '{whole}': expected ")
    assert "\n" not in text
    if extension != "txt.gz":
        assert rows == table.to_pylist()[: len(rows)]


def test_a_corrupt_page_of_parquet_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": range(10000)}), path, compression="gzip")
    content = bytearray(path.read_bytes())
    content[200:400] = bytes(200)
    path.write_bytes(content)
    found = tfs.files(path)
    with pytest.raises(FileContentError, match="rows of column 'x' in row group 0, found GZip"):
        table_of(found)


def test_a_file_whose_column_has_no_type_has_nulls(tmp_path):
    pq.write_table(pa.table({"x": [1.5, 2.5]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"x": pa.nulls(0)}), tmp_path / "b.parquet")
    batches = tfs.dataset(tmp_path, batch_size=2)
    assert [batch["x"].numpy().tolist() for batch in batches] == [[1.5, 2.5]]
    pq.write_table(pa.table({"x": pa.nulls(1)}), tmp_path / "c.parquet")
    with pytest.raises(
        FileContentError, match="expected no null in column 'x', found 1 null in 1 row"
    ):
        list(tfs.dataset(tmp_path, batch_size=2))
    filled = tfs.dataset(tmp_path, batch_size=2, nulls=0, filters=[("x", "!=", 1.5)])
    assert [batch["x"].numpy().tolist() for batch in filled] == [[2.5]]
    filled = tfs.dataset(tmp_path, batch_size=3, nulls=0)
    assert [batch["x"].numpy().tolist() for batch in filled] == [[1.5, 2.5, 0.0]]
