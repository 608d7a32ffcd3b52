"""Show only the message of our own errors that come back from Spark workers."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

_MARK = "_tfspark_magic"


def install_when_needed(shell: Any) -> None:
    """Install the handler once Spark is imported: before that, there are no errors from workers."""

    def before_cell(*_: Any) -> None:
        if "pyspark.errors" in sys.modules:
            shell.events.unregister("pre_run_cell", before_cell)
            install(shell)

    shell.events.register("pre_run_cell", before_cell)


def install(shell: Any) -> None:
    """Shorten our own errors that Spark reports, in all cells.

    A handler that is already registered keeps its exceptions. Other errors are shown as usual.
    """
    if getattr(getattr(shell.CustomTB, "__func__", None), _MARK, False):
        return
    from pyspark.errors import PythonException

    from tfspark_magic.executor.failures import short_error

    earlier, earlier_kinds = shell.CustomTB, tuple(shell.custom_exceptions)

    def show(
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
        tb_offset: int | None = None,
    ) -> None:
        # IPython displays nothing for a handler, so each of these three displays the error itself.
        short = short_error(error)
        if earlier_kinds and isinstance(error, earlier_kinds):
            earlier(kind, error, trace, tb_offset=tb_offset)
        elif short is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        else:
            shell._showtraceback(type(short), short, short._render_traceback_())  # noqa: SLF001

    shell.set_custom_exc((*earlier_kinds, PythonException), show)
    setattr(shell.CustomTB.__func__, _MARK, True)
