"""Converters for pfor that TensorFlow does not have, or that are wrong in TensorFlow.

A converter turns an operation on one row into an operation on a block. Stacked inputs have the rows
as an additional first axis; other inputs are the same for all rows. For any values, a converter
gives the same results as the operation on the row alone, or it raises an error, now or when the
block is computed. After an error, the rows are computed one by one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.runtime import tf

Converter = Callable[[Any], Any]


class UnexactError(NotImplementedError):
    """No converter is exact for this use of an operation; the text says why."""


def create(op: tf.Operation, inputs: list[tf.Tensor]) -> list[tf.Tensor]:
    """Make an operation of the same kind as another one, and return its outputs."""
    return list(internals.operation_like(op, inputs).outputs)


def stacked(tensors: list[tf.Tensor]) -> list[Any]:
    """Mark tensors as having the rows as their first axis."""
    return [internals.wrap(tensor, stacked=True) for tensor in tensors]


def shared(tensors: list[tf.Tensor]) -> list[Any]:
    """Mark tensors as being the same for all rows."""
    return [internals.wrap(tensor, stacked=False) for tensor in tensors]


def batched(position: int) -> Converter:
    """Convert an op in which only the input `position` may have additional first axes."""

    def convert(given: Any) -> list[Any]:
        inputs = [
            given.stacked_input(i) if i == position else given.unstacked_input(i)
            for i in range(given.num_inputs)
        ]
        return stacked(create(given.op, inputs))

    return convert


def flattened(*positions: int) -> Converter:
    """Convert an op whose inputs at `positions` are batches: all rows become one batch."""

    def convert(given: Any) -> list[Any]:
        given.stack_inputs(positions)
        inputs = [
            _merge(given.stacked_input(i)) if i in positions else given.unstacked_input(i)
            for i in range(given.num_inputs)
        ]
        rows = tf.shape(given.stacked_input(positions[0]))[:1]
        return stacked([_part(tensor, rows) for tensor in create(given.op, inputs)])

    return convert


def _merge(tensor: tf.Tensor) -> tf.Tensor:
    shape = tf.shape(tensor)
    return tf.reshape(tensor, tf.concat([[shape[0] * shape[1]], shape[2:]], 0))


def _part(tensor: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    shape = tf.shape(tensor)
    return tf.reshape(tensor, tf.concat([rows, shape[:1] // rows, shape[1:]], 0))


def after_rows(position: int) -> Converter:
    """Convert an op with a tensor as its first input, and axes of it at `position`."""

    def convert(given: Any) -> list[Any]:
        inputs = [given.stacked_input(0)]
        inputs += [given.unstacked_input(i) for i in range(1, given.num_inputs)]
        inputs[position] += tf.cast(inputs[position] >= 0, inputs[position].dtype)
        return stacked(create(given.op, inputs))

    return convert


def _padded(given: Any) -> list[Any]:
    paddings = given.unstacked_input(1)
    rest = [given.unstacked_input(i) for i in range(2, given.num_inputs)]
    paddings = tf.concat([tf.zeros([1, 2], paddings.dtype), paddings], 0)
    return stacked(create(given.op, [given.stacked_input(0), paddings, *rest]))


def _transposed(given: Any) -> list[Any]:
    tensor, axes = given.stacked_input(0), given.unstacked_input(1)
    axes = tf.where(axes < 0, axes + tf.size(axes, axes.dtype), axes)
    axes = tf.concat([tf.zeros([1], axes.dtype), axes + 1], 0)
    return stacked(create(given.op, [tensor, axes]))


def _squeezed(given: Any) -> list[Any]:
    tensor = given.stacked_input(0)
    dims = given.get_attr("squeeze_dims")
    if dims:
        dims = [dim + 1 if dim >= 0 else dim for dim in dims]
        return stacked([tf.squeeze(tensor, dims)])
    # Without axes, all axes of size 1 are removed, and this could be the axis of the rows.
    shape = tf.shape(tensor)
    kept = tf.boolean_mask(shape[1:], tf.not_equal(shape[1:], 1))
    return stacked([tf.reshape(tensor, tf.concat([shape[:1], kept], 0))])


def _sized(given: Any) -> list[Any]:
    # TensorFlow's converter divides by the number of rows, which is 0 in a branch that no row
    # takes.
    shape = tf.shape(given.stacked_input(0), given.get_attr("out_type"))
    return shared([tf.reduce_prod(shape[1:])])


def _broadcast(given: Any) -> list[Any]:
    given.expanddim_inputs_for_broadcast()
    tensors = [given.input(i).t for i in range(given.num_inputs)]
    shape = functools.reduce(tf.broadcast_dynamic_shape, map(tf.shape, tensors))
    return stacked(create(given.op, [tf.broadcast_to(tensor, shape) for tensor in tensors]))


def _joined(given: Any) -> list[Any]:
    # Only scalars are broadcast; other shapes must be equal.
    ranks = {tensor.shape.rank for tensor in given.op.inputs}
    if None in ranks or len(ranks - {0}) > 1:
        raise UnexactError("strings of unknown rank")
    given.stack_inputs()
    tensors = [given.stacked_input(i) for i in range(given.num_inputs)]
    largest = next((t for t in tensors if t.shape.rank == max(ranks) + 1), tensors[0])
    lead = [1] * max(ranks)
    whole = [
        tf.broadcast_to(tf.reshape(t, [-1, *lead]), tf.shape(largest)) if t.shape.rank == 1 else t
        for t in tensors
    ]
    return stacked(create(given.op, whole))


def _compared(given: Any) -> list[Any]:
    # For shapes that do not fit, `==` of rows gives False, but `==` of a block fails.
    given.expanddim_inputs_for_broadcast()
    make = tf.raw_ops.Equal if given.op_type == "Equal" else tf.raw_ops.NotEqual
    return stacked([make(x=given.input(0).t, y=given.input(1).t, incompatible_shape_error=True)])


def _in_segments(given: Any) -> list[Any]:
    given.stack_inputs([0, 1])
    data, ids = given.stacked_input(0), tf.cast(given.stacked_input(1), tf.int64)
    count = tf.cast(given.unstacked_input(2), tf.int64)
    shape = tf.shape(ids, tf.int64)
    rows = shape[0]
    first = tf.reshape(tf.range(rows), tf.concat([shape[:1], tf.ones_like(shape)[1:]], 0)) * count
    # An id out of range must also be out of range in the block, and not point to the next row.
    ids = tf.where(
        ids < 0, tf.constant(-1, tf.int64), tf.where(ids < count, ids + first, rows * count)
    )
    make = getattr(tf.raw_ops, given.op_type)
    found = make(data=data, segment_ids=ids, num_segments=rows * count)
    parted = tf.concat([[rows, count], tf.shape(found, tf.int64)[1:]], 0)
    return stacked([tf.reshape(found, parted)])


def _normalized(given: Any) -> list[Any]:
    if given.get_attr("is_training"):
        return list(theirs("FusedBatchNormV3")(given))
    inputs = [given.unstacked_input(i) for i in range(1, 5)]
    images = given.stacked_input(0)
    normal, *statistics = create(given.op, [_merge(images), *inputs])
    return stacked([_part(normal, tf.shape(images)[:1])]) + shared(statistics)


def _biased(given: Any) -> list[Any]:
    if given.get_attr("data_format") == b"NCHW" and given.input(1).is_stacked:
        raise UnexactError("a bias of the row, channels first")
    return [theirs("BiasAdd")(given)]


def _gathered_nd(given: Any) -> list[Any]:
    if given.input(0).is_stacked:
        return [theirs("GatherNd")(given)]
    return stacked(create(given.op, [given.input(0).t, given.stacked_input(1)]))


def _sliced(given: Any) -> list[Any]:
    if any(given.input(i).is_stacked for i in (1, 2)):
        raise UnexactError("a slice whose place depends on the row")
    return [theirs("Slice")(given)]


def _branched(given: Any) -> list[Any]:
    if given.op.inputs[0].dtype != tf.bool:
        raise UnexactError("a condition that is not a bool")
    return list(theirs("If")(given))


def _switched(given: Any) -> list[Any]:
    if len(given.outputs) > 1 and given.input(0).is_stacked:
        raise UnexactError("a branch of the row with several results")
    if given.input(0).is_stacked:
        # A number without a branch means the last branch; in the block, it would mean no branch.
        place, last = given.stacked_input(0), len(given.get_attr("branches")) - 1
        internals.replace_input(
            given, 0, stacked([tf.where((place < 0) | (place > last), last, place)])[0]
        )
    return list(theirs("Case")(given))


def _depthwise(given: Any) -> list[Any]:
    if given.input(1).is_stacked:
        given.stack_inputs([0])
        return [theirs("DepthwiseConv2dNative")(given)]
    return list(flattened(0)(given))


def _parsed(given: Any) -> list[Any]:
    ragged = given.op_type == "ParseExampleV2" and given.get_attr("ragged_value_types")
    shapes = given.get_attr("dense_shapes")
    one = given.op.inputs[0].shape.rank == 0
    if (
        ragged
        or given.get_attr("num_sparse")
        or not one
        or not all(tf.TensorShape(s).is_fully_defined() for s in shapes)
    ):
        raise UnexactError("features that differ in length")
    found = theirs(given.op_type)(given)
    return stacked([tensor for tensor, *_ in found])


def _scattered(given: Any) -> list[Any]:
    if given.input(2).is_stacked:
        raise UnexactError("places in a list that depend on the row")
    return [theirs("TensorListScatterIntoExistingList")(given)]


def _written(given: Any) -> list[Any]:
    if given.get_attr("resize_if_index_out_of_bounds"):
        raise UnexactError("a list that grows as it is written to")
    return [theirs("TensorListSetItem")(given)]


def _listed(given: Any) -> list[Any]:
    if given.input(1).is_stacked:
        raise UnexactError("places in a list that depend on the row")
    # Each place of the list holds a block of rows.
    found = theirs("TensorListGather")(given).t
    order = tf.concat([[1, 0], tf.range(2, tf.rank(found))], 0)
    return stacked([tf.transpose(found, order)])


def _decomposed(given: Any) -> list[Any]:
    found = create(given.op, [given.stacked_input(0)])
    if given.get_attr("compute_uv"):
        return stacked(found)
    # The vectors are empty, for all matrices.
    return stacked(found[:1]) + shared([tf.zeros([0], t.dtype) for t in found[1:]])


def _picked(given: Any) -> list[Any]:
    """Convert `x[i, j]` with `i` and `j` of the row, if all indices are numbers."""
    if not any(given.input(i).is_stacked for i in (1, 2, 3)):
        return [theirs("StridedSlice")(given)]
    count = given.op.inputs[1].shape[0]
    masks = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask")
    if (
        not count
        or any(given.get_attr(mask) for mask in masks)
        or given.get_attr("shrink_axis_mask") != (1 << count) - 1
        or tf.get_static_value(given.unstacked_input(3)) is None
    ):
        raise UnexactError("a slice whose place depends on the row")
    tensor, has_rows, _ = given.input(0)
    places = given.stacked_input(1)
    sizes = tf.cast(tf.shape(tensor)[1:] if has_rows else tf.shape(tensor), places.dtype)[:count]
    places = tf.where(places < 0, places + sizes, places)
    return stacked([tf.gather_nd(tensor, places, batch_dims=1 if has_rows else 0)])


def theirs(op_type: str) -> Converter:
    """Return TensorFlow's own converter of an operation."""
    return internals.CONVERTERS[op_type]


def _gathered(given: Any) -> Any:
    # All rows of a block are the block itself, which need not be copied.
    if internals.takes_all_rows(given):
        return internals.wrap(given.unstacked_input(0), stacked=True)
    return theirs("GatherV2")(given)


BATCHED_ALREADY = (
    "AsString", "Cast", "DecodeBase64", "DecodePaddedRaw", "EncodeBase64", "HSVToRGB",
    "MatrixDeterminant", "MatrixSquareRoot", "Qr", "RGBToHSV", "RegexFullMatch",
    "RegexReplace", "StaticRegexFullMatch", "StaticRegexReplace", "StringLength", "StringLower",
    "StringStrip", "StringToHashBucket", "StringToHashBucketFast", "StringToHashBucketStrong",
    "StringToNumber", "StringUpper", "TopKV2", "UnicodeScript",
)  # fmt: skip
OURS: dict[str, Converter] = {
    "GatherV2": _gathered,
    **dict.fromkeys(BATCHED_ALREADY, batched(0)),
    **dict.fromkeys(("NextAfter", "PopulationCount"), theirs("Add")),
    **dict.fromkeys(("EuclideanNorm", "CumulativeLogsumexp"), after_rows(1)),
    **dict.fromkeys(("Pad", "PadV2", "MirrorPad"), _padded),
    **dict.fromkeys(("Transpose", "ConjugateTranspose"), _transposed),
    **dict.fromkeys(("Equal", "NotEqual"), _compared),
    **dict.fromkeys(("If", "StatelessIf"), _branched),
    **dict.fromkeys(("Case", "StatelessCase"), _switched),
    **dict.fromkeys(("ParseSingleExample", "ParseExampleV2"), _parsed),
    **dict.fromkeys(
        ("ResizeArea", "ResizeBicubic", "ResizeBilinear", "ResizeNearestNeighbor", "Conv3D"),
        flattened(0),
    ),
    **dict.fromkeys(
        ("UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd", "UnsortedSegmentSum"),
        _in_segments,
    ),
    "BiasAdd": _biased,
    "DepthwiseConv2dNative": _depthwise,
    "FusedBatchNormV3": _normalized,
    "GatherNd": _gathered_nd,
    "LookupTableFindV2": batched(1),
    "Roll": after_rows(2),
    "Size": _sized,
    "Slice": _sliced,
    "Squeeze": _squeezed,
    "StridedSlice": _picked,
    "StringJoin": _joined,
    "Substr": _broadcast,
    "Svd": _decomposed,
    "TensorListGather": _listed,
    "TensorListScatterIntoExistingList": _scattered,
    "TensorListSetItem": _written,
}
