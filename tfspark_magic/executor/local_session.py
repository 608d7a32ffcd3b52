"""A Spark of this machine, for those who have none."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from tfspark_magic.executor.gpu_settings import Gpus, check_local, forget_gpus
from tfspark_magic.executor.interrupts import cancel_on_interrupt
from tfspark_magic.executor.java import ensure_java, forget_dead_java
from tfspark_magic.executor.session import is_local
from tfspark_magic.executor.tuning import RUNTIME
from tfspark_magic.redirect import stderr_to

DAEMON = Path(__file__).with_name("daemon") / "tfspark_magic_daemon.py"
"""Found by Spark where this file's folder is on the workers' `PYTHONPATH`."""


def session(master: str = "local[*]", **conf: Any) -> SparkSession:
    """Start, or return, a Spark session on this machine.

    >>> spark = tfs.session()                                       # doctest: +SKIP

    Uses the Java that is there; without one, that of the extra `java`. TensorFlow is loaded in the
    meantime. In local mode its workers are forked from a process that has TensorFlow imported, so
    that those which Spark drops after a minute without work come back at once. It has the
    settings of `tfs.tune` from the start. What Spark and its workers log goes to a file,
    `tfspark_magic_<process>.log` in the folder for temporary files. After a crash of Spark's Java
    it starts a new one, in the same process.

    Parameters
    ----------
    master
        Any Spark master; the default takes all cores of this machine.
    **conf
        Spark settings, with underscores for dots: `spark_driver_memory="4g"`.

    Raises
    ------
    MissingDependencyError
        If there is no Java 17 or later.
    NotAvailableError
        If the settings ask for what local mode does not have, GPUs for tasks.
    """
    ensure_java()
    forget_dead_java()
    # Workers on this machine are to be this Python, with what is installed beside it.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": "8",
        **RUNTIME,
        **(_preloading() if is_local(master) else {}),
        **{name.replace("_", "."): str(value) for name, value in conf.items()},
    }
    check_local(Gpus.of(master, settings.get))
    if is_local(master):
        forget_gpus()
    builder = SparkSession.builder.master(master).appName("tfspark_magic")
    for name, value in settings.items():
        builder = builder.config(name, value)
    log = Path(tempfile.gettempdir(), f"tfspark_magic_{os.getpid()}.log")
    # The Java that is started keeps this stderr, and so do its Python workers.
    with stderr_to(log):
        # Java and TensorFlow take seconds each, and do not wait for one another.
        loading = threading.Thread(target=_load_tensorflow)
        loading.start()
        spark: SparkSession = builder.getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        loading.join()
    cancel_on_interrupt(spark.sparkContext)
    return spark


def _preloading() -> dict[str, str]:
    """Return the settings for a daemon that has imported what its workers need."""
    if not DAEMON.is_file():
        return {}  # This package is in an archive, from which Spark's daemon would not start.
    return {
        "spark.python.daemon.module": DAEMON.stem,
        "spark.executorEnv.PYTHONPATH": str(DAEMON.parent),
    }


def _load_tensorflow() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # The driver takes no more of a GPU than it needs: tasks on this machine may share it.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    # A driver without TensorFlow hears of it when it makes a graph.
    with contextlib.suppress(ImportError):
        importlib.import_module("tensorflow")
