"""Say how to convert a Spark column of the DataFrame `df` that cannot feed a tensor."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.schema.quoting import as_one, quoted

# SQL for one value, and the meaning of its result.
_IN_SQL: dict[type[T.DataType], tuple[str, str]] = {
    T.DayTimeIntervalType: ("unix_micros(timestamp_micros(0) + {})", "microseconds"),
    T.YearMonthIntervalType: ("12 * extract(year from {0}) + extract(month from {0})", "months"),
    T.CalendarIntervalType: ("cast({} as string)", "text"),
    T.TimeType: ("time_to_micros({})", "microseconds"),
    T.VariantType: ("cast({} as double)", "value as a number"),
    T.MapType: ("map_values({})", "values, as map_keys gives its keys"),
    T.GeometryType: ("st_asbinary({})", "well-known binary"),
    T.GeographyType: ("st_asbinary({})", "well-known binary"),
}


def remedy(field: T.StructField, leaf: T.DataType, rank: int) -> str:
    """Say what to do about a column of arrays of this rank, whose values have an unsupported type.

    >>> remedy(T.StructField("x", T.DecimalType()), T.DecimalType(), 0)
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


def field_remedy(struct: T.StructField, field: T.StructField) -> str:
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
