"""What a reduction computes, read from its graph: a plain sum, or anything at all."""

from __future__ import annotations

from collections.abc import Mapping

from tfspark_magic.graph.freeze import parse
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.schema.spec import NUMERIC, Shape

SUM, MEAN, MIN, MAX, PRODUCT = "sum", "mean", "min", "max", "product"

_OVER_BLOCKS = {"Sum": SUM, "Mean": MEAN, "Min": MIN, "Max": MAX, "Prod": PRODUCT}
_OF_PAIRS = {"Add": SUM, "AddV2": SUM, "Minimum": MIN, "Maximum": MAX, "Mul": PRODUCT}


def recognize(
    program: Program, shapes: Mapping[str, Shape | None], sources: Mapping[str, tuple[str, ...]]
) -> tuple[str | None, ...]:
    """Name the plain reduction that each output is, None where it is something else.

    >>> recognize(program, {"z_input": (None, 3)}, {"z": ("z_input",)})     # doctest: +SKIP
    ('mean',)

    Parameters
    ----------
    program
        Of a reduction.
    shapes
        Of its placeholders, by name, with the block axis where they take blocks.
    sources
        The placeholders of each output, by name: one if it reduces a block, two if pairs.
    """
    with tf.Graph().as_default() as graph:
        fed = {
            spec.tensor: tf1.placeholder(spec.dtype, shapes[spec.name], name=spec.name)
            for spec in program.inputs
        }
        names = [spec.tensor for spec in program.outputs]
        fetched = tf1.import_graph_def(parse(program), fed, names, name="import")
    del graph
    return tuple(
        _kind(tensor, sources[spec.name])
        if spec.dtype in NUMERIC and spec.dtype != "bool"
        else None
        for spec, tensor in zip(program.outputs, fetched, strict=True)
    )


def _kind(tensor: tf.Tensor, sources: tuple[str, ...]) -> str | None:
    op = _behind_identities(tensor).op
    if op.control_inputs:
        return None
    if len(sources) == 2:  # noqa: PLR2004  (a pair)
        names = sorted(_behind_identities(t).op.name for t in op.inputs)
        return _OF_PAIRS.get(op.type) if names == sorted(sources) else None
    if op.type not in _OVER_BLOCKS or op.get_attr("keep_dims"):
        return None
    block = _behind_identities(op.inputs[0])
    axes = tf.get_static_value(op.inputs[1])
    if block.op.name != sources[0] or axes is None or block.shape.rank is None:
        return None
    over = [int(axis) % block.shape.rank for axis in axes.reshape(-1)]
    return _OVER_BLOCKS[op.type] if over == [0] else None


def _behind_identities(tensor: tf.Tensor) -> tf.Tensor:
    while tensor.op.type == "Identity" and not tensor.op.control_inputs:
        tensor = tensor.op.inputs[0]
    return tensor
