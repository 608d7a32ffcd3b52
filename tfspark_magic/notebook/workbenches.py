"""The workbenches below all cells: a cell that runs again shows what its user did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tfspark_magic.notebook.kept import Kept

if TYPE_CHECKING:
    from tfspark_magic.notebook.workbench import Workbench


class Workbenches:
    """The workbenches of a kernel, by their cells.

    >>> Workbenches().add("score", "cell 1", run=3, stored={}, make=make)       # doctest: +SKIP
    Workbench(score)
    """

    def __init__(self) -> None:
        self._cells: dict[str, _Below] = {}

    def add(
        self, name: str, cell: str, *, run: int, stored: Any, make: Callable[[Kept], Workbench]
    ) -> Workbench:
        """Make a workbench, which replaces those of the cell's last run.

        Parameters
        ----------
        name
            The name of its program.
        cell
            The id of its cell.
        run
            The number of the cell's run, in which it may make several.
        stored
            What the notebook stores of the cell's user: the kept by the programs' names. It counts
            if this kernel has not run the cell.
        make
            Makes the workbench, with what is kept.
        """
        below = self._cells.get(cell)
        if below is None:
            stored = stored if isinstance(stored, Mapping) else {}
            below = _Below(run, {str(one): Kept.read(kept) for one, kept in stored.items()})
        elif below.run != run:
            below = _Below(run, below.close())
        self._cells[cell] = below
        return below.add(name, make)


@dataclass
class _Below:
    """What is below a cell."""

    run: int
    kept: dict[str, Kept]
    benches: dict[str, Workbench] = field(default_factory=dict)

    def add(self, name: str, make: Callable[[Kept], Workbench]) -> Workbench:
        earlier = self.benches.pop(name, None)
        if earlier is not None:
            self.kept[name] = earlier.kept
            earlier.dispose()
        elif len(self.kept) == 1 and not self.benches:
            # The user may have renamed the program.
            self.kept = dict.fromkeys([name], *self.kept.values())
        bench = self.benches[name] = make(self.kept.pop(name, Kept()))
        return bench

    def close(self) -> dict[str, Kept]:
        """Remove the workbenches, and return what their users did."""
        kept = {name: bench.kept for name, bench in self.benches.items()}
        for bench in self.benches.values():
            bench.dispose()
        # A run that failed before it made a workbench has not used what is kept for it.
        return {**self.kept, **kept}
