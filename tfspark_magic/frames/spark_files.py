"""Files that Spark's workers read, so that their rows do not pass through the JVM."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.errors import PySparkTypeError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T  # noqa: N812

from tfspark_magic.binding import FrameColumns, Plan
from tfspark_magic.binding.columns import OfFiles
from tfspark_magic.binding.plan import BoundProgram
from tfspark_magic.binding.reductions import ReductionPlan
from tfspark_magic.errors import Subject, UnsupportedTypeError
from tfspark_magic.executor.gpu_settings import placed, words_for, workers_for
from tfspark_magic.executor.session import check_session, cores, is_case_sensitive
from tfspark_magic.executor.shipping import Shipped, shipped, travels_inline
from tfspark_magic.executor.spark_internals import spark_from_arrow
from tfspark_magic.executor.task_reports import report_of
from tfspark_magic.frames.file_tasks import grouped, task_numbers
from tfspark_magic.frames.files import FilesFrame
from tfspark_magic.frames.spark_columns import named
from tfspark_magic.frames.spark_reductions import states_of
from tfspark_magic.frames.spark_writing import FilesMap, remember
from tfspark_magic.schema.arrow import arrow_from_cell, signed
from tfspark_magic.schema.spark import spark_from_cell
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.prefetch import default_threads
from tfspark_magic.sources.reading import counted
from tfspark_magic.sources.shards import dealt_rows
from tfspark_magic.sources.tasks import Groups, MapFragments, ReduceFragments
from tfspark_magic.words import count
from tfspark_magic.worker.reducing import States

if TYPE_CHECKING:
    from tfspark_magic.frames.frame import Frame
    from tfspark_magic.training.job import Training
    from tfspark_magic.training.training_state import State


class SparkFilesFrame(FilesFrame):
    """Files, with the session whose workers read them; `Frame` documents the members."""

    is_lazy = True

    def __init__(self, source: Files, spark: SparkSession) -> None:
        super().__init__(source)
        self._spark = spark

    @cached_property
    def columns(self) -> FrameColumns:
        check_session(self._spark)
        case_sensitive = is_case_sensitive(self._spark)
        return FrameColumns(
            self.source.columns(), case_sensitive=case_sensitive, conversions=OfFiles()
        )

    def map(self, plan: Plan, passthrough: list[str] | None, profile: Any = None) -> DataFrame:
        return _map(self._spark, self.source, passthrough or [], plan)

    def reduce(self, plan: ReductionPlan, profile: Any) -> States:
        plan = placed(plan, self._spark, profile)
        rows = FileRows(self.source.for_tasks(), (), plan.feeds)
        numbers, groups = task_numbers(self._spark, self.source)
        function = ReduceFragments(shipped(plan, numbers), rows, groups)
        return states_of(numbers, function, plan, profile)

    @property
    def session(self) -> SparkSession:
        return self._spark

    def workers(self, asked: int | None) -> int:
        from tfspark_magic.frames.spark_training import workers_of

        return workers_of(self._spark, asked)

    def train(self, training: Training, held: Frame | None) -> State:
        from tfspark_magic.frames.spark_training import train_read
        from tfspark_magic.training.task import DealtFiles, ReadRows

        def dealt(files: Files) -> DealtFiles:
            rows = FileRows(files.for_tasks(), (), training.plan.feeds)
            return DealtFiles(rows, _dealt(files, training.workers))

        apart = None if held is None else dealt(held.source)
        return train_read(self._spark, training, ReadRows(dealt(self.source), apart))

    def device(self, plan: BoundProgram) -> str:
        return words_for(placed(plan, self._spark))

    def travel(self, size: int) -> str:
        inline = travels_inline(self._spark.range(0), size)
        return "inside each task" if inline else "as a file of the session, sent once"

    def _readers(self) -> str:
        tasks = len(grouped(self.source.fragments(), cores(self._spark)))
        return f"by Spark's workers in {count(tasks, 'task')}: the JVM sees the results alone"


def _dealt(files: Files, workers: int) -> Groups:
    """Return what each worker reads: equal numbers of rows, or of fragments whose rows nobody counted."""
    fragments = files.fragments()
    known = files.expression is None and all(one.rows is not None for one in fragments)
    if len(fragments) >= workers and not known:
        return Groups([fragments[at::workers] for at in range(workers)])
    return Groups(dealt_rows(counted(files, fragments, default_threads()), workers))


def _map(spark: SparkSession, files: Files, passthrough: Sequence[str], plan: Plan) -> DataFrame:
    cells = {name: cell for name, cell in files.columns() if isinstance(cell, CellSpec)}
    types = {name: _spark_from_arrow(files.schema.field(name)) for name in passthrough}
    passing = pa.schema([(name, arrow) for name, (_, arrow) in types.items()])
    rows = FileRows(files.for_tasks(), (), plan.feeds, passing)
    for name, cell in plan.outputs:
        types[name] = spark_from_cell(cell), arrow_from_cell(cell)
        cells[name] = cell
    struct = T.StructType([T.StructField(name, kind) for name, (kind, _) in types.items()])
    schema = pa.schema([(name, arrow) for name, (_, arrow) in types.items()])
    report = report_of(plan, spark)
    numbers, groups = task_numbers(spark, files)
    sent = shipped(placed(plan, spark), numbers)
    function = MapFragments(sent, schema, rows, groups, report)
    with workers_for(sent, spark):
        mapped = numbers.mapInArrow(Shipped(function), struct)
    result = named(mapped, [(name, cells.get(name)) for name in types])
    return remember(result, FilesMap(spark, files, plan, schema, rows))


def _spark_from_arrow(field: pa.Field) -> tuple[T.DataType, pa.DataType]:
    """Return the Spark type of an Arrow column, and the Arrow type of the values that Spark takes.

    >>> _spark_from_arrow(pa.field("n", pa.uint32()))
    (LongType(), DataType(int64))

    Raises
    ------
    UnsupportedTypeError
        If Spark has no such values.
    """
    try:
        return spark_from_arrow(signed(field.type))
    except PySparkTypeError:
        advice = "Spark has no such type: leave it out of the passthrough columns (`columns=`)"
        raise UnsupportedTypeError(Subject("Column", field.name), str(field.type), advice) from None
