"""Run a program over a DataFrame as the options say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import NotAvailableError, OptionError, ShapeMismatchError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.options import LATER, Options


@dataclass(frozen=True)
class Operation:
    """A program bound to a DataFrame; nothing has run.

    Parameters
    ----------
    program
        With the fetches that were asked for.
    verb
        `map_rows` or `map_blocks`.
    df_name, df
        The DataFrame that it reads.
    columns
        The column of each placeholder.
    trim
        Whether the result holds the fetches alone.
    result
        The lazy DataFrame.
    run
        Does the same to another DataFrame of the same columns.
    arguments
        What the verb was given besides the two, as code.
    source
        The program as code; its own name if empty.
    """

    program: Program
    verb: str
    df_name: str
    df: Any
    columns: dict[str, str]
    trim: bool
    result: Any
    run: Callable[[Any], Any]
    arguments: str = ""
    source: str = ""

    def code(self, out: str | None = None) -> str:
        """Write the line of Python that does the same."""
        call = (
            f"tfs.{self.verb}({self.source or self.program.name}, {self.df_name}{self.arguments})"
        )
        return f"{out} = {call}" if out else call


def bind(program: Program, df_name: str, df: Any, options: Options, defaults: Any) -> Operation:
    """Bind a program to a DataFrame, or raise the error that says why not.

    >>> bind(score, "df", df, options, defaults).code()             # doctest: +SKIP
    'tfs.map_rows(score, df)'

    Parameters
    ----------
    program, df_name, df
        What runs over what.
    options
        Of the magic.
    defaults
        Has `nulls`, `device` and `rows_per_block` for where the options say nothing.

    Raises
    ------
    NotAvailableError
        If the operation is one that this version does not have.
    TfSparkError
        If the program does not fit the DataFrame.
    """
    if options.op in LATER or options.by:
        asked = f"--op {options.op}" if options.op in LATER else "--by"
        message = (
            f"{asked} is not there yet. What works now is --op map_rows, from each row alone, and "
            f"--op map_blocks, from blocks of rows."
        )
        raise NotAvailableError(message)
    if options.trim and options.op == "map_rows":
        message = "--trim goes with --op map_blocks: map_rows gives one row for each row."
        raise OptionError(message)
    settings = {
        "nulls": defaults.nulls if options.nulls is None else options.nulls,
        "rows_per_block": (
            defaults.rows_per_block if options.rows_per_block is None else options.rows_per_block
        ),
        "device": options.device or defaults.device,
    }
    if options.op or options.trim:
        verb = options.op or "map_blocks"
        run = _runner(program, verb, options, settings)
        result = run(df)
    else:
        verb, run, result = _choose(program, df, options, settings)
    columns = {spec.name: options.bind.get(spec.name, spec.name) for spec in program.inputs}
    arguments = _as_code(options, settings)
    return Operation(program, verb, df_name, df, columns, options.trim, result, run, arguments)


def _choose(
    program: Program, df: Any, options: Options, settings: dict[str, Any]
) -> tuple[str, Callable[[Any], Any], Any]:
    """Choose the operation that the placeholders' shapes say.

    `map_rows` if each placeholder takes a cell of its column; else `map_blocks` if each takes a
    block of them; else the error is that of `map_rows`.
    """
    run = _runner(program, "map_rows", options, settings)
    try:
        return "map_rows", run, run(df)
    except ShapeMismatchError as error:
        blocks = _runner(program, "map_blocks", options, settings)
        try:
            return "map_blocks", blocks, blocks(df)
        except ShapeMismatchError:
            raise error from None


def _runner(
    program: Program, verb: str, options: Options, settings: dict[str, Any]
) -> Callable[[Any], Any]:
    from tfspark_magic.executor import mapping

    arguments = {**settings, "trim": True} if options.trim else settings
    call = getattr(mapping, verb)
    return lambda df: call(program, df, options.bind, **arguments)


def _as_code(options: Options, settings: dict[str, Any]) -> str:
    said = {"nulls": "error", "rows_per_block": None, "device": "auto"}
    given = {name: value for name, value in settings.items() if value != said[name]}
    if options.trim:
        given = {"trim": True, **given}
    positional = [repr(options.bind)] if options.bind else []
    named = [f"{name}={value!r}" for name, value in given.items()]
    return "".join(f", {text}" for text in [*positional, *named])
