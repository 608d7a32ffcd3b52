"""Find the Keras models that a form can train: those with the inputs of its program.

A program is frozen, and does not hold the model that it was made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfspark_magic.errors import TfSparkError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.namespace import keras_models


def trainable(namespace: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """Return the Keras models with the inputs of a program, by their names; imports nothing.

    >>> trainable({"model": model}, tfs.load(model))                # doctest: +SKIP
    {'model': <Sequential name=sequential, built=True>}
    """
    models = keras_models(namespace)
    wanted = _inputs(program.inputs)
    return {name: model for name, model in models.items() if _inputs_of(model) == wanted}


def outputs_of(model: Any) -> tuple[str, ...]:
    """Return the names of a model's outputs that need labels; empty if only the labels tell them."""
    from tfspark_magic.models.keras_training import signature_of

    return signature_of(model).labelled


def _inputs_of(model: Any) -> Any:
    from tfspark_magic.models.keras_training import signature_of

    try:
        return _inputs(signature_of(model).inputs)
    except TfSparkError:
        return None


def _inputs(specs: Any) -> list[Any]:
    return [(spec.name, spec.dtype, spec.shape) for spec in specs]
