"""Count the rows on which a graph fails, and whose results are null with `errors="null"`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from tfspark_magic.binding import Plan
from tfspark_magic.errors import WorkerFailedError

Told = tuple[str, int, str]
"""A program, the number of rows on which it failed in a partition, and the error of the first one."""

Report = Callable[[list[Told]], object]
"""Is told of a partition at its end."""


class FailedRows:
    """The rows of a partition on which the graph failed.

    >>> failed = FailedRows()
    >>> failed.add(WorkerFailedError("Program 'label' failed in row 7", "no JPEG"))
    >>> failed.count, str(failed.first)
    (1, "Program 'label' failed in row 7: no JPEG")
    """

    def __init__(self) -> None:
        self.count = 0
        self.first: WorkerFailedError | None = None

    def add(self, error: WorkerFailedError) -> None:
        """Count a row, whose error names it."""
        self.count += 1
        self.first = self.first or error


@contextmanager
def counting(plan: Plan, report: Report | None) -> Iterator[FailedRows]:
    """Give an empty count for a partition; in the end, report it unless it is zero."""
    failed = FailedRows()
    try:
        yield failed
    finally:
        if failed.count and report is not None:
            report([(plan.name, failed.count, str(failed.first))])


class Gathered:
    """How an accumulator of Spark gathers what is told in a task, as an `AccumulatorParam`."""

    def zero(self, value: list[Told]) -> list[Told]:
        """Return what is told at first."""
        del value
        return []

    def addInPlace(self, value: list[Told], more: list[Told]) -> list[Told]:  # noqa: N802  (Spark's name)
        """Return all that is told."""
        return value + more


def warn(told: Iterable[Told]) -> None:
    """Say in a warning for each program how many rows have null results, and why the first one has."""
    counts: dict[str, int] = {}
    firsts: dict[str, str] = {}
    for name, count, first in told:
        counts[name] = counts.get(name, 0) + count
        firsts.setdefault(name, first)
    for name, count in counts.items():
        rows, have = ("1 row", "result is") if count == 1 else (f"{count:,} rows", "results are")
        text = f"Program {name!r} failed on {rows}, whose {have} null. The first: {firsts[name]}"
        # With the registry of a module, Python would show the same text only once.
        warnings.warn_explicit(text, RuntimeWarning, "tfspark_magic", 1, registry={})
