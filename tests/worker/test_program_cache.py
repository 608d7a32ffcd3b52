from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from without_spark import map_columns

from tfspark_magic.errors import NotAvailableError
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker import program_cache
from tfspark_magic.worker.mapping import MapColumns
from tfspark_magic.worker.program_cache import CAPACITY, load_program
from tfspark_magic.worker.shipped import SparkFile

COLUMNS = {"x": CellSpec("int32")}


def source(number):
    return f"x = tf.placeholder(tf.int32, [], name='x')\nz = x + {number}"


@pytest.fixture
def plan(make_plan):
    return make_plan(source(1), COLUMNS)


def test_a_program_is_read_once_for_all_tasks(plan, tmp_path):
    reads = []

    class Kept:
        @property
        def path(self):
            reads.append(1)
            return tmp_path / "graph.pb"

    (tmp_path / "graph.pb").write_bytes(plan.graph.read())
    for task in range(3):
        mapper = MapColumns(replace(plan, graph=plan.graph.sent(Kept(), None)))
        batches = [(pa.array([task], pa.int32()),)] * 2
        assert [c.to_pylist() for c in mapper(iter(batches))] == [[task + 1, task + 1]]
    assert len(reads) == 1
    (loaded,) = program_cache._loaded.values()
    assert loaded.uses == 3


def test_rows_are_checked_once_for_a_program_and_once_more_where_they_stand_alone(plan):
    map_columns(plan, (pa.array([1], pa.int32()),))
    (loaded,) = program_cache._loaded.values()
    assert loaded._checked == {(True, ())}
    map_columns(plan, (pa.array([1, 2], pa.int32()),), (pa.array([1, 2, 3], pa.int32()),))
    assert loaded._checked == {(True, ()), (False, ())}


def test_programs_are_told_apart_by_their_digest_and_device(make_plan, plan):
    other = make_plan(source(2), COLUMNS)
    on_cpu = make_plan(source(1), COLUMNS, device="cpu")
    batch = (pa.array([1], pa.int32()),)
    assert [map_columns(p, batch) for p in (plan, other, on_cpu)] == [[2], [3], [2]]
    assert len(program_cache._loaded) == 3


def test_the_program_that_was_used_longest_ago_goes(make_plan, monkeypatch):
    monkeypatch.setattr(program_cache, "CAPACITY", 2)
    plans = [make_plan(source(number), COLUMNS) for number in range(3)]
    batch = (pa.array([1], pa.int32()),)
    for index in (0, 1, 0, 2):
        map_columns(plans[index], batch)
    kept = [digest for digest, _ in program_cache._loaded]
    assert kept == [plans[0].graph.digest, plans[2].graph.digest]
    assert CAPACITY > 2


def test_what_fails_to_load_is_not_kept(plan, monkeypatch, tmp_path):
    import pyspark

    monkeypatch.setattr(pyspark.SparkFiles, "get", lambda name: str(tmp_path / name))
    gone = plan.graph.sent(SparkFile("graph.pb", str(tmp_path / "gone")), None)
    with pytest.raises(NotAvailableError, match="has not got the file"):
        load_program(gone, "auto")
    assert not program_cache._loaded


def test_threads_that_tensorflow_has_started_already_are_left_alone(plan, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert map_columns(plan, (pa.array([1], pa.int32()),)) == [2]


def test_bytes_in_a_file_are_read_where_spark_put_it(plan, monkeypatch, tmp_path):
    import pyspark

    (tmp_path / "graph.pb").write_bytes(b"graph")
    monkeypatch.setattr(pyspark.SparkFiles, "get", lambda name: str(tmp_path / name))
    elsewhere = SparkFile("graph.pb", str(tmp_path / "not on this machine"))
    assert plan.graph.sent(elsewhere, None).read() == b"graph"
    assert SparkFile("other.pb", str(tmp_path / "graph.pb")).path == str(tmp_path / "graph.pb")


def test_a_fresh_worker_gives_tensorflow_the_cores_of_its_task():
    code = """
import pyarrow as pa
from tfspark_magic.binding import bind
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.schema.spec import CellSpec
import pickle, sys
cell = run_cell("tf.multiply(tf.placeholder(tf.int32, name='x'), 2, name='z')", {})
plan = bind(freeze([cell.result]), [("x", CellSpec("int32"))], per_row=True)
open(sys.argv[1], "wb").write(pickle.dumps(plan))
"""
    run = """
import pickle, sys
import pyarrow as pa
from tfspark_magic.worker.mapping import MapColumns
plan = pickle.loads(open(sys.argv[1], "rb").read())
call = MapColumns(plan)
assert next(call(iter([(pa.array([3], pa.int32()),)]))).to_pylist() == [6]
import tensorflow as tf
print(tf.config.threading.get_intra_op_parallelism_threads(), tf.config.threading.get_inter_op_parallelism_threads())
"""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "plan"))
        for step in (code, run):
            done = subprocess.run(
                [sys.executable, "-c", step, path],
                env={**os.environ, "OMP_NUM_THREADS": "3"},
                cwd=Path(__file__).parents[2],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "3"]
