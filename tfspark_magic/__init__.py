"""TensorFlow graphs on Spark DataFrames, from a notebook cell to a cluster.

>>> import tfspark_magic as tfs                                     # doctest: +SKIP
>>> output_df = tfs.map_rows(output, df)                            # doctest: +SKIP
>>> output_df.collect()                                             # doctest: +SKIP

In a notebook, `%load_ext tfspark_magic` and write a graph in a `%%tfgraph` cell. Importing this
package imports neither TensorFlow nor Spark: each public name is found when first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfspark_magic.drawing import Drawing as Drawing
    from tfspark_magic.drawing import draw as draw
    from tfspark_magic.errors import TfSparkError as TfSparkError
    from tfspark_magic.executor.aggregating import aggregate as aggregate
    from tfspark_magic.executor.column_functions import register as register
    from tfspark_magic.executor.column_functions import udf as udf
    from tfspark_magic.executor.explanation import explain as explain
    from tfspark_magic.executor.lazy_table import LazyTable as LazyTable
    from tfspark_magic.executor.local import run_local as run_local
    from tfspark_magic.executor.local_session import session as session
    from tfspark_magic.executor.map_files import map_files as map_files
    from tfspark_magic.executor.mapping import map_blocks as map_blocks
    from tfspark_magic.executor.mapping import map_rows as map_rows
    from tfspark_magic.executor.placeholders import block as block
    from tfspark_magic.executor.placeholders import row as row
    from tfspark_magic.executor.reducing import reduce_blocks as reduce_blocks
    from tfspark_magic.executor.reducing import reduce_rows as reduce_rows
    from tfspark_magic.executor.shapes import analyze as analyze
    from tfspark_magic.executor.shapes import append_shape as append_shape
    from tfspark_magic.executor.shapes import print_schema as print_schema
    from tfspark_magic.executor.tuning import tune as tune
    from tfspark_magic.graph.program import Program as Program
    from tfspark_magic.models.storage import load as load
    from tfspark_magic.models.storage import save as save
    from tfspark_magic.notebook.graph_view import GraphView as GraphView
    from tfspark_magic.sources.dataset import dataset as dataset
    from tfspark_magic.sources.files import files as files
    from tfspark_magic.sources.writing import write_parquet as write_parquet

__version__ = "0.1.0"

_HOMES = {
    "Drawing": "drawing",
    "GraphView": "notebook.graph_view",
    "LazyTable": "executor.lazy_table",
    "Program": "graph.program",
    "TfSparkError": "errors",
    "aggregate": "executor.aggregating",
    "analyze": "executor.shapes",
    "append_shape": "executor.shapes",
    "block": "executor.placeholders",
    "dataset": "sources.dataset",
    "draw": "drawing",
    "explain": "executor.explanation",
    "files": "sources.files",
    "load": "models.storage",
    "map_blocks": "executor.mapping",
    "map_files": "executor.map_files",
    "map_rows": "executor.mapping",
    "print_schema": "executor.shapes",
    "reduce_blocks": "executor.reducing",
    "reduce_rows": "executor.reducing",
    "register": "executor.column_functions",
    "row": "executor.placeholders",
    "run_local": "executor.local",
    "save": "models.storage",
    "session": "executor.local_session",
    "tune": "executor.tuning",
    "udf": "executor.column_functions",
    "write_parquet": "sources.writing",
}

__all__ = [*_HOMES, "__version__"]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


def load_ipython_extension(shell: Any) -> None:
    """Make `%%tfgraph`, `%tfgraph` and `%tfrun` known to IPython: `%load_ext tfspark_magic`."""
    from tfspark_magic.notebook import load

    load(shell)
