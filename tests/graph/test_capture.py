from __future__ import annotations

import traceback

import numpy as np
import pytest

from tfspark_magic.errors import CaptureError, GraphLoadError
from tfspark_magic.graph import tensorflow1
from tfspark_magic.graph.capture import CaptureGraph, capturing, run_cell
from tfspark_magic.graph.freeze import freeze

import tensorflow as tf
from tensorflow.python.client.session import BaseSession
from tensorflow.python.eager import context

SEED = """\
import tensorflow as tf
x=tf.placeholder(tf.int32, name='x')
y=tf.placeholder(tf.int32, name='y')
output=tf.add(x, y*3, name='z')
session= tf.Session()
output_value=session.run(output, {x:3, y:4})
"""
X = "x = tf.placeholder(tf.float32, [3], name='x')\n"


EQUAL, HASH, VARIABLE_EQUAL = tf.Tensor.__eq__, tf.Tensor.__hash__, tf.Variable.__eq__


@pytest.fixture(autouse=True)
def tensorflow_is_left_as_it_was():
    close = BaseSession.close
    yield
    assert tf.executing_eagerly()
    assert context.default_execution_mode == context.EAGER_MODE  # of threads that begin later
    assert tf.Tensor._USE_EQUALITY
    assert (tf.Tensor.__eq__, tf.Tensor.__hash__, tf.Variable.__eq__) == (
        EQUAL,
        HASH,
        VARIABLE_EQUAL,
    )
    assert BaseSession.close is close
    assert tf.constant(1).numpy() == 1


def test_the_seed_cell_runs_as_it_stands(cells):
    program = cells.program(SEED)
    assert cells["output_value"] == 15
    assert cells["output_value"].dtype == np.int32
    assert repr(program) == "Program graph: x int32, y int32 -> z int32"
    assert program.run(x=3, y=4) == 15


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        ("import tensorflow as tf", "tf"),
        ("import tensorflow", "tensorflow"),
        ("import tensorflow as flow", "flow"),
        ("import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()", "tf"),
        ("from tensorflow.compat import v1 as tf\ntf.disable_eager_execution()", "tf"),
        ("from tensorflow import compat\ntf = compat.v1\ntf.disable_v2_behavior()", "tf"),
        ("tf.compat.v1.disable_v2_behavior()", "tf"),
        ("import numpy as np, tensorflow as tf", "tf"),
        ("", "tf"),
    ],
)
def test_each_way_to_import_tensorflow_gives_tensorflow_1(cells, imported, name):
    seed = SEED.replace("import tensorflow as tf", imported).replace("tf.", f"{name}.")
    program = cells.program(seed.replace(f"{name}.disable", "tf.disable"))
    assert cells["output_value"] == 15
    assert str(program.outputs[0]) == "z int32"


def test_a_module_that_switches_to_tensorflow_1_may_be_imported(cells, tmp_path, monkeypatch):
    module = (
        "import tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\ndef twice(x): return x * 2\n"
    )
    (tmp_path / "written_for_tensorflow_1.py").write_text(module)
    monkeypatch.syspath_prepend(tmp_path)
    program = cells.program(f"from written_for_tensorflow_1 import twice\n{X}output = twice(x)")
    assert program.run(x=[1.0, 2.0, 3.0]).tolist() == [2, 4, 6]


def test_names_are_imported_from_tensorflow_one_by_one(cells):
    program = cells.program(
        "from tensorflow import placeholder, int32, add as plus, Session\n"
        "x = placeholder(int32, name='x')\n"
        "output = plus(x, 1, name='z')\n"
        "value = Session().run(output, {x: 1})\n"
    )
    assert cells["value"] == 2
    assert program.run(x=4) == 5


def test_names_are_imported_from_tensorflow_by_star(cells):
    program = cells.program("from tensorflow import *\noutput = placeholder(int32, name='x') + 1")
    assert program.run(x=4) == 5


def test_keras_may_be_imported_by_its_own_name(cells):
    program = cells.program(
        "import tensorflow.keras\n"
        "from tensorflow.keras import activations\n" + X + "output = activations.relu(x)\n"
    )
    assert program.run(x=[-1.0, 0.0, 2.0]).tolist() == [0, 0, 2]


def test_tf_is_tensorflow_2_again_after_the_cell(cells):
    cells.ordinary("import tensorflow as tf\nreal = tf")
    cells.capture(SEED)
    assert cells["tf"] is cells["real"]
    assert not hasattr(cells["tf"], "placeholder")


def test_tf_is_tensorflow_2_again_after_a_cell_that_fails(cells):
    cells.ordinary("import tensorflow as tf\nreal = tf")
    with pytest.raises(ZeroDivisionError):
        cells.capture("tf.placeholder(tf.int32)\n1 / 0")
    assert cells["tf"] is cells["real"]


def test_something_else_that_is_called_tf_stays(cells):
    cells.ordinary("tf = 'tail fin'")
    cells.capture("import tensorflow\noutput = tensorflow.constant(1)\nlength = len(tf)")
    assert cells["tf"] == "tail fin"
    assert cells["length"] == 8


@pytest.mark.parametrize("switch", sorted(tensorflow1._SWITCHES))
def test_a_switch_of_tensorflow_1_does_nothing(cells, switch):
    cells.capture(f"tf.{switch}()\noutput = tf.placeholder(tf.int32, name='x') + 1")
    assert tf.executing_eagerly()
    assert isinstance(cells["output"].graph, CaptureGraph)


def test_names_that_only_tensorflow_2_has_are_there_too(cells):
    cells.capture("output = tf.keras.activations.relu(tf.placeholder(tf.float32, [2]))\n")
    assert cells["output"].shape == (2,)


def test_the_switches_are_restored_where_two_cells_run_at_once():
    real = tf.compat.v1.disable_eager_execution, tf.compat.v1.enable_tensor_equality
    first, second = tensorflow1.switches.held(), tensorflow1.switches.held()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert (tf.compat.v1.disable_eager_execution, tf.compat.v1.enable_tensor_equality) == real


def test_the_switches_are_restored_after_an_error():
    with pytest.raises(RuntimeError, match="stop"), capturing() as graph:
        assert tf.compat.v1.get_default_graph() is graph
        assert tf.Tensor.__eq__ is not EQUAL
        raise RuntimeError("stop")
    # The fixture looks at the rest.
    assert tf.compat.v1.get_default_graph() is not graph


def test_tensor_equality_stays_off_where_it_was_off():
    tf.compat.v1.disable_tensor_equality()
    try:
        with capturing():
            pass
        assert not tf.Tensor._USE_EQUALITY
    finally:
        tf.compat.v1.enable_tensor_equality()


def test_an_error_is_shown_at_the_cells_own_line(cells):
    source = "import tensorflow as tf, math\n\nx = tf.placeholder(tf.int32)\nfirst = 1\n1 / 0\n"
    with pytest.raises(ZeroDivisionError) as caught:
        cells.capture(source)
    frames = [f for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == "<cell>"]
    assert [frame.lineno for frame in frames] == [5]
    assert cells["first"] == 1


def test_an_error_in_the_last_expression_is_shown_at_its_line(cells):
    with pytest.raises(NameError) as caught:
        cells.capture("a = 1\n\nnot_there + 1")
    (frame,) = [
        f for f in traceback.extract_tb(caught.value.__traceback__) if f.filename == "<cell>"
    ]
    assert frame.lineno == 3


def test_a_syntax_error_says_the_line(cells):
    with pytest.raises(SyntaxError) as caught:
        cells.capture("x = 1\ny = = 2\n")
    assert caught.value.lineno == 2
    assert caught.value.filename == "<cell>"


def test_the_result_is_the_last_expressions_value(cells):
    cell = cells.capture("x = tf.placeholder(tf.int32, name='x')\n[x * 2, x * 3]")
    assert [t.op.inputs[0].name for t in cell.result] == ["x:0", "x:0"]
    assert cells.capture("x = 1").result is None
    assert cells.capture("").result is None


def test_loose_ends_are_the_named_tensors_that_nothing_consumes_in_the_order_made(cells):
    cell = cells.capture(
        "x = tf.placeholder(tf.float32, [3], name='x')\n"
        "inner = x * 2\n"
        "late = tf.identity(inner, name='late')\n"
        "again = late\n"
        "low, high = tf.split(tf.concat([inner, inner], 0), 2)\n"
        "tf.square(x)\n"
        "unused = tf.placeholder(tf.float32)\n"
    )
    assert [t.op.name for t in cell.loose_ends] == ["late", "split", "split"]
    assert [t.value_index for t in cell.loose_ends] == [0, 0, 1]


def test_what_is_assigned_to_an_underscore_is_no_loose_end(cells):
    cell = cells.capture("_, kept = tf.split(tf.placeholder(tf.float32, [4]), 2)")
    assert cell.loose_ends == (cells["kept"],)


def test_tensors_of_earlier_cells_are_no_loose_ends(cells):
    cells.capture("old = tf.placeholder(tf.int32) + 1")
    cell = cells.capture("new = tf.placeholder(tf.int32) + 2")
    assert cell.loose_ends == (cells["new"],)


def test_a_cell_that_runs_again_has_its_loose_ends_again(cells):
    for _ in range(3):
        cell = cells.capture("x = tf.placeholder(tf.int32)\nz = x + 1")
        assert cell.loose_ends == (cells["z"],)


@pytest.mark.parametrize(
    "source",
    [
        "v = tf.Variable([1.0, 2.0, 3.0])\n" + X + "output = x * v",
        X + "output = x * tf.get_variable('v', initializer=[1.0, 2.0, 3.0])",
        X + "with tf.variable_scope('a'):\n"
        "    v = tf.get_variable('v', [3], initializer=tf.constant_initializer([1.0, 2.0, 3.0]))\n"
        "with tf.variable_scope('a', reuse=True):\n"
        "    output = x * tf.get_variable('v')",
        X + "v = tf.Variable([1.0, 2.0, 3.0], use_resource=False)\noutput = x * v",
        X + "with tf.name_scope('outer'), tf.name_scope('inner'):\n"
        "    output = tf.multiply(x, tf.Variable([1.0, 2.0, 3.0]))",
        X + "@tf.function\ndef scale(t):\n    return t * [1.0, 2.0, 3.0]\noutput = scale(x)",
        X + "v = tf.Variable([1.0, 2.0, 3.0])\n"
        "@tf.function\ndef scale(t):\n    return t * v\noutput = scale(x)",
        X + "layer = tf.keras.layers.Dense(3, use_bias=False,"
        "    kernel_initializer=lambda shape, dtype: tf.linalg.diag([1.0, 2.0, 3.0]))\n"
        "output = tf.squeeze(layer(x[None]), 0)",
    ],
    ids=[
        "Variable",
        "get_variable",
        "reused",
        "reference variable",
        "name scopes",
        "tf.function",
        "tf.function over a variable",
        "new Keras layer",
    ],
)
def test_a_cell_may_hold(cells, source):
    program = cells.program(source)
    assert program.run(x=[1.0, 10.0, 100.0]).tolist() == [1, 20, 300]


def test_scopes_name_the_operations(cells):
    program = cells.program(X + "with tf.name_scope('a'):\n    output = tf.negative(x, name='b')")
    assert program.outputs[0].name == "a/b"


@pytest.mark.parametrize("decorator", ["", "@tf.function"])
def test_a_function_of_an_earlier_cell_is_called(cells, decorator):
    cells.ordinary(
        f"import tensorflow as tf\n{decorator}\ndef scale(t):\n    return t * tf.constant(2.0)"
    )
    assert cells.program(X + "output = scale(x)").run(x=[1.0, 2.0, 3.0]).tolist() == [2, 4, 6]


def test_a_function_with_a_data_dependent_loop_is_called(cells):
    cells.ordinary(
        "import tensorflow as tf\n"
        "@tf.function(autograph=False)\n"
        "def collatz(n):\n"
        "    go = lambda n, s: tf.greater(n, 1)\n"
        "    step = lambda n, s: (tf.where(tf.equal(n % 2, 0), n // 2, 3 * n + 1), s + 1)\n"
        "    return tf.while_loop(go, step, [n, tf.constant(0)])[1]\n"
    )
    program = cells.program("output = collatz(tf.placeholder(tf.int32, [], name='n'))")
    assert program.run(n=27) == 111


@pytest.mark.parametrize("use", ["tf.placeholder(tf.float32) + old", "tf.function(lambda: old)()"])
def test_a_tensor_of_another_cells_graph_is_refused(cells, use):
    cells.capture("old = tf.placeholder(tf.float32, name='old')")
    with pytest.raises(CaptureError) as caught:
        cells.capture(use)
    assert str(caught.value) == (
        "Tensor 'old:0' belongs to the graph of another cell: run the cell that makes it as part "
        "of this one, or use its value."
    )


@pytest.mark.parametrize(
    ("earlier", "cell", "text"),
    [
        (
            "import tensorflow as tf\nv = tf.Variable(1.0)",
            "v.assign(2.0)",
            "A variable made in an earlier cell is frozen at its value here and cannot be "
            "assigned: make the variable in this cell to train it.",
        ),
        (
            "import tensorflow as tf\nv = tf.Variable(1.0)",
            "v.assign_add(tf.placeholder(tf.float32, []))",
            "A variable made in an earlier cell is frozen at its value here and cannot be "
            "assigned: make the variable in this cell to train it.",
        ),
        (
            "import tensorflow as tf\ndata = tf.data.Dataset.range(3)",
            "data.map(lambda v: v + 1)",
            "A dataset or list made in an earlier cell cannot be used in a graph: make a tensor of its "
            "elements there, such as with tf.stack(list(dataset)).",
        ),
        (
            "import tensorflow as tf\nlock = tf.raw_ops.MutexV2(container='', shared_name='lock')",
            "tf.raw_ops.MutexLock(mutex=lock)",
            "'captured' is a resource made outside of the graph, and neither a variable nor a lookup "
            "table that was filled: make it in the graph.",
        ),
    ],
    ids=["assign", "assign_add", "dataset", "lock"],
)
def test_what_a_graph_cannot_take_from_an_earlier_cell_is_refused(cells, earlier, cell, text):
    cells.ordinary(earlier)
    with pytest.raises(CaptureError) as caught:
        cells.capture(cell)
    assert str(caught.value) == text
    if "v" in cells.names:
        assert cells["v"].numpy() == 1


def test_the_namespace_need_hold_nothing():
    names: dict[str, object] = {}
    assert run_cell("tf.placeholder(tf.int32, name='x') * 2", names).result.op.type == "Mul"


def test_equality_compares_elements_and_tensors_stay_keys():
    namespace = {}
    cell = run_cell(
        "x = tf.placeholder(tf.int32, [None], name='x')\n"
        "loop = tf.while_loop(lambda n: tf.reduce_any(n != 1), lambda n: [tf.where(n == 1, n, n - 1)], [x])\n"
        "output = tf.where(x == 0, -tf.ones_like(x), x)\n"
        "value = tf.Session().run(output, {x: [0, 5]})\n"
        "ended = tf.Session().run(loop, {x: [3, 2]})\n"
        "none = x == None, x != None\n",
        namespace,
    )
    assert namespace["value"].tolist() == [-1, 5]
    assert namespace["ended"].tolist() == [1, 1]
    assert namespace["none"] == (False, True)
    assert cell.graph is namespace["x"].graph


def test_values_trained_in_a_later_cell_survive_the_closing_of_its_session():
    namespace = {}
    run_cell(
        "x = tf.placeholder(tf.float32, [], name='x')\n"
        "w = tf.Variable(1.0)\n"
        "output = tf.multiply(x, w, name='z')\n"
        "step = tf.assign(w, 7.0)\n"
        "init = tf.global_variables_initializer()",
        namespace,
    )
    with tf.compat.v1.Session(graph=namespace["output"].graph) as session:
        session.run(namespace["init"])
        session.run(namespace["step"])
    assert freeze([namespace["output"]]).run(x=2.0) == 14.0


@pytest.mark.parametrize("decorator", ["", "@tf.function"], ids=["plain", "tf.function"])
def test_equality_compares_elements_in_functions_of_earlier_cells_too(decorator):
    namespace = {"tf": tf}
    exec(f"{decorator}\ndef f(x):\n    return tf.where(x == 0, 10 + 0 * x, 20 + 0 * x)", namespace)
    cell = run_cell("x = tf.placeholder(tf.int32, [None], name='x')\nf(x)", namespace)
    assert freeze([cell.result]).run(x=[0, 5]).tolist() == [10, 20]


def test_equality_of_what_earlier_cells_made_compares_elements():
    namespace = {"tf": tf, "v": tf.Variable([1, 2]), "t": tf.constant([1, 2])}
    cell = run_cell(
        "x = tf.placeholder(tf.int32, [None], name='x')\n"
        "w = tf.get_variable('w', initializer=[1, 2])\n"
        "[tf.where(same, x, -x) for same in (t == 1, v == 1, w == 1)]",
        namespace,
    )
    for fetch in cell.result:
        assert freeze([fetch]).run(x=[5, 6]).tolist() == [5, -6]


def test_a_mutable_table_is_refused():
    cell = run_cell(
        "x = tf.placeholder(tf.int64, [], name='x')\n"
        "table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.int64, -1)\n"
        "table.lookup(x)",
        {},
    )
    with pytest.raises(GraphLoadError, match="StaticHashTable"):
        freeze([cell.result])


def test_a_placeholder_with_a_default_keeps_it():
    cell = run_cell(
        "x = tf.placeholder(tf.int32, [], name='x')\n"
        "tf.add(x, tf.placeholder_with_default(7, [], name='k'), name='z')",
        {},
    )
    program = freeze([cell.result])
    assert program.run(x=1) == 8
    assert program.defaults == ("k",)
