"""Find the keys of a grouped Spark DataFrame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.errors import ReductionError, Subject, UnsupportedTypeError
from tfspark_magic.executor.session import check_session, functions, is_connect
from tfspark_magic.executor.spark_internals import grouped_frame, grouping_columns


def keys_of(grouped: Any) -> tuple[DataFrame, list[T.StructField], list[Column]]:
    """Return the DataFrame of `df.groupBy(...)`, and the fields and expressions of its keys.

    The expressions bring equal keys into one form, as Spark's own grouping does: zero has no sign,
    and the entries of a map are sorted.

    Raises
    ------
    ReductionError
        If it is a rollup, cube or pivot, or has no keys.
    UnsupportedTypeError
        If the keys have a type whose equal values only Spark can find.
    """
    df = grouped_frame(grouped)
    check_session(df.sparkSession)
    shown = repr(grouped)
    how = shown[shown.rindex("type: ") + len("type: ") :].rstrip("])")
    if how != "GroupBy":
        raise ReductionError(
            f"aggregate takes df.groupBy(...), and this is a {how.lower()}: group by columns, one "
            f"aggregation at a time."
        )
    keys = grouping_columns(grouped, connect=is_connect(grouped))
    if not keys:
        raise ReductionError(
            "df.groupBy() has no keys: use tfs.reduce_blocks, which reduces all rows."
        )
    names = functions(df.sparkSession)
    fields = df.select(*keys).schema.fields
    if is_connect(df):
        _check_times(df, fields)
    return df, fields, [_normal(key, f, names) for key, f in zip(keys, fields, strict=True)]


def _check_times(df: DataFrame, fields: list[T.StructField]) -> None:
    """Raise UnsupportedTypeError for times of day that the server of Connect would refuse later."""
    setting = "spark.sql.timeType.enabled"
    for field in fields:
        times = any(isinstance(part, T.TimeType) for part in _parts_of(field.dataType))
        if times and str(df.sparkSession.conf.get(setting)).lower() != "true":
            advice = f"switch times on with spark.conf.set({setting!r}, 'true')"
            raise UnsupportedTypeError(
                Subject("Key", field.name), field.dataType.simpleString(), advice
            )


def _normal(key: Column, field: T.StructField, names: Any) -> Column:
    kind = field.dataType
    _check_parts(field.name, kind)
    if isinstance(kind, T.MapType):
        entry = T.StructType(
            [T.StructField("key", kind.keyType), T.StructField("value", kind.valueType)]
        )
        entries = _without_signs(names.map_entries(key), T.ArrayType(entry), names)
        return names.map_from_entries(names.array_sort(entries))
    return _without_signs(key, kind, names)


def _without_signs(value: Column, kind: T.DataType, names: Any) -> Column:
    """Return a value with no minus zero in it, at any depth."""
    if not any(isinstance(part, T.DoubleType | T.FloatType) for part in _parts_of(kind)):
        return value
    if isinstance(kind, T.ArrayType):
        return names.transform(value, lambda v: _without_signs(v, kind.elementType, names))
    if isinstance(kind, T.StructType):
        fields = [
            _without_signs(value.getField(f.name), f.dataType, names).alias(f.name)
            for f in kind.fields
        ]
        return names.when(value.isNotNull(), names.struct(*fields))
    return value + names.lit(0.0).cast(kind)


def _check_parts(name: str, kind: T.DataType) -> None:
    """Raise UnsupportedTypeError for a type whose keys would be compared or sent wrongly here."""
    parts = list(_parts_of(kind))
    collated = any(
        isinstance(part, T.StringType) and not part.isUTF8BinaryCollation() for part in parts
    )
    plain = _with_plain_texts(kind).simpleString()
    # A window cannot be partitioned by a map, and sorting a map's entries does not sort an inner
    # map.
    if any(isinstance(part, T.MapType) for part in parts[0 if collated else 1 :]):
        advice = "group by the entries of the map in it, F.array_sort(F.map_entries(...))"
    elif collated:
        spelling = f"min(cast(... as {plain})) over (partition by ...)"
        advice = f"group by one spelling for all equal ones, F.expr('{spelling}')"
    elif any(isinstance(part, _AS_TEXT) for part in parts):
        advice = f"group by it as text, with cast('{plain}')"
    else:
        return
    raise UnsupportedTypeError(Subject("Key", name), kind.simpleString(), advice)


# Spark cannot partition by these types.
_AS_TEXT = (T.YearMonthIntervalType, T.CalendarIntervalType, T.VariantType)


def _parts_of(kind: T.DataType) -> Iterator[T.DataType]:
    """Yield a type and all types inside of it, the outer ones first."""
    yield kind
    if isinstance(kind, T.ArrayType):
        yield from _parts_of(kind.elementType)
    elif isinstance(kind, T.MapType):
        yield from _parts_of(kind.keyType)
        yield from _parts_of(kind.valueType)
    elif isinstance(kind, T.StructType):
        for field in kind.fields:
            yield from _parts_of(field.dataType)


def _with_plain_texts(kind: T.DataType) -> T.DataType:
    """Return a type with plain text instead of collated text and of types that are grouped as text."""
    if isinstance(kind, T.ArrayType):
        return T.ArrayType(_with_plain_texts(kind.elementType))
    if isinstance(kind, T.MapType):
        return T.MapType(_with_plain_texts(kind.keyType), _with_plain_texts(kind.valueType))
    if isinstance(kind, T.StructType):
        return T.StructType([T.StructField(f.name, _with_plain_texts(f.dataType)) for f in kind])
    return T.StringType() if isinstance(kind, (T.StringType, *_AS_TEXT)) else kind
