"""Test the device of a task. TensorFlow's logical CPUs replace GPUs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.worker import devices
from tfspark_magic.worker.devices import claim


@pytest.fixture
def machine(monkeypatch):
    """Return a function that sets the number of GPUs, and the GPU that Spark gave the task."""
    shared = []
    monkeypatch.setattr(devices, "_share_gpus", lambda share, *, hide: shared.append((share, hide)))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    devices._warn_once.cache_clear()

    def make(gpus, addresses, partition=0):
        found = [SimpleNamespace(name=f"/device:GPU:{i}") for i in range(gpus)]
        monkeypatch.setattr(devices.tf.config, "list_physical_devices", lambda _kind: found)
        monkeypatch.setattr(devices.tf.config, "list_logical_devices", lambda _kind: found)
        monkeypatch.setattr(devices, "gpu_addresses", lambda: addresses)
        monkeypatch.setattr(devices, "partition_number", lambda: partition)
        return shared

    return make


@pytest.mark.parametrize(
    ("device", "share", "gpus", "addresses", "expected"),
    [
        # On the driver: its own first GPU, if it has one.
        ("auto", None, 2, None, "/device:GPU:0"),
        ("gpu", None, 2, None, "/device:GPU:0"),
        ("cpu", None, 2, None, "/CPU:0"),
        ("auto", None, 0, None, ""),
        # On a worker: the one that Spark gave.
        ("auto", 1.0, 2, ("1",), "/device:GPU:1"),
        ("gpu", 0.25, 2, ("1",), "/device:GPU:1"),
        ("gpu", 2.0, 2, ("1", "0"), "/device:GPU:1"),
        ("cpu", 1.0, 2, ("1",), "/CPU:0"),
        # The GPUs of a node that Spark did not give to the task are not used.
        ("auto", None, 2, (), "/CPU:0"),
        ("auto", 0.0, 2, (), "/CPU:0"),
        ("auto", None, 0, (), ""),
    ],
)
def test_the_device_of_a_task(machine, device, share, gpus, addresses, expected):
    machine(gpus, addresses)
    assert claim(device, share) == expected


def test_tasks_in_local_mode_take_turns(machine):
    for partition, expected in enumerate(["0", "1", "0"]):
        machine(2, (), partition)
        assert claim("gpu", None) == f"/device:GPU:{expected}"


def test_addresses_are_those_that_cuda_was_told_of(machine, monkeypatch):
    machine(2, ("GPU-cafe",))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-beef,GPU-cafe")
    assert claim("gpu", 1.0) == "/device:GPU:1"
    machine(2, ("1",))  # of a container, which has its own numbers
    assert claim("gpu", 1.0) == "/device:GPU:1"


@pytest.mark.parametrize(
    ("gpus", "addresses", "share", "said"),
    [
        (0, None, None, "device='gpu' was asked for, and TensorFlow sees none there"),
        (0, (), None, "device='gpu' was asked for, and TensorFlow sees none there"),
        (2, (), 1.0, "Spark gave this task no GPU."),
        (0, ("1",), 1.0, "Spark gave a task the GPU '1', and TensorFlow sees none there"),
        (1, ("1",), 1.0, "Spark gave a task the GPU '1', and TensorFlow sees 1 there"),
        (1, ("MIG-1",), 1.0, "Spark gave a task the GPU 'MIG-1', and TensorFlow sees 1 there"),
    ],
)
def test_no_gpu_is_an_error_where_one_was_asked_for(machine, gpus, addresses, share, said):
    machine(gpus, addresses)
    with pytest.raises(NotAvailableError) as caught:
        claim("gpu", share)
    assert str(caught.value).startswith(said)


def test_a_gpu_that_tensorflow_does_not_see_is_warned_of_once(machine):
    machine(0, ("1",))
    with pytest.warns(RuntimeWarning, match="'1', and TensorFlow sees none there.*on the CPU"):
        assert claim("auto", 1.0) == ""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert claim("auto", 1.0) == ""


def test_gpus_that_spark_does_not_know_of_are_hidden(machine, monkeypatch):
    shared = machine(1, ())
    for device, share in (("auto", None), ("cpu", None), ("auto", 0.0)):
        claim(device, share)
    machine(1, ("0",))
    claim("auto", 0.5)
    machine(1, None)
    claim("auto", None)  # The driver's are its own.
    assert shared == [(None, True), (None, True), (0.0, False), (0.5, False)]
    monkeypatch.setenv("TFSPARK_MAGIC_GPU_WORKERS", "1")
    machine(1, ())
    for device in ("gpu", "cpu"):  # A reduction without a graph, in the same worker.
        claim(device, None)
    assert shared[4:] == [(None, False)] * 2


WORKER = """
import json, os, pickle, sys
from dataclasses import replace
import pyarrow as pa, tensorflow as tf
from pyspark import TaskContext
from pyspark.resource import ResourceInformation

config, told = tf.config, []
(cpu,) = config.list_physical_devices("CPU")
config.set_logical_device_configuration(cpu, [config.LogicalDeviceConfiguration()] * 3)
logical, configure = config.list_logical_devices, config.set_logical_device_configuration
config.list_physical_devices = lambda kind: ["first", "second"] if kind == "GPU" else [cpu]
config.list_logical_devices = lambda kind: logical("CPU")[1:] if kind == "GPU" else logical(kind)
config.set_logical_device_configuration = lambda gpu, parts: told.append(
    [gpu, *(part.memory_limit for part in parts)]
)
from tfspark_magic.worker import program_cache
from tfspark_magic.worker.mapping import MapColumns

def short(tensor):
    return tensor.device.rpartition("/")[2]

weights, load_function = [], program_cache.load_function

def recording(*args):
    weights.append([short(weight) for weight in args[4].values()])
    return load_function(*args)

program_cache.load_function = recording
plan = pickle.load(open(sys.argv[1], "rb"))
# As a graph that is not checked against single rows, which are another function.
plan = replace(plan, gpu_share=0.25, graph=replace(plan.graph, mapped_fetches=()))
results = []
for address in ("1", "0", "1"):
    TaskContext._getOrCreate()._resources = {"gpu": ResourceInformation("gpu", [address])}
    call = MapColumns(plan)
    results.append(next(call(iter([(pa.array([3], pa.int32()),)]))).to_pylist())

loaded = {device: found for (_, device), found in program_cache._loaded.items()}
print(json.dumps({
    "told": told,
    "results": results,
    "uses": {device: found.uses for device, found in loaded.items()},
    "ran": {device: short(found.run([tf.constant([3])])[0][0]) for device, found in loaded.items()},
    "weights": weights,
    "around": short(tf.add(1, 2)),
    "environment": [os.environ["TF_FORCE_GPU_ALLOW_GROWTH"], os.environ["CUDA_DEVICE_ORDER"]],
}))
"""

MAKE_PLAN = """
import pickle, sys
import numpy as np
from tfspark_magic.binding import bind
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.schema.spec import CellSpec
large = np.arange(600 * 600, dtype=np.float64).reshape(600, 600)
cell = run_cell("x = tf.placeholder(tf.int32, [], name='x')\\ntf.identity(tf.constant(large)[x, 1], name='z')", {"large": large})
plan = bind(freeze([cell.result]), [("x", CellSpec("int32"))], per_row=True)
assert plan.graph.weights
pickle.dump(plan, open(sys.argv[1], "wb"))
"""


def test_a_worker_that_is_used_again_gets_another_gpu(tmp_path):
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\nprintf '16384\\n8000\\n'\n")
    smi.chmod(0o755)
    for step in (MAKE_PLAN, WORKER):
        done = subprocess.run(
            [sys.executable, "-c", step, str(tmp_path / "plan")],
            env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        # Nine tenths of a quarter of the smaller one, before TensorFlow starts either.
        "told": [["first", 1800], ["second", 1800]],
        "results": [[1801.0]] * 3,
        "uses": {"/device:CPU:2": 2, "/device:CPU:1": 1},
        "ran": {"/device:CPU:2": "device:CPU:2", "/device:CPU:1": "device:CPU:1"},
        "weights": [["device:CPU:2"], ["device:CPU:1"]],
        "around": "device:CPU:0",
        "environment": ["true", "PCI_BUS_ID"],
    }
