"""What an error is about, and which names there are instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Self


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


def closest(name: str, available: Iterable[str], limit: int = 8) -> str:
    """Say which names exist: the most similar ones, or else the first ones."""
    names = list(available)
    if not names:
        return "There are none."
    similar = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if similar:
        return f"Did you mean {' or '.join(map(repr, similar))}?"
    shown = ", ".join(names[:limit]) + (", ..." if len(names) > limit else "")
    return f"There are: {shown}."
