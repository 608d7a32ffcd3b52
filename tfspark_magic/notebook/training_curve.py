"""Show the losses and metrics of a training as curves, which grow while it runs."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from tfspark_magic.training.report import Report

_VALIDATION = "val_"
_MOST_PANELS = 6
_MOST_POINTS = 200
_LEAST_ROOM = 10
"""The epochs for which charts have room, if there are so many."""
_LOG_FROM = 50
"""The ratio of the largest value to the smallest from which a scale is logarithmic."""

Logs = Mapping[str, float]
History = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Panel:
    """One chart: a loss or a metric, of the rows trained on and of those held back.

    Parameters
    ----------
    name
        The name of the loss or metric.
    log
        Whether its scale is logarithmic.
    training, validation
        One value for each whole epoch.
    now
        The current epoch so far: places between epochs, and values.
    """

    name: str
    log: bool
    training: tuple[float, ...]
    validation: tuple[float, ...]
    now: tuple[tuple[float, float], ...] = ()


def panels(history: History, now: Iterable[tuple[float, Logs]] = ()) -> list[Panel]:
    """Return the charts of a training, the loss first.

    >>> panels({"mae": [0.5], "loss": [0.3], "val_loss": [0.4]})    # doctest: +NORMALIZE_WHITESPACE
    [Panel(name='loss', log=False, training=(0.3,), validation=(0.4,), now=()),
     Panel(name='mae', log=False, training=(0.5,), validation=(), now=())]

    Parameters
    ----------
    history
        One value for each whole epoch, of each loss and metric.
    now
        The losses and metrics of the current epoch so far, at places between epochs.
    """
    points = list(now)
    names = [*history, *(name for _, logs in points for name in logs)]
    known = dict.fromkeys(names)
    bases = dict.fromkeys(_base(name, known) for name in names)
    shown = []
    for name in sorted(bases, key=lambda name: name != "loss")[:_MOST_PANELS]:
        training = tuple(history.get(name, ()))
        validation = tuple(history.get(_VALIDATION + name, ()))
        trail = tuple((at, logs[name]) for at, logs in points if name in logs)
        values = [*training, *validation, *(value for _, value in trail)]
        shown.append(Panel(name, _is_log(values), training, validation, trail))
    return shown


def room(epoch: int, epochs: int) -> int:
    """Return for how many epochs charts have room: those done fill half of it, however many are to come.

    >>> room(3, 5), room(3, 100_000), room(25, 100_000)
    (5, 10, 40)

    Parameters
    ----------
    epoch, epochs
        The number of whole epochs, and of all epochs.
    """
    wide = _LEAST_ROOM
    while wide <= epoch:
        wide *= 2
    return min(wide, epochs)


class TrainingCurve(anywidget.AnyWidget):
    """The curves of a training that runs.

    >>> curve = TrainingCurve()                                     # doctest: +SKIP
    >>> curve.show(report)                                          # doctest: +SKIP

    Attributes
    ----------
    history
        One value for each whole epoch so far, of each loss and metric.
    """

    _esm = Path(__file__).parents[1] / "static" / "training_curve.js"

    panels = traitlets.List(read_only=True).tag(sync=True)
    """The charts, as plain data."""

    epochs = traitlets.Int(1, read_only=True).tag(sync=True)
    """The number of epochs for which the charts have room."""

    still = traitlets.Dict(read_only=True).tag(sync=True)
    """What the page writes into the notebook while the training runs: the cell, and an output for it."""

    def __init__(self) -> None:
        super().__init__()
        self._keep: Callable[[Report], dict[str, str]] | None = None
        self._cell = ""
        self.history: History = {}
        self._now: list[tuple[float, Logs]] = []
        self._epoch = -1
        self._keeping = threading.Lock()

    def keep_in(self, cell: str, picture: Callable[[Report], dict[str, str]]) -> None:
        """Keep a still picture of each whole epoch in a notebook that is saved while this runs.

        Parameters
        ----------
        cell
            The id of the cell; without one, nothing is kept.
        picture
            Returns the output for the cell.
        """
        self._cell, self._keep = cell, picture

    def show(self, report: Report) -> None:
        """Show how far a training is."""
        if report.epoch != self._epoch:
            self._epoch, self._now = report.epoch, []
            with self._keeping:
                if self._cell and self._keep is not None:
                    self.set_trait("still", {"cell": self._cell, "data": self._keep(report)})
        place = report.epoch + report.step / max(1, report.steps)
        if report.logs and not report.is_validating and (not self._now or place > self._now[-1][0]):
            self._now.append((place, report.logs))
            # A long epoch needs no more points than the page has pixels.
            self._now = self._now[:: 2 if len(self._now) > _MOST_POINTS else 1]
        self.history = report.history
        self._draw(panels(report.history, self._now), room(report.epoch, report.epochs))

    def finish(self, history: History) -> None:
        """Show the whole epochs of a training that has ended."""
        self.history = history
        self.leave()
        self._draw(panels(history), max(map(len, history.values()), default=1))

    def leave(self) -> None:
        """Keep nothing any more: the cell shows the end."""
        # Another thread may be about to keep one more epoch.
        with self._keeping:
            self._cell = ""
            if self.still:
                self.set_trait("still", {"cell": self.still["cell"], "data": {}})

    def _draw(self, shown: Iterable[Panel], epochs: int) -> None:
        with self.hold_sync():
            self.set_trait("panels", [_as_json(panel) for panel in shown])
            self.set_trait("epochs", epochs)

    def __repr__(self) -> str:
        return "TrainingCurve()"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(**options)
        return {**bundle, "text/plain": ""}, metadata


def _as_json(panel: Panel) -> dict[str, object]:
    # JSON has no NaN.
    def finite(value: object) -> object:
        if isinstance(value, tuple):
            return [finite(one) for one in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    return {name: finite(value) for name, value in asdict(panel).items()}


def _base(name: str, known: Mapping[str, None]) -> str:
    base = name.removeprefix(_VALIDATION)
    return base if base in known else name


def _is_log(values: Sequence[float]) -> bool:
    finite = [value for value in values if math.isfinite(value)]
    return bool(finite) and min(finite) > 0 and max(finite) / min(finite) >= _LOG_FROM
