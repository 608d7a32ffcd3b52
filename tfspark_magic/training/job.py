"""What is trained, on what and how: plain data on its way to the process that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tfspark_magic.binding.training import TrainingPlan
from tfspark_magic.sources.spilling import Spilled
from tfspark_magic.training.model_parts import ModelParts
from tfspark_magic.worker.shipped import SparkFile


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a user asked for; each worker gets it.

    Parameters
    ----------
    plan
        What feeds the model.
    model, callbacks
        The model's parts and a list; or pickles of these, or the files of these pickles.
    epochs, batch_size, workers, shuffle
        As the verb has them.
    seed
        Of the order of rows, and of what is held back.
    is_seeded
        Whether the user chose it: else that of a checkpoint goes on.
    validation
        Which part of the rows is held back; 0 for none.
    checkpoint
        The folder of checkpoints; empty for none.
    resume
        Whether to go on from what was there before this run.
    run
        Tells the checkpoints of this run.
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
    resume: bool = True
    run: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one worker does.

    Parameters
    ----------
    training
        What all do.
    rank
        Which of the workers it is.
    rows, held
        What it trains on and what it validates with; no paths where nobody validates.
    all_rows
        How many each worker trains on.
    validates
        Whether there is something to validate with, here or at another worker.
    start
        The state of the checkpoint from which all go on, as bytes; None to begin.
    """

    training: Training
    rank: int
    rows: Spilled
    held: Spilled
    all_rows: tuple[int, ...]
    validates: bool
    start: bytes | None = None
