"""A training as plain data, which is sent to the processes that do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfspark_magic.binding.training import TrainingPlan
from tfspark_magic.sources.spilling import Spilled
from tfspark_magic.training.model_parts import ModelParts
from tfspark_magic.worker.shipped import SparkFile


@dataclass(frozen=True, kw_only=True)
class Training:
    """The training that a user asked for; each worker gets it.

    Parameters
    ----------
    plan
        The columns that feed the model.
    model, callbacks
        The parts of the model, and a list of callbacks; or pickles of them, or files of pickles.
    epochs, batch_size, workers, shuffle
        The arguments of `fit`.
    seed
        The seed of the order of rows and of the choice of rows to hold back.
    is_seeded
        Whether the user chose the seed. If not, the seed of a checkpoint is used when there is one.
    validation
        The fraction of the rows that is held back; 0 for none.
    checkpoint
        The folder of checkpoints; empty for none.
    is_for_call
        Whether this folder is removed at the end of the call: a training whose folder is gone was
        given up.
    is_watched
        Whether the first worker reports in this folder how far it is.
    resume
        Whether to go on from a checkpoint of an earlier call.
    run
        An identifier of this call, which its checkpoints hold.
    directory
        The working directory of the user, where callbacks write; a node that does not have it takes
        another.
    """

    plan: TrainingPlan
    model: ModelParts | bytes | SparkFile
    callbacks: list[Any] | bytes | SparkFile
    epochs: int
    batch_size: int
    workers: int
    shuffle: bool
    seed: int
    is_seeded: bool = False
    validation: float = 0.0
    checkpoint: str = ""
    is_for_call: bool = False
    is_watched: bool = False
    resume: bool = True
    run: str = ""
    directory: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """The work of one worker.

    Parameters
    ----------
    training
        The training of all workers.
    rank
        The number of this worker.
    rows, held
        The files of the rows to train on, and of the rows to validate with, which may be none.
    all_rows
        The number of rows to train on, for each worker.
    validates
        Whether any worker has rows to validate with.
    start
        The state from which all workers go on, as bytes; None to begin.
    """

    training: Training
    rank: int
    rows: Spilled
    held: Spilled
    all_rows: tuple[int, ...]
    validates: bool
    start: bytes | None = None
