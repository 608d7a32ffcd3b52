"""Read GPUs from Spark's settings: the tasks that get one, and settings that cannot work."""

from __future__ import annotations

import contextlib
import inspect
import socket
import sys
import warnings
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pyspark.sql import SparkSession

from tfspark_magic.binding.plan import AnyPlan, BoundProgram
from tfspark_magic.errors import NotAvailableError, OptionError
from tfspark_magic.executor.session import is_connect, is_local
from tfspark_magic.executor.spark_internals import java_classes
from tfspark_magic.executor.worker_python import check_worker_python
from tfspark_magic.worker.shipped import GPU_WORKERS

_TASK = "spark.task.resource.gpu.amount"
_EXECUTOR = "spark.executor.resource.gpu.amount"


@dataclass(frozen=True)
class Gpus:
    """The settings of a session for GPUs.

    Parameters
    ----------
    local
        Whether tasks run in the process of Spark's driver; Spark assigns no GPUs there.
    per_task, per_executor
        How many GPUs each has; None without a setting.
    """

    local: bool
    per_task: float | None
    per_executor: float | None

    @classmethod
    def of(cls, master: str, setting: Callable[[str], Any]) -> Gpus:
        """Return the settings of a master; `setting` returns the value of a setting, or None."""
        amounts = (setting(name) for name in (_TASK, _EXECUTOR))
        return cls(is_local(master), *(None if a is None else float(a) for a in amounts))


_settings: weakref.WeakKeyDictionary[SparkSession, Gpus] = weakref.WeakKeyDictionary()
_warned: weakref.WeakSet[SparkSession] = weakref.WeakSet()


def placed(plan: AnyPlan, spark: SparkSession, profile: Any = None) -> AnyPlan:
    """Return a plan with the GPUs that its tasks get, or raise an error with the reason.

    Parameters
    ----------
    plan
        The plan of a verb that is being defined.
    spark
        The session whose tasks will run it.
    profile
        A `pyspark.resource.ResourceProfile` for its stage.

    Raises
    ------
    NotAvailableError
        If a GPU is asked for and tasks get none, or tasks would wait for one forever.
    OptionError
        If `profile` is not a resource profile.
    WorkerPythonError
        If the Python of workers on this machine lacks packages that graphs need.
    """
    check_worker_python(spark)
    gpus = gpus_of(spark)
    check_local(gpus)
    share = gpus.per_task
    if profile is not None:
        share = _of_profile(profile, gpus)
    elif share is None and (gpus.per_executor or (gpus.local and is_connect(spark))):
        share = 0.0
    if plan.device == "gpu" and not share and not gpus.local:
        raise NotAvailableError(
            f"device='gpu' needs a GPU for each task, and Spark gives them none: set {_TASK} "
            f"(and {_EXECUTOR}) when the session starts, or use device='auto'."
        )
    if plan.device == "gpu" and share is None and not is_connect(spark):
        _check_this_machine()
    if plan.device == "auto" and not share and spark not in _warned:
        why = _left_idle(gpus, spark)
        if why:
            _warned.add(spark)
            message = f"device='auto' runs graphs on the CPU: {why}"
            warnings.warn(message, stacklevel=_level_of_the_caller())
    return replace(plan, gpu_share=share)


def _level_of_the_caller() -> int:
    """Return how many calls lie between `placed` and the user's call into this package."""
    level, frame = 1, inspect.currentframe()
    frame = frame and frame.f_back
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("tfspark_magic."):
        level, frame = level + 1, frame.f_back
    return level


@contextlib.contextmanager
def workers_for(plan: BoundProgram, spark: SparkSession) -> Iterator[None]:
    """Give the functions of a plan separate workers if they use GPUs that Spark does not assign.

    Workers of other tasks hide such GPUs, and a worker may be used again by another task.
    """
    if plan.device != "gpu" or plan.gpu_share is not None:
        yield
        return
    # Workers with different environments are different workers for Spark.
    environment = spark.sparkContext.environment
    environment[GPU_WORKERS] = "1"
    try:
        yield
    finally:
        environment.pop(GPU_WORKERS, None)


def gpus_of(spark: SparkSession) -> Gpus:
    """Return the GPU settings of a session; they cannot change, and are read only once."""
    found = _settings.get(spark)
    if found is None:
        conf = spark.conf
        found = Gpus.of(str(conf.get("spark.master", "")), lambda name: conf.get(name, None))
        _settings[spark] = found
    return found


def check_local(gpus: Gpus) -> None:
    """Raise NotAvailableError if tasks would wait for a GPU forever."""
    if gpus.local and gpus.per_task:
        raise NotAvailableError(
            f"Spark in local mode has no GPUs to give, and its tasks would wait for one forever: "
            f"leave {_TASK} out, and device='gpu' shares this machine's GPUs among the tasks."
        )


def forget_gpus() -> None:
    """Remove the GPU settings of an earlier session, before a new session in local mode starts.

    The Java of this process keeps the settings of its first session.
    """
    jvm = java_classes()
    if jvm is not None:
        for name in list(jvm.java.lang.System.getProperties().stringPropertyNames()):
            if name.startswith("spark.") and ".resource.gpu." in name:
                jvm.java.lang.System.clearProperty(name)


def words_for(plan: BoundProgram) -> str:
    """Say on which device a placed plan runs."""
    share = plan.gpu_share
    if plan.device == "cpu" or not share:
        return plan.device
    some = "a GPU" if share == 1 else f"{share:g} of a GPU" if share < 1 else f"{share:g} GPUs"
    return f"{plan.device}: {some} for each task"


def _of_profile(profile: Any, gpus: Gpus) -> float | None:
    requests = getattr(profile, "taskResources", None)
    if requests is None:
        raise OptionError(f"profile is a pyspark.resource.ResourceProfile, got {profile!r}.")
    if gpus.local:
        raise NotAvailableError("Spark in local mode has one kind of task: leave profile out.")
    return float(requests["gpu"].amount) if "gpu" in requests else 0.0


def _gpus_here() -> int:
    # If TensorFlow is not loaded, this process has made no graph, and TensorFlow need not be asked.
    tensorflow = sys.modules.get("tensorflow")
    return len(tensorflow.config.list_physical_devices("GPU")) if tensorflow else 0


def _check_this_machine() -> None:
    from tfspark_magic.graph.runtime import tf

    if not tf.config.list_physical_devices("GPU"):
        raise NotAvailableError(
            f"device='gpu' was asked for, and TensorFlow sees no GPU on this machine "
            f"({socket.gethostname()}): install tensorflow[and-cuda] and its driver, or use "
            f"device='auto'."
        )


def _left_idle(gpus: Gpus, spark: SparkSession) -> str:
    if gpus.per_executor and not gpus.local:
        return f"executors have a GPU and tasks are given none; set {_TASK}."
    if gpus.local and not is_connect(spark) and _gpus_here():
        return (
            "Spark in local mode gives tasks no GPU; device='gpu' shares this machine's among "
            "them, and tfs.run_local uses it by itself."
        )
    return ""
