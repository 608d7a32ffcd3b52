"""Say in one line why TensorFlow failed."""

from __future__ import annotations

from tfspark_magic.errors import OutOfMemoryError, WorkerFailedError
from tfspark_magic.graph.runtime import tf

_OF_VALUES = (tf.errors.InvalidArgumentError, tf.errors.DataLossError, tf.errors.OutOfRangeError)
_OF_THE_STACK = ("Detected at node", "File ", "<stack", "Graph execution", "Node: ")


def failure(
    error: tf.errors.OpError, program: str, where: str = "", smaller: str = "rows_per_block"
) -> WorkerFailedError:
    """Return the error of a program in which TensorFlow failed, with advice if there is any.

    `smaller` is the argument to make smaller if memory was short.
    """
    reason = reason_of(error)
    if isinstance(error, tf.errors.ResourceExhaustedError):
        return OutOfMemoryError(
            f"{program} ran out of memory{where}", f"{reason}; pass a smaller {smaller}."
        )
    failed = WorkerFailedError(f"{program} failed{where}", reason)
    failed.of_values = isinstance(error, _OF_VALUES)
    return failed


def reason_of(error: tf.errors.OpError) -> str:
    """Return the reason from a message that also holds the stack of an operation's definition."""
    # TensorFlow puts the stack of the operation's definition first and the reason after it.
    lines = [line.strip() for line in str(error.message).splitlines() if line.strip()]
    reasons = [line for line in lines if not line.startswith(_OF_THE_STACK)]
    return (reasons or lines or [type(error).__name__])[0][:300]
