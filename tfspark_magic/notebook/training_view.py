"""Show a training below the running cell: its curves, its progress, Cancel, and always its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from tfspark_magic.executor import training_run
from tfspark_magic.executor.training_run import number
from tfspark_magic.notebook.front_end import current
from tfspark_magic.words import count

if TYPE_CHECKING:
    from tfspark_magic.executor.jobs import Job
    from tfspark_magic.executor.training_run import TrainingRun, View
    from tfspark_magic.notebook.run_panel import RunPanel
    from tfspark_magic.notebook.training_curve import TrainingCurve
    from tfspark_magic.training.report import Report
    from tfspark_magic.training.training_state import State


def install() -> None:
    """Let `tfs.fit` show its trainings in notebooks."""
    training_run.notebook_view = _view


def _view() -> View | None:
    """Return what shows a training; None outside of a notebook."""
    return show_training if current().shows_widgets else None


def show_training(run: TrainingRun) -> Job:
    """Run a training below the running cell, and wait for its end."""
    from tfspark_magic.notebook.jupyter import hear_at_once
    from tfspark_magic.notebook.run_panel import RunPanel
    from tfspark_magic.notebook.still_curve import StillCurve
    from tfspark_magic.notebook.training_curve import TrainingCurve

    front, panel, curve = current(), RunPanel(), TrainingCurve()
    hear_at_once(panel.cancel)

    def so_far(report: Report) -> dict[str, str]:
        ran = f"{run.name}: saved while it ran, after {report.epoch:,} of {count(report.epochs, 'epoch')}"
        return StillCurve(f"<div>{escape(ran)}</div>", run.name, report.history).parts[0]

    curve.keep_in(front.cell, so_far)
    job = panel.run(run.name, run.action, run.spark, **shown(run, curve))
    assert job is not None, "a new panel runs nothing else"
    try:
        front.show(panel)
        job.wait()
    finally:
        curve.leave()
        if front.keeps_outputs:
            # A saved notebook keeps this alone.
            for part in StillCurve(panel.status.value, run.name, curve.history).parts:
                front.show(part)
    return job


def train_in(
    panel: RunPanel,
    title: str,
    train: Callable[[], Any],
    keep: Callable[[Any], Any],
    on_end: Callable[[], Any],
    curve: TrainingCurve | None = None,
) -> threading.Thread:
    """Train a model in the background, and show this in a panel.

    Parameters
    ----------
    panel
        The panel, which runs nothing else.
    title
        The name of the training, if it ends before it begins.
    train
        Calls `fit`, which returns the model also after Cancel, as of its last whole epoch.
    keep
        Is called with the model.
    on_end
        Is called at the end, however it ends.
    curve
        The curve to show it with; a new one if not given.
    """
    from tfspark_magic.notebook.training_curve import TrainingCurve

    begun = []

    def view(run: TrainingRun) -> Job:
        job = panel.run(run.name, run.action, run.spark, **shown(run, curve or TrainingCurve()))
        assert job is not None, "the form starts one training at a time"
        begun.append(job)
        job.wait()
        return job

    def work() -> None:
        try:
            with training_run.shown_by(view):
                model = train()
            keep(model)
        except Exception as error:  # noqa: BLE001  (the panel shows it)
            if not begun:
                panel.run(title, partial(_fail, error))
        finally:
            on_end()

    panel.announce(title)
    thread = threading.Thread(target=work, name="tfspark_magic training", daemon=True)
    thread.start()
    return thread


def _fail(error: Exception) -> None:
    raise error


def shown(run: TrainingRun, curve: TrainingCurve) -> dict[str, Any]:
    """Return the options of `RunPanel.run` for a training, which is shown by a curve."""

    def show(state: State) -> Any:
        curve.finish(state.history)
        return curve

    def summary(state: State) -> str:
        return ": ".join(filter(None, [end_of(state), run.repeated(state)]))

    def left() -> str:
        state = run.kept()
        curve.finish({} if state is None else state.history)
        return kept_words(run, state)

    return {
        "show": show, "summary": summary, "left": left,
        "reports": run.report, "picture": curve,
    }  # fmt: skip


def end_of(state: State) -> str:
    """Say what a training gave: `"5 epochs, loss 0.31"`."""
    values = ((name, row[-1]) for name, row in state.history.items() if row)
    last = [f"{name} {number(value)}" for name, value in values if name in ("loss", "val_loss")]
    return ", ".join([count(state.epoch, "epoch"), *last])


def kept_words(run: TrainingRun, state: State | None) -> str:
    """Say what is left of a training that was cancelled."""
    if state is None:
        return "no whole epoch is kept"
    return f"{state.epoch:,} of {count(run.training.epochs, 'epoch')} kept"
