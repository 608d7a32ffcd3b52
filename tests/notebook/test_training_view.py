"""Trainings in a notebook: curves that grow, the still picture at the end, and the words."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET

import keras
import numpy as np
import pandas as pd
import pytest
from IPython.utils.capture import capture_output

from tfspark_magic import TfSparkError, fit
from tfspark_magic.executor import training_run
from tfspark_magic.executor.jobs import Progress
from tfspark_magic.notebook.run_status import running_html, steps
from tfspark_magic.notebook.still_curve import StillCurve
from tfspark_magic.notebook.training_curve import TrainingCurve, panels
from tfspark_magic.notebook.training_view import show_training
from tfspark_magic.training.report import Report

REPORT = Report(
    epoch=1, epochs=4, step=5, steps=10, rows=1500, seconds=3.0, logs={"loss": 0.4, "mae": 0.5},
    history={"loss": [0.7], "mae": [0.6], "val_loss": [0.8], "val_mae": [0.9]},
)  # fmt: skip
OPTIONS = {"features": "x", "label": "y", "batch_size": 10, "seed": 1}
ROWS = pd.DataFrame({"x": np.arange(40, dtype=np.float32) / 40, "y": np.arange(40.0) % 3})


def model():
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.Input((1,), name="x"), keras.layers.Dense(1)], name="net")
    made.compile("sgd", "mse", metrics=["mae"])
    return made


def test_a_loss_and_its_validation_are_one_chart():
    loss, mae = panels(REPORT.history, [(1.5, REPORT.logs)])
    assert (loss.name, loss.training, loss.validation) == ("loss", (0.7,), (0.8,))
    assert loss.now == ((1.5, 0.4),)
    assert (mae.name, mae.training, mae.validation) == ("mae", (0.6,), (0.9,))
    alone = panels({"val_thing": [1.0], "loss": [500.0, 2.0]})
    assert [(panel.name, panel.log) for panel in alone] == [("loss", True), ("val_thing", False)]
    assert len(panels({f"m{n}": [1.0] for n in range(20)})) == 6


def test_the_current_epoch_is_a_trail_that_ends_with_it():
    curve = TrainingCurve()
    for step in (1, 5, 5):
        curve.show(Report(epoch=0, epochs=4, step=step, steps=10, logs={"loss": 1 / step}))
    assert curve.panels[0]["now"] == [[0.1, 1.0], [0.5, 0.2]]
    curve.show(REPORT)
    assert curve.panels[0]["now"] == [[1.5, 0.4]]
    assert (curve.panels[0]["training"], curve.epochs) == ([0.7], 4)
    curve.finish({"loss": [0.7, float("nan")]})
    assert (curve.panels[0]["training"], curve.epochs) == ([0.7, None], 2)
    json.dumps(curve.panels, allow_nan=False)


def test_charts_have_no_room_for_epochs_that_are_far_away():
    curve = TrainingCurve()
    for epoch, room in ((0, 10), (10, 20), (99, 160), (100_000, 100_000)):
        curve.show(Report(epoch=epoch, epochs=100_000, step=0, steps=10))
        assert curve.epochs == room


def test_a_long_epoch_has_few_points():
    curve = TrainingCurve()
    for step in range(1, 5000):
        curve.show(Report(epoch=0, epochs=1, step=step, steps=5000, logs={"loss": 1.0}))
    now = curve.panels[0]["now"]
    assert 100 <= len(now) <= 200
    assert now[-1][0] > 0.95


def test_the_words_of_a_training():
    progress = Progress(2, 1, 8, 8, seconds=9.5, report=REPORT)
    assert steps(progress) == [
        "epoch 2 of 4", "step 5 of 10", "500 rows/s", "9.5 s", "about 5.0 s left"
    ]  # fmt: skip
    assert 'aria-valuenow="38"' in running_html("net", progress)
    validating = Report(epoch=3, epochs=4, step=10, steps=10, is_validating=True)
    assert steps(Progress(report=validating))[:2] == ["epoch 4 of 4", "validating"]
    many = Report(epoch=2_999, epochs=100_000, step=0, steps=4_000)
    assert steps(Progress(report=many))[:2] == ["epoch 3,000 of 100,000", "step 0 of 4,000"]
    assert Report.from_bytes(REPORT.to_bytes()) == REPORT


@pytest.mark.parametrize(
    "history",
    [
        {"loss": [0.5]},
        {"loss": [0.0, 0.0], "val_loss": [0.0, 0.0]},
        {"loss": [1000.0, 3.0, 1e-5], "a<b": [-1.0, float("nan"), 2.0]},
        {"loss": [float("nan")]},
        {"loss": [5.0 - n / 50 for n in range(200)], "val_loss": [5.0] * 200},
    ],
    ids=["one epoch", "zeros", "log and NaN", "NaN alone", "many"],
)
def test_the_still_picture_is_well_formed_and_inside_its_frame(history):
    _, picture = StillCurve("<b>end</b>", "<net>", history).parts
    svg = picture["image/svg+xml"]
    root = ET.fromstring(svg)
    assert "nan" not in re.sub(r"<title>.*?</title>|<text[^>]*>[^<]*</text>", "", svg).casefold()
    width, height = float(root.get("width")), float(root.get("height"))
    for x, y in re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", svg):
        assert 0 <= float(x) <= width
        assert 0 <= float(y) <= height
    assert "\n" not in svg


def test_a_notebook_that_is_saved_meanwhile_keeps_whole_epochs():
    curve = TrainingCurve()
    told = []
    curve.observe(lambda change: told.append(change["new"]), "still")
    curve.keep_in("one", lambda report: {"text/html": f"{report.epoch} {report.history['loss']}"})
    for losses in ([], [], [0.7], [0.7, 0.5]):
        history = {"loss": losses}
        curve.show(Report(epoch=len(losses), epochs=4, step=5, steps=10, history=history))
    curve.finish({"loss": [0.7, 0.5]})
    assert [one["data"].get("text/html") for one in told] == [
        "0 []",
        "1 [0.7]",
        "2 [0.7, 0.5]",
        None,
    ]
    assert {one["cell"] for one in told} == {"one"}


@pytest.mark.usefixtures("notebook")
def test_a_run_ends_with_a_picture_and_its_text(monkeypatch):
    monkeypatch.setattr(training_run, "notebook_view", lambda: show_training)
    with capture_output() as captured:
        trained = fit(model(), ROWS, epochs=3, validation=0.25, **OPTIONS)
    live, still, picture = (output.data for output in captured.outputs)
    assert captured.stdout == ""
    assert live["text/plain"] == picture["text/plain"] == ""
    loss = trained.history.history["loss"]
    said = f"Curves of the training of net over 3 epochs: loss {loss[0]:.4g} to {loss[-1]:.4g}"
    assert still["text/plain"].startswith(said)
    html = still["text/html"]
    assert re.search(rf"net: 3 epochs, loss {loss[-1]:.4g}, val_loss .* in \d", html)
    assert 'alt="Curves of the training of net over 3 epochs: loss' in html
    assert base64.b64encode(picture["image/svg+xml"].encode()).decode() in html


@pytest.mark.usefixtures("notebook")
def test_a_failure_ends_with_its_sentence(monkeypatch):
    monkeypatch.setattr(training_run, "notebook_view", lambda: show_training)
    with capture_output() as captured, pytest.raises(TfSparkError, match="The loss became"):
        fit(model(), ROWS.assign(y=np.inf), epochs=3, **OPTIONS)
    still = captured.outputs[-1].data
    assert "failed after" in still["text/html"]
    assert "The loss became" in still["text/html"]
    assert still["text/plain"] == "The training of net: no epoch"
