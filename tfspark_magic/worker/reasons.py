"""Why TensorFlow failed, in one line."""

from __future__ import annotations

from tfspark_magic.graph.runtime import tf


def reason_of(error: tf.errors.OpError) -> str:
    """Return the reason out of a message that has the stack of its operation's definition."""
    # TensorFlow puts the stack of the operation's definition first and the reason after it.
    lines = [line.strip() for line in str(error.message).splitlines() if line.strip()]
    reasons = [
        line
        for line in lines
        if not line.startswith(("Detected at node", "File ", "<stack", "Graph execution"))
    ]
    return (reasons or lines or [type(error).__name__])[0][:300]
