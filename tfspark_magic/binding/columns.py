"""The columns of a DataFrame, as binding sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tfspark_magic.binding.conversions import Conversions, OfSpark
from tfspark_magic.errors import AmbiguousColumnError, TfSparkError
from tfspark_magic.schema.spec import CellSpec

Columns = Sequence[tuple[str, "CellSpec | TfSparkError"]]
"""Names, each with what its cells hold or why TensorFlow has no such cells."""


class FrameColumns(list[tuple[str, "CellSpec | TfSparkError"]]):
    """Columns that know which names a frame tells apart.

    >>> FrameColumns([("x", CellSpec("int32"))]).told_apart("X")
    'x'

    Parameters
    ----------
    columns
        As said.
    case_sensitive
        Whether names that differ in case alone are two names, as pandas and files have it, and
        Spark if it is told to.
    conversions
        How its columns are changed; without, as those of Spark.
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
        """Return columns as they are, or of a plain list."""
        return columns if isinstance(columns, cls) else cls(columns)

    def told_apart(self, name: str) -> str:
        """Return what two names have in common if they are one name here."""
        return name if self.case_sensitive else name.casefold()

    def refuse_twins(self, name: str) -> None:
        """Raise AmbiguousColumnError if several columns have a name."""
        wanted = self.told_apart(name)
        if sum(self.told_apart(other) == wanted for other, _ in self) > 1:
            raise AmbiguousColumnError(name)
