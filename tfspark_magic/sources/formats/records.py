"""Find the compression of TFRecord files, and the features of their first records.

Each record has its length and checksums around it. A `tf.train.Example` is a
`tf.train.SequenceExample` without lists of features, so all records are read as the latter.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pyarrow as pa

from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.arrow import is_list, leaf_of
from tfspark_magic.sources.filesystem import open_filesystem, shown_errors
from tfspark_magic.sources.formats.compression import extension_of, open_stream

_HEADER_BYTES = 12
_LOOKED_AT = 20
_LARGEST = 1 << 28
_KINDS = {"int64_list": pa.int64(), "float_list": pa.float32(), "bytes_list": pa.binary()}


class Features:
    """The features of the first records of a file."""

    def __init__(self, uri: str) -> None:
        self.single: dict[str, pa.DataType | None] = {}
        """The types of the features by their names, as in a schema."""
        self.steps: dict[str, pa.DataType | None] = {}
        """The names of lists of features, which have a feature for each step of a sequence."""
        for record in _first_records(uri):
            try:
                parsed = tf.train.SequenceExample.FromString(record)
            except Exception:  # noqa: BLE001, S112  (protobuf's DecodeError; another message)
                continue
            for name, feature in parsed.context.feature.items():
                self.single[name] = _deepest(self.single.get(name), _type(feature))
            for name, features in parsed.feature_lists.feature_list.items():
                step = _deepest(*(_type(feature) for feature in features.feature))
                self.steps[name] = _deepest(self.steps.get(name), step and pa.list_(step))

    def __str__(self) -> str:
        names = [*self.single, *(f"{name} (a list of features)" for name in self.steps)]
        return ", ".join(names[:12]) + (", ..." if names[12:] else "") if names else "none"

    def schema(self) -> str:
        """Return a schema of the features as Python code; empty if there are none."""
        columns = [
            f"({name!r}, {_written(arrow)})"
            for name, arrow in {**self.single, **self.steps}.items()
            if arrow is not None
        ]
        return f"pa.schema([{', '.join(columns)}])" if columns else ""


def compression_of(uri: str) -> str | None:
    """Return the compression of a file of records by its first bytes, because names seldom show it."""
    named = extension_of(uri)[1]
    if named in ("bz2", "zstd", "lz4"):
        return named
    with shown_errors(uri), opened(uri, None) as stream:
        start = stream.read(_HEADER_BYTES)
    if _is_header(start):
        return None
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start[:1] == b"\x78" and int.from_bytes(start[:2], "big") % 31 == 0:
        return "zlib"
    return named


def opened(uri: str, compression: str | None) -> pa.NativeFile:
    """Return an open file of records, decompressed if it has a compression."""
    if compression is not None:
        return open_stream(uri, compression)
    filesystem, inside = open_filesystem(uri)
    with shown_errors(uri):
        return filesystem.open_input_stream(inside, compression=None)


def _first_records(uri: str) -> Iterator[bytes]:
    with opened(uri, compression_of(uri)) as stream:
        for _ in range(_LOOKED_AT):
            header = stream.read(_HEADER_BYTES)
            if not _is_header(header):
                # The end of the file, or an error that the reader will report.
                return
            (size,) = struct.unpack("<Q", header[:8])
            if size > _LARGEST:
                return
            yield stream.read(size)
            stream.read(4)


def _is_header(start: bytes) -> bool:
    """Whether these are a length and its checksum: CRC-32C, masked as TensorFlow does."""
    if len(start) < _HEADER_BYTES:
        return False
    crc = 0xFFFFFFFF
    for byte in start[:8]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return masked == int.from_bytes(start[8:], "little")


def _type(feature: tf.train.Feature) -> pa.DataType | None:
    kind = feature.WhichOneof("kind")
    if kind is None:
        return None
    values = getattr(feature, kind).value
    return _KINDS[kind] if len(values) == 1 else pa.list_(_KINDS[kind])


def _deepest(*found: pa.DataType | None) -> pa.DataType | None:
    """Return the type that holds all values: lists, if a record has several values."""
    known = [arrow for arrow in found if arrow is not None]
    return max(known, key=lambda arrow: leaf_of(arrow)[1], default=None)


def _written(arrow: pa.DataType) -> str:
    if is_list(arrow):
        return f"pa.list_({_written(arrow.value_type)})"
    return "pa.float32()" if arrow == pa.float32() else f"pa.{arrow}()"
