"""Export a call as a script for `spark-submit`, with its program or model in a file beside it."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.executor.environment import latest
from tfspark_magic.executor.origin import origin_of
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.bound_call import BoundCall
from tfspark_magic.notebook.bound_fit import BoundFit
from tfspark_magic.notebook.call import Call
from tfspark_magic.notebook.options import is_name
from tfspark_magic.notebook.script import Script, fit_script, map_script


def export(bound: BoundCall, whole: Program, path: Path) -> str:
    """Write a script for a call, and its program beside it; return how to run it.

    >>> export(bound, score, Path("job.py"))                        # doctest: +SKIP
    'job.py and job.tfs are written. Run them with: spark-submit job.py OUTPUT'

    Raises
    ------
    OptionError
        If the frame is a stream or not a Spark DataFrame, if another file exists at the path, or if
        the script needs a name for itself.
    """
    _check(bound.call, bound.frame, path)
    script = map_script(bound, origin_of(bound.frame), path)
    return _written(script, bound.call, path, whole.save)


def export_fit(bound: BoundFit, path: Path) -> str:
    """Write a script that trains a model, and the model beside it; return how to run it.

    >>> export_fit(bound, Path("job.py"))                           # doctest: +SKIP
    'job.py and job.keras are written. Run them with: spark-submit job.py OUTPUT.keras'

    Raises
    ------
    OptionError
        As for `export`; or if the model has classes or functions that no module has.
    """
    from tfspark_magic.models.keras_training import archive_of
    from tfspark_magic.training.model_parts import ModelParts

    _check(bound.call, bound.frame, path)
    bound.check()
    model = ModelParts.of(bound.model).load()
    if not model.optimizer.built:
        # Else Keras warns, when it loads the model, that it does not find its variables.
        model.optimizer.build(model.trainable_variables)
    archive = archive_of(model)
    script = fit_script(bound, origin_of(bound.frame), path)
    return _written(script, bound.call, path, lambda beside: beside.write_bytes(archive))


def _check(call: Call, df: Any, path: Path) -> None:
    frame = frame_of(df, str(call.verb))
    if frame.session is None or frame.is_streaming:
        kind = "a stream" if frame.is_streaming else "not one"
        raise OptionError(
            f"--export writes a job over a DataFrame of Spark, and {call.frame} is {kind}: give it "
            f"--df of one that Spark reads, and edit what the script reads."
        )
    if path.suffix != ".py" or not path.parent.is_dir():
        raise OptionError(
            f"--export takes the path of a Python file in an existing folder, got {path}."
        )


def _written(script: Script, call: Call, path: Path, save: Callable[[Path], Any]) -> str:
    for used in (str(call.program), str(call.frame)):
        if used in script.names or not is_name(used):
            raise OptionError(
                f"--export needs the name {used!r} for something else: give it another one."
            )
    if path.exists() and path.read_text("utf-8") != script.text:
        raise OptionError(
            f"{path} exists already, and is another file: remove it, or give another name."
        )
    save(path.with_name(script.beside))
    path.write_text(script.text, "utf-8")
    origin = script.origin
    usage = "" if origin.table or origin.paths else " --input PATH"
    packed = latest()
    options = f"{shlex.join(packed.submit())} " if packed else ""
    command = f"spark-submit {options}{shlex.quote(str(path))} {script.output}{usage}"
    told = f"{path} and {script.beside} are written. Run them with: {command}"
    if not origin.is_whole:
        told += f"\nWrite into its function `read` how {call.frame} is made from the data that it reads."
    return told
