"""Change a Keras model so that its steps are steps of all workers; `fit` itself stays Keras's own.

Before an optimizer applies gradients, they are averaged over the workers; the weight of a worker is
its share of the batch's rows. Metrics are computed from the sums of all workers' states.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from tfspark_magic.graph.runtime import tf
from tfspark_magic.training.collectives import Collectives

Step = Callable[[Any], Any]


class Together:
    """Joins a model to the other workers.

    >>> Together(model, others, fills=False, every_batch=False)     # doctest: +SKIP
    >>> model.fit(rows.shared(counts, rank))                        # doctest: +SKIP

    Its batches must be pairs: a batch as Keras takes it, and the factor of its gradient; see
    `factors`.

    Parameters
    ----------
    model
        A compiled model. Its steps and its optimizers are changed.
    others
        The connection to the other workers.
    fills
        Whether some batches have no rows of this worker, only one row with weight zero.
    every_batch
        Whether the logs of each batch are computed over all workers; else only those of each epoch.
    """

    def __init__(self, model: Any, others: Collectives, *, fills: bool, every_batch: bool) -> None:
        self._model, self._others = model, others
        self._fills, self._every_batch = fills, every_batch
        self._factor: Any = None
        self._in_step = False
        self._own_result: Callable[[], Any] = model.get_metrics_result
        # XLA compiles no collectives of several processes.
        model.jit_compile = False
        # Nor do they run in the loop of several steps, which gives the same.
        model.steps_per_execution = 1
        model.train_step = self._step(model.train_step, trains=True)
        model.test_step = self._step(model.test_step, trains=False)
        model.get_metrics_result = self._metrics_result
        for value in list(vars(model).values()):
            if isinstance(value, keras.optimizers.Optimizer):
                value.apply = self._averaged(value.apply)

    def _step(self, step: Step, *, trains: bool) -> Step:
        def shared_step(element: Any) -> Any:
            data, self._factor = element
            with self._inside(), self._kept_of_fillers():
                logs = step(data)
            if trains and self._every_batch:
                agreed = self._metrics_result()
                logs = agreed if set(agreed) == set(logs) else logs
            return logs

        return shared_step

    def _averaged(self, apply: Callable[..., Any]) -> Callable[..., Any]:
        def apply_average(gradients: Any, trainable_variables: Any = None) -> Any:
            gradients = list(gradients)
            there = [at for at, one in enumerate(gradients) if one is not None]
            mine = [self._weighted(gradients[at]) for at in there]
            for at, mean in zip(there, self._others.mean(mine), strict=True):
                gradients[at] = mean
            return apply(gradients, trainable_variables)

        return apply_average

    def _weighted(self, gradient: Any) -> Any:
        dense = tf.convert_to_tensor(gradient)
        # A factor of 0 gives 0, even if the row with weight zero gives infinity.
        return tf.math.multiply_no_nan(dense, tf.cast(self._factor, dense.dtype))

    def _metrics_result(self) -> Any:
        if self._in_step:
            return self._own_result()
        variables = [v for v in self._model.metrics_variables if v.aggregation == "sum"]
        own = [tf.identity(variable.value) for variable in variables]
        for variable, total in zip(variables, self._others.sum(own), strict=True):
            variable.assign(total)
        result = self._own_result()
        for variable, value in zip(variables, own, strict=True):
            variable.assign(value)
        return result

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._in_step = True
        try:
            yield
        finally:
            self._in_step = False

    @contextmanager
    def _kept_of_fillers(self) -> Iterator[None]:
        """Keep metrics and statistics unchanged in a step without rows of this worker."""
        if not self._fills:
            yield
            return
        before = [(variable, tf.identity(variable.value)) for variable in self._counting()]
        yield
        counts = self._factor > 0
        known = {id(variable): value for variable, value in before}
        for variable in self._counting():
            # A metric that was made in this step had counted nothing before.
            value = known.get(id(variable), tf.zeros_like(variable.value))
            variable.assign(tf.where(counts, variable.value, value))

    def _counting(self) -> list[Any]:
        return [*self._model.metrics_variables, *self._model.non_trainable_weights]


def agree_on_statistics(model: Any, others: Collectives) -> None:
    """Average untrainable weights, such as the moving means of normalization, over all workers."""
    floating = [v for v in model.non_trainable_weights if v.dtype.startswith(("float", "bfloat"))]
    _assign(floating, others.mean([variable.value for variable in floating]))


def follow_first(model: Any, others: Collectives) -> None:
    """Give the model the weights and learning rate of the first worker, which callbacks may change."""
    variables = [v for v in model.variables if v.dtype.startswith(("float", "bfloat"))]
    variables += _learning_rates(model)
    _assign(variables, others.of_first([variable.value for variable in variables]))


def follow_rate(model: Any, others: Collectives) -> None:
    """Give the model the learning rate of the first worker."""
    rates = _learning_rates(model)
    _assign(rates, others.of_first([rate.value for rate in rates]))


def any_stops(model: Any, others: Collectives) -> bool:
    """Whether the training of a worker was stopped."""
    mine = tf.constant(1.0 if model.stop_training else 0.0)
    return bool(others.sum([mine])[0] > 0)


def _learning_rates(model: Any) -> list[Any]:
    # A schedule is no variable, and is the same for all workers.
    rate = getattr(model.optimizer, "_learning_rate", None)
    inner = getattr(model.optimizer, "inner_optimizer", None)
    rate = getattr(inner, "_learning_rate", rate)
    return [rate] if isinstance(rate, keras.Variable) else []


def _assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
