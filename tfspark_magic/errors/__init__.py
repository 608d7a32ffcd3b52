"""Every error that a user can see, in modules by what is wrong.

Each class takes the facts of an error as arguments and keeps them in `args`. `about` names the
placeholder, column or option of the error. The message is made from the facts: what is wrong, what
was found, what to do. So an error survives pickling between worker, driver and notebook, and a form
can show it beside the right field.
"""

from __future__ import annotations

from tfspark_magic.errors.call_errors import (
    AmbiguousColumnError,
    ArgumentError,
    ColumnNotFoundError,
    DtypeMismatchError,
    NameConflictError,
    NotADataFrameError,
    NotAvailableError,
    OptionError,
    PlaceholderNotFoundError,
    UnsupportedTypeError,
)
from tfspark_magic.errors.file_errors import (
    FileContentError,
    PathAccessError,
    PathNotFoundError,
    TableFormatError,
)
from tfspark_magic.errors.graph_errors import (
    CaptureError,
    FetchError,
    FetchNotFoundError,
    GraphLoadError,
    NotAlgebraicError,
    ReductionError,
    not_text,
)
from tfspark_magic.errors.system_errors import (
    MissingDependencyError,
    OutOfMemoryError,
    VersionError,
    WorkerFailedError,
    WorkerPythonError,
)
from tfspark_magic.errors.tfspark_error import Subject, TfSparkError, closest, remade
from tfspark_magic.errors.value_errors import (
    FeedError,
    InexactValueError,
    NullValuesError,
    ShapeMismatchError,
)

__all__ = [
    "AmbiguousColumnError",
    "ArgumentError",
    "CaptureError",
    "ColumnNotFoundError",
    "DtypeMismatchError",
    "FeedError",
    "FetchError",
    "FetchNotFoundError",
    "FileContentError",
    "GraphLoadError",
    "InexactValueError",
    "MissingDependencyError",
    "NameConflictError",
    "NotADataFrameError",
    "NotAlgebraicError",
    "NotAvailableError",
    "NullValuesError",
    "OptionError",
    "OutOfMemoryError",
    "PathAccessError",
    "PathNotFoundError",
    "PlaceholderNotFoundError",
    "ReductionError",
    "ShapeMismatchError",
    "Subject",
    "TableFormatError",
    "TfSparkError",
    "UnsupportedTypeError",
    "VersionError",
    "WorkerFailedError",
    "WorkerPythonError",
    "closest",
    "error_of",
    "not_text",
]

for _kind in [*globals().values()]:
    if isinstance(_kind, type) and issubclass(_kind, TfSparkError):
        # Tracebacks, Spark's reports and pickles name an error by its public path.
        _kind.__module__ = __name__


def error_of(name: str, sentence: str) -> TfSparkError | None:
    """Return an error of the class of this name, with only a message and no facts.

    >>> error_of("FetchError", "Fetch 'z' is no column.")
    FetchError("Fetch 'z' is no column.")
    """
    kind = globals().get(name)
    if not (isinstance(kind, type) and issubclass(kind, TfSparkError)):
        return None
    return remade(kind, (sentence,), {"_reworded": sentence, "_has_facts": False})
