"""Pack batches in a function that Spark calls, so that the driver can read them unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

CELL_BYTES = 4 << 20


@dataclass(frozen=True)
class PackBatches:
    """A `mapInArrow` function that packs several batches into one cell of bytes.

    >>> list(unpack(next(PackBatches()(iter([batch]))).column(0)[0].as_py()))   # doctest: +SKIP
    [pyarrow.RecordBatch ...]

    Parameters
    ----------
    cell_bytes
        About how many bytes of batches are packed together.
    """

    cell_bytes: int = CELL_BYTES

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield a batch of one row, whose cell is a stream in Arrow's own format."""
        held: list[pa.RecordBatch] = []
        size = 0
        for batch in batches:
            if not batch.num_rows:
                continue
            held.append(batch)
            # `nbytes` crashes where `with_offsets` would be needed.
            size += batch.get_total_buffer_size()
            if size >= self.cell_bytes:
                yield _packed(held)
                held, size = [], 0
        if held:
            yield _packed(held)


def unpack(cell: bytes) -> Iterator[pa.RecordBatch]:
    """Yield the batches that were packed into a cell; they read its memory."""
    with pa.ipc.open_stream(pa.py_buffer(cell)) as stream:
        yield from stream


def _packed(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema) as stream:
        for batch in batches:
            stream.write_batch(batch)
    data = sink.getvalue()
    # Reads from the buffer, without a copy into a Python object.
    offsets = pa.array([0, data.size], pa.int32()).buffers()[1]
    cell = pa.Array.from_buffers(pa.binary(), 1, [None, offsets, data])
    return pa.RecordBatch.from_arrays([cell], ["batches"])
