"""The number of workers without Spark: this process is the only one."""

from __future__ import annotations

from tfspark_magic.errors import OptionError


def alone(workers: int | None) -> int:
    """Return 1, or raise OptionError if more workers are asked for."""
    if workers not in (None, 1):
        message = (
            f"workers={workers!r} needs Spark: pass a Spark DataFrame, or files with spark=; what is "
            f"in this process is trained on in this process."
        )
        raise OptionError(message, option="workers")
    return 1
