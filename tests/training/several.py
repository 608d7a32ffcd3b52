"""Several workers of a training as processes without Spark, each of which does one job after another."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(jobs, folder: Path) -> list:
    """Return what the first worker's model has become after each job.

    Parameters
    ----------
    jobs
        Names of jobs, with a list of them for each worker.
    """
    (folder / "jobs").write_bytes(pickle.dumps(jobs))
    count = len(next(iter(jobs.values())))
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "1",
    }
    workers = [
        subprocess.Popen(
            [sys.executable, __file__, str(folder), str(rank), str(count)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    ports = [worker.stdout.readline().strip() for worker in workers]
    for worker in workers:
        worker.stdin.write(json.dumps([f"127.0.0.1:{port}" for port in ports]) + "\n")
        worker.stdin.flush()
    ends = [worker.wait() for worker in workers]
    assert ends == [0] * count
    return [
        {name: pickle.loads((folder / f"{name}-{rank}").read_bytes()) for name in jobs}
        for rank in range(count)
    ]


def main(folder: Path, rank: int, count: int) -> None:
    from tfspark_magic.graph.runtime import tf
    from tfspark_magic.training.collectives import Collectives
    from tfspark_magic.training.fitting import fit
    from tfspark_magic.training.hosts import free_port

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    sys.stdout.write(f"{free_port()}\n")
    sys.stdout.flush()
    others = Collectives(json.loads(sys.stdin.readline()), rank)
    for name, jobs in pickle.loads((folder / "jobs").read_bytes()).items():
        (folder / f"{name}-{rank}").write_bytes(pickle.dumps(fit(jobs[rank], others)))
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
