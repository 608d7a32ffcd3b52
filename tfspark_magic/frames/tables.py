"""The common part of frames whose rows this process reads as Arrow batches: files and Arrow tables."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from tfspark_magic.binding import Feed, Plan
from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import NotAvailableError, OptionError, closest
from tfspark_magic.frames.frame import Frame, Groups, check_no_profile
from tfspark_magic.frames.grouping import without_signs
from tfspark_magic.frames.lazy_table import LazyTable, Source
from tfspark_magic.frames.row_reader import BatchReader, RowReader
from tfspark_magic.frames.some_rows import FirstColumn, drawn_from, first_of
from tfspark_magic.schema.arrow import arrow_from_cell, cells_from_arrow
from tfspark_magic.schema.spec import CellSpec, Shape
from tfspark_magic.worker.aggregating import aggregate_batches
from tfspark_magic.worker.reducing import States, reduce_batches

if TYPE_CHECKING:
    from tfspark_magic.training.job import Training
    from tfspark_magic.training.training_state import State
    from tfspark_magic.worker.rechunk import Columns


class TableFrame(Frame):
    """Rows as Arrow batches; `Frame` documents the members."""

    kind = "Arrow"
    called: str
    """The name of the frame in errors."""
    keeps_shapes: str
    """The error text of a frame that has no place for shapes: it says where to give them."""

    def __init__(self, source: Any) -> None:
        self.source = source

    @property
    @abstractmethod
    def arrow(self) -> pa.Schema:
        """The columns, with the types from which tensors are made."""

    @abstractmethod
    def rows(self, feeds: Iterable[Feed], passthrough: pa.Schema) -> Source:
        """Return a source of the rows: passthrough columns, with these types, and columns that feed."""

    def schema(self) -> list[tuple[Any, str]]:
        return [(column.name, str(column.type)) for column in self.arrow]

    def reader(self) -> RowReader:
        fields = self.passing_types(self.arrow.names)
        found = (cell for _, cell in cells_from_arrow(fields))
        columns = [
            FirstColumn(f.name, cell if isinstance(cell, CellSpec) else str(f.type), ())
            for f, cell in zip(fields, found, strict=False)
        ]

        @contextmanager
        def reading() -> Iterator[Iterator[Columns]]:
            with self.rows((), fields).reading() as batches:
                yield map(itemgetter(0), batches)

        length = len(self.source) if isinstance(self.source, pa.Table) else None
        return BatchReader(columns, reading, length)

    def passthrough(self, columns: Sequence[str] | None, *, trim: bool) -> list[str]:
        if trim:
            if columns:
                raise OptionError("trim=True returns only the fetches: leave columns= out.")
            return []
        names = self.arrow.names
        if columns is None:
            return list(names)
        if isinstance(columns, str):
            raise OptionError(
                f"columns is a list of names, got {columns!r}: write columns=[{columns!r}]."
            )
        for name in columns:
            if name not in names:
                verb = "do" if self.called == "files" else "does"
                message = f"columns names {name!r}, which the {self.called} {verb} not have. "
                raise OptionError(message + closest(name, names))
        return list(dict.fromkeys(columns))

    def map(self, plan: Plan, passthrough: list[str] | None, profile: Any = None) -> Any:
        check_no_profile(profile)
        return self._table(plan, passthrough)

    def some_rows(self, plan: Plan, count: int, seed: int | None) -> Columns:
        with self.rows(plan.feeds, pa.schema([])).reading() as batches:
            fed = map(itemgetter(1), batches)
            return first_of(fed, count) if seed is None else drawn_from(fed, count, seed)

    def reduce(self, plan: ReductionPlan, profile: Any) -> States | None:
        check_no_profile(profile)
        from tfspark_magic.graph.eager import eager_mode

        with eager_mode(), self.rows(plan.feeds, pa.schema([])).reading() as batches:
            return reduce_batches(plan, (fed for _, fed in batches))

    def group(self, keys: Sequence[str]) -> Groups:
        return TableGroups(self, keys)

    def train(self, training: Training, held: Frame | None) -> State:
        from tfspark_magic.training.alone import fit_here

        with ExitStack() as reading:
            parts = [
                reading.enter_context(frame.rows(training.plan.feeds, pa.schema([])).reading())
                for frame in (self, held)
                if isinstance(frame, TableFrame)
            ]
            rows, *more = (map(itemgetter(1), part) for part in parts)
            return fit_here(training, rows, *more)

    def run_local(self, plan: Plan, passthrough: list[str] | None, output: str) -> Any:
        return self._table(plan, passthrough).to(output)

    def with_shapes(self, shapes: Mapping[str, Shape]) -> Any:
        raise NotAvailableError(self.keeps_shapes)

    def type_of(self, cell: CellSpec) -> str:
        return str(arrow_from_cell(cell))

    def passing_types(self, names: Sequence[str]) -> pa.Schema:
        """Return the passthrough columns, with the types that they have in the result."""
        return pa.schema([self.arrow.field(name) for name in names])

    def _table(self, plan: Plan, passthrough: list[str] | None) -> LazyTable:
        names = passthrough or []
        cells = dict(self.columns)
        rows = self.rows(plan.feeds, self.passing_types(names))
        return LazyTable(plan, rows, [cells[name] for name in names])


class TableGroups(Groups):
    """Groups of rows by columns; `Groups` documents the members."""

    frame: TableFrame

    def __init__(self, frame: TableFrame, keys: Sequence[str]) -> None:
        self.frame = frame
        self.keys = tuple(keys)

    def aggregate(self, plan: ReductionPlan, profile: Any) -> pa.Table:
        check_no_profile(profile)
        from tfspark_magic.graph.eager import eager_mode

        fields = pa.schema([self.frame.arrow.field(key) for key in self.keys]).remove_metadata()
        with eager_mode(), self.frame.rows(plan.feeds, fields).reading() as batches:
            columns = ((*key, *fed) for key, fed in batches)
            found = aggregate_batches(plan, len(fields), columns)
        keys, outputs = found or (
            [pa.array([], field.type) for field in fields],
            [pa.array([], arrow_from_cell(cell)) for _, cell in plan.outputs],
        )
        outputs = [
            output.cast(arrow_from_cell(cell, carried=False))
            for output, (_, cell) in zip(outputs, plan.outputs, strict=True)
        ]
        names = [*self.keys, *(name for name, _ in plan.outputs)]
        return pa.table([*map(_without_signs, keys), *outputs], names)


def _without_signs(keys: pa.Array) -> pa.Array:
    """Return keys with no minus zero in them, at any depth, as Spark shows them."""
    if pa.types.is_nested(keys.type):
        return pa.array([without_signs(key) for key in keys.to_pylist()], keys.type)
    return pc.add(keys, pa.scalar(0, keys.type)) if pa.types.is_floating(keys.type) else keys
