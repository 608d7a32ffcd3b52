"""Translate Spark SQL types to and from `CellSpec`s.

A Spark type cannot hold the sizes of an array's axes, or a dtype that Spark does not have. These
are kept in the column's metadata, which survives select, alias and filter.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import Subject, UnsupportedTypeError
from tfspark_magic.schema.arrow import CARRIERS
from tfspark_magic.schema.spark_remedies import field_remedy, remedy
from tfspark_magic.schema.spec import DTYPE_KEY, SHAPE_KEY, CellSpec
from tfspark_magic.schema.vector import vector_of

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
# These travel as one of the types above, but are different dtypes.
_KINDS: dict[type[T.DataType], CellSpec] = {
    T.DateType: CellSpec("int64", (), "date"),
    T.TimestampType: CellSpec("int64", (), "timestamp"),
    T.TimestampNTZType: CellSpec("int64", (), "timestamp_ntz"),
}
_SPARK = {
    dtype: spark for spark, dtype in _LEAVES.items() if spark not in (T.VarcharType, T.CharType)
}


def cell_from_spark(field: T.StructField) -> CellSpec:
    """Return the `CellSpec` of a Spark column.

    >>> cell_from_spark(T.StructField("v", T.ArrayType(T.FloatType())))
    CellSpec(dtype='float32', shape=(None,), kind='')

    Raises
    ------
    UnsupportedTypeError
        If TensorFlow has no such cells; the message has the cast to write.
    """
    leaf, rank = field.dataType, 0
    while isinstance(leaf, T.ArrayType):
        leaf, rank = leaf.elementType, rank + 1
    cell = _cell(leaf)
    if cell is None or (rank and cell.kind == "vector"):
        raise _refused(field, leaf, rank)
    rank += len(cell.shape or ())
    dtype = cell.dtype
    metadata = field.metadata or {}
    marked = metadata.get(DTYPE_KEY)
    if marked in CARRIERS and CARRIERS[marked] == dtype:
        dtype = marked
    shape = metadata.get(SHAPE_KEY)
    if shape is None or len(shape) != rank:
        return CellSpec(dtype, (None,) * rank, cell.kind)
    return CellSpec(dtype, tuple(None if n < 0 else n for n in shape), cell.kind)


def _refused(field: T.StructField, leaf: T.DataType, rank: int) -> UnsupportedTypeError:
    """Return the error of a column of arrays of this rank, whose values TensorFlow does not have."""
    advice = remedy(field, leaf, rank)
    if isinstance(field.dataType, T.StructType) and _is_vector(field):
        advice = f"bind '{field.name}.*', its fields as a vector, or {advice}"
    found = field.dataType.simpleString()
    return UnsupportedTypeError(Subject("Column", field.name), found, advice)


def _is_vector(struct: T.StructField) -> bool:
    try:
        fields_cell_from_spark(struct)
    except UnsupportedTypeError:
        return False
    return True


def fields_cell_from_spark(field: T.StructField) -> CellSpec:
    """Return the `CellSpec` of a struct column's fields side by side as a vector.

    Raises
    ------
    UnsupportedTypeError
        If a field is not a scalar, or no dtype holds the values of all fields.
    """
    parts: list[tuple[str, CellSpec | UnsupportedTypeError]] = []
    for inner in field.dataType.fields:
        try:
            parts.append((inner.name, cell_from_spark(inner)))
        except UnsupportedTypeError:
            error = UnsupportedTypeError(
                f"Field '{field.name}.{inner.name}'",
                inner.dataType.simpleString(),
                field_remedy(field, inner),
            )
            parts.append((inner.name, error))
    return vector_of(parts, f"Column '{field.name}.*'")


def _cell(leaf: T.DataType) -> CellSpec | None:
    for kind, dtype in _LEAVES.items():
        if isinstance(leaf, kind):
            return CellSpec(dtype)
    for kind, cell in _KINDS.items():
        if isinstance(leaf, kind):
            return cell
    # By name, because MLlib's old and new vectors share it, and importing their modules takes time.
    is_vector = isinstance(leaf, T.UserDefinedType) and leaf.simpleString() == "vector"
    return CellSpec("float64", (None,), "vector") if is_vector else None


def spark_from_cell(cell: CellSpec) -> T.DataType:
    """Return the Spark type of a column of such cells; their rank must be known."""
    spark: T.DataType = _SPARK[CARRIERS.get(cell.dtype, cell.dtype)]()
    for _ in cell.shape or ():
        spark = T.ArrayType(spark)
    return spark


def metadata_from_cell(cell: CellSpec) -> dict[str, Any]:
    """Return the column metadata for the parts of a cell that the Spark type cannot hold."""
    metadata: dict[str, Any] = {}
    if cell.shape:
        metadata[SHAPE_KEY] = [-1 if n is None else n for n in cell.shape]
    if cell.dtype in CARRIERS:
        metadata[DTYPE_KEY] = cell.dtype
    return metadata
