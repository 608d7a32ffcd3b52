"""`tfs.graph`: a block makes the program that a cell of the same code makes."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tfspark_magic import TfSparkError
from tfspark_magic.graph.runtime import tf


def test_a_script_gets_a_program():
    with tfs.graph() as score:
        x = tf.placeholder(tf.int32, name="x")
        y = tf.Variable([3])[0] * x + 1
    assert not hasattr(tf, "placeholder")
    assert repr(score) == "Program score: x int32 -> y int32"
    assert score.run(x=4) == 13
    assert type(score) is tfs.Program
    with tfs.graph("total --fetch y") as total:
        x = tf.placeholder(tf.int32, name="x")
        y = x * 2
        z = y + 1
        assert z is not None
    assert repr(total) == "Program total: x int32 -> y int32"


def test_a_block_may_do_without_tensorflow_at_its_end():
    names = {"tfs": tfs, "tf": tf}
    exec(
        "with tfs.graph() as score:\n    z = tf.placeholder(tf.int32, name='x') + 1\n    del tf",
        names,
    )
    assert "tf" not in names
    assert names["score"].run(x=4) == 5


def test_before_its_end_it_says_so():
    early = pytest.raises(TfSparkError, match="'score' is there once its with block has ended")
    with early, tfs.graph("score") as score:
        score.run(x=3)
    assert not hasattr(tf, "placeholder")
    with pytest.raises(ValueError, match="mine"), tfs.graph("score") as score:
        raise ValueError("mine")
    with pytest.raises(TfSparkError, match="has ended without an error"):
        score.run(x=3)
    with (
        pytest.raises(TfSparkError, match="--export goes with %tfrun"),
        tfs.graph("s --export x.py"),
    ):
        pass


def test_a_cell_shows_what_a_magic_shows(jupyter):
    jupyter.names["df"] = pd.DataFrame({"price": np.arange(3)})
    jupyter.ok("""
import tensorflow as tf, tfspark_magic as tfs
with tfs.graph("score --df df --bind x=price --out scored --preview") as score:
    x = tf.placeholder(tf.int64, name="x")
    z = x * 2
    w = tf.add(z, 1, name="w")""")
    (bench,) = jupyter.benches
    assert re.search(r"data-tfs-program=.score.", jupyter.shown[0]._repr_mimebundle_()["text/html"])
    assert bench.form.state.line == "%tfrun score --df df --bind x=price --out scored"
    assert jupyter.names["scored"].w.tolist() == [1, 3, 5]
    assert bench.rows.table.table.count == 3


def test_a_notebook_without_magics_and_stored_outputs(jupyter):
    magics = jupyter.shell.magics_manager.registry["TFGraphMagics"]

    class Page(type(magics.front)):
        has_magics = keeps_outputs = False

    magics.front, magics.draw = Page(jupyter), True
    jupyter.names["df"] = pd.DataFrame({"x": np.arange(3)})
    jupyter.ok("""
import tensorflow as tf, tfspark_magic as tfs
with tfs.graph("score --df df") as score:
    z = tf.placeholder(tf.int64, name="x") * 2""")
    (bench,) = jupyter.benches
    assert (bench.form.view.line, bench.form.view.code) == ("", "result = tfs.map_rows(score, df)")
    assert "<img" not in jupyter.shown[0]._repr_mimebundle_()["text/html"]
