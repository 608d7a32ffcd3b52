"""Run a program once, in this process, on values given by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from tfspark_magic.errors import FeedError, PlaceholderNotFoundError
from tfspark_magic.graph.concrete_function import load_function
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf
from tfspark_magic.schema.spec import TensorSpec, format_shape, is_compatible


def run_once(program: Program, feeds: Mapping[str, Any]) -> Any:
    """Run `program` on one value for each placeholder; see `Program.run`."""
    names = [spec.name for spec in program.inputs]
    for name in feeds:
        if name not in names:
            raise PlaceholderNotFoundError(name, names)
    for name in names:
        if name not in feeds:
            raise FeedError(f"Placeholder {name!r} gets no value: write run({name}=...).")
    with eager_mode(), tf.device(None):
        tensors = [_to_tensor(spec, feeds[spec.name]) for spec in program.inputs]
        values = [tensor.numpy() for tensor in _load(program)(*tensors)]
    if len(values) == 1:
        return values[0]
    return {spec.name: value for spec, value in zip(program.outputs, values, strict=True)}


@lru_cache(maxsize=8)
def _load(program: Program) -> Callable[..., list[tf.Tensor]]:
    return load_function(
        program.graph_def,
        [spec.tensor for spec in program.inputs],
        [spec.tensor for spec in program.outputs],
        program.initializers,
        {} if program.weights is None else program.weights.tensors(),
    )


def _to_tensor(spec: TensorSpec, value: Any) -> tf.Tensor:
    tensor = _text(value) if spec.dtype == "string" else _numbers(value, spec.dtype)
    if tensor is None:
        found = f"an array of {np.asarray(value).dtype}" if hasattr(value, "dtype") else repr(value)
        raise FeedError(
            f"Placeholder {spec.name!r} takes {spec.dtype}, which cannot hold {found}: "
            f"give it an array of that dtype."
        )
    shape = tuple(tensor.shape)
    if not is_compatible(spec.shape, shape):
        raise FeedError(
            f"Placeholder {spec.name!r} takes the shape {format_shape(spec.shape) or '[]'}, "
            f"got {format_shape(shape) or '[]'}: give it an array of that shape."
        )
    return tensor


def _text(value: Any) -> tf.Tensor | None:
    try:
        return tf.constant(value, tf.string)
    except (TypeError, ValueError):
        return None


def _numbers(value: Any, dtype: str) -> tf.Tensor | None:
    try:
        given = np.asarray(value)
    except ValueError:
        return None  # Lists of unequal length.
    if given.dtype.kind not in "biuf":
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        cast = given.astype(dtype, copy=False)
        typed = hasattr(value, "dtype")
        exact = given.dtype == cast.dtype if typed else _same_numbers(given, cast)
    return tf.constant(cast) if exact else None


def _same_numbers(given: np.ndarray[Any, Any], cast: np.ndarray[Any, Any]) -> bool:
    kinds = given.dtype.kind + cast.dtype.kind
    if kinds == "ff":
        # A literal such as 0.1 has no dtype of its own, so it may be rounded.
        return bool(np.array_equal(np.isfinite(given), np.isfinite(cast)))
    if given.size and kinds not in ("bb", "ii", "uu", "iu", "ui", "if", "uf"):
        return False
    # Python's numbers are compared exactly.
    return bool(given.astype(object).tolist() == cast.astype(object).tolist())
