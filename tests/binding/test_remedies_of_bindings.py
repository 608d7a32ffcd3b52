"""Follow the advice in errors of maps, reductions and blocks literally: it works."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1

DF = pd.DataFrame(
    {
        "x": [1.0, 2.0, 3.0, 4.0],
        "y": [4.0, 3.0, 2.0, 1.0],
        "i": np.array([1, 2, 300, 4], "int16"),
        "v": [np.ones(2)] * 4,
        "r": [np.ones(1), np.ones(2), np.ones(1), np.ones(2)],
        "m": [[[1.0], [2.0, 3.0]]] * 4,
    }
)
WITH_NULL = pd.DataFrame({"x": pd.array([1.0, None, 3.0, 4.0, 5.0], "Float64")})


def program(source, **fed):
    """Make fetches by a line of code from placeholders, given by shapes, or by dtypes and shapes."""
    with tf.Graph().as_default():
        names = {"tf": tf, "tf1": tf1}
        for name, spec in fed.items():
            dtype, shape = spec if isinstance(spec, tuple) else ("float64", spec)
            names[name] = tf1.placeholder(dtype, shape, name=name)
        made = eval(source, names)
        made = made if isinstance(made, dict) else {"z": made}
        return freeze([tf.identity(tensor, name=name) for name, tensor in made.items()], "made")


class Call:
    """A verb, to be called."""

    def __init__(self, verb, graph, feed=None, df=DF, **options):
        self._verb, self._arguments, self._options = verb, (graph, df, feed), options

    def __call__(self):
        return getattr(tfs, self._verb)(*self._arguments, **self._options)


ROWS, BLOCKS, REDUCE, PAIRS = "map_rows", "map_blocks", "reduce_blocks", "reduce_rows"
PLUS = program("x + 1", x=[None])
WITH_DEFAULT = program(
    "x + tf1.placeholder_with_default(tf.constant(1.0, tf.float64), [], name='y')", x=[]
)
CUMULATED = program("tf.cumsum(x)", x=[3])
SQUARES = "tf.reduce_sum(x_input * x_input)"

# name: (a refused call, a part of the error, calls that follow its advice)
CALLS = {
    "a block that is a scalar": (
        Call(BLOCKS, program("x + 1", x=[])), r"use map_rows, or declare it with shape \[None\]",
        Call(ROWS, program("x + 1", x=[])), Call(BLOCKS, PLUS),
    ),
    "a scalar to reduce": (
        Call(REDUCE, program("{'x': x_input}", x_input=[])), r"declare it with shape \[None\]",
        Call(REDUCE, program("{'x': tf.reduce_sum(x_input)}", x_input=[None])),
    ),
    "a fixed block to reduce": (
        Call(REDUCE, program("{'v': tf.reduce_sum(v_input, 0)}", v_input=[4, 2])),
        r"declare it with shape \[None,2\]",
        Call(REDUCE, program("{'v': tf.reduce_sum(v_input, 0)}", v_input=[None, 2])),
    ),
    "blocks of two sizes": (
        Call(BLOCKS, program("tf.concat([x, y], 0)", x=[2], y=[3]), trim=True),
        r"declare it with shape \[None\]",
        Call(BLOCKS, program("tf.concat([x, y], 0)", x=[None], y=[None]), trim=True),
    ),
    "a default": (
        Call(ROWS, WITH_DEFAULT), "make it a tf.placeholder to feed it from a column, or give it another",
        Call(ROWS, program("x + y", x=[], y=[])),
        Call(ROWS, WITH_DEFAULT, df=DF.drop(columns="y")),
    ),
    "rows of fixed blocks": (
        Call(BLOCKS, program("x + 1", x=[2]), rows_per_block=3), "or make it rows_per_block=4",
        Call(BLOCKS, program("x + 1", x=[2]), rows_per_block=4), Call(BLOCKS, program("x + 1", x=[2])),
    ),
    "an unknown rank": (
        Call(ROWS, program("tf.reshape(x, tf.ones([i], tf.int32))", x=[], i=("int32", []))),
        r"say its shape with tf\.ensure_shape\(z, \[\.\.\.\]\)",
        Call(ROWS, program(
            "tf.ensure_shape(tf.reshape(x, tf.ones([i], tf.int32)), [1])", x=[], i=("int32", [])
        ), df=DF.head(1)),
    ),
    "one value for a block": (
        Call(BLOCKS, program("tf.reduce_sum(x)", x=[None])), "keep the block axis, or use a reduction",
        Call(BLOCKS, program("x + tf.reduce_sum(x)", x=[None])),
        Call(REDUCE, program("{'x': tf.reduce_sum(x_input)}", x_input=[None])),
    ),
    "a fixed number of rows": (
        Call(BLOCKS, program("tf.ensure_shape(x[:3], [3])", x=[None])),
        "keep the block axis, or pass trim=True",
        Call(BLOCKS, program("tf.ensure_shape(x[:3], [3])", x=[None]), trim=True),
    ),
    "fewer rows": (
        Call(BLOCKS, program("x[:2]", x=[None])), "compute one cell for each row of the block",
        Call(BLOCKS, PLUS),
    ),
    "unequal fetches": (
        Call(BLOCKS, program("{'z': x, 'w': x[:1]}", x=[None]), trim=True),
        "trim them alike, or fetch them in two maps",
        Call(BLOCKS, program("{'z': x[:1], 'w': x[:1]}", x=[None]), trim=True),
        Call(BLOCKS, program("x", x=[None]), trim=True), Call(BLOCKS, program("x[:1]", x=[None]), trim=True),
    ),
    "rows of fixed blocks that depend on each other": (
        Call(BLOCKS, CUMULATED), "; give each partition a multiple of 3 rows", Call(BLOCKS, CUMULATED, df=DF.head(3)),
    ),
    "rows of a map that depend on each other": (
        Call(ROWS, CUMULATED), "use map_blocks, and give each partition a multiple of 3 rows",
        Call(BLOCKS, CUMULATED, df=DF.head(3)),
    ),
    "fixed blocks without some rows": (
        Call(BLOCKS, CUMULATED, df=WITH_NULL, nulls="null"),
        "a multiple of 3 rows, none of them with a null",
        Call(BLOCKS, CUMULATED, df=WITH_NULL.dropna().head(3)),
    ),
    "cells of several shapes": (
        Call(BLOCKS, program("tf.cumsum(r)", r=[None, None])), "pad the column, or filter it to cells of one",
        Call(BLOCKS, program("tf.cumsum(r)", r=[None, None]), df=DF.assign(r=[np.ones(2)] * 4)),
        Call(BLOCKS, program("tf.cumsum(r)", r=[None, None]), df=DF[::2]),
    ),
    "cells of several shapes to reduce": (
        Call(REDUCE, program("{'r': tf.reduce_sum(r_input, 0)}", r_input=[None, None])),
        "pad the column, or filter such rows",
        Call(REDUCE, program("{'r': tf.reduce_sum(r_input, 0)}", r_input=[None, None]), df=DF[::2]),
    ),
    "inner arrays of several lengths": (
        Call(ROWS, program("m", m=[None, None])), "pad them, or flatten the column",
        Call(ROWS, program("m", m=[None, None]), df=DF.assign(m=[[[1.0, 0.0], [2.0, 3.0]]] * 4)),
        Call(ROWS, program("m", m=[None]), df=DF.assign(m=[[1.0, 2.0, 3.0]] * 4)),
    ),
    "a pixel that is too bright": (
        Call(ROWS, program("i", i=("uint8", []))), "make the placeholder tf.int16 and cast in the graph",
        Call(ROWS, program("tf.cast(i, tf.uint8)", i=("int16", []))),
    ),
    "text that is none": (
        Call(ROWS, program("tf.strings.substr(s, 0, 1)", s=("string", [])), df=pd.DataFrame({"s": ["é"]})),
        r"with tf\.io\.encode_base64",
        Call(ROWS, program("tf.io.encode_base64(tf.strings.substr(s, 0, 1))", s=("string", [])),
             df=pd.DataFrame({"s": ["é"]})),
    ),
    "a name that is taken": (
        Call(ROWS, program("{'y': x + 1}", x=[])), r"tf\.identity\(y, name='\.\.\.'\)",
        Call(ROWS, program("{'other': x + 1}", x=[])),
    ),
    "a fetch of another dtype": (
        Call(REDUCE, program("{'x': tf.cast(tf.reduce_sum(x_input), tf.float32)}", x_input=[None])),
        "give both one dtype",
        Call(REDUCE, program("{'x': tf.reduce_sum(x_input)}", x_input=[None])),
    ),
    "a fetch of another shape": (
        Call(REDUCE, program("{'v': tf.reduce_sum(v_input)}", v_input=[None, 2])), "alone, with axis=0",
        Call(REDUCE, program("{'v': tf.reduce_sum(v_input, axis=0)}", v_input=[None, 2])),
    ),
    "a pair of another shape": (
        Call(PAIRS, program("{'x': tf.stack([x_1, x_2])}", x_1=[], x_2=[])), "keep the cells' shape",
        Call(PAIRS, program("{'x': tf.maximum(x_1, x_2)}", x_1=[], x_2=[])),
    ),
    "half of a pair": (
        Call(PAIRS, program("{'x': x_1 + 0}", x_1=[])), "make the fetch from placeholders of these names",
        Call(PAIRS, program("{'x': tf.maximum(x_1, x_2)}", x_1=[], x_2=[])),
    ),
    "a placeholder of no fetch": (
        Call(REDUCE, program("{'x': tf.reduce_max(x_input) + w}", x_input=[None], w=[])), "fetch its reduction too",
        Call(REDUCE, program("{'x': tf.reduce_max(x_input), 'y': tf.reduce_min(y_input)}", x_input=[None],
                             y_input=[None])),
    ),
    "one column of two": (
        Call(BLOCKS, PLUS, df=pd.concat([DF[["x"]], DF[["x"]]], axis=1)), "rename all but one",
        Call(BLOCKS, PLUS, df=pd.concat([DF[["x"]], DF[["x"]].set_axis(["a"], axis=1)], axis=1)),
    ),
    "a column that is not there": (
        Call(BLOCKS, program("q + 1", q=[None])), r"with feed_dict=\{'q': column\}",
        Call(BLOCKS, program("q + 1", q=[None]), {"q": "x"}),
    ),
    "cells of cells": (
        Call(ROWS, PLUS, {"x": ["x", "v"]}), "only scalars can be put side by side", Call(ROWS, PLUS, {"x": ["x", "y"]}),
    ),
    "numbers that no dtype holds": (
        Call(ROWS, PLUS, {"x": ["x", "i"]}, DF.astype({"i": "int64"})), "cast them to one that you choose",
        Call(ROWS, PLUS, {"x": ["x", "i"]}, DF.astype({"i": "float64"})),
    ),
    "a column without a value": (
        Call(ROWS, program("s", s=("string", [])), df=DF.assign(s=None)), r"with df\.astype\(\{'s': 'string'\}\)",
        Call(ROWS, program("s", s=("string", [])), df=DF.assign(s=None).astype({"s": "string"}), nulls="null"),
    ),
    "cells of several types": (
        Call(ROWS, program("s", s=("string", [])), df=DF.assign(s=["a", 1, "b", "c"])), "cells one type",
        Call(ROWS, program("s", s=("string", [])), df=DF.assign(s=["a", "1", "b", "c"])),
    ),
    "no rows": (
        Call(REDUCE, program("{'x': tf.reduce_sum(x_input)}", x_input=[None]), df=DF.head(0)),
        "check the DataFrame's filters",
        Call(REDUCE, program("{'x': tf.reduce_sum(x_input)}", x_input=[None])),
    ),
    "a partition and a number of rows": (
        Call(BLOCKS, PLUS, whole_partition=True, rows_per_block=2), "leave rows_per_block out",
        Call(BLOCKS, PLUS, whole_partition=True),
    ),
    "columns of a frame": (
        Call(ROWS, PLUS, {"x": "v"}, columns=["x"]), "leave it out, and drop columns from the result",
        Call(ROWS, PLUS, {"x": "v"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CALLS)
def test_a_call_is_made_as_it_is_said(kind):
    refused, said, *advised = CALLS[kind]
    with pytest.raises(errors.TfSparkError, match=said):
        refused()
    for call in advised:
        assert np.size(call()) > 0


def test_what_is_no_reduction_is_computed_as_it_is_said():
    with pytest.raises(
        errors.NotAlgebraicError, match="Make a column of what is to be added up"
    ) as caught:
        tfs.reduce_blocks(program(f"{{'x': {SQUARES}}}", x_input=[None]), DF)
    assert "check=False switches this check off" in str(caught.value)
    squares = tfs.map_rows(program("{'s': x * x}", x=[]), DF)
    assert (
        tfs.reduce_blocks(program("{'s': tf.reduce_sum(s_input)}", s_input=[None]), squares) == 30
    )
    assert tfs.reduce_blocks(program(f"{{'x': {SQUARES}}}", x_input=[None]), DF, check=False) > 0


def test_a_models_function_is_loaded_as_it_is_said(tmp_path):
    def total(x_input):
        return {"x": tf.reduce_sum(x_input)}

    def module(shape):
        made = tf.Module()
        made.total = tf.function(total, [tf.TensorSpec(shape, tf.float64, "x_input")])
        path = str(tmp_path / f"model{len(shape)}{shape[0]}")
        tf.saved_model.save(made, path, signatures=made.total)
        return tfs.load(path)

    said = (
        r"export or load a model's function with signature tf\.TensorSpec\(\[None\], tf\.float64\)"
    )
    fixed = tfs.load(total, signature=tf.TensorSpec([4], tf.float64))
    for model in (module([4]), fixed):
        with pytest.raises(errors.ShapeMismatchError, match=said):
            tfs.reduce_blocks(model, DF)
    loaded = tfs.load(total, signature=tf.TensorSpec([None], tf.float64))
    for model in (module([None]), loaded):
        assert tfs.reduce_blocks(model, DF) == 10


def test_shapes_and_names_of_frames_are_given_as_it_is_said():
    with pytest.raises(errors.NotAvailableError, match="give the placeholder its shape"):
        tfs.append_shape(DF, "v", [2])
    assert len(tfs.map_rows(program("v", v=[2]), DF)) == 4
    with pytest.raises(errors.CaptureError, match=r"`with tf\.Graph\(\)\.as_default\(\):`"):
        tfs.row(DF, "x")
    with tf.Graph().as_default():
        with pytest.raises(errors.OptionError, match="pass tfs.row") as caught:
            tfs.row(DF.assign(**{"a b": 1.0}), "a b")
        advised = str(caught.value)
        assert "name='a_b'" in advised
        fed = tfs.row(DF.assign(**{"a b": 1.0}), "a b", name="a_b")
        graph = freeze([tf.identity(fed, name="z")], "named")
    assert "feed_dict={'a_b': 'a b'}" in advised
    assert len(tfs.map_rows(graph, DF.assign(**{"a b": 1.0}), feed_dict={"a_b": "a b"})) == 4


def test_a_function_without_arguments_is_a_map():
    nothing = program("tf.constant(1.0)")
    with pytest.raises(
        errors.FetchError, match=r"use tfs\.map_rows, which gives each row its value"
    ):
        tfs.udf(nothing)
    assert tfs.map_rows(nothing, DF)["z"].tolist() == [1.0] * 4
