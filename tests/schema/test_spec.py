from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfspark_magic.schema.spec import (
    DTYPES,
    FLOATS,
    INTEGERS,
    NUMERIC,
    CellSpec,
    TensorSpec,
    format_shape,
    is_compatible,
    is_lossless,
    merge_shapes,
)

sizes = st.none() | st.integers(0, 3)
shapes = st.none() | st.lists(sizes, max_size=3).map(tuple)
concrete = st.lists(st.integers(0, 3), max_size=3).map(tuple)
quick = settings(max_examples=100, deadline=None)


def admits(shape, tensor_shape):
    """Whether a tensor may have the shape, written as plainly as can be."""
    if shape is None:
        return True
    return len(shape) == len(tensor_shape) and all(
        size in (None, found) for size, found in zip(shape, tensor_shape, strict=True)
    )


SMALL = [c for rank in range(4) for c in itertools.product(range(4), repeat=rank)]


@quick
@given(shapes, shapes)
def test_shapes_are_compatible_exactly_if_some_tensor_has_both(left, right):
    some = any(admits(left, c) and admits(right, c) for c in SMALL)
    assert is_compatible(left, right) == some
    assert is_compatible(right, left) == some


@quick
@given(shapes, shapes, concrete)
def test_a_merged_shape_admits_what_both_admit(left, right, tensor_shape):
    if is_compatible(left, right):
        merged = merge_shapes(left, right)
        both = admits(left, tensor_shape) and admits(right, tensor_shape)
        assert admits(merged, tensor_shape) == both
        assert merge_shapes(right, left) == merged


@quick
@given(shapes)
def test_merging_with_nothing_known_or_with_itself_changes_nothing(shape):
    assert merge_shapes(shape, None) == merge_shapes(None, shape) == shape
    assert merge_shapes(shape, shape) == shape


def extremes(dtype):
    if dtype == "bool":
        return np.array([False, True])
    if dtype in INTEGERS:
        info = np.iinfo(dtype)
        near = [info.min, info.min + 1, 0, 1, info.max - 1, info.max]
        return np.array(near, dtype)
    info = np.finfo(dtype)
    return np.array(
        [info.min, info.max, info.tiny, info.smallest_subnormal, info.eps, 1 + info.eps]
    )


@pytest.mark.parametrize(
    ("source", "target"),
    [(s, t) for s in NUMERIC for t in NUMERIC if s != t and "bool" not in (s, t)],
)
def test_lossless_is_where_every_extreme_value_survives(source, target):
    values = extremes(source).astype(source)
    with np.errstate(over="ignore", invalid="ignore"):
        there = values.astype(target)
        back = there.astype(source)
    # Through Python's exact numbers: comparing across dtypes would round once more.
    exact = [a.item() == b.item() for a, b in zip(values, there, strict=True)]
    survives = all(exact) and np.array_equal(values, back)
    if source in FLOATS and target in INTEGERS:
        survives = False
    if is_lossless(source, target):
        assert survives
    elif survives:
        # int8 to float16 and the like are in the table; nothing that survives may be left out.
        pytest.fail(f"{source} to {target} loses nothing")


@pytest.mark.parametrize(
    ("source", "target", "lossless"),
    [
        ("int64", "float64", False),
        ("int32", "float64", True),
        ("int32", "float32", False),
        ("int64", "int32", False),
        ("float64", "float32", False),
        ("bool", "int8", False),
        ("int8", "bool", False),
        ("binary", "string", True),
        ("string", "binary", False),
        ("int32", "string", False),
        ("float32", "float32", True),
    ],
)
def test_lossless_between(source, target, lossless):
    assert is_lossless(source, target) is lossless


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_dtype_is_lossless_to_itself(dtype):
    assert is_lossless(dtype, dtype)


def test_lossless_is_transitive():
    for a, b, c in itertools.product(DTYPES, repeat=3):
        if is_lossless(a, b) and is_lossless(b, c):
            assert is_lossless(a, c), (a, b, c)


@pytest.mark.parametrize(
    ("shape", "text"),
    [(None, "[...]"), ((), ""), ((None, 28, 28), "[?,28,28]"), ((0,), "[0]")],
)
def test_a_shape_is_written(shape, text):
    assert format_shape(shape) == text


def test_specs_are_written_short():
    assert str(CellSpec("float32", (None, 4))) == "float32[?,4]"
    assert str(CellSpec("int64")) == "int64"
    assert str(TensorSpec("x", "x:0", "float32", (None, 4))) == "x float32[?,4]"
    assert str(TensorSpec("x", "x:0", "float32", None)) == "x float32"


def test_specs_are_values():
    spec = TensorSpec("x", "x:0", "float32", (None, 4))
    assert pickle.loads(pickle.dumps(spec)) == spec
    assert len({CellSpec("int32"), CellSpec("int32"), CellSpec("int32", None)}) == 2
    with pytest.raises(AttributeError):
        spec.name = "y"  # type: ignore[misc]
