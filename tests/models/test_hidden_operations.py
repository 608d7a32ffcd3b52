"""Operations that reach files, hidden where a graph can hide them: each way of loading refuses them."""

from __future__ import annotations

import itertools
import random
import shutil

import numpy as np
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.models.archive import write_program
from tfspark_magic.schema.spec import TensorSpec

from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

FLOAT = tf.float32.as_datatype_enum
COUNT = itertools.count()
WRAPPINGS = ("call", "if", "case", "loop body", "loop condition", "gradient")


def hostile(writes):
    """Graphs of `y = x` that write to a file on the way, each in its own manner."""
    to_file = f"file://{writes}"

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def prints(x):
        tf.print("hostile", output_stream="file:///nowhere")
        return tf.identity(x)

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def saves(x):
        tf.io.write_file("to", "hostile")
        return tf.identity(x)

    def plainly(function):
        printing(function).attr["output_stream"].s = to_file.encode()
        return {}

    def by_the_caller(function):
        printing(function).attr["output_stream"].placeholder = "where"
        return {"where": to_file.encode()}

    def declared(function):
        function.signature.attr.add(name="where", type="string")
        return by_the_caller(function)

    def by_default(function):
        made = function.signature.attr.add(name="where", type="string")
        made.default_value.s = to_file.encode()
        return by_the_caller(function)

    def writing(function):
        for node in function.node_def:
            if node.op == "Const" and node.attr["value"].tensor.string_val[:1] == [b"to"]:
                node.attr["value"].tensor.string_val[0] = str(writes).encode()
        return {}

    for make, change in [
        (prints, plainly), (prints, by_the_caller), (prints, declared), (prints, by_default),
        (saves, writing),
    ]:  # fmt: skip
        yield make.get_concrete_function(), change


def printing(function):
    return next(node for node in function.node_def if node.op == "PrintV2")


def to_the_log(function):
    printing(function).attr["output_stream"].s = b"log(info)"
    return {}


def harmless():
    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def halves(x):
        tf.print("halves of", x, output_stream="file:///nowhere")
        return x / 2

    def change(function):
        to_the_log(function)
        for node in function.node_def:
            if node.op == "RealDiv":
                node.attr["T"].placeholder = "T"
        function.signature.attr.add(name="T", type="type")
        return {"T": FLOAT}

    return halves.get_concrete_function(), change


def wrapped(concrete, change, ways=(), *, by_name=False):
    """A graph `x -> y` that calls a function, through others, in the ways named.

    By name: as TensorFlow 1 calls functions, by an operation of the function's name.
    """
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [], "x")
        function = concrete
        for way in ways:
            function = _inside(way, function)
        tf.identity(function(x), "y")
    graph_def = graph.as_graph_def()
    changed = next(
        f
        for f in graph_def.library.function
        if any(n.op in ("PrintV2", "WriteFile") for n in f.node_def)
    )
    attributes = change(changed)
    nodes = [*graph_def.node, *(n for f in graph_def.library.function for n in f.node_def)]
    for attr in (attr for node in nodes for attr in node.attr.values()):
        for func in (attr.func, *attr.list.func):
            if func.name == changed.signature.name:
                for name, value in attributes.items():
                    kind = "s" if isinstance(value, bytes) else "type"
                    setattr(func.attr[name], kind, value)
    if by_name:
        for node in nodes:
            if "f" in node.attr and node.attr["f"].func.name == changed.signature.name:
                call = type(node.attr["f"].func).FromString(node.attr["f"].func.SerializeToString())
                node.op = call.name
                node.attr.clear()
                _rewire(graph_def.library, node.name, changed.signature.output_arg[0].name)
                for name, value in call.attr.items():
                    node.attr[name].CopyFrom(value)
    _rename(graph_def.library, nodes)
    return graph_def


def _rewire(library, call, output):
    """Take what a call gives by the name that the function has for it."""
    for node in (node for function in library.function for node in function.node_def):
        for i, reference in enumerate(node.input):
            if reference == f"{call}:output:0":
                node.input[i] = f"{call}:{output}:0"


def _rename(library, nodes):
    """Give the functions names that TensorFlow does not know from having traced them."""
    number = next(COUNT)
    names = {function.signature.name for function in library.function}
    for node in nodes:
        if node.op in names:
            node.op += f"_changed_{number}"
    for function in library.function:
        function.signature.name += f"_changed_{number}"
    for attr in (attr for node in nodes for attr in node.attr.values()):
        for func in (attr.func, *attr.list.func):
            if func.name:
                func.name += f"_changed_{number}"
    for node in nodes:
        node.attr.pop("_gradient_op_type", None)


def _inside(way, function):
    def call(v):
        if way == "if":
            return tf.cond(v < 1e30, lambda: function(v), lambda: v)
        if way == "case":
            return tf.switch_case(tf.cast(v * 0, tf.int32), [lambda: function(v), lambda: v])
        if way == "loop body":
            return tf.while_loop(lambda i, _: i < 1, lambda i, u: (i + 1, function(u)), (0, v))[1]
        if way == "loop condition":
            condition = lambda i, u: tf.logical_and(i < 1, function(u) < 1e30)
            return tf.while_loop(condition, lambda i, u: (i + 1, u), (0, v))[1]
        if way == "gradient":

            @tf.custom_gradient
            def with_gradient(u):
                return u * 1, lambda up: up * function(u)

            return tf.gradients(with_gradient(v), v)[0] * v
        return function(v)

    return tf.function(call, autograph=False)


def load_as(kind, graph_def, folder, **options):
    """Load a graph by one of the ways that there are."""
    if kind == "GraphDef":
        return tfs.load(graph_def, outputs="y", **options)
    if kind == "pb":
        (folder / "model.pb").write_bytes(graph_def.SerializeToString())
        return tfs.load(folder / "model.pb", outputs="y", **options)
    if kind == "archive":
        spec = TensorSpec("x", "x:0", "float32", ()), TensorSpec("y", "y:0", "float32", ())
        write_program(
            Program("p", graph_def.SerializeToString(), (spec[0],), (spec[1],)), folder / "p.tfs"
        )
        return tfs.load(folder / "p.tfs", **options)
    with tf1.Session(graph=tf.Graph()) as session:
        x = tf1.placeholder(tf.float32, [], "in")
        tf1.saved_model.simple_save(session, str(folder / "saved"), {"x": x}, {"y": x * 1})
    model = SavedModel.FromString((folder / "saved" / "saved_model.pb").read_bytes())
    meta = model.meta_graphs[0]
    meta.graph_def.CopyFrom(graph_def)
    signature = meta.signature_def["serving_default"]
    signature.inputs["x"].name, signature.outputs["y"].name = "x:0", "y:0"
    (folder / "saved" / "saved_model.pb").write_bytes(model.SerializeToString())
    return tfs.load(folder / "saved", **options)


@pytest.mark.parametrize("kind", ["GraphDef", "pb", "archive", "SavedModel"])
def test_what_a_caller_chooses_is_no_way_to_write_a_file(kind, tmp_path):
    ways = itertools.product(hostile(tmp_path / "written"), (True, False))
    for number, ((concrete, change), by_name) in enumerate(ways):
        graph_def = wrapped(concrete, change, by_name=by_name)
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(GraphLoadError, match="may do more than compute: pass allow_io=True"):
            load_as(kind, graph_def, folder)
        assert not (tmp_path / "written").exists()
    for ways in [(), ("call",)]:
        graph_def = wrapped(*harmless(), ways, by_name=True)
        folder = tmp_path / f"harmless{len(ways)}"
        folder.mkdir()
        assert load_as(kind, graph_def, folder).run(x=3.0) == 1.5


def test_the_files_would_be_written(tmp_path):
    written = 0
    for concrete, change in hostile(tmp_path / "written"):
        graph_def = wrapped(concrete, change, by_name=True)
        try:
            tfs.load(graph_def, outputs="y", allow_io=True).run(x=1.0)
        except (GraphLoadError, tf.errors.OpError):
            continue  # TensorFlow wants such an attribute declared.
        written += (tmp_path / "written").exists()
        (tmp_path / "written").unlink(missing_ok=True)
    assert written == 5


def test_hidden_at_random(tmp_path):
    draw = random.Random(0)
    nested = [*itertools.product(WRAPPINGS, repeat=1), *itertools.product(WRAPPINGS, repeat=2)]
    for ways in draw.sample(nested, 16):
        concrete, change = draw.choice(list(hostile(tmp_path / "written")))
        with pytest.raises(GraphLoadError, match="may do more than compute"):
            tfs.load(wrapped(concrete, change, ways), outputs="y")
    for ways in draw.sample(nested, 6):
        if "gradient" not in ways:
            concrete, _ = harmless()
            loaded = tfs.load(wrapped(concrete, to_the_log, ways), outputs="y")
            assert loaded.run(x=3.0) in (1.5, 3.0)
    assert not (tmp_path / "written").exists()


def test_functions_do_not_take_the_names_of_operations():
    graph_def = wrapped(*harmless(), by_name=True)
    name = graph_def.library.function[0].signature.name
    graph_def.library.function[0].signature.name = "WriteFile"
    next(node for node in graph_def.node if node.op == name).op = "WriteFile"
    with pytest.raises(GraphLoadError, match="function 'WriteFile' has the name of an operation"):
        tfs.load(graph_def, outputs="y")


def test_a_model_restores_its_own_values_alone(checkpoint, saved_model, tmp_path):
    secret = tmp_path / "secret"
    with tf.Graph().as_default(), tf1.Session() as session:
        for name, shape in tf.train.list_variables(str(checkpoint.path / "model.ckpt")):
            tf1.get_variable(name, initializer=np.full(shape, 7, np.float32))
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, str(secret))

    def from_elsewhere(graph_def):
        """Have each restoring operation read the other checkpoint."""
        path = graph_def.node.add(name="elsewhere", op="Const")
        path.attr["dtype"].type = tf.string.as_datatype_enum
        path.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(str(secret)))
        changed = 0
        for node in graph_def.node:
            if node.op == "RestoreV2":
                node.input[0] = "elsewhere"
                changed += 1
        for function in graph_def.library.function:
            inside = [node for node in function.node_def if node.op == "RestoreV2"]
            if inside:
                function.node_def.add().CopyFrom(path)
            for node in inside:
                node.input[0] = "elsewhere:output:0"
                changed += 1
        assert changed

    shutil.copytree(checkpoint.path, tmp_path / "v1")
    meta = tf1.MetaGraphDef.FromString((tmp_path / "v1" / "model.ckpt.meta").read_bytes())
    from_elsewhere(meta.graph_def)
    (tmp_path / "v1" / "model.ckpt.meta").write_bytes(meta.SerializeToString())
    shutil.copytree(saved_model.path, tmp_path / "v2")
    model = SavedModel.FromString((tmp_path / "v2" / "saved_model.pb").read_bytes())
    from_elsewhere(model.meta_graphs[0].graph_def)
    (tmp_path / "v2" / "saved_model.pb").write_bytes(model.SerializeToString())

    prefix = tmp_path / "v1" / "model.ckpt"
    for path, options in [(prefix, {"outputs": "z"}), (tmp_path / "v2", {})]:
        with pytest.raises(
            GraphLoadError, match=r"restores values \('.*'\) from a file that is not"
        ):
            tfs.load(path, **options)
    loaded = tfs.load(prefix, outputs="MatMul", allow_io=True)
    np.testing.assert_allclose(loaded.run(x=[[1, 2, 3]]), [[42.0, 42.0]])
