"""Several workers train as one process does whose batches are all of theirs."""

from __future__ import annotations

from itertools import cycle

import keras
import numpy as np
import pyarrow as pa
import pytest

from tests.training.several import run
from tfspark_magic.binding.columns import FrameColumns
from tfspark_magic.binding.training import bind_training
from tfspark_magic.models.keras_training import signature_of
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.training.fitting import fit
from tfspark_magic.training.job import Job, Training
from tfspark_magic.training.model_parts import ModelParts
from tfspark_magic.training.row_spill import RowSpill
from tfspark_magic.training.shares import shares

OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "momentum": lambda: keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "adam": lambda: keras.optimizers.Adam(0.05, clipnorm=0.5),
}
# Of each worker; a batch has 4: a last step of which some have no row, uneven, and none.
ROWS = {
    1: [[13], [3]],
    2: [[13, 12], [17, 4], [14, 0]],
    3: [[8, 8, 8], [9, 9, 8], [3, 20, 7]],
}
BATCH = 4
EPOCHS = 2


def model_with(optimizer, *more):
    keras.utils.set_random_seed(5)
    layers = [keras.layers.Dense(4, "tanh", kernel_regularizer=keras.regularizers.L2(0.01)), *more]
    layers.append(keras.layers.Dense(1, dtype="float64"))
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile(
        optimizer, "mse", metrics=["mae"], weighted_metrics=["mse"], steps_per_execution=2
    )
    return model


def table(count, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=(count, 3)).astype(np.float32)
    return x, x @ [1.0, -2.0, 0.5] + 0.1 * random.normal(size=count), random.random(count) + 0.5


def jobs_of(model, rows, folder, *, weighted, held=0, **options):
    """Return a job for each worker; they have consecutive rows."""
    columns = FrameColumns(
        [("x", CellSpec("float32", (3,))), ("y", CellSpec("float64")), ("w", CellSpec("float64"))]
    )
    plan = bind_training(
        signature_of(model), columns, features="x", label="y", weight="w" if weighted else None
    )
    options = {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False, "seed": 1, **options}
    training = Training(
        plan=plan, model=ModelParts.of(model),
        callbacks=options.pop("callbacks", []), workers=len(rows), **options,
    )  # fmt: skip
    x, y, w = table(sum(rows))
    jobs, first = [], 0
    for rank, count in enumerate(rows):
        here = folder / str(rank)
        here.mkdir(parents=True)
        spill = RowSpill(plan.feeds, here)
        mine = slice(first, first + count)
        held_here = held if rank == 0 else 0
        with spill.writing():
            for part, is_held in ((mine, False), (slice(0, held_here), True)):
                features = pa.FixedSizeListArray.from_arrays(pa.array(x[part].reshape(-1)), 3)
                spill.add((features, pa.array(y[part]), *([pa.array(w[part])] * weighted)), is_held)
        first += count
        jobs.append(
            Job(training=training, rank=rank, rows=spill.rows, held=spill.held, all_rows=tuple(rows),
                validates=held > 0)
        )  # fmt: skip
    return jobs


class Slowed(keras.callbacks.Callback):
    """Changes the learning rate between two batches, where the first worker alone sees it."""

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = 0.01 * (batch + 1)


def jobs_that_agree(rows, folder):
    """Return jobs with statistics and chance in the model, and callbacks that stop and change it."""
    model = model_with(
        OPTIMIZERS["sgd"](), keras.layers.BatchNormalization(), keras.layers.Dropout(0.3)
    )
    stopping = keras.callbacks.EarlyStopping("loss", patience=0, min_delta=99.0)
    options = {"epochs": 9, "callbacks": [Slowed(), stopping]}
    return {"agree": jobs_of(model, rows, folder, weighted=False, **options)}


def fitted_alone(model, rows, *, weighted, held=0):
    """Fit in the order in which the workers' batches are put together."""
    x, y, w = table(sum(rows))
    starts = np.concatenate([[0], np.cumsum(rows)[:-1]])
    order = []
    for step in shares(rows, BATCH).T:
        for rank, count in enumerate(step):
            order += range(starts[rank], starts[rank] + count)
            starts[rank] += count
    held = slice(0, held)
    check = (x[held], y[held], *([w[held]] * weighted)) if held.stop else None
    return model.fit(
        x[order], y[order], sample_weight=w[order] if weighted else None, epochs=EPOCHS,
        batch_size=len(rows) * BATCH, shuffle=False, verbose=0, validation_data=check,
    ).history  # fmt: skip


@pytest.mark.parametrize(
    "workers", [pytest.param(1, marks=pytest.mark.long), 2, pytest.param(3, marks=pytest.mark.long)]
)
def test_workers_are_as_one(workers, tmp_path):
    turns = zip(ROWS[workers], cycle(OPTIMIZERS), cycle([False, True]), strict=False)
    cases = {f"{case[1]} {case[0]}".replace(" ", ""): case for case in turns}
    jobs = {
        name: jobs_of(
            model_with(OPTIMIZERS[optimizer]()), rows, tmp_path / name, weighted=weighted, held=5
        )
        for name, (rows, optimizer, weighted) in cases.items()
    }
    jobs |= jobs_that_agree(ROWS[workers][-1], tmp_path / "agree")
    if workers == 1:
        found = [{name: fit(job) for name, (job,) in jobs.items()}]
    else:
        found = run(jobs, tmp_path)
    first, *others = [states["agree"] for states in found]
    for state in (first, *others):
        assert (state.epoch, state.is_stopped) == (2, True)
    kept = [at for at, value in enumerate(first.variables) if value.dtype.kind == "f"]
    assert len(kept) == len(first.variables) - 1
    for state in others:
        for at in kept:
            np.testing.assert_array_equal(state.variables[at], first.variables[at])
        for mine, its in zip(state.optimizer, first.optimizer, strict=True):
            np.testing.assert_array_equal(mine, its)
    for name, (rows, optimizer, weighted) in cases.items():
        model = model_with(OPTIMIZERS[optimizer]())
        history = fitted_alone(model, rows, weighted=weighted, held=5)
        for states in found:
            for value, variable in zip(states[name].variables, model.variables, strict=True):
                np.testing.assert_allclose(value, variable.numpy(), 2e-4, 2e-6, err_msg=name)
            if states is found[0]:
                assert set(states[name].history) == set(history)
                for metric, values in history.items():
                    np.testing.assert_allclose(states[name].history[metric], values, 2e-4, 1e-5)
