"""pandas frames: the graph runs in this process, by the code that runs beside Spark's data.

Spark is not started.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tfspark_magic.binding import FrameColumns, Plan
from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import NotAvailableError
from tfspark_magic.frames.frame import Frame, Groups, check_no_profile
from tfspark_magic.frames.lazy_table import LazyTable
from tfspark_magic.frames.pandas_columns import any_array, fed_arrays
from tfspark_magic.frames.pandas_groups import aggregate_rows, keys_of
from tfspark_magic.frames.pandas_maps import map_frame
from tfspark_magic.frames.pandas_schema import columns_of_pandas
from tfspark_magic.frames.row_reader import NextReader, RowReader
from tfspark_magic.frames.some_rows import FirstColumn
from tfspark_magic.schema.spec import TEXT, CellSpec, Shape
from tfspark_magic.worker.failed_rows import FailedRows
from tfspark_magic.worker.rechunk import Columns
from tfspark_magic.worker.reducing import States, reduce_batches

if TYPE_CHECKING:
    import pandas as pd

    from tfspark_magic.training.job import Training
    from tfspark_magic.training.training_state import State


class PandasFrame(Frame):
    """A pandas frame; `Frame` documents the members."""

    kind = "pandas"
    is_lazy = False

    def __init__(self, df: pd.DataFrame) -> None:
        self.source = df

    @cached_property
    def columns(self) -> FrameColumns:
        return columns_of_pandas(self.source)

    def schema(self) -> list[tuple[Any, str]]:
        return [(label, str(dtype)) for label, dtype in self.source.dtypes.items()]

    @property
    def looks(self) -> Any:
        return tuple(self.source.columns), tuple(self.source.dtypes), len(self.source)

    def reader(self) -> RowReader:
        return _PandasReader(self.source)

    def map(self, plan: Plan, passthrough: list[str] | None, profile: Any = None) -> pd.DataFrame:
        check_no_profile(profile)
        return map_frame(self.source, plan)

    def some_rows(self, plan: Plan, count: int, seed: int | None) -> Columns:
        df = self.source
        if seed is not None and count < len(df):
            df = df.sample(count, random_state=seed)
        return fed_arrays(df.head(count), plan.feeds)

    def reduce(self, plan: ReductionPlan, profile: Any) -> States | None:
        check_no_profile(profile)
        from tfspark_magic.graph.eager import eager_mode

        with eager_mode():
            return reduce_batches(plan, [fed_arrays(self.source, plan.feeds)])

    def group(self, keys: Sequence[str]) -> PandasGroups:
        return PandasGroups.of(self.source.groupby(list(keys)))

    def train(self, training: Training, held: Frame | None) -> State:
        from tfspark_magic.training.alone import fit_here

        feeds = training.plan.feeds
        parts = [fed_arrays(f.source, feeds) for f in (self, held) if isinstance(f, PandasFrame)]
        return fit_here(training, *([part] for part in parts))

    def run_local(self, plan: Plan, passthrough: list[str] | None, output: str) -> Any:
        if output == "pandas":
            return self.map(plan, passthrough)
        cells = [] if plan.trim else [c for _, c in self.columns[: len(self.source.columns)]]
        return LazyTable(plan, _OneBatch(self.source, plan), cells).to(output)

    def with_shapes(self, shapes: Mapping[str, Shape]) -> pd.DataFrame:
        raise NotAvailableError("A pandas frame keeps no shapes: give the placeholder its shape.")

    def type_of(self, cell: CellSpec) -> str:
        return "object" if cell.shape or cell.dtype in TEXT else cell.dtype


class PandasGroups(Groups):
    """The groups of a pandas groupby; `Groups` documents the members."""

    frame: PandasFrame

    def __init__(self, df: pd.DataFrame, keys: list[pd.Series[Any]]) -> None:
        self.frame = PandasFrame(df)
        self.keys = tuple(str(key.name) for key in keys)
        self._columns = keys

    @classmethod
    def of(cls, grouped: Any) -> PandasGroups:
        """Return the groups of `df.groupby(...)`; the errors are those of `keys_of`."""
        return cls(*keys_of(grouped))

    def aggregate(self, plan: ReductionPlan, profile: Any) -> pd.DataFrame:
        check_no_profile(profile)
        return aggregate_rows(self.frame.source, self._columns, plan)


def _as_spark(value: Any) -> Any:
    """Return a cell of pandas as Spark would return it: lists for arrays, None for missing values."""
    if isinstance(value, list | tuple) or getattr(value, "ndim", False):
        return [_as_spark(item) for item in value]
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value.item() if hasattr(value, "item") else value


class _PandasReader(NextReader):
    def __init__(self, df: pd.DataFrame) -> None:
        super().__init__(len(df))
        self._df = df

    def _next(self, count: int) -> list[FirstColumn]:
        rows = self._df.iloc[self.count : self.count + count]
        # The shapes of cells are those of the first rows.
        known = {} if self.columns else dict(columns_of_pandas(rows))
        columns = []
        for position, label in enumerate(rows.columns):
            found = known.get(label)
            cells = found if isinstance(found, CellSpec) else str(rows.dtypes.iloc[position])
            values = [_as_spark(value) for value in rows.iloc[:, position]]
            columns.append(FirstColumn(str(label), cells, values))
        return columns


class _OneBatch:
    """A pandas frame to read, as one batch.

    Parameters
    ----------
    df, plan
        The frame to read, and the plan that says which columns feed the graph.
    """

    def __init__(self, df: Any, plan: Plan) -> None:
        labels = [] if plan.trim else [str(label) for label in df.columns]
        self._stay = tuple(any_array(df.iloc[:, at], label) for at, label in enumerate(labels))
        self._fed = fed_arrays(df, plan.feeds)
        self.schema = pa.schema(
            [(label, a.type) for label, a in zip(labels, self._stay, strict=True)]
        )

    def reading(
        self, failed: FailedRows | None = None
    ) -> AbstractContextManager[Iterator[tuple[Columns, Columns]]]:
        """Give the single batch."""
        del failed
        return nullcontext(iter([(self._stay, self._fed)]))
