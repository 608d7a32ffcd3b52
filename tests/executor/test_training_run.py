"""Trainings that someone watches: lines, what they write, and what is left of one that is cancelled."""

from __future__ import annotations

import io
import tempfile
import threading
import time

import keras
import numpy as np
import pandas as pd
import pytest

from tfspark_magic import fit
from tfspark_magic.errors import OptionError, WorkerFailedError
from tfspark_magic.executor import jobs, training_run

ROWS = pd.DataFrame({"x": np.arange(40, dtype=np.float32) / 40, "y": np.arange(40.0) % 3})
OPTIONS = {"features": "x", "label": "y", "batch_size": 10, "seed": 1}
LONG = 10_000


class Slow(keras.callbacks.Callback):
    """Epochs of a tenth of a second."""

    def on_epoch_begin(self, epoch, logs=None):
        time.sleep(0.1)


def model():
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)], name="net")
    made.compile("sgd", "mse", metrics=["mae"])
    return made


def watched(monkeypatch, then=lambda job, report: None):
    """Show trainings as a notebook would; return the reports, of which each is passed on."""
    seen = []

    def view(run):
        started = threading.Event()

        def tell(progress):
            started.wait()
            if progress.report is not None:
                seen.append(progress.report)
                then(job, progress.report)

        job = jobs.start(run.action, spark=run.spark, on_progress=tell, reports=run.report)
        started.set()
        job.wait()
        return job

    monkeypatch.setattr(training_run, "notebook_view", lambda: view)
    return seen


@pytest.fixture
def temporary(monkeypatch, tmp_path_factory):
    """A folder for temporary files of this test alone."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def is_removed(folder):
    """Wait until a training has left nothing."""
    deadline = time.monotonic() + 60
    while _rows_and_states(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not _rows_and_states(folder)


def _rows_and_states(folder):
    return [path for path in folder.rglob("*") if path.suffix in (".arrow", ".npz", ".json")]


def test_an_epoch_is_a_line(capsys):
    history = fit(model(), ROWS, epochs=2, validation=0.25, **OPTIONS).history.history
    lines = capsys.readouterr().out.splitlines()
    for number, line in enumerate(lines):
        values = ", ".join(f"{name} {row[number]:.4g}" for name, row in history.items())
        assert line.startswith(f"Epoch {number + 1}/2: {values}")
    assert list(history) == ["loss", "mae", "val_loss", "val_mae"]
    assert len(lines) == 2
    fit(model(), ROWS, epochs=2, verbose=0, **OPTIONS)
    assert capsys.readouterr().out == ""


def test_lines_go_on_where_a_training_does(capsys, tmp_path):
    for epochs in (1, 3):
        fit(model(), ROWS, epochs=epochs, checkpoint=tmp_path, verbose=2, **OPTIONS)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["Epoch 1/1", "Epoch 2/3", "Epoch 3/3"]
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]
    # What an earlier call has trained may be of other rows, so it is said.
    again = fit(model(), ROWS.head(4), epochs=2, checkpoint=tmp_path, verbose=2, **OPTIONS)
    assert len(again.history.history["loss"]) == 3
    assert capsys.readouterr().out == (
        f"The model of epoch 3: an earlier call left it in {str(tmp_path)!r}, and nothing was trained.\n"
    )


@pytest.mark.parametrize("verbose", [3, "all", True])
def test_which_verbose_there_is(verbose):
    with pytest.raises(OptionError, match="verbose is 'auto', 0, 1 or 2, got"):
        fit(model(), ROWS, epochs=1, verbose=verbose, **OPTIONS)


def test_a_cancelled_training_keeps_its_whole_epochs(monkeypatch, tmp_path, temporary):
    seen = watched(monkeypatch, lambda job, report: job.cancel() if report.epoch >= 2 else None)
    options = {"callbacks": [Slow()], "checkpoint": tmp_path, **OPTIONS}
    trained = fit(model(), ROWS, epochs=LONG, **options)
    done = len(trained.history.history["loss"])
    assert 2 <= done < LONG
    report = seen[-1]
    assert (report.epochs, report.steps, report.first) == (LONG, 4, 0)
    assert report.rows >= 80
    assert report.seconds_left > 0
    assert report.history["loss"] == trained.history.history["loss"][: report.epoch]
    # The same call goes on; two more epochs are those of a training that was not cancelled.
    monkeypatch.setattr(training_run, "notebook_view", None)
    options = {"checkpoint": tmp_path, "verbose": 0, **OPTIONS}
    further = fit(model(), ROWS, epochs=done + 2, **options).history.history
    whole = fit(model(), ROWS, epochs=done + 2, verbose=0, **OPTIONS).history.history
    np.testing.assert_allclose(further["loss"], whole["loss"], 1e-6)
    assert is_removed(temporary)


def test_cancelled_before_an_epoch_is_whole(monkeypatch):
    class Slower(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            time.sleep(0.1)

    watched(monkeypatch, lambda job, _: job.cancel())
    options = OPTIONS | {"batch_size": 1}
    with pytest.raises(
        WorkerFailedError,
        match="^The training of 'net' was cancelled, and no epoch was whole: call it again.$",
    ):
        fit(model(), ROWS, epochs=1, callbacks=[Slower()], **options)


def test_a_failure_is_the_error_of_fit(capsys):
    rows = ROWS.assign(y=np.inf)
    with pytest.raises(WorkerFailedError, match="The loss became (nan|inf) "):
        fit(model(), rows, epochs=1, **OPTIONS)
    assert capsys.readouterr().out == ""


def test_workers_of_spark_report_and_can_be_cancelled(spark, monkeypatch, temporary):
    seen = watched(monkeypatch, lambda job, report: job.cancel() if report.epoch >= 1 else None)
    df = spark.createDataFrame(ROWS, "x float, y float")
    trained = fit(model(), df, epochs=LONG, workers=2, callbacks=[Slow()], **OPTIONS)
    assert 1 <= len(trained.history.history["loss"]) < LONG
    assert seen[-1].steps == 2
    assert seen[-1].rows >= 40
    assert is_removed(temporary)


def test_lines_say_that_it_was_cancelled():
    class Cancelled:
        training = type("Training", (), {"epochs": 3})
        spark = None

        @staticmethod
        def action():
            jobs.running()[0].cancel()
            time.sleep(5)

        @staticmethod
        def report():
            return None

        kept = report

    out = io.StringIO()
    assert training_run.write_lines(Cancelled, out).state == "cancelled"
    assert out.getvalue() == "Cancelled after 0 of 3 epochs.\n"
