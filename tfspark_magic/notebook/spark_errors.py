"""Show an error of ours that comes back from a Spark worker as the one sentence that it is."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

_MARK = "_tfspark_magic"


def install_when_needed(shell: Any) -> None:
    """Install the handler once Spark is imported: before that, nothing can come back from it."""

    def before_cell(*_: Any) -> None:
        if "pyspark.errors" in sys.modules:
            shell.events.unregister("pre_run_cell", before_cell)
            install(shell)

    shell.events.register("pre_run_cell", before_cell)


def install(shell: Any) -> None:
    """Shorten errors of ours that Spark reports, in whatever cell they appear.

    A handler that is registered already keeps its exceptions; all others are shown as ever.
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
        # IPython displays nothing for a handler: each of these three displays by itself.
        short = short_error(error)
        if earlier_kinds and isinstance(error, earlier_kinds):
            earlier(kind, error, trace, tb_offset=tb_offset)
        elif short is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        else:
            shell._showtraceback(type(short), short, short._render_traceback_())  # noqa: SLF001

    shell.set_custom_exc((*earlier_kinds, PythonException), show)
    setattr(shell.CustomTB.__func__, _MARK, True)
