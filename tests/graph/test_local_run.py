from __future__ import annotations

import numpy as np
import pytest

from tfspark_magic.errors import FeedError, PlaceholderNotFoundError

import tensorflow as tf

IDENTITY = "output = tf.identity(tf.placeholder(tf.{0}, {1}, name='x'), name='z')"


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        ("int32", 3),
        ("int32", 2**31 - 1),
        ("int64", 2**53 + 1),
        ("int64", -(2**63)),
        ("uint8", 255),
        ("bool", True),
        ("float32", 3),
        ("float32", 0.5),
        ("float64", 2**53),
        ("float64", float("nan")),
        ("float32", float("inf")),
        ("float16", 1.5),
        ("string", "text"),
        ("string", b"\xff\x00"),
        ("int32", [[1, 2], [3, 4]]),
        ("int32", []),
        ("float64", np.float64(0.1)),
        ("float32", tf.constant([0.5])),
        ("string", ["a", "b"]),
        ("string", np.array(["a", "b"])),
        ("string", np.array([b"a", "b"], object)),
        ("string", tf.constant("a")),
    ],
    ids=repr,
)
def test_a_value_arrives_exactly(cells, dtype, value):
    found = cells.program(IDENTITY.format(dtype, "None")).run(x=value)
    if dtype == "string":
        given = np.array(value.numpy() if tf.is_tensor(value) else value, object).reshape(-1)
        flat = np.array(found, object).reshape(-1)
        assert flat.tolist() == [v.encode() if isinstance(v, str) else v for v in given]
    else:
        assert found.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(found, np.asarray(value))
        if isinstance(value, int):
            assert found.item() == value


def test_a_literal_is_rounded_to_the_dtype_that_it_is_fed_to(cells):
    assert cells.program(IDENTITY.format("float32", "[]")).run(x=0.1) == np.float32(0.1)


@pytest.mark.parametrize(
    ("dtype", "value", "found"),
    [
        ("int32", 3.7, "3.7"),
        ("int32", 3.0, "3.0"),
        ("int32", 2**40, "1099511627776"),
        ("int64", 2**63, "9223372036854775808"),
        ("int64", 2**64, "18446744073709551616"),
        ("uint8", -1, "-1"),
        ("uint8", 256, "256"),
        ("int32", True, "True"),
        ("bool", 1, "1"),
        ("int32", "3", "'3'"),
        ("int32", None, "None"),
        ("float32", 2**24 + 1, "16777217"),
        ("float64", 2**53 + 1, "9007199254740993"),
        ("float32", 1e300, "1e+300"),
        ("int32", [1, 2.5], "[1, 2.5]"),
        ("int32", [[1], [2, 3]], "[[1], [2, 3]]"),
        ("string", 3, "3"),
        ("string", ["a", 3], "['a', 3]"),
        ("string", [["a"], ["b", "c"]], "[['a'], ['b', 'c']]"),
        ("int32", np.int64(3), "an array of int64"),
        ("float32", np.array([0.5]), "an array of float64"),
        ("string", np.array([1]), "an array of int64"),
    ],
    ids=repr,
)
def test_a_value_that_the_dtype_does_not_hold_is_refused(cells, dtype, value, found):
    program = cells.program(IDENTITY.format(dtype, "None"))
    with pytest.raises(FeedError) as caught:
        program.run(x=value)
    assert str(caught.value) == (
        f"Placeholder 'x' takes {dtype}, which cannot hold {found}: give it an array of that dtype."
    )


@pytest.mark.parametrize(
    ("shape", "value", "text"),
    [
        ("[]", [1], "Placeholder 'x' takes the shape [], got [1]"),
        ("[None, 2]", [[1, 2, 3]], "Placeholder 'x' takes the shape [?,2], got [1,3]"),
        ("[2]", 1, "Placeholder 'x' takes the shape [2], got []"),
    ],
)
def test_a_value_of_another_shape_is_refused(cells, shape, value, text):
    program = cells.program(IDENTITY.format("int32", shape))
    with pytest.raises(FeedError) as caught:
        program.run(x=value)
    assert str(caught.value) == f"{text}: give it an array of that shape."


def test_each_placeholder_needs_a_value(cells):
    with pytest.raises(FeedError) as caught:
        cells.program(IDENTITY.format("int32", "[]")).run()
    assert str(caught.value) == "Placeholder 'x' gets no value: write run(x=...)."


def test_a_value_for_no_placeholder_is_named_with_the_closest(cells):
    program = cells.program("output = tf.placeholder(tf.int32, name='delay') + 1")
    with pytest.raises(PlaceholderNotFoundError) as caught:
        program.run(dleay=1)
    assert str(caught.value) == ("The graph has no placeholder 'dleay'. Did you mean 'delay'?")


def test_several_outputs_come_by_name(cells):
    program = cells.program(
        "x = tf.placeholder(tf.int32, [], name='x')\n"
        "a, b = tf.add(x, 1, name='a'), tf.add(x, 2, name='s/b')\n",
        "a",
        "b",
    )
    assert program.run(x=1) == {"a": 2, "s/b": 3}
