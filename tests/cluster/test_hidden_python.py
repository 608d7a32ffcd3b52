"""A job in an environment that its node does not have: neither the Python nor the packages of this one."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cluster.nodes import hiding
from tests.conftest import spark_home, wait_for_port
from tests.java_archive import java_options
from tfspark_magic.executor.environment import Environment
from tfspark_magic.executor.java import ensure_java

ROOT = Path(__file__).parents[2]
JOB = """
import sys
import tfspark_magic as tfs
from pyspark.sql import SparkSession
from tests.executor.test_mapping import SEED, program

spark = SparkSession.builder.getOrCreate()
path, out = sys.argv[1:]
spark.range(0, 1000, 1, 4).selectExpr("int(id) x", "int(2 * id) y").write.parquet(path)
tfs.map_rows(program(SEED), spark.read.parquet(path)).write.parquet(out)
files = tfs.files(spark.read.parquet(path))
assert tfs.map_files(program(SEED), files, spark=spark).count() == 1000
spark.stop()
"""


def needed(name, found=None):
    """The packages that one needs, with itself."""
    found = {} if found is None else found
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in found:
        return found
    try:
        found[key] = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return found
    for one in found[key].requires or ():
        if "extra ==" not in one:
            needed(re.match(r"[\w.-]+", one)[0], found)
    return found


@pytest.fixture
def archive(tmp_path):
    """What `tfs.environment` makes of a virtual environment with TensorFlow, which is then removed."""
    venv = tmp_path / "venv"
    base = str(Path(sys.executable).resolve())
    subprocess.run([base, "-m", "venv", "--without-pip", str(venv)], check=True)
    (site,) = venv.glob("lib/*/site-packages")
    for one in [*needed("tensorflow").values(), *needed("pyarrow", {}).values()]:
        for file in one.files or ():
            source, target = Path(one.locate_file(file)), site / file
            if ".." in file.parts or not source.exists() or target.exists():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(source.resolve(), target)
    pack = "import tfspark_magic as tfs; tfs.environment('env.tar.gz')"
    subprocess.run(
        [str(venv / "bin" / "python"), "-c", pack], cwd=tmp_path, check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    venv.rename(tmp_path / "gone")
    return tmp_path / "env.tar.gz"


@pytest.fixture
def node(tmp_path):
    """A master, and a worker for which the base Python and all packages but Spark are hidden."""
    ensure_java()
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    environment = {
        name: value for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "PYSPARK_PYTHON", "SPARK_REMOTE", "VIRTUAL_ENV")
    } | {"SPARK_HOME": str(spark_home()), "SPARK_LOCAL_IP": "127.0.0.1",
         "SPARK_WORKER_DIR": str(tmp_path / "work")}  # fmt: skip
    started = []

    def start(name, command, *words):
        with (tmp_path / f"{name}.log").open("wb") as log:
            started.append(
                subprocess.Popen([*command, *words], env=environment, stdout=log, stderr=log)
            )

    launch = str(spark_home() / "bin" / "spark-class")
    deploy = "org.apache.spark.deploy"
    start("master", [launch], f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", "0",
          "--webui-port", "0")  # fmt: skip
    url = logged(tmp_path / "master.log", r"Starting Spark master at (spark://[\d.:]+)")
    wait_for_port(int(url.rpartition(":")[2]), started[0])
    start("worker", [*hiding(nothing), launch], f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--cores", "2", "--memory", "3g",
          "--webui-port", "0", url)  # fmt: skip
    logged(tmp_path / "worker.log", r"(Successfully registered|Operation not permitted)")
    yield url
    for process in reversed(started):
        process.terminate()
        process.wait(60)


def logged(path, pattern, seconds=180):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := re.search(pattern, path.read_text()):
            return found[1]
        time.sleep(0.3)
    return pytest.fail(f"nothing says {pattern}: {path.read_text()[-2000:]}")


@pytest.mark.long
def test_a_job_on_a_node_without_python(archive, node, tmp_path):
    if os.geteuid():
        pytest.skip("mounts need root")
    job = tmp_path / "job.py"
    job.write_text(JOB)
    run = subprocess.run(
        [str(spark_home() / "bin" / "spark-submit"), "--master", node, "--conf",
         "spark.ui.enabled=false", "--conf", f"spark.executor.extraJavaOptions={java_options()}",
         "--conf", "spark.executor.memory=800m", *Environment(str(archive)).submit(),
         str(job), str(tmp_path / "rows"), str(tmp_path / "out")],
        env={**os.environ, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1",
             "PYSPARK_PYTHON": "", "PYSPARK_DRIVER_PYTHON": ""},
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
    found = pq.read_table(tmp_path / "out").sort_by("x")
    assert found["z"].to_pylist() == [7 * n for n in range(1000)]
