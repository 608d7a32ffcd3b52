"""Programs as functions of columns: in Python, and by name in SQL."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pyspark.errors import ParseException
from pyspark.sql import Column, SparkSession
from pyspark.sql import types as T  # noqa: N812
from pyspark.sql.utils import is_remote

from tfspark_magic.binding import Nulls
from tfspark_magic.binding.column_functions import FunctionPlan, bind_function, check_count
from tfspark_magic.binding.columns import SPARK_NAMES
from tfspark_magic.errors import FeedError, OptionError, UnsupportedTypeError
from tfspark_magic.executor.gpu_settings import placed
from tfspark_magic.executor.session import (
    active_session,
    arrow_udf,
    check_session,
    functions,
    is_connect,
)
from tfspark_magic.executor.shipping import Shipped, shipped_to_session
from tfspark_magic.frames.spark_columns import expensive, null_of
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spark import cell_from_spark, metadata_from_cell, spark_from_cell
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.verbs.arguments import as_program
from tfspark_magic.worker.calling import CallColumns

_SQL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# SQL's grammar reads these words itself, before SQL looks up any function.
_SYNTAX = frozenset(
    {"array", "between", "case", "cast", "collate", "current_date", "current_time",
     "current_timestamp", "current_user", "distinct", "exists", "extract", "filter", "from", "if",
     "in", "interval", "not", "overlay", "position", "select", "session_user", "struct",
     "substring", "timestampadd", "timestampdiff", "trim", "try_cast", "user", "using", "values",
     "when", "where"}
)  # fmt: skip
VERBS = ("map_rows", "map_blocks")

Types = Mapping[str, "T.DataType | str"]
"""Spark types by placeholder."""


def udf(
    fetches: Any,
    *,
    verb: Literal["map_rows", "map_blocks"] | None = None,
    types: Types | None = None,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    session: Any = None,
) -> ColumnFunction:
    """Make a function of columns from a program.

    >>> score_of = tfs.udf(score)                                   # doctest: +SKIP
    >>> score_of                                                    # doctest: +SKIP
    score(x int32, y int32) -> int
    >>> df.select(score_of("a", "b"))                               # doctest: +SKIP
    DataFrame[z: int]
    >>> df.withColumn("z", score_of(df.a, y=df.b + 1))              # doctest: +SKIP
    >>> df.filter(score_of("a", "b") > 10)                          # doctest: +SKIP

    The placeholders are its arguments, in the order of `program.inputs`, or by name. When the
    function is made, its arguments are not known. So the dtypes and shapes come from the
    placeholders, and the values of the arguments are checked by the rules of the maps when the
    function runs. `tfs.map_rows` knows the DataFrame, and reports such errors earlier: when the map
    is defined.

    Parameters
    ----------
    fetches
        As for `map_rows`. One fetch gives its values; several give a struct of them, whose fields
        are `score_of("a", "b").z` or `score_of("a", "b")["z"]`: equal calls are computed once.
    verb
        `"map_rows"` for a graph that takes one row, or `"map_blocks"` for a graph whose
        placeholders have the rows as their first axis, as in models from files. If not given: rows,
        unless the shapes in `types` say blocks.
    types
        The Spark types of arguments whose placeholders do not say enough, such as `{"v":
        "array<float>", "image": "binary"}`. Without `types`, a placeholder without a shape takes
        single values. A `tf.string` placeholder takes text, not bytes, if results are made of its
        values.
    nulls, rows_per_block, device, vectorize, session
        As for `map_rows`.

    Raises
    ------
    TfSparkError
        If no function can be made of the program.
    """
    return ColumnFunction(
        as_program(fetches, session), None, verb, types, nulls=nulls,
        rows_per_block=rows_per_block, device=device, vectorize=vectorize,
    )  # fmt: skip


def register(
    spark: SparkSession,
    name: str,
    fetches: Any,
    *,
    verb: Literal["map_rows", "map_blocks"] | None = None,
    types: Types | None = None,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    session: Any = None,
) -> ColumnFunction:
    """Give SQL a function of a session, and return it as one of columns.

    >>> tfs.register(spark, "score", score)                         # doctest: +SKIP
    score(x int32, y int32) -> int
    >>> spark.sql("select id, score(a, b) from t")                  # doctest: +SKIP
    DataFrame[id: bigint, score(a, b): int]

    Arguments are bound by their position. SQL assumes that the function is cheap. So a query that
    both filters on its result and shows it computes it twice.

    Parameters
    ----------
    spark
        The session, classic or Connect.
    name
        The function's name in SQL, made of letters, digits and underscores. A function that was
        registered under this name before is replaced. The name of a function of Spark itself is
        refused, because SQL would still call Spark's own.
    fetches, verb, types, nulls, rows_per_block, device, vectorize, session
        As for `udf`.

    Raises
    ------
    OptionError
        If SQL cannot call a function by that name.
    TfSparkError
        If no function can be made of the program.
    """
    check_session(spark)
    _check_name(spark, name)
    function = ColumnFunction(
        as_program(fetches, session), name, verb, types, nulls=nulls,
        rows_per_block=rows_per_block, device=device, vectorize=vectorize,
    )  # fmt: skip
    spark.udf.register(name, function.of_session(spark))
    return function


def _check_name(spark: SparkSession, name: Any) -> None:
    if not isinstance(name, str) or _SQL_NAME.fullmatch(name) is None:
        raise OptionError(
            f"SQL calls a function by a name of letters, digits and underscores that begins with a "
            f"letter, got {name!r}."
        )
    if name.lower() in _SYNTAX or _is_built_in(spark, name):
        raise OptionError(
            f"SQL has its own function {name!r}, and would still call that one: write "
            f"tfs.register(spark, {f'tf_{name}'!r}, ...)."
        )


def _is_built_in(spark: SparkSession, name: str) -> bool:
    # Only Spark's own functions count: a registered function belongs to the user, who may replace
    # it.
    found = spark.sql(f"SHOW SYSTEM FUNCTIONS LIKE '{name}'").collect()
    return any(row[0].casefold() == name.casefold() for row in found)


class ColumnFunction:
    """What `tfs.udf` makes: called with columns, or their names, it gives a column.

    >>> score_of(df.a, "b")                                         # doctest: +SKIP
    Column<'score(a, b) AS z'>

    Parameters
    ----------
    program
        Its placeholders are the arguments.
    name
        The name in SQL and in messages; the program's name if not given.
    verb, types, **options
        As for `udf`.
    """

    def __init__(
        self,
        program: Program,
        name: str | None,
        verb: str | None,
        types: Types | None,
        **options: Any,
    ) -> None:
        if verb is not None and verb not in VERBS:
            raise OptionError(f"verb is 'map_rows' or 'map_blocks', got {verb!r}.")
        self.program = program
        self.name = name or program.name
        cells = {
            placeholder: _said(program, placeholder, kind)
            for placeholder, kind in (types or {}).items()
        }
        self._plan: FunctionPlan = bind_function(program, self.name, cells, verb, **options)
        fields = [T.StructField(n, spark_from_cell(cell)) for n, cell in self._plan.plan.outputs]
        # One output comes as it is: a struct around it would be copied once more for each row.
        self.returns = fields[0].dataType if len(fields) == 1 else T.StructType(fields)
        self._made: weakref.WeakKeyDictionary[SparkSession, Callable[..., Column]] = (
            weakref.WeakKeyDictionary()
        )

    def __getstate__(self) -> dict[str, Any]:
        # The Spark functions are made again in each session.
        return self.__dict__ | {"_made": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _made=weakref.WeakKeyDictionary())

    def __repr__(self) -> str:
        takes = ", ".join(map(str, self.program.inputs))
        return f"{self.name}({takes}) -> {self.returns.simpleString()}"

    def __call__(self, *arguments: Column | str, **by_name: Column | str) -> Column:
        """Return the column of results.

        Raises
        ------
        FeedError
            If there is not one argument, a column or its name, for each placeholder.
        """
        ordered = self._in_order(arguments, by_name)
        known = next((value for value in ordered if isinstance(value, Column)), None)
        connect = is_remote() if known is None else is_connect(known)
        spark = active_session(connect=connect)
        names = functions(spark)
        columns = [names.col(v) if isinstance(v, str) else v for v in ordered]
        if spark not in self._made:
            self._made[spark] = self.of_session(spark)
        # Columns of any type give this number. Of `array` in place of `array_repeat`, Spark would
        # know the size, and so that the null is a constant.
        number = names.size(names.array_repeat(names.struct(*columns), 1))
        first = expensive(names, columns[0], null_of(names, number))
        call = self._made[spark](first, *columns[1:])
        outputs = self._plan.plan.outputs
        if len(outputs) > 1:
            return call.alias(self.name)
        ((name, cell),) = outputs
        return call.alias(name, metadata=metadata_from_cell(cell))

    def of_session(self, spark: SparkSession) -> Callable[..., Column]:
        """Return Spark's own function of a session."""
        plan = shipped_to_session(placed(self._plan.plan, spark), spark)
        called = CallColumns(replace(self._plan, plan=plan))
        return arrow_udf(spark, Shipped(called), self.returns, self.name)

    def _in_order(
        self, arguments: tuple[Column | str, ...], by_name: dict[str, Column | str]
    ) -> list[Column | str]:
        names = [spec.name for spec in self.program.inputs]
        rest = names[len(arguments) :]
        for name in by_name:
            if name not in rest:
                taken = "gets two arguments" if name in names else "is not one of its arguments"
                raise FeedError(f"{self.name} takes {', '.join(names)}: {name} {taken}.")
        ordered = [*arguments, *(by_name[name] for name in rest if name in by_name)]
        check_count(self._plan, len(ordered))
        for name, value in zip(names, ordered, strict=True):
            if not isinstance(value, Column | str):
                raise FeedError(
                    f"{self.name} takes columns and their names, and got {type(value).__name__} "
                    f"for {name}: write {_literal(value)}."
                )
        return ordered


def _literal(value: Any) -> str:
    plain = type(value) in (bool, int, float, list)
    return f"F.lit({value!r})" if plain else "the name of a column, or F.lit of a value"


def _said(program: Program, placeholder: str, kind: T.DataType | str) -> CellSpec:
    """Return the cells of an argument, as `types` declares them."""
    if isinstance(kind, str):
        active_session(connect=is_remote())  # Spark reads what is written.
    try:
        spark = T.DataType.fromDDL(kind) if isinstance(kind, str) else kind
        return cell_from_spark(T.StructField(placeholder, spark))
    except (UnsupportedTypeError, ParseException):
        found = kind if isinstance(kind, str) else kind.simpleString()
    # A name without a placeholder is reported later, by binding.
    dtype = next((s.dtype for s in program.inputs if s.name == placeholder), "float64")
    raise OptionError(
        f"types={{{placeholder!r}: {found!r}}} is no type that feeds a graph: write "
        f"types={{{placeholder!r}: {SPARK_NAMES[dtype]!r}}}, or arrays of it, as 'array<...>'."
    )
