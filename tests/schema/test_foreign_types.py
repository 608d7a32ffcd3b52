from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.ml.linalg import VectorUDT
from pyspark.sql import types as T
from pyspark.sql.pandas.types import to_arrow_type

from tfspark_magic.errors import UnsupportedTypeError
from tfspark_magic.schema.arrow import arrow_from_cell, is_list
from tfspark_magic.schema.spark import (
    cell_from_spark,
    metadata_from_cell,
    spark_from_cell,
)
from tfspark_magic.schema.spec import DTYPES, NUMERIC, CellSpec
from tfspark_magic.schema.tensorflow import (
    dtype_from_tensorflow,
    is_supported,
    shape_from_tensorflow,
)

import tensorflow as tf

cells = st.builds(
    CellSpec,
    st.sampled_from(DTYPES),
    st.lists(st.none() | st.integers(0, 9), max_size=3).map(tuple),
)
quick = settings(max_examples=100, deadline=None)


@quick
@given(cells)
def test_a_cell_survives_the_way_through_spark(cell):
    field = T.StructField("c", spark_from_cell(cell), metadata=metadata_from_cell(cell))
    assert cell_from_spark(field) == cell


@quick
@given(cells)
def test_a_cell_survives_the_way_through_sparks_own_json(cell):
    field = T.StructField("c", spark_from_cell(cell), metadata=metadata_from_cell(cell))
    again = T.StructType.fromJson(T.StructType([field]).jsonValue())["c"]
    assert cell_from_spark(again) == cell


@quick
@given(cells)
def test_spark_and_arrow_agree_on_the_type_of_a_column(cell):
    assert arrow_from_cell(cell).equals(to_arrow_type(spark_from_cell(cell)))


@pytest.mark.parametrize(
    ("spark", "cell"),
    [
        (T.BooleanType(), CellSpec("bool")),
        (T.ByteType(), CellSpec("int8")),
        (T.ShortType(), CellSpec("int16")),
        (T.IntegerType(), CellSpec("int32")),
        (T.LongType(), CellSpec("int64")),
        (T.FloatType(), CellSpec("float32")),
        (T.DoubleType(), CellSpec("float64")),
        (T.StringType(), CellSpec("string")),
        (T.VarcharType(9), CellSpec("string")),
        (T.CharType(2), CellSpec("string")),
        (T.BinaryType(), CellSpec("binary")),
        (T.ArrayType(T.ArrayType(T.LongType())), CellSpec("int64", (None, None))),
        (T.DateType(), CellSpec("int64", (), "date")),
        (T.TimestampType(), CellSpec("int64", (), "timestamp")),
        (T.ArrayType(T.TimestampNTZType()), CellSpec("int64", (None,), "timestamp_ntz")),
        (VectorUDT(), CellSpec("float64", (None,), "vector")),
    ],
    ids=str,
)
def test_a_spark_column_without_metadata_holds(spark, cell):
    assert cell_from_spark(T.StructField("c", spark)) == cell


@pytest.mark.parametrize(
    "metadata",
    [
        {"tfspark_magic.shape": [3]},
        {"tfspark_magic.dtype": "uint8"},
        {"something": "else"},
    ],
)
def test_metadata_that_does_not_fit_the_type_is_left_alone(metadata):
    spark = T.ArrayType(T.ArrayType(T.LongType()))
    field = T.StructField("c", spark, metadata=metadata)
    assert cell_from_spark(field) == CellSpec("int64", (None, None))


@pytest.mark.parametrize(
    ("spark", "text"),
    [
        (
            T.DecimalType(10, 2),
            "Column 'c' is decimal(10,2), which cannot be used here: write df.withColumn('c', "
            "df['c'].cast('double')).",
        ),
        (
            T.StructType([T.StructField("a", T.LongType())]),
            "Column 'c' is struct<a:bigint>, which cannot be used here: bind 'c.*', its fields as a "
            "vector, or make columns of its fields, with df.select('*', 'c.*').",
        ),
        (
            T.MapType(T.StringType(), T.LongType()),
            "Column 'c' is map<string,bigint>, which cannot be used here: write df.withColumn('c', "
            "F.expr('map_values(`c`)')), which is its values, as map_keys gives its keys.",
        ),
        (
            T.DayTimeIntervalType(),
            "Column 'c' is interval day to second, which cannot be used here: write "
            "df.withColumn('c', F.expr('unix_micros(timestamp_micros(0) + `c`)')), which is its "
            "microseconds.",
        ),
        (
            T.ArrayType(T.ArrayType(T.DecimalType(10, 2))),
            "Column 'c' is array<array<decimal(10,2)>>, which cannot be used here: write "
            "df.withColumn('c', df['c'].cast('array<array<double>>')).",
        ),
        (
            T.ArrayType(VectorUDT()),
            "Column 'c' is array<vector>, which cannot be used here: write df.withColumn('c', "
            "F.transform('c', lambda v1: vector_to_array(v1))).",
        ),
        (
            T.ArrayType(T.DayTimeIntervalType()),
            "Column 'c' is array<interval day to second>, which cannot be used here: write "
            "df.withColumn('c', F.expr('transform(`c`, v1 -> unix_micros(timestamp_micros(0) + "
            "v1))')), which is its microseconds.",
        ),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_a_spark_type_without_tensors_is_refused_with_the_cast_to_write(spark, text):
    with pytest.raises(UnsupportedTypeError) as caught:
        cell_from_spark(T.StructField("c", spark))
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("cell", "arrow"),
    [
        (CellSpec("uint8"), pa.int16()),
        (CellSpec("float16"), pa.float32()),
        (CellSpec("binary", (2,)), pa.list_(pa.field("element", pa.binary()))),
        (
            CellSpec("bool", (None, 2)),
            pa.list_(pa.field("element", pa.list_(pa.field("element", pa.bool_())))),
        ),
    ],
    ids=str,
)
def test_an_arrow_type(cell, arrow):
    assert arrow_from_cell(cell).equals(arrow, check_metadata=True)


@pytest.mark.parametrize(
    ("arrow", "expected"),
    [
        (pa.list_(pa.int8()), True),
        (pa.large_list(pa.int8()), True),
        (pa.list_(pa.int8(), 3), True),
        (pa.binary(), False),
        (pa.string(), False),
    ],
    ids=str,
)
def test_list_types_are_told_from_others(arrow, expected):
    assert is_list(arrow) is expected


@pytest.mark.parametrize("dtype", [*NUMERIC, "string"])
def test_a_tensorflow_dtype_has_its_own_name(dtype):
    assert is_supported(tf.as_dtype(dtype))
    assert dtype_from_tensorflow(tf.as_dtype(dtype), "Fetch 'z'") == dtype


@pytest.mark.parametrize(
    ("dtype", "advice"),
    [
        (tf.uint16, "write tf.cast(..., tf.int32), which holds each of its values."),
        (tf.uint32, "write tf.cast(..., tf.int64), which holds each of its values."),
        (tf.bfloat16, "write tf.cast(..., tf.float32), which holds each of its values."),
        (tf.complex64, "take tf.math.real(...) and tf.math.imag(...) as two tensors."),
        (tf.uint64, "use a bool, integer, float or string tensor."),
        (tf.variant, "use a bool, integer, float or string tensor."),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_dtype_that_no_column_holds_is_refused_with_what_to_write(dtype, advice):
    with pytest.raises(UnsupportedTypeError) as caught:
        dtype_from_tensorflow(dtype, "Fetch 'z'")
    expected = f"Fetch 'z' is {dtype.name}, which cannot be used here: {advice}"
    assert str(caught.value) == expected


@pytest.mark.parametrize("shape", [None, (), (None, 3)])
def test_a_tensorflow_shape_is_a_tuple(shape):
    assert shape_from_tensorflow(tf.TensorShape(shape)) == shape
