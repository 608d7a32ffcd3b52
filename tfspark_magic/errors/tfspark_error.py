"""The root of all errors: facts, and a message that is made of them."""

from __future__ import annotations

from typing import Any, Self, TypeVar

_Error = TypeVar("_Error", bound="TfSparkError")


class TfSparkError(Exception):
    """The root of the errors of tfspark_magic; a notebook shows it without a traceback."""

    rows: tuple[int, int] | None = None
    """The first and last row of the block that failed, counted in rows that were read; None if unknown."""
    _reworded = ""
    _has_facts = True

    def _sentence(self) -> str:
        return str(self.args[0])

    @property
    def about(self) -> dict[str, str]:
        """The names in question, by kind: placeholder, column, key, fetch or option, if known."""
        return self._subjects() if self._has_facts else {}

    def _subjects(self) -> dict[str, str]:
        return {}

    def reworded(self, sentence: str) -> Self:
        """Return an error with the same facts and another message."""
        return remade(type(self), self.args, {**self.__dict__, "_reworded": sentence})

    def at(self, place: str) -> TfSparkError:
        """Return this error with its place, such as "rows 5 to 9 of partition 2", if it is about rows."""
        del place
        return self

    def __str__(self) -> str:
        return self._reworded or self._sentence()

    def __reduce__(self) -> tuple[Any, ...]:
        return remade, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for its own rendering by this name.
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


def remade(kind: type[_Error], facts: tuple[Any, ...], more: dict[str, Any]) -> _Error:
    """Return an error of a class, with its facts and its other attributes."""
    # The constructor is not called: an error from Spark's report has only a message, and no facts.
    error = kind.__new__(kind)
    error.args = facts
    error.__dict__.update(more)
    return error
