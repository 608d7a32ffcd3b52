"""Make placeholders with the dtype, the cell shape and the name of a column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyspark.sql import Column

from tfspark_magic.errors import CaptureError, OptionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.schema.spec import CellSpec, Shape
from tfspark_magic.verbs.shapes import named_cell

if TYPE_CHECKING:
    import tensorflow as tf

_OPERATION_NAME = re.compile(r"[A-Za-z0-9.]([A-Za-z0-9_.\\/>-]*[A-Za-z0-9_.\\>-])?")


def block(
    df: Any, column: str | Column, name: str | None = None, *, tf_name: str | None = None
) -> tf.Tensor:
    """Make a placeholder that takes a block of a column's cells, for `tfs.map_blocks`.

    >>> y = tfs.block(df, "y")                                      # doctest: +SKIP
    >>> tfs.map_blocks(tf.add(y, 3, name="z"), df)                  # doctest: +SKIP
    DataFrame[y: double, z: double]

    Parameters
    ----------
    df
        A Spark DataFrame, or any other frame that the verb takes.
    column
        Its name, or the column itself (`df.y`); `"s.*"` is the vector of a struct's fields.
    name
        The placeholder's name; the column's name if not given. TensorFrames calls this option
        `tf_name`.

    Returns
    -------
    A placeholder in the current graph, of the column's dtype and known shape, rows first.

    Raises
    ------
    CaptureError
        If there is no graph being built.
    OptionError
        If there is no such column, or TensorFlow does not allow its name.
    AmbiguousColumnError, UnsupportedTypeError
        If there are two columns of that name, or TensorFlow has no dtype for its cells.
    """
    column, cell = named_cell(frame_of(df, "block"), column, "block")
    return _placeholder("block", column, cell, (None, *(cell.shape or ())), name or tf_name)


def row(
    df: Any, column: str | Column, name: str | None = None, *, tf_name: str | None = None
) -> tf.Tensor:
    """Make a placeholder that takes one cell of a column, for `tfs.map_rows`.

    >>> y = tfs.row(df, "y")                                        # doctest: +SKIP
    >>> tfs.map_rows(tf.add(y, 3, name="z"), df)                    # doctest: +SKIP
    DataFrame[y: double, z: double]

    Parameters, result and errors are those of `block`; the placeholder has no axis for the rows.
    """
    column, cell = named_cell(frame_of(df, "row"), column, "row")
    return _placeholder("row", column, cell, cell.shape, name or tf_name)


def _placeholder(
    verb: str, column: str, cell: CellSpec, shape: Shape | None, name: str | None
) -> tf.Tensor:
    from tfspark_magic.graph.runtime import tf, tf1

    if tf.executing_eagerly():
        raise CaptureError(
            f"tfs.{verb} makes a placeholder, which needs a graph: write it in a %%tfgraph cell, "
            f"or under `with tf.Graph().as_default():`."
        )
    if _OPERATION_NAME.fullmatch(name or column) is None:
        valid = re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_") or "x"
        raise OptionError(
            f"TensorFlow takes no placeholder called {name or column!r}: pass tfs.{verb}(..., "
            f"name={valid!r}), and feed_dict={{{valid!r}: {column!r}}} to the verb that runs the graph."
        )
    dtype = "string" if cell.dtype == "binary" else cell.dtype
    return tf1.placeholder(dtype, shape, name=name or column)
