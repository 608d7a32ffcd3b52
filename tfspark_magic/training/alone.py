"""Training in this process, where no Spark is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.tensorflow_internals import eager_mode
from tfspark_magic.temporary import TemporaryFolder
from tfspark_magic.training.checkpoint import check_writable
from tfspark_magic.training.fitting import fit
from tfspark_magic.training.job import Job, Training
from tfspark_magic.training.row_spill import RowSpill
from tfspark_magic.training.start import checked, starting
from tfspark_magic.training.training_state import State
from tfspark_magic.worker.devices import claim
from tfspark_magic.worker.rechunk import Columns
from tfspark_magic.worker.tensorflow_errors import failure


def fit_here(
    training: Training, rows: Iterable[Columns], held: Iterable[Columns] | None = None
) -> State:
    """Train a model on rows, and return its state at the end.

    Parameters
    ----------
    training
        The training.
    rows
        Batches of the columns that feed its plan.
    held
        Batches of the rows to validate with; None if they are a part of `rows`, or if there are none.
    """
    training, start = starting(training)
    if training.checkpoint:
        check_writable(training.checkpoint)
    if training.plan.device == "gpu":
        claim("gpu", None)  # An error if there is none.
    with TemporaryFolder() as folder, eager_mode():
        spill = RowSpill(training.plan.feeds, Path(folder), training.validation, training.seed)
        with spill.writing():
            for columns in rows:
                spill.add(columns, None if held is None else False)
            for columns in held or ():
                spill.add(columns, held=True)
        checked(training, [spill.rows.total], [spill.held.total], validates=held is not None)
        job = Job(
            training=replace(training, workers=1), rank=0, rows=spill.rows, held=spill.held,
            all_rows=(spill.rows.total,), validates=bool(spill.held.total), start=start,
        )  # fmt: skip
        try:
            return fit(job)
        except tf.errors.OpError as error:
            name = f"Training of {training.plan.name!r}"
            raise failure(error, name, smaller="batch_size") from error
