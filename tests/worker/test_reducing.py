from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worker.reductions import aggregate, column, of_blocks, of_pairs, plan, reduce
from tfspark_magic.errors import (
    NotAlgebraicError,
    NullValuesError,
    ShapeMismatchError,
    WorkerFailedError,
)
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker import aggregating, program_cache
from tfspark_magic.worker import reducing as worker_reducing

F64, I64, TEXT = CellSpec("float64"), CellSpec("int64"), CellSpec("string")
SUM = lambda block: tf.reduce_sum(block, axis=0)
LOGSUMEXP = lambda block: tf.reduce_logsumexp(block, axis=0)
JOIN = lambda block: tf.strings.reduce_join(block, axis=0)


def split(values, cell, sizes):
    """Cut values into batches of these sizes, the last one taking the rest."""
    batches, at = [], 0
    for size in sizes:
        batches.append(column(values[at : at + size], cell))
        at += size
    return [*batches, column(values[at:], cell)]


@pytest.mark.parametrize(
    ("graph", "numpy"),
    [
        (SUM, np.sum),
        (lambda b: tf.reduce_mean(b, axis=0), np.mean),
        (lambda b: tf.reduce_min(b, axis=0), np.min),
        (lambda b: tf.reduce_max(b, axis=[-3]), np.max),
        (lambda b: tf.reduce_prod(b, axis=[0]), np.prod),
        (LOGSUMEXP, np.logaddexp.reduce),
        (lambda b: tf.sqrt(tf.reduce_sum(b * b, axis=0)), lambda v, axis: np.sqrt((v * v).sum(axis))),
    ],
    ids=["sum", "mean", "min", "max", "product", "logsumexp", "norm"],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["reduce_blocks", "aggregate"])
def test_matrices_are_reduced_as_numpy_does(graph, numpy, verb):
    cell = CellSpec("float64", (2, 3))
    values = np.random.default_rng(0).uniform(0.5, 1.5, (57, 2, 3))
    found = plan(of_blocks(graph, cell=(2, 3)), cell, verb)
    partitions = [split(values[:40].tolist(), cell, [1, 30]), split(values[40:].tolist(), cell, [])]
    if verb == "reduce_blocks":
        result = reduce(found, partitions)[0]
    else:
        keyed = [[(pa.nulls(len(b), pa.int32()), b) for b in batches] for batches in partitions]
        ((key, result),) = aggregate(found, 1, keyed)
        assert key is None
    np.testing.assert_allclose(result, numpy(values, axis=0), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("kind", ["sum", "mean", "min", "max", "prod"])
def test_plain_reductions_keep_the_dtype(dtype, kind):
    values = [3, -1, 2, -7]
    program = of_blocks(lambda b: getattr(tf, f"reduce_{kind}")(b, axis=0), dtype)
    cell = CellSpec(dtype)
    found = plan(program, cell, "reduce_blocks")
    assert found.kinds == ("product" if kind == "prod" else kind,)
    (result,) = reduce(found, [[column(values, cell)]])
    expected = {"sum": -3, "mean": 0 if dtype.startswith("i") else -0.75, "min": -7, "max": 3,
                "prod": 42}  # fmt: skip
    assert result.dtype == dtype
    assert result == expected[kind]


def test_whole_numbers_above_2_to_the_53_are_exact():
    big = 2**53
    found = plan(of_blocks(SUM, "int64"), I64, "reduce_blocks")
    assert reduce(found, [[column([big, 1], I64)], [column([1, 1], I64)]]) == [big + 3]
    mean = plan(of_blocks(lambda b: tf.reduce_mean(b, axis=0), "int64"), I64, "reduce_blocks")
    assert reduce(mean, [[column([2**62, 2**62 + 2], I64)]])[0] != 0


def test_float32_is_added_up_without_losing_what_is_small():
    values = np.full(2_000_001, 0.1, np.float32)
    values[0] = 1e7
    cell = CellSpec("float32")
    found = plan(of_blocks(SUM, "float32"), cell, "reduce_blocks")
    (result,) = reduce(found, [[pa.array(values)]])
    assert result == np.float32(values.astype(np.float64).sum())


@pytest.mark.parametrize("kind", ["min", "max"])
def test_a_nan_is_the_smallest_and_the_largest_as_in_numpy(kind):
    values = [1.0, np.nan, 3.0, 2.0]
    program = of_blocks(lambda b: getattr(tf, f"reduce_{kind}")(b, axis=0))
    assert np.isnan(reduce(plan(program, F64, "reduce_blocks"), [[column(values, F64)]])[0])
    keys = pa.array(["a", "a", "b", "b"])
    found = dict(aggregate(plan(program, F64, "aggregate"), 1, [[(keys, column(values, F64))]]))
    assert np.isnan(found["a"])
    assert found["b"] == (2.0 if kind == "min" else 3.0)


def test_texts_are_folded_in_the_order_of_their_rows():
    letters = [chr(97 + i % 26) for i in range(100)]
    batches = split(letters, TEXT, [1, 40, 7])
    found = plan(of_blocks(JOIN, "string"), TEXT, "reduce_blocks", rows_per_block=9)
    assert reduce(found, [batches[:2], [], batches[2:]]) == ["".join(letters)]
    keys = pa.array([i % 3 for i in range(100)])
    grouped = plan(of_blocks(JOIN, "string"), TEXT, "aggregate", rows_per_block=9)
    assert aggregate(grouped, 1, [[(keys, column(letters, TEXT))]]) == [
        (key, "".join(letters[key::3])) for key in range(3)
    ]


def test_pairs_are_folded_in_the_order_of_their_rows():
    letters = [chr(97 + i % 26) for i in range(101)]
    program = of_pairs(lambda a, b: tf.strings.join([a, b]), "string")
    found = plan(program, TEXT, "reduce_rows", rows_per_block=10)
    assert reduce(found, [split(letters[:50], TEXT, [1]), split(letters[50:], TEXT, [3])]) == [
        "".join(letters)
    ]


@pytest.mark.parametrize(
    ("graph", "kind"),
    [
        (lambda a, b: a + b, "sum"),
        (lambda a, b: tf.minimum(b, a), "min"),
        (tf.maximum, "max"),
        (lambda a, b: b * a, "product"),
        (lambda a, b: a + tf.abs(b), None),
    ],
)
def test_plain_pairs_are_recognized(graph, kind):
    assert plan(of_pairs(graph), F64, "reduce_rows").kinds == (kind,)


@pytest.mark.parametrize(
    "graph",
    [
        lambda b: tf.reduce_sum(b, axis=0) + 0,
        lambda b: tf.reduce_sum(b * 1, axis=0),
        lambda b: tf.reduce_sum(b, axis=0, keepdims=True)[0],
        lambda b: tf.reduce_sum(tf.concat([b, b], 0), axis=0) / 2,
    ],
)
def test_what_only_looks_like_a_sum_is_run(graph):
    found = plan(of_blocks(graph), F64, "reduce_blocks")
    assert found.kinds == (None,)
    assert reduce(found, [[column([1.0, 2.0], F64)], [column([4.0], F64)]]) == [7.0]


@pytest.mark.matrix
@pytest.mark.parametrize("verb", ["reduce_blocks", "aggregate"])
@pytest.mark.parametrize(
    "graph",
    [
        lambda b: tf.reduce_mean(tf.abs(b), axis=0),
        lambda b: tf.math.reduce_std(b, axis=0),
        lambda b: tf.reduce_sum(b * b, axis=0),
        lambda b: tf.reduce_sum(b, axis=0) + 1,
        lambda b: b[0] - b[-1],
        lambda b: tf.reduce_sum(b, axis=0) / tf.cast(tf.shape(b)[0], b.dtype),
    ],
    ids=["mean", "deviation", "squares", "plus one", "difference", "mean by hand"],
)
@pytest.mark.parametrize("rows", [2, 3, 4, 100])
def test_a_graph_that_is_no_reduction_is_refused(graph, rows, verb):
    values = column([float(i * i) for i in range(2, rows + 2)], F64)
    with pytest.raises(
        NotAlgebraicError, match=f"Fetch 'z' is no reduction for {verb}, .* check=False"
    ):
        found = plan(of_blocks(graph), F64, verb)
        if verb == "reduce_blocks":
            reduce(found, [[values]])
        else:
            aggregate(found, 1, [[(pa.array([0] * rows), values)]])


def test_a_mean_that_is_not_plain_is_refused_where_partitions_have_one_row():
    transposed = lambda b: tf.reduce_mean(tf.reshape(b, [1, -1]), axis=1)[0]
    found = plan(of_blocks(transposed), F64, "reduce_blocks")
    with pytest.raises(NotAlgebraicError):
        reduce(found, [[column([1.0], F64)], [column([5.0], F64)]])


def test_pairs_that_depend_on_how_they_are_paired_are_refused():
    found = plan(of_pairs(lambda a, b: (a + b) / 2), F64, "reduce_rows")
    for rows in (2, 3, 50):
        with pytest.raises(NotAlgebraicError, match="reduce_rows"):
            reduce(found, [[column([float(i) for i in range(rows)], F64)]])
    unchecked = plan(of_pairs(lambda a, b: (a + b) / 2), F64, "reduce_rows", check=False)
    assert reduce(unchecked, [[column([0.0, 2.0, 4.0, 6.0], F64)]]) == [3.0]


def test_rounding_is_no_reason_to_refuse():
    rng = np.random.default_rng(1)
    values = rng.normal(size=20_000).astype(np.float32) * 1e6
    cell = CellSpec("float32")
    found = plan(
        of_blocks(lambda b: tf.reduce_sum(b * 1, axis=0), "float32"), cell, "reduce_blocks"
    )
    (result,) = reduce(found, [[pa.array(values)]])
    np.testing.assert_allclose(result, values.astype(np.float64).sum(), atol=100)


def test_one_row_one_partition_each_and_empty_ones():
    for graph in (SUM, LOGSUMEXP):
        found = plan(of_blocks(graph), F64, "reduce_blocks")
        assert reduce(found, [[column([3.0], F64)]]) == [3.0]
        assert reduce(found, []) is None
        assert reduce(found, [[], [column([], F64)]]) is None
    one_each = [[column([float(i)], F64)] for i in range(5)]
    found = plan(of_blocks(SUM), F64, "reduce_blocks")
    assert reduce(found, [[], *one_each, []]) == [10.0]


def test_the_graph_sees_a_lone_row_too():
    found = plan(of_blocks(lambda b: tf.nn.relu(tf.reduce_max(b, axis=0))), F64, "reduce_blocks")
    assert reduce(found, [[column([-3.0], F64)]]) == [0.0]
    grouped = plan(of_blocks(lambda b: tf.nn.relu(tf.reduce_max(b, axis=0))), F64, "aggregate")
    assert aggregate(grouped, 1, [[(pa.array([1]), column([-3.0], F64))]]) == [(1, 0.0)]


def test_more_partials_than_are_folded_at_once(monkeypatch):
    monkeypatch.setattr(worker_reducing, "FANIN", 3)
    for graph in (SUM, LOGSUMEXP):
        found = plan(of_blocks(graph), F64, "reduce_blocks", rows_per_block=2)
        values = [float(i) for i in range(50)]
        partitions = [split(values[i : i + 7], F64, [2]) for i in range(0, 50, 7)]
        expected = sum(values) if graph is SUM else np.logaddexp.reduce(values)
        np.testing.assert_allclose(reduce(found, partitions)[0], expected)


@pytest.mark.parametrize("graph", [SUM, LOGSUMEXP], ids=["plain", "graph"])
@pytest.mark.parametrize("empty", [0, 1], ids=["", "first partition of nulls"])
@pytest.mark.parametrize(("held", "most"), [(50_000, 6), (1, 2)])
def test_large_partials_are_folded_in_a_tree_so_that_few_are_held(
    monkeypatch, graph, empty, held, most
):
    cell = CellSpec("float64", (1_000,))
    values = np.random.default_rng(0).normal(size=(90, 1_000))
    merge, folded = worker_reducing.merge, []

    def spy(plan, fold, states, groups, count):
        folded.append((len(states[0]), sum(state.nbytes for state in states)))
        return merge(plan, fold, states, groups, count)

    monkeypatch.setattr(worker_reducing, "merge", spy)
    monkeypatch.setattr(worker_reducing, "HELD_BYTES", held)
    found = plan(of_blocks(graph, cell=(1_000,)), cell, "reduce_blocks", rows_per_block=1,
                 nulls="null")  # fmt: skip
    one_each = [[column([row], cell)] for row in values[:40].tolist()]
    many_blocks = [column(values[40:].tolist(), cell)]
    partitions = [[column([None], cell)]] * empty + [*one_each, many_blocks]
    (result,) = reduce(found, partitions)
    expected = np.sum if graph is SUM else np.logaddexp.reduce
    np.testing.assert_allclose(result, expected(values, axis=0), rtol=1e-12, atol=1e-12)
    assert max(rows for rows, _ in folded) == most
    assert max(size for _, size in folded) <= max(held, 2 * 8 * 1_010)
    # All but one row of each tree of partial results is folded away.
    assert sum(rows - 1 for rows, _ in folded) == 49 + 40 + empty


def test_the_three_null_policies():
    values = column([1.0, None, 3.0, None], F64)
    with pytest.raises(
        NullValuesError, match="'z' holds 2 nulls in a block of 4 rows, the first in row 1"
    ):
        reduce(plan(of_blocks(SUM), F64, "reduce_blocks"), [[values]])
    left_out = plan(of_blocks(SUM), F64, "reduce_blocks", nulls="null", rows_per_block=1)
    assert reduce(left_out, [[values]]) == [4.0]
    assert reduce(left_out, [[column([None], F64)], [column([None], F64)]]) is None
    assert reduce(plan(of_blocks(SUM), F64, "reduce_blocks", nulls=10), [[values]]) == [24.0]


@pytest.mark.parametrize("graph", [SUM, LOGSUMEXP], ids=["plain", "graph"])
def test_groups_of_nothing_but_nulls_are_null(graph):
    keys = pa.array(["a", "b", "a", "b", "c"])
    found = plan(of_blocks(graph), F64, "aggregate", nulls="null", rows_per_block=2)
    values = column([None, None, 5.0, None, 7.0], F64)
    rows = aggregate(found, 1, [[(keys, values)], [(keys, values)]])
    fold = (lambda v: v * 2) if graph is SUM else (lambda v: np.logaddexp(v, v))
    assert [key for key, _ in rows] == ["a", "b", "c"]
    assert rows[1] == ("b", None)
    np.testing.assert_allclose([rows[0][1], rows[2][1]], [fold(5.0), fold(7.0)])


def test_cells_of_several_shapes_are_refused():
    cell = CellSpec("float64", (None,))
    found = plan(of_blocks(SUM, cell=(None,)), cell, "reduce_blocks")
    with pytest.raises(
        ShapeMismatchError, match=r"'z' for placeholder 'z_input'.*cells of one shape"
    ):
        reduce(found, [[column([[1.0], [1.0, 2.0]], cell)]])
    assert reduce(found, [[column([[1.0, 2.0], [3.0, 4.0]], cell)]])[0].tolist() == [4.0, 6.0]


def test_what_fails_in_tensorflow_is_one_sentence():
    def graph(block):
        with tf.control_dependencies([tf.debugging.assert_positive(block, message="not positive")]):
            return tf.reduce_sum(block * 1, axis=0)

    found = plan(of_blocks(graph), F64, "reduce_blocks")
    with pytest.raises(WorkerFailedError, match="Program 'graph' failed in reduce_blocks"):
        reduce(found, [[column([-1.0], F64)]])


def test_the_same_input_gives_the_same_bits():
    values = np.random.default_rng(3).normal(size=30_000)
    found = plan(of_blocks(lambda b: tf.reduce_sum(b * 1, axis=0)), F64, "reduce_blocks")
    partitions = [split(values[:20_000], F64, [7_000]), split(values[20_000:], F64, [])]
    results = {reduce(found, partitions)[0].tobytes() for _ in range(5)}
    assert len(results) == 1


def product_so_often(times, value):
    """A gradient that TensorFlow makes for a row alone, and fails to make for a block."""
    loop = tf.while_loop(
        lambda i, s: i < times, lambda i, s: (i + 1, s * value), [tf.zeros_like(times), value]
    )
    return tf.gradients(loop[1], value)[0]


FAILING = {
    "reduce_rows": of_pairs(lambda a, b: tf.maximum(a, b) + 0 * product_so_often(a, b)),
    "aggregate": of_blocks(
        lambda b: tf.reduce_max(b) + 0 * product_so_often(b[0], tf.reduce_max(b))
    ),
}


@pytest.mark.parametrize("fault", ["fails", "differs"])
@pytest.mark.parametrize("verb", FAILING)
def test_a_graph_that_cannot_be_vectorized_is_mapped_in_the_worker(verb, fault):
    def fold(bound):
        program_cache._loaded.clear()
        if verb == "reduce_rows":
            return reduce(bound, [[column([1.0, 5.0, 3.0], F64)], [column([4.0, 2.0], F64)]])[0]
        keys, values = column([0, 0, 1], I64), column([1.0, 5.0, 3.0], F64)
        return dict(aggregate(bound, 1, [[(keys, values)], [(keys, values)]]))

    bound = plan(FAILING[verb], F64, verb, check=False)
    vectorized = bound.graph
    assert vectorized.way == "vectorized (mapped where a block cannot be)"
    if fault == "fails":
        alone = replace(vectorized, mapped_fetches=(), mapped_shape_fetches=())
        with pytest.raises(WorkerFailedError):
            fold(replace(bound, graph=alone))
    else:
        other = plan(
            of_pairs(lambda a, b: tf.minimum(a, b) * 2 - b)
            if verb == "reduce_rows"
            else of_blocks(lambda b: b[0] - 1),
            F64,
            verb,
            check=False,
        ).graph
        bound = replace(bound, graph=mapped_of(other, vectorized))
    assert fold(bound) == (5.0 if verb == "reduce_rows" else {0: 5.0, 1: 3.0})
    assert not any(program.may_fall_back for program in program_cache._loaded.values())
    assert fold(plan(FAILING[verb], F64, verb)) == fold(bound)


def mapped_of(wrong, right):
    """The vectorized part of one block graph beside the mapped part of another."""
    with tf.Graph().as_default() as graph:
        blocks = [
            tf1.placeholder(tf.float64, None, name=f"fed_{i}") for i in range(len(wrong.feeds))
        ]
        fetched = []
        for block, names in ((wrong, wrong.fetches), (right, right.mapped_fetches)):
            graph_def = tf1.GraphDef.FromString(block.graph_def)
            fed = dict(zip(block.feeds, blocks, strict=True))
            fetched.append(tf1.import_graph_def(graph_def, fed, list(names)))
        merged = graph.as_graph_def()
    fetches, mapped = (tuple(tensor.name for tensor in tensors) for tensors in fetched)
    return replace(
        right,
        graph_def=merged.SerializeToString(),
        feeds=tuple(block.name for block in blocks),
        fetches=fetches,
        mapped_fetches=mapped,
        origin="",
    )


def test_several_fetches_some_plain_and_some_that_need_each_other():
    from tfspark_magic.binding.reductions import bind_reduction
    from tfspark_magic.graph.fetches import freeze_fetches
    from tfspark_magic.graph.runtime import tf1

    with tf.Graph().as_default():
        w = tf1.placeholder(tf.float64, [None], name="w_input")
        m = tf1.placeholder(tf.float64, [None], name="m_input")
        n = tf1.placeholder(tf.int64, [None], name="n_input")
        total = tf.reduce_sum(w, axis=0, name="w")
        # A mean with weights: algebraic, as it carries its weight along.
        mean = tf.divide(tf.reduce_sum(w * m, axis=0), tf.reduce_sum(w, axis=0), name="m")
        count = tf.reduce_sum(n, axis=0, name="n")
        program = freeze_fetches([count, mean, total])
    columns = [("w", F64), ("m", F64), ("n", I64)]
    found = bind_reduction(program, columns, verb="aggregate")
    assert found.kinds == ("sum", None, None)
    rng = np.random.default_rng(0)
    keys, weights, values = rng.integers(0, 5, 200), rng.uniform(1, 2, 200), rng.normal(size=200)
    batch = tuple(map(pa.array, (keys, np.arange(200), values, weights)))
    assert found.columns == ("n", "m", "w")
    for key, count_, mean_, weight in aggregate(found, 1, [[batch]]):
        mine = keys == key
        assert count_ == np.arange(200)[mine].sum()
        np.testing.assert_allclose(weight, weights[mine].sum())
        np.testing.assert_allclose(mean_, np.average(values[mine], weights=weights[mine]))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.none() | st.integers(0, 4), st.integers(-(2**40), 2**40)), max_size=60
    ),
    cuts=st.lists(st.integers(0, 12), max_size=6),
    partitions=st.integers(1, 3),
    block=st.none() | st.integers(1, 9),
    held=st.sampled_from([1, 100, 1 << 20]),
    plain=st.booleans(),
)
def test_groups_are_those_of_a_plain_group_by(rows, cuts, partitions, block, held, plain):
    graph = SUM if plain else lambda b: tf.reduce_sum(b * 1, axis=0)
    found = plan(of_blocks(graph, "int64"), I64, "aggregate", rows_per_block=block)
    batches = []
    at = 0
    for size in [*cuts, len(rows)]:
        piece = rows[at : at + size]
        at += len(piece)
        batches.append(
            (
                pa.array([k for k, _ in piece], pa.int64()),
                pa.array([v for _, v in piece], pa.int64()),
            )
        )
    spread = [batches[i::partitions] for i in range(partitions)]
    before, aggregating.HELD_BYTES = aggregating.HELD_BYTES, held
    try:
        result = aggregate(found, 1, spread)
    finally:
        aggregating.HELD_BYTES = before
    expected: dict = {}
    for key, value in rows:
        expected[key] = expected.get(key, 0) + value
    assert len(result) == len(expected)
    assert dict(result) == expected
