"""Add deletes to Iceberg tables by hand, as pyiceberg writes none: positions, vectors, values."""

from __future__ import annotations

import json
import time
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.typedef import Record
from pyroaring import BitMap


class Deletes(ManifestWriterV2):
    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def with_deletes(table, *files):
    """Return the path of metadata of a next snapshot, in which files of deletes are added."""
    io, folder = PyArrowFileIO(), f"{table.location()}/metadata"
    last, new = table.current_snapshot(), 77
    number = last.sequence_number + 1
    made = io.new_output(f"{folder}/deletes-{uuid.uuid4().hex}.avro")
    with Deletes(UNPARTITIONED_PARTITION_SPEC, table.schema(), made, new, "null") as writer:
        for file in files:
            writer.add(ManifestEntry.from_args(sequence_number=number, data_file=file))
    listed = io.new_output(f"{folder}/snap-{new}.avro")
    with write_manifest_list(2, listed, new, last.snapshot_id, number, "null") as writer:
        writer.add_manifests([*last.manifests(io), writer_file(made, new, number, files)])
    about = json.loads(table.metadata.model_dump_json())
    snapshot = {
        "snapshot-id": new, "parent-snapshot-id": last.snapshot_id, "sequence-number": number,
        "timestamp-ms": int(time.time() * 1000), "manifest-list": listed.location,
        "summary": {"operation": "delete"}, "schema-id": table.schema().schema_id,
    }  # fmt: skip
    about |= {"current-snapshot-id": new, "last-sequence-number": number, "refs": {}}
    about["snapshots"].append(snapshot)
    path = f"{folder}/v99.metadata.json"
    with open(path.removeprefix("file://"), "w") as file:
        json.dump(about, file)
    return path.removeprefix("file://")


def writer_file(made, snapshot, number, files):
    from pyiceberg.manifest import ManifestFile

    return ManifestFile.from_args(
        manifest_path=made.location, manifest_length=len(made), partition_spec_id=0,
        content=ManifestContent.DELETES, sequence_number=number, min_sequence_number=number,
        added_snapshot_id=snapshot, added_files_count=len(files), existing_files_count=0,
        deleted_files_count=0, added_rows_count=1, existing_rows_count=0, deleted_rows_count=0,
        partitions=[], key_metadata=None,
    )  # fmt: skip


def _file(path, content, kind, **others):
    return DataFile.from_args(
        content=content, file_path=path, file_format=kind, partition=Record(), record_count=1,
        file_size_in_bytes=1, column_sizes={}, value_counts={}, null_value_counts={},
        nan_value_counts={}, lower_bounds={}, upper_bounds={}, key_metadata=None, split_offsets=None,
        equality_ids=others.get("equality_ids"), sort_order_id=None, spec_id=0,
    )  # fmt: skip


def positions(path, rows):
    """Return a file of deletes, with the numbers of rows by data file."""
    pairs = [(file, row) for file, numbers in rows.items() for row in numbers]
    columns = {
        "file_path": [file for file, _ in pairs],
        "pos": pa.array([row for _, row in pairs], pa.int64()),
    }
    pq.write_table(pa.table(columns), path)
    return _file(path, DataFileContent.POSITION_DELETES, FileFormat.PARQUET)


def values(path, table):
    """Return a file of deletes with the values of rows."""
    pq.write_table(table, path)
    return _file(path, DataFileContent.EQUALITY_DELETES, FileFormat.PARQUET, equality_ids=[1])


def vector(path, file, rows):
    """Return a Puffin file with the deletion vector of a data file."""
    inside = (
        b"\xd1\xd3\x39\x64"
        + (1).to_bytes(8, "little")
        + (0).to_bytes(4, "little")
        + BitMap(rows).serialize()
    )
    blob = len(inside).to_bytes(4, "big") + inside + bytes(4)
    about = {
        "blobs": [
            {
                "type": "deletion-vector-v1", "fields": [2147483646], "snapshot-id": -1,
                "sequence-number": -1, "offset": 4, "length": len(blob),
                "properties": {"referenced-data-file": file, "cardinality": str(len(rows))},
            }
        ],
        "properties": {},
    }  # fmt: skip
    footer = json.dumps(about).encode()
    end = len(footer).to_bytes(4, "little") + bytes(4)
    with open(path, "wb") as stream:
        stream.write(b"PFA1" + blob + b"PFA1" + footer + end + b"PFA1")
    return _file(path, DataFileContent.POSITION_DELETES, FileFormat.PUFFIN)
