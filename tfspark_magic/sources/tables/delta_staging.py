"""Write the files of many tasks to a Delta table: they are rows of it by one commit to its log."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa
from pyarrow import fs

from tfspark_magic.errors import (
    MissingDependencyError,
    OptionError,
    PathAccessError,
    UnsupportedTypeError,
)
from tfspark_magic.schema.arrow import in_microseconds, is_list, leaves_of, nested
from tfspark_magic.schema.spec import SHAPE_KEY
from tfspark_magic.sources.filesystem import shown, shown_errors
from tfspark_magic.sources.listing import partition_of
from tfspark_magic.sources.part_files import PartFile, PartFiles, checked_partitions
from tfspark_magic.sources.schemas import SPARK_KEY, plain_type, same_type
from tfspark_magic.sources.staging import Staging, begin, is_there_already
from tfspark_magic.sources.writing import as_written, in_row_groups, opened

_JOB, _COMMIT = "tfspark_magic.job", "tfspark_magic.commit"
_HARMLESS = {
    "appendOnly", "changeDataFeed", "deletionVectors", "domainMetadata",
    "invariants", "timestampNtz", "v2Checkpoint", "vacuumProtocolCheck", "checkConstraints",
    "generatedColumns", "columnMapping", "typeWidening", "typeWidening-preview", "allowColumnDefaults",
}  # fmt: skip
"""What a writer must know of a table, and either needs to do nothing for, or is seen in `_needs`."""


@dataclass(frozen=True)
class DeltaStaging(Staging):
    """The hidden folder beside a Delta table, in which one job gathers its files.

    The files are moved into the table's folder, where nobody sees them, and are rows of the table by
    one commit to its log. So whatever happens before leaves the table as it was.

    Parameters
    ----------
    location, job
        As for `Staging`.
    columns
        The columns of the rows, in JSON as Spark writes it, and Delta too.
    partition_by
        The columns whose values are in the log, and not in the files.
    """

    columns: str = ""
    partition_by: tuple[str, ...] = ()

    says_columns = True

    def exists(self) -> bool:
        """Whether the table is there; OptionError if another folder is."""
        if self._is_table():
            return True
        is_file = self._kind(self.target) == fs.FileType.File
        # A first write that was killed in its last step leaves files in the folder.
        if is_file or (self.files_there() and not super().stopped()):
            raise OptionError(
                f"{shown(self.location)!r} is a {'file' if is_file else 'folder'}, and no Delta table: "
                f"name another path."
            )
        return False

    def _is_table(self) -> bool:
        is_folder = self._kind(self.target) == fs.FileType.Directory
        return is_folder and bool(_deltalake().DeltaTable.is_deltatable(self.location))

    def is_there(self, *, alone: bool) -> bool:
        """Whether the table has the rows of this job; a commit that was stopped is finished first."""
        if self._kind(f"{self.folder}/commit.json") == fs.FileType.File:
            self.go_on()
        for entry in self._history():
            replaces = entry.get("operationParameters", {}).get("mode") == "Overwrite"
            if entry.get(_JOB) == self.job:
                return not alone or replaces or entry["version"] == 0
            if alone or replaces:
                return False
        return False

    def stopped(self) -> list[Self]:
        """Return no job: what was not committed is no part of the table."""
        return []

    def check_fits(self, schema: pa.Schema, by: tuple[str, ...], *, append: bool) -> None:
        """Raise OptionError if rows with these columns and partitions do not go into the table."""
        if not self.exists():
            return
        table = _deltalake().DeltaTable(self.location)
        needs, own = _needs(table), tuple(table.metadata().partition_columns)
        if needs:
            raise OptionError(
                f"{shown(self.location)!r} has {needs}, which its writers must keep: write the rows to "
                f"another path, and let Spark insert them."
            )
        if own != by:
            raise OptionError(
                f"{shown(self.location)!r} is partitioned by {list(own)}, not by {list(by)}: pass "
                f"partition_by={list(own)}, or write to another path."
            )
        if not append and table.metadata().configuration.get("delta.appendOnly") == "true":
            raise OptionError(
                f"{shown(self.location)!r} takes only rows that are added: pass append=True instead of "
                f"overwrite=True."
            )
        features = table.protocol().writer_features or ()
        zoneless = next((c.name for c in schema if _has_zoneless_times(c.type)), None)
        if not append and zoneless is not None and "timestampNtz" not in features:
            raise OptionError(
                f"{shown(self.location)!r} takes no times without a time zone, as in column {zoneless!r}: "
                f"write to another path, or give them a time zone."
            )
        super().check_fits(schema, by, append=append)

    def _misfit(self, schema: pa.Schema, by: tuple[str, ...]) -> str | None:
        """Return in words why such rows cannot be appended; None if they can."""
        del by
        table = _deltalake().DeltaTable(self.location)
        there = pa.schema(table.schema().to_arrow())
        for field in there:
            if field.name not in schema.names:
                return f"has a column {field.name!r}, too"
            wanted = plain_type(schema.field(field.name).type)
            if not same_type(plain_type(field.type), wanted):
                return f"has column {field.name!r} as {field.type}, not as {wanted}"
            if not field.nullable and schema.field(field.name).nullable:
                return f"has a column {field.name!r} without nulls"
        more = [name for name in schema.names if name not in there.names]
        return f"has no column {more[0]!r}, it has {there.names}" if more else None

    def commit(self, tasks: dict[int, list[PartFile]], *, overwrite: bool, append: bool) -> None:
        """Make the files of all tasks rows of the table.

        Raises
        ------
        OptionError
            If the table appeared meanwhile.
        PathNotFoundError
            If a file of a worker is not there.
        """
        there = self.exists()
        if there and not overwrite and not append:
            raise OptionError(is_there_already(self.location))
        rows = [file.rows for _, files in sorted(tasks.items()) for file in files]
        plan = {
            "id": uuid.uuid4().hex, "moves": self._moves(tasks), "overwrite": overwrite, "rows": rows,
        }  # fmt: skip
        self._begin_commit(tasks, plan)

    def _finish(self, plan: dict[str, Any]) -> None:
        self._move(plan["moves"], self.target)
        try:
            self._write_log(plan)
        except BaseException:
            self.remove()
            raise

    def remove(self) -> None:
        """Remove what this job has staged, and what it moved into the table's folder without a commit."""
        plan = self._get(f"{self.folder}/commit.json")
        # The commit may be there, whatever failed, and its files must then stay.
        if plan is not None and not self._is_committed(plan):
            for _, name, _ in plan["moves"]:
                with contextlib.suppress(OSError):
                    self.filesystem.delete_file(f"{self.target}/{name}")
        super().remove()

    def _is_committed(self, plan: dict[str, Any] | None) -> bool:
        known = (_JOB, self.job) if plan is None else (_COMMIT, plan["id"])
        return any(entry.get(known[0]) == known[1] for entry in self._history())

    def _write_log(self, plan: dict[str, Any]) -> None:
        deltalake = _deltalake()
        from deltalake.transaction import (
            AddAction,
            CommitProperties,
            create_table_with_add_actions,
        )

        if not self._are_whole((f"{self.target}/{name}", size) for _, name, size in plan["moves"]):
            raise self._lost()
        adds = []
        for (_, name, _), rows in zip(plan["moves"], plan["rows"], strict=True):
            info = self.filesystem.get_file_info(f"{self.target}/{name}")
            values = dict(partition_of("", f"/{name}"))
            written = (info.mtime_ns or 0) // 1_000_000
            stats = json.dumps({"numRecords": rows})
            adds.append(AddAction(name, info.size, values, written, True, stats))  # noqa: FBT003
        schema = deltalake.Schema.from_json(self.columns)
        about = CommitProperties(custom_metadata={_JOB: self.job, _COMMIT: plan["id"]})
        by = list(self.partition_by)
        try:
            if self._is_table():
                deltalake.DeltaTable(self.location).create_write_transaction(
                    adds,
                    "overwrite" if plan["overwrite"] else "append",
                    schema,
                    by,
                    commit_properties=about,
                )
            else:
                create_table_with_add_actions(
                    self.location, schema, adds, "error", by, commit_properties=about
                )
        except deltalake.exceptions.DeltaError as error:
            reason = " ".join(shown(str(error)).split()).rstrip(".")
            raise PathAccessError(
                shown(self.location),
                f"its log refuses the rows ({reason})",
                "write them to another path",
            ) from None

    def _history(self) -> Sequence[dict[str, Any]]:
        return _deltalake().DeltaTable(self.location).history() if self._is_table() else ()


def check_delta_types(schema: pa.Schema) -> str:
    """Return the columns in JSON, as Delta writes them.

    Raises
    ------
    UnsupportedTypeError
        If Delta does not have the type of a column.
    """
    made = _deltalake().Schema
    seen: dict[str, str] = {}
    for column in schema:
        other = seen.get(column.name.lower())
        seen[column.name.lower()] = column.name
        if other is not None:
            raise OptionError(
                f"Columns {other!r} and {column.name!r} have one name in a Delta table: rename one of them."
            )
        try:
            there = pa.schema(made.from_arrow(pa.schema([column])).to_arrow()).field(0).type
        except Exception:  # noqa: BLE001  (of any class, from Rust)
            there = pa.null()
        if pa.types.is_null(there) or not same_type(plain_type(there), plain_type(column.type)):
            subject = f"Column {column.name!r} of a Delta table"
            advice = "leave it out, or make it another type"
            raise UnsupportedTypeError(subject, str(column.type), advice)
    return str(made.from_arrow(schema).to_json())


def write_rows(
    rows: Any, location: str, *, overwrite: bool, append: bool, partition_by: Sequence[str]
) -> None:
    """Write a table to a Delta table, batch by batch, by this process."""
    found, batches = opened(rows)
    schema = pa.schema([_of_delta(column) for column in found])
    by = checked_partitions(partition_by, schema)
    columns = json.loads(check_delta_types(schema))
    for column, field in zip(columns["fields"], schema, strict=True):
        column["metadata"] |= {k.decode(): json.loads(v) for k, v in (field.metadata or {}).items()}
    staging = DeltaStaging(location, uuid.uuid4().hex, json.dumps(columns), by)
    begin(staging, overwrite=overwrite, append=append, resume=False)
    staging.check_fits(schema, by, append=append)
    try:
        inside = schema.with_metadata({SPARK_KEY: json.dumps(columns)})
        with PartFiles(staging.filesystem, staging.attempt(0), inside, by) as files:
            for table in in_row_groups(batches, found):
                # Errors of the rows are not about the target.
                written = as_written(table, inside)
                with shown_errors(location):
                    for batch in written.to_batches():
                        files.write(batch)
        with shown_errors(location):
            staging.commit({0: files.written}, overwrite=overwrite, append=append)
    except BaseException:
        staging.remove()
        raise


def _of_delta(column: pa.Field) -> pa.Field:
    """Return a column as Delta has it: lists have no size there, which its metadata keeps."""
    sizes, arrow = [], column.type
    while is_list(arrow):
        sizes.append(arrow.list_size if pa.types.is_fixed_size_list(arrow) else -1)
        arrow = arrow.value_type
    kept = {SHAPE_KEY: json.dumps(sizes)} if set(sizes) - {-1} else None
    return pa.field(
        column.name, nested(in_microseconds(plain_type(arrow)), len(sizes)), metadata=kept
    )


def _has_zoneless_times(arrow: pa.DataType) -> bool:
    return any(pa.types.is_timestamp(leaf) and leaf.tz is None for leaf in leaves_of(arrow))


def _needs(table: Any) -> str:
    """Return in words what a table asks of its writers beyond adding files; empty for nothing."""
    protocol, settings = table.protocol(), table.metadata().configuration
    unknown = sorted({*(protocol.writer_features or ())} - _HARMLESS)
    if unknown:
        return ", ".join(unknown)
    if settings.get("delta.columnMapping.mode", "none") != "none":
        return "mapped columns"
    text = table.schema().to_json()
    if any(name.startswith("delta.constraints.") for name in settings):
        return "constraints"
    for mark in ("delta.invariants", "delta.generationExpression", "delta.identity."):
        if f'"{mark}' in text:
            return "generated columns" if mark != "delta.invariants" else "constraints"
    return ""


def _deltalake() -> Any:
    try:
        import deltalake
    except ImportError:
        raise MissingDependencyError(
            "deltalake", "to write a Delta table", "pip install 'tfspark_magic[tables]'"
        ) from None
    return deltalake
