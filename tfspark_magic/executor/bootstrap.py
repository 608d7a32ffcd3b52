"""Start a task in a worker: make the worker code importable, then unpickle the task.

This module is pickled by value, so it may use only the standard library.
"""

from __future__ import annotations

import gc
import importlib.abc
import importlib.util
import io
import pickle
import platform
import sys
import zipfile
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGE = "tfspark_magic"


class _Archive(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the package from an archive in memory, before any copy that the node may have."""

    package = PACKAGE
    has_frozen = False

    def __init__(self, archive: bytes, digest: str) -> None:
        self.archive, self.digest = archive, digest
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            self._sources = {name: files.read(name).decode() for name in files.namelist()}

    def _file(self, fullname: str) -> str | None:
        path = fullname.replace(".", "/")
        return next((f for f in (f"{path}/__init__.py", f"{path}.py") if f in self._sources), None)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> Any:
        del path, target
        if self._file(fullname) is None:
            return None
        origin = f"<{PACKAGE} {self.digest}>/{self._file(fullname)}"
        return importlib.util.spec_from_loader(fullname, self, origin=origin)

    def is_package(self, fullname: str) -> bool:
        return str(self._file(fullname)).endswith("__init__.py")

    def get_source(self, fullname: str) -> str:
        return self._sources[str(self._file(fullname))]


def load(archive: bytes, digest: str, task: bytes) -> Any:
    """Unpickle `task` where the modules of `archive` can be imported.

    The modules are imported once for each process, so their caches of loaded programs outlive a
    task.
    """
    # An attribute tells our finders, because each task unpickles a new class.
    finders: list[Any] = [f for f in sys.meta_path if getattr(f, "package", None) == PACKAGE]
    finder = next((f for f in finders if getattr(f, "digest", None) == digest), None)
    if finder is None:
        # This driver's worker code replaces that of another driver, and a copy installed on the
        # node.
        for finder in finders:
            sys.meta_path.remove(finder)
        for name in [n for n in sys.modules if n == PACKAGE or n.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        finder = _Archive(archive, digest)
        sys.meta_path.insert(0, finder)
    if "tensorflow" in sys.modules and not finder.has_frozen:
        # Spark's worker searches for garbage after each task. TensorFlow's objects stay as long as
        # the process, and a search among them takes 0.2 s.
        gc.freeze()
        finder.has_frozen = True
    try:
        return pickle.loads(task)  # noqa: S301  (Spark's own task, unpickled by Spark's worker)
    except ImportError as error:
        what = {"numpy": "NumPy", "pyarrow": "PyArrow"}.get(str(error.name).partition(".")[0])
        if what is None:
            raise
        # The only module of the archive without imports.
        from tfspark_magic.errors import MissingDependencyError

        raise MissingDependencyError(
            what,
            f"by {sys.executable} on {platform.node()}, as on each node of the cluster,",
            f"pip install {what.lower()}",
        ) from error
