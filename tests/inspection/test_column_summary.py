from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from tfspark_magic.inspection.column_summary import Top, summary
from tfspark_magic.inspection.whole_value import as_array, facts, whole_text

NAN, INFINITY = float("nan"), float("inf")


def counts(values) -> list[int]:
    return [bar.count for bar in summary(values).bars]


def test_a_histogram_is_that_of_numpy() -> None:
    values = np.random.default_rng(0).normal(size=500)
    found = summary([*values.tolist(), None, NAN])
    expected, edges = np.histogram(values, 16)
    assert [bar.count for bar in found.bars] == expected.tolist()
    assert [bar.low for bar in found.bars] == edges[:-1].tolist()
    assert found.bars[-1].high == values.max()
    assert (found.rows, found.lacks) == (502, "< 1 % null, < 1 % NaN")


def test_few_whole_numbers_have_a_bar_each() -> None:
    assert counts([0, 2, 2, 5]) == [1, 0, 2, 0, 0, 1]
    assert counts([7, 7]) == [2]
    assert counts([0.5, 0.5, 1.0]) == [2, *[0] * 14, 1]


@pytest.mark.parametrize(
    ("values", "says", "lacks"),
    [
        ([], "no values", ""),
        ([None, None], "no values", "100 % null"),
        ([1, 2, None, 4], "1 … 4", "25 % null"),
        ([NAN, INFINITY], "no finite number", "50 % NaN, 50 % infinite"),
        ([1e300, -1e308, 1.7e308], "-1e+308 … 1.7e+308", ""),
        ([1234567890123], "1.23e+12", ""),
        ([Decimal("1.5"), Decimal(2)], "1.5 … 2", ""),
        (["a", "b", "a", None], "2 values", "25 % null"),
        (["a", "b", "c", "d"], "4 different", ""),
        ([True, False, True], "2 values", ""),
        ([b"abc", b""], "0 … 3 bytes", ""),
        ([[1.0, NAN], [3.0], None], "1 … 3", "25 % null, 25 % NaN"),
        ([["a"], ["b"], None], "", "33 % null"),
        ([{"a": 1}], "", ""),
        ([(1, 2), (1, 2)], "1 value", ""),
    ],
)
def test_what_a_head_says(values, says, lacks) -> None:
    found = summary(values)
    assert (found.says, found.lacks) == (says, lacks)


def test_the_most_frequent_values() -> None:
    values = ["b", "a", "b", "c", "d", None]
    assert summary(values).tops == (Top("b", 2), Top("a", 1), Top("c", 1))
    assert summary([f"{n}" for n in range(9)]).tops == ()


def test_numbers_inside_arrays_are_summed_up() -> None:
    found = summary([[[0, 1], [1, 1]], [[3, 0], [0, 0]]])
    assert found.inside
    assert [bar.count for bar in found.bars] == [4, 3, 0, 1]


def test_the_whole_of_a_value() -> None:
    assert whole_text([[1, 2], [30, 4]], 1000) == "[[ 1,  2],\n [30,  4]]"
    assert whole_text([0.1, NAN], 1000) == "[0.1, NaN]"
    assert whole_text([[1.0], [2.0, 3.0]], 1000) == "[[1.0], [2.0, 3.0]]"
    assert whole_text("a\nb", 1000) == "a\nb"
    assert whole_text(None, 10) == "null"
    long = whole_text(list(range(5000)), 100_000)
    assert eval(long) == list(range(5000))
    assert "4999" not in whole_text(list(range(5_000_000)), 1000)
    assert whole_text(bytes(range(60, 80)), 1000).splitlines()[1].split() == [
        "4c", "4d", "4e", "4f", "LMNO",
    ]  # fmt: skip


def test_the_facts_of_a_value() -> None:
    assert facts([[0.0, 1.0], [NAN, 4.0]]) == [
        ("Shape", "2 by 2"), ("Range", "0 … 4"), ("Mean", "1.667"), ("NaN", "1 (25 %)"),
        ("Zero", "1 (25 %)"),
    ]  # fmt: skip
    assert facts("a\nb") == [("Characters", "3"), ("Lines", "2")]
    assert facts(7) == []
    assert as_array([[1], [1, 2]]) is None
    assert as_array(["a"]) is None
