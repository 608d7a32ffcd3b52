"""Translate Spark SQL types to and from `CellSpec`s.

A Spark type cannot hold the sizes of an array's axes, or a dtype that Spark does not have. These
are kept in the column's metadata, which survives select, alias and filter. For a column that cannot
feed a tensor, the advice is code for the DataFrame `df`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import Subject, UnsupportedTypeError
from tfspark_magic.schema.arrow import CARRIERS
from tfspark_magic.schema.quoting import as_one, quoted
from tfspark_magic.schema.spec import DTYPE_KEY, SHAPE_KEY, CellSpec, vector_of

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
# SQL for one value, and the meaning of its result.
_IN_SQL: dict[type[T.DataType], tuple[str, str]] = {
    T.DayTimeIntervalType: ("unix_micros(timestamp_micros(0) + {})", "microseconds"),
    T.YearMonthIntervalType: ("12 * extract(year from {0}) + extract(month from {0})", "months"),
    T.CalendarIntervalType: ("cast({} as string)", "text"),
    T.TimeType: ("time_diff('microsecond', time '00:00:00', {})", "microseconds"),
    T.VariantType: ("cast({} as double)", "value as a number"),
    T.MapType: ("map_values({})", "values, as map_keys gives its keys"),
    T.GeometryType: ("st_asbinary({})", "well-known binary"),
    T.GeographyType: ("st_asbinary({})", "well-known binary"),
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
    advice = _remedy(field, leaf, rank)
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
                _field_remedy(field, inner),
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


def _remedy(field: T.StructField, leaf: T.DataType, rank: int) -> str:
    """Say what to do about a column of arrays of this rank, whose values have an unsupported type.

    >>> _remedy(T.StructField("x", T.DecimalType()), T.DecimalType(), 0)
    "write df.withColumn('x', df['x'].cast('double'))"
    """
    name, column = as_one(field.name), f"df[{as_one(field.name)!r}]"
    in_sql = next((sql for kind, sql in _IN_SQL.items() if isinstance(leaf, kind)), None)
    if in_sql is not None:
        expression, what = in_sql
        expression = _each_in_sql(quoted(field.name), rank, expression)
        return f"write df.withColumn({field.name!r}, F.expr({expression!r})), which is its {what}"
    if isinstance(leaf, T.StructType):
        if not leaf.names:
            return "bind another column, since its structs have no fields"
        if not rank:
            return f"make columns of its fields, with df.select('*', '{name}.*')"
        first = _each(lambda struct: f"{struct}[{leaf.names[0]!r}]", rank - 1, column)
        return f"take a field, with df.withColumn({field.name!r}, {first})"
    if isinstance(leaf, T.UserDefinedType):
        return f"write df.withColumn({field.name!r}, {_of_objects(leaf, rank, name)})"
    cast = "array<" * rank + "double" + ">" * rank
    return f"write df.withColumn({field.name!r}, {column}.cast({cast!r}))"


def _of_objects(leaf: T.UserDefinedType, rank: int, name: str) -> str:
    kind = leaf.simpleString()
    if kind == "vector":
        return _each(lambda vector: f"vector_to_array({vector})", rank, repr(name))
    # SQL lambdas cannot call Python functions.
    if kind == "matrix":
        value, held = "{}.toArray().tolist()", "array<array<double>>"
    else:
        value, held = "{0}.__UDT__.serialize({0})", leaf.sqlType().simpleString()
    values = value.format(f"v{rank}" if rank else "v")
    for depth in range(rank, 0, -1):
        values = f"[{values} for v{depth} in v{depth - 1 or ''}]"
    held = "array<" * rank + held + ">" * rank
    return f"F.udf(lambda v: None if v is None else {values}, {held!r})({name!r})"


def _field_remedy(struct: T.StructField, field: T.StructField) -> str:
    """Say what to do about a field of a vector that is not a scalar."""
    name = as_one(struct.name)
    if isinstance(field.dataType, T.DecimalType):
        cast = f"df[{name!r}][{field.name!r}].cast('double')"
        changed = f"df[{name!r}].withField({as_one(field.name)!r}, {cast})"
        return f"write df.withColumn({struct.name!r}, {changed})"
    return f"make columns of the fields, with df.select('*', '{name}.*'), and bind a list of others"


def _each_in_sql(name: str, rank: int, expression: str) -> str:
    """Return SQL that applies an expression to each value of arrays of this rank."""
    if not rank:
        return expression.format(name)
    return f"transform({name}, v{rank} -> {_each_in_sql(f'v{rank}', rank - 1, expression)})"


def _each(call: Callable[[str], str], rank: int, name: str) -> str:
    """Return Python that calls a function with each value of arrays of this rank."""
    if not rank:
        return call(name)
    return f"F.transform({name}, lambda v{rank}: {_each(call, rank - 1, f'v{rank}')})"
