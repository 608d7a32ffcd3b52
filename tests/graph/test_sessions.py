from __future__ import annotations

import pytest

from tfspark_magic.errors import CaptureError
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.variables import read_variables

TRAINED = """\
import tensorflow as tf
x = tf.placeholder(tf.float32, [], name='x')
w = tf.Variable(1.0, name='w')
output = tf.multiply(x, w, name='z')
train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.square(output - 6.0))
"""


@pytest.fixture(autouse=True)
def no_session_stays_open(cells):
    yield
    for value in list(cells.names.values()):
        if hasattr(value, "close"):
            value.close()


def test_a_session_of_a_later_ordinary_cell_runs_the_graph(cells):
    cells.ordinary("import tensorflow as tf")
    cells.capture(
        "x = tf.placeholder(tf.float32, [], name='x')\noutput = x * tf.Variable(2.0, name='w')\n"
        "init = tf.global_variables_initializer()\n"
    )
    cells.ordinary(
        "with tf.compat.v1.Session(graph=output.graph) as session:\n"
        "    session.run(init)\n"
        "    value = session.run('mul:0', {'x:0': 4.0})\n"
    )
    assert cells["value"] == 8


def test_a_later_cell_may_feed_by_tensor(cells):
    cells.ordinary("import tensorflow as tf")
    cells.capture("x = tf.placeholder(tf.int32, name='x')\noutput = x + 1")
    cells.ordinary(
        "session = tf.compat.v1.Session(graph=output.graph)\n"
        "value = session.run(output, {x.ref().deref().name: 4})\n"
    )
    assert cells["value"] == 5


@pytest.mark.parametrize("make", ["tf.Session()", "tf.InteractiveSession()", "tf.Session"])
def test_training_in_an_open_session_gives_the_trained_values(cells, make):
    make = make if make.endswith(")") else make + "(graph=tf.get_default_graph())"
    program = cells.program(
        TRAINED + f"session = {make}\nsession.run(tf.global_variables_initializer())\n"
        "for _ in range(100): session.run(train, {x: 2.0})\n"
    )
    assert program.run(x=2.0) == pytest.approx(6)
    assert program.variables == {"w"}


def test_training_in_a_session_that_closes_with_the_cell_gives_the_trained_values(cells):
    program = cells.program(
        TRAINED + "with tf.Session() as session:\n"
        "    session.run(tf.global_variables_initializer())\n"
        "    for _ in range(100): session.run(train, {x: 2.0})\n"
    )
    assert program.run(x=2.0) == pytest.approx(6)


def test_the_last_closed_session_wins(cells):
    program = cells.program(
        TRAINED + "for value in (5.0, 7.0):\n"
        "    with tf.Session() as session:\n"
        "        session.run(w.assign(value))\n"
    )
    assert program.run(x=1.0) == 7


ASSIGNED = """\
x = tf.placeholder(tf.float32, [], name='x')
w = tf.Variable(1.0, name='w', use_resource={0})
later = [w.assign(float(k)) for k in range(2, 9)] + [w.assign_add(10.0) for k in range(7)]
for step in later:
    with tf.control_dependencies([step]):
        tf.identity(w.read_value())
output = tf.multiply(x, w, name='z')
"""


@pytest.mark.parametrize("use_resource", [True, False])
def test_freezing_runs_no_assignment_but_the_initializer(cells, use_resource):
    # TensorFlow gives the uses of a variable in any order: several graphs, so as to meet others.
    # By chance, the initializer comes first in one of fifteen.
    for _ in range(3):
        assert cells.program(ASSIGNED.format(use_resource)).run(x=1.0) == 1


@pytest.mark.parametrize("use_resource", [True, False])
def test_reading_the_values_runs_nothing_else(cells, use_resource):
    for _ in range(3):
        program = cells.program(
            ASSIGNED.format(use_resource) + "session = tf.Session()\nsession.run(w.assign(50.0))\n"
        )
        assert program.run(x=1.0) == 50
        assert cells["session"].run("w/Read/ReadVariableOp:0" if use_resource else "w:0") == 50
        cells["session"].close()


def test_a_program_keeps_its_values_when_training_goes_on(cells):
    first = cells.program(
        TRAINED + "session = tf.Session()\nsession.run(tf.global_variables_initializer())\n"
    )
    cells.ordinary("session.run(train, {'x:0': 2.0})")
    second = cells.freeze("output")
    assert first.run(x=1.0) == 1
    assert second.run(x=1.0) > 1.5
    assert first.digest != second.digest


def test_a_variable_that_was_never_initialized_is_initialized_once(cells):
    program = cells.program(
        "x = tf.placeholder(tf.float32, [], name='x')\n"
        "w = tf.Variable(tf.random.normal([4]))\n"
        "output = x * w\n"
    )
    first, second = program.run(x=1.0).tolist(), program.run(x=1.0).tolist()
    assert first == second
    assert len(set(first)) == 4


def test_a_variable_without_a_value_is_not_read():
    """TensorFlow logs a read that fails in red, below the cell."""
    failed = []

    class Watched(tf1.Session):
        def run(self, *arguments, **options):
            try:
                return super().run(*arguments, **options)
            except tf.errors.OpError as error:
                failed.append(error)
                raise

    with tf.Graph().as_default() as graph:
        for use_resource in (True, False):
            for value in (1.0, 2.0):
                tf1.Variable(
                    value, name="set" if value == 1 else "unset", use_resource=use_resource
                )
        with Watched() as session:
            session.run(
                [graph.get_operation_by_name(f"{name}/Assign") for name in ("set", "set_1")]
            )
            assert read_variables(graph, session) == {"set": 1, "set_1": 1}
            graph.finalize()
            assert read_variables(graph, session) == {"set": 1, "set_1": 1}
    assert failed == []


def test_a_session_that_holds_nothing_is_not_asked(cells):
    program = cells.program(
        TRAINED + "idle = tf.Session()\n"
        "with tf.Session() as session:\n    session.run(w.assign(5.0))\n"
    )
    assert program.run(x=1.0) == 5


def test_two_open_sessions_with_values_are_an_error(cells):
    cells.capture(
        TRAINED + "one, two = tf.Session(), tf.Session()\n"
        "for s in (one, two): s.run(tf.global_variables_initializer())\n"
        "two.run(w.assign(5.0))\n"
    )
    with pytest.raises(CaptureError) as caught:
        cells.freeze("output")
    assert str(caught.value) == (
        "2 open sessions hold values for variable 'w': pass session=..., or close all but one."
    )
    assert cells.freeze("output", session=cells["two"]).run(x=1.0) == 5
    assert cells.freeze("output", session=cells["one"]).run(x=1.0) == 1
    with cells["two"].as_default():
        assert cells.freeze("output").run(x=1.0) == 5
    cells["two"].close()
    assert cells.freeze("output").run(x=1.0) == 1


def test_sessions_of_other_graphs_are_not_looked_at(cells):
    cells.capture(TRAINED + "other = tf.Session()\nother.run(w.assign(9.0))")
    program = cells.program(TRAINED)
    assert program.run(x=1.0) == 1


def test_the_state_of_the_optimizer_is_not_frozen(cells):
    program = cells.program(TRAINED.replace("GradientDescent", "Adam"))
    assert program.variables == {"w"}


def test_a_variable_without_an_initializer_says_so(cells):
    cells.capture(
        "h = tf.raw_ops.VarHandleOp(dtype=tf.float32, shape=[], shared_name='lost', name='lost')\n"
        "output = tf.raw_ops.ReadVariableOp(resource=h, dtype=tf.float32)"
        " + tf.placeholder(tf.float32)\n"
    )
    with pytest.raises(CaptureError) as caught:
        cells.freeze("output")
    assert str(caught.value) == (
        "Variable 'lost' has no initializer: give it a value in a session."
    )
