from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tfspark_magic.errors import OptionError
from tfspark_magic.frames.some_rows import FirstColumn
from tfspark_magic.notebook.preview import _column
from tfspark_magic.notebook.preview_table import Column
from tfspark_magic.notebook.row_filter import chosen, condition, ordered
from tfspark_magic.schema.spec import CellSpec

NAN = float("nan")


def column(name: str, values: list, cells="float64") -> Column:
    return _column(FirstColumn(name, cells, values), "", "")


DAYS = [dt.date(2026, 1, day) for day in (1, 2, 3, 10)]
TABLE = [
    column("z", [1, 3, None, 10]),
    column("petal width", [0.2, NAN, 0.1, None]),
    column("note", ["null", "Ann and Bob", None, "it's"]),
    column("day", DAYS),
    column("price", [Decimal("1.50"), Decimal("0.3"), None, Decimal(10)]),
    column("v", [[1.0, 2.0], [1.0], [], None], CellSpec("float64", (None,))),
    column("s.a", [True, False, None, True]),
]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2, 3]),
        ("  ", [0, 1, 2, 3]),
        ("z > 1", [1, 3]),
        ("z>=3 and z<10", [1]),
        ("z != 3", [0, 3]),
        ("z is null", [2]),
        ("z is not null AND z < 5", [0, 1]),
        ("`petal width` <= 0.2", [0, 2]),
        ("`petal width` is NaN", [1]),
        ("note = 'null'", [0]),
        ("note = null", [0]),
        ("note is null", [2]),
        ("note = 'Ann and Bob' and z = 3", [1]),
        ('note = "it\'s"', [3]),
        ("ann AND bob", [1]),
        ("bob", [1]),
        ("'z > 1'", []),
        ("day >= 2026-01-03", [2, 3]),
        ("price > 1", [0, 3]),
        ("v = [1.0, 2.0]", [0]),
        ("s.a = true", [0, 3]),
        ("s.a = false and ann", [1]),
        ("2026-01-1", [3]),
        ("Z", []),
    ],
)
def test_which_rows_a_filter_chooses(text: str, rows: list[int]) -> None:
    assert chosen(TABLE, text) == rows


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("y > 3", "There is no column 'y'"),
        ("petal > 3", "There is no column 'petal'"),
        ("z > abc", "z holds numbers, got 'abc'."),
        ("z >", "Write what z is compared with, such as z > 3."),
        ("z is 3", "Write z is null, or z is NaN; got '3'."),
        ("s.a = maybe", "s.a holds truths: compare it with true or false, got 'maybe'."),
    ],
)
def test_a_wrong_filter_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(OptionError) as error:
        chosen(TABLE, text)
    assert str(error.value).startswith(says)


@pytest.mark.parametrize(
    ("name", "rising", "falling"),
    [
        ("z", [0, 1, 3, 2], [3, 1, 0, 2]),
        ("petal width", [2, 0, 1, 3], [0, 2, 1, 3]),
        ("note", [1, 3, 0, 2], [0, 3, 1, 2]),
        ("price", [1, 0, 3, 2], [3, 0, 1, 2]),
        ("v", [2, 1, 0, 3], [0, 1, 2, 3]),
        ("s.a", [1, 0, 3, 2], [0, 3, 1, 2]),
    ],
)
def test_rows_are_ordered_and_nulls_are_last(name, rising, falling) -> None:
    by = next(one for one in TABLE if one.name == name)
    assert ordered(by, range(4), falling=False) == rising
    assert ordered(by, range(4), falling=True) == falling


def test_values_that_cannot_be_compared_are_ordered_as_text() -> None:
    mixed = column("v", [[2.0, None], [None, 1.0], [2.0, 1.0]], CellSpec("float64", (2,)))
    assert ordered(mixed, range(3), falling=False) == [2, 0, 1]


@pytest.mark.parametrize("value", ["setosa", "it's", 'say "a"', "Ann and Bob", " ", "a\\b", "é\n"])
def test_a_condition_that_is_written_is_read_again(value: str) -> None:
    table = [column("of it", ["x", value, None])]
    assert chosen(table, condition("of it", "=", value)) == [1]
