"""Cells that run in several threads at once, beside threads that compute eagerly."""

from __future__ import annotations

import logging
import os
import threading

import numpy as np
import pytest

from tfspark_magic.errors import TfSparkError
from tfspark_magic.graph.capture import capturing, run_cell
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.runtime import quiet, tf, tf1
from tfspark_magic.redirect import stderr_to

CELL = """
import tensorflow as tf
tf.disable_v2_behavior()
x = tf.placeholder(tf.int32, [3], name='x')
known = {x: 1}
z = tf.where(x == NUMBER, x * 0, known[x] * 10 + x, name='z')
z
"""
ROUNDS = 40


def in_threads(*works):
    """Run all at once, again and again; what any of them finds wrong."""
    wrong, start = [], threading.Barrier(len(works))

    def run(work):
        start.wait()
        for number in range(ROUNDS):
            try:
                work(number)
            except Exception as error:
                wrong.append(error)
                return

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def capture(number):
    names = {}
    cell = run_cell(CELL.replace("NUMBER", str(number)), names)
    program = freeze_fetches(cell.result)
    found = program.run(x=[number, number + 1, 0]).tolist()
    assert found == [0, 11 + number, 10 if number else 0]
    assert names["tf"] is not tf


def fail(number):
    with pytest.raises(ZeroDivisionError):
        run_cell("x = tf.placeholder(tf.int32, name='x')\n1 / 0", {})
    with pytest.raises((TfSparkError, ValueError, TypeError)):
        run_cell("x = tf.reshape(tf.placeholder(tf.int32, [3]), [2])", {})


def compute(number):
    one, other = tf.constant([number, 1]), tf.constant([number, 2])
    assert (one == other).numpy().tolist() == [True, False]
    assert (one != other).numpy().tolist() == [False, True]
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)
    assert tf.executing_eagerly()
    variable = tf.Variable([number])
    assert (variable == number).numpy().tolist() == [True]


def nest(number):
    with capturing() as outer:
        x = tf1.placeholder(tf.int32, [], name="x")
        run_cell("y = tf.placeholder(tf.int32, [], name='y')\ny == 1", {})
        assert tf1.get_default_graph() is outer
        assert (x == 1).dtype == tf.bool
        assert len({x: 1}) == 1


def test_cells_and_eager_code_at_once():
    before = [getattr(kind, name) for kind in (tf.Tensor, tf.Variable) for name in ("__eq__", "__ne__", "__hash__")]  # fmt: skip
    switches = tf1.disable_v2_behavior
    assert in_threads(capture, capture, fail, compute, compute, nest) == []
    after = [getattr(kind, name) for kind in (tf.Tensor, tf.Variable) for name in ("__eq__", "__ne__", "__hash__")]  # fmt: skip
    assert before == after
    assert tf1.disable_v2_behavior is switches
    np.testing.assert_array_equal(tf.constant([1]) == tf.constant([1]), [True])


def test_logs_and_stderr_are_as_before(tmp_path):
    logger = logging.getLogger("tensorflow")
    level, descriptor = logger.level, os.fstat(2)

    def hush(number):
        with quiet(), quiet():
            assert logger.level > logging.CRITICAL

    def redirect(number):
        with stderr_to(tmp_path / "log"), stderr_to(os.devnull):
            pass

    assert in_threads(hush, hush, redirect, redirect) == []
    assert logger.level == level
    assert os.path.sameopenfile(2, 2)
    assert (os.fstat(2).st_dev, os.fstat(2).st_ino) == (descriptor.st_dev, descriptor.st_ino)
