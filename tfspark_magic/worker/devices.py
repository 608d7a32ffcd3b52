"""Limit a task to the cores and the GPU that Spark gave it."""

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
# The part of a task's share of GPU memory for tensors; CUDA itself needs the rest.
_FOR_TENSORS = 0.9


def claim(device: str, gpu_share: float | None) -> str:
    """Set TensorFlow up for this task, and return the device that its graph runs on.

    >>> claim("auto", 0.5)                                          # doctest: +SKIP
    '/device:GPU:1'

    Must be called before the first tensor: then TensorFlow fixes its threads and devices.

    Parameters
    ----------
    device
        "auto", "cpu" or "gpu".
    gpu_share
        How much of a GPU Spark gives to each of these tasks; more than 1 for several GPUs; 0 if
        only other tasks of this worker may get one. None if Spark has no GPUs to give; then the
        GPUs of the machine are hidden.

    Returns
    -------
    TensorFlow's name of the device; empty if there is only one.

    Raises
    ------
    NotAvailableError
        If `device` is "gpu" and there is no GPU.
    """
    addresses = gpu_addresses()
    _use_task_threads()
    if addresses is not None:
        _share_gpus(gpu_share, hide=gpu_share is None and GPU_WORKERS not in os.environ)
    if device == "cpu":
        return _CPU
    gpus = [gpu.name for gpu in tf.config.list_logical_devices("GPU")] if _has_gpus() else []
    if addresses is None or (device == "gpu" and not gpu_share):
        # Spark does not assign these GPUs: the driver takes the first, and tasks in local mode take
        # turns.
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
    # Unlike the list of logical devices, this list does not start the devices.
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
    # Spark says in OMP_NUM_THREADS how many cores a task has; TensorFlow would take all of them. A
    # driver that runs a program itself has no such variable, and uses all cores.
    threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    if not threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    except RuntimeError:
        return  # TensorFlow has run in this process before, and its threads cannot be changed any more.


@cache
def _share_gpus(share: float | None, *, hide: bool) -> None:
    """Leave the GPUs' memory to the tasks that share them; once, before they are started."""
    # Tasks with another GPU address may use this worker later. So it must see all GPUs of its node,
    # numbered as in Spark's discovery scripts and nvidia-smi.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    # The memory growth of tf.config, which tf.config does not allow together with a limit.
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
        pass  # As with the threads, it is too late to change this.
    # Only graphs run on GPUs: the operations around them run on the CPU, where sums have one order.
    tf.device(_CPU).__enter__()


def _memory_of_gpus() -> int | None:
    """Return the memory in MiB of this machine's smallest GPU; TensorFlow does not report it."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(  # noqa: S603  (a command that is written here)
            command, capture_output=True, text=True, check=True, timeout=60
        )
        return min(int(line) for line in told.stdout.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None  # Without a limit, memory still grows as needed.
