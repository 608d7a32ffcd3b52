"""TensorFlow graphs on Spark DataFrames, from a notebook cell to a cluster.

>>> import tfspark_magic as tfs                                     # doctest: +SKIP
>>> output_df = tfs.map_rows(output, df)                            # doctest: +SKIP
>>> output_df.collect()                                             # doctest: +SKIP

In a notebook, `%load_ext tfspark_magic` and write a graph in a `%%tfgraph` cell. Importing this
package imports neither TensorFlow nor Spark: each public name is found when first used.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import AbstractContextManager
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfspark_magic import mlflow as mlflow
    from tfspark_magic.drawing import Drawing as Drawing
    from tfspark_magic.drawing import draw as draw
    from tfspark_magic.errors import TfSparkError as TfSparkError
    from tfspark_magic.executor.environment import environment as environment
    from tfspark_magic.executor.local_session import session as session
    from tfspark_magic.executor.tuning import tune as tune
    from tfspark_magic.frames.lazy_table import LazyTable as LazyTable
    from tfspark_magic.graph.program import Program as Program
    from tfspark_magic.models.storage import load as load
    from tfspark_magic.models.storage import save as save
    from tfspark_magic.notebook.graph_view import GraphView as GraphView
    from tfspark_magic.verbs.column_functions import register as register
    from tfspark_magic.verbs.column_functions import udf as udf
    from tfspark_magic.verbs.compare import compare as compare
    from tfspark_magic.verbs.dataset import dataset as dataset
    from tfspark_magic.verbs.explain import explain as explain
    from tfspark_magic.verbs.files import files as files
    from tfspark_magic.verbs.fit import fit as fit
    from tfspark_magic.verbs.map_files import map_files as map_files
    from tfspark_magic.verbs.maps import map_blocks as map_blocks
    from tfspark_magic.verbs.maps import map_rows as map_rows
    from tfspark_magic.verbs.peek import peek as peek
    from tfspark_magic.verbs.placeholders import block as block
    from tfspark_magic.verbs.placeholders import row as row
    from tfspark_magic.verbs.reductions import aggregate as aggregate
    from tfspark_magic.verbs.reductions import reduce_blocks as reduce_blocks
    from tfspark_magic.verbs.reductions import reduce_rows as reduce_rows
    from tfspark_magic.verbs.run_local import run_local as run_local
    from tfspark_magic.verbs.shapes import analyze as analyze
    from tfspark_magic.verbs.shapes import append_shape as append_shape
    from tfspark_magic.verbs.shapes import print_schema as print_schema
    from tfspark_magic.verbs.write_parquet import write_parquet as write_parquet

__version__ = "0.1.0"

_HOMES = {
    "Drawing": "drawing",
    "GraphView": "notebook.graph_view",
    "LazyTable": "frames.lazy_table",
    "Program": "graph.program",
    "TfSparkError": "errors",
    "aggregate": "verbs.reductions",
    "analyze": "verbs.shapes",
    "append_shape": "verbs.shapes",
    "block": "verbs.placeholders",
    "compare": "verbs.compare",
    "dataset": "verbs.dataset",
    "draw": "drawing",
    "environment": "executor.environment",
    "explain": "verbs.explain",
    "files": "verbs.files",
    "fit": "verbs.fit",
    "load": "models.storage",
    "map_blocks": "verbs.maps",
    "map_files": "verbs.map_files",
    "map_rows": "verbs.maps",
    "peek": "verbs.peek",
    "print_schema": "verbs.shapes",
    "reduce_blocks": "verbs.reductions",
    "reduce_rows": "verbs.reductions",
    "register": "verbs.column_functions",
    "row": "verbs.placeholders",
    "run_local": "verbs.run_local",
    "save": "models.storage",
    "session": "executor.local_session",
    "tune": "executor.tuning",
    "udf": "verbs.column_functions",
    "write_parquet": "verbs.write_parquet",
}

_SHOWN_BY = {"compare": "notebook.marimo_page", "fit": "notebook.training_view"}
"""The modules that show what a verb does in a notebook; they are of a layer above the verb's."""
_NOTEBOOKS = {"ipykernel", "marimo"}

__all__ = [*_HOMES, "__version__", "graph", "mlflow"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name == "mlflow":
        return importlib.import_module(f"{__name__}.mlflow")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as error:
        if error.name != "pyspark":
            raise
        from tfspark_magic.errors import MissingDependencyError

        # `tfspark_magic-core` comes without it.
        remedy = "pip install pyspark, or for Spark Connect alone pip install pyspark-client"
        raise MissingDependencyError("PySpark", f"for tfs.{name}", remedy) from error
    if name in _SHOWN_BY and not _NOTEBOOKS.isdisjoint(sys.modules):
        importlib.import_module(f"{__name__}.{_SHOWN_BY[name]}").install()
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, "mlflow"})


class _Graph(ModuleType):
    """The package `graph`, which is called like a verb: `tfs.graph("score")`."""

    def __call__(self, line: str = "") -> AbstractContextManager[Program]:
        """Make a program of what the code of a `with` block builds, and show it, as `%%tfgraph` does.

        >>> with tfs.graph("score --df df --out scored") as score:  # doctest: +SKIP
        ...     x = tf.placeholder(tf.int32, name="x")
        ...     z = x * 3
        >>> score                                                   # doctest: +SKIP
        Program score: x int32 -> z int32

        It is for notebooks without magics, such as marimo's, which show the graph, the form and the
        preview below the cell. In the block, `tf` is TensorFlow 1, as in a cell. The outputs are the
        tensors with a name that nothing uses. An output has the `name=` that the block gives it,
        else its Python name.

        Parameters
        ----------
        line
            The line after `%%tfgraph`: the name of the program, and options. Without a name, the
            program is called as the variable after `as`.

        Raises
        ------
        OptionError
            If an option has a value that is not allowed.
        FetchError
            If the block leaves no tensor to compute.
        TfSparkError
            If the program does not fit the DataFrame, or a graph cannot hold it.
        """
        from tfspark_magic.notebook.graph_block import graph_block

        return graph_block(line, sys._getframe(1))  # noqa: SLF001


_package = importlib.import_module(f"{__name__}.graph")
_package.__class__ = _Graph
_package.__doc__ = _Graph.__call__.__doc__


def load_ipython_extension(shell: Any) -> None:
    """Register `%%tfgraph`, `%tfgraph` and `%tfrun` with IPython: `%load_ext tfspark_magic`."""
    from tfspark_magic.notebook import load

    load(shell)
