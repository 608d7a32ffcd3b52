"""Recognize plain reductions, such as a sum, and graphs that cannot be reductions."""

from __future__ import annotations

from collections.abc import Mapping

from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.shaped_graph import ShapedGraph
from tfspark_magic.schema.spec import NUMERIC

SUM, MEAN, MIN, MAX, PRODUCT = "sum", "mean", "min", "max", "product"

_OVER_BLOCKS = {"Sum": SUM, "Mean": MEAN, "Min": MIN, "Max": MAX, "Prod": PRODUCT}
_BOUNDED = frozenset({"Cos", "Erf", "Erfc", "Sigmoid", "Sign", "Sin", "Softsign", "Tanh"})
_KEEPING_BOUNDS = frozenset(
    {"Abs", "Add", "AddV2", "Cast", "Identity", "Maximum", "Minimum", "Mul", "Neg", "Square", "Sub"}
)
_ELEMENTWISE = _BOUNDED | _KEEPING_BOUNDS | frozenset(
    {"Div", "Equal", "Exp", "Floor", "FloorDiv", "FloorMod", "Greater", "GreaterEqual", "IsFinite",
     "IsInf", "IsNan", "Less", "LessEqual", "Log", "Log1p", "LogicalAnd", "LogicalNot", "LogicalOr",
     "NotEqual", "Pow", "RealDiv", "Relu", "Select", "SelectV2", "Sqrt", "SquaredDifference"}
)  # fmt: skip
_OF_PAIRS = {"Add": SUM, "AddV2": SUM, "Minimum": MIN, "Maximum": MAX, "Mul": PRODUCT}


def recognize(
    shaped: ShapedGraph, sources: Mapping[str, tuple[str, ...]]
) -> tuple[str | None, ...]:
    """Return the kind of plain reduction of each output; None if it is not a plain reduction.

    >>> recognize(shaped, {"z": ("z_input",)})     # doctest: +SKIP
    ('mean',)

    Parameters
    ----------
    shaped
        The graph of a reduction; its placeholders have the block axis if they take blocks.
    sources
        The placeholders of each output, by name: one for a reduction of blocks, two for pairs.
    """
    return tuple(
        _kind(tensor, sources[spec.name])
        if spec.dtype in NUMERIC and spec.dtype != "bool"
        else None
        for spec, tensor in zip(shaped.program.outputs, shaped.outputs, strict=True)
    )


def faults(shaped: ShapedGraph, sources: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Say for each output that cannot be a reduction, for any rows, the reason.

    >>> faults(counting, {"z": ("z_input",)})         # doctest: +SKIP
    {'z': 'it adds up ...'}
    """
    return {
        spec.name: fault
        for spec, tensor in zip(shaped.program.outputs, shaped.outputs, strict=True)
        if len(sources[spec.name]) == 1 and (fault := _fault(tensor))
    }


def _fault(tensor: tf.Tensor) -> str:
    op = _behind_identities(tensor).op
    if op.type not in ("Sum", "Mean") or not _is_over_rows(op) or not _is_of_each_row(op.inputs[0]):
        return ""
    if op.type == "Mean":
        return "it is a mean, and the mean of the means of unequal parts is another one"
    if _is_bounded(op.inputs[0]):
        # The result of n equal rows is n times that of one row. But fed alone, this result gives no
        # more than one row does.
        return (
            "it adds up values that are never large, as in counting, so that a large "
            "result does not come out unchanged when it is fed again"
        )
    return ""


def _kind(tensor: tf.Tensor, sources: tuple[str, ...]) -> str | None:
    op = _behind_identities(tensor).op
    if op.control_inputs:
        return None
    if len(sources) == 2:  # noqa: PLR2004  (a pair)
        names = sorted(_behind_identities(t).op.name for t in op.inputs)
        return _OF_PAIRS.get(op.type) if names == sorted(sources) else None
    if op.type not in _OVER_BLOCKS or not _is_over_rows(op):
        return None
    plain = _behind_identities(op.inputs[0]).op.name == sources[0]
    return _OVER_BLOCKS[op.type] if plain else None


def _is_over_rows(op: tf.Operation) -> bool:
    """Whether an operation reduces the first axis, and no other axis."""
    rank, axes = op.inputs[0].shape.rank, tf.get_static_value(op.inputs[1])
    if axes is None or rank is None or op.get_attr("keep_dims"):
        return False
    return [int(axis) % rank for axis in axes.reshape(-1)] == [0]


def _is_of_each_row(tensor: tf.Tensor) -> bool:
    """Whether a tensor is computed element by element from placeholders and constants."""
    op = tensor.op
    if op.control_inputs:
        return False
    if op.type in ("Placeholder", "Const"):
        return True
    return op.type in _ELEMENTWISE and all(_is_of_each_row(t) for t in op.inputs)


def _is_bounded(tensor: tf.Tensor) -> bool:
    """Whether the elements of a tensor are always small, for any rows."""
    op = tensor.op
    if op.type in _BOUNDED or op.type == "Const" or tensor.dtype == tf.bool:
        return True
    if op.type in ("Select", "SelectV2"):
        return all(_is_bounded(t) for t in op.inputs[1:])
    return op.type in _KEEPING_BOUNDS and all(_is_bounded(t) for t in op.inputs)


def _behind_identities(tensor: tf.Tensor) -> tf.Tensor:
    while tensor.op.type == "Identity" and not tensor.op.control_inputs:
        tensor = tensor.op.inputs[0]
    return tensor
