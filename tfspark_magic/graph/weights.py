"""Store weights beside a graph, in a file that all processes of a machine map without a copy.

A `GraphDef` holds 2 GB at most, is parsed by each process that loads it, and travels with each
query. So its large constants are in a file beside it, one after the other. The graph has a
placeholder for each, which is fed from the file.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tfspark_magic.temporary import TemporaryFolder

if TYPE_CHECKING:
    import numpy as np

    from tfspark_magic.graph.runtime import tf

    Array = np.ndarray[Any, Any]

# TensorFlow uses foreign memory without a copy only if it begins at such an address.
_ALIGNMENT = 64


class File(Protocol):
    """A file that can be found in the current process: on the driver, or beside a task."""

    @property
    def path(self) -> str | Path:
        """The path of the file."""


def content_of(held: File | bytes) -> bytes:
    """Return bytes that are in memory, or in a file."""
    return held if isinstance(held, bytes) else Path(held.path).read_bytes()


@dataclass(frozen=True)
class Weight:
    """One constant in the file.

    Parameters
    ----------
    tensor
        The name of the tensor that it feeds.
    dtype, shape
        The dtype and shape, in TensorFlow's terms.
    offset
        The position of its first byte in the file.
    """

    tensor: str
    dtype: str
    shape: tuple[int, ...]
    offset: int


class WeightsFile:
    """A file of this process, named after its content; the last program that needs it removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        weakref.finalize(self, path.unlink, missing_ok=True)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the bytes."""
        return _file_of, (self.digest, self.path.read_bytes())

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return self.path.name.partition("-")[0]


@dataclass(frozen=True)
class Weights:
    """The weights of a graph.

    Parameters
    ----------
    index
        The constants in the file.
    size
        The size of the file in bytes.
    digest
        SHA-256 of the file, in hexadecimal.
    file
        The file, or its content.
    """

    index: tuple[Weight, ...]
    size: int
    digest: str
    file: File | bytes

    def renamed(self, names: Mapping[str, str]) -> Weights:
        """Return the weights in `names`, renamed to the tensors that `names` gives."""
        index = tuple(replace(w, tensor=names[w.tensor]) for w in self.index if w.tensor in names)
        return replace(self, index=index)

    def tensors(self) -> dict[str, tf.Tensor]:
        """Return the values to feed, by the names of the tensors; they share the file's memory."""
        held = self.file
        data = _aligned(held) if isinstance(held, bytes) else _mapped(held.path)
        return {weight.tensor: _tensor(data, weight) for weight in self.index}


def write(arrays: Mapping[str, Array]) -> Weights | None:
    """Write constants, by the names of their nodes, into a file of this process; None if empty."""
    import numpy as np

    if not arrays:
        return None
    index, offset, digest = [], 0, hashlib.sha256()
    path = _new_path()
    with path.open("wb") as file:
        for name, array in arrays.items():
            index.append(Weight(f"{name}:0", array.dtype.name, array.shape, offset))
            # Viewed as bytes, because Python's buffers do not support bfloat16.
            data = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
            padding = bytes(-len(data) % _ALIGNMENT)
            for part in (data, padding):
                digest.update(part)
                file.write(part)
            offset += len(data) + len(padding)
    name = digest.hexdigest()
    return Weights(tuple(index), offset, name, _named(name, path))


def receive(index: Iterable[Weight], digest: str, parts: Iterable[bytes]) -> Weights:
    """Write the content of another process's file, which comes in parts, into a file of this process.

    Raises
    ------
    ValueError
        If the content does not fit the digest, or is too short for the weights.
    """
    found, size = hashlib.sha256(), 0
    path = _new_path()
    try:
        with path.open("wb") as file:
            for part in parts:
                found.update(part)
                size += len(part)
                file.write(part)
        weights = Weights(tuple(index), size, found.hexdigest(), b"")
        _check(weights, digest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return replace(weights, file=_named(digest, path))


def _check(weights: Weights, digest: str) -> None:
    import numpy as np

    for weight in weights.index:
        dtype = "uint16" if weight.dtype == "bfloat16" else weight.dtype
        stop = weight.offset + math.prod(weight.shape) * np.dtype(dtype).itemsize
        if weight.offset < 0 or weight.offset % _ALIGNMENT or stop > weights.size:
            raise ValueError(f"{weight.tensor!r} is not within the weights")
    if weights.digest != digest:
        raise ValueError("the digest of the weights is different")


def fed_by(weights: Weights | None) -> frozenset[str]:
    """Return the names of the tensors that weights feed."""
    return frozenset(weight.tensor for weight in weights.index) if weights else frozenset()


def only(weights: Weights | None, nodes: Iterable[str]) -> Weights | None:
    """Return the weights of the nodes that are still in the graph."""
    if weights is None:
        return None
    present = {f"{name}:0": f"{name}:0" for name in nodes}
    left = weights.renamed(present)
    return left if left.index else None


def _tensor(data: Array, weight: Weight) -> tf.Tensor:
    import numpy as np

    from tfspark_magic.graph.runtime import tf

    # NumPy has no bfloat16 of its own to export.
    dtype = "uint16" if weight.dtype == "bfloat16" else weight.dtype
    count = int(np.prod(weight.shape, dtype=np.int64))
    stop = weight.offset + count * np.dtype(dtype).itemsize
    array = data[weight.offset : stop].view(dtype)
    tensor = tf.experimental.dlpack.from_dlpack(array.__dlpack__())
    if weight.dtype != dtype:
        tensor = tf.bitcast(tensor, weight.dtype)
    return tf.reshape(tensor, weight.shape)


def _mapped(path: str | Path) -> Array:
    import numpy as np

    with Path(path).open("rb") as file:
        # The mapping is private and writable, because NumPy does not export read-only memory.
        # Nobody writes to it, so its pages are still the only copy on the machine.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return np.frombuffer(mapped, np.uint8)


def _aligned(data: bytes) -> Array:
    import numpy as np

    room = np.empty(len(data) + _ALIGNMENT, np.uint8)
    start = -room.ctypes.data % _ALIGNMENT
    room[start : start + len(data)] = np.frombuffer(data, np.uint8)
    return room[start : start + len(data)]


def _file_of(digest: str, data: bytes) -> WeightsFile:
    path = _new_path()
    path.write_bytes(data)
    return _named(digest, path)


_files: weakref.WeakValueDictionary[str, WeightsFile] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def _named(digest: str, path: Path) -> WeightsFile:
    """Name a new file after its content, or delete it if such a file exists."""
    with _lock:
        file = _files.get(digest)
        if file is None:
            # No name is used twice, because another thread may be removing the old file at this
            # moment.
            name = f"{digest}-{path.stem}.weights"
            file = _files[digest] = WeightsFile(path.rename(path.with_name(name)))
        else:
            path.unlink()
    return file


def _new_path() -> Path:
    return Path(own_folder().name, f"{os.urandom(8).hex()}.new")


@cache
def own_folder() -> TemporaryFolder:
    """Return the folder for the files of this process; the cache keeps it until the process ends."""
    return TemporaryFolder()
