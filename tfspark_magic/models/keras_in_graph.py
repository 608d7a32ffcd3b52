"""Use a Keras model inside the graph of the cell that makes it: it cannot be called outside."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.models.keras_model import input_specs, named_inputs, predicted


@dataclass(frozen=True)
class CalledModel:
    """A model that was called in a graph.

    Parameters
    ----------
    name
        The name of the model.
    outputs
        The tensors that it gives, by the names of its outputs.
    """

    name: str
    outputs: Mapping[str, tf.Tensor]


def is_output(value: Any) -> bool:
    """Whether a value is a symbolic tensor of Keras, or several of them, that layers have computed."""
    keras = sys.modules.get("keras")
    if keras is None:
        return False
    values = list(value) if isinstance(value, list | tuple) else [value]
    return bool(values) and all(
        isinstance(one, keras.KerasTensor) and keras.utils.get_source_inputs(one) != [one]
        for one in values
    )


def model_of(outputs: Any) -> Any:
    """Return the model with these outputs: its inputs are all `keras.Input` that they depend on."""
    import keras

    flat = keras.tree.flatten(outputs)
    inputs = {id(one): one for value in flat for one in keras.utils.get_source_inputs(value)}
    return keras.Model(list(inputs.values()), outputs)


def is_made_in(model: Any, graph: tf.Graph) -> bool:
    """Whether a model has its variables in a graph, or has none, so that it may be called there."""
    variables = getattr(model, "variables", ())
    return not variables or any(getattr(v.value, "graph", None) is graph for v in variables)


def call_in(graph: tf.Graph, model: Any) -> CalledModel:
    """Call a model in the graph that is open; a placeholder feeds each of its inputs.

    Raises
    ------
    OptionError
        If the model does not say what it takes.
    """
    specs = input_specs(model, f"Keras model {model.name!r}")
    with graph.as_default():
        values = [
            tf1.placeholder(spec.dtype, spec.shape, re.sub(r"[^\w.-]", "_", name))
            for name, spec in named_inputs(specs)
        ]
        return CalledModel(model.name, predicted(model, specs, values))
