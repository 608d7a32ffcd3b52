"""Every error that a user can see.

Each class takes the facts of an error as arguments and keeps them in `args`. `about` names the
placeholder, column or option of the error. `sentence` makes the message from the facts: what is
wrong, what was found, what to do. So an error survives pickling between worker, driver and
notebook, and a form can show it beside the right field.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Self, TypeVar

_Error = TypeVar("_Error", bound="TfSparkError")


class TfSparkError(Exception):
    """The root of the errors of tfspark_magic; a notebook shows it without a traceback."""

    rows: tuple[int, int] | None = None
    """The first and last row of the block that failed, counted in rows that were read; None if unknown."""
    _reworded = ""
    _has_facts = True

    def sentence(self) -> str:
        """Make the message from the facts."""
        return str(self.args[0])

    @property
    def about(self) -> dict[str, str]:
        """The names in question, by kind: placeholder, column, key, fetch or option, if known."""
        return self._subjects() if self._has_facts else {}

    def _subjects(self) -> dict[str, str]:
        return {}

    def reworded(self, sentence: str) -> Self:
        """Return an error with the same facts and another message."""
        return _error_of(type(self), self.args, {**self.__dict__, "_reworded": sentence})

    def at(self, place: str) -> TfSparkError:
        """Return this error with its place, such as "rows 5 to 9 of partition 2", if it is about rows."""
        del place
        return self

    def __str__(self) -> str:
        return self._reworded or self.sentence()

    def __reduce__(self) -> tuple[Any, ...]:
        return _error_of, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for its own rendering by this name.
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


def error_of(name: str, sentence: str) -> TfSparkError | None:
    """Return an error of the class of this name, with only a message and no facts.

    >>> error_of("FetchError", "Fetch 'z' is no column.")
    FetchError("Fetch 'z' is no column.")
    """
    kind = globals().get(name)
    if not (isinstance(kind, type) and issubclass(kind, TfSparkError)):
        return None
    return _error_of(kind, (sentence,), {"_reworded": sentence, "_has_facts": False})


def _error_of(kind: type[_Error], facts: tuple[Any, ...], more: dict[str, Any]) -> _Error:
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


def _named(subject: str) -> dict[str, str]:
    return {subject.kind.lower(): subject.name} if isinstance(subject, Subject) else {}


class CaptureError(TfSparkError, ValueError):
    """A cell did something that a graph cannot hold. Facts: (sentence,)."""


class GraphLoadError(TfSparkError, ValueError):
    """A graph could not be read or used. Facts: (sentence,)."""


class UnsupportedTypeError(TfSparkError, TypeError):
    """A type that has no counterpart. Facts: (subject, found, advice)."""

    def __init__(self, subject: str, found: str, advice: str) -> None:
        super().__init__(subject, found, advice)

    def _subjects(self) -> dict[str, str]:
        return _named(self.args[0])

    def sentence(self) -> str:
        """Make the message from the facts."""
        subject, found, advice = self.args
        return f"{subject} is {found}, which cannot be used here: {advice}."


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

    def sentence(self) -> str:
        """Make the message from the facts."""
        verb, found, needed, call = self.args
        return f"{verb} needs {needed}, got {found}: write tfs.{call}."


class FetchNotFoundError(TfSparkError, LookupError):
    """A fetch that is not in the graph. Facts: (fetch, available)."""

    def __init__(self, fetch: str, available: Iterable[str]) -> None:
        super().__init__(fetch, tuple(available))

    def _subjects(self) -> dict[str, str]:
        return {"fetch": self.args[0]}

    def sentence(self) -> str:
        """Make the message from the facts."""
        fetch, available = self.args
        return f"Fetch {fetch!r} is not in the graph. {closest(fetch, available)}"


class FetchError(TfSparkError, ValueError):
    """Something that cannot be fetched. Facts: (sentence,)."""


class PlaceholderNotFoundError(TfSparkError, LookupError):
    """A binding names a placeholder that does not exist. Facts: (placeholder, available)."""

    def __init__(self, placeholder: str, available: Iterable[str]) -> None:
        super().__init__(placeholder, tuple(available))

    def _subjects(self) -> dict[str, str]:
        return {"placeholder": self.args[0]}

    def sentence(self) -> str:
        """Make the message from the facts."""
        placeholder, available = self.args
        return f"The graph has no placeholder {placeholder!r}. {closest(placeholder, available)}"


class ColumnNotFoundError(TfSparkError, LookupError):
    """A placeholder has no column. Facts: (placeholder, column, available, lacking)."""

    def __init__(
        self,
        placeholder: str,
        column: str,
        available: Iterable[str],
        lacking: str = "the DataFrame does not",
    ) -> None:
        super().__init__(placeholder, column, tuple(available), lacking)

    def _subjects(self) -> dict[str, str]:
        return {"placeholder": self.args[0], "column": self.args[1]}

    def sentence(self) -> str:
        """Make the message from the facts."""
        placeholder, column, available, lacking = self.args
        return (
            f"Placeholder {placeholder!r} needs a column {column!r}, which {lacking} "
            f"have. {closest(column, available)} Bind another one with "
            f"feed_dict={{{placeholder!r}: column}} or --bind {placeholder}=column."
        )


class AmbiguousColumnError(TfSparkError, LookupError):
    """Two columns of the DataFrame have the name that is asked for. Facts: (column,)."""

    def _subjects(self) -> dict[str, str]:
        return {"column": self.args[0]}

    def sentence(self) -> str:
        """Make the message from the facts."""
        return f"The DataFrame has several columns {self.args[0]!r}: rename all but one."


class DtypeMismatchError(TfSparkError, TypeError):
    """A column that does not fit a placeholder's dtype.

    Facts: (placeholder, expected, column, found, advice).
    """

    def __init__(
        self, placeholder: str, expected: str, column: str, found: str, advice: str
    ) -> None:
        super().__init__(placeholder, expected, column, found, advice)

    def _subjects(self) -> dict[str, str]:
        return {"placeholder": self.args[0], "column": self.args[2]}

    def sentence(self) -> str:
        """Make the message from the facts."""
        placeholder, expected, column, found, advice = self.args
        return (
            f"Placeholder {placeholder!r} takes {expected}, column {column!r} is {found}, and "
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

    def sentence(self) -> str:
        """Make the message from the facts."""
        function, position, placeholder, expected, found, advice = self.args
        return (
            f"Argument {position} of {function} feeds placeholder {placeholder!r}, which takes "
            f"{expected}, and is {found}: {advice}."
        )


class ReductionError(TfSparkError, ValueError):
    """Something that is not a reduction, or nothing to reduce. Facts: (sentence,)."""


class NotAlgebraicError(TfSparkError, ValueError):
    """A graph whose partial results cannot be folded. Facts: (verb, fetch, finding)."""

    def __init__(self, verb: str, fetch: str, finding: str) -> None:
        super().__init__(verb, fetch, finding)

    def _subjects(self) -> dict[str, str]:
        return {"fetch": self.args[1]}

    def sentence(self) -> str:
        """Make the message from the facts."""
        verb, fetch, finding = self.args
        return (
            f"Fetch {fetch!r} is no reduction for {verb}, which applies the graph to its own "
            f"results again: {finding}. Make a column of what is to be added up, with map_rows, "
            f"reduce that column by a plain sum, and combine sums and counts afterwards; "
            f"check=False switches this check off."
        )


class ShapeMismatchError(TfSparkError, ValueError):
    """A cell, block or output of the wrong shape. Facts: (subject, expected, found, advice)."""

    def __init__(self, subject: str, expected: str, found: str, advice: str) -> None:
        super().__init__(subject, expected, found, advice)

    def _subjects(self) -> dict[str, str]:
        return _named(self.args[0])

    def sentence(self) -> str:
        """Make the message from the facts."""
        subject, expected, found, advice = self.args
        return f"{subject}: expected {expected}, found {found}; {advice}."

    def at(self, place: str) -> ShapeMismatchError:
        """Return this error with the place of its rows in the message."""
        subject, expected, found, advice = self.args
        return ShapeMismatchError(subject, expected, f"{found} in {place}", advice)


class NameConflictError(TfSparkError, ValueError):
    """An output whose name is taken. Facts: (name, taken_by)."""

    def __init__(self, name: str, taken_by: str) -> None:
        super().__init__(name, taken_by)

    def _subjects(self) -> dict[str, str]:
        name, taken_by = self.args
        return {"fetch": name, **({"key": name} if taken_by == "a key" else {})}

    def sentence(self) -> str:
        """Make the message from the facts."""
        name, taken_by = self.args
        return (
            f"Output {name!r} has the name of {taken_by}: give it another one with "
            f"tf.identity({name}, name='...'), or tfs.load(..., outputs={{{name!r}: '...'}})."
        )


def not_text(fetch: str) -> FetchError:
    """Return the error of a string fetch whose values no string column can hold."""
    return FetchError(
        f"Fetch {fetch!r} gave bytes that are not UTF-8 text: encode them in the graph, for example "
        f"with tf.io.encode_base64."
    )


class FeedError(TfSparkError, ValueError):
    """A value given for a placeholder does not fit it. Facts: (sentence,)."""


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

    def sentence(self) -> str:
        """Make the message from the facts."""
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
        return _named(self.args[0])

    def sentence(self) -> str:
        """Make the message from the facts."""
        subject, value, dtype, advice = self.args
        return f"{subject} holds {value}, which {dtype} cannot hold exactly: {advice}."

    def at(self, place: str) -> InexactValueError:
        """Return this error with the place of its rows in the message."""
        subject, value, dtype, advice = self.args
        return InexactValueError(subject, f"{value} in {place}", dtype, advice)


class WorkerFailedError(TfSparkError, RuntimeError):
    """TensorFlow or a worker failed beside the data. Facts: (what, reason), or (sentence, "")."""

    def __init__(self, what: str, reason: str = "") -> None:
        super().__init__(what, reason)

    def sentence(self) -> str:
        """Make the message from the facts."""
        what, reason = self.args
        return f"{what}: {reason}" if reason else str(what)

    def at(self, place: str) -> WorkerFailedError:
        """Return this error with the place of its rows in the message."""
        what, reason = self.args
        return type(self)(f"{what} in {place}", reason) if reason else self


class OutOfMemoryError(WorkerFailedError, MemoryError):
    """A graph needs more memory than there is. Facts: those of `WorkerFailedError`."""


class WorkerPythonError(TfSparkError, RuntimeError):
    """Local workers of Spark run a Python that cannot be used. Facts: (found, fault, here, version)."""

    def __init__(self, found: str, fault: str, here: str, version: str) -> None:
        super().__init__(found, fault, here, version)

    def sentence(self) -> str:
        """Make the message from the facts."""
        found, fault, here, version = self.args
        return (
            f"Spark's workers run another Python than this process, {found} instead of {here} "
            f"({version}), {fault}: call spark.stop(), then "
            f'os.environ["PYSPARK_PYTHON"] = sys.executable, make the session again, for example '
            f"with tfs.session(), and read its DataFrames again."
        )


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


class PathNotFoundError(TfSparkError, FileNotFoundError):
    """A path without anything to read. Facts: (path, found)."""

    def __init__(self, path: str, found: str = "no such file or folder") -> None:
        super().__init__(path, found)

    def sentence(self) -> str:
        """Make the message from the facts."""
        path, found = self.args
        return f"Nothing to read at {path!r}: {found}."


class TableFormatError(TfSparkError, ValueError):
    """A folder in which a log decides which files are data. Facts: (path, kind, read)."""

    def __init__(self, path: str, kind: str, read: str) -> None:
        super().__init__(path, kind, read)

    def sentence(self) -> str:
        """Make the message from the facts."""
        path, kind, read = self.args
        return (
            f"{path!r} is {kind}, whose log says which of its files and rows count: pass the "
            f"DataFrame that {read} gives."
        )


class PathAccessError(TfSparkError, RuntimeError):
    """A path that cannot be reached, read or written. Facts: (path, reason, advice)."""

    def __init__(self, path: str, reason: str, advice: str) -> None:
        super().__init__(path, reason, advice)

    def sentence(self) -> str:
        """Make the message from the facts."""
        path, reason, advice = self.args
        return f"{path!r} cannot be used, {reason}: {advice}."


class FileContentError(TfSparkError, ValueError):
    """A file with unexpected content. Facts: (path, expected, found, advice)."""

    def __init__(self, path: str, expected: str, found: str, advice: str) -> None:
        super().__init__(path, expected, found, advice)

    def sentence(self) -> str:
        """Make the message from the facts."""
        path, expected, found, advice = self.args
        return f"File {path!r}: expected {expected}, found {found}; {advice}."


class MissingDependencyError(TfSparkError, ImportError):
    """A dependency that must be installed first. Facts: (what, purpose, command)."""

    def __init__(self, what: str, purpose: str, command: str) -> None:
        super().__init__(what, purpose, command)

    def sentence(self) -> str:
        """Make the message from the facts."""
        what, purpose, command = self.args
        return f"{what} is needed {purpose} and is not installed: {command}."


class VersionError(TfSparkError, ImportError):
    """A version that is too old. Facts: (what, oldest, found, where, remedy)."""

    def __init__(self, what: str, oldest: str, found: str, where: str, remedy: str) -> None:
        super().__init__(what, oldest, found, where, remedy)

    def sentence(self) -> str:
        """Make the message from the facts."""
        what, oldest, found, where, remedy = self.args
        return f"{what} {oldest} or later is needed, and {where} has {found}: {remedy}."
