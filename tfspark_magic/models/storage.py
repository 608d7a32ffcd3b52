"""Load and save models on any filesystem, with `tfs.load` and `tfs.save`."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import OptionError, type_name
from tfspark_magic.temporary import TemporaryFolder

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
    """Make a program of a model, from a file or from this process.

    >>> digits = tfs.load("digits.keras", outputs={"dense_1": "digit"})     # doctest: +SKIP
    >>> digits                                                              # doctest: +SKIP
    Program digits: image float32[?,28,28] -> digit float32[?,10]
    >>> tfs.map_blocks(digits, df)                                          # doctest: +SKIP
    DataFrame[image: array<array<float>>, digit: array<float>]

    Models take blocks: the first axis of their placeholders is the rows, so they are for
    `tfs.map_blocks`. Variables and lookup tables are frozen with their current contents.

    Parameters
    ----------
    model
        The path or URI (`hdfs://...`) of a SavedModel, a Keras file (`.keras`, `.h5`), a checkpoint
        of TensorFlow 1 (its prefix or its folder), a frozen graph (`.pb`, `.pbtxt`), or a file of
        `program.save`. Or a Keras model, a `tf.function`, a Python function, the object of
        `tf.saved_model.load`, a `GraphDef`, or a `tf.Graph`.
    signature
        For a SavedModel, the name of the signature; if not given, `serving_default` or the only
        one. For a function without known arguments, their specs: a `tf.TensorSpec`, a list of them,
        or a dict by argument. For a Keras model without known inputs, the specs of the arguments of
        its `call`.
    tags
        For a SavedModel, the tags of the graph to load; if not given, `serve` or the only one.
    inputs
        A dict gives placeholders other names. A list says which placeholders are fed; a graph is
        cut there. If not given, placeholders have the names of the signature, the Keras inputs, the
        arguments or the graph's placeholders.
    outputs
        The fetches: a name, a list of names, or a dict from names to names of columns. A
        `tf.TensorSpec` instead of a column's name gives the shape of a fetch, if the file does not,
        or a wider dtype for a cast: `{"total": tf.TensorSpec([None], tf.float32)}`. If not given,
        all outputs are fetched: the signature's outputs, the Keras outputs, the keys of a
        function's dict, or `output_0`, `output_1`, ...; for a graph, the tensors that no operation
        uses.
    name
        The program's name; if not given, the name of the file or model.
    session
        For a `tf.Graph`: the session with the values of its variables.
    allow_io
        True allows graphs that may read and write files, open sockets or call Python. False allows
        only operations that compute; see `tfspark_magic.models.safety`.

    Returns
    -------
    A `Program`; its `inputs` and `outputs` give names, dtypes and shapes.

    Raises
    ------
    GraphLoadError
        If the model does not exist, is broken, or does more than compute.
    OptionError
        If the signature or the model's inputs are not clear.
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


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Save a program or a Keras model to a file, on any filesystem.

    >>> tfs.save(score, "hdfs://namenode:8020/models/score.tfs")         # doctest: +SKIP
    >>> tfs.save(trained, "hdfs://namenode:8020/models/flights.keras")   # doctest: +SKIP

    The file is written completely or not at all. An existing file is replaced, and missing folders
    are created.

    Parameters
    ----------
    model
        A `Program`, for `tfs.load`. Or a Keras model, for `tfs.load` and `keras.saving.load_model`.
    path
        A local path, or a URI such as `hdfs://...`. That of a Keras model ends with `.keras`.

    Raises
    ------
    OptionError
        If `model` is neither, or the path is that of a folder, or of another kind of file.
    PathAccessError
        If it cannot be written there.
    """
    from tfspark_magic.graph.program import Program
    from tfspark_magic.graph.tensorflow_internals import eager_mode
    from tfspark_magic.models.archive import write_program
    from tfspark_magic.models.keras_model import is_keras_model
    from tfspark_magic.sources.filesystem import shown
    from tfspark_magic.sources.folders import store

    location = os.fspath(path)
    is_program = isinstance(model, Program)
    if not is_program and not is_keras_model(model):
        raise OptionError(
            f"save takes a Program or a Keras model, got {type_name(model)}: make a program of it with "
            f"tfs.load."
        )
    if not is_program and not location.endswith(".keras"):
        raise OptionError(
            f"{shown(location)!r} is no name for a Keras model: let it end with .keras, or save the "
            f"program that tfs.load makes of the model."
        )
    with TemporaryFolder() as folder:
        written = Path(folder, "program" if is_program else "model.keras")
        if is_program:
            write_program(model, written)
        else:
            # The caller may have a graph open.
            with eager_mode():
                model.save(written)
        store(written, location)
