"""Every error that a user can see, in modules by what is wrong.

Each class takes the facts of an error as arguments and keeps them in `args`. `about` names the
placeholder, column or option of the error. The message is made from the facts: what is wrong, what
was found, what to do. So an error survives pickling between worker, driver and notebook, and a form
can show it beside the right field.
"""

from __future__ import annotations

from tfspark_magic.errors.call_errors import AmbiguousColumnError as AmbiguousColumnError
from tfspark_magic.errors.call_errors import ArgumentError as ArgumentError
from tfspark_magic.errors.call_errors import ColumnNotFoundError as ColumnNotFoundError
from tfspark_magic.errors.call_errors import DtypeMismatchError as DtypeMismatchError
from tfspark_magic.errors.call_errors import NameConflictError as NameConflictError
from tfspark_magic.errors.call_errors import NotADataFrameError as NotADataFrameError
from tfspark_magic.errors.call_errors import NotAvailableError as NotAvailableError
from tfspark_magic.errors.call_errors import OptionError as OptionError
from tfspark_magic.errors.call_errors import PlaceholderNotFoundError as PlaceholderNotFoundError
from tfspark_magic.errors.call_errors import UnsupportedTypeError as UnsupportedTypeError
from tfspark_magic.errors.file_errors import FileContentError as FileContentError
from tfspark_magic.errors.file_errors import PathAccessError as PathAccessError
from tfspark_magic.errors.file_errors import PathNotFoundError as PathNotFoundError
from tfspark_magic.errors.file_errors import TableFormatError as TableFormatError
from tfspark_magic.errors.graph_errors import CaptureError as CaptureError
from tfspark_magic.errors.graph_errors import FetchError as FetchError
from tfspark_magic.errors.graph_errors import FetchNotFoundError as FetchNotFoundError
from tfspark_magic.errors.graph_errors import GraphLoadError as GraphLoadError
from tfspark_magic.errors.graph_errors import NotAlgebraicError as NotAlgebraicError
from tfspark_magic.errors.graph_errors import ReductionError as ReductionError
from tfspark_magic.errors.graph_errors import not_text as not_text
from tfspark_magic.errors.system_errors import MissingDependencyError as MissingDependencyError
from tfspark_magic.errors.system_errors import OutOfMemoryError as OutOfMemoryError
from tfspark_magic.errors.system_errors import VersionError as VersionError
from tfspark_magic.errors.system_errors import WorkerFailedError as WorkerFailedError
from tfspark_magic.errors.system_errors import WorkerPythonError as WorkerPythonError
from tfspark_magic.errors.tfspark_error import Subject as Subject
from tfspark_magic.errors.tfspark_error import TfSparkError as TfSparkError
from tfspark_magic.errors.tfspark_error import closest as closest
from tfspark_magic.errors.tfspark_error import remade
from tfspark_magic.errors.tfspark_error import spelling as spelling
from tfspark_magic.errors.tfspark_error import type_name as type_name
from tfspark_magic.errors.value_errors import FeedError as FeedError
from tfspark_magic.errors.value_errors import InexactValueError as InexactValueError
from tfspark_magic.errors.value_errors import NullValuesError as NullValuesError
from tfspark_magic.errors.value_errors import ShapeMismatchError as ShapeMismatchError

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
