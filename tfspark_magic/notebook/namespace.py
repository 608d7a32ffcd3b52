"""The programs and DataFrames that the user's namespace holds."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Mapping
from types import ModuleType
from typing import Any

from tfspark_magic.errors import OptionError, closest
from tfspark_magic.graph.program import Program

Namespace = Mapping[str, Any]


def programs(namespace: Namespace) -> dict[str, Program]:
    """Return the programs by the names that hold them, in the order in which they were made.

    >>> programs({"score": score, "df": df})                        # doctest: +SKIP
    {'score': Program score: x int32, y int32 -> z int32}
    """
    return {name: v for name, v in _visible(namespace) if isinstance(v, Program)}


def dataframes(namespace: Namespace) -> dict[str, Any]:
    """Return the Spark DataFrames by name, classic and Connect; imports no Spark."""
    if "pyspark.sql" not in sys.modules:
        return {}
    from tfspark_magic.executor.session import is_dataframe

    return {name: v for name, v in _visible(namespace) if is_dataframe(v)}


def pandas_frames(namespace: Namespace) -> dict[str, Any]:
    """Return the pandas DataFrames by name; imports no pandas."""
    if "pandas" not in sys.modules:
        return {}
    from tfspark_magic.executor.pandas_frames import is_pandas

    return {name: v for name, v in _visible(namespace) if is_pandas(v)}


def find_program(namespace: Namespace, name: str | None) -> tuple[str, Program]:
    """Return the program called `name`, or the only one there is, with its name.

    Raises
    ------
    OptionError
        If it is not there, or which one is meant is not said.
    """
    known = programs(namespace)
    if name is None:
        if len(known) == 1:
            return next(iter(known.items()))
        message = f"Which program? There are: {', '.join(known)}." if known else _NO_PROGRAM
        raise OptionError(message)
    if name not in known:
        if name in namespace:
            kind = type(namespace[name]).__name__
            message = f"{name!r} is a {kind}, not a program. {_NO_PROGRAM if not known else ''}"
        else:
            message = f"There is no program {name!r}. {closest(name, known)}"
            if not known:
                message = f"There is no program {name!r}. {_NO_PROGRAM}"
        raise OptionError(message.strip())
    return name, known[name]


def find_dataframe(
    namespace: Namespace, name: str | None, results: Iterable[Any] = ()
) -> tuple[str, Any]:
    """Return the DataFrame called `name`, or the only one there is, with its name.

    Parameters
    ----------
    namespace
        The user's.
    name
        None for the only one: Spark's, or if there is none, that of pandas.
    results
        DataFrames that magics made: with these left out, a cell that makes one can run again.

    Raises
    ------
    OptionError
        If it is not there, or which one is meant is not said.
    """
    spark, pandas = dataframes(namespace), pandas_frames(namespace)
    if name is not None:
        known = {**spark, **pandas}
        if name in known:
            return name, known[name]
        if name in namespace:
            message = f"{name!r} is a {type(namespace[name]).__name__}, not a DataFrame."
        else:
            message = f"There is no DataFrame {name!r}."
        raise OptionError(f"{message} {closest(name, known)}")
    known = spark or pandas
    if not known:
        message = "There is no DataFrame yet: make one, such as df = spark.read.parquet(...)."
        raise OptionError(message)
    made = {id(df) for df in results}
    given = {name: df for name, df in known.items() if id(df) not in made} or known
    if len({id(df) for df in given.values()}) > 1:
        message = f"Which DataFrame? Say --df with one of: {', '.join(known)}."
        raise OptionError(message)
    return next(iter(given.items()))


def tensor_name(name: str, outputs: Collection[str], namespace: Namespace) -> str:
    """Return the name of a fetch that may be said by its name in Python.

    >>> tensor_name("output", ["z"], {"output": z})                 # doctest: +SKIP
    'z'
    """
    found = getattr(getattr(namespace.get(name), "op", None), "name", None)
    return str(found) if name not in outputs and found in outputs else name


def check_new_program(namespace: Namespace, name: str, df: str | None, source: str) -> None:
    """Raise OptionError if a cell would take a DataFrame, module or function away from the user.

    >>> check_new_program({"df": df}, "df", "df", "z = ...")         # doctest: +SKIP
    OptionError: 'df' is a DataFrame, which the program would replace: write %%tfgraph df_graph.

    Parameters
    ----------
    namespace
        The user's, before the cell runs.
    name
        Of the program that the cell makes.
    df
        The DataFrame that it is to be bound to.
    source
        Of the cell.
    """
    frames = {**dataframes(namespace), **pandas_frames(namespace)}
    value = namespace.get(name)
    if not isinstance(value, Program) and (name in frames or _is_kept(value)):
        kind = "DataFrame" if name in frames else type(value).__name__
        message = (
            f"{name!r} is a {kind}, which the program would replace: write %%tfgraph {name}_graph."
        )
        raise OptionError(message)
    if df in frames and df in _assigned(source):
        message = (
            f"The cell assigns {df!r}, which is the DataFrame that --df names: call its own {df!r} "
            f"something else."
        )
        raise OptionError(message)


def _is_kept(value: Any) -> bool:
    """Whether a value is one that nobody means to lose: a module, a function, a session."""
    is_session = hasattr(value, "createDataFrame") and hasattr(value, "sql")
    return isinstance(value, ModuleType) or callable(value) or is_session


def _assigned(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()  # A magic of IPython, or an error that running the cell tells.
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


_NO_PROGRAM = "Write %%tfgraph NAME above a cell that builds a graph."


def _visible(namespace: Namespace) -> list[tuple[str, Any]]:
    # A cell may run in another thread, and add to it.
    now = dict(namespace)
    return [(name, value) for name, value in now.items() if not name.startswith("_")]
