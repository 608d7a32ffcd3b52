"""The package's own callbacks, which run beside the callbacks of the user.

The user's callbacks run with the first worker only, so that they write each file once. Their
decisions are passed to the other workers before the next batch or epoch.
"""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras

from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.training.collectives import Collectives
from tfspark_magic.training.job import Training
from tfspark_magic.training.report import Report
from tfspark_magic.training.together import (
    agree_on_statistics,
    any_stops,
    follow_first,
    follow_rate,
)
from tfspark_magic.training.training_state import State, attributes_of, learnt

_EVERY = 1.0
"""Seconds between two looks at the loss."""
_REPORT_EVERY = 0.25
"""Seconds between two reports, at least."""
_REPORT_SHARE = 0.02
"""How much of the time reports may take."""
_OF_BATCHES = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


def decides_by_batch(callback: Any) -> bool:
    """Whether a callback may stop, or change the learning rate, after a batch."""
    kind = type(callback)
    if kind.__module__.startswith("keras.") and not isinstance(
        callback, keras.callbacks.TerminateOnNaN | keras.callbacks.LambdaCallback
    ):
        return False
    base = keras.callbacks.Callback
    return any(
        name in vars(callback) or getattr(kind, name) is not getattr(base, name)
        for name in _OF_BATCHES
    )


class Agreement(keras.callbacks.Callback):  # type: ignore[misc]
    """Runs before the other callbacks: all workers show them, and validate, the same model."""

    def __init__(self, others: Collectives) -> None:
        super().__init__()
        self._others = others

    def on_test_begin(self, logs: Any = None) -> None:
        agree_on_statistics(self.model, self._others)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        agree_on_statistics(self.model, self._others)


class Decisions(keras.callbacks.Callback):  # type: ignore[misc]
    """Runs after the other callbacks: all workers follow their decisions.

    Parameters
    ----------
    others
        The other workers.
    every_batch
        Whether a callback may decide something after a batch.
    """

    def __init__(self, others: Collectives, *, every_batch: bool) -> None:
        super().__init__()
        self._others, self._every_batch = others, every_batch

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        follow_first(self.model, self._others)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = any_stops(self.model, self._others)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self._every_batch:
            follow_rate(self.model, self._others)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._every_batch:
            self.model.stop_training = any_stops(self.model, self._others)


class LossWatch(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a training whose loss is NaN or infinite."""

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0
        self._looked = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if time.monotonic() - self._looked >= _EVERY:
            self._check(logs, f"after {batch + 1} steps of epoch {self._epoch + 1}")
            self._looked = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._check(logs, f"in epoch {epoch + 1}")

    def _check(self, logs: Any, when: str) -> None:
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            message = (
                f"The loss became {loss} {when}: look for NaN and very large numbers in the columns, "
                f"or lower the learning rate. keras.callbacks.TerminateOnNaN() ends such a training "
                f"without an error."
            )
            raise WorkerFailedError(message)


class Keeping(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the state after each epoch; a training that goes on gets the callbacks' numbers back.

    Parameters
    ----------
    before
        The state from which the training goes on; None if it begins.
    callbacks
        The callbacks of the user.
    seed, run, columns
        As in `State`.
    write
        A function that writes the state after each epoch; None to write none.
    """

    def __init__(
        self,
        before: State | None,
        callbacks: Sequence[Any],
        seed: int,
        run: str,
        columns: Sequence[str],
        write: Callable[[State], None] | None,
    ) -> None:
        super().__init__()
        self._before, self._callbacks, self._seed = before, callbacks, seed
        self._run, self._columns, self._write = run, list(columns), write
        self._at_first: list[dict[str, Any]] = []
        self.epoch = 0 if before is None else before.epoch
        self.history = {} if before is None else {n: list(v) for n, v in before.history.items()}

    def on_train_begin(self, logs: Any = None) -> None:
        self._at_first = [attributes_of(one) for one in self._callbacks]
        if self._before is None:
            return
        for callback, kept in zip(self._callbacks, self._before.callbacks, strict=False):
            vars(callback).update(kept)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch + 1
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        if self._write is not None:
            # What is written of a whole epoch is not lost with the process.
            for callback in self._callbacks:
                _flush(callback)
            self._write(self.state())

    def state(self, *, is_stopped: bool = False) -> State:
        """Return the state of the training now."""
        return State.of(
            self.model, epoch=self.epoch, seed=self._seed, history=self.history,
            callbacks=[*map(learnt, self._callbacks, self._at_first)], is_stopped=is_stopped,
            run=self._run, columns=self._columns,
        )  # fmt: skip


def _flush(callback: Any) -> None:
    for value in vars(callback).values():
        for one in value.values() if isinstance(value, dict) else (value,):
            is_file = isinstance(one, io.IOBase) and not one.closed
            if is_file or isinstance(one, tf.summary.SummaryWriter):
                one.flush()


class Reporting(keras.callbacks.Callback):  # type: ignore[misc]
    """After all others: says how far the training is, some times a second.

    Parameters
    ----------
    keeping
        Knows the whole epochs.
    training
        What to do.
    rows
        The number of rows that all workers train on.
    tell
        Takes each report.
    """

    def __init__(
        self, keeping: Keeping, training: Training, rows: int, tell: Callable[[Report], None]
    ) -> None:
        super().__init__()
        self._keeping, self._training, self._tell = keeping, training, tell
        self._rows, self._step_rows = rows, training.workers * training.batch_size
        self._first = keeping.epoch
        self._began = self._again = time.monotonic()

    def on_train_begin(self, logs: Any = None) -> None:
        self._began = time.monotonic()
        self._report(0, {})

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if time.monotonic() >= self._again:
            self._report(batch + 1, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        if time.monotonic() >= self._again:
            self._report(-(-self._rows // self._step_rows), logs, is_validating=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if time.monotonic() >= self._again:
            self._report(0, {})

    def on_train_end(self, logs: Any = None) -> None:
        self._report(0, {})

    def _report(self, step: int, logs: Any, *, is_validating: bool = False) -> None:
        now = time.monotonic()
        epoch = self._keeping.epoch
        report = Report(
            epoch=epoch, epochs=self._training.epochs, step=step,
            steps=-(-self._rows // self._step_rows), first=self._first,
            rows=(epoch - self._first) * self._rows + min(step * self._step_rows, self._rows),
            seconds=now - self._began, is_validating=is_validating,
            logs={name: float(value) for name, value in (logs or {}).items()},
            history=self._keeping.history, run=self._training.run,
        )  # fmt: skip
        self._tell(report)
        took = time.monotonic() - now
        self._again = now + max(_REPORT_EVERY, took / _REPORT_SHARE)
