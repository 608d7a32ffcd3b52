"""The training of one process: Keras's `fit` on its rows, together with the other processes."""

from __future__ import annotations

import importlib.util
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import keras

from tfspark_magic.errors import MissingDependencyError
from tfspark_magic.graph.runtime import readable_errors, tf
from tfspark_magic.training import checkpoint
from tfspark_magic.training.callbacks import (
    Agreement,
    Decisions,
    Keeping,
    LossWatch,
    Reporting,
    decides_by_batch,
)
from tfspark_magic.training.collectives import Collectives, WorkerLostError
from tfspark_magic.training.job import Job, Training
from tfspark_magic.training.model_parts import loaded, part_seeds
from tfspark_magic.training.report import Report
from tfspark_magic.training.shares import shares
from tfspark_magic.training.spilled_batches import Rows, shapes_of
from tfspark_magic.training.start import columns_of
from tfspark_magic.training.together import Together
from tfspark_magic.training.training_state import State


def fit(job: Job, others: Collectives | None = None) -> State:
    """Train a model, and return its last state, which is the same for all workers.

    >>> fit(job).history["loss"]                                    # doctest: +SKIP
    [0.71, 0.52]

    Parameters
    ----------
    job
        The work of this process.
    others
        The connection to the other workers; None if this is the only one.
    """
    training = job.training
    model = loaded(training.model, "model").load()
    before = None if job.start is None else State.from_bytes(job.start)
    if before is not None:
        before.assign(model)
        if before.is_complete(training.epochs):
            return before
    part_seeds(model, job.rank)
    given = loaded(training.callbacks, "callbacks")
    every_batch = any(decides_by_batch(one) for one in given)
    callbacks = given if job.rank == 0 else []
    _check_installed(callbacks)
    for callback in callbacks if before is not None else ():
        if isinstance(callback, keras.callbacks.CSVLogger):
            callback.append = True
    write = None
    if training.checkpoint and job.rank == 0:
        write = partial(_write, training)
    keeping = Keeping(before, callbacks, training.seed, training.run, columns_of(training), write)
    data, held = _data(job, keeping.epoch, alone=others is None)
    watch = [] if _allows_nan(given) else [LossWatch()]
    all_callbacks: list[Any] = [*callbacks, *watch, keeping]
    if others is not None:
        counts = shares(job.all_rows, training.batch_size)
        fills = bool((counts[job.rank] == 0).any()) or (job.validates and not job.held.total)
        Together(model, others, fills=fills, every_batch=every_batch)
        last = Decisions(others, every_batch=every_batch)
        all_callbacks = [Agreement(others), *callbacks, *watch, last, keeping]
    if write is not None and training.is_watched:
        tell = partial(_tell, training)
        all_callbacks.append(Reporting(keeping, training, sum(job.all_rows), tell))
    on_device = tf.device("/CPU:0") if training.plan.device == "cpu" else nullcontext()
    with on_device, readable_errors():
        model.fit(
            data, epochs=training.epochs, initial_epoch=keeping.epoch, validation_data=held,
            verbose=0, callbacks=all_callbacks, shuffle=False,
        )  # fmt: skip
    done = keeping.state(is_stopped=keeping.epoch < training.epochs)
    if write is not None:
        write(done)
    return done


def _check_installed(callbacks: list[Any]) -> None:
    wants = any(isinstance(one, keras.callbacks.TensorBoard) for one in callbacks)
    if wants and importlib.util.find_spec("tensorboard") is None:
        advice = "pip install tensorboard where the first worker runs, which may be any node"
        raise MissingDependencyError("tensorboard", "by the callback TensorBoard", advice)


def _write(training: Training, state: State) -> None:
    _check_wanted(training)
    checkpoint.write(training.checkpoint, state, creates_folder=not training.is_for_call)


def _tell(training: Training, report: Report) -> None:
    _check_wanted(training)
    checkpoint.write_report(training.checkpoint, report, creates_folder=not training.is_for_call)


def _check_wanted(training: Training) -> None:
    """Raise WorkerLostError if the call of `fit` has ended, and has removed its folder."""
    if training.is_for_call and not Path(training.checkpoint).is_dir():
        raise WorkerLostError("The call of fit has ended")


def _data(job: Job, epoch: int, *, alone: bool) -> tuple[Any, Any]:
    """Return the batches to train on, and those to validate with."""
    training = job.training
    seed = training.seed if training.shuffle else None
    shapes = shapes_of(training.plan.feeds, job.rows if job.rows.paths else job.held)
    rows = Rows(training.plan, job.rows, shapes)
    held = Rows(training.plan, job.held, shapes)
    if alone:
        data = rows.batches(training.batch_size, seed=seed, epoch=epoch)
        return data, held.batches(training.batch_size) if job.validates else None
    counts = shares(job.all_rows, training.batch_size)
    # Rows of the workers lie in orders of their own.
    seed = None if seed is None else seed + job.rank
    data = rows.shared(counts, job.rank, seed=seed, epoch=epoch)
    # No step of a validation waits for the others: each goes through its own rows.
    return data, held.own(training.batch_size) if job.validates else None


def _allows_nan(callbacks: list[Any]) -> bool:
    return any(isinstance(one, keras.callbacks.TerminateOnNaN) for one in callbacks)
