"""Check the Python of Spark's workers on this machine before a task fails because of it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from functools import cache

from pyspark.sql import SparkSession

from tfspark_magic.errors import WorkerPythonError
from tfspark_magic.executor.session import is_connect, is_local
from tfspark_magic.executor.spark_internals import worker_includes

_NEEDED = {"numpy": "NumPy", "pyarrow": "PyArrow", "tensorflow": "TensorFlow"}
_QUESTION = (
    "import importlib.util as u, json, sys; "
    "lacks = [n for n in sys.argv[1:] if u.find_spec(n) is None]; "
    "print(json.dumps([sys.executable, '.'.join(map(str, sys.version_info[:3])), lacks]))"
)


def check_worker_python(spark: SparkSession) -> None:
    """Raise WorkerPythonError if the workers of a local session run a Python that cannot be used.

    Without `PYSPARK_PYTHON`, PySpark starts `python3`. In a virtual environment that is not
    activated, as in many notebooks, this is another Python than that of this process. Outside of
    local mode, this process cannot check the workers' Python, and a worker reports what it lacks.
    """
    if is_connect(spark):
        return
    context = spark.sparkContext
    if not is_local(context.master) or _is_this(context.pythonExec):
        return
    from pyspark import SparkFiles  # `pyspark-client` has none.

    # The paths that Spark adds for its workers, without Spark itself.
    root = SparkFiles.getRootDirectory()
    includes = [os.path.join(root, name) for name in worker_includes(context)]  # noqa: PTH118
    given = [context.environment.get("PYTHONPATH"), os.environ.get("PYTHONPATH")]
    path = os.pathsep.join([*includes, root, *(entry for entry in given if entry)])
    _check(context.pythonExec, path)


def _is_this(python: str) -> bool:
    return not sys.executable or shutil.which(python) == sys.executable


@cache
def _check(python: str, path: str) -> None:
    # An error is not kept in the cache, because a package may be installed meanwhile.
    command = [python, "-c", _QUESTION, *_NEEDED]
    try:
        run = subprocess.run(  # noqa: S603  (what Spark itself starts)
            command, env={**os.environ, "PYTHONPATH": path}, check=True, capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip
        executable, version, lacks = json.loads(run.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it fails when it is started"
        fault = f"which cannot be used ({reason})"
        raise WorkerPythonError(python, fault, *_here()) from None
    found = f"{executable} ({version})"
    here, here_version = _here()
    if version.split(".")[:2] != here_version.split(".")[:2]:
        fault = "and Spark takes the same minor version for both"
        raise WorkerPythonError(found, fault, here, here_version)
    if lacks:
        names = [_NEEDED[name] for name in lacks]
        fault = f"which lacks {' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}"
        raise WorkerPythonError(found, fault, here, here_version)


def _here() -> tuple[str, str]:
    return sys.executable, platform.python_version()
