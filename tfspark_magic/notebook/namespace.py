"""Find the programs and DataFrames in the user's namespace."""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tfspark_magic.errors import OptionError, closest
from tfspark_magic.frames.frame import frames_in, preferred
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.python_names import assigned
from tfspark_magic.schema.spec import TensorSpec

Namespace = Mapping[str, Any]
_SECONDS = 10.0
_files: dict[str, tuple[Any, float]] = {}


def programs(namespace: Namespace) -> dict[str, Program]:
    """Return the programs by the names that hold them, in the order in which they were made.

    >>> programs({"score": score, "df": df})                        # doctest: +SKIP
    {'score': Program score: x int32, y int32 -> z int32}
    """
    return {name: v for name, v in _visible(namespace) if isinstance(v, Program)}


def keras_models(namespace: Namespace) -> dict[str, Any]:
    """Return the Keras models by their names; imports nothing."""
    if "keras" not in sys.modules:
        return {}
    from tfspark_magic.models.keras_model import is_keras_model

    return {name: v for name, v in _visible(namespace) if is_keras_model(v)}


def find_keras_model(namespace: Namespace, name: str | None) -> tuple[str, Any]:
    """Return the Keras model called `name`, or the only one, with its name.

    Raises
    ------
    OptionError
        If it does not exist, or no name is given and there are several.
    """
    known = keras_models(namespace)
    if name in known:
        return name, known[name]
    if name is None and len(known) == 1:
        return next(iter(known.items()))
    advice = f"There are: {', '.join(known)}." if known else "Make and compile one in a cell."
    if name is None:
        message = f"Which Keras model does --op fit train? {advice}"
    elif isinstance(namespace.get(name), Program):
        message = f"The weights of program {name!r} are frozen, and --op fit trains a Keras model. {advice}"
    else:
        message = f"There is no Keras model {name!r} for --op fit. {advice}"
    raise OptionError(message)


def frames(namespace: Namespace) -> dict[str, str]:
    """Return the kind of each frame by its name, as `frames_in` does, without hidden names."""
    return frames_in(dict(_visible(namespace)))


def frame_code(name: str) -> str:
    """Write the frame of a call as Python: a name, or the path of files.

    >>> frame_code("df"), frame_code("flights/*.parquet")
    ('df', "'flights/*.parquet'")
    """
    return name if name.isidentifier() else repr(name)


def find_program(namespace: Namespace, name: str | None) -> tuple[str, Program]:
    """Return the program called `name`, or the only program, with its name.

    Raises
    ------
    OptionError
        If it does not exist, or no name is given and there are several.
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
            advice = _NO_PROGRAM if not known else ""
            if name in keras_models(namespace):
                advice = "Write --op fit to train it, or call it in a %%tfgraph cell."
            message = f"{name!r} is a {kind}, not a program. {advice}"
        else:
            message = f"There is no program {name!r}. {closest(name, known)}"
            if not known:
                message = f"There is no program {name!r}. {_NO_PROGRAM}"
        raise OptionError(message.strip())
    return name, known[name]


def find_dataframe(
    namespace: Namespace, name: str | None, results: Iterable[Any] = ()
) -> tuple[str, Any]:
    """Return the frame called `name`, or the only frame, with its name.

    Parameters
    ----------
    namespace
        The user's.
    name
        The name of a frame, or the path of files; None for the only Spark DataFrame, or, if there
        is none, for the only frame of another kind.
    results
        Frames that magics made; they are left out, so that a cell that makes one can run again.

    Raises
    ------
    OptionError
        If it does not exist, or no name is given and there are several.
    PathNotFoundError, PathAccessError, FileContentError
        If there are no such files, or they cannot be read.
    """
    known = frames(namespace)
    if name in known:
        return name, namespace[name]
    if name is not None and name not in namespace and not name.isidentifier():
        return name, _opened(name)
    if name is not None:
        message = f"There is no DataFrame {name!r}."
        if name in namespace:
            message = f"{name!r} is a {type(namespace[name]).__name__}, not a DataFrame."
        elif Path(name).exists():
            message = f"There is no DataFrame {name!r}; for the files, write --df ./{name}."
        raise OptionError(f"{message} {closest(name, known)}")
    if not known:
        raise OptionError(
            "There is no DataFrame yet: make one, such as df = spark.read.parquet(...)."
        )
    first = preferred({name: namespace[name] for name in known})
    made = {id(df) for df in results}
    given = {name: df for name, df in first.items() if id(df) not in made} or first
    if len({id(df) for df in given.values()}) > 1:
        raise OptionError(f"Which DataFrame? Say --df with one of: {', '.join(first)}.")
    return next(iter(given.items()))


def _opened(path: str) -> Any:
    """Return the files of a path; they are kept for some seconds, because a form asks often."""
    from tfspark_magic.sources.files import files

    now = time.monotonic()
    for known, (_, until) in list(_files.items()):
        if until < now:
            _files.pop(known, None)
    if path not in _files:
        _files[path] = files(path), now + _SECONDS
    return _files[path][0]


def output_name(name: str, outputs: Sequence[TensorSpec], namespace: Namespace) -> str:
    """Return the name of an output, which may be given by any of its names in Python.

    >>> output_name("output", score.outputs, {"output": z})         # doctest: +SKIP
    'z'
    """
    if any(spec.name == name for spec in outputs):
        return name
    value = namespace.get(name)
    # Another object, such as a Keras model, may have a `name` too.
    tensor = getattr(value, "name", "") if hasattr(value, "op") else ""
    return next((spec.name for spec in outputs if spec.tensor == tensor), name)


def check_new_program(namespace: Namespace, name: str, df: str | None, source: str) -> None:
    """Raise OptionError if a cell would replace a user's DataFrame, module or function.

    >>> check_new_program({"df": df}, "df", "df", "z = ...")         # doctest: +SKIP
    OptionError: 'df' is a DataFrame, which the program would replace: write %%tfgraph df_graph.

    Parameters
    ----------
    namespace
        The user's namespace, before the cell runs.
    name
        The name of the program that the cell makes.
    df
        The name of the DataFrame for the program.
    source
        The source of the cell.
    """
    known = frames(namespace)
    value = namespace.get(name)
    if not isinstance(value, Program) and (name in known or _is_kept(value)):
        kind = "DataFrame" if name in known else type(value).__name__
        raise OptionError(
            f"{name!r} is a {kind}, which the program would replace: write %%tfgraph {name}_graph."
        )
    if df in known and df in _assigned(source):
        raise OptionError(
            f"The cell assigns {df!r}, which is the DataFrame that --df names: call its own {df!r} "
            f"something else."
        )


def _is_kept(value: Any) -> bool:
    """Whether a value should not be replaced by accident: a module, a function, a session."""
    is_session = hasattr(value, "createDataFrame") and hasattr(value, "sql")
    return isinstance(value, ModuleType) or callable(value) or is_session


def _assigned(source: str) -> set[str]:
    try:
        return set(assigned(ast.parse(source)))
    except SyntaxError:  # an IPython magic, or an error that is reported when the cell runs
        return set()


_NO_PROGRAM = "Write %%tfgraph NAME above a cell that builds a graph."


def _visible(namespace: Namespace) -> list[tuple[str, Any]]:
    # A cell in another thread may add names meanwhile.
    now = dict(namespace)
    return [(name, value) for name, value in now.items() if not name.startswith("_")]
