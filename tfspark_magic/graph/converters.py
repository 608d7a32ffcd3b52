"""Converters that TensorFlow's `vectorized_map` lacks, for ops that take a batch as they are.

Importing this module adds them to TensorFlow's registry; it replaces none that is there.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tfspark_magic.graph.runtime import tf

from tensorflow.python.ops.parallel_for import pfor

_FIRST_INPUT = (
    "AsString", "DecodeBase64", "DecodePaddedRaw",  "EncodeBase64",
    "MatrixDeterminant", "MatrixExponential", "MatrixSquareRoot", "Qr", "RegexFullMatch",
    "RegexReplace", "SelfAdjointEig", "StaticRegexFullMatch", "StaticRegexReplace",
    "StringLength", "StringLower", "StringStrip", "StringToHashBucket", "StringToHashBucketFast",
    "StringToHashBucketStrong", "StringToNumber", "StringUpper", "Svd", "UnicodeScript",
)  # fmt: skip
_SECOND_INPUT = ("LookupTableFindV2",)
_BROADCAST = ("StringJoin", "Substr")
_IMAGES = ("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor")


def _create(op: tf.Operation, inputs: list[tf.Tensor]) -> list[tf.Tensor]:
    created = pfor._create_op(  # noqa: SLF001
        op.type, inputs, [t.dtype for t in op.outputs], attrs=op.node_def.attr
    )
    return list(created.outputs)


def _wrap(tensors: list[tf.Tensor]) -> list[Any]:
    return [pfor.wrap(tensor, True) for tensor in tensors]  # noqa: FBT003


def _batched(position: int) -> Callable[[Any], list[Any]]:
    """Convert an op whose input `position` may have leading axes and whose others may not."""

    def convert(given: Any) -> list[Any]:
        inputs = [
            given.stacked_input(i) if i == position else given.unstacked_input(i)
            for i in range(given.num_inputs)
        ]
        return _wrap(_create(given.op, inputs))

    return convert


def _broadcast(given: Any) -> list[Any]:
    given.expanddim_inputs_for_broadcast()
    tensors = [given.input(i).t for i in range(given.num_inputs)]
    shape = functools.reduce(tf.broadcast_dynamic_shape, map(tf.shape, tensors))
    return _wrap(_create(given.op, [tf.broadcast_to(tensor, shape) for tensor in tensors]))


def _images(given: Any) -> list[Any]:
    # A row holds a batch of images already: [rows, batch, height, width, channels].
    images = given.stacked_input(0)
    rows = tf.shape(images)[:2]
    flat = tf.reshape(images, tf.concat([[-1], tf.shape(images)[2:]], 0))
    (resized,) = _create(given.op, [flat, given.unstacked_input(1)])
    return _wrap([tf.reshape(resized, tf.concat([rows, tf.shape(resized)[1:]], 0))])


def _register() -> None:
    converters = {
        **dict.fromkeys(_FIRST_INPUT, _batched(0)),
        **dict.fromkeys(_SECOND_INPUT, _batched(1)),
        **dict.fromkeys(_BROADCAST, _broadcast),
        **dict.fromkeys(_IMAGES, _images),
    }
    for op_type, converter in converters.items():
        if not has_converter(op_type):
            pfor.RegisterPFor(op_type)(converter)


def has_converter(op_type: str) -> bool:
    """Whether `vectorized_map` can convert operations of this type."""
    return op_type in pfor._pfor_converter_registry  # noqa: SLF001


_register()
