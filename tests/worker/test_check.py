"""Test graphs that are refused as reductions for any data, and graphs that never are."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.worker.reductions import aggregate, column, of_blocks, of_pairs, plan, reduce
from tfspark_magic.binding.reductions import bind_reduction
from tfspark_magic.errors import NotAlgebraicError, OptionError, ShapeMismatchError
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import CellSpec

F64 = CellSpec("float64")
SPARSE = np.zeros(3_000)
SPARSE[::1000] = 1.0
DATA = {
    "one row": [[np.array([2.0])]],
    "one row in each partition": [[np.array([float(i)])] for i in range(4)],
    "equal rows": [[np.full(100, 7.0)]],
    "sparse": [[SPARSE]],
    "sorted": [[np.arange(5_000.0)]],
    "equal rows first": [[np.zeros(3_000), np.arange(3_000.0)]],
    "epoch seconds": [[1.7e9 + np.arange(500.0)]],
}
NO_REDUCTIONS = {
    "deviation": lambda b: tf.math.reduce_std(b, axis=0),
    "variance": lambda b: tf.math.reduce_variance(b, axis=0),
    "range": lambda b: tf.reduce_max(b, axis=0) - tf.reduce_min(b, axis=0),
    "median": lambda b: tf.sort(b)[tf.shape(b)[0] // 2],
    "sum of squares": lambda b: tf.reduce_sum(b * b, axis=0),
    "mean": lambda b: tf.reduce_mean(b * 1.0, axis=0),
    "count": lambda b: tf.cast(tf.shape(b)[0], b.dtype),
}
REDUCTIONS = {
    "logsumexp": lambda b: tf.reduce_logsumexp(b, axis=0),
    "norm": lambda b: tf.sqrt(tf.reduce_sum(b * b, axis=0)),
    "largest magnitude": lambda b: tf.reduce_max(tf.abs(b), axis=0),
    "first": lambda b: b[0],
    "last": lambda b: b[-1],
    "clipped": lambda b: tf.clip_by_value(tf.reduce_max(b, axis=0), 0.0, 1.0),
    "sum": lambda b: tf.reduce_sum(b * 1.0, axis=0),
}


def run(graph, data, verb):
    found = plan(of_blocks(graph), F64, verb)
    partitions = [[pa.array(batch) for batch in batches] for batches in data]
    if verb == "reduce_blocks":
        return reduce(found, partitions)
    keyed = [[(pa.nulls(len(b), pa.int8()), b) for b in batches] for batches in partitions]
    return aggregate(found, 1, keyed)


@pytest.mark.matrix
@pytest.mark.parametrize("verb", ["reduce_blocks", "aggregate"])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("graph", NO_REDUCTIONS)
def test_what_is_no_reduction_is_refused_whatever_the_data(graph, data, verb):
    with pytest.raises(NotAlgebraicError):
        run(NO_REDUCTIONS[graph], DATA[data], verb)


@pytest.mark.matrix
@pytest.mark.parametrize("verb", ["reduce_blocks", "aggregate"])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("graph", REDUCTIONS)
def test_a_reduction_is_not_refused(graph, data, verb):
    assert run(REDUCTIONS[graph], DATA[data], verb)


@pytest.mark.matrix
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize(
    "graph",
    [lambda a, b: (a + b) / 2, lambda a, b: a - b, lambda a, b: tf.abs(a - b), lambda a, b: a + 2 * b],
    ids=["mean", "difference", "distance", "weighted"],
)  # fmt: skip
def test_pairs_that_are_no_reduction_are_refused(graph, data):
    found = plan(of_pairs(graph), F64, "reduce_rows")
    with pytest.raises(NotAlgebraicError):
        reduce(found, [[pa.array(b) for b in batches] for batches in DATA[data]])


@pytest.mark.parametrize("mean", [0.0, 1e3, 1.7e9])
@pytest.mark.parametrize("verb", ["reduce_blocks", "aggregate"])
def test_merging_counts_means_and_squares_is_a_reduction(mean, verb):
    # Chan, Golub and LeVeque, "Algorithms for Computing the Sample Variance", 1983.
    with tf.Graph().as_default():
        n, m, s = (tf1.placeholder(tf.float64, [None], name=f"{c}_input") for c in "nms")
        total = tf.reduce_sum(n, axis=0, name="n")
        centre = tf.divide(tf.reduce_sum(n * m, axis=0), tf.reduce_sum(n, axis=0), name="m")
        squares = tf.reduce_sum(s + n * (m - centre) ** 2, axis=0, name="s")
        program = freeze_fetches([total, centre, squares])
    found = bind_reduction(program, [(c, F64) for c in "nms"], verb=verb)
    values = np.random.default_rng(0).normal(mean, 10, 20_000)
    batch = tuple(map(pa.array, (np.ones(20_000), values, np.zeros(20_000))))
    from tfspark_magic.worker.reducing import fold_partials, reduce_batches

    if verb == "reduce_blocks":
        result = fold_partials(found, reduce_batches(found, [batch]))
    else:
        ((_, *result),) = aggregate(found, 1, [[(pa.nulls(20_000, pa.int8()), *batch)]])
    np.testing.assert_allclose(result, [20_000, values.mean(), values.var() * 20_000], rtol=1e-6)


def test_an_error_in_one_component_is_not_hidden_by_another():
    cell = CellSpec("float32", (2,))

    def graph(block):
        return tf.stack([tf.reduce_max(block[:, 0], 0), tf.reduce_sum(block[:, 1] ** 2, 0)])

    found = plan(of_blocks(graph, "float32", (2,)), cell, "reduce_blocks")
    rows = np.stack([np.full(100, 1.7e9), np.arange(100) % 3], 1).astype(np.float32)
    with pytest.raises(NotAlgebraicError):
        reduce(found, [[column(rows.tolist(), cell)]])


@pytest.mark.parametrize("verb", ["reduce_blocks", "aggregate"])
def test_a_fetch_of_another_size_for_other_rows_is_one_sentence(verb):
    cell = CellSpec("int64", (None,))
    graph = lambda block: tf.unique(tf.reshape(block, [-1]))[0]
    found = plan(of_blocks(graph, "int64", (None,)), cell, verb)
    values = column([[1, 1], [2, 3], [3, 4]], cell)
    with pytest.raises(
        ShapeMismatchError, match=f"Fetch 'z' of {verb}: expected cells of one shape"
    ):
        if verb == "reduce_blocks":
            reduce(found, [[values]])
        else:
            aggregate(found, 1, [[(pa.array([1, 1, 1]), values)]])


def test_a_graph_that_cannot_take_made_up_rows_is_tried_on_the_real_ones():
    def graph(block):
        with tf.control_dependencies(
            [tf.debugging.assert_less(block, tf.constant(2.0, tf.float64))]
        ):
            return tf.reduce_max(block * 1, axis=0)

    found = plan(of_blocks(graph), F64, "reduce_blocks")
    assert reduce(found, [[pa.array([0.5, 1.0, 0.25])]]) == [1.0]


def test_the_policies_of_a_pair_agree():
    with pytest.raises(OptionError, match="nulls has 0.0 for one and 'null' for the other"):
        plan(of_pairs(tf.maximum), F64, "reduce_rows", nulls={"z_1": 0.0, "z_2": "null"})
