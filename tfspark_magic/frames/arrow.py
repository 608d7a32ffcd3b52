"""Objects with an Arrow stream: tables and readers of pyarrow, frames of Polars, results of DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import pyarrow as pa

from tfspark_magic.binding import Feed, FrameColumns, Plan
from tfspark_magic.frames.lazy_table import Source
from tfspark_magic.frames.tables import TableFrame
from tfspark_magic.schema.arrow import cells_from_arrow
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.sources.schemas import decoded, plain_schema
from tfspark_magic.worker.failed_rows import FailedRows
from tfspark_magic.worker.fed_columns import columns_to_read, fed_columns
from tfspark_magic.worker.rechunk import Columns

_ROWS = 1 << 16
"""The largest number of rows that are decoded at a time."""


class ArrowFrame(TableFrame):
    """A source of Arrow batches; `Frame` documents the members.

    A reader can give its rows only once. So only a verb that computes reads it; a verb that shows
    or checks something does not.
    """

    is_lazy = False
    called = "table"
    keeps_shapes = "An Arrow table keeps no shapes: give the placeholder its shape."

    def __init__(self, source: Any) -> None:
        super().__init__(source)
        self._reader: pa.RecordBatchReader | None = None

    @cached_property
    def _given(self) -> pa.Schema:
        self._reader = self._open()
        return self._reader.schema

    @property
    def looks(self) -> Any:
        return str(getattr(self.source, "schema", None) or getattr(self.source, "columns", None))

    @cached_property
    def arrow(self) -> pa.Schema:
        return plain_schema(self._given)

    @cached_property
    def columns(self) -> FrameColumns:
        conversions = _OfArrow(self.arrow.names)
        cells = cells_from_arrow(self.arrow)
        return FrameColumns(cells, case_sensitive=True, conversions=conversions)

    def map(self, plan: Plan, passthrough: list[str] | None, profile: Any = None) -> pa.Table:
        return super().map(plan, passthrough, profile).to_arrow()

    def rows(self, feeds: Iterable[Feed], passthrough: pa.Schema) -> Source:
        return _Batches(self, tuple(feeds), passthrough)

    def passing_types(self, names: Sequence[str]) -> pa.Schema:
        return pa.schema([self._given.field(at) for at in _positions(names, self._given.names)])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all rows, in the batches of the source."""
        reader, self._reader = self._reader or self._open(), None
        for batch in reader:
            for start in range(0, batch.num_rows, _ROWS):
                yield batch.slice(start, _ROWS)

    def _open(self) -> pa.RecordBatchReader:
        if isinstance(self.source, pa.RecordBatchReader):
            return self.source
        return pa.RecordBatchReader.from_stream(self.source)


class _OfArrow:
    """Conversions of a table that is called `df`; see `Conversions`."""

    lacking = "the table does not"
    another = "bind another column"

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        if parts or source.shape or column not in self._names:
            return ""
        target = {"float16": "halffloat", "float32": "float", "float64": "double"}.get(dtype, dtype)
        at = self._names.index(column)
        # A reader can be made into a table only once.
        cast = f"t[{column!r}].cast({target!r}, safe=False)"
        return f"write (t := pa.table(df)).set_column({at}, {column!r}, {cast})"

    def flatten(self, column: str, rank: int) -> str:
        return "make a column of lists of single values"


class _Batches:
    def __init__(self, frame: ArrowFrame, feeds: tuple[Feed, ...], schema: pa.Schema) -> None:
        self.schema = schema
        self._frame, self._feeds = frame, feeds

    @contextmanager
    def reading(
        self, failed: FailedRows | None = None
    ) -> Iterator[Iterator[tuple[Columns, Columns]]]:
        """Give, for each batch, the passthrough columns and the columns that feed the plan."""
        del failed
        plain = self._frame.arrow
        names = columns_to_read(self._feeds, plain.names)
        passing = _positions(self.schema.names, plain.names)
        reading = _positions(names, plain.names)

        def rows() -> Iterator[tuple[Columns, Columns]]:
            for batch in self._frame.batches():
                kept = zip(passing, self.schema.types, strict=True)
                passed = tuple(_as(batch.column(at), arrow) for at, arrow in kept)
                read = [_as(batch.column(at), plain.field(at).type) for at in reading]
                fed = pa.RecordBatch.from_arrays(read, names)
                yield passed, fed_columns(fed, self._feeds)

        yield rows()


def _positions(wanted: Sequence[str], names: Sequence[str]) -> list[int]:
    """Return the positions of columns; columns of one name get their positions in order."""
    left: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        left.setdefault(name, []).append(at)
    return [left[name].pop(0) if left[name][1:] else left[name][0] for name in wanted]


def _as(array: pa.Array, arrow: pa.DataType) -> pa.Array:
    return array if array.type == arrow else decoded(array).cast(arrow)
