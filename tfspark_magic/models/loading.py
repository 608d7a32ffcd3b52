"""Find the reader for a model, and load the model as a program."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from tfspark_magic.errors import GraphLoadError, OptionError
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.models import archive, function, graph_def, keras_model, saved_model
from tfspark_magic.models.endpoints import Names
from tfspark_magic.models.renaming import renamed
from tfspark_magic.models.source import Source, to_program


def load_path(
    path: Path,
    *,
    signature: Any = None,
    tags: str | Collection[str] | None = None,
    inputs: Names = None,
    outputs: Names = None,
    allow_io: bool = False,
) -> Program:
    """Load a model from a local file or folder; see `tfspark_magic.load`."""
    if saved_model.is_saved_model(path):
        source = saved_model.read_saved_model(path, _key(signature), tags)
    elif graph_def.is_checkpoint(path):
        source = graph_def.read_checkpoint(path, _key(signature), outputs)
    elif not path.exists():
        raise GraphLoadError(f"There is no model at {str(path)!r}.")
    elif keras_model.is_keras_file(path):
        source = keras_model.read_keras(path, signature)
    elif archive.is_archive(path):
        program = archive.read_program(path)
        return renamed(program, f"Program {path.name!r}", inputs, outputs, allow_io=allow_io)
    elif path.is_file() and path.suffix in (".pb", ".pbtxt"):
        source = graph_def.read_graph_def(path, outputs)
    else:
        raise GraphLoadError(
            f"{path.name!r} is not one of the known models: a SavedModel, a Keras file (.keras, "
            f".h5), a checkpoint of TensorFlow 1 with its .meta, a frozen graph (.pb, .pbtxt), or "
            f"what program.save wrote."
        )
    return to_program(source, inputs, outputs, allow_io=allow_io)


def is_live(value: Any) -> bool:
    """Whether `value` is a model or function in this process with known inputs."""
    return keras_model.is_keras_model(value) or function.is_function(value)


def load_live(
    value: Any,
    *,
    signature: Any = None,
    inputs: Names = None,
    outputs: Names = None,
    allow_io: bool = False,
    session: Any = None,
) -> Program:
    """Load a model from this process; see `tfspark_magic.load`.

    Raises
    ------
    OptionError
        If `value` is not a model, or its inputs are not known.
    """
    source: Source
    if keras_model.is_keras_model(value):
        source = keras_model.source_of_keras(value, signature)
    elif isinstance(value, tf1.GraphDef):
        source = graph_def.source_of_graph_def(value, "The GraphDef", "graph", outputs)
    elif isinstance(value, tf.Graph):
        source = function.source_of_graph(value, outputs, session)
    elif hasattr(value, "signatures"):
        source = _of_loaded(value, signature)
    elif callable(value):
        source = function.source_of_function(value, signature)
    else:
        raise OptionError(
            f"tfs.load takes a path, a Keras model, a tf.function, a Python function with "
            f"signature=, a GraphDef or a tf.Graph, got {type(value).__name__}."
        )
    return to_program(source, inputs, outputs, allow_io=allow_io)


def _of_loaded(value: Any, signature: Any) -> Source:
    # The object that tf.saved_model.load returns.
    functions = dict(value.signatures)
    name = signature or saved_model.DEFAULT_SIGNATURE
    if name not in functions:
        raise OptionError(
            f"The model has the signatures {sorted(functions)!r}: pass one as signature=."
        )
    concrete = functions[name]
    return function.source_of_concrete(concrete, f"Signature {name!r}", "model")


def _key(signature: Any) -> str | None:
    if signature is None or isinstance(signature, str):
        return signature
    raise OptionError(
        f"signature={signature!r}: a file has its signatures by name, such as "
        f"signature='serving_default'."
    )
