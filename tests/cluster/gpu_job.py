"""A job for a cluster whose workers claim to have two GPUs: see test_devices.py.

In its Python workers, TensorFlow's list of devices has two logical CPUs instead of GPUs.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests
from pyspark.sql import SparkSession

import tfspark_magic as tfs
from tests.executor.test_mapping import SEED, program
from tests.java_archive import java_options
from tfspark_magic.executor.failures import one_sentence
from tfspark_magic.executor.local_session import DAEMON
from tfspark_magic.frames import spark_maps, spark_reductions

URL, DISCOVERY, FOLDER = sys.argv[1:]


class OnStandIns:
    """Calls the function of a task, and records the GPUs that it got and used."""

    def __init__(self, function):
        self.function = function

    def __call__(self, batches):
        from pyspark import TaskContext

        import tensorflow as tf

        config = tf.config
        if not hasattr(config, "standing_in"):
            (cpu,) = config.list_physical_devices("CPU")
            parts = [config.LogicalDeviceConfiguration()] * 3
            config.set_logical_device_configuration(cpu, parts)
            cpus = config.list_logical_devices
            config.list_physical_devices = lambda kind: [0, 1] if kind == "GPU" else [cpu]
            config.list_logical_devices = lambda kind: cpus("CPU")[1:] if kind == "GPU" else cpus()
            config.set_logical_device_configuration = lambda gpu, parts: None
            config.standing_in = True
        yield from self.function(batches)
        from tfspark_magic.worker import program_cache

        seen = {
            "given": TaskContext.get().resources()["gpu"].addresses,
            "used": [device for _, device in program_cache._loaded],
            "share": self.function.plan.gpu_share,
        }
        program_cache._loaded.clear()
        with open(f"{FOLDER}/{uuid.uuid4()}", "w") as file:
            json.dump(seen, file)


def stand_in():
    for module, names in (
        (spark_maps, ("MapColumns", "MapBatches")),
        (spark_reductions, ("ReducePartition", "FoldPartition", "FinishGroups")),
    ):
        for name in names:
            real = getattr(module, name)
            setattr(module, name, lambda *args, real=real: OnStandIns(real(*args)))


def tasks():
    """Return the records of the tasks since the last call; all used the GPU that they got."""
    found = []
    for path in Path(FOLDER).iterdir():
        found.append(json.loads(path.read_text()))
        path.unlink()
    for task in found:
        # An address, then the device that replaces it.
        assert set(task["used"]) <= {f"/device:CPU:{int(task['given'][0]) + 1}"}, found
    return {
        "addresses": sorted({a for task in found for a in task["given"]}),
        "used": sum(bool(task["used"]) for task in found) > 0,
        "share": sorted({task["share"] for task in found}),
    }


SCORE = program(SEED)
BLOCKS = program(SEED.replace("name='", "shape=[None], name='").replace("shape=[None], name='z'", "name='z'"))  # fmt: skip
TOTAL = program(
    "x_input = tf.placeholder(tf.int32, [None], name='x_input')\n"
    "tf.reduce_sum(tf.abs(x_input), axis=0, name='x')"
)
SUM = sum(range(1000))


def main():
    told = {}
    spark = (
        SparkSession.builder.master(URL)
        .config("spark.executor.memory", "600m")
        .config("spark.executor.extraJavaOptions", java_options())
        .config("spark.executor.cores", "2")
        .config("spark.cores.max", "2")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.task.maxFailures", "1")
        # Each task has a worker of its own, forked with TensorFlow imported and not used.
        .config("spark.python.daemon.module", DAEMON.stem)
        .config("spark.python.worker.reuse", "false")
        .config("spark.executor.resource.gpu.amount", "2")
        .config("spark.executor.resource.gpu.discoveryScript", DISCOVERY)
        .config("spark.task.resource.gpu.amount", "0.5")
        .getOrCreate()
    )
    df = spark.range(0, 1000, 1, 2).selectExpr("cast(id as int) x", "cast(2 * id as int) y")
    told["without"] = [r.z for r in tfs.map_rows(SCORE, df).collect()] == [
        7 * i for i in range(1000)
    ]
    try:
        tfs.map_rows(SCORE, df, device="gpu").collect()
    except Exception as error:
        told["refused"] = one_sentence(error)
    told["explained"] = tfs.explain(SCORE, df).device

    stand_in()
    mapped = tfs.map_rows(SCORE, df, device="gpu").collect()
    told["map_rows"] = [[r.z for r in mapped] == [7 * i for i in range(1000)], tasks()]
    one = ResourceProfileBuilder().require(TaskResourceRequests().resource("gpu", 1)).build
    trimmed = tfs.map_blocks(BLOCKS, df, trim=True, device="gpu", profile=one).collect()
    told["map_blocks"] = [sum(r.z for r in trimmed) == 7 * SUM, tasks()]
    total = tfs.reduce_blocks(TOTAL, df, device="gpu", profile=one)
    told["reduce_blocks"] = [int(total) == SUM, tasks()]
    groups = tfs.aggregate(TOTAL, df.groupBy("y"), device="gpu", profile=one).collect()
    told["aggregate"] = [{r.y: r.x for r in groups} == {2 * i: i for i in range(1000)}, tasks()]
    spark.stop()

    # Java would remember the GPUs, and tasks wait for them.
    told["local mode"] = tfs.session("local[1]").range(3).count()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
