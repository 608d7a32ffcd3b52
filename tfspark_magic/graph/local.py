"""Run a program once, in this process, on values given by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from tfspark_magic.errors import FeedError, PlaceholderNotFoundError
from tfspark_magic.graph.function import load_function
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
            message = f"Placeholder {name!r} gets no value: write run({name}=...)."
            raise FeedError(message)
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
    )


def _to_tensor(spec: TensorSpec, value: Any) -> tf.Tensor:
    given = np.asarray(value)
    if spec.dtype == "string":
        tensor = tf.constant(value, tf.string)
    else:
        typed = hasattr(value, "dtype")
        cast = given.astype(spec.dtype, copy=False) if given.dtype.kind in "biuf" else None
        exact = cast is not None and (
            given.dtype == cast.dtype if typed else _same_numbers(given, cast)
        )
        if not exact:
            found = f"an array of {given.dtype}" if typed else repr(value)
            message = f"Placeholder {spec.name!r} takes {spec.dtype}, which cannot hold {found}."
            raise FeedError(message)
        tensor = tf.constant(cast)
    shape = tuple(tensor.shape)
    if not is_compatible(spec.shape, shape):
        message = (
            f"Placeholder {spec.name!r} takes the shape {format_shape(spec.shape) or '[]'}, "
            f"got {format_shape(shape) or '[]'}."
        )
        raise FeedError(message)
    return tensor


def _same_numbers(given: np.ndarray[Any, Any], cast: np.ndarray[Any, Any]) -> bool:
    if cast.dtype.kind == "f":
        # A literal such as 0.1 has no dtype of its own: rounding it is what writing it means.
        return bool(given.dtype.kind == "f" or np.array_equal(given, cast))
    same_kind = given.dtype.kind == cast.dtype.kind or {given.dtype.kind, cast.dtype.kind} == set(
        "iu"
    )
    return bool((same_kind or given.size == 0) and np.array_equal(given, cast))
