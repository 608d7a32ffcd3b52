"""End all reading of files by TensorFlow before Python ends.

A thread that comes back from TensorFlow's C++ after Python's end aborts the process.
"""

from __future__ import annotations

import ctypes
import time
import traceback
from types import FrameType
from typing import Any

from tfspark_magic.graph.collection import instances_of
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.tensorflow_internals import (
    OwnedIterator,
    dataset_of,
    end_iterator,
    innermost_frames,
    inputs_of,
    is_in_tensorflow,
)
from tfspark_magic.sources.passes import ALIVE, FilesDataset

_LONGEST_END = 30
_A_MOMENT = 0.01
_MAKES_DATASETS = "tfspark_magic.sources.dataset"


def end_reading() -> None:
    """End the threads that read files by TensorFlow or make a dataset of them, and all iterators."""
    deadline = time.monotonic() + _LONGEST_END
    for passes in list(ALIVE):
        passes.end()
    ended: set[int] = set()
    while readers := _readers():
        for thread in readers.keys() - ended:
            _exit(thread)
        ended |= readers.keys()
        if not any(map(is_in_tensorflow, readers.values())) or time.monotonic() > deadline:
            break
        time.sleep(_A_MOMENT)
    if not ALIVE:
        return
    for iterator in instances_of(OwnedIterator):
        if _reads_files(iterator):
            end_iterator(iterator)
    for passes in list(ALIVE):
        passes.end()
        passes.wait(max(deadline - time.monotonic(), _A_MOMENT))


def _readers() -> dict[int, FrameType]:
    """Return the innermost frame of each other thread that reads files, or makes a dataset of them."""
    return {
        thread: innermost
        for thread, innermost in innermost_frames().items()
        if any(_is_of_reader(frame) for frame, _ in traceback.walk_stack(innermost))
    }


def _is_of_reader(frame: FrameType) -> bool:
    if frame.f_globals.get("__name__") == _MAKES_DATASETS:
        return True
    return any(map(_reads_files, frame.f_locals.values()))


def _exit(thread: int) -> None:
    """End a thread, as `sys.exit()` in it does, as soon as it runs Python code."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))


def _reads_files(value: Any) -> bool:
    """Whether a value is a dataset of files, is made of one, or is an iterator of such a dataset."""
    datasets = [dataset_of(value) if isinstance(value, OwnedIterator) else value]
    while datasets:
        one = datasets.pop()
        if isinstance(one, FilesDataset):
            return True
        if isinstance(one, tf.data.Dataset):
            datasets.extend(inputs_of(one))
    return False
