from __future__ import annotations

import pytest

from tfspark_magic import errors
from tfspark_magic.worker import place as module
from tfspark_magic.worker.place import Place


def test_blocks_are_counted_row_by_row():
    place = Place()
    for rows, text in ((5, "rows 0 to 4"), (3, "rows 5 to 7"), (1, "row 8")):
        with place.of_block(rows):
            assert str(place) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.NullValuesError("x", 1, 3, 2), "Column 'x' holds 1 null in a block of 3 rows, the "
         "first in row 2 of the block (rows 4 to 6 of partition 2): pass nulls='null'"),
        (errors.ShapeMismatchError("Fetch 'z'", "[2]", "[3]", "pad it"),
         "Fetch 'z': expected [2], found [3] in rows 4 to 6 of partition 2; pad it."),
        (errors.InexactValueError("Column 'x'", "300", "uint8", "cast it"),
         "Column 'x' holds 300 in rows 4 to 6 of partition 2, which uint8 cannot hold exactly: "),
        (errors.WorkerFailedError("Program 'p' failed", "too big"),
         "Program 'p' failed in rows 4 to 6 of partition 2: too big"),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_errors_name_the_place(monkeypatch, error, text):
    monkeypatch.setattr(module, "partition_number", lambda: 2)
    place = Place()
    with place.of_block(4):
        pass
    with pytest.raises(type(error)) as caught, place.of_block(3):
        raise error
    assert str(caught.value).startswith(text)


def test_what_is_not_ours_passes():
    with pytest.raises(KeyError), Place().of_block(3):
        raise KeyError
