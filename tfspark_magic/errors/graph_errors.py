"""Errors of graphs: what they are made of, what can be fetched, and what can be reduced."""

from __future__ import annotations

from collections.abc import Iterable

from tfspark_magic.errors.tfspark_error import TfSparkError, closest


class CaptureError(TfSparkError, ValueError):
    """A cell did something that a graph cannot hold. Facts: (sentence,)."""


class GraphLoadError(TfSparkError, ValueError):
    """A graph could not be read or used. Facts: (sentence,)."""


class FetchNotFoundError(TfSparkError, LookupError):
    """A fetch that is not in the graph. Facts: (fetch, available)."""

    def __init__(self, fetch: str, available: Iterable[str]) -> None:
        super().__init__(fetch, tuple(available))

    def _subjects(self) -> dict[str, str]:
        return {"fetch": self.args[0]}

    def _sentence(self) -> str:
        fetch, available = self.args
        return f"Fetch {fetch!r} is not in the graph. {closest(fetch, available)}"


class FetchError(TfSparkError, ValueError):
    """Something that cannot be fetched. Facts: (sentence,)."""


def not_text(fetch: str) -> FetchError:
    """Return the error of a string fetch whose values no string column can hold."""
    return FetchError(
        f"Fetch {fetch!r} gave bytes that are not UTF-8 text: encode them in the graph, for example "
        f"with tf.io.encode_base64."
    )


class ReductionError(TfSparkError, ValueError):
    """Something that is not a reduction, or nothing to reduce. Facts: (sentence,)."""


class NotAlgebraicError(TfSparkError, ValueError):
    """A graph whose partial results cannot be folded. Facts: (verb, fetch, finding)."""

    def __init__(self, verb: str, fetch: str, finding: str) -> None:
        super().__init__(verb, fetch, finding)

    def _subjects(self) -> dict[str, str]:
        return {"fetch": self.args[1]}

    def _sentence(self) -> str:
        verb, fetch, finding = self.args
        return (
            f"Fetch {fetch!r} is no reduction for {verb}, which applies the graph to its own "
            f"results again: {finding}. Make a column of what is to be added up, with map_rows, "
            f"reduce that column by a plain sum, and combine sums and counts afterwards; "
            f"check=False switches this check off."
        )
