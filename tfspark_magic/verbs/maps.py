"""`map_rows` and `map_blocks`: a program over a DataFrame, lazily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.binding import FeedDict, Nulls, bind
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.verbs.arguments import as_program, block_rows


def map_rows(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    vectorize: bool = True,
    columns: Sequence[str] | None = None,
    session: Any = None,
) -> Any:
    """Compute tensors from each row of a DataFrame, as if the graph ran on each row alone.

    >>> x = tf.placeholder(tf.int32, name="x")                      # doctest: +SKIP
    >>> z = tf.identity(x * 3, name="z")                            # doctest: +SKIP
    >>> tfs.map_rows(z, df).collect()                               # doctest: +SKIP
    [Row(x=1, z=3), Row(x=2, z=6)]

    Nothing runs until an action on the result. Its rows are those of `df`, in their order and
    partitions; its columns those of `df`, which pass through untouched, and one for each fetch.

    Parameters
    ----------
    fetches
        A tensor, a list of them, names in the default graph, a `Program`, a Keras model or a
        `tf.function`. Placeholders have the shape of a cell: `()` for a number, `[64]` for a
        vector; one without a shape takes the column's. Cells of one column may differ in shape
        from row to row. A cell that lacks axes of size 1, or has some more, is fed with those of
        the placeholder (a number to `[1]`, `[28, 28]` to `[28, 28, 1]`), and a vector as an array
        of as many values (784 to `[28, 28, 1]`); all else that differs is an error.
    df
        A Spark DataFrame, classic or Connect, streaming or not. Or what this process computes: a
        pandas frame, or whatever gives a stream of Arrow's (tables of pyarrow, frames of Polars,
        results of DuckDB), which gives a new one at once; files, by a path, a list of paths or
        `tfs.files(...)`, for which `map_files` uses Spark's workers.
    feed_dict
        The column for a placeholder (its name or the tensor); without, the column of its name.
        `"s.*"`, for a struct column `s`, or a list of columns feeds scalars side by side as a
        vector. Dates are int64 days since 1970-01-01; timestamps int64 microseconds since
        1970-01-01 UTC, those without a time zone as if it were UTC. MLlib's vectors, sparse ones
        too, are float64 vectors.
    nulls
        `"error"` fails on a null in a column that feeds the graph; `"null"` gives null results
        for such rows and keeps them from the graph; a value, or a dict of values by placeholder,
        takes their place.
    rows_per_block
        How many rows the graph is given at once; chosen by their bytes if not given.
    device
        `"cpu"`; `"gpu"` for the one that Spark gives each task, or an error; `"auto"` for that
        one, or the CPU.
    vectorize
        False runs the graph row by row inside TensorFlow, whatever it is.
    columns
        Of files and Arrow tables: the names of the columns that pass through; without, all do.
    session
        The TensorFlow session that holds the values of the graph's variables, which are frozen
        now; without, the default session or the one that is open.

    Returns
    -------
    A lazy DataFrame; of pandas, one that is there; of Arrow, a `pyarrow.Table`; of files, a lazy
    table, whose batches, Arrow table or pandas frame are computed when asked for: see `LazyTable`.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame; see `tfspark_magic.binding.bind`.
    """
    frame = frame_of(df, "map_rows")
    passthrough = frame.passthrough(columns, trim=False)
    plan = bind(
        as_program(fetches, session), frame.columns, feed_dict, per_row=True, passthrough=passthrough,
        nulls=nulls, rows_per_block=rows_per_block, device=device, vectorize=vectorize,
    )  # fmt: skip
    return frame.map(plan, passthrough)


def map_blocks(
    fetches: Any,
    df: Any,
    feed_dict: FeedDict | None = None,
    *,
    trim: bool = False,
    whole_partition: bool = False,
    nulls: Nulls = "error",
    rows_per_block: int | None = None,
    device: str = "auto",
    columns: Sequence[str] | None = None,
    profile: Any = None,
    session: Any = None,
) -> Any:
    """Compute tensors from blocks of consecutive rows of a DataFrame.

    >>> x = tf.placeholder(tf.float32, [None, 64], name="x")        # doctest: +SKIP
    >>> y = tf.matmul(x, w, name="y")                               # doctest: +SKIP
    >>> tfs.map_blocks(y, df)                                       # doctest: +SKIP
    DataFrame[x: array<float>, y: array<float>]

    Parameters
    ----------
    fetches
        As for `map_rows`; the first axis of each placeholder and fetch is the block's rows. If it
        is of a fixed size, the graph gets exactly so many rows at once, and the last block is
        filled up with copies of a row, and cut, where no row depends on others. A fetch that
        depends on no placeholder is a cell of each row; with `trim`, the rows of each block.
        Cells of several shapes go in blocks of one shape, where no row depends on others.
    df, feed_dict, nulls, device, columns, session
        As for `map_rows`.
    trim
        True returns the fetches alone, which may have any number of rows, the same for each.
    whole_partition
        True makes one block of each partition, which must fit into memory.
    rows_per_block
        The most rows of a block; chosen by their bytes if not given.
    profile
        With `trim=True`, a `pyspark.resource.ResourceProfile` for the tasks of this map alone.

    Returns
    -------
    As for `map_rows`.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame; see `tfspark_magic.binding.bind`.
    """
    rows_per_block = block_rows(rows_per_block, whole_partition=whole_partition)
    frame = frame_of(df, "map_blocks")
    passthrough = frame.passthrough(columns, trim=trim)
    plan = bind(
        as_program(fetches, session), frame.columns, feed_dict, per_row=False, trim=trim,
        passthrough=passthrough, nulls=nulls, rows_per_block=rows_per_block, device=device,
    )  # fmt: skip
    if profile is not None and not trim:
        message = "profile goes with trim=True: what keeps the other columns runs where they are."
        raise OptionError(message)
    return frame.map(plan, passthrough, profile)
