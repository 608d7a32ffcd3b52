"""Tall networks fold into stages, by what their layers are, whatever their names."""

from __future__ import annotations

import numpy as np
import pytest

from tests.drawing.conftest import program_of
from tfspark_magic.drawing import draw
from tfspark_magic.drawing.explore import Explorer

import tensorflow as tf

tf1 = tf.compat.v1


def weights(*shape):
    return tf.constant(np.zeros(shape, np.float32))


def conv(h, filters, size=3, strides=1):
    return tf.nn.conv2d(h, weights(size, size, h.shape[-1], filters), strides, "SAME")


def norm(h):
    """A batch normalization, as Keras writes it out for inference."""
    with tf1.name_scope("batchnorm"):
        scale = tf.math.rsqrt(weights(h.shape[-1]) + 0.001) * weights(h.shape[-1])
        return h * scale + (weights(h.shape[-1]) - weights(h.shape[-1]) * scale)


def residual_network():
    h = tf1.placeholder(tf.float32, [None, 32, 32, 3], name="x")
    h = tf.nn.relu(norm(conv(h, 8, 7)))
    for filters, count in ((8, 3), (16, 4), (32, 6)):
        for number in range(count):
            strides = 2 if number == 0 and filters > 8 else 1
            beside = h
            if number == 0:
                beside = norm(conv(h, filters, 1, strides))
            h = tf.nn.relu(norm(conv(h, filters, 3, strides)))
            h = tf.nn.relu(norm(conv(h, filters)) + beside)
    return tf.nn.softmax(tf.matmul(tf.reduce_mean(h, [1, 2]), weights(32, 10)), name="z")


def plain_network():
    """As MobileNet: a padding before some convolutions, and layers before the first repetition."""
    h = tf1.placeholder(tf.float32, [None, 32, 32, 3], name="x")
    h = tf.nn.relu6(conv(h, 8))
    for number in range(13):
        if number % 5 == 4:
            h = tf.pad(h, [[0, 0], [0, 1], [0, 1], [0, 0]])
        h = tf.nn.relu6(tf.nn.depthwise_conv2d(h, weights(3, 3, h.shape[-1], 1), [1] * 4, "SAME"))
        h = tf.nn.relu6(conv(h, 8 + number, 1))
    return tf.reduce_mean(h, [1, 2], name="z")


def stages(drawing):
    """Return what the groups on show say."""
    return [
        ", ".join((vertex.title, *vertex.lines))
        for vertex in drawing.view.vertices()
        if vertex.kind in {"series", "band"}
    ]


def count(said):
    return int(said.rpartition(", ")[2].split()[0]) if said.endswith("times") else 1


@pytest.fixture(scope="module")
def residual():
    return program_of(residual_network, "residual")


def test_a_stage_ends_where_the_images_get_smaller(residual):
    drawing = draw(residual)
    block = "Conv 3x3, BatchNorm, ReLU, Conv 3x3, BatchNorm, Add, ReLU"
    assert stages(drawing) == [f"{block}, {times} times" for times in (3, 4, 6)]
    assert len(drawing.view.vertices()) < 16
    assert {v.does for v in drawing.view.vertices() if v.kind == "scope"} == {"normalization"}


def test_a_stage_opens_into_its_repetitions_and_these_into_layers(residual):
    explorer = Explorer(residual)
    (_, stage, _) = [v for v in explorer.view.vertices() if v.kind == "series"]
    explorer.open(stage.id)
    steps = [v for v in explorer.view.vertices() if v.kind == "band"]
    assert len(steps) == 4
    before = [v.does for v in explorer.view.vertices()].count("convolution")
    explorer.open(steps[1].id)
    assert [v.does for v in explorer.view.vertices()].count("convolution") == before + 2
    explorer.close_all()
    explorer.reveal("Relu_9")
    assert "op:Relu_9" in {v.id for v in explorer.view.vertices()}


def test_a_step_begins_with_weights_and_holds_what_only_changes_shapes():
    said = stages(draw(program_of(plain_network, "plain")))
    assert {one.rpartition(", ")[0] if one.endswith("times") else one for one in said} == {
        "DepthwiseConv 3x3, ReLU6, Conv 1x1, ReLU6"
    }
    assert sum(map(count, said)) == 13


def test_layers_that_are_alike_are_named_by_what_they_are():
    def build():
        h = tf1.placeholder(tf.float32, [None, 4], name="x")
        for number in range(40):
            h = tf.nn.relu(tf.matmul(h, weights(h.shape[-1], 4 + number)))
        return tf.identity(h, name="z")

    (said,) = stages(draw(program_of(build, "wide")))
    assert said == "2 … 40 of 40, Dense, ReLU, 39 more times"
