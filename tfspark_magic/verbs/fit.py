"""`fit`: a Keras model trained where the rows are, by several workers as if by one."""

from __future__ import annotations

import numbers
import secrets
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding import Nulls
from tfspark_magic.binding.training import Names, TrainingPlan, bind_training
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import Frame, frame_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def fit(
    model: Any,
    df: Any,
    *,
    features: Names | Mapping[str, Names],
    label: Names | Mapping[str, Names],
    weight: str | None = None,
    epochs: int,
    batch_size: int,
    workers: int | None = None,
    validation: Any = None,
    callbacks: Sequence[Any] | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    checkpoint: Any = None,
    device: str = "auto",
    nulls: Nulls = "error",
    spark: SparkSession | None = None,
    resume: bool = True,
    inplace: bool = False,
) -> Any:
    """Train a Keras model on the rows of a DataFrame or of files, where these are.

    >>> trained = tfs.fit(model, df, features=["a", "b"], label="y", epochs=2,
    ...                   batch_size=64)                            # doctest: +SKIP
    >>> list(trained.history.history)                               # doctest: +SKIP
    ['loss']
    >>> tfs.map_blocks(trained, df, {"x": ["a", "b"]})              # doctest: +SKIP
    DataFrame[a: float, b: float, y: float, score: array<float>]

    Each of Spark's workers trains on its part of the rows, and after each batch all take one step
    together: that of one process whose batches hold the rows of all workers' batches. See
    `docs/training.md` for what is exact, and for when `model.fit(tfs.dataset(...))` is the better way.

    Parameters
    ----------
    model
        A compiled Keras model that knows its inputs; it stays as it is, but see `inplace`.
    df
        A Spark DataFrame, classic or Connect. Or files, by a path, a list of paths or
        `tfs.files(...)`, which Spark's workers read with `spark=`. These, a pandas frame, or what
        gives a stream of Arrow's, are trained on in this process otherwise.
    features
        The column of the input; or a list of columns that stand side by side in it as a vector; or a
        dict of these by the names of inputs, of which those that it leaves out are fed by the
        columns of their own names. The rules are those of `map_rows`.
    label
        Likewise for the outputs, in the dtypes that the columns have.
    weight
        A column of numbers: how much each row counts.
    epochs
        How many in all.
    batch_size
        Rows of a batch of one worker. A step is one of `workers * batch_size` rows.
    workers
        How many train; as many as Spark runs at a time if not given.
    validation
        The fraction of the rows that is held back by chance, or another frame of the same kind and
        columns. All metrics are also computed of these, as `val_...`, after each epoch.
    callbacks
        Of Keras, and your own. They run with the first worker; when they stop the training or change
        the learning rate, all workers follow. What they learn stays there.
    shuffle
        Whether each epoch has an order of its own.
    seed
        Of this order and of what is held back: two runs of one seed see the same rows together.
    checkpoint
        A folder that all nodes, and for `resume` a later call, reach by this name: after each epoch
        everything is kept there. Without, in local mode one for this call alone, so that a worker
        that is killed costs an epoch at most.
    device
        `"cpu"`; `"gpu"` for the one that Spark gives each task, or an error; `"auto"` for that one,
        or the CPU.
    nulls
        `"error"` fails on a null in a column that is used; `"null"` leaves such rows out; a value, or
        a dict of values by input, `"label"` and `"weight"`, takes their place.
    spark
        With files: the session whose workers read them.
    resume
        Whether to go on from what is in `checkpoint`. A training that is complete there is returned.
    inplace
        Whether `model` itself is trained, and returned.

    Returns
    -------
    A new Keras model, compiled like `model`. Its `history` is that of Keras: one value an epoch for
    each loss and metric, over the rows of all workers.

    Raises
    ------
    TfSparkError
        If the model does not fit the columns or cannot be trained so, or if a worker fails.
    """
    call = "fit(model, df, features=..., label=..., epochs=..., batch_size=...)"
    frame = frame_of(df, "fit", spark, call=call)
    held = None
    if validation is not None and not _is_number(validation):
        held = frame_of(validation, "fit", spark, call=f"{call[:-1]}, validation=0.1)")
    _check(epochs=epochs, batch_size=batch_size, workers=workers)
    if held is None and validation is not None and not 0 < validation < 1:
        message = f"validation is a fraction between 0 and 1, or a frame, got {validation!r}."
        raise OptionError(message, option="validation")
    from tfspark_magic.graph.tensorflow_internals import eager_mode
    from tfspark_magic.models.keras_training import (
        archive_of,
        callbacks_of,
        check_model,
        history_of,
        own_objects,
        signature_of,
    )
    from tfspark_magic.models.keras_trial import try_step
    from tfspark_magic.training.job import Training
    from tfspark_magic.training.model_parts import ModelParts, seeds_of

    # The caller may have a graph open.
    with eager_mode():
        count = frame.workers(workers)
        check_model(model, count)
        columns: dict[str, Any] = {"features": features, "label": label, "weight": weight}
        signature = signature_of(model)
        plan = bind_training(signature, frame.columns, **columns, nulls=nulls, device=device)
        if held is not None:
            other = bind_training(signature, held.columns, **columns, nulls=nulls, device=device)
            _check_alike(frame, plan, held, other)
        parts = ModelParts(archive_of(model), own_objects(model), seeds_of(model))
        trained = parts.load()
        try_step(trained, plan)
        training = Training(
            plan=plan, model=parts, callbacks=callbacks_of(callbacks),
            epochs=epochs, batch_size=batch_size, workers=count, shuffle=shuffle,
            seed=secrets.randbits(31) if seed is None else seed, is_seeded=seed is not None,
            validation=0.0 if held is not None or validation is None else float(validation),
            checkpoint="" if checkpoint is None else str(checkpoint), resume=resume,
            run=uuid.uuid4().hex,
        )  # fmt: skip
        state = frame.train(training, held)
        result = model if inplace else trained
        state.assign(result)
        result.history = history_of(result, state.history)
        return result


def _check(**counts: Any) -> None:
    for name, count in counts.items():
        whole = isinstance(count, numbers.Integral) and not isinstance(count, bool)
        if not (whole and count >= 1) and not (name == "workers" and count is None):
            message = f"{name} is a whole number, at least 1, got {count!r}."
            raise OptionError(message, option=name)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _check_alike(frame: Frame, plan: TrainingPlan, held: Frame, other: TrainingPlan) -> None:
    if type(held) is not type(frame):
        message = (
            f"validation= is a frame of another kind ({held.kind}) than the rows to train on "
            f"({frame.kind}): give both in one kind, or a fraction."
        )
        raise OptionError(message, option="validation")
    for mine, its in zip(plan.feeds, other.feeds, strict=True):
        if (mine.source, mine.cell) != (its.source, its.cell):
            message = (
                f"Column {its.column!r} of validation= is {its.source}, and that to train on is "
                f"{mine.source}: cast it to that."
            )
            raise OptionError(message, option="validation")
