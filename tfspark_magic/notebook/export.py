"""Write a call as a script for `spark-submit`, with its program in a file beside it."""

from __future__ import annotations

import shlex
from pathlib import Path
from string import Template

from tfspark_magic.errors import OptionError
from tfspark_magic.executor.origin import Origin, origin_of
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.bound_call import BoundCall
from tfspark_magic.notebook.call import REDUCTIONS
from tfspark_magic.notebook.options import is_name

SUFFIX = ".tfs"

# Without the indentation of a function's body.
_WIDTH = 84
_TAKEN = ("PROGRAM", "DataFrame", "tfs", "pa", "np", "values", "columns", "table")

_SCRIPT = Template('''\
"""Run the program $name over a DataFrame of Spark and write the result as Parquet.

    spark-submit $file OUTPUT$usage

This machine needs tfspark_magic, and $beside beside this file; the machines of the
cluster need TensorFlow, NumPy and PyArrow.
"""

from __future__ import annotations

import argparse
from pathlib import Path

$imports

PROGRAM = Path(__file__).with_name($beside_literal)


def read(spark: SparkSession$paths_parameter) -> DataFrame:
    """$read_says"""
    return $read


def compute($df: DataFrame) -> DataFrame:
    """Return what the program makes of the data."""
    $name = tfs.load(PROGRAM)
$compute


def main() -> None:
    """Read, compute and write, as the command line says."""
    parser = argparse.ArgumentParser(description='Run the program $name.')
    parser.add_argument('output', help='the folder for the result')
$input_argument    parser.add_argument(
        '--mode', choices=['error', 'overwrite', 'append'], default='error',
        help='what to do where the folder is there already',
    )
    arguments = parser.parse_args()
    spark = SparkSession.builder.appName('$name').getOrCreate()
    result = compute(read(spark$paths_argument))
    result.write.mode(arguments.mode).parquet(arguments.output)
    spark.stop()


if __name__ == '__main__':
    main()
''')


def export(bound: BoundCall, whole: Program, path: Path) -> str:
    """Write a script for a call, and its program beside it; return how to run it.

    >>> export(bound, score, Path("job.py"))                        # doctest: +SKIP
    'job.py and job.tfs are written. Run them with: spark-submit job.py OUTPUT'

    Parameters
    ----------
    bound
        The call, over a Spark DataFrame.
    whole
        The program, with all of its fetches.
    path
        The path of the script.

    Raises
    ------
    OptionError
        If the frame is a stream or not a Spark DataFrame, if another file exists at the path, or if
        the script needs a name for itself.
    """
    name, df_name = str(bound.call.program), str(bound.call.frame)
    frame = frame_of(bound.frame, bound.function)
    if frame.session is None or frame.is_streaming:
        kind = "a stream" if frame.is_streaming else "not one"
        message = (
            f"--export writes a job over a DataFrame of Spark, and {df_name} is {kind}: give it "
            f"--df of one that Spark reads, and edit what the script reads."
        )
        raise OptionError(message)
    if path.suffix != ".py" or not path.parent.is_dir():
        message = f"--export takes the path of a Python file in an existing folder, got {path}."
        raise OptionError(message)
    for used in (name, df_name):
        if used in _TAKEN or not is_name(used):
            message = f"--export needs the name {used!r} for something else: give it another one."
            raise OptionError(message)
    origin = origin_of(bound.frame)
    text = script(bound, origin, path)
    if path.exists() and path.read_text("utf-8") != text:
        message = f"{path} exists already, and is another file: remove it, or give another name."
        raise OptionError(message)
    beside = path.with_suffix(SUFFIX)
    whole.save(beside)
    path.write_text(text, "utf-8")
    usage = "" if origin.table or origin.paths else " --input PATH"
    command = f"spark-submit {shlex.quote(str(path))} OUTPUT{usage}"
    told = f"{path} and {beside.name} are written. Run them with: {command}"
    if not origin.is_whole:
        told += (
            f"\nWrite into its function `read` how {df_name} is made from the data that it reads."
        )
    return told


def script(bound: BoundCall, origin: Origin, path: Path) -> str:
    """Return the text of the script at a path, which reads the files or table of the frame."""
    name, df_name = str(bound.call.program), str(bound.call.frame)
    beside = path.with_suffix(SUFFIX).name
    by_path = not origin.table
    source = "spark.read.parquet(*paths)" if by_path else f"spark.table({origin.table!r})"
    usage = " [--input PATH ...]" if origin.paths else " --input PATH ..."
    imports = ["import tfspark_magic as tfs", "from pyspark.sql import DataFrame, SparkSession"]
    if bound.call.verb in REDUCTIONS:
        imports[:0] = ["import numpy as np", "import pyarrow as pa"]
    return _SCRIPT.substitute(
        name=name, df=df_name, file=_in_docstring(shlex.quote(path.name)),
        beside=_in_docstring(beside), beside_literal=repr(beside),
        usage=usage if by_path else "",
        imports="\n".join(imports),
        paths_parameter=", paths: list[str]" if by_path else "",
        paths_argument=", arguments.input" if by_path else "",
        read_says=_read_says(df_name, origin), read=source,
        input_argument=_input_argument(origin) if by_path else "",
        compute="\n".join(f"    {line}" for line in _compute(bound)),
    )  # fmt: skip


def _in_docstring(text: str) -> str:
    """Escape text so that it cannot end a docstring, and a docstring shows it unchanged."""
    text = text.replace("\\", r"\\").replace('"', r"\"")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _read_says(df_name: str, origin: Origin) -> str:
    if origin.is_whole:
        return "Return the data: edit this to read something else."
    known = "the files that it was made of" if origin.paths else "nothing of it"
    return (
        f"Return the data: edit this to make what {df_name} was in the notebook.\n\n"
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
