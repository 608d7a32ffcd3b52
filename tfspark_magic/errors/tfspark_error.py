"""The root of all errors: facts, a message that is made of them, and what the message is about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
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


class Subject(str):
    """The beginning of a message, which keeps the kind and the name of its subject.

    >>> Subject("Placeholder", "x", " in map_rows")
    "Placeholder 'x' in map_rows"
    """

    __slots__ = ("kind", "name", "rest")

    kind: str
    name: str
    rest: str

    def __new__(cls, kind: str, name: str, rest: str = "") -> Self:
        """Make it from a word for the kind, such as "Column", and a name."""
        made = super().__new__(cls, f"{kind} {name!r}{rest}")
        made.kind, made.name, made.rest = kind, name, rest
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.kind, self.name, self.rest)


def subject_of(message: str) -> dict[str, str]:
    """Return the name of a message's subject by its kind, as `TfSparkError.about` has it."""
    return {message.kind.lower(): message.name} if isinstance(message, Subject) else {}


def fed_subject(name: str) -> Subject:
    """Return what a column feeds as a subject: a plain name is the name of a placeholder."""
    return name if isinstance(name, Subject) else Subject("Placeholder", name)


def type_name(value: object) -> str:
    """Return the name of the type of a value: in full, if it is not Python's own.

    >>> type_name([1, 2]), type_name(Subject("Fetch", "z"))
    ('list', 'tfspark_magic.errors.tfspark_error.Subject')
    """
    kind = type(value)
    own = kind.__module__ == "builtins"
    return kind.__qualname__ if own else f"{kind.__module__}.{kind.__qualname__}"


def closest(name: str, available: Iterable[str], limit: int = 8) -> str:
    """Say which names exist: the most similar ones, or else the first ones.

    >>> closest("x1", ["label", "X_1"])
    "Did you mean 'X_1'?"
    """
    names = list(available)
    if not names:
        return "There are none."
    # Names that differ only in case and separators are another spelling of the same one.
    same = [other for other in names if spelling(other) == spelling(name)]
    similar = same[:3] or difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if similar:
        return f"Did you mean {' or '.join(map(repr, similar))}?"
    shown = ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
    return f"There are: {shown}."


def spelling(name: str) -> str:
    """Return a name without its case and separators; as it is if nothing else is in it."""
    return re.sub(r"[\W_]+", "", name).casefold() or name
