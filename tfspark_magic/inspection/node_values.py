"""The values that some rows make of a tensor, with their statistics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfspark_magic.graph.node_tensors import NodeTensor
from tfspark_magic.inspection.statistics import Statistics

Array = np.ndarray[Any, Any]


@dataclass
class NodeValues:
    """The values of a tensor, and what they are.

    Parameters
    ----------
    tensor
        The tensor.
    values
        An array for each row; for a graph of blocks, a single array of the whole block. None in
        place of an array where the operation did not run, as in a branch that was not taken, or on
        a row with a null. None alone if they are left out, because all values together need more memory than allowed.
    statistics
        What the values are, also of those that are left out.
    failure
        The sentence of the error, if the tensor could not be computed.
    """

    tensor: NodeTensor
    values: list[Array | None] | None = field(default_factory=list)
    statistics: Statistics = field(default_factory=Statistics)
    failure: str = ""

    @property
    def is_left_out(self) -> bool:
        """Whether the values are left out because they need too much memory."""
        return self.values is None and not self.failure

    @property
    def arrays(self) -> list[Array]:
        """The values of the rows for which the operation ran."""
        return [value for value in self.values or () if value is not None]

    @property
    def ran(self) -> str:
        """Say on how many rows the operation ran, if it was not on all of them; else empty."""
        of, count = len(self.values or ()), len(self.arrays)
        if count == of:
            return ""
        return f"ran on {count} of {of} rows" if count else "did not run"

    def sum_up(self) -> None:
        """Add the values to the statistics."""
        values = self.arrays
        # Statistics of small arrays take as long as those of a larger one.
        alike = len(values) > 1 and len({value.shape for value in values}) == 1
        for value in [np.stack(values)] if alike else values:
            self.statistics.add(value)
