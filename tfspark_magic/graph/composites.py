"""Refuse ragged and sparse tensors: they consist of several tensors, and fit no column."""

from __future__ import annotations

from typing import Any

from tfspark_magic.graph.runtime import tf

_RAGGED = (tf.RaggedTensor, tf.RaggedTensorSpec)
_SPARSE = (tf.SparseTensor, tf.SparseTensorSpec)
_SLICES = (tf.IndexedSlices, tf.IndexedSlicesSpec)


def is_composite(value: Any) -> bool:
    """Whether `value` is a ragged or sparse tensor, or the spec of one."""
    return isinstance(value, _RAGGED + _SPARSE + _SLICES)


def refused_input(name: str, subject: str, value: Any) -> str:
    """Return the sentence that says why a function cannot take a composite tensor.

    >>> refused_input("v", "Function 'f'", tf.RaggedTensorSpec([None, None]))
    "Input 'v' of Function 'f' is a ragged tensor, which no column feeds: take a dense tensor, and
    write tf.RaggedTensor.from_tensor(v) in it."
    """
    return (
        f"Input {name!r} of {subject} is a {kind_of(value)}, which no column feeds: take a dense "
        f"tensor, and write {dense_to(name, value)} in it."
    )


def dense_to(name: str, value: Any) -> str:
    """Return the code that makes this kind of composite tensor from a dense one called `name`.

    >>> dense_to("v", tf.RaggedTensorSpec([None, None, None]))
    'tf.RaggedTensor.from_tensor(v, ragged_rank=2)'
    """
    if isinstance(value, _RAGGED):
        spec = tf.type_spec_from_value(value) if isinstance(value, tf.RaggedTensor) else value
        rank = f", ragged_rank={spec.ragged_rank}" if spec.ragged_rank > 1 else ""
        narrow = spec.row_splits_dtype == tf.int32
        splits = ", row_splits_dtype=tf.int32" if narrow else ""
        return f"tf.RaggedTensor.from_tensor({name}{rank}{splits})"
    if isinstance(value, _SPARSE):
        return f"tf.sparse.from_dense({name})"
    return f"tf.IndexedSlices({name}, tf.range(tf.shape({name})[0]))"


def refused_output(name: str, value: Any) -> str:
    """Return the sentence that says why a composite tensor cannot be fetched."""
    kind = kind_of(value)
    dense = {
        "ragged tensor": f"{name}.to_tensor()",
        "sparse tensor": f"tf.sparse.to_dense({name})",
    }.get(kind, f"tf.convert_to_tensor({name})")
    return f"Fetch {name!r} is a {kind}, which no column can hold: fetch {dense}."


def kind_of(value: Any) -> str:
    """Return the word of messages for a composite tensor or its spec."""
    if isinstance(value, _RAGGED):
        return "ragged tensor"
    return "sparse tensor" if isinstance(value, _SPARSE) else "set of slices"
