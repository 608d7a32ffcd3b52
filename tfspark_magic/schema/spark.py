"""Spark SQL types to and from the neutral language.

What a Spark type cannot say (the sizes of an array's axes, a dtype that Spark lacks) is kept in
the column's metadata, which survives select, alias and filter.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import UnsupportedTypeError
from tfspark_magic.schema.arrow import CARRIERS
from tfspark_magic.schema.spec import CellSpec

SHAPE_KEY = "tfspark_magic.shape"
DTYPE_KEY = "tfspark_magic.dtype"

_LEAVES: dict[type[T.DataType], str] = {
    T.BooleanType: "bool",
    T.ByteType: "int8",
    T.ShortType: "int16",
    T.IntegerType: "int32",
    T.LongType: "int64",
    T.FloatType: "float32",
    T.DoubleType: "float64",
    T.StringType: "string",
    T.VarcharType: "string",
    T.CharType: "string",
    T.BinaryType: "binary",
}
_SPARK = {
    dtype: spark for spark, dtype in _LEAVES.items() if spark not in (T.VarcharType, T.CharType)
}
_ADVICE: dict[type[T.DataType], str] = {
    T.DecimalType: "write df.withColumn({0!r}, df[{0!r}].cast('double'))",
    T.DateType: "write df.withColumn({0!r}, F.unix_date({0!r}).cast('long')), days since 1970",
    T.TimestampType: "write df.withColumn({0!r}, F.unix_micros({0!r})), microseconds since 1970",
    T.StructType: "select its fields as columns of their own, such as {0}.field",
    T.MapType: "turn it into arrays with F.map_keys({0!r}) and F.map_values({0!r})",
    T.UserDefinedType: "write df.withColumn({0!r}, vector_to_array({0!r}, 'float32'))",
}


def cell_from_spark(field: T.StructField) -> CellSpec:
    """Say what the cells of a Spark column hold.

    >>> cell_from_spark(T.StructField("v", T.ArrayType(T.FloatType())))
    CellSpec(dtype='float32', shape=(None,))

    Raises
    ------
    UnsupportedTypeError
        If TensorFlow has no such cells; the message has the cast to write.
    """
    spark, rank = field.dataType, 0
    while isinstance(spark, T.ArrayType):
        spark, rank = spark.elementType, rank + 1
    dtypes = [name for kind, name in _LEAVES.items() if isinstance(spark, kind)]
    if not dtypes:
        kinds = (advice for kind, advice in _ADVICE.items() if isinstance(spark, kind))
        advice = next(kinds, "cast it to a number, string, binary or array of them")
        if rank:
            advice = "turn its elements into numbers or strings with F.transform({0!r}, ...)"
        raise UnsupportedTypeError(
            f"Column {field.name!r}", field.dataType.simpleString(), advice.format(field.name)
        )
    dtype = dtypes[0]
    metadata = field.metadata or {}
    marked = metadata.get(DTYPE_KEY)
    if marked in CARRIERS and CARRIERS[marked] == dtype:
        dtype = marked
    shape = metadata.get(SHAPE_KEY)
    if shape is None or len(shape) != rank:
        return CellSpec(dtype, (None,) * rank)
    return CellSpec(dtype, tuple(None if n < 0 else n for n in shape))


def spark_from_cell(cell: CellSpec) -> T.DataType:
    """Return the Spark type of a column of such cells; their rank must be known."""
    spark: T.DataType = _SPARK[CARRIERS.get(cell.dtype, cell.dtype)]()
    for _ in cell.shape or ():
        spark = T.ArrayType(spark)
    return spark


def metadata_from_cell(cell: CellSpec) -> dict[str, Any]:
    """Return the column metadata that keeps what the Spark type cannot say."""
    metadata: dict[str, Any] = {}
    if cell.shape:
        metadata[SHAPE_KEY] = [-1 if n is None else n for n in cell.shape]
    if cell.dtype in CARRIERS:
        metadata[DTYPE_KEY] = cell.dtype
    return metadata
