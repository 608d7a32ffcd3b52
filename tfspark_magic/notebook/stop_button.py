"""Let Jupyter's stop button cancel what a cell computes, and between cells what runs in the background."""

from __future__ import annotations

import signal
import sys
from typing import Any


class _Handler:
    """Takes the place of the kernel's handler of interrupts, between cells, while jobs run."""

    def __init__(self) -> None:
        self._kernel: Any = None
        self._earlier: Any = None

    def __call__(self, *_: Any) -> None:
        # The loop sleeps: its own add_callback would not wake it from within its own thread.
        self._kernel.io_loop.asyncio_loop.call_soon_threadsafe(cancel_all)

    def install(self, kernel: Any) -> None:
        current = _current()
        if current is self:
            return
        self._kernel = kernel
        if not _is_for_cells(current):
            self._earlier = current
            signal.signal(signal.SIGINT, self)
        elif getattr(kernel, "saved_sigint_handler", self) is not self:
            # A cell runs, and is what an interrupt is for; afterwards the kernel puts this back.
            self._earlier, kernel.saved_sigint_handler = kernel.saved_sigint_handler, self

    def remove(self) -> None:
        from tfspark_magic.executor.jobs import running

        if self._kernel is None or running():
            return
        if _current() is self:
            signal.signal(signal.SIGINT, self._earlier)
        if getattr(self._kernel, "saved_sigint_handler", None) is self:
            self._kernel.saved_sigint_handler = self._earlier


_handler = _Handler()


def cancel_in_cells(shell: Any) -> None:
    """Have an interrupt of a cell cancel the jobs of classic Spark that it waits for.

    The kernel's own handler ends the cell alone: Spark would go on computing for nobody.

    >>> cancel_in_cells(get_ipython())                              # doctest: +SKIP
    """
    # Once, however often the extension is loaded.
    shell.events.register("pre_run_cell", _before_cell)


def _before_cell(*_: Any) -> None:
    # The kernel has put its own handler back.
    if "pyspark.core.context" not in sys.modules:
        return
    from tfspark_magic.executor.spark_internals import active_context

    context = active_context()
    if context is not None:
        from tfspark_magic.executor.interrupts import cancel_on_interrupt

        cancel_on_interrupt(context)


def cancel_jobs_on_interrupt() -> None:
    """Cancel all running jobs when an idle kernel is interrupted; call it after starting one.

    A cell that runs is interrupted as ever, and jobs in the background go on: a second interrupt
    is for them. Outside of a Jupyter kernel nothing is changed.

    >>> cancel_jobs_on_interrupt()
    """
    kernel = _kernel()
    if kernel is not None:
        if _is_for_cells(_current()):
            # In a cell: from its very end on.
            _handler.install(kernel)
        # Only the main thread may set handlers, and the kernel sets its own around each message.
        kernel.io_loop.add_callback(_handler.install, kernel)


def leave_interrupts_alone() -> None:
    """Put the kernel's own handler back if no job runs any more; call it when one has ended."""
    kernel = _kernel()
    if kernel is not None:
        kernel.io_loop.add_callback(_handler.remove)


def cancel_all() -> None:
    """Cancel all jobs that run."""
    from tfspark_magic.executor.jobs import running

    for job in running():
        job.cancel()


def _current() -> Any:
    return signal.getsignal(signal.SIGINT)


def _is_for_cells(handler: Any) -> bool:
    """Whether a handler of interrupts is the kernel's for cells, or ours in its place."""
    ours = "tfspark_magic.executor.interrupts"
    return handler is signal.default_int_handler or getattr(handler, "__module__", "") == ours


def _kernel() -> Any:
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    return kernel if hasattr(kernel, "io_loop") else None
