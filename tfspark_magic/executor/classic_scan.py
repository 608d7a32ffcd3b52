"""Find what a classic DataFrame reads, from the plan that Spark has optimized.

In this plan, constants are computed, and casts of columns to compare them are casts of constants.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.executor.row_filters import TURNED, Condition, Constant, both
from tfspark_magic.executor.scan import Scan, check_options, plain_path, refused
from tfspark_magic.executor.spark_internals import java_classes, optimized_plan

_SOURCES = "org.apache.spark.sql.execution.datasources."
_FORMATS = {
    f"{_SOURCES}parquet.ParquetFileFormat": "parquet",
    f"{_SOURCES}orc.OrcFileFormat": "orc",
}
# Others, such as those of table formats with a log, may leave out rows of their files.
_INDEXES = (
    f"{_SOURCES}InMemoryFileIndex",
    f"{_SOURCES}CatalogFileIndex",
    "org.apache.spark.sql.execution.streaming.runtime.MetadataLogFileIndex",
    "org.apache.spark.sql.execution.streaming.MetadataLogFileIndex",
)
_OPERATORS = {
    "EqualTo": "==", "EqualNullSafe": "<=>", "LessThan": "<", "LessThanOrEqual": "<=",
    "GreaterThan": ">", "GreaterThanOrEqual": ">=",
}  # fmt: skip
_WIDENINGS = {
    "smallint": ("tinyint",),
    "int": ("tinyint", "smallint"),
    "bigint": ("tinyint", "smallint", "int"),
    "double": ("tinyint", "smallint", "int", "float"),
}
"""Casts that change no number, and from which types."""
_GETTERS = {
    "tinyint": "getByte", "smallint": "getShort", "int": "getInt", "bigint": "getLong",
    "float": "getFloat", "double": "getDouble", "boolean": "getBoolean", "date": "getInt",
    "timestamp": "getLong", "timestamp_ntz": "getLong",
}  # fmt: skip


def classic_scan(df: DataFrame) -> Scan:
    """Return what a classic DataFrame reads.

    Raises
    ------
    NotAvailableError
        If it does more than to read files.
    """
    steps = list(_steps(optimized_plan(df)))
    leaf = steps.pop()
    if not _is(leaf, "LogicalRelation"):
        raise refused(f"reads {_called(leaf)}")
    relation = leaf.relation()
    of_files = _is(relation, "HadoopFsRelation")
    kind = _FORMATS.get(_class(relation.fileFormat())) if of_files else None
    if kind is None:
        raise refused("reads something else")
    index = relation.location()
    if _class(index) not in _INDEXES:
        raise refused(f"reads a table whose files {_class(index).rpartition('.')[2]} lists")
    check_options(_keys(relation.options()))
    parts, whole = _struct(relation.partitionSchema()), _struct(relation.schema())
    names = {_id(one): str(one.name()) for one in _items(leaf.output())}
    names = {number: name for number, name in names.items() if name in whole.names}
    condition: Condition | None = None
    for step in reversed(steps):
        if _is(step, "Filter"):
            condition = both(condition, _condition(step.condition(), names))
        else:
            names = _projected(step, names)
    outputs = [names.get(_id(one)) for one in _items(steps[0].output() if steps else leaf.output())]
    columns = df.schema
    if outputs != columns.names or len(set(outputs)) < len(outputs):
        raise refused("has columns that are not those of its files")
    values, paths = _files(index, parts)
    return Scan(kind, paths, whole, columns, condition, tuple(parts.names), values)


def _steps(plan: Any) -> Iterator[Any]:
    """Yield the steps of a plan from the last one to what is read."""
    while True:
        yield plan
        below = plan.children()
        if not below.size():
            return
        if not _is(plan, "Project") and not _is(plan, "Filter"):
            raise refused(f"has the step {_called(plan)}")
        plan = below.apply(0)


def _projected(step: Any, names: Mapping[int, str]) -> dict[int, str]:
    """Return the columns after a selection, by Spark's numbers of them."""
    made = {}
    for one in _items(step.projectList()):
        inner = one
        # With other metadata, such as shapes of cells, a column is an alias of itself.
        if _is(one, "Alias"):
            inner = one.child()
        name = names.get(_id(inner)) if _is(inner, "AttributeReference") else None
        if name is None:
            raise refused(f"computes {one.sql()}")
        if str(one.name()) != name:
            raise refused(f"calls the column {name!r} {str(one.name())!r}", "keep its name")
        made[_id(one)] = name
    return made


def _condition(found: Any, names: Mapping[int, str]) -> Condition:
    kind = str(found.getClass().getSimpleName())
    if kind in ("And", "Or"):
        return (kind.lower(), _condition(found.left(), names), _condition(found.right(), names))
    if kind == "Not":
        return ("not", _condition(found.child(), names))
    if kind in ("IsNull", "IsNotNull"):
        null = ("null", _column(found.child(), found, names))
        return null if kind == "IsNull" else ("not", null)
    return _compared(found, kind, names)


def _compared(found: Any, kind: str, names: Mapping[int, str]) -> Condition:
    if kind == "AttributeReference":
        return ("==", _column(found, found, names), Constant("boolean", value=True))
    if kind == "In":
        constants = [_constant(one, found) for one in _items(found.list())]
        return ("in", _column(found.value(), found, names), constants)
    if kind == "InSet":
        of = str(found.child().dataType().catalogString())
        constants = [Constant(of, _value(of, one)) for one in _items(found.hset().toSeq())]
        return ("in", _column(found.child(), found, names), constants)
    if kind not in _OPERATORS:
        raise _not_told(found)
    name, left, right = _OPERATORS[kind], found.left(), found.right()
    if _is(left, "Literal"):
        name, left, right = TURNED.get(name, name), right, left
    return (name, _column(left, found, names), _constant(right, found))


def _column(found: Any, condition: Any, names: Mapping[int, str]) -> str:
    if _is(found, "Cast"):
        inner = found.child()
        before, after = (one.dataType().catalogString() for one in (inner, found))
        if before in _WIDENINGS.get(after, ()):
            found = inner
    name = names.get(_id(found)) if _is(found, "AttributeReference") else None
    if name is None:
        raise _not_told(condition)
    return name


def _constant(found: Any, condition: Any) -> Constant:
    if not _is(found, "Literal"):
        raise _not_told(condition)
    kind = str(found.dataType().catalogString())
    return Constant(kind, _value(kind, found.value()))


def _value(kind: str, value: Any) -> Any:
    if kind == "float" and value is not None:
        return float(np.float32(value))  # Java's text of it is that of the shortest number.
    return str(value.toString()) if hasattr(value, "toString") else value


def _not_told(condition: Any) -> Exception:
    return refused(f"has the filter {condition.sql()}")


def _files(
    index: Any, parts: T.StructType
) -> tuple[dict[str, tuple[Any, ...]] | None, tuple[str, ...]]:
    if _is(index, "CatalogFileIndex"):
        index = index.filterPartitions(_nil())
    paths = tuple(plain_path(str(uri), encoded=True) for uri in index.inputFiles())
    if not parts.fields:
        return None, paths
    values = {
        plain_path(str(one.path().toString())): tuple(
            _of_folder(one.values(), at, field) for at, field in enumerate(parts)
        )
        for one in _items(index.partitionSpec().partitions())
    }
    return values, paths


def _of_folder(row: Any, at: int, field: T.StructField) -> Any:
    kind = field.dataType.simpleString()
    if row.isNullAt(at):
        return None
    if kind == "string":
        return str(row.getUTF8String(at).toString())
    if kind not in _GETTERS:
        raise refused(f"has folders of {field.name!r}, which are {kind}")
    return _value(kind, getattr(row, _GETTERS[kind])(at))


def _struct(schema: Any) -> T.StructType:
    return T.StructType.fromJson(json.loads(schema.json()))


def _items(found: Any) -> list[Any]:
    return [found.apply(at) for at in range(found.size())]


def _keys(options: Any) -> list[str]:
    return [str(key) for key in _items(options.keys().toSeq())]


def _nil() -> Any:
    return getattr(getattr(java_classes().scala.collection.immutable, "Nil$"), "MODULE$")


def _class(found: Any) -> str:
    return str(found.getClass().getName())


def _is(found: Any, name: str) -> bool:
    return str(found.getClass().getSimpleName()) == name


def _called(plan: Any) -> str:
    return str(plan.nodeName())


def _id(attribute: Any) -> int:
    return int(attribute.exprId().id())
