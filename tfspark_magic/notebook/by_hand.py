"""What a user opened and closed in the view of a graph."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.errors import OptionError


class ByHand:
    """The groups that are open, or closed, because a user said so.

    >>> ByHand(explorer).opened                                     # doctest: +SKIP
    ('scope:layer_2',)

    Parameters
    ----------
    explorer
        The graph, as it is shown first.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._first = explorer.closable

    @property
    def opened(self) -> tuple[str, ...]:
        """The ids of the groups that were opened, outer groups first."""
        open_now = self._explorer.closable - self._first
        return tuple(name for name in self._explorer.names if name in open_now)

    @property
    def closed(self) -> tuple[str, ...]:
        """The ids of the groups that were closed."""
        return tuple(sorted(self._first - self._explorer.closable))

    def restore(self, opened: Iterable[str], closed: Iterable[str]) -> list[str]:
        """Open and close groups as they were; return the ids of those that are not there any more."""
        explorer, lost = self._explorer, []
        for identity in closed:
            if identity in explorer.closable:
                explorer.close(identity)
        for identity in opened:
            if identity in explorer.openable:
                # There may be no room for it any more.
                with suppress(OptionError):
                    explorer.open(identity)
            elif identity not in explorer.closable:
                lost.append(identity)
        return lost
