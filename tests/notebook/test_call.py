"""Test a call as a line, as Python and as a result: they agree."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tests.notebook.form.test_state import host_of, program
from tfspark_magic.binding import bind_by_shape
from tfspark_magic.errors import ShapeMismatchError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.notebook.binding import bind, fetched
from tfspark_magic.notebook.call import Call
from tfspark_magic.notebook.magics import TFGraphMagics
from tfspark_magic.notebook.options import parse


def two(tf, placeholder):
    x = placeholder(tf.float64, [], name="x")
    return [tf.multiply(x, 2.0, name="d"), tf.add(x, 1.0, name="h")]


def pair(tf, placeholder):
    v = placeholder(tf.float64, [None, 2], name="v")
    return [tf.reduce_sum(v, 1, name="s")]


def total(tf, placeholder):
    return [tf.reduce_sum(placeholder(tf.float64, [None], name="x_input"), 0, name="x")]


@pytest.fixture(scope="module")
def names():
    df = pd.DataFrame({"x": [1.5, None, 3.0], "a b": [1.0, 2.0, 4.0], "k": ["u", "v", "u"]})
    programs = {one.__name__: program(one.__name__, one) for one in (two, pair, total)}
    return {"df": df, "tfs": tfs, "python_name": programs["two"], **programs}


def bound_to(call, names):
    called = fetched(call, names[call.program], names)
    return bind(*called, host_of(names, device="cpu"))


@pytest.mark.parametrize(
    ("call", "python"),
    [
        (Call(program="two", nulls=math.nan), "tfs.map_rows(two, df, nulls=float('nan'), "),
        (Call(program="two", fetch=("h",), nulls={"x": -math.inf}),
         "tfs.map_rows(two.fetch('h'), df, nulls={'x': float('-inf')}, "),
        (Call(program="python_name", fetch=("h", "d"), bind={"x": "a b"}),
         "tfs.map_rows(python_name.fetch('h', 'd'), df, {'x': 'a b'}, "),
        (Call(program="python_name", fetch=("h",), bind={"x": "a b"}, errors="null"),
         "tfs.map_rows(python_name.fetch('h'), df, {'x': 'a b'}, errors='null', "),
        (Call(program="pair", bind={"v": ["a b", "a b"]}, trim=True),
         "tfs.map_blocks(pair, df, {'v': ['a b', 'a b']}, trim=True, "),
        (Call("local", "pair", bind={"v": ["a b", "a b"]}, rows_per_block=2),
         "tfs.run_local(pair, df, {'v': ['a b', 'a b']}, rows_per_block=2, "),
        (Call(program="total", by=("k",), bind={"x_input": "a b"}),
         "tfs.aggregate(total, df, {'x_input': 'a b'}, by=['k'], "),
        (Call("reduce_blocks", "total", bind={"x_input": "a b"}, nulls=0),
         "tfs.reduce_blocks(total, df, {'x_input': 'a b'}, nulls=0, "),
    ],
)  # fmt: skip
def test_line_python_and_result_are_one(names, call, python):
    bound = bound_to(call, names)
    assert bound.python() == f"{python}device='cpu')"
    found = eval(bound.python(), dict(names))
    if isinstance(found, pd.DataFrame):
        pd.testing.assert_frame_equal(found, bound.result)
    else:
        assert found == bound.result
    line = bound.call.magic()
    again = parse(TFGraphMagics.tfrun.parser, line.removeprefix("%tfrun"))
    assert bound_to(again, names).python() == bound.python()


@pytest.mark.parametrize("shape", [(), (1,), (None,), (2,), (None, 1), (None, 2), (2, 1), (1, 2)])
@pytest.mark.parametrize("cells", [[1.0, 2.0], [[1.0], [2.0]], [[1.0, 2.0], [3.0, 4.0]]])
def test_the_notebook_takes_rows_or_blocks_as_run_local_does(shape, cells):
    values = [np.array(cell) if isinstance(cell, list) else cell for cell in cells]
    names = {"df": pd.DataFrame({"x": values})}

    def build(tf, placeholder):
        return [tf.add(placeholder(tf.float64, shape, name="x"), 1.0, name="z")]

    one = program("one", build)
    host, columns = host_of(names), frame_of(names["df"], "map_rows").columns
    try:
        plan = bind_by_shape(one, columns, {}, None)
    except ShapeMismatchError as error:
        with pytest.raises(ShapeMismatchError, match=f"^{re.escape(str(error))}$"):
            bind(Call(), one, host)
    else:
        verb = bind(Call(), one, host).call.verb
        assert verb == ("map_rows" if plan.per_row else "map_blocks")
