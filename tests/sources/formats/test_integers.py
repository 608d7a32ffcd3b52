"""Test that integers in CSV and JSON do not silently become float64 and get rounded."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.sources.test_files import table_of
from tfspark_magic.errors import FileContentError

few = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
BEYOND = 2**63


def csv(path, *values):
    path.write_text("x,y\n" + "".join(f"{value},1\n" for value in values))
    return path


def lines(path, *values):
    texts = (f'{{"y": "12345678901234567890", "x": {value}}}\n' for value in values)
    path.write_text("".join(texts))
    return path


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["9223372036854775809", "9223372036854775810"], "9223372036854775809"),
        (["1", "-9223372036854775809"], "-9223372036854775809"),
        (["0.5", "9007199254740993"], "9007199254740993"),
        (["1", "18446744073709551615"], "18446744073709551615"),
        (["0.5"] * 9000 + ["1" + "0" * 29 + "1"], "1" + "0" * 29 + "1"),
    ],
)
@pytest.mark.parametrize("write", [csv, lines])
def test_an_integer_that_would_be_rounded_is_named(tmp_path, values, found, write):
    path = write(tmp_path / ("a.csv" if write is csv else "a.jsonl"), *values)
    files = tfs.files(path)
    with pytest.raises(FileContentError) as error:
        table_of(files)
    text = str(error.value)
    assert text.startswith(
        f"File '{path}': expected integers that float64 holds in column 'x', found {found}; pass schema="
    )
    # Following the advice: exactly, or rounded.
    at = files.schema.get_field_index("x")
    exact, read = (pa.string(), str) if write is csv else (pa.decimal128(38, 2), Decimal)
    for arrow, as_python in ((exact, read), (pa.float64(), float)):
        given_types = files.schema.set(at, pa.field("x", arrow))
        table = table_of(tfs.files(path, schema=given_types))
        assert table["x"].to_pylist() == [as_python(value) for value in values]
    assert table_of(files, ["y"]).num_rows == len(values)


def test_integers_in_lists_and_structs_of_json_are_named(tmp_path):
    for value in (
        f"[1, {BEYOND + 1}]",
        f'{{"a": [0.5, {BEYOND + 1}]}}',
        f'[{{"b": {BEYOND + 1}}}]',
    ):
        path = lines(tmp_path / "a.jsonl", value)
        with pytest.raises(FileContentError, match=f"in column 'x', found {BEYOND + 1};"):
            table_of(tfs.files(path))


@few
@given(
    values=st.lists(
        st.one_of(
            st.integers(-(10**20), 10**20), st.integers(-9, 9), st.just(2**60),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
    ),
    extension=st.sampled_from(["csv", "jsonl", "csv.gz"]),
)  # fmt: skip
def test_what_is_read_is_what_was_written_or_an_error(tmp_path, values, extension):
    path = tmp_path / f"a.{extension}"
    whole = "x\n" if extension.startswith("csv") else ""
    whole += "".join(
        f"{value!r}\n" if whole else json.dumps({"x": value}) + "\n" for value in values
    )
    path.write_bytes(gzip.compress(whole.encode()) if extension.endswith("gz") else whole.encode())
    try:
        found = table_of(tfs.files(path))["x"].to_pylist()
    except FileContentError:
        integers = [value for value in values if isinstance(value, int)]
        assert any(int(float(value)) != value for value in integers)
    else:
        # Exactly: Python compares integers and floats as numbers.
        assert found == values


def test_large_floats_are_no_integers(tmp_path):
    texts = ["1e300", "9223372036854775809.5", "9223372036854775809e1", "-inf", "0.1"]
    path = csv(tmp_path / "a.csv", *texts)
    assert table_of(tfs.files(path))["x"].to_pylist() == [float(text) for text in texts]
    path = lines(tmp_path / "a.jsonl", *texts[:3])
    assert table_of(tfs.files(path))["x"].to_pylist() == [float(text) for text in texts[:3]]
