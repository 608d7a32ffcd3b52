"""Run a `%%tfgraph` cell like an ordinary cell, with its line numbers, errors and value."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import tfspark_magic
from tfspark_magic.errors import CaptureError, FetchError, TfSparkError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.jupyter import Jupyter

_BLUE, _PLAIN = "\x1b[34m", "\x1b[0m"
_PACKAGE = str(Path(tfspark_magic.__file__).parent)


class CellSyntaxError(CaptureError):
    """The cell is not Python; shown like a syntax error of IPython. Facts: (sentence,)."""


def capture(shell: Any, line: str, source: str) -> Any:
    """Run the cell in its own graph, and return the result as a `graph.capture.Cell`.

    Parameters
    ----------
    shell
        The shell of IPython; the cell's names are put into its namespace.
    line
        The rest of the first line of the cell, after `%%tfgraph`.
    source
        The rest of the cell.

    Raises
    ------
    CellSyntaxError
        If the cell is not Python.
    Exception
        Any error of the cell; its traceback begins at the cell.
    """
    python, filename = _register(shell, line, source)
    try:
        compile(python, filename, "exec")
    except SyntaxError as error:
        raise _syntax_error(shell, error) from None
    if "tensorflow" not in sys.modules:
        with Jupyter(shell).saying("Importing TensorFlow, once in a notebook…"):
            _import_tensorflow()
    _import_tensorflow()
    from tfspark_magic.graph.capture import run_cell

    try:
        return run_cell(python, shell.user_ns, filename, _with_model)
    except BaseException as error:
        _show_from_cell(shell, error, filename)
        raise


def _import_tensorflow() -> None:
    # `runtime` comes first: it keeps TensorFlow's log messages during loading out of the notebook.
    importlib.import_module("tfspark_magic.graph.runtime")


def captured_block(frame: Any, take: Callable[[Any], Any]) -> AbstractContextManager[Any]:
    """Capture what a `with` block builds; at its end, `take` gets a `graph.capture.Cell`."""
    _import_tensorflow()
    from tfspark_magic.graph import with_block

    return with_block.captured_block(frame, _with_model, take)


def name_after_as(frame: Any) -> str:
    """Return the name after `as`, in the block that begins in the frame's line; else nothing."""
    _import_tensorflow()
    from tfspark_magic.graph import with_block

    return with_block.name_after_as(frame)


def program(cell: Any, name: str, fetch: Sequence[str], namespace: dict[str, Any]) -> Program:
    """Make the program of a captured cell.

    Parameters
    ----------
    cell
        A `graph.capture.Cell`.
    name
        The program's name.
    fetch
        Names of tensors, or Python names that the cell gave to tensors. If empty: the cell's last
        expression if it is a tensor, a list of tensors, a Keras model, what layers give for a
        `keras.Input`, or a `tf.function` with known inputs; else the tensors that no operation
        uses; if there is no tensor, the last model or function that has a name.
    namespace
        The namespace with the cell's names.

    Raises
    ------
    FetchNotFoundError, FetchError
        If there is no such tensor.
    TfSparkError
        If the model or function is not one that `tfs.load` takes.
    """
    from tfspark_magic.graph.fetches import find_tensor, tensor_of
    from tfspark_magic.graph.freeze import freeze
    from tfspark_magic.models.keras_in_graph import CalledModel
    from tfspark_magic.models.loading import is_live, load_live

    def named(text: str) -> Any:
        try:
            return find_tensor(text, cell.graph)
        except TfSparkError:
            value = namespace.get(text)
            if is_of_graph(value, cell.graph):
                return value
            raise

    if not fetch and is_live(cell.result):
        return replace(load_live(cell.result), name=name)
    if not fetch and isinstance(cell.result, CalledModel):
        outputs = cell.result.outputs
        found = freeze(list(outputs.values()), name, names=list(outputs))
        return replace(found, is_batched=True)
    if fetch:
        wanted = [named(text) for text in fetch]
    elif is_fetchable(cell.result, cell.graph):
        wanted = list(cell.result) if isinstance(cell.result, list | tuple) else [cell.result]
    else:
        wanted = [tensor for tensor in cell.loose_ends if _fits_a_column(tensor)]
    if not wanted:
        raise FetchError(
            "The cell leaves no tensor to compute: end it with the tensor, or a list of tensors, "
            "or name them with --fetch."
        )
    tensors = [tensor_of(fetched, cell.graph) for fetched in wanted]
    return freeze(tensors, name, names=_names(tensors, fetch, cell, namespace))


def _names(
    tensors: Sequence[Any], fetch: Sequence[str], cell: Any, namespace: dict[str, Any]
) -> list[str]:
    """Return names for tensors: those in Python, or of Keras layers, where they have none themselves."""
    from tfspark_magic.graph.python_names import layer_of
    from tfspark_magic.models.keras_model import is_keras_model

    models = filter(is_keras_model, list(namespace.values()))
    layers = {layer.name for model in models for layer in model.layers}
    own = [tensor.op.name for tensor in tensors]
    found = [
        name
        if name in fetch
        else cell.python_names.get(tensor.name) or layer_of(tensor, layers) or name
        for tensor, name in zip(tensors, own, strict=True)
    ]
    return found if len({name.casefold() for name in found}) == len(found) else own


def is_fetchable(value: Any, graph: Any) -> bool:
    """Whether a cell's last expression is a tensor of its graph, or a list of them."""
    if isinstance(value, list | tuple):
        return bool(value) and all(is_of_graph(item, graph) for item in value)
    return is_of_graph(value, graph)


def is_shown(cell: Any) -> bool:
    """Whether a cell's last expression is what its program computes, and so on show with it."""
    from tfspark_magic.models.keras_in_graph import CalledModel

    return isinstance(cell.result, CalledModel) or is_fetchable(cell.result, cell.graph)


def is_of_graph(value: Any, graph: Any) -> bool:
    """Whether `value` is a tensor or a variable of that graph."""
    from tfspark_magic.graph.runtime import tf

    if not isinstance(value, tf.Tensor | tf.Variable):
        return False
    return getattr(value, "graph", None) is graph


def _with_model(result: Any, made: Sequence[Any], graph: Any) -> Any:
    """Return the result of a cell; a Keras model that the cell makes is called in its graph."""
    from tfspark_magic.models.keras_in_graph import call_in, is_made_in, is_output, model_of
    from tfspark_magic.models.keras_model import is_keras_model
    from tfspark_magic.models.loading import is_live

    if result is None and not any(is_of_graph(value, graph) for value in made):
        result = next((v for v in reversed(made) if is_live(v) or is_output(v)), None)
    if is_output(result):
        result = model_of(result)
    return (
        call_in(graph, result) if is_keras_model(result) and is_made_in(result, graph) else result
    )


def _fits_a_column(tensor: Any) -> bool:
    from tfspark_magic.schema.tensorflow import dtype_from_tensorflow

    try:
        dtype_from_tensorflow(tensor.dtype.base_dtype, "")
    except TfSparkError:
        return False
    return True


def _register(shell: Any, line: str, source: str) -> tuple[str, str]:
    """Return the cell as Python, line for line, and the name under which IPython finds it."""
    lines = source.split("\n")
    # IPython drops blank lines at the top, so they are counted together with the magic's line.
    blank = next((i for i, text in enumerate(lines) if text.strip()), 0)
    python = "\n" * (blank + 1) + shell.transform_cell("\n".join(lines[blank:]))
    magic = f"%%tfgraph {line}".rstrip()
    shown = "\n".join([magic, *python.split("\n")[1:]])
    # A notebook's debugger identifies a cell by its whole text.
    typed = (shell.history_manager.input_hist_raw or [""])[-1] if shell.history_manager else ""
    raw = typed if typed.lstrip().startswith("%%tfgraph") and source.strip() in typed else shown
    return python, shell.compile.cache(shown, shell.displayhook.prompt_count, raw_code=raw)


def _syntax_error(shell: Any, error: SyntaxError) -> CellSyntaxError:
    shown = shell.SyntaxTB.structured_traceback(type(error), error, [])
    result = CellSyntaxError(f"{error.msg} (line {error.lineno} of the cell)")
    result._render_traceback_ = lambda: shown  # type: ignore[method-assign]
    return result


def _show_from_cell(shell: Any, error: BaseException, filename: str) -> None:
    """Let IPython show a cell's error with a traceback from the cell on, without our own frames."""
    trace = _from_cell(error.__traceback__, filename)
    if trace is None or isinstance(error, SyntaxError):
        return
    if isinstance(error, TfSparkError):
        inside = [f for f in traceback.extract_tb(trace) if f.filename == filename]
        where = f"{_BLUE}line {inside[-1].lineno}{_PLAIN}: {inside[-1].line}"
        shown = [*error._render_traceback_(), f"  {where}"]
        error._render_traceback_ = lambda: shown  # type: ignore[method-assign]
    elif not hasattr(error, "_render_traceback_") and hasattr(error, "__dict__"):
        error._render_traceback_ = lambda: shell.InteractiveTB.structured_traceback(  # type: ignore[attr-defined]
            type(error), error, trace, tb_offset=0
        )


def _from_cell(trace: TracebackType | None, filename: str) -> TracebackType | None:
    frames: list[TracebackType] = []
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if path == filename or (frames and not path.startswith(_PACKAGE)):
            frames.append(trace)
        trace = trace.tb_next
    shown = None
    for frame in reversed(frames):
        shown = TracebackType(shown, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return shown
