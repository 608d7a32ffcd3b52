"""Large constants beside the graph: the same values as inside it, in one file."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys

import numpy as np
import pytest

from tfspark_magic.binding import bind
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.parting import BESIDE_BYTES
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.structure import structure
from tfspark_magic.schema.spec import CellSpec

WIDTH = 600
LARGE = np.random.default_rng(0).normal(size=(WIDTH, WIDTH)).astype(np.float32)
assert LARGE.nbytes > BESIDE_BYTES

SOURCES = {
    "constant": "w = tf.constant(large)",
    "eager tensor": "w = eager",
    "eager variable": "w = variable",
    "variable": "w = tf.get_variable('w', initializer=tf.constant(large))",
    "reference variable": "w = tf.get_variable('w', initializer=large, use_resource=False)",
}


def program_of(source: str, fetch: str = "z", **values):
    namespace = {"np": np, "large": LARGE, **values}
    cell = run_cell(source, namespace)
    return freeze([namespace.get(fetch, cell.result)], "graph")


def dense(weights: str):
    return program_of(
        f"x = tf.placeholder(tf.float32, [None, {WIDTH}], name='x')\n{weights}\n"
        "z = tf.matmul(x, w, name='z')",
        eager=tf.constant(LARGE),
        variable=tf.Variable(LARGE),
    )


@pytest.mark.parametrize("weights", SOURCES.values(), ids=SOURCES)
def test_they_are_left_out_of_the_graph_and_give_the_same(weights):
    program = dense(weights)
    assert len(program.graph_def) < 10_000
    assert program.weights.size == LARGE.nbytes
    x = np.random.default_rng(1).normal(size=(3, WIDTH)).astype(np.float32)
    np.testing.assert_array_equal(program.run(x=x), tf.matmul(x, LARGE).numpy())
    assert [spec.name for spec in program.inputs] == ["x"]


@pytest.mark.parametrize("dtype", ["float64", "int8", "uint16", "bfloat16", "bool"])
def test_of_any_dtype_with_a_memory_of_its_own(dtype):
    values = np.arange(BESIDE_BYTES).reshape(2, -1) % 100
    program = program_of(
        "x = tf.placeholder(tf.int32, [], name='x')\nz = tf.cast(w[0, x], tf.int64, name='z')",
        w=tf.cast(values, dtype),
    )
    assert (program.weights is None) == (dtype == "bool")
    assert program.run(x=77) == tf.cast(tf.cast(values[0, 77], dtype), tf.int64)


def test_small_ones_stay_where_the_optimizer_sees_them():
    program = program_of(
        "x = tf.placeholder(tf.float32, [4], name='x')\nz = tf.reduce_sum(x * small, name='z')",
        small=np.ones(4, np.float32),
    )
    assert program.weights is None


@pytest.mark.parametrize("way", ["vectorized", "mapped"])
def test_rows_share_them(way):
    import pyarrow as pa

    from tests.worker.without_spark import map_columns

    program = program_of(
        f"x = tf.placeholder(tf.float32, [{WIDTH}], name='x')\nw = tf.get_variable('w', "
        "initializer=tf.constant(large))\nz = tf.linalg.matvec(w, x, name='z')"
    )
    cells = [("x", CellSpec("float32", (WIDTH,)))]
    plan = bind(program, cells, per_row=True, vectorize=way == "vectorized")
    assert plan.graph.how.startswith(way)
    assert plan.graph.weights.size == LARGE.nbytes
    rows = np.random.default_rng(2).normal(size=(5, WIDTH)).astype(np.float32)
    column = pa.array(list(rows), pa.list_(pa.float32()))
    np.testing.assert_allclose(map_columns(plan, (column,)), rows @ LARGE.T, rtol=1e-4, atol=1e-4)


def test_in_loops_functions_and_gathers():
    program = program_of(
        f"x = tf.placeholder(tf.float32, [{WIDTH}], name='x')\n"
        "w = tf.get_variable('w', initializer=tf.constant(large), use_resource=True)\n"
        "@tf.function\ndef f(v):\n    return tf.linalg.matvec(w, v) / 30.\n"
        "_, looped = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, f(v)), (0, x))\n"
        "z = tf.reduce_sum(looped) + tf.reduce_sum(tf.gather(w, [1, 2]))"
    )
    assert program.weights.size == LARGE.nbytes
    assert len(program.graph_def) < 50_000
    x = np.ones(WIDTH, np.float32)
    expected = x
    for _ in range(3):
        expected = LARGE @ expected / 30
    assert program.run(x=x) == pytest.approx(expected.sum() + LARGE[[1, 2]].sum(), rel=1e-3)


def test_a_pruned_program_keeps_what_it_needs():
    namespace = {"large": LARGE}
    run_cell(
        f"x = tf.placeholder(tf.float32, [None, {WIDTH}], name='x')\n"
        "a = tf.matmul(x, tf.constant(large), name='a')\n"
        "b = tf.reduce_sum(x * 2, name='b')",
        namespace,
    )
    both = freeze([namespace["a"], namespace["b"]])
    assert both.fetch("b").weights is None
    assert both.fetch("a").weights.size == LARGE.nbytes
    x = np.ones((1, WIDTH), np.float32)
    np.testing.assert_array_equal(both.fetch("a").run(x=x), both.run(x=x)["a"])


def test_the_digest_is_that_of_the_values():
    assert dense(SOURCES["constant"]).digest == dense(SOURCES["constant"]).digest
    other = program_of(
        f"x = tf.placeholder(tf.float32, [None, {WIDTH}], name='x')\nw = tf.constant(large + 1)\n"
        "z = tf.matmul(x, w, name='z')"
    )
    assert other.digest != dense(SOURCES["constant"]).digest


def test_a_drawing_shows_what_they_are():
    roles = {node.name: (node.op, node.role) for node in structure(dense(SOURCES["variable"]))}
    assert roles["w"] == ("Const", "variable")
    roles = {node.role for node in structure(dense(SOURCES["constant"]))}
    assert roles == {"placeholder", "constant", "fetch"}


def test_the_file_goes_with_the_last_program():
    program = program_of("x = tf.placeholder(tf.int32, name='x')\nz = tf.gather(large + 5, x)")
    pruned, path = program.fetch(program.outputs[0].name), program.weights.file.path
    del program
    gc.collect()
    assert path.exists()
    del pruned
    gc.collect()
    assert not path.exists()


def test_pickled_with_the_program(tmp_path):
    program = dense(SOURCES["variable"])
    (tmp_path / "program").write_bytes(pickle.dumps(program))
    code = (
        "import pickle, sys, numpy as np\n"
        "program = pickle.load(open(sys.argv[1], 'rb'))\n"
        f"print(program.digest, float(program.run(x=np.ones((1, {WIDTH}), np.float32)).sum()))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "program")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    digest, total = run.stdout.split()
    assert digest == program.digest
    assert float(total) == pytest.approx(
        float(program.run(x=np.ones((1, WIDTH), np.float32)).sum()), rel=1e-4
    )
