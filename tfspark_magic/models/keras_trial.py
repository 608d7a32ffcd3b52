"""Try a step of a model on rows of zeros, to find what the model or its losses refuse."""

from __future__ import annotations

from typing import Any

import keras

from tfspark_magic.binding.training import TrainingPlan
from tfspark_magic.errors import OptionError
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.runtime import tf

_ROWS = 2
_LONGEST = 300


def try_step(model: Any, plan: TrainingPlan) -> None:
    """Evaluate a model on rows of zeros; its weights stay as they are.

    Raises
    ------
    OptionError
        If it, a loss or a metric does not take them.
    """
    with eager_mode():
        columns = [_zeros(feed) for feed in plan.feeds]

        def of(structure: Any) -> Any:
            return keras.tree.map_structure(lambda at: columns[at], structure)

        weight = () if plan.weight is None else (columns[plan.weight],)
        data = (of(plan.x), of(plan.y), *weight)
        try:
            model.test_step(data)
        except Exception as error:
            reason = " ".join(str(error).split())[:_LONGEST] or type(error).__name__
            fed = ", ".join(f"{feed.column} {feed.cell}" for feed in plan.feeds)
            message = f"Keras model {model.name!r} does not take these columns ({fed}): {reason}"
            raise OptionError(message) from error
        finally:
            model.reset_metrics()


def _zeros(feed: Any) -> Any:
    shape = (_ROWS, *(size or 1 for size in feed.cell.shape or ()))
    return tf.fill(shape, "") if feed.cell.dtype == "string" else tf.zeros(shape, feed.cell.dtype)
