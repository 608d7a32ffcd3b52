"""Say what operations are, in the words of those who build networks, and to which kind they belong."""

from __future__ import annotations

from tfspark_magic.drawing.plumbing import Item
from tfspark_magic.drawing.scopes import Group, Member

_OPERATIONS = {
    "convolution": "Conv1D Conv2D Conv2DBackpropInput Conv3D DepthwiseConv2dNative",
    "matrix product": "BatchMatMul BatchMatMulV2 BatchMatMulV3 Einsum MatMul SparseMatMul",
    "normalization": (
        "FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 L2Loss LRN LayerNorm Rsqrt"
    ),
    "activation": (
        "Elu Erf LeakyRelu LogSoftmax Relu Relu6 Selu Sigmoid Softmax Softplus Softsign Tanh"
    ),
    "pooling, reduction": (
        "All Any ArgMax ArgMin AvgPool AvgPool3D Cumsum Max MaxPool MaxPool3D MaxPoolV2 Mean Min "
        "Prod SegmentSum Sum TopKV2 UnsortedSegmentSum"
    ),
    "arithmetic": (
        "Abs Add AddN AddV2 BiasAdd Cast Ceil ClipByValue Cos Div DivNoNan Equal Exp Expm1 Floor "
        "FloorDiv FloorMod Greater GreaterEqual Less LessEqual Log Log1p LogicalAnd LogicalNot "
        "LogicalOr Maximum Minimum Mul Neg NotEqual Pow RealDiv Reciprocal Round Select SelectV2 "
        "Sign Sin Sqrt Square SquaredDifference Sub Tan"
    ),
    "shape": (
        "BroadcastTo Concat ConcatV2 DepthToSpace ExpandDims Fill Gather GatherNd GatherV2 "
        "MirrorPad OneHot Pack Pad PadV2 Range Reshape ResizeBilinear ResizeNearestNeighbor "
        "ReverseV2 Shape Slice SpaceToDepth Split SplitV Squeeze StridedSlice Tile Transpose Unpack"
    ),
    "control flow": (
        "Enter Exit If LoopCond Merge NextIteration PartitionedCall StatefulPartitionedCall "
        "StatelessIf StatelessWhile Switch TensorListFromTensor TensorListGetItem "
        "TensorListReserve TensorListSetItem TensorListStack While"
    ),
}  # fmt: skip
"""The operations of each kind, as the legend names it."""

COLOURS = {
    "convolution": ("#d9e8fb", "#6f96c9"),
    "matrix product": ("#cdeeea", "#4f9f97"),
    "normalization": ("#f9dbe6", "#c27a95"),
    "activation": ("#fbe0cf", "#cc8055"),
    "pooling, reduction": ("#e3f2c8", "#8aa84f"),
    "arithmetic": ("#e9edf3", "#8792a2"),
    "shape": ("#f4f4f2", "#a9a9a2"),
    "control flow": ("#f7f0b8", "#b3a33f"),
}
"""The fill and the edge of each kind, on a light page."""

_KIND_OF = {op: kind for kind, ops in _OPERATIONS.items() for op in ops.split()}
_WORDS = {
    "AvgPool": "AveragePool", "BatchMatMul": "MatMul", "BatchMatMulV2": "MatMul",
    "BatchMatMulV3": "MatMul", "ConcatV2": "Concat", "DepthwiseConv2dNative": "DepthwiseConv",
    "Elu": "ELU", "Conv2DBackpropInput": "ConvTranspose", "FusedBatchNorm": "BatchNorm",
    "FusedBatchNormV2": "BatchNorm", "FusedBatchNormV3": "BatchNorm", "LeakyRelu": "LeakyReLU",
    "Relu": "ReLU", "Relu6": "ReLU6", "Selu": "SELU", "AddV2": "Add", "AddN": "Add",
    "GatherV2": "Gather",
}  # fmt: skip
_CONVOLUTIONS = {"Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput"}
WITH_WEIGHTS = _CONVOLUTIONS | {"MatMul"}
"""Operations that may be layers with weights."""

_LAYERS = {"convolution", "matrix product", "normalization", "activation", "pooling, reduction"}
_MOST_WORDS = 3


def kind_of(member: Member) -> str:
    """Return the kind of an operation, or of a group that is one layer; empty if there is none."""
    if isinstance(member, Item):
        return _KIND_OF.get(member.node.op, "")
    words = words_of(member) if member.kind == "scope" else ()
    return _kind_of_word(words[0]) if words else ""


def words_of(member: Member) -> tuple[str, ...]:
    """Say what a member is: `("Dense", "ReLU")`; nothing if it only changes a shape, or is much else."""
    if isinstance(member, Item):
        return _word(member)
    if member.words is None:
        member.words = _words_of_group(member)
    return member.words


def _words_of_group(group: Group) -> tuple[str, ...]:
    norm = _norm(group)
    if norm:
        return (norm,)
    leaves = [item for item in group.leaves() if item.node.role in {"op", "fetch"}]
    # A layer's bias is no addition of its own.
    layers = [item for item in leaves if _KIND_OF.get(item.node.op) in _LAYERS] or leaves
    words: list[str] = []
    for item in layers:
        words += _word(item)
        if len(words) > _MOST_WORDS:
            return ()
    return tuple(words) if len(set(words)) == len(words) else ()


def _word(item: Item) -> tuple[str, ...]:
    op = item.node.op
    kind = _KIND_OF.get(op, "")
    if op in {"BiasAdd", "Cast"} or kind in {"", "control flow"}:
        return ()
    if kind == "shape" and op not in {"Concat", "ConcatV2", "Gather", "GatherV2"}:
        return ()
    word = _WORDS.get(op, op)
    if op not in WITH_WEIGHTS:
        return (word,)
    shape = item.inputs[1].type.shape if len(item.inputs) > 1 else None
    if op == "MatMul":
        takes_weights = len(shape or ()) == 2 and None not in (shape or (None,))  # noqa: PLR2004
        return ("Dense",) if takes_weights else (word,)
    word = word.removesuffix("1D").removesuffix("2D").removesuffix("3D")
    sides = [str(side) for side in (shape or ())[:-2]]
    return (f"{word} {'x'.join(sides)}".strip(),)


def _norm(group: Group) -> str:
    """Recognize a normalization that is written out in arithmetic."""
    ops = {item.node.op for item in group.leaves()}
    if "Rsqrt" not in ops or ops & _CONVOLUTIONS or "MatMul" in ops:
        return ""
    if any("batchnorm" in item.name for item in group.leaves()):
        return "LayerNorm" if "Mean" in ops else "BatchNorm"
    return "Normalization"


def _kind_of_word(word: str) -> str:
    name = word.partition(" ")[0]
    if name in {"Conv", "DepthwiseConv", "ConvTranspose"}:
        return "convolution"
    if name == "Dense":
        return "matrix product"
    if name in {"BatchNorm", "LayerNorm", "Normalization"}:
        return "normalization"
    ops = {short: op for op, short in _WORDS.items()}
    return _KIND_OF.get(ops.get(name, name), "")
