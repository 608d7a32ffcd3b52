"""Let Jupyter's stop button cancel a cell's Spark jobs, or between cells the background jobs."""

from __future__ import annotations

import signal
import sys
from typing import Any

from tfspark_magic.notebook.jupyter import running_kernel


class _Handler:
    """Replaces the kernel's handler of interrupts, between cells, while jobs run."""

    def __init__(self) -> None:
        self._kernel: Any = None
        self._earlier: Any = None

    def __call__(self, *_: Any) -> None:
        # The loop sleeps, and `add_callback` does not wake it from its own thread.
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
            # A running cell gets the interrupt; afterwards the kernel sets this handler again.
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
    """Let an interrupt of a cell cancel the jobs of classic Spark for which the cell waits.

    The kernel's own handler ends only the cell, and Spark would go on computing.

    >>> cancel_in_cells(get_ipython())                              # doctest: +SKIP
    """
    # Only once, even if the extension is loaded several times.
    shell.events.register("pre_run_cell", _before_cell)


def _before_cell(*_: Any) -> None:
    # The kernel has set its own handler again.
    if "pyspark.core.context" not in sys.modules:
        return
    from tfspark_magic.executor.spark_internals import active_context

    context = active_context()
    if context is not None:
        from tfspark_magic.executor.interrupts import cancel_on_interrupt

        cancel_on_interrupt(context)


def cancel_jobs_on_interrupt() -> None:
    """Cancel all running jobs when an idle kernel is interrupted; call it after starting one.

    A running cell is interrupted as usual, and background jobs go on; a second interrupt ends them.
    Outside of a Jupyter kernel, nothing is changed.

    >>> cancel_jobs_on_interrupt()
    """
    kernel = running_kernel()
    if kernel is not None:
        if _is_for_cells(_current()):
            # Inside a cell, the handler is set when the cell ends.
            _handler.install(kernel)
        # Only the main thread may set handlers, and the kernel sets its own around each message.
        kernel.io_loop.add_callback(_handler.install, kernel)


def leave_interrupts_alone() -> None:
    """Set the kernel's own handler again if no job runs any more; call this when a job has ended."""
    kernel = running_kernel()
    if kernel is not None:
        kernel.io_loop.add_callback(_handler.remove)


def cancel_all() -> None:
    """Cancel all running jobs."""
    from tfspark_magic.executor.jobs import running

    for job in running():
        job.cancel()


def _current() -> Any:
    return signal.getsignal(signal.SIGINT)


def _is_for_cells(handler: Any) -> bool:
    """Whether a handler of interrupts is the kernel's handler for cells, or our replacement."""
    ours = "tfspark_magic.executor.interrupts"
    return handler is signal.default_int_handler or getattr(handler, "__module__", "") == ours
