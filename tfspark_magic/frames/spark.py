"""Spark DataFrames, classic and Connect: graphs over them run beside the data.

Maps need only the columns and `spark_maps`; each other verb imports its own modules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import FrameColumns, Plan
from tfspark_magic.errors import NotAvailableError, OptionError
from tfspark_magic.executor.gpu_settings import placed, words_for
from tfspark_magic.executor.shipping import travels_inline
from tfspark_magic.frames.frame import Frame, Groups
from tfspark_magic.frames.spark_columns import columns_of
from tfspark_magic.frames.spark_maps import append_outputs, only_outputs
from tfspark_magic.schema.quoting import as_one
from tfspark_magic.schema.spark import spark_from_cell
from tfspark_magic.versions import is_older

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tfspark_magic.binding import Feed
    from tfspark_magic.binding.plan import BoundProgram
    from tfspark_magic.binding.reductions import ReductionPlan
    from tfspark_magic.frames.row_reader import RowReader
    from tfspark_magic.schema.spec import CellSpec, Shape
    from tfspark_magic.sources.files import Files
    from tfspark_magic.training.job import Training
    from tfspark_magic.training.training_state import State
    from tfspark_magic.worker.rechunk import Columns
    from tfspark_magic.worker.reducing import States


_NEEDS_ALL = "{} needs all {}, and a streaming DataFrame has no last one: call it in foreachBatch."


class SparkFrame(Frame):
    """A Spark DataFrame; `Frame` documents the members."""

    kind = "Spark"
    is_lazy = True
    reading = "leave the JVM"

    def __init__(self, df: DataFrame) -> None:
        self.source = df

    @property
    def is_streaming(self) -> bool:
        # On Connect this asks the server.
        return bool(self.source.isStreaming)

    @cached_property
    def columns(self) -> FrameColumns:
        return columns_of(self.source)

    @property
    def types(self) -> Mapping[str, str]:
        return {field.name: field.dataType.simpleString() for field in self.source.schema.fields}

    def schema(self) -> list[tuple[Any, str]]:
        fields = self.source.schema.fields
        kinds = ((f.dataType.simpleString(), str(f.nullable).lower()) for f in fields)
        return [
            (field.name, f"{kind} (nullable = {nullable})")
            for field, (kind, nullable) in zip(fields, kinds, strict=True)
        ]

    def reader(self) -> RowReader:
        from tfspark_magic.frames.spark_rows import whole_reader

        return whole_reader(self.source)

    def map(self, plan: Plan, passthrough: list[str] | None, profile: Any = None) -> DataFrame:
        if plan.trim:
            return only_outputs(self.source, plan, profile)
        return append_outputs(self.source, plan)

    def some_rows(self, plan: Plan, count: int, seed: int | None) -> Columns:
        self.refuse_stream(
            "A streaming DataFrame has no rows to look at: call it in foreachBatch, or read the "
            "same source without a stream."
        )
        from tfspark_magic.frames.spark_query import some_rows

        return some_rows(self.source, plan, count, seed)

    def reduce(self, plan: ReductionPlan, profile: Any) -> States:
        self.refuse_stream(_NEEDS_ALL.format(plan.verb, "rows"))
        from tfspark_magic.frames.spark_reductions import reduce_partitions

        return reduce_partitions(self.source, plan, profile)

    def group(self, keys: Sequence[str]) -> SparkGroups:
        return SparkGroups.of(self.source.groupBy(*map(as_one, keys)))

    @property
    def session(self) -> SparkSession:
        return self.source.sparkSession

    def workers(self, asked: int | None) -> int:
        from tfspark_magic.frames.spark_training import workers_of

        return workers_of(self.source.sparkSession, asked)

    def train(self, training: Training, held: Frame | None) -> State:
        self.refuse_stream(_NEEDS_ALL.format("fit", "rows"))
        from tfspark_magic.frames.spark_training import train_dealt

        return train_dealt(self.source, training, None if held is None else held.source)

    def run_local(self, plan: Plan, passthrough: list[str] | None, output: str) -> Any:
        if self.is_streaming:
            raise OptionError(
                "run_local reads a query to its end, and a stream has none: use tfs.map_rows on "
                "the stream, or run_local in its foreachBatch."
            )
        from tfspark_magic.frames.lazy_table import LazyTable
        from tfspark_magic.frames.spark_query import QueryBatches

        query = QueryBatches(self.source, plan, stream=plan.trim or output == "batches")
        cells = [] if plan.trim else [c for _, c in self.columns[: len(self.source.columns)]]
        return LazyTable(plan, query, cells).to(output)

    def files(self) -> Files:
        from tfspark_magic.frames.scanned_files import files_of

        return files_of(self.source)

    def as_files(
        self, columns: Sequence[str] | None, shapes: Mapping[str, Any] | None
    ) -> tuple[Files, Any]:
        from tfspark_magic.frames.spark_query import copied

        return copied(self.source, columns, shapes or {})

    def name_of(self, column: Any) -> Any:
        # Spark resolves a column without running anything, and gives its name.
        return self.source.select(column).columns[0] if isinstance(column, Column) else column

    def analyzed(self, cells: Mapping[str, CellSpec]) -> DataFrame:
        self.refuse_stream(
            "The data of a streaming DataFrame cannot be read now: give its shapes with "
            "tfs.append_shape(df, column, shape)."
        )
        from tfspark_magic.frames.spark_shapes import shapes_in_data

        return self.with_shapes(shapes_in_data(self.source, cells))

    def with_shapes(self, shapes: Mapping[str, Shape]) -> DataFrame:
        from tfspark_magic.frames.spark_shapes import with_shapes

        return with_shapes(self.source, shapes, self.columns) if shapes else self.source

    def refuse_stream(self, message: str) -> None:
        """Raise NotAvailableError if it is a stream."""
        if self.is_streaming:
            raise NotAvailableError(message)

    def type_of(self, cell: CellSpec) -> str:
        return str(spark_from_cell(cell).simpleString())

    def advice(
        self, call: str, feeds: Sequence[Feed], row_bytes: int | None
    ) -> tuple[tuple[str, str], ...]:
        from tfspark_magic.frames.spark_advice import of_files, of_settings

        read = dict.fromkeys(feed.column for feed in feeds if not feed.counts)
        files = of_files(self.source, call, feeds, read, row_bytes) if call and read else ""
        found = (("read as files", files), ("small rows", of_settings(self.source, row_bytes)))
        return tuple((heading, said) for heading, said in found if said)

    def device(self, plan: BoundProgram) -> str:
        return words_for(placed(plan, self.source.sparkSession))

    def rerun(self) -> str:
        version = self.source.sparkSession.version
        if not is_older(version, "4.2"):
            return ""
        return (
            f"Spark {version} runs it again on the rows that a filter on its results keeps: cache() "
            "the result before such a filter"
        )

    def travel(self, size: int) -> str:
        inline = travels_inline(self.source, size)
        return "inside each task" if inline else "as a file of the session, sent once"


class SparkGroups(Groups):
    """The groups of `df.groupBy(...)`; `Groups` documents the members."""

    frame: SparkFrame

    def __init__(
        self, df: DataFrame, fields: list[T.StructField], expressions: list[Column]
    ) -> None:
        self.frame = SparkFrame(df)
        self.keys = tuple(field.name for field in fields)
        self._fields, self._expressions = fields, expressions

    @classmethod
    def of(cls, grouped: Any) -> SparkGroups:
        """Return the groups of `df.groupBy(...)`; the errors are those of `keys_of`."""
        from tfspark_magic.frames.spark_keys import keys_of

        return cls(*keys_of(grouped))

    def aggregate(self, plan: ReductionPlan, profile: Any) -> DataFrame:
        self.frame.refuse_stream(_NEEDS_ALL.format("aggregate", "rows of a group"))
        from tfspark_magic.frames.spark_reductions import aggregate_groups

        return aggregate_groups(self.frame.source, self._fields, self._expressions, plan, profile)
