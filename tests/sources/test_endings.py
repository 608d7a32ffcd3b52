"""Test that a process ends at once, with its own exit code, even if files are only half read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

READING = """
import gc, os, sys, threading
import tfspark_magic as tfs
from tfspark_magic.graph.runtime import tf

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
    "a thread": (
        """
def endless():
    for _ in dataset(batch_size=16, shuffle=True, seed=3).repeat():
        pass
threading.Thread(target=endless, daemon=True).start()
""",
        0,
    ),
    "an interrupt": ('print("ready", flush=True)\nwhile True: next(single)', -signal.SIGINT),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ending")
    for number in range(4):
        numbers = pa.table({"x": np.arange(100_000) + number})
        pq.write_table(numbers, folder / f"{number}.parquet", row_group_size=10_000)
    return folder


def test_a_process_ends_though_files_are_half_read(files):
    begun = {name: _begin(script, files) for name, (script, _) in ENDINGS.items()}
    for name, process in begun.items():
        try:
            _, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            pytest.fail(f"{name}: the process does not end")
        assert process.returncode == ENDINGS[name][1], (name, errors.decode()[-2000:])


def _begin(script, files):
    process = subprocess.Popen(
        [sys.executable, "-c", READING + script, str(files)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    if "ready" in script:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
    return process
