"""The function that Spark calls in each task of a barrier stage: a worker of a training.

A task writes its rows to files, tells the other tasks how many there are, and starts a process that
trains. At the end, all tasks learn how each process ended. If one process had an error, the first
task returns it as its result: if a task failed, Spark would try the whole stage again. A task fails
only if a second try can succeed: its process was killed, or another process has gone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark import BarrierTaskContext

from tfspark_magic.errors import FeedError, TfSparkError, WorkerFailedError
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.tasks import Groups, reading_fragments
from tfspark_magic.temporary import TemporaryFolder
from tfspark_magic.training.checkpoint import check_writable
from tfspark_magic.training.hosts import check_hosts
from tfspark_magic.training.job import Job, Training
from tfspark_magic.training.process import Message, trainer_in
from tfspark_magic.training.row_spill import RowSpill
from tfspark_magic.training.start import NO_ROWS, checked, starting
from tfspark_magic.worker.rechunk import Columns
from tfspark_magic.worker.shipped import gpu_addresses

Batches = Iterator[pa.RecordBatch]
PART_BYTES = 4 << 20
RESULT = pa.schema([("part", pa.int64()), ("state", pa.binary()), ("error", pa.string())])


@dataclass(frozen=True)
class DealtRows:
    """Rows that Spark gives to the task.

    Parameters
    ----------
    feeds
        The number of columns that feed the plan.
    marked
        Whether one more column says which rows are held back.
    """

    feeds: int
    marked: bool

    def spill(self, batches: Batches, spill: RowSpill) -> None:
        """Write the rows."""
        for batch in batches:
            held = batch.column(self.feeds) if self.marked else None
            spill.add(tuple(batch.columns[: self.feeds]), held)


@dataclass(frozen=True)
class DealtFiles:
    """Rows of files; each task has some of them, by its number."""

    rows: FileRows
    groups: Groups

    def of(self, number: int) -> Iterator[Columns]:
        """Yield the columns that feed the plan, for the rows of a task."""
        with reading_fragments(self.rows, self.groups[number]) as found:
            for _, columns in found:
                yield columns


@dataclass(frozen=True)
class ReadRows:
    """Rows of files, which the task reads.

    Parameters
    ----------
    rows
        The rows to train on.
    held
        The rows to validate with; None if they are a part of `rows`, or if there are none.
    """

    rows: DealtFiles
    held: DealtFiles | None = None

    def spill(self, batches: Batches, spill: RowSpill) -> None:
        """Read the rows and write them."""
        numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
        for number in numbers:
            for columns in self.rows.of(number):
                spill.add(columns, None if self.held is None else False)
            for columns in () if self.held is None else self.held.of(number):
                spill.add(columns, held=True)


@dataclass(frozen=True)
class TrainTask:
    """A `mapInArrow` function; the first task returns the last state, or an error."""

    training: Training
    source: DealtRows | ReadRows

    def __call__(self, batches: Batches) -> Batches:
        """Train on the rows, and yield the result in parts."""
        context = BarrierTaskContext.get()
        rank = context.partitionId()
        gpus = gpu_addresses()
        with (
            _folder() as folder,
            trainer_in(
                folder,
                device=self.training.plan.device,
                gpus=gpus,
                directory=self.training.directory,
            ) as trainer,
        ):
            job, mine = self._spilled(batches, rank, folder)
            told = _gathered(context, {**mine, **trainer.port()} if job is not None else mine)
            error = self._refusal(job, told)
            if error is None:
                addresses = _addresses(context, told)
                error = _error(_gathered(context, _reachable(addresses)))
            if error is not None or job is None:
                yield from _first(rank, error=error)
                return
            held = sum(one["held"] for one in told)
            job = replace(job, all_rows=tuple(one["rows"] for one in told), validates=held > 0)
            ends = _gathered(context, trainer.train(job, addresses))
            error = _error(ends)
            lost = next((one["lost"] for one in ends if "lost" in one), None)
            if error is None and lost is not None:
                raise WorkerFailedError("A worker of a training has gone", lost)
            yield from _first(rank, error=error, state=lambda: trainer.state)

    def _refusal(self, job: Job | None, told: list[Message]) -> list[str] | None:
        """Return the error of a task, or why the tasks cannot train together; a task without a job has one."""
        error = _error(told) or _disagreement(told, self.training)
        if error is not None or job is None:
            return error
        rows, held = ([one[name] for one in told] for name in ("rows", "held"))
        try:
            checked(job.training, rows, held, validates=self._validates)
        except TfSparkError as fault:
            return _words(fault)
        return None

    @property
    def _validates(self) -> bool:
        source = self.source
        return source.marked if isinstance(source, DealtRows) else source.held is not None

    def _spilled(self, batches: Batches, rank: int, folder: Path) -> tuple[Job | None, Message]:
        """Write the rows; return the job, or None, and a message for the other tasks."""
        try:
            training, start = starting(self.training)
            if rank == 0 and training.checkpoint:
                check_writable(training.checkpoint)
            spill = RowSpill(training.plan.feeds, folder, training.validation, training.seed, rank)
            with spill.writing():
                self.source.spill(batches, spill)
        except TfSparkError as error:
            return None, {"error": _words(error)}
        job = Job(
            training=training, rank=rank, rows=spill.rows, held=spill.held, all_rows=(),
            validates=False, start=start,
        )  # fmt: skip
        known = {"rows": spill.rows.total, "held": spill.held.total, "seed": training.seed}
        return job, {**known, "start": None if start is None else len(start)}


def result_of(parts: pa.Table) -> bytes | tuple[str, str]:
    """Return the state that the tasks returned, or the name of an error and its sentence."""
    if not parts.num_rows:
        # Spark leaves a stage out if it knows that there are no rows.
        return FeedError.__name__, NO_ROWS
    parts = parts.sort_by("part")
    errors = [error for error in parts.column("error").to_pylist() if error is not None]
    if errors:
        name, sentence = json.loads(errors[0])
        return name, sentence
    return b"".join(parts.column("state").to_pylist())


def _first(
    rank: int, *, error: list[str] | None, state: Callable[[], bytes] | None = None
) -> Batches:
    """Yield the result of the first task, in parts that are small enough for a row."""
    if rank:
        return
    if error is not None or state is None:
        yield _row(0, None, json.dumps(error))
        return
    content = state()
    for number, at in enumerate(range(0, len(content), PART_BYTES)):
        yield _row(number, content[at : at + PART_BYTES], None)


def _row(part: int, state: bytes | None, error: str | None) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"part": part, "state": state, "error": error}], RESULT)


def _gathered(context: Any, message: Message) -> list[Message]:
    return [json.loads(told) for told in context.allGather(json.dumps(message))]


def _error(told: list[Message]) -> list[str] | None:
    """Return the first error that a task tells."""
    return next((one["error"] for one in told if "error" in one), None)


def _words(error: TfSparkError) -> list[str]:
    return [type(error).__name__, str(error)]


def _disagreement(told: list[Message], training: Training) -> list[str] | None:
    """Return an error if not all workers go on from the same checkpoint."""
    if len({(one["start"], one["seed"]) for one in told}) == 1:
        return None
    message = (
        f"The workers do not all see the checkpoint in {training.checkpoint!r}: pass a folder that is "
        f"the same on each node, such as one of hdfs:// or s3://."
    )
    return ["OptionError", message]


def _addresses(context: Any, told: list[Message]) -> list[str]:
    hosts = [task.address.rpartition(":")[0] or task.address for task in context.getTaskInfos()]
    if len(set(hosts)) == 1:
        # All on this machine, whatever it is called.
        hosts = ["127.0.0.1"] * len(hosts)
    return [f"{host}:{one['port']}" for host, one in zip(hosts, told, strict=True)]


def _reachable(addresses: list[str]) -> Message:
    """Return an error if this node does not find another one: that one would wait for it in vain."""
    try:
        check_hosts(addresses)
    except TfSparkError as error:
        return {"error": _words(error)}
    return {}


@contextmanager
def _folder() -> Iterator[Path]:
    # Spark removes what is left in its own folders at the end of the session.
    here = os.environ.get("SPARK_LOCAL_DIRS", "").split(",")[0] or None
    with TemporaryFolder(here) as folder:
        yield Path(folder)
