"""Prepare a Keras model for training elsewhere: its signature, its archive and its own classes."""

from __future__ import annotations

import copy
import types
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tfspark_magic.binding.training import Signature
from tfspark_magic.errors import GraphLoadError, OptionError, type_name
from tfspark_magic.models.keras_model import (
    check_backend,
    input_specs,
    is_keras_model,
    named_inputs,
    output_names,
)
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.schema.tensorflow import shape_from_tensorflow
from tfspark_magic.temporary import TemporaryFolder

_OTHERS = ("keras", "tensorflow", "numpy", "builtins")
_MEANS = ("sum_over_batch_size", "mean")
_LEFT: dict[str, Any] = {
    "_summary_module": None, "_writers": {}, "_prev_summary_state": [], "csv_file": None, "writer": None,
}  # fmt: skip
"""What an earlier training leaves in callbacks of Keras; the next one makes it anew."""


def check_model(model: Any, workers: int) -> None:
    """Raise OptionError if a model cannot be trained as it is, by so many workers."""
    if not is_keras_model(model):
        message = f"fit trains a Keras model, got {type_name(model)}: pass a compiled keras.Model."
        raise OptionError(message)
    name = f"Keras model {model.name!r}"
    check_backend(name)
    if not model.compiled:
        raise OptionError(f"{name} is not compiled: call model.compile(optimizer, loss) first.")
    if model.optimizer is None:
        raise OptionError(f"{name} has no optimizer: call model.compile(optimizer, loss) first.")
    if not model.built:
        raise OptionError(
            f"{name} does not know what it takes: call model.build((None, n)) for n features, or "
            f"begin it with keras.Input((n,))."
        )
    for loss in _losses(model) if workers > 1 else ():
        reduction = getattr(loss, "reduction", "sum_over_batch_size")
        if reduction not in _MEANS:
            raise OptionError(
                f"Loss {loss.name!r} has reduction={reduction!r}, and several workers average means: "
                f"compile with reduction='sum_over_batch_size', or pass workers=1."
            )


def signature_of(model: Any) -> Signature:
    """Return the inputs and outputs of a model.

    >>> signature_of(model).inputs                                  # doctest: +SKIP
    (TensorSpec(name='x', tensor='x:0', dtype='float32', shape=(None, 3)),)

    Raises
    ------
    OptionError
        If the model does not say what it takes.
    """
    import keras

    specs = input_specs(model, f"Keras model {model.name!r}")
    inputs = tuple(
        TensorSpec(name, f"{name}:0", spec.dtype.name, shape_from_tensorflow(spec.shape))
        for name, spec in named_inputs(specs)
    )
    outputs = output_names(model) or []
    struct = getattr(model, "_outputs_struct", None)
    several = struct is not None and len(outputs) > 1
    y = keras.tree.pack_sequence_as(struct, list(range(len(outputs)))) if several else None
    x = keras.tree.pack_sequence_as(specs, list(range(len(inputs))))
    return Signature(str(model.name), inputs, x, tuple(outputs), y, _without_loss(model, outputs))


def _without_loss(model: Any, outputs: Sequence[str]) -> tuple[str, ...]:
    """Return the outputs that no loss of the model looks at, so that they need no label."""
    loss = model.loss if model.compiled else None
    if isinstance(loss, dict):
        return tuple(name for name in outputs if loss.get(name) is None)
    if isinstance(loss, list | tuple) and len(loss) == len(outputs):
        return tuple(name for name, one in zip(outputs, loss, strict=True) if one is None)
    return ()


def archive_of(model: Any) -> bytes:
    """Return a model as the content of a `.keras` file, with its optimizer and its compilation.

    Raises
    ------
    GraphLoadError
        If Keras cannot save it.
    """
    with TemporaryFolder() as folder:
        path = Path(folder, "model.keras")
        try:
            model.save(path)
        except Exception as error:
            reason = (str(error) or type(error).__name__).splitlines()[0]
            message = (
                f"Keras model {model.name!r} cannot be sent to workers, as Keras does not save it: "
                f"{reason.rstrip('.')}. Give its classes a get_config()."
            )
            raise GraphLoadError(message) from error
        return path.read_bytes()


def own_objects(value: Any) -> dict[str, Any]:
    """Return the classes and functions of a model, or of callbacks, that are not Keras's own.

    >>> own_objects(model)                                          # doctest: +SKIP
    {'Doubling': <class '__main__.Doubling'>}

    Returns
    -------
    The classes and functions by their names in Keras.
    """
    import keras

    found: dict[str, Any] = {}
    for one in own_parts(value):
        if one.__name__ != "<lambda>":
            found[one.__name__] = one
            found[keras.saving.get_registered_name(one)] = one
    return found


def own_parts(value: Any) -> list[Any]:
    """Return the classes and functions of a model, or of callbacks, that are not Keras's own."""
    return list(_own(value))


def scales_loss(model: Any) -> bool:
    """Whether the optimizer of a model scales the loss, so that small numbers do not become zero."""
    import keras

    return isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)


def callbacks_of(callbacks: Sequence[Any] | None) -> list[Any]:
    """Return copies of callbacks, without the models and open files of earlier trainings.

    Raises
    ------
    OptionError
        If one is no callback of Keras, or has the purpose of `checkpoint`.
    """
    import keras

    given = list(callbacks or ()) if isinstance(callbacks, Iterable | None) else [callbacks]
    for callback in given:
        if not isinstance(callback, keras.callbacks.Callback):
            message = f"callbacks is a list of keras.callbacks.Callback, got {callback!r} in it."
            raise OptionError(message, option="callbacks")
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            message = "BackupAndRestore does what checkpoint= does: leave it out, and pass that."
            raise OptionError(message, option="callbacks")
    copies = [copy.copy(callback) for callback in given]
    for one in copies:
        # Not set_model(None): some, such as TensorBoard, look into the model at once.
        vars(one)["_model"] = None
        if isinstance(one, keras.callbacks.TensorBoard | keras.callbacks.CSVLogger):
            left = _LEFT.keys() & vars(one).keys()
            vars(one).update({name: copy.copy(_LEFT[name]) for name in left})
    return copies


def history_of(model: Any, values: dict[str, list[float]]) -> Any:
    """Return the `History` that Keras gives to a fitted model."""
    import keras

    history = keras.callbacks.History()
    history.set_model(model)
    history.history = values
    history.epoch = list(range(max(map(len, values.values()), default=0)))
    return history


def _losses(model: Any) -> Iterator[Any]:
    import keras

    for loss in keras.tree.flatten(model.loss):
        if isinstance(loss, keras.losses.Loss):
            yield loss


def _own(value: Any) -> Iterator[Any]:
    """Walk objects of Keras, and yield the classes and functions in them that are not Keras's."""
    seen: set[int] = set()
    left = [value]
    while left:
        value = left.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list | tuple | set):
            left += value
        elif isinstance(value, types.FunctionType | type):
            if _is_own(value):
                yield value
        elif (
            hasattr(value, "get_config") or hasattr(value, "_fn") or hasattr(value, "on_epoch_end")
        ):
            left.append(type(value))
            left += _attributes(value)
            left += getattr(value, "layers", ())
            left += getattr(value, "metrics", ())


def _attributes(value: Any) -> Iterator[Any]:
    for name, one in vars(value).items():
        # Keras wraps methods of layers, such as build(), in functions that hold the layer itself.
        if not (isinstance(one, types.FunctionType) and hasattr(type(value), name)):
            yield one


def _is_own(value: Any) -> bool:
    return str(value.__module__).partition(".")[0] not in _OTHERS
