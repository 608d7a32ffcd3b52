"""Check that private parts of TensorFlow still exist; each test says what breaks without them."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.freeze import extract
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.vectorize import vectorize
from tfspark_magic.schema.spec import CellSpec


def test_eager_code_runs_whatever_graph_is_open():
    """Else no map of a pandas frame, and no program, runs inside `with tf.Graph().as_default()`."""
    with tf.Graph().as_default():
        assert not internals.is_eager(tf.constant(1))
        with internals.eager_mode():
            assert internals.is_eager(tf.constant(1))


def test_variables_are_known_by_themselves_and_by_their_handles():
    """Else a cell cannot read the variables of earlier cells."""
    variable = tf.Variable(1.5, name="rate")
    assert internals.is_variable(variable)
    assert not internals.is_variable(variable.read_value())
    assert internals.is_without_tensor(variable)
    assert internals.dtype_of_variable(variable.handle) == tf.float32
    initializer = tf.lookup.KeyValueTensorInitializer(["a"], [1])
    table = tf.lookup.StaticHashTable(initializer, -1)
    assert internals.dtype_of_variable(table.resource_handle) is None
    with tf.Graph().as_default():
        stand_in = tf1.placeholder(tf.resource, ())
        internals.tell_variable_of(variable.handle, stand_in)
        read = tf.raw_ops.ReadVariableOp(resource=stand_in, dtype=tf.float32)
    assert read.shape == ()


def test_all_variables_are_found():
    """Else a cell has no names for the variables of earlier cells."""
    kept = [tf.Variable(1.5), tf.keras.layers.Embedding(3, 2)]
    kept[1].build(None)
    with tf.Graph().as_default():
        kept.append(tf1.get_variable("w", [2], use_resource=True))
    found = {id(variable) for variable in internals.all_variables()}
    assert {id(kept[0]), id(kept[1].embeddings.value), id(kept[2])} <= found


def test_a_graph_says_that_it_builds_a_function():
    """Else functions that are called in a cell cannot take what the cell has made."""
    graph = tf.Graph()
    assert not graph.building_function
    internals.say_building_function(graph, building=True)
    assert graph.building_function


def test_an_imported_graph_has_all_operations_though_it_looks_for_no_devices():
    """Else a map of a large graph is defined in one and a half times the time."""
    with tf.Graph().as_default() as written:
        tf1.placeholder(tf.float32, [None], name="x")
        tf.nn.relu(written.get_tensor_by_name("x:0"), name="z")
    devices = []
    with (
        internals.ImportedGraph().as_default() as graph,
        tf1.device(lambda op: devices.append(op.name) or ""),
    ):
        x = tf1.placeholder(tf.float32, [3], name="fed")
        devices.clear()
        (z,) = tf1.import_graph_def(written.as_graph_def(), {"x:0": x}, ["z:0"], name="row")
        assert devices == []
        again = internals.operation_like(z.op, [z])
    assert [op.name for op in graph.get_operations()] == ["fed", "row/x", "row/z", again.name]
    assert (again.type, again.outputs[0].shape, z.shape) == ("Relu", [3], [3])


def test_operations_of_a_graph_are_made_when_they_are_asked_for():
    """Else a graph of 50,000 operations opens in twice the time."""
    with tf.Graph().as_default() as written:
        x = tf1.placeholder(tf.float32, [None, 9], name="x")
        tf.math.top_k(x, k=2, name="best")
    graph = internals.LazyGraph(written.as_graph_def().SerializeToString())
    assert [t.shape.as_list() for t in graph.look_at("best").outputs] == [[None, 2], [None, 2]]
    assert graph.get_operations() == []
    best = graph.get_operation_by_name("best")
    assert [(t.dtype, t.shape.as_list()) for t in best.outputs] == [
        (tf.float32, [None, 2]),
        (tf.int32, [None, 2]),
    ]
    assert graph.get_tensor_by_name("best:1").op is best
    assert graph.get_operations() == [best]
    with pytest.raises(KeyError):
        graph.get_operation_by_name("y")
    assert "x" in graph
    assert "y" not in graph
    assert graph.type_of("best") == "TopKV2"
    with tf1.Session(graph=graph) as session:
        assert session.run("best:1", {"x:0": [range(9)]}).tolist() == [[8, 7]]
    unknown = tf1.GraphDef()
    unknown.node.add(name="a", op="NoSuchOperation")
    with pytest.raises(tf.errors.OpError):
        internals.LazyGraph(unknown.SerializeToString())


def test_a_session_gives_many_tensors_in_one_call():
    """Else `tfs.peek` of a large graph takes three times as long."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [], name="x")
        t = tf1.placeholder(tf.string, [], name="t")
        tf.multiply(x, 2.0, name="y")
        tf.strings.join([t, t], name="u")
    with tf1.Session(graph=graph) as session:
        call = internals.session_call(session, ["x:0", "t:0"], ["y:0", "u:0"])
        assert call(np.float32(3), np.array(b"a\0", object)) == [6.0, b"a\0a\0"]


def test_operations_know_their_order():
    """Else which of two assignments initializes a variable is a matter of chance."""
    with tf.Graph().as_default() as graph:
        for _ in range(20):
            tf.constant(1)
    made = graph.get_operations()
    assert internals.in_order_made(made[::-1]) == made


def test_sessions_are_seen_before_they_close(monkeypatch):
    """Else what was trained in `with tf.Session()` is lost at its end."""
    from tensorflow.python.client.session import BaseSession

    monkeypatch.setattr(BaseSession, "close", BaseSession.close)
    seen = []
    internals.before_sessions_close(lambda session: seen.append(internals.is_closed(session)))
    with tf1.Session(graph=tf.Graph()) as session:
        pass
    assert seen == [False]
    assert internals.is_closed(session)
    session.close()
    assert seen == [False]


def test_variables_become_constants():
    """Else no graph with variables can be frozen."""
    with tf.Graph().as_default() as graph:
        variable = tf1.get_variable("w", initializer=[1.0, 2.0], use_resource=True)
        tf.multiply(variable, 2.0, name="twice")
    values = {"w": np.array([3.0, 4.0], np.float32)}
    converter = internals.VariableValues(values, graph.as_graph_def(), ["twice"])
    graph_def = internals.with_constants(converter)
    assert {node.op for node in graph_def.node} == {"Const", "Identity", "Mul"}


def test_operations_are_known_by_name():
    """Else every graph from a file is refused."""
    assert internals.definition_of("MatMul").input_arg[0].name == "a"
    assert internals.definition_of("NoSuchOperation") is None


def test_bodies_of_imported_functions_are_seen():
    """Else graphs with loops and branches are mapped, never vectorized."""

    @tf.function
    def twice(x):
        return x * 2

    with tf.Graph().as_default() as graph:
        twice(tf1.placeholder(tf.float32, ()))
    library = graph.as_graph_def().library
    seen = internals.FunctionGraph(library)
    with seen.as_default():
        tf1.import_graph_def(graph.as_graph_def(), name="")
        found = seen._get_function(library.function[0].signature.name)
    assert "Mul" in {op.type for op in found.graph.get_operations()}


def test_structures_of_saved_functions_are_read():
    """Else ragged inputs of a SavedModel look like two plain ones."""
    from tensorflow.python.saved_model import nested_structure_coder

    specs = {"v": tf.RaggedTensorSpec([None, None], tf.float32)}
    encoded = nested_structure_coder.encode_structure(specs)
    assert internals.decoded_structure(encoded) == specs


def test_converters_are_those_that_are_given_and_then_tensorflows_own():
    """Else nothing is vectorized."""
    seen = []

    def negated(given):
        seen.append(given.op.type)
        tensors = internals.operation_like(given.op, [given.stacked_input(0)]).outputs
        return [internals.wrap(tensor, stacked=True) for tensor in tensors]

    rows = tf.constant([1.0, 2.0])
    with internals.converters({**internals.CONVERTERS, "Neg": negated}):
        assert tf.vectorized_map(tf.negative, rows).numpy().tolist() == [-1, -2]
    assert seen == ["Neg"]
    assert tf.vectorized_map(tf.negative, rows).numpy().tolist() == [-1, -2]
    assert seen == ["Neg"]
    assert callable(internals.CONVERTER_BY_LOOP)
    with pytest.raises(ZeroDivisionError), internals.converters({}):
        1 / 0  # noqa: B018
    assert tf.vectorized_map(tf.negative, rows).numpy().tolist() == [-1, -2]


def test_datasets_know_what_they_are_made_of():
    """Else a process whose files are half read does not end."""
    numbers = tf.data.Dataset.range(5)
    batches = numbers.batch(2)
    assert internals.variant_of(batches).dtype == tf.variant
    assert internals.inputs_of(batches) == [numbers]
    iterator = iter(batches)
    assert isinstance(iterator, internals.OwnedIterator)
    assert internals.dataset_of(iterator) is batches
    internals.end_iterator(iterator)


def test_a_thread_in_tensorflow_is_seen():
    """Else a thread comes back from TensorFlow after Python's end, and the process aborts."""
    begun, enough = threading.Event(), threading.Event()

    def wait(number):
        begun.set()
        enough.wait()
        return number

    numbers = tf.data.Dataset.range(1).map(lambda n: tf.py_function(wait, [n], tf.int64))
    thread = threading.Thread(target=lambda: next(iter(numbers)))
    thread.start()
    begun.wait()
    frames = internals.innermost_frames()
    assert threading.get_ident() not in frames
    assert internals.is_in_tensorflow(frames[thread.ident])
    assert not internals.is_in_tensorflow(sys._getframe())
    enough.set()
    thread.join()


def test_processes_may_be_silent_for_as_long_as_is_said():
    """Else a worker of `tfs.fit` on a busy node counts as lost after ten seconds."""
    script = (
        "from tfspark_magic.graph import tensorflow_internals as internals\n"
        "internals.coordinate_workers(2, 60)\n"
        "config = internals.context.context().config.experimental.coordination_config\n"
        "print(config.heartbeat_timeout_in_ms, config.coordinated_job_list[0].num_tasks)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["60000", "2"]


def test_tensorflow_counts_floating_point_operations():
    """Else the details of an operation, and the cost, say nothing of its arithmetic."""
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [2, 3])
        product = tf.matmul(x, tf.ones((3, 4)))
        unknown = tf.matmul(tf1.placeholder(tf.float32, [None, 3]), tf.ones((3, 4)))
        tanh = tf.tanh(product)
    imported = internals.LazyGraph(graph.as_graph_def().SerializeToString())
    assert internals.flops_of(imported, product.op.name) == 2 * 2 * 3 * 4
    assert internals.flops_of(imported, unknown.op.name) == "unknown"
    assert internals.flops_of(imported, tanh.op.name) is None


def test_a_block_is_not_copied_for_its_rows():
    """Without `pfor` and its `all_indices`, a row graph copies each column: a third of its speed."""
    with tf.Graph().as_default():
        x, y = (tf1.placeholder(tf.int32, [], name=name) for name in "xy")
        program = freeze_fetches([tf.add(x, y * 3, name="z")])
    block = vectorize(program, {"x": CellSpec("int32"), "y": CellSpec("int32")})
    graph_def = extract(tf1.GraphDef.FromString(block.graph_def), [block.fetches[0].split(":")[0]])
    assert {node.op for node in graph_def.node} == {
        "Placeholder",
        "Const",
        "Mul",
        "AddV2",
        "Identity",
    }
