"""Find the shape in which a cell fits a placeholder, with the same values in the same order."""

from __future__ import annotations

import math

from tfspark_magic.schema.spec import Shape, is_compatible, merge_shapes


def reshaped(cell: Shape, column: Shape, wanted: Shape | None) -> Shape | None:
    """Return the shape in which a cell feeds a placeholder; None if it cannot.

    >>> reshaped((), (), (1,)), reshaped((5,), (None,), (None, 1)), reshaped((6,), (6,), (2, 3))
    ((1,), (5, 1), (2, 3))
    >>> reshaped((2, 6), (2, 6), (3, 4)) is None
    True

    The values are in row-major order: the last axis changes fastest. A cell may have fewer or more
    axes of size 1 than the placeholder. Or it may be a vector with as many values as a placeholder
    of known sizes takes.

    Parameters
    ----------
    cell
        The shape of a cell, or what is known of it.
    column
        What is known of all cells of its column. It decides which axes have size 1: an axis that
        has size 1 only in this cell does not count.
    wanted
        The shape of the placeholder's cells.
    """
    if is_compatible(cell, wanted):
        return merge_shapes(cell, wanted)
    assert wanted is not None
    if len(cell) != len(column) or not is_compatible(cell, column):
        return None
    sizes = tuple(size for size, known in zip(cell, column, strict=True) if known != 1)
    axes = tuple(size for size in wanted if size != 1)
    if is_compatible(sizes, axes):
        found = iter(merge_shapes(sizes, axes) or ())
        return tuple(1 if size == 1 else next(found) for size in wanted)
    if len(sizes) == 1 and None not in wanted and len(wanted) > 1:
        values = math.prod(size or 0 for size in wanted)
        return wanted if sizes[0] in (None, values) else None
    return None


def unreshaped(column: Shape | None, fed: Shape | None) -> Shape | None:
    """Return what is known of a column's cells, given the shape in which they are fed.

    >>> unreshaped((None,), (2, 3)), unreshaped((None, 1), (5,)), unreshaped((None,), (4,))
    ((6,), (5, 1), (4,))
    """
    if column is None or fed is None or is_compatible(column, fed):
        return merge_shapes(column, fed)
    sizes = tuple(size for size in fed if size != 1)
    if sum(size != 1 for size in column) == len(sizes):
        found = iter(sizes)
    else:
        found = iter([math.prod(size or 0 for size in fed)])
    return tuple(1 if size == 1 else next(found) for size in column)
