"""Draw the curves of a training that has ended as a still picture, which a saved notebook keeps."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from tfspark_magic.executor.training_run import number
from tfspark_magic.notebook.program_view import NO_DEAD_WIDGETS
from tfspark_magic.notebook.training_curve import History, Panel, panels

_WIDTH, _HEIGHT, _COLUMNS, _GAP = 400, 210, 2, 24
_TOP, _RIGHT, _BOTTOM, _LEFT = 30, 14, 22, 52
# In the middle between light and dark, because a picture does not know the page's theme.
_COLOURS = {"training": "#3b82d6", "validation": "#cf7a2d"}
_DASHES = {"training": "none", "validation": "5 3"}
_GREY = "#808080"
_MOST_DOTS = 40
_ONCE = (
    "<style>.jp-OutputArea-child:has(.tfs-still)+.jp-OutputArea-child:has(.jp-RenderedSVG)"
    "{display:none}</style>"
)
"""Hides the picture for files where pages show that of the output before it."""
_FONT = 'font-family="system-ui, sans-serif" font-size="11"'
Scale = Callable[[float], float]


@dataclass(frozen=True, repr=False)
class StillCurve:
    """The end of a training: a sentence, and the curves of its whole epochs.

    >>> StillCurve("net: 2 epochs in 3.2 s", "net", {"loss": [0.7, 0.5]})
    Curves of the training of net over 2 epochs: loss 0.7 to 0.5

    Parameters
    ----------
    end
        How it ended, as HTML.
    name
        The name of the model.
    history
        One value for each epoch of each loss and metric.
    """

    end: str
    name: str
    history: History

    def __repr__(self) -> str:
        count = max(map(len, self.history.values()), default=0)
        said = (
            f"{name} {number(row[0])} to {number(row[-1])}"
            for name, row in self.history.items()
            if row
        )
        of = f"Curves of the training of {self.name} over {count} epoch{'' if count == 1 else 's'}"
        return f"{of}: {', '.join(said)}" if count else f"The training of {self.name}: no epoch"

    @property
    def parts(self) -> list[dict[str, str]]:
        """The outputs of a cell: all of it, and the picture again, of which Markdown has a file."""
        if not self.history:
            return [self._output("")]
        data = base64.b64encode(self.svg.encode()).decode()
        picture = (
            f'<img alt="{escape(repr(self))}" src="data:image/svg+xml;base64,{data}" '
            f'style="max-width:100%">'
        )
        return [self._output(picture), {"text/plain": "", "image/svg+xml": self.svg}]

    def _output(self, picture: str) -> dict[str, str]:
        still = f'<div class="tfs-still">{self.end}{picture}</div>{NO_DEAD_WIDGETS}{_ONCE}'
        return {"text/plain": repr(self), "text/html": still}

    @property
    def svg(self) -> str:
        """The picture."""
        shown = panels(self.history)
        columns = min(_COLUMNS, len(shown))
        rows = -(-len(shown) // _COLUMNS)
        width, height = columns * (_WIDTH + _GAP) - _GAP, rows * _HEIGHT
        charts = "".join(
            f'<g transform="translate({at % _COLUMNS * (_WIDTH + _GAP)},{at // _COLUMNS * _HEIGHT})">'
            f"{''.join(_chart(panel))}</g>"
            for at, panel in enumerate(shown)
        )
        return (
            f'<svg class="tfs-still-curve" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" {_FONT}>'
            f"<title>{escape(repr(self))}</title>{charts}</svg>"
        )


def _chart(panel: Panel) -> Iterator[str]:
    lines = {"training": panel.training, "validation": panel.validation}
    count = max(map(len, lines.values()))
    values = [v for line in lines.values() for v in line if math.isfinite(v)] or [0.0]
    low, high = _apart(min(values), max(values))
    y = _scale(low, high, _HEIGHT - _BOTTOM, _TOP, log=panel.log)
    x = _scale(*((1.0, float(count)) if count > 1 else (0.0, 2.0)), _LEFT, _WIDTH - _RIGHT)
    yield from _legend(panel.name, lines)
    for value in _log_ticks(low, high) if panel.log else _ticks(low, high, 5):
        at = f"{y(value):.1f}"
        yield f'<path d="M{_LEFT},{at}H{_WIDTH - _RIGHT}" stroke="{_GREY}" stroke-opacity="0.35"/>'
        yield f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end" fill="{_GREY}">'
        yield f"{number(value)}</text>"
    for epoch in _epochs(count):
        yield f'<text x="{x(epoch):.1f}" y="{_HEIGHT - _BOTTOM + 15}" text-anchor="middle" '
        yield f'fill="{_GREY}">{epoch}</text>'
    for name, line in lines.items():
        points = [(x(at), y(v)) for at, v in enumerate(line, 1) if math.isfinite(v)]
        if len(points) > 1:
            path = "L".join(f"{a:.1f},{b:.1f}" for a, b in points)
            yield f'<path d="M{path}" fill="none" stroke="{_COLOURS[name]}" stroke-width="1.8" '
            yield f'stroke-linejoin="round" stroke-dasharray="{_DASHES[name]}"/>'
        for a, b in points if len(points) <= _MOST_DOTS else ():
            yield f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.6" fill="{_COLOURS[name]}"/>'


def _legend(name: str, lines: dict[str, tuple[float, ...]]) -> Iterator[str]:
    yield f'<text x="4" y="14" font-weight="bold" fill="{_GREY}">{escape(name)}</text>'
    at = 16 + 7 * len(name)
    for line, values in lines.items():
        if not values:
            continue
        text = f"{line} {number(values[-1])}"
        yield f'<path d="M{at},10h16" stroke="{_COLOURS[line]}" stroke-width="2" '
        yield f'stroke-dasharray="{_DASHES[line]}"/>'
        yield f'<text x="{at + 21}" y="14" fill="{_GREY}">{text}</text>'
        at += 36 + 6 * len(text)


def _apart(low: float, high: float) -> tuple[float, float]:
    around = abs(low) / 10 or 0.5
    return (low - around, high + around) if low == high else (low, high)


def _scale(low: float, high: float, first: float, last: float, *, log: bool = False) -> Scale:
    def place(value: float) -> float:
        return math.log10(value) if log else value

    return lambda v: first + (place(v) - place(low)) / (place(high) - place(low)) * (last - first)


def _ticks(low: float, high: float, most: int) -> list[float]:
    rough = (high - low) / (most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(one for one in (1, 2, 5, 10) if one * power >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [at * step for at in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float) -> Sequence[float]:
    whole = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    ticks = [10.0**power for power in whole]
    return ticks if len(ticks) > 1 else [low, high]


def _epochs(count: int) -> list[int]:
    if count == 1:
        return [1]
    whole = [int(at) for at in _ticks(1, count, 7) if at == int(at) and at >= 1]
    return sorted({1, *whole})
