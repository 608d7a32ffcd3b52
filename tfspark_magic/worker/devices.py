"""What a task may use of its machine: the cores and the GPU that Spark gave it, and no more."""

from __future__ import annotations

import os
import socket
import subprocess
import warnings
from functools import cache

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.graph.runtime import tf
from tfspark_magic.worker.shipped import GPU_WORKERS, gpu_addresses, partition_number

_CPU = "/CPU:0"
# Of a task's share of a GPU's memory; the rest is for what CUDA keeps beside the tensors.
_FOR_TENSORS = 0.9


def claim(device: str, gpu_share: float | None) -> str:
    """Set TensorFlow up for this task, and return the device that its graph runs on.

    >>> claim("auto", 0.5)                                          # doctest: +SKIP
    '/device:GPU:1'

    To be called before the first tensor, with which TensorFlow settles its threads and devices.

    Parameters
    ----------
    device
        "auto", "cpu" or "gpu".
    gpu_share
        How much of a GPU Spark gives to each of these tasks, more than 1 for several; 0 where
        this worker's other tasks may have one; None where Spark has none to give, and those that
        there may be are hidden.

    Returns
    -------
    A name of TensorFlow's; empty where it has but one device.

    Raises
    ------
    NotAvailableError
        If a GPU is asked for and there is none.
    """
    addresses = gpu_addresses()
    _use_task_threads()
    if addresses is not None:
        _share_gpus(gpu_share, hide=gpu_share is None and GPU_WORKERS not in os.environ)
    if device == "cpu":
        return _CPU
    gpus = [gpu.name for gpu in tf.config.list_logical_devices("GPU")] if _has_gpus() else []
    if addresses is None or (device == "gpu" and not gpu_share):
        # Nobody hands them out: the driver takes the first, tasks in local mode take turns.
        if gpus:
            return str(gpus[(partition_number() or 0) % len(gpus)])
        if device == "auto":
            return ""
        raise NotAvailableError(_no_gpu("device='gpu' was asked for"))
    if addresses:
        number = _number_of(addresses[0])
        if number is not None and number < len(gpus):
            return str(gpus[number])
        message = _no_gpu(f"Spark gave a task the GPU {addresses[0]!r}", len(gpus))
    else:
        message = "Spark gave this task no GPU"
    if device == "gpu":
        raise NotAvailableError(f"{message}.")
    if addresses:
        _warn_once(f"{message}: the graph runs on the CPU.")
    return _CPU if gpus else ""


def _has_gpus() -> bool:
    # Unlike the list of logical devices, this one starts nothing.
    return bool(tf.config.list_physical_devices("GPU"))


def _number_of(address: str) -> int | None:
    """Return TensorFlow's number for an address that Spark's discovery script gave."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    if address in visible:
        return visible.index(address)
    return int(address) if address.isdecimal() else None


def _no_gpu(why: str, seen: int = 0) -> str:
    found = f"{seen} there" if seen else "none there: install tensorflow[and-cuda] and its driver"
    return f"{why}, and TensorFlow sees {found} ({socket.gethostname()})"


@cache
def _warn_once(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=2)


def _use_task_threads() -> None:
    # Spark says in OMP_NUM_THREADS how many cores a task has; TensorFlow would take all of them.
    # A driver that runs a program itself is told nothing, and keeps them.
    threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    if not threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        return  # TensorFlow has run here before: its threads are what they are.


@cache
def _share_gpus(share: float | None, *, hide: bool) -> None:
    """Leave the GPUs' memory to the tasks that share them; once, before they are started."""
    # A worker is used again by tasks with another address: it has to see all of its node's GPUs,
    # numbered as Spark's discovery scripts and nvidia-smi do.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    # What tf.config calls memory growth, which it would not let go with a limit.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return
    total = _memory_of_gpus() if share and share < 1 else None
    try:
        if hide:
            tf.config.set_visible_devices([], "GPU")
        elif share and total:
            limit = tf.config.LogicalDeviceConfiguration(int(total * share * _FOR_TENSORS))
            for gpu in gpus:
                tf.config.set_logical_device_configuration(gpu, [limit])
    except RuntimeError:
        pass  # As with threads.
    # Only graphs are for GPUs: what goes around them stays beside the data, and adds up in order.
    tf.device(_CPU).__enter__()


def _memory_of_gpus() -> int | None:
    """Return the MiB of the smallest GPU of this machine, which TensorFlow does not tell."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(  # noqa: S603  (a command that is written here)
            command, capture_output=True, text=True, check=True, timeout=60
        )
        return min(int(line) for line in told.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None  # Memory grows all the same.
