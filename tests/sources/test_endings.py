"""Test that a process ends at once, with its own exit code, even if files are only half read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

# One process imports TensorFlow; each ending goes on from there as a process of its own.
PROCESSES = """
import gc, json, os, signal, sys, threading, time
import tfspark_magic as tfs
import tfspark_magic.sources.dataset
import tfspark_magic.sources.formats.parquet
from tfspark_magic.graph.runtime import tf

is_read, ready = os.pipe()
processes = {}
for name, script in json.loads(sys.argv[2]).items():
    processes[name] = os.fork()
    if not processes[name]:
        exec(script)
        break
else:
    os.read(is_read, 1)
    time.sleep(0.5)
    # Python drops an interrupt that comes while an object is deleted: whoever sees that presses again.
    process = processes["an interrupt"]
    while not os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        os.kill(process, signal.SIGINT)
        time.sleep(1)
    for name, process in processes.items():
        ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        print(json.dumps([name, ended]), flush=True)
"""
READING = """
def dataset(**options):
    return tfs.dataset(sys.argv[1], "x", **options)

single = iter(dataset(shuffle=True, seed=1))
next(single)
"""
ENDINGS = {
    "several iterators, a cycle and a lazy table": (
        """
batched = iter(dataset(batch_size=64, shuffle=True, seed=1).map(lambda x: x + 1).prefetch(2))
next(batched)
numpy = dataset(batch_size=10).repeat().as_numpy_iterator()
next(numpy)
mixed = iter(tf.data.Dataset.zip(dataset(batch_size=7), dataset(batch_size=7, shuffle=True, seed=2)))
next(mixed)
g = tf.Graph()
with g.as_default():
    z = tf.add(tf.compat.v1.placeholder(tf.int64, [], name="x"), 1, name="z")
batches = iter(tfs.map_rows(z, sys.argv[1]))
next(batches)
class Holder: pass
one = Holder()
one.itself, one.iterator = one, single
del one, single
gc.disable()
sys.exit(3)
""",
        3,
    ),
    # The thread makes the dataset, then its iterator, then reads: each is a moment in TensorFlow's C++.
    **{
        f"a thread after {seconds} s": (
            f"""
def endless():
    for _ in dataset(batch_size=16, shuffle=True, seed=3).repeat():
        pass
threading.Thread(target=endless, daemon=True).start()
time.sleep({seconds})
""",
            0,
        )
        for seconds in (0, 0.05, 0.1, 0.2)
    },
    "an interrupt": ('os.write(ready, b".")\nwhile True: next(single)', -signal.SIGINT),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ending")
    for number in range(4):
        numbers = pa.table({"x": np.arange(100_000) + number})
        pq.write_table(numbers, folder / f"{number}.parquet", row_group_size=10_000)
    return folder


def test_a_process_ends_though_files_are_half_read(files):
    scripts = json.dumps({name: READING + script for name, (script, _) in ENDINGS.items()})
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESSES, str(files), scripts],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    try:
        ended, errors = process.communicate(timeout=240)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        ended, errors = process.communicate()
    found = dict(map(json.loads, ended.splitlines()))
    assert found == {name: code for name, (_, code) in ENDINGS.items()}, errors.decode()[-2000:]
