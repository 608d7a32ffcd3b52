"""Errors of the values themselves: their shapes, nulls, and numbers that a dtype lacks."""

from __future__ import annotations

from tfspark_magic.errors.tfspark_error import TfSparkError, subject_of


class FeedError(TfSparkError, ValueError):
    """A value given for a placeholder does not fit it. Facts: (sentence,)."""


class ShapeMismatchError(TfSparkError, ValueError):
    """A cell, block or output of the wrong shape. Facts: (subject, expected, found, advice)."""

    def __init__(self, subject: str, expected: str, found: str, advice: str) -> None:
        super().__init__(subject, expected, found, advice)

    def _subjects(self) -> dict[str, str]:
        return subject_of(self.args[0])

    def _sentence(self) -> str:
        subject, expected, found, advice = self.args
        return f"{subject}: expected {expected}, found {found}; {advice}."

    def at(self, place: str) -> ShapeMismatchError:
        """Return this error with the place of its rows in the message."""
        subject, expected, found, advice = self.args
        return ShapeMismatchError(subject, expected, f"{found} in {place}", advice)


class NullValuesError(TfSparkError, ValueError):
    """Nulls where none are allowed. Facts: (column, count, rows, first, place, example, passed).

    `example` is a value that can replace the nulls, and `passed` says what `nulls="null"` does;
    each is empty if this remedy is not possible.
    """

    def __init__(
        self,
        column: str,
        count: int,
        rows: int,
        first: int,
        place: str = "",
        example: str = "0",
        passed: str = "for null results in those rows",
    ) -> None:
        super().__init__(column, count, rows, first, place, example, passed)

    def _subjects(self) -> dict[str, str]:
        return {"column": self.args[0]}

    def _sentence(self) -> str:
        column, count, rows, first, place, example, passed = self.args
        where = f" ({place})" if place else ""
        remedy = f"pass nulls='null' {passed}" if passed else "filter them"
        if example:
            value = f"a value to put in their place, such as nulls={example}"
            remedy += f", or {value}" if passed else f", or pass {value}"
        return (
            f"Column {column!r} holds {count} null{'s' if count > 1 else ''} in a block of {rows} "
            f"rows, the first in row {first} of the block{where}: {remedy}."
        )

    def at(self, place: str) -> NullValuesError:
        """Return this error with the place of its rows in the message."""
        column, count, rows, first, _, example, passed = self.args
        return NullValuesError(column, count, rows, first, place, example, passed)


class InexactValueError(TfSparkError, ValueError):
    """A value that the target dtype cannot hold exactly. Facts: (subject, value, dtype, advice)."""

    def __init__(self, subject: str, value: str, dtype: str, advice: str) -> None:
        super().__init__(subject, value, dtype, advice)

    def _subjects(self) -> dict[str, str]:
        return subject_of(self.args[0])

    def _sentence(self) -> str:
        subject, value, dtype, advice = self.args
        return f"{subject} holds {value}, which {dtype} cannot hold exactly: {advice}."

    def at(self, place: str) -> InexactValueError:
        """Return this error with the place of its rows in the message."""
        subject, value, dtype, advice = self.args
        return InexactValueError(subject, f"{value} in {place}", dtype, advice)
