"""Spark SQL types to and from the neutral language.

What a Spark type cannot say (the sizes of an array's axes, a dtype that Spark lacks) is kept in
the column's metadata, which survives select, alias and filter.
"""

from __future__ import annotations

from typing import Any

from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import UnsupportedTypeError
from tfspark_magic.schema.arrow import CARRIERS
from tfspark_magic.schema.names import as_one, quoted
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
# What travels as one of the above, and is told from it.
_KINDS: dict[type[T.DataType], CellSpec] = {
    T.DateType: CellSpec("int64", (), "date"),
    T.TimestampType: CellSpec("int64", (), "timestamp"),
    T.TimestampNTZType: CellSpec("int64", (), "timestamp_ntz"),
}
_SPARK = {
    dtype: spark for spark, dtype in _LEAVES.items() if spark not in (T.VarcharType, T.CharType)
}
_ADVICE: dict[type[T.DataType], str] = {
    T.DecimalType: "write df.withColumn({0!r}, df[{2!r}].cast('double'))",
    T.MapType: "turn it into arrays with F.map_keys({2!r}) and F.map_values({2!r})",
    T.UserDefinedType: "write df.withColumn({0!r}, F.udf(lambda m: m.toArray().tolist(), "
    "'array<array<double>>')({2!r}))",
}
_IN_SQL: dict[type[T.DataType], tuple[str, str]] = {
    T.DayTimeIntervalType: ("unix_micros(timestamp_micros(0) + {})", "microseconds"),
    T.YearMonthIntervalType: ("12 * extract(year from {0}) + extract(month from {0})", "months"),
    T.CalendarIntervalType: ("cast({} as string)", "text"),
    T.TimeType: ("time_to_micros({})", "microseconds"),
    T.VariantType: ("cast({} as double)", "value as a number"),
}
_ELEMENTS_IN_SQL: dict[type[T.DataType], tuple[str, str]] = {
    **_IN_SQL,
    T.MapType: ("map_values({})", "values"),
}
_ELEMENT_ADVICE: dict[type[T.DataType], str] = {
    T.DecimalType: "write df.withColumn({0!r}, df[{2!r}].cast({1!r}))",
}
_FIELD_ADVICE: dict[type[T.DataType], str] = {
    T.DecimalType: "write df.withColumn({0!r}, df[{2!r}].withField({1!r}, "
    "df[{2!r}][{1!r}].cast('double')))",
}


def cell_from_spark(field: T.StructField) -> CellSpec:
    """Say what the cells of a Spark column hold.

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
        raise _refused(field, leaf, rank, is_vector=cell is not None)
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


def _refused(
    field: T.StructField, leaf: T.DataType, rank: int, *, is_vector: bool
) -> UnsupportedTypeError:
    """Return the error of a column whose cells are, `rank` arrays deep, what TensorFlow has not."""
    name = as_one(field.name)
    in_sql = next(
        (
            v
            for kind, v in (_ELEMENTS_IN_SQL if rank else _IN_SQL).items()
            if isinstance(leaf, kind)
        ),
        None,
    )
    if in_sql is not None:
        expression, what = in_sql
        expression = _each(quoted(field.name), rank, expression)
        advice = f"write df.withColumn({field.name!r}, F.expr({expression!r})), which is its {what}"
    elif isinstance(leaf, T.StructType) and not rank:
        advice = _struct_advice(field)
    elif isinstance(leaf, T.StructType) and leaf.names:
        advice = (
            f"take a field, with df.withColumn({field.name!r}, df[{name!r}][{leaf.names[0]!r}])"
        )
    elif is_vector:
        arrays = _of_each("vector_to_array({})", rank).format(repr(name))
        advice = f"write df.withColumn({field.name!r}, {arrays})"
    else:
        cast = "array<" * rank + "double" + ">" * rank
        default = "cast it to a number, string, binary or array of them"
        if rank:
            default = "turn its elements into numbers or strings with F.transform({2!r}, ...)"
        by_type = _ELEMENT_ADVICE if rank else _ADVICE
        advice = _advice(by_type, leaf, default).format(field.name, cast, name)
    found = field.dataType.simpleString()
    return UnsupportedTypeError(f"Column {field.name!r}", found, advice)


def _each(name: str, rank: int, expression: str) -> str:
    """Return SQL that computes something of each value of arrays, `rank` deep."""
    if not rank:
        return expression.format(name)
    return f"transform({name}, v{rank} -> {_each(f'v{rank}', rank - 1, expression)})"


def _of_each(call: str, rank: int) -> str:
    """Return Python that calls something with each value of arrays, `rank` deep, named `{}`."""
    if not rank:
        return call
    inner = _of_each(call, rank - 1).format(f"v{rank}")
    return f"F.transform({{}}, lambda v{rank}: {inner})"


def _struct_advice(field: T.StructField) -> str:
    name = as_one(field.name)
    columns = f"make columns of its fields, with df.select('*', '{name}.*')"
    try:
        fields_cell_from_spark(field)
    except UnsupportedTypeError:
        return columns
    return f"bind '{field.name}.*', its fields as a vector, or {columns}"


def fields_cell_from_spark(field: T.StructField) -> CellSpec:
    """Say what a struct column's fields hold, side by side as a vector.

    Raises
    ------
    UnsupportedTypeError
        If a field is no scalar, or no dtype holds each of them.
    """
    parts: list[tuple[str, CellSpec | UnsupportedTypeError]] = []
    for inner in field.dataType.fields:
        try:
            parts.append((inner.name, cell_from_spark(inner)))
        except UnsupportedTypeError:
            default = "bind a list of the columns that you select from the other fields"
            advice = _advice(_FIELD_ADVICE, inner.dataType, default)
            error = UnsupportedTypeError(
                f"Field '{field.name}.{inner.name}'",
                inner.dataType.simpleString(),
                advice.format(field.name, inner.name, as_one(field.name)),
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
    # By name, which MLlib's old and new vectors share: their modules take time to import.
    is_vector = isinstance(leaf, T.UserDefinedType) and leaf.simpleString() == "vector"
    return CellSpec("float64", (None,), "vector") if is_vector else None


def _advice(by_type: dict[type[T.DataType], str], spark: T.DataType, default: str) -> str:
    return next((text for kind, text in by_type.items() if isinstance(spark, kind)), default)


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
