"""Try a step of a model on rows of zeros, to find what the model or its losses refuse."""

from __future__ import annotations

import re
from typing import Any

import keras

from tfspark_magic.binding.training import TrainingPlan
from tfspark_magic.errors import OptionError
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.runtime import tf

# Of 2 rows, a label would be stretched over the 2 numbers of an output, without an error.
_ROWS = 7
_LONGEST = 300
_DECORATION = re.compile(r"\x1b\[\d*m|\{\{.*?\}\} ?")
_NAMES_LOST = (
    ". Write lambdas of the model as functions with def: Keras saves a lambda without the names that "
    "it uses."
)


def try_step(model: Any, plan: TrainingPlan) -> None:
    """Evaluate a model on rows of zeros; its weights stay as they are.

    Raises
    ------
    OptionError
        If it, a loss or a metric does not take them.
    """
    with eager_mode():
        columns = [_zeros(feed.cell.dtype, _sizes(feed)) for feed in plan.feeds]

        def of(structure: Any) -> Any:
            return keras.tree.map_structure(lambda at: columns[at], structure)

        try:
            for at, sizes in _sizes_of_labels(model, plan, of(plan.x)).items():
                columns[at] = _zeros(plan.feeds[at].cell.dtype, sizes)
            weight = () if plan.weight is None else (columns[plan.weight],)
            model.test_step((of(plan.x), of(plan.y), *weight))
        except Exception as error:
            if any(None in (plan.feeds[at].cell.shape or ()) for at in keras.tree.flatten(plan.x)):
                # Cells may have to be longer than those of this trial: the rows will tell.
                return
            reason = _DECORATION.sub("", " ".join(str(error).split()))[:_LONGEST]
            reason = reason or type(error).__name__
            if isinstance(error, NameError):
                reason += _NAMES_LOST
            fed = ", ".join(f"{feed.column} {feed.cell}" for feed in plan.feeds)
            raise OptionError(
                f"Keras model {model.name!r} does not take these columns ({fed}): {reason}"
            ) from error
        finally:
            model.reset_metrics()


def _sizes_of_labels(model: Any, plan: TrainingPlan, x: Any) -> dict[int, list[int]]:
    """Return the sizes that labels have if they fit the outputs, where the columns do not say them."""
    labels = keras.tree.flatten(plan.y)
    if all(None not in (plan.feeds[at].cell.shape or ()) for at in labels):
        return {}
    outputs = keras.tree.flatten(model(x))
    if len(outputs) != len(labels):
        return {}
    sizes = {}
    for at, output in zip(labels, outputs, strict=True):
        shape = plan.feeds[at].cell.shape or ()
        its = [*output.shape[1:], *[None] * len(shape)]
        sizes[at] = [own or other or 1 for own, other in zip(shape, its, strict=False)]
    return sizes


def _sizes(feed: Any) -> list[int]:
    return [size or 1 for size in feed.cell.shape or ()]


def _zeros(dtype: str, sizes: list[int]) -> Any:
    return tf.zeros((_ROWS, *sizes), dtype)
