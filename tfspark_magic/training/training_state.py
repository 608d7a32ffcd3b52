"""The state of a training after an epoch: all values of model and optimizer, as an `.npz` file."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfspark_magic.errors import FileContentError, OptionError

Array = np.ndarray[Any, Any]

_VERSION = 1
# Not kept: Keras changes the sign of `min_delta` when a callback sees its first epoch, and a profiler
# runs in its own process alone.
_OWN = ("_model", "params", "min_delta", "_is_tracing", "_profiler_started")


@dataclass(frozen=True)
class State:
    """The state of a training.

    Parameters
    ----------
    epoch
        The number of epochs that are done.
    variables, optimizer
        The values of the variables of the model and of its optimizer.
    seed
        The seed of the order of rows and of the choice of rows to hold back.
    history
        The value of each loss and metric after each epoch.
    callbacks
        The attributes of each callback that can be kept.
    is_stopped
        Whether a callback ended the training before its last epoch.
    run
        An identifier of the call that wrote the state.
    columns
        The columns that feed the model, in the order of its inputs, labels and weights.
    """

    epoch: int
    variables: list[Array]
    optimizer: list[Array]
    seed: int = 0
    history: dict[str, list[float]] = field(default_factory=dict)
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    is_stopped: bool = False
    run: str = ""
    columns: list[str] = field(default_factory=list)

    def is_complete(self, epochs: int) -> bool:
        """Whether nothing is left of a training of so many epochs."""
        return self.is_stopped or self.epoch >= epochs

    def to_bytes(self) -> bytes:
        """Return the state as the content of a file; reading it runs no code."""
        arrays: list[Array] = []

        def kept(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                arrays.append(value)
                return {"array": len(arrays) - 1, "dtype": value.dtype.name}
            if isinstance(value, list):
                return [kept(one) for one in value]
            if isinstance(value, dict):
                return {"dict": [[key, kept(one)] for key, one in value.items()]}
            return value

        told = {name: kept(value) for name, value in vars(self).items()}
        told["version"] = _VERSION
        # NumPy's files know none of the dtypes that TensorFlow adds to it.
        plain = [a.view(f"u{a.dtype.itemsize}") if a.dtype.kind == "V" else a for a in arrays]
        held = io.BytesIO()
        np.savez(held, json.dumps(told), *plain)
        return held.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, path: str = "the result") -> State:
        """Return the state that `to_bytes` wrote.

        Raises
        ------
        FileContentError
            If the content is something else.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                arrays = [file[f"arr_{at}"] for at in range(len(file.files))]
            told = json.loads(str(arrays.pop(0)))
            known = told.pop("version") == _VERSION
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile):
            known = False
        if not known:
            advice = "pass another checkpoint=, or remove it"
            raise FileContentError(path, "a checkpoint of fit", "something else", advice)

        def had(value: Any) -> Any:
            if isinstance(value, list):
                return [had(one) for one in value]
            if isinstance(value, dict) and "array" in value:
                array = arrays[value["array"]]
                return array if array.dtype.name == value["dtype"] else array.view(value["dtype"])
            if isinstance(value, dict):
                return {key: had(one) for key, one in value["dict"]}
            return value

        return cls(**{name: had(value) for name, value in told.items()})

    @classmethod
    def of(cls, model: Any, **more: Any) -> State:
        """Return the state of a model."""
        return cls(
            variables=[np.asarray(variable.numpy()) for variable in model.variables],
            optimizer=[np.asarray(one.numpy()) for one in model.optimizer.variables],
            **more,
        )

    def assign(self, model: Any) -> None:
        """Give the values to a model.

        Raises
        ------
        OptionError
            If they are the values of another model.
        """
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        pairs = []
        for kept, variables in (
            (self.variables, model.variables), (self.optimizer, model.optimizer.variables)
        ):  # fmt: skip
            if [value.shape for value in kept] != [tuple(one.shape) for one in variables]:
                message = (
                    "checkpoint= holds the training of another model: pass another folder, or "
                    "resume=False to begin anew in this one."
                )
                raise OptionError(message, option="checkpoint")
            pairs += list(zip(variables, kept, strict=True))
        for variable, value in pairs:
            variable.assign(value)


def attributes_of(callback: Any) -> dict[str, Any]:
    """Return the attributes of a callback that are numbers, text or arrays."""
    return {
        name: _plain(value)
        for name, value in vars(callback).items()
        if name not in _OWN and _is_kept(value)
    }


def learnt(callback: Any, at_first: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a callback that have changed since the training began."""
    return {
        name: value
        for name, value in attributes_of(callback).items()
        if name not in at_first or pickle.dumps(value) != pickle.dumps(at_first[name])
    }


def _is_kept(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_kept(one) for one in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_kept(one) for key, one in value.items())
    if isinstance(value, np.ndarray):
        return bool(value.dtype != object)
    plain = bool | int | float | str | np.bool_ | np.number
    return value is None or isinstance(value, plain)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value.item() if isinstance(value, np.bool_ | np.number) else value
