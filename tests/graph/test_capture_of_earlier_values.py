from __future__ import annotations

import numpy as np
import pytest

TF2 = "import tensorflow as tf\nimport numpy as np\ntf.keras.utils.set_random_seed(1)\n"

MODELS = {
    "dense": (
        "tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(3, 'relu'),"
        " tf.keras.layers.Dense(2)])",
        (5, 4),
        "float32",
    ),
    "batch norm and dropout": (
        "tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(3),"
        " tf.keras.layers.BatchNormalization(), tf.keras.layers.Dropout(0.5)])",
        (5, 4),
        "float32",
    ),
    "LSTM": (
        "tf.keras.Sequential([tf.keras.layers.Input((6, 2)), tf.keras.layers.LSTM(3),"
        " tf.keras.layers.Dense(2)])",
        (5, 6, 2),
        "float32",
    ),
    "embedding": (
        "tf.keras.Sequential([tf.keras.layers.Input((3,), dtype='int32'),"
        " tf.keras.layers.Embedding(7, 2), tf.keras.layers.Flatten()])",
        (5, 3),
        "int32",
    ),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_trained_keras_model_is_called_on_a_placeholder(cells, kind):
    model, shape, dtype = MODELS[kind]
    cells.ordinary(
        TF2 + f"model = {model}\n"
        "model.compile('sgd', 'mse')\n"
        f"data = (np.arange({np.prod(shape)}).reshape{shape} % 7).astype('{dtype}')\n"
        "target = np.ones_like(model(data))\n"
        "model.fit(data, target, epochs=2, verbose=0)\n"
        "expected = model(data).numpy()\n"
    )
    program = cells.program(
        f"x = tf.placeholder(tf.{dtype}, [None, *{shape[1:]}], name='x')\n"
        "output = tf.identity(model(x), name='scores')\n"
    )
    assert [spec.name for spec in program.inputs] == ["x"]
    assert program.variables
    np.testing.assert_allclose(program.run(x=cells["data"]), cells["expected"], rtol=1e-5)
    # The model goes on as before.
    np.testing.assert_allclose(cells["model"](cells["data"]), cells["expected"], rtol=1e-6)


def test_a_model_runs_in_a_session_of_the_cell_without_initializing_anything(cells):
    cells.ordinary(TF2 + "layer = tf.keras.layers.Dense(2)\nexpected = layer(np.ones((1, 3)))")
    cells.capture(
        "x = tf.placeholder(tf.float32, [None, 3])\n"
        "value = tf.Session().run(layer(x), {x: [[1, 1, 1]]})\n"
    )
    np.testing.assert_allclose(cells["value"], cells["expected"], rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "change"),
    [
        ("v = tf.Variable([1.0, 2.0])", "v.assign([7.0, 7.0])"),
        ("v = tf.constant([1.0, 2.0])", "v = tf.constant([7.0, 7.0])"),
        ("v = np.array([1.0, 2.0], 'float32')", "v[:] = 7"),
    ],
    ids=["variable", "tensor", "array"],
)
@pytest.mark.parametrize("decorator", ["", "@tf.function"], ids=["plain", "tf.function"])
def test_a_value_is_frozen_as_it_is_when_the_cell_runs(cells, make, change, decorator):
    cells.ordinary(TF2 + f"{make}\n{decorator}\ndef scale(t):\n    return t * v\n")
    cells.capture("output = scale(tf.placeholder(tf.float32, [2], name='x'))")
    cells.ordinary(change)
    assert cells.freeze("output").run(x=[1.0, 1.0]).tolist() == [1, 2]


def test_a_variable_may_be_used_in_several_ways_in_one_cell(cells):
    cells.ordinary(TF2 + "v = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name='weights')")
    program = cells.program(
        "i = tf.placeholder(tf.int32, [], name='i')\n"
        "loop = tf.while_loop(lambda k, s: k < 2, lambda k, s: (k + 1, s + v), [0, tf.zeros([2, 2])])\n"
        "output = tf.gather(v, i) + tf.nn.embedding_lookup(v, i) + v[0] + v.read_value()[0]"
        " + tf.reduce_sum(loop[1], 0)\n"
    )
    assert program.run(i=1).tolist() == [3 + 3 + 1 + 1 + 8, 4 + 4 + 2 + 2 + 12]
    assert any("weights" in name for name in program.variables)


def test_a_tensor_of_text_is_taken(cells):
    cells.ordinary(TF2 + "prefix = tf.constant('row ')")
    program = cells.program("output = prefix + tf.placeholder(tf.string, [], name='s')")
    assert program.run(s="1") == b"row 1"


def test_a_gradient_through_an_earlier_model_is_taken(cells):
    cells.ordinary(TF2 + "v = tf.Variable(3.0)\nf = lambda t: v * t * t")
    program = cells.program(
        "x = tf.placeholder(tf.float32, [], name='x')\noutput, = tf.gradients(f(x), x)"
    )
    assert program.run(x=2.0) == 12


def test_a_gradient_through_an_earlier_function_is_taken(cells):
    cells.ordinary(TF2 + "v = tf.Variable(3.0)\n@tf.function\ndef f(t):\n    return v * t * t")
    program = cells.program(
        "x = tf.placeholder(tf.float32, [], name='x')\noutput, = tf.gradients(f(x), x)"
    )
    assert program.run(x=2.0) == 12


def test_values_made_in_the_ordinary_cells_stay_usable_there(cells):
    cells.ordinary(TF2 + "v = tf.Variable(1.0)\n@tf.function\ndef f(t):\n    return t * v")
    cells.capture("output = f(tf.placeholder(tf.float32, []))")
    cells.ordinary("v.assign(5.0)\nvalue = f(tf.constant(2.0)).numpy()")
    assert cells["value"] == 10


def test_lookup_tables_keep_what_they_hold(cells):
    cells.ordinary(
        "import tensorflow as tf\n"
        "import keras\n"
        "layer = keras.layers.StringLookup(vocabulary=['a', 'b'])\n"
        "table = tf.lookup.StaticHashTable(\n"
        "    tf.lookup.KeyValueTensorInitializer([0, 1, 2], [5, 6, 7]), -1)"
    )
    program = cells.program(
        "s = tf.placeholder(tf.string, [None], name='s')\n"
        "output = table.lookup(tf.cast(layer(s), tf.int32), name='found')\n"
        "with tf.Session() as session:\n"
        "    session.run(tf.tables_initializer())\n"
        "    here = session.run(output, {s: ['b', 'c']}).tolist()"
    )
    assert cells["here"] == [7, 5]
    assert len(program.initializers) == 2
    assert program.run(s=["a", "b", "c"]).tolist() == [6, 7, 5]
