"""Processes of the benchmark of training: `model.fit` alone on some cores, and sums of two processes.

python -m benchmarks.fit_processes alone MODEL ROWS BATCH EPOCHS          # prints seconds
python -m benchmarks.fit_processes reduce ADDRESSES RANK MEGABYTES        # prints milliseconds
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import Any

REDUCTIONS, WIDTH = 30, 64


def dense(units: int, width: int = WIDTH) -> Any:
    """Return a model of two dense layers, with many weights for what it computes."""
    import keras

    return _compiled([keras.layers.Dense(units, "relu") for _ in range(2)], width)


def convolutions() -> Any:
    """Return a model of three convolutions over 8 x 8 pixels, with few weights."""
    import keras

    layers = [
        keras.layers.Conv2D(count, 3, padding="same", activation="relu") for count in (64, 128, 128)
    ]
    pixels = keras.layers.Reshape((8, 8, 1))
    return _compiled([pixels, *layers, keras.layers.GlobalAveragePooling2D()], WIDTH)


def _compiled(layers: list[Any], width: int) -> Any:
    import keras

    model = keras.Sequential([keras.Input((width,), name="x"), *layers, keras.layers.Dense(1)])
    model.compile("adam", "mse", jit_compile=False)
    return model


MODELS = {"three convolutions": convolutions, "two layers of 2048": partial(dense, 2048)}
"""The models whose steps compute for long, by what they are."""


def alone(cores: int, model: str, *sizes: int) -> float:
    """Return the seconds of `model.fit` on arrays in memory, in a process that has so many cores."""
    return _result([_start("alone", model, *map(str, sizes), cores=cores)])


def apart(model: str, rows: int, batch: int, epochs: int) -> float:
    """Return the seconds of two such processes at once, each with a core and half of each step's rows.

    They share nothing, so that no two workers on this machine are faster.
    """
    sizes = str(rows // 2), str(batch // 2), str(epochs)
    return _result([_start("alone", model, *sizes, cores=1, first=first) for first in range(2)])


def reduction(megabytes: int) -> float:
    """Return the milliseconds in which two processes add up so many megabytes of gradients."""
    from tfspark_magic.training.hosts import free_port

    addresses = json.dumps([f"127.0.0.1:{free_port()}" for _ in range(2)])
    started = [_start("reduce", addresses, str(rank), str(megabytes), cores=2) for rank in range(2)]
    return _result(started)


def _start(*arguments: str, cores: int, first: int = 0) -> subprocess.Popen[str]:
    from tfspark_magic.training.process import KEPT_MEMORY

    # The sum is that of a training's processes; `model.fit` alone is in a process as users start it.
    memory = KEPT_MEMORY if arguments[0] == "reduce" else {}
    return subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments],
        env={
            **memory,
            **os.environ,
            "OMP_NUM_THREADS": str(cores),
            "FIRST_CORE": str(first),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def _result(started: list[subprocess.Popen[str]]) -> float:
    said = [process.communicate()[0] for process in started]
    return max(float(text.splitlines()[-1]) for text in said)


def _fit(kind: str, rows: int, batch: int, epochs: int) -> float:
    import numpy as np

    import tensorflow as tf

    threads = int(os.environ["OMP_NUM_THREADS"])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    random = np.random.default_rng(0)
    x, y = random.random((rows, WIDTH), np.float32), random.random(rows, np.float32)
    model = MODELS[kind]()
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
    first = int(os.environ["FIRST_CORE"])
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[first : first + cores])
    if kind == "reduce":
        found = _reduce(*arguments)
    else:
        found = _fit(arguments[0], *map(int, arguments[1:]))
    sys.stdout.write(f"{found}\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
