"""Each task uses the GPU that Spark gave it; TensorFlow's logical CPUs stand in for GPUs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cluster.nodes import LONG


def test_each_task_uses_the_gpu_that_spark_gave_it(cluster, tmp_path):
    seen = tmp_path / "seen"
    seen.mkdir()
    job = Path(__file__).with_name("gpu_job.py")
    run = subprocess.run(
        [sys.executable, str(job), cluster.url, str(cluster.folder / "find_gpus"), str(seen)],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYSPARK_PYTHON": str(cluster.python),
            "PYSPARK_DRIVER_PYTHON": sys.executable,
            "SPARK_LOCAL_IP": "127.0.0.1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=2 * LONG,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
    told = json.loads(run.stdout.splitlines()[-1])
    # Without anything to stand in: the CPU, or one sentence.
    assert told.pop("without") is True
    refused = told.pop("refused")
    assert refused.startswith("Spark gave a task the GPU '"), refused
    assert "TensorFlow sees none there: install tensorflow[and-cuda]" in refused
    assert "\n" not in refused
    assert told.pop("local mode") == 3
    assert told.pop("explained") == "auto: 0.5 of a GPU for each task"
    assert set(told) == {"map_rows", "map_blocks", "reduce_blocks", "aggregate"}
    for verb, (right, tasks) in told.items():
        assert right, verb
        assert tasks["used"], verb
        assert tasks["share"] == [0.5 if verb == "map_rows" else 1.0], verb
    # Two tasks at a time on one node, with a GPU each.
    assert told["map_blocks"][1]["addresses"] == ["0", "1"]
