"""Run a function of columns in Spark's worker, where the types of its arguments are first known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa

from tfspark_magic.binding.column_functions import FunctionPlan, bind_arguments
from tfspark_magic.errors import UnsupportedTypeError
from tfspark_magic.schema.arrow import cell_from_arrow, leaf_of
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.mapping import MapColumns, in_tuples
from tfspark_magic.worker.rechunk import Columns


@dataclass(frozen=True)
class CallColumns:
    """A scalar iterator Arrow UDF that binds its arguments when it sees them.

    Parameters
    ----------
    function
        The function to run.
    """

    function: FunctionPlan

    def __call__(self, batches: Iterator[Columns | pa.Array]) -> Iterator[pa.Array]:
        """Yield the output, or a struct of the outputs, for each block."""
        calls = in_tuples(batches)
        first = next(calls, None)
        if first is None:
            return
        plan = bind_arguments(self.function, [_cell_or_error(array.type) for array in first])
        yield from MapColumns(plan)(chain([first], calls))


def _cell_or_error(arrow: pa.DataType) -> CellSpec | UnsupportedTypeError:
    try:
        return cell_from_arrow(pa.field("", arrow))
    except UnsupportedTypeError:
        leaf, _ = leaf_of(arrow)
        if pa.types.is_struct(leaf):
            advice = "pass its fields, as arguments or in an array; vector_to_array takes MLlib's"
        elif pa.types.is_null(leaf):
            advice = "cast the null to a type"
        else:
            advice = "cast it to a number, string, binary or array of them"
        return UnsupportedTypeError("", str(arrow), advice)
