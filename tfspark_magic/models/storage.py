"""Models in and out: `tfs.load` and `tfs.save`, from and to wherever files are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import OptionError

if TYPE_CHECKING:
    from tfspark_magic.graph.program import Program
    from tfspark_magic.models.endpoints import Names


def load(
    model: Any,
    *,
    signature: Any = None,
    tags: str | Collection[str] | None = None,
    inputs: Names = None,
    outputs: Names = None,
    name: str | None = None,
    session: Any = None,
    allow_io: bool = False,
) -> Program:
    """Make a program of a model, from a file or alive.

    >>> digits = tfs.load("digits.keras", outputs={"dense_1": "digit"})     # doctest: +SKIP
    >>> digits                                                              # doctest: +SKIP
    Program digits: image float32[?,28,28] -> digit float32[?,10]
    >>> tfs.map_blocks(digits, df)                                          # doctest: +SKIP
    DataFrame[image: array<array<float>>, digit: array<float>]

    Models take blocks: the first axis of their placeholders is the rows, so they go with
    `tfs.map_blocks`. Variables and lookup tables are frozen with what they hold now.

    Parameters
    ----------
    model
        The path or URI (`hdfs://...`) of a SavedModel, a Keras file (`.keras`, `.h5`), a checkpoint of TensorFlow 1 (its
        prefix or its folder), a frozen graph (`.pb`, `.pbtxt`), or what `program.save` wrote. Or a
        Keras model, a `tf.function`, a Python function, what `tf.saved_model.load` gave, a
        `GraphDef`, or a `tf.Graph`.
    signature
        Of a SavedModel, the name of the signature; without, `serving_default` or the only one. Of a
        function, what it takes: a `tf.TensorSpec`, a list of them, or a dict by argument; needed
        where the function does not say it. Of a Keras model that does not say it, as its `call`.
    tags
        Of a SavedModel: those of the graph to load; without, `serve` or the only one.
    inputs
        A dict gives placeholders other names; a list says which ones are fed, which for a graph is
        where it is cut. Without, they are called what the signature, the Keras inputs, the
        arguments or the placeholders are called.
    outputs
        What to fetch: a name, a list of them, or a dict from them to names of columns. A
        `tf.TensorSpec` in place of a name says the shape of a fetch where the file does not, or
        the wider dtype that it is cast to: `{"total": tf.TensorSpec([None], tf.float32)}`. Without,
        all that the model gives: the signature's outputs, the Keras outputs, the keys of a function's
        dict, or `output_0`, `output_1`, ...; of a graph what nothing in it consumes.
    name
        Of the program; without, that of the file or model.
    session
        Of a `tf.Graph`: the session that holds the values of its variables.
    allow_io
        True takes graphs that may read and write files, open sockets or call Python. Without, each
        operation has to be one that only computes; see `tfspark_magic.models.safety`.

    Returns
    -------
    A `Program`; its `inputs` and `outputs` say names, dtypes and shapes.

    Raises
    ------
    GraphLoadError
        If the model is not there, is broken, or does more than compute.
    OptionError
        If nothing says which signature is meant, or what the model takes.
    PlaceholderNotFoundError, FetchNotFoundError
        If `inputs` or `outputs` names something that the model does not have.
    FetchError, UnsupportedTypeError
        If no column can hold a fetch, or feed a placeholder.
    """
    from dataclasses import replace

    from tfspark_magic.models import loading
    from tfspark_magic.sources.folders import local_copy

    options = {"signature": signature, "inputs": inputs, "outputs": outputs, "allow_io": allow_io}
    if isinstance(model, str | os.PathLike):
        if session is not None:
            raise OptionError("session= is for a tf.Graph: a file has the values of its variables.")
        with local_copy(os.fspath(model)) as path:
            program = loading.load_path(path, tags=tags, **options)
    else:
        program = loading.load_live(model, session=session, **options)
    return program if name is None else replace(program, name=name)


def save(program: Program, path: str | os.PathLike[str]) -> None:
    """Write a program to a file; see `Program.save`."""
    from tfspark_magic.models.archive import write_program
    from tfspark_magic.sources.folders import store

    with tempfile.TemporaryDirectory(prefix="tfspark_magic-") as folder:
        written = Path(folder, "program")
        write_program(program, written)
        store(written, os.fspath(path))
