from __future__ import annotations

import gc
import pickle
import weakref
from dataclasses import replace

import numpy as np
import pytest

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.block import BLOCK, LOOPING, MAPPED, VECTORIZED
from tfspark_magic.graph.concrete_function import load_function
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.shaped_graph import ShapedGraph
from tfspark_magic.graph.vectorize import as_block_graph, vectorize
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker.tensors_to_columns import to_column, to_varying_column

import tensorflow as tf

RANDOM = np.random.default_rng(7)
FLOATS = RANDOM.normal(size=(5, 4)).astype("float32")
MATRICES = RANDOM.normal(size=(5, 3, 3))
IMAGES = RANDOM.normal(size=(5, 6, 6, 2)).astype("float32")
COUNTS = np.array([3, 1, 4, 1, 5], "int32")
LISTS = np.array([[3, 1, 3], [1, 1, 1], [0, 2, 4], [5, 5, 0], [0, 0, 0]], "int32")
WORDS = np.array(["spark", "Flow", "", " a b ", "zürich"], object)
NUMBERS = np.array(["1.5", "-2", "3e2", "0", "7"], object)
PNGS = np.array(
    [tf.io.encode_png(np.full((2, 3, 1), i * 40, "uint8")).numpy() for i in range(5)], object
)

# Name: what a row computes, its cells (five rows), and how a block is to be computed.
GRAPHS = {
    "arithmetic": ("tf.square(x) * 3 - x / 2", FLOATS, VECTORIZED),
    "scalar arithmetic": ("x * 3 + 1", COUNTS, VECTORIZED),
    "matvec and softmax": (
        "tf.nn.softmax(tf.linalg.matvec(tf.reshape(tf.range(12.0), [3, 4]) / 9, x))",
        FLOATS,
        VECTORIZED,
    ),
    "a large constant": (
        "tf.linalg.matvec(tf.constant(np.ones((700, 4), 'float32')), x)",
        FLOATS,
        VECTORIZED,
    ),
    "top_k": ("tf.nn.top_k(x, 2).indices", FLOATS, VECTORIZED),
    "conv2d of one image": (
        "tf.nn.conv2d(x[None], tf.ones([3, 3, 2, 1]), [1, 1, 1, 1], 'SAME')[0]",
        IMAGES,
        VECTORIZED,
    ),
    "upper": ("tf.strings.upper(x)", WORDS, VECTORIZED),
    "lower": ("tf.strings.lower(x)", WORDS, VECTORIZED),
    "length": ("tf.strings.length(x)", WORDS, VECTORIZED),
    "join": ("tf.strings.join(['<', x, '>'])", WORDS, VECTORIZED),
    "substr": ("tf.strings.substr(x, 0, 1)", NUMBERS, VECTORIZED),
    "strip": ("tf.strings.strip(x)", WORDS, VECTORIZED),
    "regex replace": ("tf.strings.regex_replace(x, '[a-k]', '*')", WORDS, VECTORIZED),
    "regex match": ("tf.strings.regex_full_match(x, '.*a.*')", WORDS, VECTORIZED),
    "hash": ("tf.strings.to_hash_bucket_fast(x, 1000)", WORDS, VECTORIZED),
    "as_string": ("tf.strings.as_string(x, precision=2)", FLOATS, VECTORIZED),
    "to_number": ("tf.strings.to_number(x)", NUMBERS, VECTORIZED),
    "base64": ("tf.io.encode_base64(x)", WORDS, VECTORIZED),
    "decode_raw": (
        "tf.io.decode_raw(x, tf.uint8)",
        np.array(["abc", "def", "ghi", "   ", "xyz"], object),
        MAPPED,
    ),
    "determinant": ("tf.linalg.det(x)", MATRICES, VECTORIZED),
    "qr": ("tf.linalg.qr(x).r", MATRICES, VECTORIZED),
    "svd": ("tf.linalg.svd(x)[0]", MATRICES, VECTORIZED),
    "singular values alone": ("tf.linalg.svd(x, compute_uv=False)", MATRICES, None),
    "inverse": ("tf.linalg.inv(x)", MATRICES, VECTORIZED),
    "lookup table": (
        "tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer("
        "tf.constant(['spark', '']), tf.constant([1, 2])), -1).lookup(x)",
        WORDS,
        VECTORIZED,
    ),
    "resize": ("tf.image.resize(x, [3, 4])", IMAGES, VECTORIZED),
    "resize by nearest neighbor": (
        "tf.compat.v1.image.resize_nearest_neighbor(x[None], [3, 4])[0]",
        IMAGES,
        VECTORIZED,
    ),
    "cond": ("tf.cond(x[0] > 0, lambda: x * 2, lambda: -x)", FLOATS, VECTORIZED),
    "while of a fixed count": (
        "tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s * 2), [0, x])[1]",
        FLOATS,
        VECTORIZED,
    ),
    "while of a count that depends on the data": (
        "tf.while_loop(lambda i, s: i < x, lambda i, s: (i + 1, s + i), [0, 0])[1]",
        COUNTS,
        VECTORIZED,
    ),
    "nested functions": (
        "tf.function(lambda a: tf.function(lambda b: b * 2)(a) + 1)(x)",
        FLOATS,
        None,
    ),
    "LSTM": ("lstm(tf.reshape(x, [1, 2, 2]))[0]", FLOATS, VECTORIZED),
    "bincount": ("tf.math.bincount(x, minlength=6, maxlength=6)", LISTS, MAPPED),
    "scatter_nd": ("tf.scatter_nd([[5], [1], [0], [5]], x, [7])", FLOATS, LOOPING),
    "unique": ("tf.unique(x).y", LISTS, MAPPED),
    "where": ("tf.where(x > 0)", FLOATS, MAPPED),
    "boolean_mask": ("tf.boolean_mask(x, x > 0)", FLOATS, MAPPED),
    "range": ("tf.range(x)", COUNTS, MAPPED),
    "split": ("tf.strings.split(x).values", WORDS, MAPPED),
    "matrix of varying size": ("tf.ones([x, 2]) * tf.cast(x, tf.float32)", COUNTS, MAPPED),
    "decode_png": (
        "tf.ensure_shape(tf.io.decode_png(x, channels=1), [2, 3, 1])",
        PNGS,
        MAPPED,
    ),
    "decode_png of unknown size": ("tf.io.decode_png(x, channels=1)", PNGS, MAPPED),
    "a constant beside": ("tf.constant([1.0, 2.0]) + 0 * x[0]", FLOATS, VECTORIZED),
    "cumsum": ("tf.cumsum(x)", FLOATS, VECTORIZED),
    "gather": ("tf.gather(tf.constant([10, 20, 30, 40, 50, 60]), x)", LISTS, VECTORIZED),
    "shape": ("tf.cast(tf.shape(x), tf.float32)[0] * x", FLOATS, VECTORIZED),
    "bool": ("tf.reduce_any(x > 1)", FLOATS, VECTORIZED),
}


@pytest.fixture
def make(cells):
    cells.ordinary("import numpy as np")

    def build(expression, data, shape=None):
        if "lstm" in expression:
            cells.ordinary("import tensorflow as tf\nlstm = tf.keras.layers.LSTM(3)")
            cells["lstm"](np.zeros((1, 2, 2), "float32"))
        dtype = "string" if data.dtype == object else data.dtype.name
        shape = list(data.shape[1:]) if shape is None else shape
        return cells.program(
            f"x = tf.placeholder(tf.{dtype}, {shape}, name='x')\n"
            f"output = tf.identity({expression}, name='z')\n"
        )

    return build


def cell_of(program, data):
    return {"x": CellSpec(program.inputs[0].dtype, data.shape[1:])}


def run_block(program, block, data):
    """Return the rows of a block, as Python values: the shapes may differ from row to row."""
    fetches = [*block.fetches, *(name for name in block.shape_fetches if name)]
    run = load_function(block.graph_def, block.feeds, fetches, block.initializers)
    values = run(tf.constant(data))
    (spec,) = program.outputs
    dtype = "binary" if spec.dtype == "string" else spec.dtype
    if block.shape_fetches == (None,):
        cell = CellSpec(dtype, (None,) * (len(values[0].shape) - 1))
        return to_column(values[0], cell, "z", len(data)).to_pylist()
    rank = values[1].shape[1]
    return to_varying_column(values[0], values[1], CellSpec(dtype, (None,) * rank), "z").to_pylist()


def flat(value):
    if isinstance(value, list):
        return [leaf for item in value for leaf in flat(item)]
    return [value]


@pytest.mark.parametrize(
    "allowed", [True, pytest.param(False, marks=pytest.mark.long)], ids=["vectorize", "row by row"]
)
@pytest.mark.parametrize("name", GRAPHS)
def test_a_block_gives_what_its_rows_give_one_by_one(make, name, allowed):
    expression, data, how = GRAPHS[name]
    program = make(expression, data)
    block = vectorize(program, cell_of(program, data), allowed=allowed)
    if not allowed:
        assert (block.how, block.reason) == (MAPPED, "vectorize=False")
    elif how is not None:
        assert block.how == how, block.reason
    assert bool(block.reason) == (block.how != VECTORIZED)
    found = run_block(program, block, data)
    expected = [program.run(x=row) for row in data]
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert np.shape(one) == np.shape(other) or not np.size(other)
        if isinstance(flat(one)[0] if flat(one) else 0, float):
            np.testing.assert_allclose(flat(one), np.ravel(other), rtol=1e-5, atol=1e-6)
        else:
            assert flat(one) == np.ravel(other).tolist()


@pytest.mark.matrix
@pytest.mark.parametrize("name", GRAPHS)
def test_the_mapped_graph_travels_with_a_vectorized_one(make, name):
    expression, data, _ = GRAPHS[name]
    program = make(expression, data)
    block = vectorize(program, cell_of(program, data))
    assert bool(block.mapped_fetches) == (block.how != MAPPED)
    assert not block.drawn
    if block.mapped_fetches:
        mapped = replace(
            block, fetches=block.mapped_fetches, shape_fetches=block.mapped_shape_fetches
        )
        found = run_block(program, mapped, data)
        np.testing.assert_array_equal(found, [program.run(x=row) for row in data])


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("tf.unique(x).y", "no exact converter for Unique"),
        (
            "tf.math.bincount(x, minlength=6, maxlength=6)",
            "no exact converter for DenseBincount, whose results may differ in shape from row to row",
        ),
    ],
)
def test_the_reason_names_the_operation(make, expression, reason):
    program = make(expression, LISTS)
    assert vectorize(program, cell_of(program, LISTS)).reason.startswith(reason)


@pytest.mark.parametrize("allowed", [True, False])
def test_random_numbers_are_drawn_for_each_row(make, allowed):
    data = np.zeros((20, 4), "float32")
    program = make("x + tf.random.uniform([4])", data)
    block = vectorize(program, cell_of(program, data), allowed=allowed)
    if allowed:
        assert block.how == VECTORIZED
        assert block.drawn == {0}
    rows = run_block(program, block, data)
    assert len({tuple(row) for row in rows}) == 20


def test_random_numbers_that_depend_on_no_column_are_drawn_for_each_row_too(cells):
    program = cells.program(
        "x = tf.placeholder(tf.float32, [], name='x')\n"
        "noise = tf.random.uniform([])\noutput = tf.add(tf.round(noise * 1e6), x * 0, name='z')\n"
    )
    data = np.zeros(20, "float32")
    rows = run_block(program, vectorize(program, cell_of(program, data)), data)
    assert len(set(rows)) > 10


@pytest.mark.parametrize("allowed", [True, False])
def test_a_placeholder_of_unknown_shape_takes_the_cells(make, allowed):
    program = make("tf.reduce_sum(x)", FLOATS, shape="None")
    block = vectorize(program, cell_of(program, FLOATS), allowed=allowed)
    np.testing.assert_allclose(run_block(program, block, FLOATS), FLOATS.sum(1), rtol=1e-5)


@pytest.mark.parametrize("allowed", [True, False])
def test_several_placeholders_and_fetches_keep_their_order(cells, allowed):
    program = cells.program(
        "x = tf.placeholder(tf.float32, [2], name='x')\n"
        "y = tf.placeholder(tf.int32, [], name='y')\n"
        "s = tf.strings.as_string(y)\n"
        "a, b = x[0], tf.cast(y, tf.float32) * x\n",
        "b",
        "s",
        "a",
    )
    block = vectorize(
        program, {"x": CellSpec("float32", (2,)), "y": CellSpec("int32")}, allowed=allowed
    )
    run = load_function(block.graph_def, block.feeds, block.fetches)
    b, s, a = run(tf.constant([[1.0, 2], [3, 4]]), tf.constant([10, 20]))
    assert b.numpy().tolist() == [[10, 20], [60, 80]]
    assert s.numpy().tolist() == [b"10", b"20"]
    assert a.numpy().tolist() == [1, 3]


@pytest.mark.parametrize("allowed", [True, False])
def test_a_fetch_that_depends_on_no_column_is_repeated_for_each_row(cells, allowed):
    program = cells.program(
        "x = tf.placeholder(tf.float32, [], name='x')\n"
        "a, b = x + 1, tf.constant([5, 6], name='b')\n",
        "a",
        "b",
    )
    block = vectorize(program, {"x": CellSpec("float32")}, allowed=allowed)
    run = load_function(block.graph_def, block.feeds, block.fetches)
    assert run(tf.constant([1.0, 2.0]))[1].numpy().tolist() == [[5, 6], [5, 6]]


def test_a_loop_of_tensorflow_1_is_refused():
    tf.compat.v1.disable_control_flow_v2()
    try:
        with tf.Graph().as_default():
            x = tf.compat.v1.placeholder(tf.int32, [], name="x")
            output = tf.while_loop(lambda i: i < x, lambda i: i + 1, [tf.constant(0)])
    finally:
        tf.compat.v1.enable_control_flow_v2()
    program = freeze_fetches(output)
    with pytest.raises(GraphLoadError) as caught:
        vectorize(program, {"x": CellSpec("int32")})
    assert str(caught.value) == (
        "Program 'graph' holds a loop of TensorFlow 1's control flow: build it with control flow "
        "v2, TensorFlow's default."
    )


def test_shapes_of_outputs_follow_those_of_the_cells(make):
    program = make("x * 2", FLOATS, shape="None")
    assert program.outputs[0].shape is None
    assert ShapedGraph(program, {"x": (None, 4)}).output_shapes == [(None, 4)]
    assert ShapedGraph(program, {"x": ()}).output_shapes == [()]
    assert ShapedGraph(program, {"x": None}).output_shapes == [None]


def test_a_program_of_blocks_stays_as_it_is(make):
    program = make("x * 2", FLOATS, shape="[None, 4]")
    block = as_block_graph(program)
    assert (block.graph_def, block.how, block.feeds) == (program.graph_def, BLOCK, ("x:0",))
    assert not block.mapped_fetches


def test_a_graph_is_made_once_for_a_program_and_forgotten_with_it(make, monkeypatch):
    monkeypatch.setattr("tfspark_magic.graph.vectorize._SMALL_BYTES", 0)
    program = make("tf.nn.softmax(x)", FLOATS)
    cells = cell_of(program, FLOATS)
    graph = vectorize(program, cells)
    assert vectorize(pickle.loads(pickle.dumps(program)), dict(cells)) is graph
    by_rows = vectorize(program, cells, allowed=False)
    assert by_rows.how == MAPPED
    assert by_rows.digest != graph.digest
    digest, forgotten = graph.digest, weakref.ref(graph)
    del program, graph
    gc.collect()
    assert forgotten() is None
    # TensorFlow numbers the functions in a graph again each time.
    assert vectorize(make("tf.nn.softmax(x)", FLOATS), cells).digest == digest


def test_the_last_small_programs_are_kept_for_the_next_call(make):
    def made(code):
        program = make(code, FLOATS)
        return vectorize(program, cell_of(program, FLOATS))

    graph = made("tf.nn.softmax(x) + 1.5")
    for number in range(7):
        made(f"x * {number}.25")
    gc.collect()
    assert made("tf.nn.softmax(x) + 1.5") is graph
    forgotten = weakref.ref(graph)
    del graph
    for number in range(8):
        made(f"x * {number}.75")
    gc.collect()
    assert forgotten() is None
