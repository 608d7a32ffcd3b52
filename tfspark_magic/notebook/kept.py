"""What a user did below a cell: it is kept while the cell is edited and run again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

Choices = Mapping[str, Any]
_NUMBERS = 3
"""The numbers of a viewport."""


@dataclass(frozen=True)
class Kept:
    """The choices in a form, and the groups that were opened and closed in its graph.

    >>> kept = Kept({"df": "df"}, {"bind:x": "price"}, opened=("scope:layer_2",))
    >>> Kept.read(kept.written()) == kept
    True

    It is plain data, so that a notebook can store it.

    Parameters
    ----------
    line
        The fields that the cell's line gave. Once the line says something else of a field, the line
        counts.
    choices
        The fields that the user changed.
    opened, closed
        The ids of the groups that the user opened and closed.
    turned
        The direction of the graph that the user chose; empty if none.
    selected
        What is selected in the graph; empty if nothing is.
    viewport
        Where the drawing was moved to: the middle of the window in units of the drawing, and pixels
        per unit; empty if it stands where it begins.
    unfolded
        Whether the form was unfolded; None if the user did not fold or unfold it.
    """

    line: Choices = field(default_factory=dict)
    choices: Choices = field(default_factory=dict)
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    turned: str = ""
    selected: str = ""
    viewport: tuple[float, ...] = ()
    unfolded: bool | None = None

    def __bool__(self) -> bool:
        return replace(self, line={}) != Kept()

    def written(self) -> dict[str, Any]:
        """Return it as JSON, without what is empty; nothing if the user did nothing."""
        if not self:
            return {}
        first = asdict(Kept())
        filled = {name: one for name, one in asdict(self).items() if one != first[name]}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in filled.items()}

    @classmethod
    def read(cls, stored: Any) -> Kept:
        """Return what a notebook stores; parts that are not as `written` writes them are left out."""
        stored = stored if isinstance(stored, Mapping) else {}

        def part(name: str, kind: type, default: Any) -> Any:
            return value if isinstance(value := stored.get(name), kind) else default

        groups = {name: tuple(map(str, part(name, list, ()))) for name in ("opened", "closed")}
        return cls(
            part("line", dict, {}), part("choices", dict, {}), groups["opened"], groups["closed"],
            turned=part("turned", str, ""), selected=part("selected", str, ""),
            viewport=viewport_of(part("viewport", list, ())), unfolded=part("unfolded", bool, None),
        )  # fmt: skip


def viewport_of(values: Sequence[Any]) -> tuple[float, ...]:
    """Return the numbers of a viewport; none if a page or a notebook gives something else."""
    is_one = len(values) == _NUMBERS and all(
        isinstance(value, int | float) and math.isfinite(value) for value in values
    )
    return tuple(map(float, values)) if is_one and values[-1] > 0 else ()
