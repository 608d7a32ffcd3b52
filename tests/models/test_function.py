from __future__ import annotations

import numpy as np
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import FetchError, GraphLoadError, OptionError, UnsupportedTypeError
from tfspark_magic.graph.runtime import tf, tf1

VECTOR = tf.TensorSpec([None], tf.float32)


def test_a_function_that_says_what_it_takes():
    scale = tf.Variable(3.0)

    @tf.function(input_signature=[VECTOR, VECTOR])
    def score(x, y):
        return {"z": x * scale + y}

    program = tfs.load(score)
    assert repr(program) == "Program score: x float32[?], y float32[?] -> z float32[?]"
    scale.assign(0.0)
    assert program.run(x=[1.0], y=[2.0]).tolist() == [5.0]


@pytest.mark.parametrize("signature", [VECTOR, [VECTOR], {"x": VECTOR}])
def test_a_python_function_with_a_signature(signature):
    def halves(x):
        return x / 2, x / 4

    program = tfs.load(halves, signature=signature, outputs={"output_1": "quarter"})
    assert repr(program) == "Program halves: x float32[?] -> quarter float32[?]"
    assert program.run(x=[4.0]).tolist() == [1.0]


def test_a_traced_function():
    concrete = tf.function(lambda x: {"y": x + 1}).get_concrete_function(VECTOR)
    assert tfs.load(concrete).run(x=[1.0]).tolist() == [2.0]


def test_functions_within_functions_branches_and_loops():
    @tf.function
    def grow(x):
        for _ in tf.range(3):
            x = x * 2 if tf.reduce_sum(x) > 0 else x - 1
        return x

    @tf.function(input_signature=[VECTOR])
    def both(x):
        return {"a": grow(x), "b": grow(-x) + grow(x)}

    x = np.array([1, 2], np.float32)
    found, expected = tfs.load(both).run(x=x), both(x)
    assert {n: v.tolist() for n, v in found.items()} == {
        n: v.numpy().tolist() for n, v in expected.items()
    }


def test_a_function_over_tables_of_earlier_cells():
    values = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.0, 0.0])
    values.insert([1, 2], [[1.0, 2.0], [3.0, 4.0]])
    names = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["b", "a"], tf.constant([2, 1], tf.int64)), 7
    )
    program = tfs.load(
        lambda s: {"v": values.lookup(names.lookup(s))}, signature=tf.TensorSpec([None], tf.string)
    )
    assert len(program.initializers) == 2
    assert program.run(s=["a", "b", "c"]).tolist() == [[1, 2], [3, 4], [0, 0]]


def test_a_graph_with_the_values_of_its_session():
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None], name="x")
        variable = tf1.get_variable("w", [])
        tf.multiply(x, variable, name="z")
        session.run(tf1.global_variables_initializer())
        w = session.run(variable)
        program = tfs.load(graph, outputs={"z": "product"}, session=session)
    np.testing.assert_allclose(program.run(x=[2.0]), [2 * w])


@pytest.mark.parametrize(
    ("model", "options", "error", "text"),
    [
        (
            tf.function(lambda x: x),
            {},
            OptionError,
            "does not say what it takes: write tfs.load(<lambda>, signature=[tf.TensorSpec([None, "
            "...], dtype), ...]), with None for a block's rows.",
        ),
        (3, {}, OptionError, "a GraphDef or a tf.Graph, got int."),
        (
            lambda x: {"c": tf.complex(x, x), "d": x},
            {"signature": VECTOR},
            FetchError,
            "Fetch 'c' is complex64, which no column can hold: fetch others with outputs=['d'].",
        ),
        (
            lambda x: {"d": tf.math.real(x)},
            {"signature": tf.TensorSpec([None], tf.complex64)},
            UnsupportedTypeError,
            "Placeholder 'x' is complex64",
        ),
        (
            lambda x: tf.numpy_function(np.sin, [x], tf.float32),
            {"signature": VECTOR},
            GraphLoadError,
            "not part of a program: write it with TensorFlow's operations.",
        ),
        (
            lambda x: tf.no_such_thing(x, x),
            {"signature": VECTOR},
            GraphLoadError,
            "has no attribute 'no_such_thing'.",
        ),
    ],
)
def test_what_cannot_be_loaded(model, options, error, text):
    with pytest.raises(error) as caught:
        tfs.load(model, **options)
    assert text in str(caught.value)


def test_what_cannot_be_a_column_is_left_out_on_demand():
    program = tfs.load(lambda x: {"c": tf.complex(x, x), "d": x + 1}, signature=VECTOR, outputs="d")
    assert program.run(x=[1.0]).tolist() == [2.0]
