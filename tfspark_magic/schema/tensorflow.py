"""Translate TensorFlow dtypes and shapes to and from our own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfspark_magic.errors import UnsupportedTypeError
from tfspark_magic.schema.spec import NUMERIC, Shape

if TYPE_CHECKING:
    import tensorflow as tf

WIDER = {"uint16": "int32", "uint32": "int64", "bfloat16": "float32"}
"""Dtypes that no column can hold, and the dtypes that hold all of their values."""


def is_supported(dtype: tf.DType) -> bool:
    """Whether a column can hold tensors of `dtype`."""
    return dtype.name in NUMERIC or dtype.name == "string"


def dtype_from_tensorflow(dtype: tf.DType, subject: str) -> str:
    """Return our name of a TensorFlow dtype.

    Parameters
    ----------
    dtype
        A dtype such as `tf.float32`.
    subject
        The owner of the dtype, for the message: `Fetch 'z'`.

    Raises
    ------
    UnsupportedTypeError
        If no column can hold it (complex, unsigned beyond 8 bits, bfloat16, resources ...).
    """
    if is_supported(dtype):
        return str(dtype.name)
    if dtype.name in WIDER:
        advice = f"write tf.cast(..., tf.{WIDER[dtype.name]}), which holds each of its values"
    elif dtype.is_complex:
        advice = "take tf.math.real(...) and tf.math.imag(...) as two tensors"
    else:
        advice = "use a bool, integer, float or string tensor"
    raise UnsupportedTypeError(subject, str(dtype.name), advice)


def shape_from_tensorflow(shape: tf.TensorShape) -> Shape | None:
    """Return the sizes of a `tf.TensorShape`; None if the rank is unknown."""
    return None if shape.rank is None else tuple(shape.as_list())
