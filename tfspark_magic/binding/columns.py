"""Describe the columns of a DataFrame for binding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfspark_magic.binding.conversions import Conversions, OfSpark
from tfspark_magic.errors import AmbiguousColumnError, TfSparkError
from tfspark_magic.schema.spec import CellSpec

Columns = Sequence[tuple[str, "CellSpec | TfSparkError"]]
"""Names of columns, each with its cells or the error that says why TensorFlow has no such cells."""


class FrameColumns(list[tuple[str, "CellSpec | TfSparkError"]]):
    """Columns, with the rule that says which names are different names.

    >>> FrameColumns([("x", CellSpec("int32"))]).told_apart("X")
    'x'

    Parameters
    ----------
    columns
        The names and cells of the columns.
    case_sensitive
        Whether names that differ only in case are two names. They are in pandas and in files, and
        in Spark with the setting for it.
    conversions
        The conversions of the columns; those of Spark if not given.
    """

    def __init__(
        self,
        columns: Iterable[tuple[str, CellSpec | TfSparkError]] = (),
        *,
        case_sensitive: bool = False,
        conversions: Conversions | None = None,
    ) -> None:
        super().__init__(columns)
        self.case_sensitive = case_sensitive
        self.conversions: Conversions = conversions or OfSpark()

    @classmethod
    def of(cls, columns: Columns) -> FrameColumns:
        """Return columns unchanged, or make them from a plain list."""
        return columns if isinstance(columns, cls) else cls(columns)

    def told_apart(self, name: str) -> str:
        """Return the form of a name that is equal for two names if they are one name here."""
        return name if self.case_sensitive else name.casefold()

    def refuse_twins(self, name: str) -> None:
        """Raise AmbiguousColumnError if several columns have this name."""
        wanted = self.told_apart(name)
        if sum(self.told_apart(other) == wanted for other, _ in self) > 1:
            raise AmbiguousColumnError(name)
