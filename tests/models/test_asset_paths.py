"""Test that a SavedModel fills tables only from its own assets, for any graph."""

from __future__ import annotations

import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.runtime import tf, tf1

from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

ops = tf.raw_ops


def saved(folder, path_of):
    """A SavedModel of TensorFlow 1, with a table that is filled from the path that `path_of` gives."""
    (folder / "words.txt").write_text("a\nb\n")
    (folder / "secret.txt").write_text("secret\n")
    with tf1.Graph().as_default(), tf1.Session() as session:
        asset = tf.constant(str(folder / "words.txt"))
        tf1.add_to_collection(tf1.GraphKeys.ASSET_FILEPATHS, asset)
        table = ops.HashTableV2(key_dtype=tf.int64, value_dtype=tf.string)
        x = tf1.placeholder(tf.int64, [None], name="x")
        y = ops.LookupTableFindV2(table_handle=table, keys=x, default_value="?")
        filled = ops.InitializeTableFromTextFileV2(
            table_handle=table,
            filename=path_of(asset, tf.constant(str(folder / "secret.txt"))),
            key_index=-1,
            value_index=-2,
        )
        builder = tf1.saved_model.Builder(str(folder / "saved"))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {"serving_default": tf1.saved_model.predict_signature_def({"x": x}, {"y": y})},
            assets_collection=tf1.get_collection(tf1.GraphKeys.ASSET_FILEPATHS),
            main_op=filled,
        )
        builder.save()
    return folder / "saved"


def straight(asset, _):
    return asset


def by_a_variable(asset, _):
    return written_to(asset, lambda _: [])


def by_another_handle(asset, secret):
    return written_to(
        asset,
        lambda _: [
            ops.AssignVariableOp(
                resource=ops.VarHandleOp(dtype=tf.string, shape=[], shared_name="path"),
                value=secret,
            )
        ],
    )


def in_a_loop(asset, secret):
    path = tf1.get_default_graph().get_tensor_by_name(secret.name).op.get_attr("value")

    def assign(i, handle):
        with tf.control_dependencies(
            [ops.AssignVariableOp(resource=handle, value=tf.constant(path.string_val[0]))]
        ):
            return i + 1, handle

    types = tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.resource)
    body = tf.function(assign, autograph=False).get_concrete_function(*types)
    cond = tf.function(lambda i, _: i < 1).get_concrete_function(*types)
    for function in (body, cond):
        function.add_to_graph(tf1.get_default_graph())
    return written_to(
        asset, lambda handle: [ops.While(input=[tf.constant(0), handle], cond=cond, body=body)[0]]
    )


def written_to(asset, then):
    """The value of a variable that is assigned the asset's path, and then written to once more."""
    handle = ops.VarHandleOp(dtype=tf.string, shape=[], shared_name="path")
    with tf.control_dependencies([ops.AssignVariableOp(resource=handle, value=asset)]):
        after = [tf.no_op(), *then(handle)]
    with tf.control_dependencies(after):
        return ops.ReadVariableOp(resource=handle, dtype=tf.string)


@pytest.mark.parametrize("path_of", [straight, by_a_variable, by_another_handle, in_a_loop])
def test_a_table_holds_the_words_of_the_model(path_of, tmp_path):
    program = tfs.load(saved(tmp_path, path_of))
    assert program.run(x=[0, 1]).tolist() == [b"a", b"b"]


def test_what_else_the_operation_gives_is_no_asset(tmp_path):
    path = saved(
        tmp_path, lambda asset, secret: ops.IdentityN(input=[asset, secret], name="both")[1]
    )
    model = SavedModel.FromString((path / "saved_model.pb").read_bytes())
    model.meta_graphs[0].asset_file_def.add(filename="words.txt").tensor_info.name = "both:0"
    (path / "saved_model.pb").write_bytes(model.SerializeToString())
    with pytest.raises(GraphLoadError, match="from a file that is not one of its own"):
        tfs.load(path)
