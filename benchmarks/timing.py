"""Time several ways to do the same work, and print a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[[], Any]


@dataclass(frozen=True)
class Way:
    """One way to do the work of a table.

    Parameters
    ----------
    run
        Does the work, and returns when it is done.
    check
        Raises an error if the result differs from NumPy's.
    share
        The part of the work that `run` does; its seconds are divided by it.
    """

    run: Run
    check: Run | None = None
    share: float = 1.0


@dataclass(frozen=True)
class Table:
    """Several ways to do the same work.

    Parameters
    ----------
    title
        The work.
    base
        The heading of the ratios to the first way.
    ways
        The ways by name, in the order of the report.
    """

    title: str
    base: str
    ways: dict[str, Way]


def measure(ways: dict[str, Way], count: int) -> dict[str, list[float]]:
    """Check each way, run it once to warm up, then time all ways in turn, `count` times."""
    for way in ways.values():
        if way.check is not None:
            way.check()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(count + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way.run()
            if number:
                seconds[name].append((time.perf_counter() - start) / way.share)
    return seconds


def report(table: Table, count: int) -> None:
    """Print medians, and the medians of the ratios to the first way in the same turn."""
    seconds = measure(table.ways, count)
    base = next(iter(seconds.values()))
    runs = f"{table.title} ({count} runs)"
    print(f"\n| {runs} | median s | min | max | x {table.base} |\n| --- | --- | --- | --- | --- |")
    for name, times in seconds.items():
        ratio = statistics.median(t / b for t, b in zip(times, base, strict=True))
        print(
            f"| {name} | {statistics.median(times):.3f} | {min(times):.3f} | {max(times):.3f} "
            f"| {ratio:.2f} |",
            flush=True,
        )
