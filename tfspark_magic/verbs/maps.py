"""`map_rows` and `map_blocks`: a program over a DataFrame, lazily."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

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
    errors: Literal["raise", "null"] = "raise",
    columns: Sequence[str] | None = None,
    session: Any = None,
) -> Any:
    """Compute tensors from each row of a DataFrame, as if the graph ran on each row alone.

    >>> x = tf.placeholder(tf.int32, name="x")                      # doctest: +SKIP
    >>> z = tf.identity(x * 3, name="z")                            # doctest: +SKIP
    >>> tfs.map_rows(z, df).collect()                               # doctest: +SKIP
    [Row(x=1, z=3), Row(x=2, z=6)]

    Nothing runs until an action on the result. The result has the rows of `df`, in the same order
    and partitions. Its columns are the columns of `df`, which pass through unchanged, and one
    column for each fetch.

    Parameters
    ----------
    fetches
        A tensor, a list of them, names in the default graph, a `Program`, a Keras model or a
        `tf.function`. A placeholder has the shape of a cell: `()` for a number, `[64]` for a
        vector. A placeholder without a shape takes the shape of its column. Cells of one column may
        differ in shape from row to row. Axes of size 1 are added or removed to fit the placeholder
        (a number feeds `[1]`, a cell `[28, 28]` feeds `[28, 28, 1]`). A vector is reshaped to an
        array with the same number of values (784 values feed `[28, 28, 1]`). Any other difference
        of shape is an error.
    df
        A Spark DataFrame, classic or Connect, streaming or not. Other kinds of data are computed in
        this process: a pandas frame, or any object with an Arrow stream (tables of pyarrow, frames
        of Polars, results of DuckDB), which are mapped at once; or files, given by a path, a list
        of paths or `tfs.files(...)`. To have Spark's workers read files, use `map_files`.
    feed_dict
        The column for each placeholder, which is given by its name or as the tensor. A placeholder
        that is not in it takes the column of the same name. `"s.*"`, for a struct column `s`, or a
        list of columns feeds scalars side by side as a vector. Dates are int64 days since
        1970-01-01. Timestamps are int64 microseconds since 1970-01-01 UTC; a timestamp without a
        time zone is read as UTC. MLlib's vectors, also sparse ones, are float64 vectors.
    nulls
        `"error"` fails on a null in a column that feeds the graph. `"null"` does not give rows with
        nulls to the graph; their results are null. A value, or a dict of values by placeholder,
        replaces the nulls.
    rows_per_block
        How many rows the graph gets at once. If not given, the size of the rows in bytes decides.
    device
        `"cpu"`: the CPU. `"gpu"`: the GPU that Spark gives to each task; an error if there is none.
        `"auto"`: this GPU if there is one, else the CPU.
    vectorize
        False runs the graph row by row inside TensorFlow, even if it can be vectorized.
    errors
        `"raise"`: if the graph fails on a row, it is an error that names the row, and of files the
        file. `"null"`: the results of a row are null if TensorFlow says that its values are the
        reason, as of a picture that it cannot decode. A warning says how many such rows there were,
        and why the first one failed: on Spark half a second after the last task that had some, in
        this process with the last row. Not on Connect, whose tasks cannot tell. Any other failure is
        an error still.
    columns
        For files and Arrow tables: the names of the passthrough columns. If not given, all columns
        pass through.
    session
        The TensorFlow session that holds the values of the graph's variables; the values are frozen
        now. If not given: the default session, or the open one.

    Returns
    -------
    For Spark, a lazy DataFrame; for pandas, a computed frame; for Arrow, a `pyarrow.Table`. For
    files, a lazy table: its batches, its Arrow table or its pandas frame are computed on request.
    See `LazyTable`.

    Raises
    ------
    TfSparkError
        If the program does not fit the DataFrame; see `tfspark_magic.binding.bind`.
    """
    frame = frame_of(df, "map_rows")
    passthrough = frame.passthrough(columns, trim=False)
    plan = bind(
        as_program(fetches, session), frame.columns, feed_dict, per_row=True, passthrough=passthrough,
        nulls=nulls, rows_per_block=rows_per_block, device=device, vectorize=vectorize, errors=errors,
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
        As for `map_rows`, but the first axis of each placeholder and fetch is the rows of the
        block. If this axis has a fixed size, the graph gets exactly this number of rows at once.
        The last block is then filled up with copies of a row, and its result is cut; this needs a
        graph in which no row depends on others. A fetch that depends on no placeholder is the cell
        of every row; with `trim`, it is the rows of each block. Cells of several shapes go in
        blocks of one shape each, if no row depends on others.
    df, feed_dict, nulls, device, columns, session
        As for `map_rows`.
    trim
        True returns only the fetches. They may have any number of rows, the same for all fetches.
    whole_partition
        True makes one block of each partition, which must fit into memory.
    rows_per_block
        The largest number of rows in a block. If not given, the size of the rows in bytes decides.
    profile
        With `trim=True`, a `pyspark.resource.ResourceProfile` for only the tasks of this map.

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
        raise OptionError(
            "profile goes with trim=True: a map that keeps the other columns runs in the tasks of "
            "its query, so leave profile out."
        )
    return frame.map(plan, passthrough, profile)
