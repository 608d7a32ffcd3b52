"""Start a local Spark session on this machine."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from tfspark_magic.errors import MissingDependencyError
from tfspark_magic.executor.gpu_settings import Gpus, check_local, forget_gpus
from tfspark_magic.executor.interrupts import cancel_on_interrupt
from tfspark_magic.executor.java import ensure_java, forget_dead_java
from tfspark_magic.executor.session import is_local
from tfspark_magic.executor.spark_internals import starts_java
from tfspark_magic.executor.tuning import RUNTIME
from tfspark_magic.redirect import set_log_level, stderr_to

_DAEMON, _PATH = "spark.python.daemon.module", "spark.executorEnv.PYTHONPATH"
DAEMON = Path(__file__).with_name("daemon") / "tfspark_magic_daemon.py"
"""The daemon's module; its folder must be on the workers' `PYTHONPATH`."""


def session(master: str = "local[*]", **conf: Any) -> SparkSession:
    """Start, or return, a Spark session on this machine.

    >>> spark = tfs.session()                                       # doctest: +SKIP

    Uses the installed Java, or else the Java of the extra `java`. While Java starts, TensorFlow is
    loaded. In local mode, workers are forked from a process that has TensorFlow imported: Spark
    drops a worker after a minute without work, and a new worker is ready at once. The session has
    the settings of `tfs.tune`. The logs of Spark and its workers go to a file,
    `tfspark_magic_<process>.log` in the folder for temporary files. After a crash of Spark's Java,
    a new one is started in the same process.

    Parameters
    ----------
    master
        A Spark master, such as `"yarn"`; the default uses all cores of this machine.
    **conf
        Spark settings, with underscores instead of dots: `spark_driver_memory="4g"`. Elsewhere than
        on this machine, `spark_pyspark_python` is the path of the workers' Python.

    Raises
    ------
    MissingDependencyError
        If there is no Java 17 or later, or no PySpark but `pyspark-client`.
    NotAvailableError
        If the settings ask for GPUs for tasks, which local mode does not have.
    """
    if not starts_java():
        raise MissingDependencyError(
            "PySpark with its Java",
            "to start a Spark on this machine",
            "pip uninstall --yes pyspark-client, then pip install 'pyspark[connect]'; or connect to a "
            'Spark elsewhere by SparkSession.builder.remote("sc://host:15002").getOrCreate()',
        )
    ensure_java()
    forget_dead_java()
    # Workers on this machine must run this Python, with its installed packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "8",
        **RUNTIME,
        **{name.replace("_", "."): str(value) for name, value in conf.items()},
    }
    if is_local(master):
        _preload(settings)
    check_local(Gpus.of(master, settings.get))
    if is_local(master):
        forget_gpus()
    builder = SparkSession.builder.master(master).appName("tfspark_magic")
    for name, value in settings.items():
        builder = builder.config(name, value)
    set_log_level()  # Workers inherit it.
    log = Path(tempfile.gettempdir(), f"tfspark_magic_{os.getpid()}.log")
    # The new Java keeps this stderr, and so do its Python workers.
    with stderr_to(log), _workers_python(settings.get("spark.pyspark.python")):
        # Java and TensorFlow take some seconds each, and are started at the same time.
        loading = threading.Thread(target=_load_tensorflow)
        loading.start()
        spark: SparkSession = builder.getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        loading.join()
    cancel_on_interrupt(spark.sparkContext)
    return spark


@contextlib.contextmanager
def _workers_python(python: str | None) -> Iterator[None]:
    """Let a new session start its workers with this Python, if there is one."""
    # Only spark-submit reads `spark.pyspark.python`; a session in a process reads the variable.
    before = os.environ["PYSPARK_PYTHON"]
    os.environ["PYSPARK_PYTHON"] = python or before
    try:
        yield
    finally:
        os.environ["PYSPARK_PYTHON"] = before


def _preload(settings: dict[str, str]) -> None:
    """Set a daemon that has already imported the packages of its workers, unless there is another."""
    # Out of an archive of this package, a daemon cannot start.
    if DAEMON.is_file() and settings.setdefault(_DAEMON, DAEMON.stem) == DAEMON.stem:
        paths = [str(DAEMON.parent), settings.get(_PATH)]
        settings[_PATH] = os.pathsep.join(path for path in paths if path)


def _load_tensorflow() -> None:
    # The driver takes only the GPU memory that it needs, because tasks on this machine may share
    # the GPU.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    # If TensorFlow is missing, an error says so later, when a graph is made.
    with contextlib.suppress(ImportError):
        importlib.import_module("tensorflow")
