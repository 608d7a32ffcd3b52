"""Tiny models of each kind, made once, with what they give for some rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfspark_magic.graph.runtime import tf, tf1

ROWS = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)
WORDS = np.array(["b", "a", "zzz", "b", "c"])


@dataclass
class Made:
    """A model on disk, and its own results for `ROWS` (and `WORDS`), by the names of its outputs."""

    path: Path
    expected: dict[str, np.ndarray]
    live: Any = None
    feeds: dict[str, Any] = field(default_factory=lambda: {"x": ROWS})


class Lookup(tf.Module):
    """A variable and a table from a file, which a SavedModel keeps among its assets."""

    def __init__(self, vocabulary: Path) -> None:
        super().__init__()
        self.weight = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), name="weight")
        whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(str(vocabulary), tf.string, whole, tf.int64, number), -1
        )

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 3], tf.float32),
            tf.TensorSpec([None], tf.string),
        ]
    )
    def __call__(self, x, word):
        return {"y": tf.matmul(x, self.weight), "place": self.table.lookup(word)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def double(self, n):
        return 2 * n


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("saved")
    vocabulary = folder / "words.txt"
    vocabulary.write_text("a\nb\nc\n")
    model = Lookup(vocabulary)
    path = folder / "lookup"
    tf.saved_model.save(
        model, str(path), signatures={"serving_default": model.__call__, "double": model.double}
    )
    vocabulary.unlink()  # what was saved has to be enough
    expected = {"y": ROWS @ model.weight.numpy(), "place": np.array([1, 0, -1, 1, 2])}
    return Made(path, expected, model, {"x": ROWS, "word": WORDS})


@pytest.fixture(scope="session")
def keras_model(tmp_path_factory) -> Made:
    import keras

    keras.utils.set_random_seed(1)
    x = keras.Input((3,), name="x")
    hidden = keras.layers.BatchNormalization()(keras.layers.Dense(4, "relu")(x))
    hidden = keras.layers.Dropout(0.5)(hidden)
    outputs = {"score": keras.layers.Dense(2, "softmax")(hidden), "hidden": hidden}
    model = keras.Model(x, outputs, name="scorer")
    path = tmp_path_factory.mktemp("keras") / "scorer.keras"
    model.save(path)
    return Made(path, model.predict(ROWS, verbose=0), model)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("checkpoint")
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        keep = tf1.placeholder_with_default(1.0, [], name="keep")
        weight = tf1.get_variable("weight", [3, 2])
        z = tf.nn.softmax(tf.matmul(x, weight) * keep, name="z")
        tf1.train.AdamOptimizer().minimize(tf.reduce_sum(z))
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(folder / "model.ckpt"))
        tf1.saved_model.simple_save(session, str(folder / "tf1"), {"x": x}, {"z": z})
        frozen = tf1.graph_util.convert_variables_to_constants(
            session, session.graph.as_graph_def(), ["z"]
        )
        (folder / "frozen.pb").write_bytes(frozen.SerializeToString())
        tf.io.write_graph(frozen, str(folder), "frozen.pbtxt")
        return Made(folder, {"z": session.run(z, {x: ROWS})}, frozen)


def results(program: Any, **feeds: Any) -> dict[str, np.ndarray]:
    """Run a program; its results by name, however many there are."""
    found = program.run(**feeds)
    return found if isinstance(found, dict) else {program.outputs[0].name: found}


def assert_gives(program: Any, made: Made, *names: str) -> None:
    """Check a program's results, of some outputs, against the model's own."""
    found = results(program, **{spec.name: made.feeds[spec.name] for spec in program.inputs})
    assert sorted(found) == sorted(names or made.expected)
    for name, value in found.items():
        np.testing.assert_allclose(value, made.expected[name], rtol=1e-6, atol=1e-7)
