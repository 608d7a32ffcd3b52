"""Programs to draw, made by TensorFlow or, where TensorFlow would refuse, node by node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pytest

from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import TensorSpec
from tfspark_magic.schema.tensorflow import shape_from_tensorflow

import tensorflow as tf
from tensorflow.core.framework.graph_pb2 import GraphDef

tf1 = tf.compat.v1


def spec_of(tensor: tf.Tensor) -> TensorSpec:
    shape = shape_from_tensorflow(tensor.shape)
    return TensorSpec(tensor.op.name, tensor.name, tensor.dtype.base_dtype.name, shape)


def program_of(
    build: Callable[[], Sequence[tf.Tensor] | tf.Tensor],
    name: str = "score",
    variables: Iterable[str] = (),
) -> Program:
    """Build a graph and make a program of the tensors that `build` returns."""
    graph = tf.Graph()
    with graph.as_default():
        fetches = build()
    fetches = [fetches] if tf.is_tensor(fetches) else fetches
    inputs = [op.outputs[0] for op in graph.get_operations() if op.type == "Placeholder"]
    return Program(
        name,
        graph.as_graph_def().SerializeToString(deterministic=True),
        tuple(map(spec_of, inputs)),
        tuple(map(spec_of, fetches)),
        variables=frozenset(variables),
    )


def program_of_nodes(nodes: Mapping[str, tuple[str, Sequence[str]]], fetch: str) -> Program:
    """Make a program of `{name: (op, inputs)}`, of names and operations of any kind."""
    graph_def = GraphDef()
    for name, (op, inputs) in nodes.items():
        graph_def.node.add(name=name, op=op, input=inputs)
        if op in {"Relu", "AddV2", "Placeholder"}:
            key = "dtype" if op == "Placeholder" else "T"
            graph_def.node[-1].attr[key].type = tf.float32.as_datatype_enum
    placed = [name for name, (op, _) in nodes.items() if op == "Placeholder"]
    return Program(
        "made",
        graph_def.SerializeToString(deterministic=True),
        tuple(TensorSpec(name, f"{name}:0", "float32", None) for name in placed),
        (TensorSpec(fetch, f"{fetch}:0", "float32", None),),
    )


@pytest.fixture(scope="session")
def make() -> Callable[..., Program]:
    return program_of


@pytest.fixture(scope="session")
def make_of_nodes() -> Callable[..., Program]:
    return program_of_nodes


@pytest.fixture(scope="session")
def seed() -> Program:
    """Make the graph that everyone starts with: x + 3 y."""

    def build() -> tf.Tensor:
        x = tf1.placeholder(tf.int32, [], name="x")
        y = tf1.placeholder(tf.int32, [], name="y")
        return tf.add(x, y * 3, name="z")

    return program_of(build)


@pytest.fixture(scope="session")
def dense() -> Program:
    """Two dense layers and a softmax, as freezing leaves them: constants and their readers."""

    def layer(h: tf.Tensor, rows: int, columns: int, name: str) -> tf.Tensor:
        with tf1.name_scope(name):
            kernel = tf.constant(np.zeros([rows, columns], np.float32), name="kernel")
            kernel = tf.identity(kernel, name="MatMul/ReadVariableOp")
            bias = tf.constant(np.zeros([columns], np.float32), name="bias")
            bias = tf.identity(bias, name="BiasAdd/ReadVariableOp")
            return tf.nn.bias_add(tf.matmul(h, kernel, name="MatMul"), bias, name="BiasAdd")

    def build() -> list[tf.Tensor]:
        x = tf1.placeholder(tf.float32, [None, 128], name="features")
        h = tf.nn.relu(layer(x, 128, 256, "hidden"))
        logits = layer(h, 256, 10, "output")
        label = tf.argmax(logits, axis=1, name="label")
        return [tf.nn.softmax(logits, name="probabilities"), label]

    variables = [f"{layer}/{name}" for layer in ("hidden", "output") for name in ("kernel", "bias")]
    return program_of(build, "dense", variables)


@pytest.fixture(scope="session")
def layers() -> Program:
    """Fifty layers that are alike."""

    def build() -> tf.Tensor:
        h = tf1.placeholder(tf.float32, [None, 64], name="x")
        for number in range(1, 51):
            with tf1.name_scope(f"layer_{number}"):
                h = tf.nn.relu(h * 2.0 + 1.0)
                h -= tf.reduce_mean(h, axis=1, keepdims=True)
        return tf.identity(h, name="z")

    return program_of(build, "layers")
