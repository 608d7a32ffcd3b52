"""Test CSV files that were cut, and CSV files without rows."""

from __future__ import annotations

import gzip
import zlib

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError, OptionError
from tfspark_magic.sources.reading import read_fragment

few = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BLOCK = "tfspark_magic.sources.formats.csv._BLOCK_BYTES"
CUT = (
    "File '{}': expected a quote that ends its last text, found none; write it again, or leave it "
    "out of the path."
)
COMPRESS = {"csv": bytes, "csv.gz": gzip.compress, "csv.deflate": zlib.compress}


@st.composite
def fields(draw, delimiter):
    """A field of a file: plain, or in quotes."""
    value = draw(st.text(st.sampled_from(f'ab"é {delimiter}\r\n'), max_size=4))
    if draw(st.booleans()) or value.startswith('"') or {*value} & {delimiter, "\r", "\n"}:
        value = '"' + value.replace('"', '""') + '"'
    return value


def rows_of(text, delimiter):
    """Return the rows of a text, read character by character, and whether it ends inside of quotes."""
    rows, row, value, quoted, is_open = [], [], "", False, False
    at, text = 0, text.removesuffix("\n").removesuffix("\r") + "\n"
    while at < len(text):
        letter, following = text[at], text[at + 1 : at + 2]
        at += 1
        if is_open and letter == '"' and following == '"':
            value, at = value + '"', at + 1
        elif letter == '"' and (is_open or not (value or quoted)):
            is_open, quoted = not is_open, True
        elif is_open or letter not in (delimiter, "\r", "\n"):
            value += letter
        else:
            row, value, quoted = [*row, value or ("" if quoted else None)], "", False
            if letter != delimiter:
                rows, row = rows + [row] * (row != [None]), []
    return rows, is_open


@few
@given(data=st.data(), extension=st.sampled_from(sorted(COMPRESS)), header=st.booleans())
def test_a_file_cut_anywhere_is_read_as_letter_by_letter_or_refused(
    tmp_path, monkeypatch, data, extension, header
):
    monkeypatch.setattr(BLOCK, data.draw(st.sampled_from([80, 200, 4 << 20])))
    delimiter = data.draw(st.sampled_from(",;\t"))
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    names = [f"c{n}" for n in range(data.draw(st.integers(1, 3)))]
    first = [f'"{name}"' for name in names] if data.draw(st.booleans()) else names
    row = st.lists(fields(delimiter), min_size=len(names), max_size=len(names))
    rows = [first] * header + data.draw(st.lists(row, max_size=12))
    whole = "".join(delimiter.join(row) + end for row in rows)
    text = whole[: data.draw(st.integers(0, len(whole)))]
    path = tmp_path / f"a.{extension}"
    path.write_bytes(COMPRESS[extension](text.encode()))
    schema = pa.schema([(name, pa.string()) for name in names])
    found = tfs.files(path, schema=schema, header=header, delimiter=delimiter)
    asked = data.draw(st.lists(st.sampled_from(schema.names), min_size=1, unique=True))
    expected, is_open = rows_of(text, delimiter)
    known = expected.pop(0) if header and expected else schema.names
    if is_open or not {*asked} <= {*known} or any(len(row) != len(known) for row in expected):
        with pytest.raises(FileContentError) as error:
            table_of(found, asked)
        assert not is_open or str(error.value) == CUT.format(path)
    else:
        rows = [dict(zip(known, row, strict=True)) for row in expected]
        wanted = [{name: row[name] for name in asked} for row in rows]
        assert table_of(found, asked).to_pylist() == wanted


@pytest.mark.parametrize(
    "text",
    [
        'x,y\n1,"a', 'x,y\n1,a"b\n2,"c', 'x,y\n1,a\n2,"c""', 'x,y\n1,2\n3,"4', 'x,y\n1,2\n"3',
        'x,"y', '"x', 'x\n1\n"', "x,y\n" + "1,2\n" * 50 + '3,"4', "x,y\n" + "1,a\n" * 50 + '3,"4\n',
    ],
)  # fmt: skip
@pytest.mark.parametrize("extension", sorted(COMPRESS))
def test_an_open_quote_at_the_end_is_told(tmp_path, monkeypatch, text, extension):
    monkeypatch.setattr(BLOCK, 64)
    path = tmp_path / f"a.{extension}"
    path.write_bytes(COMPRESS[extension](text.encode()))
    rows = []
    with pytest.raises(FileContentError) as error:
        for fragment in (found := tfs.files(path)).fragments():
            for batch in read_fragment(found, fragment, batch_rows=5):
                rows += batch.to_pylist()
    assert str(error.value) == CUT.format(path)
    assert all(row["x"] == 1 for row in rows)


@pytest.mark.parametrize("columns", [["x"], ["y"], ["x", "y"]])
def test_the_columns_that_are_cut_need_not_be_asked_for(tmp_path, columns):
    path = tmp_path / "a.csv"
    path.write_text('x,y,z\n1,2,"z"\n3,4,"z')
    with pytest.raises(FileContentError) as error:
        list(tfs.dataset(path, columns, 2))
    assert str(error.value) == CUT.format(path)


def test_headers_of_any_kind_have_rows_after_them(tmp_path):
    path = tmp_path / "a.csv"
    long = "y" * 200_000
    for name in ("z", '"a,b"', '"a\n""b"', long, f'"{long}"'):
        path.write_bytes(b"\xef\xbb\xbf" + f'"x,1",{name}\n1,2\n,3\n'.encode())
        found = table_of(tfs.files(path))
        assert [column.to_pylist() for column in found.columns] == [[1, None], [2, 3]]


@pytest.mark.parametrize("extension", ["csv", "csv.gz", "csv.deflate", "jsonl", "jsonl.gz"])
@pytest.mark.parametrize("nothing", ["", "\n\n"])
def test_a_file_without_a_row_tells_no_columns(tmp_path, extension, nothing):
    content = nothing.encode()
    compress = COMPRESS.get(extension.replace("jsonl", "csv"))
    path = tmp_path / f"a.{extension}"
    path.write_bytes(compress(content))
    with pytest.raises(FileContentError, match="pass schema=, or leave it out of the path"):
        tfs.files(path)
    schema = pa.schema([("x", pa.int64())])
    assert table_of(tfs.files(path, schema=schema)).num_rows == 0
    row = b"x\n1\n" if extension.startswith("csv") else b'{"x": 1}\n'
    (tmp_path / f"b.{extension}").write_bytes(compress(row))
    if not nothing:
        assert table_of(tfs.files(tmp_path)).to_pydict() == {"x": [1]}


def test_one_and_zero_are_numbers_unless_the_schema_says_more(tmp_path):
    texts = ["n,x,y\n1,true,True\n0,false,1\n", "n,x,y\n1,1,0\n"]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.csv").write_text(text)
    first = tfs.files(str(tmp_path / "0.csv"))
    assert [str(one) for one in first.schema.types] == ["int64", "bool", "string"]
    with pytest.raises(FileContentError, match="conversion error to bool: invalid value '1'"):
        table_of(tfs.files(str(tmp_path)))
    schema = pa.schema([("n", pa.bool_()), ("x", pa.bool_()), ("y", pa.bool_())])
    rows = table_of(tfs.files(str(tmp_path), schema=schema)).to_pydict()
    assert rows == {"n": [True, False, True], "x": [True, False, True], "y": [True, True, False]}


def test_a_header_alone_has_no_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y")
    assert table_of(tfs.files(path)).num_rows == 0


@pytest.mark.parametrize("delimiter", ["", "ab", "é", '"', "\n", "\r", "\0", 3, None])
def test_delimiters_that_are_none(tmp_path, delimiter):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(OptionError, match="^delimiter is one ASCII character that is no quote and"):
        tfs.files(tmp_path, delimiter=delimiter)
