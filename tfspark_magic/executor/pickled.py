"""Users' own objects on their way to workers, which have not the modules that they come from."""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from pyspark import cloudpickle

from tfspark_magic.errors import GraphLoadError

_lock = threading.Lock()


def pickled(value: Any, own: Iterable[Any], what: str) -> bytes:
    """Return a pickle that a process opens which has not the user's modules.

    >>> pickled([MyCallback()], [MyCallback], "callbacks")          # doctest: +SKIP
    b'...'

    Parameters
    ----------
    value
        What is pickled.
    own
        The classes and functions in it whose modules may be missing there; those of installed
        packages are not taken along.
    what
        What errors call it.

    Raises
    ------
    GraphLoadError
        If it cannot be pickled.
    """
    with _lock:
        modules = [
            m
            for m in _modules(own)
            if m.__name__ not in cloudpickle.list_registry_pickle_by_value()
        ]
        for module in modules:
            cloudpickle.register_pickle_by_value(module)
        try:
            content: bytes = cloudpickle.dumps(value)
        except Exception as error:
            raise GraphLoadError(
                f"The {what} cannot be sent to workers: {str(error).splitlines()[0]}"
            ) from error
        finally:
            for module in modules:
                cloudpickle.unregister_pickle_by_value(module)
    return content


def _modules(own: Iterable[Any]) -> list[ModuleType]:
    names = dict.fromkeys(str(one.__module__) for one in own)
    found = (sys.modules.get(name) for name in names if name != "__main__")
    return [module for module in found if module is not None and not _is_installed(module)]


def _is_installed(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if file is None:
        return module.__name__ in sys.builtin_module_names
    folders = (Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib"))
    return any(Path(file).resolve().is_relative_to(folder.resolve()) for folder in folders)
