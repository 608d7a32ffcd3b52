"""Find what a Connect DataFrame reads, from the plan that is sent to the server.

The server has not resolved this plan: it may hold names of views, and SQL. What may mean something
else there is refused.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from typing import Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from tfspark_magic.executor.row_filters import OPERATORS, TURNED, Condition, Constant, both
from tfspark_magic.executor.scan import Scan, check_options, plain_path, refused
from tfspark_magic.executor.spark_internals import first_step, requested_plan
from tfspark_magic.schema.quoting import quoted
from tfspark_magic.sources.listing import partition_of

_FORMATS = ("parquet", "orc")
_TWO = 2
_HOST = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*")
_ENCODED = re.compile(r"%[89a-fA-F]")
_KINDS = {
    "boolean": "boolean", "byte": "tinyint", "short": "smallint", "integer": "int",
    "long": "bigint", "float": "float", "double": "double", "string": "string", "date": "date",
    "timestamp": "timestamp", "timestamp_ntz": "timestamp_ntz",
}  # fmt: skip
"""The names of Connect's constants, and of Spark's types."""


def connect_scan(df: DataFrame) -> Scan:
    """Return what a Connect DataFrame reads.

    Raises
    ------
    NotAvailableError
        If it does more than to read files, or if the plan does not say.
    """
    source, conditions = _steps(df)
    whole = first_step(df).schema
    columns = df.schema
    for name in columns.names:
        if name not in whole.names or columns.names.count(name) > 1:
            raise refused(f"has a column {name!r} that is not that of its files")
    condition: Condition | None = None
    names = {quoted(name): name for name in whole.names}
    names |= {name: name for name in whole.names if re.fullmatch(r"\w+", name)}
    for one in reversed(conditions):
        condition = both(condition, _condition(one, names))
    named = _files(df, list(source.paths))
    keys = next((tuple(key for key, _ in row) for row in named.values()), ())
    return Scan(
        source.format, tuple(named), whole, columns, condition,
        tuple(key for key in keys if key in whole.names), None, named,
    )  # fmt: skip


def _steps(df: DataFrame) -> tuple[Any, list[Any]]:
    """Return what is read, and the conditions on its rows, the last one first."""
    conditions: list[Any] = []
    plan = requested_plan(df)
    while (kind := plan.WhichOneof("rel_type")) != "read":
        if kind == "filter":
            conditions.append(plan.filter.condition)
        elif kind == "project":
            _check_selection(plan.project)
        elif kind not in ("drop", "subquery_alias"):
            raise refused(f"has the step {kind or 'unknown'}")
        inner = getattr(plan, str(kind))
        if not inner.HasField("input"):
            raise refused(f"has the step {kind}")
        plan = inner.input
    if plan.read.WhichOneof("read_type") != "data_source":
        name = plan.read.named_table.unparsed_identifier
        raise refused(f"reads {name!r}, of which Connect does not tell the files", "read its path")
    source = plan.read.data_source
    if plan.read.is_streaming or source.format not in _FORMATS:
        raise refused(f"reads the format {source.format or 'that is the default'!r}")
    check_options(source.options)
    return source, conditions


def _check_selection(project: Any) -> None:
    for one in project.expressions:
        kind, of, name = one.WhichOneof("expr_type"), one, ""
        if kind == "alias":
            # With other metadata, such as shapes of cells, a column is an alias of itself.
            name, of = ".".join(one.alias.name), one.alias.expr
        if of.WhichOneof("expr_type") == "unresolved_star" and not name:
            if of.unresolved_star.HasField("unparsed_target"):
                raise refused(f"takes {of.unresolved_star.unparsed_target}")
            continue
        if of.WhichOneof("expr_type") != "unresolved_attribute":
            raise refused(f"computes a column {name!r}" if name else "computes a column")
        attribute = of.unresolved_attribute
        if attribute.is_metadata_column:
            raise refused(f"takes {attribute.unparsed_identifier}")
        if name and attribute.unparsed_identifier not in (name, quoted(name)):
            raise refused(f"calls {attribute.unparsed_identifier} {name!r}", "keep its name")


def _condition(found: Any, names: Mapping[str, str]) -> Condition:
    kind = found.WhichOneof("expr_type")
    if kind == "expression_string":
        text = found.expression_string.expression
        raise refused(
            f"has the filter {text!r} in SQL, which only the server reads",
            "write it with columns, as in df.filter(df.x > 3)",
        )
    if kind == "unresolved_attribute":
        return ("==", _column(found, names), Constant("boolean", value=True))
    if kind != "unresolved_function" or found.unresolved_function.is_user_defined_function:
        raise refused(f"has a filter with {kind}")
    name, parts = found.unresolved_function.function_name, found.unresolved_function.arguments
    return _called(name, list(parts), names)


def _called(name: str, parts: list[Any], names: Mapping[str, str]) -> Condition:
    lower = name.lower()
    if lower in ("and", "or") and len(parts) == _TWO:
        return (lower, *(_condition(part, names) for part in parts))
    if lower == "not":
        return ("not", _condition(parts[0], names))
    if lower in ("isnull", "isnotnull"):
        null = ("null", _column(parts[0], names))
        return null if lower == "isnull" else ("not", null)
    if lower == "in":
        return ("in", _column(parts[0], names), [_constant(part) for part in parts[1:]])
    if name not in OPERATORS or len(parts) != _TWO:
        raise refused(f"has a filter with {name}")
    left, right = parts
    if left.WhichOneof("expr_type") == "literal":
        name, left, right = TURNED.get(name, name), right, left
    return (name, _column(left, names), _constant(right))


def _column(found: Any, names: Mapping[str, str]) -> str:
    if found.WhichOneof("expr_type") != "unresolved_attribute":
        raise refused("has a filter on what is computed")
    name = found.unresolved_attribute.unparsed_identifier
    if name not in names or found.unresolved_attribute.is_metadata_column:
        raise refused(f"has a filter on {name!r}", "write the column's name as df.columns has it")
    return names[name]


def _constant(found: Any) -> Constant:
    literal = found.literal if found.WhichOneof("expr_type") == "literal" else None
    kind = None if literal is None else literal.WhichOneof("literal_type")
    if literal is None or kind not in _KINDS:
        raise refused(f"has a filter that compares with {kind or 'what is computed'}")
    return Constant(_KINDS[str(kind)], getattr(literal, str(kind)))


def _files(df: DataFrame, roots: list[str]) -> dict[str, tuple[tuple[str, str | None], ...]]:
    """Return the paths of the files, with what the names of the folders below the roots say.

    The server gives a file once, also if Spark reads it several times.
    """
    try:
        paths = [plain_path(uri, encoded=True) for uri in df.inputFiles()]
    except PySparkException:
        raise refused("reads files that the server does not name") from None
    found = {}
    for path in paths:
        around = [below for root in roots if (below := _below(root, path)) is not None]
        if len(around) != 1:
            raise refused(
                "reads paths that are relative or overlap, or have braces",
                "read one absolute path",
            )
        folders = "/".join(around[0])
        if _ENCODED.search(folders):
            raise refused(f"reads folders with encoded letters, {folders}")
        found[path] = partition_of("", f"{folders}/_")
    return found


def _below(root: str, path: str) -> list[str] | None:
    """Return the folders between a path that was read and a file of it; None if there are none.

    >>> _below("/t/*", "hdfs://node:8020/t/a/day=1/0.parquet")
    ['day=1']
    """
    parts, inside = (_HOST.sub("", plain_path(one)).split("/") for one in (root, path))
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    # Braces may hold a slash.
    if parts[0] or "{" in root or len(parts) > len(inside):
        return None
    fits = all(fnmatch.fnmatchcase(one, part) for one, part in zip(inside, parts, strict=False))
    return inside[len(parts) : -1] if fits else None
