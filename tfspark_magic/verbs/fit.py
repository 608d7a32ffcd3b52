"""`fit`: train a Keras model where the rows are."""

from __future__ import annotations

import numbers
import secrets
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfspark_magic.binding import Nulls
from tfspark_magic.binding.training import Names, TrainingPlan, bind_training
from tfspark_magic.errors import OptionError
from tfspark_magic.executor.training_run import TrainingRun, finish, view_of
from tfspark_magic.frames.frame import Frame, frame_of
from tfspark_magic.sources.filesystem import from_anywhere
from tfspark_magic.temporary import TemporaryFolder
from tfspark_magic.training.checkpoint import clear_report

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
    verbose: str | int = "auto",
) -> Any:
    """Train a Keras model on the rows of a DataFrame or of files, where the rows are.

    >>> trained = tfs.fit(model, df, features=["a", "b"], label="y", epochs=2,
    ...                   batch_size=64)                            # doctest: +SKIP
    Epoch 1/2: loss ... rows/s)
    Epoch 2/2: loss ... rows/s)
    >>> list(trained.history.history)                               # doctest: +SKIP
    ['loss']
    >>> tfs.map_rows(trained, df)                                   # doctest: +SKIP
    DataFrame[a: float, b: float, y: float, score: array<float>]

    Each of Spark's workers trains on its part of the rows. After each batch all workers take one step
    together: the step of one process whose batch holds the rows of all workers' batches. See
    `docs/training.md` for what is exact, and for when `model.fit(tfs.dataset(...))` is the better way.

    Parameters
    ----------
    model
        A compiled Keras model that knows its inputs. It does not change, except with `inplace`.
    df
        A Spark DataFrame, classic or Connect; or files, given by a path, a list of paths or
        `tfs.files(...)`, which Spark's workers read if `spark` is given. Other kinds of data train the
        model in this process: files without `spark`, a pandas frame, or any object with an Arrow
        stream.
    features
        The column of the input, or a list of columns that stand side by side in it as a vector, or a
        dict of these by the names of the inputs. An input that is not in the dict takes the column of
        its own name. The rules are those of `map_rows`.
    label
        The columns of the outputs, given like `features`. They keep their dtypes.
    weight
        The column with the weights of the rows.
    epochs
        The number of epochs.
    batch_size
        The rows in a batch of one worker; a step has `workers * batch_size` rows.
    workers
        The number of workers. If not given: as many as Spark runs at a time.
    validation
        A fraction of the rows, which are chosen by chance and held back; or another frame of the same
        kind and columns. After each epoch, all metrics are computed on these rows too, as `val_...`.
    callbacks
        Callbacks of Keras, and your own. They run with the first worker. When they stop the training or
        change the learning rate, all workers follow. Your own objects here do not change.
    shuffle
        Whether each epoch has another order of rows.
    seed
        The seed of this order and of the rows to hold back. Two runs with the same seed and rows see
        the same batches.
    checkpoint
        A folder that all nodes reach by this name; after each epoch the state is written to it. A
        worker that is killed then costs one epoch at most, and a later call can go on from there. In
        local mode there is a folder for the time of the call if none is given.
    device
        `"cpu"`: the CPU. `"gpu"`: the GPU that Spark gives to each task; an error if there is none.
        `"auto"`: this GPU if there is one, else the CPU.
    nulls
        `"error"` fails on a null in a column that is used. `"null"` leaves rows with nulls out. A value,
        or a dict of values by input, `"label"` and `"weight"`, replaces the nulls.
    spark
        For files: the session whose workers read them.
    resume
        Whether to go on from the state in `checkpoint`. If that training is complete, it is returned.
    inplace
        Whether to train `model` itself and return it.
    verbose
        `"auto"` or 1 shows losses and metrics as curves below the cell of a notebook, with a button
        Cancel, and as a line for each epoch elsewhere. 2 writes the lines everywhere, 0 nothing.

    Returns
    -------
    A new Keras model, compiled like `model`. Its `history` is a `History` of Keras: it has a value
    for each epoch, loss and metric, over the rows of all workers. Maps of the model take the columns
    of `features` if they name no others. After Cancel it is the model of the last whole epoch; with
    `checkpoint`, the same call goes on from there.

    Raises
    ------
    TfSparkError
        If the model does not fit the columns or cannot be trained so, or if a worker fails.
    """
    view = view_of(verbose)
    call = "fit(model, df, features=..., label=..., epochs=..., batch_size=...)"
    frame = frame_of(df, "fit", spark, call=call)
    held = None
    if validation is not None and not _is_number(validation):
        held = frame_of(validation, "fit", spark, call=f"{call[:-1]}, validation=0.1)")
    _check(epochs=epochs, batch_size=batch_size, workers=workers, seed=seed)
    if held is None and validation is not None and not 0 < validation < 1:
        message = f"validation is a fraction between 0 and 1, or a frame, got {validation!r}."
        raise OptionError(message, option="validation")
    from tfspark_magic.graph.tensorflow_internals import eager_mode
    from tfspark_magic.models.keras_training import (
        callbacks_of,
        check_model,
        history_of,
        signature_of,
    )
    from tfspark_magic.models.keras_trial import try_step
    from tfspark_magic.models.trained_columns import remember_columns
    from tfspark_magic.training.job import Training
    from tfspark_magic.training.model_parts import ModelParts

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
        parts = ModelParts.of(model)
        trained = parts.load()
        try_step(trained, plan)
        with _checkpoints(checkpoint, frame, is_watched=view is not None) as (folder, is_for_call):
            training = Training(
                plan=plan, model=parts, callbacks=callbacks_of(callbacks),
                epochs=epochs, batch_size=batch_size, workers=count, shuffle=shuffle,
                seed=secrets.randbits(31) if seed is None else seed, is_seeded=seed is not None,
                validation=0.0 if held is not None or validation is None else float(validation),
                checkpoint=folder, is_for_call=is_for_call, is_watched=view is not None,
                resume=resume, run=uuid.uuid4().hex, directory=str(Path.cwd()),
            )  # fmt: skip
            run = TrainingRun(training, lambda: frame.train(training, held), frame.session)
            state = finish(run, view)
        result = model if inplace else trained
        state.assign(result)
        inputs = plan.feeds[: len(signature.inputs)]
        remember_columns(result, {feed.placeholder: feed.origin for feed in inputs})
        result.history = history_of(result, state.history)
        return result


@contextmanager
def _checkpoints(given: Any, frame: Frame, *, is_watched: bool) -> Iterator[tuple[str, bool]]:
    """Give the folder of checkpoints, and whether it is removed at the end of the call.

    Without one that the user gives, there is one if all who train are on this machine.
    """
    if given is not None:
        if not str(given):
            message = (
                "checkpoint is the path of a folder, got an empty text: leave it out for none."
            )
            raise OptionError(message, option="checkpoint")
        folder = from_anywhere(str(given))
        try:
            yield folder, False
        finally:
            clear_report(folder)
        return
    spark, is_local = frame.session, is_watched
    if spark is not None:
        from tfspark_magic.executor.gpu_settings import gpus_of

        is_local = gpus_of(spark).local
    if is_local:
        with TemporaryFolder() as folder:
            try:
                yield folder, True
            finally:
                # Renamed first: a worker that Spark has not stopped yet finds no folder to write to.
                shutil.rmtree(Path(folder).rename(f"{folder}_over"), ignore_errors=True)
    else:
        yield "", False


def _check(**counts: Any) -> None:
    for name, count in counts.items():
        whole = isinstance(count, numbers.Integral) and not isinstance(count, bool)
        least = 0 if name == "seed" else 1
        if not (whole and count >= least) and not (name in ("workers", "seed") and count is None):
            message = f"{name} is a whole number, at least {least}, got {count!r}."
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
