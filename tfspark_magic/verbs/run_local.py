"""`run_local`: feed the result of a query, batch by batch, to a program on the driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from tfspark_magic.binding import FeedDict, Nulls, bind_by_shape
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.verbs.arguments import as_program

OUTPUTS = ("pandas", "arrow", "batches")
VERBS = ("map_rows", "map_blocks")


def run_local(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    verb: Literal["map_rows", "map_blocks"] | None = None,
    trim: bool = False,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    errors: Literal["raise", "null"] = "raise",
    columns: Sequence[str] | None = None,
    output: Literal["pandas", "arrow", "batches"] = "pandas",
    session: Any = None,
) -> Any:
    """Compute tensors from the result of a query in this process, with all of its cores.

    >>> tfs.run_local(z, df)                                        # doctest: +SKIP
       x  z
    0  1  3
    1  2  6
    >>> for batch in tfs.run_local(z, df, output="batches"):        # doctest: +SKIP
    ...     writer.write_batch(batch)

    Spark runs the query. Its result reaches TensorFlow as Arrow batches, in the order of its rows.
    With `output="batches"` or `trim=True`, only a few batches are in memory at a time, for a result
    of any size. Otherwise the whole result is in memory, as the returned value holds it anyway.

    Parameters
    ----------
    fetches, feed_dict, nulls, rows_per_block, device, errors, columns, session
        As for `map_rows` and `map_blocks`.
    df
        As for `map_rows`.
    verb
        `"map_rows"` or `"map_blocks"`. If not given, the placeholders' shapes decide: rows if each
        placeholder takes a cell of its column, else blocks.
    trim
        True returns only the fetches. Then only the columns that feed the graph leave the JVM.
    output
        `"pandas"`, `"arrow"` for a `pyarrow.Table`, or `"batches"` for an iterator of
        `pyarrow.RecordBatch`. With `"batches"`, nothing runs before the first batch is asked for.

    Returns
    -------
    The columns of `df`, then one for each fetch. In Arrow, the columns of `df` have the types of
    `df.toArrow()`, and the columns of fetches have the fetches' dtypes. In pandas, columns of
    numbers with nulls have nullable dtypes, and arrays are NumPy arrays in object columns.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame, or its data.
    """
    _check("output", output, OUTPUTS)
    if verb is not None:
        _check("verb", verb, VERBS)
    frame = frame_of(df, "run_local")
    passthrough = frame.passthrough(columns, trim=trim)
    plan = bind_by_shape(
        as_program(fetches, session), frame.columns, feed_dict, verb, trim=trim,
        passthrough=passthrough, nulls=nulls, rows_per_block=rows_per_block, device=device,
        errors=errors,
    )  # fmt: skip
    return frame.run_local(plan, passthrough, output)


def _check(option: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        names = " or ".join(map(repr, allowed))
        raise OptionError(f"{option} is {names}, got {value!r}.")
