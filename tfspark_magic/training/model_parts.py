"""A model in parts that can be pickled, from which another process makes it again."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfspark_magic.errors import GraphLoadError, MissingDependencyError, OptionError
from tfspark_magic.temporary import TemporaryFolder
from tfspark_magic.worker.shipped import SparkFile

_SEED_STATE = "seed_generator_state"
"""The end of the path of the variable from which a random layer draws its numbers."""
_LONGEST = 300
_APART = 0x9E3779B9
"""The difference between the seeds of two workers' random layers."""


@dataclass(frozen=True)
class ModelParts:
    """The parts of a model; they can be pickled.

    >>> ModelParts.of(model).load()                                 # doctest: +SKIP
    <Sequential name=sequential, built=True>

    Parameters
    ----------
    archive
        The content of a `.keras` file.
    objects
        The model's classes and functions that are not Keras's own, by their names in Keras.
    seeds
        The states of the random layers; see `seeds_of`.
    scales_loss
        Whether the optimizer scales the loss, as Keras lets it for a policy of `"mixed_float16"`; its
        files do not say so.
    """

    archive: bytes
    objects: Mapping[str, Any]
    seeds: Mapping[int, Any]
    scales_loss: bool = False

    @classmethod
    def of(cls, model: Any) -> ModelParts:
        """Return the parts of a model.

        Raises
        ------
        GraphLoadError
            If Keras cannot save it.
        """
        from tfspark_magic.models.keras_training import archive_of, own_objects, scales_loss

        return cls(archive_of(model), own_objects(model), seeds_of(model), scales_loss(model))

    def load(self) -> Any:
        """Return a new model, compiled like the one that was taken apart.

        Raises
        ------
        GraphLoadError
            If Keras does not load what it has saved.
        OptionError
            If the model's class has a `compile` of its own, which Keras does not save.
        """
        import keras

        with TemporaryFolder() as folder, warnings.catch_warnings(), self._policy():
            path = Path(folder, "model.keras")
            path.write_bytes(self.archive)
            # An optimizer that has not begun has nothing to load.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            # The model is the user's own, and comes with its code.
            try:
                model = keras.saving.load_model(
                    path, custom_objects=self.objects, compile=True, safe_mode=False
                )
            except Exception as error:
                reason = " ".join(str(error).split())[:_LONGEST]
                message = (
                    f"The Keras model cannot be sent to workers, as Keras does not load what it saves "
                    f"of it: {reason} Give its classes get_config(), and build() for the layers in them."
                )
                raise GraphLoadError(message) from error
        if not model.compiled:
            message = (
                f"Keras model {model.name!r} has a compile() of its own, which Keras does not save: "
                f"give its class get_compile_config() and compile_from_config(config), too."
            )
            raise OptionError(message)
        for at, value in self.seeds.items():
            model.variables[at].assign(value)
        return model

    @contextmanager
    def _policy(self) -> Iterator[None]:
        from keras import config

        if not self.scales_loss:
            yield
            return
        before = config.dtype_policy()
        config.set_dtype_policy("mixed_float16")
        try:
            yield
        finally:
            config.set_dtype_policy(before)


def seeds_of(model: Any) -> dict[int, Any]:
    """Return the states of a model's random layers, which `.keras` files leave out.

    Returns
    -------
    The states by the position of their variables in `model.variables`.
    """
    variables = enumerate(model.variables)
    return {at: one.numpy() for at, one in variables if one.path.endswith(_SEED_STATE)}


def part_seeds(model: Any, rank: int) -> None:
    """Give the random layers of each worker other numbers."""
    for variable in model.variables if rank else ():
        if variable.path.endswith(_SEED_STATE):
            state = np.array(variable.numpy(), np.uint64)
            state[0] = (int(state[0]) + rank * _APART) % 2**32
            variable.assign(state.astype(variable.dtype))


def loaded(value: Any, what: str) -> Any:
    """Return a value unchanged, or load it if it is a pickle or the file of a pickle.

    Raises
    ------
    MissingDependencyError
        If it needs a package that is not installed here.
    """
    if isinstance(value, SparkFile):
        value = Path(value.path).read_bytes()
    if not isinstance(value, bytes):
        return value
    try:
        return pickle.loads(value)  # noqa: S301  (the driver's own)
    except ModuleNotFoundError as error:
        advice = f"pip install {str(error.name).partition('.')[0]} on each node"
        raise MissingDependencyError(str(error.name), f"by the {what}", advice) from None
