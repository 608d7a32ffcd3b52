"""Errors of a call: its frame, its options, and a graph that does not fit its columns or arguments."""

from __future__ import annotations

from collections.abc import Iterable

from tfspark_magic.errors.tfspark_error import TfSparkError, closest, fed_subject, subject_of


class NotADataFrameError(TfSparkError, TypeError):
    """A value that is not a DataFrame, although one is needed. Facts: (verb, found, needed, call)."""

    def __init__(
        self,
        verb: str,
        found: str,
        needed: str = "a DataFrame or the path of files",
        call: str = "",
    ) -> None:
        super().__init__(verb, found, needed, call or f"{verb}(fetches, df)")

    def _sentence(self) -> str:
        verb, found, needed, call = self.args
        return f"{verb} needs {needed}, got {found}: write tfs.{call}."


class OptionError(TfSparkError, ValueError):
    """An option or argument with a value that is not allowed. Facts: (sentence,).

    Parameters
    ----------
    sentence
        The message.
    about
        The name of the option, and the name of the placeholder, if there is one.
    """

    def __init__(self, sentence: str, **about: str) -> None:
        super().__init__(sentence)
        self._options = about

    def _subjects(self) -> dict[str, str]:
        return self._options


class NotAvailableError(TfSparkError, NotImplementedError):
    """Something that this version does not do. Facts: (sentence,)."""


class PlaceholderNotFoundError(TfSparkError, LookupError):
    """A binding names a placeholder that does not exist. Facts: (placeholder, available)."""

    def __init__(self, placeholder: str, available: Iterable[str]) -> None:
        super().__init__(placeholder, tuple(available))

    def _subjects(self) -> dict[str, str]:
        return {"placeholder": self.args[0]}

    def _sentence(self) -> str:
        placeholder, available = self.args
        return f"The graph has no placeholder {placeholder!r}. {closest(placeholder, available)}"


class ColumnNotFoundError(TfSparkError, LookupError):
    """What a column feeds has none. Facts: (subject, column, available, lacking, advice).

    The subject may be the name of a placeholder.
    """

    def __init__(
        self, subject: str, column: str, available: Iterable[str], lacking: str, advice: str
    ) -> None:
        super().__init__(subject, column, tuple(available), lacking, advice)

    def _subjects(self) -> dict[str, str]:
        return {**subject_of(fed_subject(self.args[0])), "column": self.args[1]}

    def _sentence(self) -> str:
        subject, column, available, lacking, advice = self.args
        return (
            f"{fed_subject(subject)} needs a column {column!r}, which {lacking} have. "
            f"{closest(column, available)} {advice}."
        )


class AmbiguousColumnError(TfSparkError, LookupError):
    """Two columns of the DataFrame have the name that is asked for. Facts: (column,)."""

    def _subjects(self) -> dict[str, str]:
        return {"column": self.args[0]}

    def _sentence(self) -> str:
        return f"The DataFrame has several columns {self.args[0]!r}: rename all but one."


class UnsupportedTypeError(TfSparkError, TypeError):
    """A type that has no counterpart. Facts: (subject, found, advice)."""

    def __init__(self, subject: str, found: str, advice: str) -> None:
        super().__init__(subject, found, advice)

    def _subjects(self) -> dict[str, str]:
        return subject_of(self.args[0])

    def _sentence(self) -> str:
        subject, found, advice = self.args
        return f"{subject} is {found}, which cannot be used here: {advice}."


class DtypeMismatchError(TfSparkError, TypeError):
    """A column that does not fit the dtype of what it feeds.

    Facts: (subject, expected, column, found, advice). The subject may be the name of a placeholder.
    """

    def __init__(self, subject: str, expected: str, column: str, found: str, advice: str) -> None:
        super().__init__(subject, expected, column, found, advice)

    def _subjects(self) -> dict[str, str]:
        return {**subject_of(fed_subject(self.args[0])), "column": self.args[2]}

    def _sentence(self) -> str:
        subject, expected, column, found, advice = self.args
        return (
            f"{fed_subject(subject)} takes {expected}, column {column!r} is {found}, and "
            f"nothing is cast silently: {advice}."
        )


class ArgumentError(TfSparkError, TypeError):
    """An argument of a function that does not fit its placeholder.

    Facts: (function, position, placeholder, expected, found, advice).
    """

    def __init__(
        self, function: str, position: int, placeholder: str, expected: str, found: str, advice: str
    ) -> None:
        super().__init__(function, position, placeholder, expected, found, advice)

    def _subjects(self) -> dict[str, str]:
        return {"placeholder": self.args[2]}

    def _sentence(self) -> str:
        function, position, placeholder, expected, found, advice = self.args
        return (
            f"Argument {position} of {function} feeds placeholder {placeholder!r}, which takes "
            f"{expected}, and is {found}: {advice}."
        )


class NameConflictError(TfSparkError, ValueError):
    """An output whose name is taken. Facts: (name, taken_by)."""

    def __init__(self, name: str, taken_by: str) -> None:
        super().__init__(name, taken_by)

    def _subjects(self) -> dict[str, str]:
        name, taken_by = self.args
        return {"fetch": name, **({"key": name} if taken_by == "a key" else {})}

    def _sentence(self) -> str:
        name, taken_by = self.args
        return (
            f"Output {name!r} has the name of {taken_by}: give it another one with "
            f"tf.identity({name}, name='...'), or tfs.load(..., outputs={{{name!r}: '...'}})."
        )
