"""Several workers of a training as processes without Spark, each of which does one job after another."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
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
    subprocess.run([sys.executable, __file__, str(folder), str(count)], env=environment, check=True)
    return [
        {name: pickle.loads((folder / f"{name}-{rank}").read_bytes()) for name in jobs}
        for rank in range(count)
    ]


def main(folder: Path, count: int) -> None:
    """Import TensorFlow once, and go on as so many processes, which start it themselves."""
    from tfspark_magic.graph.runtime import without

    with without("sklearn", "matplotlib"):
        import keras  # noqa: F401

    from tfspark_magic.training.hosts import free_port

    ports = [free_port() for _ in range(count)]
    workers = []
    for rank in range(count):
        worker = os.fork()
        if not worker:
            train(folder, rank, [f"127.0.0.1:{port}" for port in ports])
        workers.append(worker)
    ends = [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) for worker in workers]
    assert ends == [0] * count


def train(folder: Path, rank: int, hosts: list[str]) -> None:
    try:
        from tfspark_magic.graph.runtime import tf
        from tfspark_magic.training.collectives import Collectives
        from tfspark_magic.training.fitting import fit

        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        others = Collectives(hosts, rank)
        for name, jobs in pickle.loads((folder / "jobs").read_bytes()).items():
            (folder / f"{name}-{rank}").write_bytes(pickle.dumps(fit(jobs[rank], others)))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
