"""Write the text of a script for `spark-submit` that does what a call does."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.executor.environment import latest
from tfspark_magic.executor.origin import Origin
from tfspark_magic.notebook.bound_call import BoundCall
from tfspark_magic.notebook.bound_fit import BoundFit
from tfspark_magic.notebook.call import REDUCTIONS

# Without the indentation of a function's body.
_WIDTH = 84

_SCRIPT = Template('''\
"""$title

    spark-submit $file $output$usage

This machine needs tfspark_magic, and $beside beside this file; the machines of the
cluster need TensorFlow, NumPy and PyArrow. With --deploy-mode cluster,
this machine is one of the cluster: pass --files $beside as well.
$environment"""

from __future__ import annotations

import argparse
${more}from pathlib import Path

$imports

$constant = Path(__file__).with_name($beside_literal)


def read(spark: SparkSession$paths_parameter) -> DataFrame:
    """$read_says"""
    return $read


def $function($df: DataFrame) -> $returns:
    """$function_says"""
$body


def main() -> None:
    """$main_says, as the command line says."""
    parser = argparse.ArgumentParser(description='$description')
    parser.add_argument('output', help='$output_help')
$input_argument$if_there    arguments = parser.parse_args()
$checks    spark = SparkSession.builder.appName('$name').getOrCreate()
    result = $function(read(spark$paths_argument))
    $write
    spark.stop()


if __name__ == '__main__':
    main()
''')

_MODE = """\
    parser.add_argument(
        '--mode', choices=['error', 'overwrite', 'append'], default='error',
        help='what to do where the folder is there already',
    )
    parser.add_argument(
        '--partition-by', nargs='+', default=[], metavar='COLUMN',
        help='a folder for each value of these columns',
    )
"""
_WRITE = """\
writer = result.write.mode(arguments.mode).partitionBy(*arguments.partition_by)
    writer.parquet(arguments.output)"""
_OVERWRITE = """\
    parser.add_argument(
        '--overwrite', action='store_true', help='replace a file that is there already'
    )
"""
# Before hours of training.
_CHECK_OUTPUT = """\
    output = arguments.output
    if not output.endswith('.keras'):
        parser.error(f'{output} is not the path of a .keras file')
    with suppress(FileNotFoundError):
        tfs.files(output, format='binary')
        if not arguments.overwrite:
            parser.error(f'{output} is there already: pass --overwrite, or a new path')
"""


@dataclass(frozen=True)
class Script:
    """A script.

    Parameters
    ----------
    text
        Its text.
    beside
        The name of the file beside it, with the program or the model.
    output
        The word in its usage for what it writes.
    origin
        What it reads.
    names
        The names that it needs for itself.
    """

    text: str
    beside: str
    output: str
    origin: Origin
    names: tuple[str, ...]


def map_script(bound: BoundCall, origin: Origin, path: Path) -> Script:
    """Return the script of a call of a program; it writes Parquet."""
    name, df = str(bound.call.program), str(bound.call.frame)
    imports = ["import tfspark_magic as tfs", "from pyspark.sql import DataFrame, SparkSession"]
    if bound.call.verb in REDUCTIONS:
        imports[:0] = ["import numpy as np", "import pyarrow as pa"]
    beside, output = path.with_suffix(".tfs").name, "OUTPUT"
    text = _SCRIPT.substitute(
        _of_input(origin, df), name=name, df=df, file=_in_docstring(shlex.quote(path.name)),
        title=f"Run the program {name} over a DataFrame of Spark and write the result as Parquet.",
        output=output, beside=_in_docstring(beside), beside_literal=repr(beside),
        more="", imports="\n".join(imports), constant="PROGRAM", function="compute", returns="DataFrame",
        function_says="Return what the program makes of the data.",
        body=_body([f"{name} = tfs.load(PROGRAM)", *_compute(bound)]),
        main_says="Read, compute and write", description=f"Run the program {name}.",
        output_help="the folder for the result", if_there=_MODE, checks="",
        write=_WRITE,
    )  # fmt: skip
    taken = ("PROGRAM", "DataFrame", "tfs", "pa", "np", "values", "columns", "table")
    return Script(text, beside, output, origin, taken)


def fit_script(bound: BoundFit, origin: Origin, path: Path) -> Script:
    """Return the script of a training; it writes the trained model as a Keras file.

    Raises
    ------
    OptionError
        If the model has classes or functions that no module has.
    """
    from tfspark_magic.models.keras_training import own_parts, scales_loss

    name, df = str(bound.call.program), str(bound.call.frame)
    parts = own_parts(bound.model)
    named = {part.__name__: part for part in parts if part.__name__ != "<lambda>"}
    own = [f"from {_module(part, path)} import {part.__name__}" for part in named.values()]
    loads = ["MODEL"]
    if named:
        loads.append(f"custom_objects={{{', '.join(f'{one!r}: {one}' for one in named)}}}")
    if len(named) < len(parts):
        loads.append("safe_mode=False")
    beside, output = path.with_suffix(".keras").name, "OUTPUT.keras"
    imports = [
        "import keras", "import tfspark_magic as tfs", *own,
        "from pyspark.sql import DataFrame, SparkSession",
    ]  # fmt: skip
    text = _SCRIPT.substitute(
        _of_input(origin, df), name=name, df=df, file=_in_docstring(shlex.quote(path.name)),
        title=f"Train the Keras model {name} on a DataFrame of Spark and save the trained model.",
        output=output, beside=_in_docstring(beside), beside_literal=repr(beside),
        more="from contextlib import suppress\n", imports="\n".join(imports), constant="MODEL", function="train", returns="keras.Model",
        function_says="Return the trained model.",
        body=_body([
            # Else Keras forgets that the optimizer scales the loss.
            *(["keras.config.set_dtype_policy('mixed_float16')"] if scales_loss(bound.model) else []),
            *_written(f"{name} = keras.saving.load_model", loads),
            *_written("return tfs.fit", [name, df, *bound.arguments]),
        ]),
        main_says="Read, train and save", description=f"Train the Keras model {name}.",
        output_help="the path or URI for the trained model", if_there=_OVERWRITE,
        checks=_CHECK_OUTPUT, write="tfs.save(result, output)",
    )  # fmt: skip
    return Script(text, beside, output, origin, ("MODEL", "DataFrame", "keras", "tfs", *named))


def _module(part: Any, path: Path) -> str:
    """Return the module from which a script imports a class or function."""
    module = str(part.__module__)
    if module == "__main__" or getattr(sys.modules.get(module), part.__name__, None) is not part:
        raise OptionError(
            f"No script can import {part.__name__!r}, as the notebook defines it: write it into a "
            f"file beside {path.name}, such as parts.py, import it from there, and make the model of "
            f"that."
        )
    return module


def _body(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def _in_docstring(text: str) -> str:
    """Escape text so that it cannot end a docstring, and a docstring shows it unchanged."""
    text = text.replace("\\", r"\\").replace('"', r"\"")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _of_input(origin: Origin, df: str) -> dict[str, str]:
    """Return what the script says of the files or the table that it reads."""
    by_path = not origin.table
    usage = " [--input PATH ...]" if origin.paths else " --input PATH ..."
    return {
        "usage": usage if by_path else "",
        "environment": _environment(),
        "paths_parameter": ", paths: list[str]" if by_path else "",
        "paths_argument": ", arguments.input" if by_path else "",
        "read_says": _read_says(df, origin),
        "read": "spark.read.parquet(*paths)" if by_path else f"spark.table({origin.table!r})",
        "input_argument": _input_argument(origin) if by_path else "",
    }


def _environment() -> str:
    """Say with which options the cluster gets the Python that `tfs.environment` has packed."""
    made = latest()
    if made is None:
        return ""
    words = [_in_docstring(shlex.quote(word)) for word in made.submit()]
    pairs = [f"    {option} {value}" for option, value in zip(words[::2], words[1::2], strict=True)]
    return (
        "\nThe machines of the cluster need none of these with the packed Python, by these\n"
        "options of spark-submit (the last one not with --deploy-mode cluster):\n\n"
        + "\n".join(pairs) + "\n"
    )  # fmt: skip


def _read_says(df: str, origin: Origin) -> str:
    if origin.is_whole:
        return "Return the data: edit this to read something else."
    known = "the files that it was made of" if origin.paths else "nothing of it"
    return (
        f"Return the data: edit this to make what {df} was in the notebook.\n\n"
        f"    Known here is {known}.\n    "
    )


def _input_argument(origin: Origin) -> str:
    if not origin.paths:
        return (
            "    parser.add_argument(\n"
            "        '--input', nargs='+', required=True, metavar='PATH', help='Parquet to read'\n"
            "    )\n"
        )
    paths = "".join(f"            {path!r},\n" for path in origin.paths)
    return (
        "    parser.add_argument(\n"
        "        '--input', nargs='+', metavar='PATH', help='Parquet to read', default=[\n"
        f"{paths}"
        "        ],\n"
        "    )\n"
    )


def _compute(bound: BoundCall) -> list[str]:
    """Return the lines that follow the loading of the program, and end with a DataFrame."""
    function, arguments = f"tfs.{bound.function}", bound.arguments
    if bound.is_lazy:
        return _written(f"return {function}", arguments)
    made = f"return {arguments[1]}.sparkSession.createDataFrame"
    if bound.call.verb == "local":
        lines = _written(f"table = {function}", [*arguments, "output='arrow'"])
        return [*lines, f"{made}(table)"]
    values = "values" if len(bound.outputs) > 1 else "[values]"
    return [
        *_written(f"values = {function}", arguments),
        "columns = {",
        "    name: [value.tolist() if isinstance(value, np.ndarray) else value]",
        f"    for name, value in zip({bound.outputs!r}, {values})",
        "}",
        f"{made}(pa.table(columns))",
    ]


def _written(function: str, arguments: list[str]) -> list[str]:
    """Write a call in one line, or with one argument in each line if it is too long."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return [line]
    return [f"{function}(", *(f"    {argument}," for argument in arguments), ")"]
