"""Outputs whose shape or dtype the file does not give as columns need it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS
from tfspark_magic.errors import FetchError, OptionError, TfSparkError
from tfspark_magic.graph.runtime import tf, tf1

FRAME = pd.DataFrame({"x": list(ROWS)})


def loop(path):
    """A frozen graph with a loop of TensorFlow 1, which gives the sum of each row as `total`."""
    tf1.disable_control_flow_v2()
    try:
        with tf.Graph().as_default() as graph:
            x = tf1.placeholder(tf.float32, [None, 3], name="x")
            step = lambda i, total: (i + 1, total + x[:, i])
            total = tf1.while_loop(lambda i, _: i < 3, step, [0, tf.zeros_like(x[:, 0])])[1]
            tf.identity(total, name="total")
    finally:
        tf1.enable_control_flow_v2()
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def told(sentence, name, **names):
    """The outputs= that a sentence tells to pass, with its dots replaced."""
    code = re.search(r"outputs=(\{.*\})", sentence)[1].replace("[...]", name)
    return eval(code, {"tf": tf, **names})


def test_the_rank_of_a_loop_in_a_file_is_said_when_it_is_loaded(tmp_path):
    path = loop(tmp_path / "loop.pb")
    program = tfs.load(path)
    program.save(tmp_path / "program")
    for file in (path, tmp_path / "program"):
        with pytest.raises(FetchError) as caught:
            tfs.map_blocks(tfs.load(file), FRAME)
        assert str(caught.value) == (
            "The rank of fetch 'total' is not known before it runs, so it cannot be a column: say "
            "its shape with tf.ensure_shape(total, [...]), or for a model in "
            "tfs.load(outputs={'total': tf.TensorSpec([...], tf.float32)})."
        )
        program = tfs.load(file, outputs=told(str(caught.value), "[None]"))
        assert repr(program.outputs[0].shape) == "(None,)"
        found = tfs.map_blocks(program, FRAME)["total"]
        np.testing.assert_allclose(found, ROWS.sum(axis=1), rtol=1e-5, atol=1e-6)

        # Under another name; and what is said is checked.
        spec = tf.TensorSpec([None, 7], tf.float32, name="wrong")
        wrong = tfs.load(file, outputs={"total": spec})
        assert wrong.outputs[0].name == "wrong"
        with pytest.raises(TfSparkError, match="is not compatible with expected shape"):
            tfs.map_blocks(wrong, FRAME)
        with pytest.raises(OptionError) as caught:
            tfs.load(file, outputs={"total": tf.TensorSpec([None], tf.float64)})
        assert str(caught.value) == (
            "Fetch 'total' is float32, and outputs= says float64: say tf.float32."
        )


def test_dtypes_that_no_column_holds_are_cast_when_they_are_loaded(tmp_path):
    import keras

    with pytest.raises(OptionError, match="gives 3 for 'x': give the name of a column, or a tf.T"):
        tfs.load(lambda x: {"x": x}, signature=tf.TensorSpec([None]), outputs={"x": 3})
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        tf.cast(x, tf.bfloat16, name="half")
        tf.cast(tf.abs(x), tf.uint16, name="count")
        tf.complex(x, x, name="wave")
        tf.add(x, 1, name="more")
    frozen = tmp_path / "frozen.pb"
    frozen.write_bytes(graph.as_graph_def().SerializeToString())
    for name, outputs in [("half", None), ("low", {"half": "low", "count": "count"})]:
        with pytest.raises(
            FetchError, match=rf"^Fetch '{name}' is bfloat16, which no .*: pass"
        ) as e:
            tfs.load(frozen, outputs=outputs)
        program = tfs.load(frozen, outputs=told(str(e.value), ""))
        assert [spec.name for spec in program.outputs] == (
            [name, "count", "more"] if outputs is None else [name, "count"]
        )
        assert {spec.name: spec.dtype for spec in program.outputs}["count"] == "int32"
        assert program.outputs[0].shape == (None, 3)
        found = tfs.map_blocks(program, FRAME)
        np.testing.assert_allclose(np.stack(found[name]), ROWS, rtol=0.01)

    with pytest.raises(FetchError) as caught:
        tfs.load(frozen, outputs="wave")
    assert str(caught.value) == (
        "Fetch 'wave' is complex64, which no column can hold: save a model that gives its "
        "tf.math.real and tf.math.imag."
    )

    layer = keras.layers.Dense(2, dtype="mixed_bfloat16", name="score", kernel_initializer="ones")
    model = keras.Sequential([keras.Input((3,)), layer])
    module = tf.Module()
    module.f = tf.function(lambda x: {"score": tf.cast(x, tf.bfloat16)})
    tf.saved_model.save(
        module,
        str(tmp_path / "m"),
        signatures=module.f.get_concrete_function(tf.TensorSpec([None, 3])),
    )
    model.save(tmp_path / "m.keras")
    model.save(tmp_path / "m.h5")
    for one in (model, tmp_path / "m", tmp_path / "m.keras", tmp_path / "m.h5"):
        with pytest.raises(FetchError) as caught:
            tfs.load(one)
        assert str(caught.value) == (
            "Fetch 'score' is bfloat16, which no column can hold: pass outputs={'score': "
            "tf.TensorSpec(None, tf.float32)}."
        )
        program = tfs.load(one, outputs=told(str(caught.value), ""))
        found = program.run(**{program.inputs[0].name: ROWS})
        expected = ROWS if one == tmp_path / "m" else np.repeat(ROWS.sum(1, keepdims=True), 2, 1)
        np.testing.assert_allclose(found, expected, rtol=0.02, atol=0.02)
