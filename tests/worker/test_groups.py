from __future__ import annotations

import datetime as dt
import decimal
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfspark_magic.worker.groups import group_rows

NAN = math.nan


def python_groups(*columns):
    """Number rows by their keys, in plain Python."""
    numbers: dict = {}
    first = []
    groups = []
    for row, key in enumerate(zip(*columns, strict=True)):
        text = repr(key).replace("-0.0", "0.0").replace("-nan", "nan")
        if text not in numbers:
            numbers[text] = len(numbers)
            first.append(row)
        groups.append(numbers[text])
    return groups, first


KEYS = [
    (pa.int64(), [3, 1, None, 3, None, 2**62, 2**62 + 1]),
    (pa.float64(), [0.0, -0.0, NAN, None, -NAN, 1.5]),
    (pa.float32(), [0.0, -0.0, NAN, None, 1.5]),
    (pa.string(), ["a", "", None, "a", "A", ""]),
    (pa.binary(), [b"\0", b"", None, b"\0"]),
    (pa.bool_(), [True, None, False, True]),
    (pa.date32(), [dt.date(2020, 1, 1), None, dt.date(2020, 1, 1)]),
    (pa.timestamp("us", "UTC"), [dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None]),
    (pa.decimal128(10, 2), [decimal.Decimal("1.10"), None, decimal.Decimal("1.10")]),
    (pa.duration("us"), [dt.timedelta(1), None, dt.timedelta(1)]),
    (pa.list_(pa.int32()), [[1, 2], [1], None, [], [1, 2], [None], [2, 1], [None]]),
    (pa.list_(pa.list_(pa.float64())), [[[1.0], [NAN]], [[1.0, NAN]], [[1.0], [NAN]], [[-0.0]], [[0.0]]]),
    (pa.struct([("a", pa.int32()), ("b", pa.string())]),
     [{"a": 1, "b": "x"}, {"a": 1, "b": None}, None, {"a": None, "b": None}, {"a": 1, "b": "x"}]),
    (pa.map_(pa.string(), pa.int32()), [[("a", 1)], [("a", 1)], [], None, [("a", None)]]),
    (pa.null(), [None, None]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values"), KEYS, ids=lambda value: str(value)[:20])
def test_keys_of_every_type_are_told_apart(kind, values):
    groups, first = group_rows([pa.array(values, kind)])
    assert (groups.tolist(), first.tolist()) == python_groups(values)


@pytest.mark.parametrize(("kind", "values"), KEYS, ids=lambda value: str(value)[:20])
def test_slices_are_grouped_as_what_they_show(kind, values):
    array = pa.array(values + values, kind)[1:-1]
    groups, first = group_rows([array])
    assert (groups.tolist(), first.tolist()) == python_groups((values + values)[1:-1])


@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-2, 2),
            st.none() | st.sampled_from(["", "a", "b"]),
            st.none() | st.lists(st.none() | st.sampled_from([0.0, 1.0, NAN]), max_size=2),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_several_keys_make_the_groups_that_python_makes(rows):
    columns = list(zip(*rows, strict=True))
    kinds = [pa.int64(), pa.string(), pa.list_(pa.float64())]
    keys = [pa.array(c, kind) for c, kind in zip(columns, kinds, strict=True)]
    groups, first = group_rows(keys)
    assert (groups.tolist(), first.tolist()) == python_groups(*columns)


def test_many_wide_keys_do_not_overflow():
    rng = np.random.default_rng(0)
    columns = [rng.integers(0, 2**60, 10_000) for _ in range(6)]
    groups, first = group_rows([pa.array(column) for column in columns])
    assert groups.tolist() == first.tolist() == list(range(10_000))
