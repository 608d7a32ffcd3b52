"""How far a training has come: plain data on its way to whoever watches it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the first worker says of a training, some times a second.

    >>> report = Report(epoch=1, epochs=4, step=5, steps=10, rows=1500, seconds=3.0)
    >>> report.fraction, report.rows_per_second, report.seconds_left
    (0.375, 500.0, 5.0)

    Parameters
    ----------
    epoch, epochs
        The number of whole epochs, and of all epochs.
    step, steps
        The number of steps of the current epoch so far, and of all its steps.
    first
        The epoch at which this process began; greater than 0 after a checkpoint.
    rows, seconds
        The number of rows, of all workers, that this process has seen go by, and the time for them.
    is_validating
        Whether the current epoch is being validated, after its last step.
    logs
        The losses and metrics of the current epoch so far, of the first worker's rows.
    history
        One value for each whole epoch, of each loss and metric.
    run
        The call of `fit` that the training belongs to.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    first: int = 0
    rows: int = 0
    seconds: float = 0.0
    is_validating: bool = False
    logs: dict[str, float] = field(default_factory=dict)
    history: dict[str, list[float]] = field(default_factory=dict)
    run: str = ""

    @property
    def fraction(self) -> float:
        """How much of all steps is done, from 0 to 1."""
        return min(1.0, (self.epoch + self.step / max(1, self.steps)) / self.epochs)

    @property
    def rows_per_second(self) -> float | None:
        """The rows that all workers train on in a second; None before the first step."""
        return self.rows / self.seconds if self.rows and self.seconds else None

    @property
    def seconds_left(self) -> float | None:
        """The time until the last epoch is done, at the pace so far; None before the first step."""
        done = self.fraction - self.first / self.epochs
        return self.seconds * (1 - self.fraction) / done if done > 0 else None

    def to_bytes(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(vars(self)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Report:
        """Return what `to_bytes` gave; ValueError if it is something else."""
        try:
            return cls(**json.loads(content))
        except TypeError as error:
            raise ValueError(str(error)) from None
