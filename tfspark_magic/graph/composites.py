"""Ragged and sparse tensors: several tensors in one, which no column feeds or holds."""

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
    kind = _kind(value)
    inside = {
        "ragged tensor": f"tf.RaggedTensor.from_tensor({name})",
        "sparse tensor": f"tf.sparse.from_dense({name})",
    }.get(kind, f"tf.IndexedSlices({name}, tf.range(tf.shape({name})[0]))")
    return (
        f"Input {name!r} of {subject} is a {kind}, which no column feeds: take a dense tensor, and "
        f"write {inside} in it."
    )


def refused_output(name: str, value: Any) -> str:
    """Return the sentence that says why a composite tensor cannot be fetched."""
    kind = _kind(value)
    dense = {
        "ragged tensor": f"{name}.to_tensor()",
        "sparse tensor": f"tf.sparse.to_dense({name})",
    }.get(kind, f"tf.convert_to_tensor({name})")
    return f"Fetch {name!r} is a {kind}, which no column can hold: fetch {dense}."


def _kind(value: Any) -> str:
    if isinstance(value, _RAGGED):
        return "ragged tensor"
    return "sparse tensor" if isinstance(value, _SPARSE) else "set of slices"
