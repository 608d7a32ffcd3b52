"""Processes of the benchmark of training: `model.fit` alone on some cores, and sums of two processes.

python -m benchmarks.fit_processes alone WIDTH UNITS ROWS BATCH EPOCHS    # prints seconds
python -m benchmarks.fit_processes reduce ADDRESSES RANK MEGABYTES        # prints milliseconds
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from typing import Any

REDUCTIONS = 30


def model_of(width: int, units: int) -> Any:
    """Return the model of the benchmark."""
    import keras

    layers = [keras.layers.Dense(units, "relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((width,), name="x"), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse", jit_compile=False)
    return model


def alone(cores: int, *sizes: int) -> float:
    """Return the seconds of `model.fit` on arrays in memory, in a process that has so many cores."""
    return _result([_start("alone", *map(str, sizes), cores=cores)])


def reduction(megabytes: int) -> float:
    """Return the milliseconds in which two processes add up so many megabytes of gradients."""
    from tfspark_magic.training.hosts import free_port

    addresses = json.dumps([f"127.0.0.1:{free_port()}" for _ in range(2)])
    started = [_start("reduce", addresses, str(rank), str(megabytes), cores=2) for rank in range(2)]
    return _result(started)


def _start(*arguments: str, cores: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments],
        env={**os.environ, "OMP_NUM_THREADS": str(cores), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        text=True,
    )


def _result(started: list[subprocess.Popen[str]]) -> float:
    said = [process.communicate()[0] for process in started]
    return float(said[0].splitlines()[-1])


def _fit(width: int, units: int, rows: int, batch: int, epochs: int) -> float:
    import numpy as np

    import tensorflow as tf

    threads = int(os.environ["OMP_NUM_THREADS"])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    random = np.random.default_rng(0)
    x, y = random.random((rows, width), np.float32), random.random(rows, np.float32)
    model = model_of(width, units)
    model.fit(x[:batch], y[:batch], batch_size=batch, verbose=0)
    start = time.perf_counter()
    model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
    return time.perf_counter() - start


def _reduce(addresses: str, rank: str, megabytes: str) -> float:
    from tfspark_magic.training.collectives import Collectives

    others = Collectives(json.loads(addresses), int(rank))
    import tensorflow as tf

    gradients = [tf.zeros([1 << 16]) for _ in range(4 * int(megabytes))]
    seconds = []
    for _ in range(REDUCTIONS):
        start = time.perf_counter()
        others.sum(gradients)[-1].numpy()
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds[5:])


def main(kind: str, *arguments: str) -> None:
    """Measure, and print the number."""
    cores = int(os.environ["OMP_NUM_THREADS"])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    found = _reduce(*arguments) if kind == "reduce" else _fit(*map(int, arguments))
    sys.stdout.write(f"{found}\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
