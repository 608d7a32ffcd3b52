"""Graphs that do more than compute, and graphs made to do harm."""

from __future__ import annotations

import shutil
import zipfile

import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.models.safety import _computes

from tensorflow.core.framework.function_pb2 import FunctionDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

FLOAT, STRING = tf.float32.as_datatype_enum, tf.string.as_datatype_enum
NAME = tf.TensorSpec([], tf.string)


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        *((name, True) for name in ("MatMul", "While", "RandomUniform", "HashTableV2", "PrintV2")),
        *((name, False) for name in ("ReadFile", "WriteFile", "MatchingFiles", "PyFunc", "SaveV2")),
        *((name, False) for name in ("EagerPyFunc", "PyFuncStateless", "RestoreV2", "Abort")),
        *((name, False) for name in ("TFRecordDataset", "MapDataset", "IteratorGetNext", "Send")),
        *((name, False) for name in ("TFRecordReaderV2", "ImmutableConst", "DebugIdentityV2")),
        *((name, False) for name in ("CreateSummaryFileWriter", "InitializeTableFromTextFileV2")),
        *((name, False) for name in ("RandomShuffleQueueV2", "RandomDatasetV2", "NoSuchOperation")),
    ],
)
def test_operations_that_only_compute_are_allowed(operation, allowed):
    assert _computes(tf1.NodeDef(op=operation)) == allowed


def test_printing_to_a_file_and_protocols_from_a_file_are_refused():
    node = tf1.NodeDef(op="PrintV2")
    node.attr["output_stream"].s = b"file:///tmp/out"
    assert not _computes(node)
    for source, allowed in [(b"local://", True), (b"bytes://x", True), (b"/etc/passwd", False)]:
        node = tf1.NodeDef(op="DecodeProtoV2")
        node.attr["descriptor_source"].s = source
        assert _computes(node) == allowed


@pytest.mark.parametrize(
    "read",
    [
        lambda name: tf.io.read_file(name + "x"),
        lambda name: tf.cond(tf.equal(name, ""), lambda: name, lambda: tf.io.read_file(name)),
        tf.function(lambda name: tf.io.read_file(name + "x")),
    ],
    ids=["at once", "in a branch", "in a function"],
)
def test_reading_a_file_takes_allow_io(read, tmp_path):
    options = {"signature": NAME, "outputs": {"output_0": "content"}}
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(read, **options)
    assert str(caught.value).endswith(
        "ReadFile' of type ReadFile, which may do more than compute: pass allow_io=True if you trust "
        "where the graph comes from."
    )
    (tmp_path / "ax").write_bytes(b"there")
    (tmp_path / "a").write_bytes(b"there")
    program = tfs.load(read, **options, allow_io=True)
    assert [program.run(name=str(tmp_path / "a"))] == [b"there"]
    program.save(tmp_path / "saved")
    with pytest.raises(GraphLoadError, match="of type ReadFile"):
        tfs.load(tmp_path / "saved")
    assert tfs.load(tmp_path / "saved", allow_io=True) == program


def changed(saved_model, tmp_path, change):
    """Copy a SavedModel, with a change to its graph."""
    path = tmp_path / "changed"
    shutil.copytree(saved_model.path, path)
    model = SavedModel.FromString((path / "saved_model.pb").read_bytes())
    change(model.meta_graphs[0])
    (path / "saved_model.pb").write_bytes(model.SerializeToString())
    return path


def constant(graph_def, name, value):
    node = graph_def.node.add(name=name, op="Const")
    node.attr["dtype"].type = STRING
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
    return node


def test_a_saved_model_cannot_write_while_it_is_initialized(saved_model, tmp_path):
    written = tmp_path / "written"

    def change(meta):
        constant(meta.graph_def, "path", str(written))
        meta.graph_def.node.add(name="write", op="WriteFile", input=["path", "path"])
        name = meta.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name
        next(n for n in meta.graph_def.node if n.name == name).input.append("^write")

    path = changed(saved_model, tmp_path, change)
    with pytest.raises(GraphLoadError, match="holds operation 'write' of type WriteFile, which"):
        tfs.load(path)
    assert not written.exists()
    tfs.load(path, allow_io=True)
    assert written.exists()


def test_assets_are_those_of_the_saved_model(saved_model, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("a\nb\n")

    def outside(meta):
        meta.asset_file_def[0].filename = "../../secret"

    def constant_path(meta):
        asset = meta.asset_file_def[0].tensor_info.name.partition(":")[0]
        del meta.asset_file_def[:]
        graph_def = meta.graph_def
        kept = [node for node in graph_def.node if node.name != asset]
        del graph_def.node[:]
        graph_def.node.extend(kept)
        constant(graph_def, asset, str(secret))

    with pytest.raises(GraphLoadError, match="hostile: '../../secret' is no file among its assets"):
        tfs.load(changed(saved_model, tmp_path / "1", outside))
    with pytest.raises(GraphLoadError, match="from a file that is not one of its own: pass allow"):
        tfs.load(changed(saved_model, tmp_path / "2", constant_path))


def graph_def_of(*nodes, functions=()):
    """A graph of a placeholder `x` and nodes (name, op, inputs) of floats."""
    graph_def = tf1.GraphDef()
    graph_def.node.add(name="x", op="Placeholder").attr["dtype"].type = FLOAT
    for name, op, inputs in nodes:
        node = graph_def.node.add(name=name, op=op, input=inputs)
        if op == "Call":
            call(node, inputs.pop())
            node.input.pop()
        else:
            node.attr["T"].type = FLOAT
    graph_def.library.function.extend(functions)
    return graph_def


def call(node, function):
    node.op = "PartitionedCall"
    node.attr["f"].func.name = function
    node.attr["Tin"].list.type.append(FLOAT)
    node.attr["Tout"].list.type.append(FLOAT)


def calls(name, function, times=1):
    """A function that calls another one some times over."""
    made = FunctionDef()
    made.signature.name = name
    made.signature.input_arg.add(name="a", type=FLOAT)
    made.signature.output_arg.add(name="b", type=FLOAT)
    last = "a"
    for i in range(times):
        call(made.node_def.add(name=f"c{i}", input=[last]), function)
        last = f"c{i}:output:0"
    made.ret["b"] = last
    return made


def huge(size):
    graph_def = graph_def_of(("z", "AddV2", ["x", "c"]))
    node = constant(graph_def, "c", "")
    node.attr["dtype"].type = FLOAT
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto([1.0]))
    node.attr["value"].tensor.tensor_shape.dim[0].size = size
    return graph_def


TOWER = [calls(f"f{i}", f"f{i + 1}", 2) for i in range(40)] + [calls("f40", "", 0)]


@pytest.mark.parametrize(
    ("graph_def", "text"),
    [
        (huge(10**12), "hostile: constant 'c' says that it has 4000000000000 bytes."),
        (huge(-3), "hostile: constant 'c' says that it has -3 bytes."),
        (
            graph_def_of(("z", "NoSuch", ["x"])),
            "operation 'z' of type NoSuch, which TensorFlow",
        ),
        (graph_def_of(("z", "Neg", ["y"])), "cannot be loaded by TensorFlow"),
        (graph_def_of(("z", "AddV2", ["x", "y"]), ("y", "Neg", ["z"])), "2 nodes in a cycle."),
        (
            graph_def_of(("z", "Call", ["x", "f"])),
            "operation 'z' calls function 'f', which the graph does not have.",
        ),
        (
            graph_def_of(("z", "Call", ["x", "f"]), functions=[calls("f", "f")]),
            "hostile: function 'f' calls itself, or others more than 100 deep.",
        ),
        (
            graph_def_of(("z", "Call", ["x", "f0"]), functions=TOWER),
            "hostile: its functions unfold to 2199023255553 operations.",
        ),
    ],
    ids=["huge", "negative", "unknown", "missing", "cycle", "no function", "recursion", "tower"],
)
def test_broken_and_hostile_graphs_are_refused_in_a_sentence(graph_def, text):
    with pytest.raises(GraphLoadError) as caught:
        tfs.load(graph_def, outputs={"z": "result"})
    assert text in str(caught.value)


def test_archives_that_would_unpack_elsewhere_or_without_end(tmp_path):
    bomb = tmp_path / "bomb.keras"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", bytes(300 << 20))
    with pytest.raises(GraphLoadError, match="hostile: it says that it unpacks to 314572800 bytes"):
        tfs.load(bomb)
    outside = tmp_path / "outside.keras"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.writestr("../outside", "x")
    with pytest.raises(GraphLoadError, match="hostile: it holds files outside of itself"):
        tfs.load(outside)
    ours = tmp_path / "ours.tfs"
    with zipfile.ZipFile(ours, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("program.json", bytes(1 << 20))
    with pytest.raises(GraphLoadError, match=r"damaged: program.json is compressed"):
        tfs.load(ours)
    assert sorted(found.name for found in tmp_path.iterdir()) == [
        "bomb.keras", "ours.tfs", "outside.keras",
    ]  # fmt: skip
