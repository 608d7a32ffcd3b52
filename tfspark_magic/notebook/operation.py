"""Run a program over a DataFrame as the options say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import tfspark_magic
from tfspark_magic.binding import Columns
from tfspark_magic.binding.reductions import SUFFIXES
from tfspark_magic.errors import (
    AmbiguousColumnError,
    ColumnNotFoundError,
    NameConflictError,
    OptionError,
    ReductionError,
    ShapeMismatchError,
    closest,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.option_values import Bound, column_label
from tfspark_magic.notebook.options import MAPS, REDUCTIONS, Options
from tfspark_magic.notebook.preview import Preview, preview, preview_pandas
from tfspark_magic.notebook.values import Values, values
from tfspark_magic.schema.names import as_one

_FUNCTIONS = {"local": "run_local"}
_DEFAULTS = {"nulls": "error", "rows_per_block": None, "device": "auto"}


@dataclass(frozen=True)
class Operation:
    """A program bound to a DataFrame; nothing has run.

    Parameters
    ----------
    program
        With the fetches that were asked for.
    verb
        One of `options.OPERATIONS`.
    df
        The DataFrame that it reads.
    columns
        The column of each placeholder, or the list of them that feeds it.
    trim
        Whether the result holds the fetches alone.
    run
        Does it, also to another DataFrame of the same columns.
    call
        The line of Python that does it.
    lazy
        The result, where that is a lazy DataFrame; None where there is none before all is computed,
        and where the operation was only checked.
    is_lazy
        Whether the result is a lazy DataFrame.
    """

    program: Program
    verb: str
    df: Any
    columns: dict[str, Bound]
    trim: bool
    run: Callable[[Any], Any]
    call: str
    lazy: Any = None
    is_lazy: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """What feeds each placeholder, as a drawing says it."""
        return {name: column_label(column) for name, column in self.columns.items()}

    @cached_property
    def result(self) -> Any:
        """What the verb returns: computed once, by the first who asks for it."""
        return self.run(self.df) if self.lazy is None else self.lazy

    def code(self, out: str | None = None) -> str:
        """Write the line of Python that does the same."""
        return f"{out} = {self.call}" if out else self.call


def bind(
    program: Program,
    source: str,
    df_name: str,
    df: Any,
    options: Options,
    defaults: Any,
    *,
    columns: Columns | None = None,
) -> Operation:
    """Bind a program to a DataFrame, or raise the error that says why not.

    >>> bind(score, "score", "df", df, options, defaults).code()    # doctest: +SKIP
    'tfs.map_rows(score, df)'

    Parameters
    ----------
    program, source
        What runs, and how code calls it.
    df_name, df
        What it runs over.
    options
        Of the magic.
    defaults
        Has `nulls`, `device` and `rows_per_block` for where the options say nothing.
    columns
        Those of `df`, to check only whether the program fits them: nothing is sent to Spark.

    Raises
    ------
    OptionError
        If options do not go together, or a key is no column.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    from tfspark_magic.executor.pandas_frames import is_pandas

    verb = options.op or ("aggregate" if options.by else "map_blocks" if options.trim else None)
    _check_together(verb, options)
    _check_keys(df_name, df, options.by)
    settings = {
        name: getattr(defaults, name) if getattr(options, name) is None else getattr(options, name)
        for name in _DEFAULTS
    }
    arguments = {"trim": True, **settings} if options.trim else settings
    eager = verb in (*REDUCTIONS, "local") or is_pandas(df)

    def run(verb: str, df: Any) -> Any:
        call = getattr(tfspark_magic, _FUNCTIONS.get(verb, verb))
        return call(program, _group(df, options.by)[0], options.bind, **arguments)

    def attempt(verb: str) -> Any:
        if eager or columns is not None:
            return _check_fit(program, verb, df, columns, options, arguments)
        return run(verb, df)

    if verb in (None, "local"):
        found, bound = _choose(attempt, program, df, options)
        verb = verb or found
    else:
        bound = attempt(verb)
    given = {name: value for name, value in arguments.items() if value != _DEFAULTS.get(name)}
    code = f"tfs.{_FUNCTIONS.get(verb, verb)}({source}, {df_name}{_group(df, options.by)[1]}"
    code += f", {options.bind!r}" if options.bind else ""
    code += "".join(f", {name}={value!r}" for name, value in given.items()) + ")"
    return Operation(
        program, verb, df, _fed(program, verb, options.bind), options.trim, partial(run, verb),
        code, None if eager else bound, not eager,
    )  # fmt: skip


def preview_of(operation: Operation, count: int, source: str) -> Preview | Values:
    """Return what to show of an operation's result: its first rows, or its values.

    Parameters
    ----------
    operation
        A map is computed for about as many rows as are shown, all else as it is.
    count
        How many rows.
    source
        The code of the operation; empty where it is shown already.
    """
    outputs = operation.program.outputs
    if operation.verb in REDUCTIONS:
        return values(operation.result, outputs, source)
    names = [spec.name for spec in outputs]
    if operation.lazy is None:
        return preview_pandas(operation.result, source, operation.columns, names, count)
    from tfspark_magic.executor.preview import first_rows

    # Groups of a part of the rows would be other ones.
    run = operation.run if operation.verb in MAPS else lambda _: operation.lazy
    first = first_rows(run, operation.df, count, trim=operation.trim)
    return preview(first, source, operation.columns, names, count, trim=operation.trim)


def _check_together(verb: str | None, options: Options) -> None:
    message = ""
    if verb == "aggregate" and not options.by:
        message = "--op aggregate needs the columns to group by: name them with --by."
    elif options.by and verb != "aggregate":
        message = f"--by goes with --op aggregate, not with --op {verb}."
    elif options.trim and verb == "map_rows":
        message = "--trim goes with --op map_blocks: map_rows gives one row for each row."
    elif options.trim and verb in (*REDUCTIONS, "aggregate"):
        message = f"--trim goes with --op map_blocks: the result of {verb} holds no other columns."
    if message:
        raise OptionError(message)


def _check_keys(df_name: str, df: Any, keys: Sequence[str]) -> None:
    columns = list(df.columns) if keys else []
    for key in keys:
        if key not in columns:
            message = f"--by names a column {key!r}, which {df_name} does not have."
            raise OptionError(f"{message} {closest(key, columns)}")
        if columns.count(key) > 1:
            raise AmbiguousColumnError(key)
        if keys.count(key) > 1:
            message = f"--by names column {key!r} twice."
            raise OptionError(message)


def _check_fit(
    program: Program,
    verb: str,
    df: Any,
    columns: Columns | None,
    options: Options,
    arguments: dict[str, Any],
) -> None:
    """Bind without calling: what runs as soon as it is called, and what is only checked."""
    from tfspark_magic.binding import bind as bind_map
    from tfspark_magic.binding.reductions import bind_reduction
    from tfspark_magic.executor.columns import columns_of
    from tfspark_magic.executor.grouping import keys_of
    from tfspark_magic.executor.pandas_frames import is_pandas

    columns = columns_of(df, verb) if columns is None else columns
    if verb == "aggregate" and not is_pandas(df):
        keys_of(_group(df, options.by)[0])
    if verb in MAPS:
        bind_map(program, columns, options.bind, per_row=verb == "map_rows", **arguments)
    else:
        bind_reduction(program, columns, options.bind, verb=verb, keys=options.by, **arguments)


def _choose(
    attempt: Callable[[str], Any], program: Program, df: Any, options: Options
) -> tuple[str, Any]:
    """Choose the map that the placeholders' shapes say.

    `map_rows` if each placeholder takes a cell of its column; else `map_blocks` if each takes a
    block of them; else the error is that of `map_rows`.
    """
    try:
        return "map_rows", attempt("map_rows")
    except ShapeMismatchError as error:
        try:
            return "map_blocks", attempt("map_blocks")
        except ShapeMismatchError:
            raise error from None
    except (ColumnNotFoundError, NameConflictError) as error:
        reduction = _reduction(program, df)
        if options.op or reduction is None:
            raise
        message = f"{error} This looks like a reduction: --op {reduction}."
        raise ReductionError(message) from None


def _reduction(program: Program, df: Any) -> str | None:
    """Return the reduction that the names of placeholders, fetches and columns speak of."""
    placeholders = [spec.name for spec in program.inputs]
    fetches, columns = {spec.name for spec in program.outputs}, set(df.columns)
    if fetches <= columns and columns.isdisjoint(placeholders):
        for verb in REDUCTIONS:
            expected = {name + suffix for name in fetches for suffix in SUFFIXES[verb]}
            if expected == set(placeholders):
                return verb
    return None


def _fed(program: Program, verb: str, bound: dict[str, Bound]) -> dict[str, Bound]:
    """Return the column of each placeholder; in a reduction that of z_1 is that of z_2, too."""
    if verb in (*MAPS, "local"):
        return {spec.name: bound.get(spec.name, spec.name) for spec in program.inputs}
    given = {fetch_of(name): column for name, column in bound.items()}
    fetches = {spec.name: fetch_of(spec.name) for spec in program.inputs}
    return {name: given.get(fetch, fetch) for name, fetch in fetches.items()}


def fetch_of(placeholder: str) -> str:
    """Return the fetch that a reduction makes from a placeholder, by their names."""
    return re.sub("_(input|1|2)$", "", placeholder)


def _group(df: Any, keys: Sequence[str]) -> tuple[Any, str]:
    """Group by the keys, if there are any, and write that as code."""
    from tfspark_magic.executor.pandas_frames import is_pandas

    if not keys:
        return df, ""
    if is_pandas(df):
        return df.groupby(list(keys)), f".groupby({list(keys)!r})"
    names = [as_one(key) for key in keys]
    return df.groupBy(*names), f".groupBy({', '.join(map(repr, names))})"
