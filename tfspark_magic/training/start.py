"""Find where a training begins, and check that it has rows; all workers find the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tfspark_magic.errors import FeedError, OptionError
from tfspark_magic.training import checkpoint
from tfspark_magic.training.job import Training
from tfspark_magic.training.training_state import State

NO_ROWS = "There are no rows to train on."


def starting(training: Training) -> tuple[Training, bytes | None]:
    """Return a training with its seed, and the state from which it goes on; None if it begins.

    The folder of a call is that of this machine only if it is here: the server of Connect and its
    tasks may be on another machine.

    Raises
    ------
    PathAccessError, FileContentError
        If the checkpoint cannot be read.
    OptionError
        If it is that of a training on other columns.
    """
    is_here = training.is_for_call and Path(training.checkpoint).is_dir()
    training = replace(training, is_for_call=is_here)
    content = checkpoint.newest(training.checkpoint) if training.checkpoint else None
    if content is None:
        return training, None
    state = State.from_bytes(content, training.checkpoint)
    if not training.resume and state.run != training.run:
        return training, None
    own, its = columns_of(training), state.columns
    if its and its != own:
        message = (
            f"checkpoint= holds a training on the columns {', '.join(its)}, and these are "
            f"{', '.join(own)}: pass another folder, or resume=False to begin anew in this one."
        )
        raise OptionError(message, option="checkpoint")
    seed = training.seed if training.is_seeded else state.seed
    return replace(training, seed=seed), content


def columns_of(training: Training) -> list[str]:
    """Return the columns that feed a model, in the order of its inputs, labels and weights."""
    return [feed.column for feed in training.plan.feeds]


def checked(
    training: Training, rows: Sequence[int], held: Sequence[int], *, validates: bool
) -> None:
    """Raise an error if there are no rows to train on, or none to validate with.

    Parameters
    ----------
    training
        The training that is to begin.
    rows, held
        The number of rows of each worker, to train on and to validate with.
    validates
        Whether the user gave rows to validate with.
    """
    if not sum(rows):
        if sum(held) and not validates:
            message = (
                f"validation={training.validation} leaves no row to train on: make it smaller."
            )
            raise OptionError(message, option="validation")
        raise FeedError(NO_ROWS)
    if (training.validation or validates) and not sum(held):
        message = "There are no rows to validate with"
        message += ": leave validation= out." if validates else (
            f", by validation={training.validation} of {sum(rows)}: make it larger."
        )  # fmt: skip
        raise OptionError(message, option="validation")
