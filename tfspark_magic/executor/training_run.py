"""Run a training as a job that someone watches, and keep what is left of one that was cancelled."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from tfspark_magic.errors import OptionError, TfSparkError, WorkerFailedError
from tfspark_magic.executor import jobs
from tfspark_magic.executor.jobs import Job, Progress
from tfspark_magic.sources.filesystem import shown
from tfspark_magic.training import checkpoint
from tfspark_magic.training.job import Training
from tfspark_magic.training.report import Report
from tfspark_magic.training.start import starting
from tfspark_magic.training.training_state import State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

VERBOSE = ("auto", 0, 1, 2)


@dataclass(frozen=True)
class TrainingRun:
    """A training that is about to run.

    Parameters
    ----------
    training
        What to do; its folder of checkpoints is where it reports.
    action
        Trains, and returns the state at the end.
    spark
        The session whose tasks train; None if this process does.
    """

    training: Training
    action: Callable[[], State]
    spark: SparkSession | None

    @property
    def name(self) -> str:
        """The name of the model."""
        return self.training.plan.name

    def report(self) -> Report | None:
        """Return how far it is; None before its first step, and where no folder is shared."""
        folder = self.training.checkpoint
        report = checkpoint.read_report(folder) if folder else None
        return report if report is not None and report.run == self.training.run else None

    def kept(self) -> State | None:
        """Return the state after the last whole epoch; None if there is none."""
        try:
            _, content = starting(self.training)
        except TfSparkError:
            return None
        return None if content is None else State.from_bytes(content)

    def complete(self) -> State | None:
        """Return the state of an earlier call if nothing is left to do; else None."""
        state = self.kept()
        return state if state is not None and state.is_complete(self.training.epochs) else None

    def repeated(self, state: State) -> str:
        """Say that an earlier call gave a state, and this one did nothing; empty if it trained.

        The call may have been another one, or of other rows, which the checkpoint does not tell.
        """
        if state.run == self.training.run:
            return ""
        return f"an earlier call left it in {shown(self.training.checkpoint)!r}, and nothing was trained"


View = Callable[[TrainingRun], Job]
"""Runs a training as a job, shows it, and returns the job when it has ended."""

notebook_view: Callable[[], View | None] | None = None
"""Returns what shows trainings below the running cell; None outside of a notebook.

The layer of notebooks sets it, which is above this one."""


_given: ContextVar[View | None] = ContextVar("view", default=None)


@contextmanager
def shown_by(view: View) -> Iterator[None]:
    """Let a view show the trainings that begin inside of this block, in this thread.

    >>> with shown_by(write_lines):                                 # doctest: +SKIP
    ...     tfs.fit(model, df, features="x", label="y", epochs=1, batch_size=32)
    """
    token = _given.set(view)
    try:
        yield
    finally:
        _given.reset(token)


def view_of(verbose: Any) -> View | None:
    """Return what shows a training; None to show nothing.

    Raises
    ------
    OptionError
        If `verbose` is none of `VERBOSE`.
    """
    if isinstance(verbose, bool) or verbose not in VERBOSE:
        message = f"verbose is 'auto', 0, 1 or 2, got {verbose!r}."
        raise OptionError(message, option="verbose")
    if verbose == 0:
        return None
    given = _given.get()
    if given is not None:
        return given
    shown = notebook_view() if notebook_view is not None and verbose != VERBOSE[-1] else None
    return shown or write_lines


def finish(run: TrainingRun, view: View | None) -> State:
    """Train, and return the state at the end, or after the last whole epoch if it was cancelled.

    Raises
    ------
    WorkerFailedError
        If it was cancelled before its first epoch was whole.
    TfSparkError
        If it fails.
    """
    done = run.complete()
    if done is not None:
        # No worker has to start for it.
        run = replace(run, action=lambda: done)
    if view is None:
        return run.action()
    job = view(run)
    if job.error is not None:
        raise job.error
    if job.state != "cancelled":
        state: State = job.result
        return state
    kept = run.kept()
    if kept is None:
        advice = "call it again." if run.training.checkpoint else (
            "pass checkpoint=, a folder that all nodes and this process reach, to keep them."
        )  # fmt: skip
        which = "no epoch was whole" if run.training.checkpoint else "no epochs were kept"
        message = f"The training of {run.name!r} was cancelled, and {which}: {advice}"
        raise WorkerFailedError(message)
    return kept


def write_lines(run: TrainingRun, out: TextIO | None = None) -> Job:
    """Train, and write a line for each epoch; an interrupt cancels it.

    >>> write_lines(run)                                            # doctest: +SKIP
    Epoch 1/2: loss 0.7112, val_loss 0.6834 (31,250 rows/s)
    """
    start = run.kept()
    said = 0 if start is None else start.epoch
    out = out or sys.stdout

    def write(history: Mapping[str, list[float]], pace: str = "") -> None:
        nonlocal said
        for epoch in range(said, max(map(len, history.values()), default=0)):
            known = {name: row[epoch] for name, row in history.items() if epoch < len(row)}
            values = (f"{name} {number(value)}" for name, value in known.items())
            print(f"Epoch {epoch + 1}/{run.training.epochs}: {', '.join(values)}{pace}", file=out)
            said = epoch + 1

    def tell(progress: Progress) -> None:
        report = progress.report
        if report is not None:
            rate = report.rows_per_second
            write(report.history, f" ({rate:,.0f} rows/s)" if rate else "")

    job = jobs.start(run.action, spark=run.spark, on_progress=tell, reports=run.report)
    job.wait()
    state = job.result if job.state == "done" else run.kept()
    if state is not None:
        write(state.history)
    if job.state == "done" and run.repeated(job.result):
        print(f"The model of epoch {job.result.epoch}: {run.repeated(job.result)}.", file=out)
    if job.state == "cancelled":
        print(f"Cancelled after {said} of {run.training.epochs} epochs.", file=out)
    return job


def number(value: float) -> str:
    """Write a loss or a metric.

    >>> number(0.123456), number(1234.5678), number(0.0000123)
    ('0.1235', '1235', '1.23e-05')
    """
    return f"{value:.4g}"
