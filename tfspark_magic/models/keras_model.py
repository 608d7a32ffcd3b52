"""Read Keras 3 models, from this process or from files."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfspark_magic.errors import GraphLoadError, OptionError
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.runtime import tf
from tfspark_magic.models.function import source_of_concrete
from tfspark_magic.models.keras_classes import own_classes
from tfspark_magic.models.source import Source, reported
from tfspark_magic.models.trained_columns import columns_of

_SUFFIXES = (".keras", ".h5", ".hdf5")
# Keras reports missing classes only as text, which differs between .keras and .h5 files.
_UNKNOWN = re.compile(
    r"Could not locate (?P<kind>class|function) '(?P<name>[\w>]+)'"
    r"|Unknown (?:\w+ ?)+: '(?P<old>[\w>]+)'|Cannot deserialize object of type `(?P<bare>\w+)`"
    r"|Could not interpret [\w ]+ identifier: \{'module': [^,]+, 'class_name': '(?P<part>\w+)'"
)
_COUNTED = re.compile(r"keras_tensor(_\d+)?")
"""A name that Keras makes, with a number that grows with each new tensor."""
_MOST_TIMES_LARGER = 200
_HARMLESS_BYTES = 2**28


def is_keras_file(path: Path) -> bool:
    """Whether `path` has the name of a Keras file."""
    return path.is_file() and path.suffix in _SUFFIXES


def is_keras_model(value: Any) -> bool:
    """Whether `value` is a model of Keras 3; does not import Keras."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def read_keras(path: Path, signature: Any = None) -> Source:
    """Read a model from a file; code in it (`Lambda` layers) is not run.

    Raises
    ------
    GraphLoadError
        If the file is broken, or holds code or classes that are not known here.
    """
    subject = f"Keras model {path.name!r}"
    with reported(subject), eager_mode():
        if path.suffix == ".keras":
            _check_size(path, subject)
        import keras

        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception as error:
            refused = _refused(str(error), path, subject)
            if refused:
                raise GraphLoadError(refused) from error
            if isinstance(error, MemoryError | RecursionError | Warning):
                raise
            raise ValueError(str(error) or type(error).__name__) from error
        lost = "" if path.suffix == ".keras" else _without_vocabulary(model)
        if lost:
            raise GraphLoadError(
                f"{subject} has lost the vocabulary of layer {lost!r}, which only files that end in "
                f".keras keep: save the model as one."
            )
    return source_of_keras(model, signature, subject, path.stem)


def _refused(text: str, path: Path, subject: str) -> str:
    """Say why Keras does not load a file; empty if the file is broken."""
    load = f"keras.saving.load_model({path.name!r}"
    unknown = _UNKNOWN.search(text)
    if unknown:
        kind = unknown["kind"] or "class"
        key = next(unknown[g] for g in ("name", "old", "bare", "part") if unknown[g])
        name = key.rpartition(">")[2]
        # A class that was registered for a package is found only by its full name.
        registered = re.search(rf"'registered_name': '([^']+>{name})'", text)
        key = registered[1] if registered else key
        if name in _operations():
            return (
                f"{subject} holds Keras operation {name!r}, which Keras reads only from files that "
                f"end in .keras: save the model as one."
            )
        keys = dict.fromkeys([key, *own_classes(path)])
        objects = ", ".join(f"{key!r}: {key.rpartition('>')[2]}" for key in keys)
        return (
            f"{subject} needs your {kind} {name!r}, which Keras does not know: pass the model that "
            f"{load}, custom_objects={{{objects}}}) gives."
        )
    if "No cast function available" in text:
        return (
            f"{subject} holds weights of bfloat16, which Keras reads only from files that end in "
            f".keras: save the model as one."
        )
    if "vocabulary" in text.lower() and "safe" in text.lower():
        return (
            f"{subject} takes a vocabulary from a file outside of it, which is not read: pass the "
            f"model that {load}, safe_mode=False) gives if you trust it."
        )
    if "unsafe" in text.lower() or "lambda" in text.lower():
        return (
            f"{subject} holds Python code (a Lambda layer), which is not run: pass the model that "
            f"{load}, safe_mode=False) gives if you trust it."
        )
    return ""


def _operations() -> set[str]:
    """Return the names of the operations that `keras.ops` puts into a model."""
    import keras

    return {kind.__name__ for kind in keras.Operation.__subclasses__() if "ops" in kind.__module__}


def _layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        yield from _layers(layer) if hasattr(layer, "layers") else ()


def _without_vocabulary(model: Any) -> str:
    """Return the name of a lookup layer without a vocabulary; empty if there is none."""
    from keras.layers import IntegerLookup, StringLookup, TextVectorization

    kinds = IntegerLookup | StringLookup | TextVectorization
    looking = (layer for layer in _layers(model) if isinstance(layer, kinds))
    lost = (layer for layer in looking if not layer.get_vocabulary(include_special_tokens=False))
    return next((str(layer.name) for layer in lost), "")


def source_of_keras(model: Any, signature: Any = None, subject: str = "", name: str = "") -> Source:
    """Trace a model for prediction, `training=False`, with its current weights.

    Raises
    ------
    OptionError
        If the model's inputs are not known.
    GraphLoadError
        If it cannot be traced.
    """
    subject = subject or f"Keras model {model.name!r}"
    check_backend(subject)
    specs = input_specs(model, subject) if signature is None else signature
    inputs = named_inputs(specs)

    def predict(*values: Any) -> Any:
        return predicted(model, specs, values)

    # Names of arguments must be valid in Python; the placeholders get their names afterwards.
    plain = [
        tf.TensorSpec(spec.shape, spec.dtype, name=f"input_{i}")
        for i, (_, spec) in enumerate(inputs)
    ]
    with reported(subject), eager_mode():
        concrete = tf.function(predict, autograph=False).get_concrete_function(*plain)
    names = [name for name, _ in inputs]
    source = source_of_concrete(concrete, subject, name or model.name, names)
    return replace(source, owner=model, is_batched=True, columns=columns_of(model))


def check_backend(subject: str) -> None:
    """Raise OptionError if Keras does not run on TensorFlow."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise OptionError(
            f"{subject} runs on {keras.backend.backend()}: set KERAS_BACKEND=tensorflow before "
            f"Keras is imported."
        )


def input_specs(model: Any, subject: str) -> Any:
    """Return what a model takes, in the structure in which it does.

    Raises
    ------
    OptionError
        If nothing says it.
    """
    import keras

    def spec(tensor: Any) -> tf.TensorSpec:
        return tf.TensorSpec(tensor.shape, tensor.dtype, name=tensor.name)

    if getattr(model, "inputs", None):
        structure = getattr(model, "_inputs_struct", None)
        if structure is None:
            structure = model.inputs if len(model.inputs) > 1 else model.inputs[0]
        return keras.tree.map_structure(spec, structure)
    shapes = getattr(model, "_build_shapes_dict", None)
    if not shapes or len(shapes) != 1 or not model.built:
        raise OptionError(
            f"{subject} does not say what it takes: write tfs.load(model, "
            f"signature=tf.TensorSpec([None, ...], dtype)), or a list or dict of them as its call "
            f"takes, with None for a block's rows."
        )
    # The inputs of the first call of a subclassed model; Keras keeps only their shapes.
    return _of_shapes(next(iter(shapes.values())), "")


def _of_shapes(shapes: Any, name: str) -> Any:
    if isinstance(shapes, Mapping):
        return {key: _of_shapes(shape, str(key)) for key, shape in shapes.items()}
    if shapes and isinstance(shapes[0], list | tuple | Mapping):
        return [_of_shapes(shape, f"input_{i}") for i, shape in enumerate(shapes)]
    import keras

    return tf.TensorSpec((None, *shapes[1:]), keras.config.floatx(), name=name or "input")


def named_inputs(specs: Any) -> list[tuple[str, tf.TensorSpec]]:
    """Return the inputs of a model with their names, flat, of what `input_specs` returns."""
    import keras

    paths = keras.tree.flatten_with_path(specs)
    return [
        (_name_of_input(path, spec, i, len(paths)), spec) for i, (path, spec) in enumerate(paths)
    ]


def predicted(model: Any, specs: Any, values: Iterable[Any]) -> dict[str, Any]:
    """Call a model for prediction, and return its outputs by name.

    Parameters
    ----------
    model, specs
        The model, and what `input_specs` returns for it.
    values
        A value for each input, flat.
    """
    import keras

    found = model(keras.tree.pack_sequence_as(specs, list(values)), training=False)
    if isinstance(found, Mapping):
        return dict(found)
    found = keras.tree.flatten(found)
    outputs = output_names(model)
    if outputs is not None and len(outputs) == len(found):
        return dict(zip(outputs, found, strict=True))
    return {f"output_{i}": value for i, value in enumerate(found)}


def _name_of_input(path: Any, spec: Any, number: int, count: int) -> str:
    """Return the name of one of so many inputs, which has this path in the structure of all."""
    if spec.name and not _COUNTED.fullmatch(spec.name):
        return str(spec.name).partition(":")[0]
    if path and isinstance(path[-1], str):
        return path[-1]
    return f"input_{number}" if count > 1 else "input"


def output_names(model: Any) -> list[str] | None:
    """Return the names of what a model gives, in order; None if only its results tell."""
    import keras

    names = getattr(model, "output_names", None)
    if not names and isinstance(model, keras.Sequential) and model.layers:
        names = [model.layers[-1].name]
    return list(names) if names else None


def _check_size(path: Path, subject: str) -> None:
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
        names = archive.namelist()
    if unpacked > max(_HARMLESS_BYTES, _MOST_TIMES_LARGER * path.stat().st_size):
        raise GraphLoadError(
            f"{subject} is broken or hostile: it says that it unpacks to {unpacked} bytes."
        )
    if any(name.startswith("/") or ".." in Path(name).parts for name in names):
        raise GraphLoadError(f"{subject} is broken or hostile: it holds files outside of itself.")
