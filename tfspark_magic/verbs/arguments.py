"""Turn the arguments of a verb into the values that binding takes."""

from __future__ import annotations

from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.program import Program


def as_program(fetches: Any, session: Any = None) -> Program:
    """Return the program of the fetches that a user gives to a verb."""
    if isinstance(fetches, Program):
        return fetches
    from tfspark_magic.graph.fetches import freeze_fetches
    from tfspark_magic.models.loading import is_live, load_live

    if is_live(fetches):
        return load_live(fetches)
    return freeze_fetches(fetches, session)


def block_rows(rows_per_block: int | None, *, whole_partition: bool) -> int | None:
    """Return the largest number of rows in a block, as plans hold it: 0 for the whole partition."""
    if whole_partition and rows_per_block is not None:
        raise OptionError(
            "whole_partition=True makes blocks of all rows: leave rows_per_block out."
        )
    return 0 if whole_partition else rows_per_block
