"""Errors of a call: its DataFrame, its options, and what is not possible."""

from __future__ import annotations

from tfspark_magic.errors.tfspark_error import TfSparkError


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
