"""Python's garbage collector: when it pauses, and what it knows."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def collection_paused() -> Iterator[None]:
    """Switch off the garbage collector while many small objects are made, which are all needed.

    It would double the time of such work, because TensorFlow itself has a million objects; it takes a
    sixth of the import of TensorFlow.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def instances_of(kind: type) -> list[Any]:
    """Return all objects of a class or of its subclasses that Python's garbage collector knows.

    An object refers to its class. A search for references is some four times as fast as a look at
    each of TensorFlow's objects.
    """
    kinds = [kind]
    for one in kinds:
        kinds += one.__subclasses__()
    return [found for found in gc.get_referrers(*kinds) if isinstance(found, kind)]
