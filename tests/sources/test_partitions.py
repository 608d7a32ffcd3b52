"""Compare partition columns with Spark's own result."""

from __future__ import annotations

import datetime as dt
import decimal
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import OptionError
from tfspark_magic.sources.partitions import typed

ALONE = [
    "1", "-1", "+1", "007", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
    "9223372036854775808", "1" * 38, "1" * 39, "1.0", "1.5", "-0.0", "1e3", "1E3", "1e-3", "1e400",
    "1_000", "0x10", "0x1p3", "0x1.8p1", "1L", "1d", "1f", "1.5f", "1D", "NaN", "nan", "Infinity",
    "-Infinity", "inf", " 1", "1 ", "\N{FULLWIDTH DIGIT ONE}", "2024-01-05", "2024-1-5", "2024-01",
    "2024", "20240106", "2024-W05", "2024-W05-1", "2024-001", "2024-02-30", "2024-13-01",
    "2024-01-05T10:00:00", "2024-01-05 10:00:00", "2024-01-05 10:00:00.5", "2024-01-05 10:00:00.123",
    "2024-01-05 10:00", "2024-01-05 25:00:00", "2024-01-05 10:00:00Z", "0001-01-01", "10000-01-01",
    "today", "true", "null", "None", "a b", "a%b", "a=b", "10:00:00", "10:00", ".5", "5.", "-", "1e",
    "1-1", "-0", "00", "1,5", "1e0", "12e2", "100e-2", "99999999999999999999e5", "2024-01-05 ",
    "2024-01-05 junk", "+.5", "-.5e3",
]  # fmt: skip
TOGETHER = [
    ("20240106", "2024-01-05"), ("2024-01-05", "2024-01-05 10:00:00"), ("1", "2147483648"),
    ("1", "1.5"), ("2147483648", "1.5"), ("1", "a"), ("1", None), ("9223372036854775808", "1"),
    ("9223372036854775808", "1.5"), ("2024-01-05", None), ("1e3", "1"), ("1e3", "2147483648"),
    ("nan", "1"), ("01", "1"), ("NaN", "1.5"), ("1e3", "12e2"), ("1d", "2"), ("10:00:00", "a"),
    ("2024-01-05 10:00:00", None), ("1.5", "2024-01-05"), ("9223372036854775808", "1" * 25),
]  # fmt: skip


def escaped(text):
    """Return the name of a folder as Spark writes it."""
    if text is None:
        return "__HIVE_DEFAULT_PARTITION__"
    return "".join(f"%{ord(c):02X}" if c in "\"#%'*/:=?\\{[]^" else c for c in text)


def test_types_and_values_are_those_of_spark(spark, tmp_path):
    columns = [(text, text) for text in ALONE] + TOGETHER
    for row in (0, 1):
        folder = tmp_path
        for number, texts in enumerate(columns):
            folder /= f"k{number}={escaped(texts[row])}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"x": [row]}), folder / "a.parquet")
    frame = spark.read.parquet(str(tmp_path))
    types = {field.name: field.dataType.simpleString() for field in frame.schema}
    times = {name: frame[name].cast("string") for name, one in types.items() if one == "time(6)"}
    rows = frame.withColumns(times).orderBy("x").collect()  # Connect collects no times
    files = tfs.files(tmp_path)
    by_file = [dict(values) for values in files.partitions]
    by_file.sort(key=lambda values: values[f"k{len(ALONE) + 1}"])
    wrong = []
    for number, texts in enumerate(columns):
        name = f"k{number}"
        if not same_type(types[name], files.schema.field(name).type):
            wrong.append((texts, types[name], files.schema.field(name).type))
            continue
        for expected in rows:
            found = [values[name] for values in by_file]
            if not any(same(expected[name], value) for value in found):
                wrong.append((texts, expected[name], found))
    assert not wrong


def same_type(spark, arrow):
    names = {
        "int": "int32", "bigint": "int64", "date": "date32[day]", "time(6)": "time64[us]",
        "timestamp": "timestamp[us, tz=UTC]",
    }  # fmt: skip
    if spark.startswith("decimal"):
        return str(arrow) == spark.replace("decimal(", "decimal128(").replace(",", ", ")
    return str(arrow) == names.get(spark, spark)


def same(expected, found):
    if isinstance(expected, dt.datetime):
        return expected.astimezone(dt.UTC) == found
    if isinstance(expected, float) and math.isnan(expected):
        return math.isnan(found)
    return expected == (str(found) if isinstance(found, dt.time) else found)


def test_a_schema_says_otherwise():
    for text, given, value in [
        ("007", pa.string(), "007"), ("1", pa.float32(), 1.0), ("7", pa.int8(), 7),
        ("true", pa.bool_(), True), ("1.5", pa.float64(), 1.5), ("2024-01-05", pa.date32(), dt.date(2024, 1, 5)),
        ("3", pa.decimal128(5, 0), decimal.Decimal(3)),
    ]:  # fmt: skip
        assert typed([(("k", text),)], pa.schema([("k", given)]))[1] == ((("k", value),),)
    for text, given in [
        ("seven", pa.int32()),
        ("300", pa.int8()),
        ("1.5", pa.int64()),
        ("x", pa.bool_()),
    ]:
        with pytest.raises(OptionError, match=f"of column 'k' are not all {given}"):
            typed([(("k", text),)], pa.schema([("k", given)]))


def test_a_folder_without_a_value_is_refused_as_by_spark():
    with pytest.raises(OptionError, match="A folder 'k=' has no value"):
        typed([(("k", ""),)], None)
