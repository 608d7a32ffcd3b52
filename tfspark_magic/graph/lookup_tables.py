"""Turn the contents of lookup tables into constants, which fill the tables once in each process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tfspark_magic.errors import CaptureError, GraphLoadError
from tfspark_magic.graph.eager import eager_mode
from tfspark_magic.graph.runtime import tf, tf1

TABLES = frozenset(
    {
        "HashTableV2",
        "MutableHashTableV2",
        "MutableHashTableOfTensorsV2",
        "MutableDenseHashTableV2",
        "AnonymousHashTable",
    }
)
_FILLERS = frozenset({"LookupTableImportV2", "InitializeTableV2"})
_FROM_FILES = frozenset({"InitializeTableFromTextFileV2"})
_CHANGES = frozenset({"LookupTableInsertV2", "LookupTableRemoveV2"})
_KEYS = (tf.string, tf.int64, tf.int32)
_VALUES = (tf.int64, tf.string, tf.float32, tf.int32, tf.float64, tf.bool)


def fillers(table: tf.Operation) -> list[tf.Operation]:
    """Return the operations that fill a table from constants.

    Raises
    ------
    GraphLoadError
        If its contents are in a file, or change while the graph runs.
    """
    known = getattr(table.graph, "table_fillers", {})
    if table.name in known:
        return [op for op in [known[table.name]] if op is not None]
    if table.type.startswith("Mutable"):
        raise GraphLoadError(
            f"Lookup table {table.name!r} can be changed while it runs, so its contents cannot be "
            f"frozen: use tf.lookup.StaticHashTable."
        )
    consumers = table.outputs[0].consumers()
    if any(op.type in _FROM_FILES for op in consumers):
        raise GraphLoadError(
            f"Lookup table {table.name!r} is filled from a file, which the workers do not have: "
            f"give its keys and values as tensors."
        )
    return [op for op in consumers if op.type in _FILLERS]


def keep_contents(graph: tf.Graph, session: tf1.Session) -> None:
    """Store in a graph the contents that its tables have in a session, for freezing.

    Raises
    ------
    GraphLoadError
        If the graph itself changes a table.
    """
    found: dict[str, tf.Operation | None] = dict(getattr(graph, "table_fillers", {}))
    tables = [op for op in graph.get_operations() if op.type in TABLES and op.name not in found]
    with graph.as_default(), tf.control_dependencies(None):
        for table in tables:
            handle = table.outputs[0]
            if any(op.type in _CHANGES for op in handle.consumers()):
                raise GraphLoadError(
                    f"The graph changes lookup table {table.name!r} while it runs, and workers do not "
                    f"see the changes of each other: fetch only tensors that look up values."
                )
            dtypes = {
                "Tkeys": table.get_attr("key_dtype"),
                "Tvalues": table.get_attr("value_dtype"),
            }
            contents = tf.raw_ops.LookupTableExportV2(table_handle=handle, **dtypes)
            found[table.name] = _fill(handle, *session.run(list(contents)))
    graph.table_fillers = found


def capture_table(graph: Any, handle: tf.Tensor, name: str) -> tf.Tensor:
    """Make a table in a graph with the current contents of an eager table.

    Parameters
    ----------
    graph
        The default graph, which also stores how the table is filled.
    handle
        The handle of the eager table.
    name
        The name for the table's operation.

    Raises
    ------
    CaptureError
        If `handle` does not belong to a table.
    """
    with eager_mode():
        contents = _export(handle)
    if contents is None:
        raise CaptureError(
            f"{name!r} is a resource made outside of the graph, and neither a variable nor a lookup "
            f"table that was filled: make it in the graph."
        )
    keys, values = contents
    dtypes = {"key_dtype": keys.dtype, "value_dtype": values.dtype}
    if values.shape.rank == 1:
        # A table that cannot change is filled before it is read. An empty table needs no filling.
        kind = tf.raw_ops.HashTableV2 if len(keys) else tf.raw_ops.MutableHashTableV2
        table = kind(**dtypes, name=name)
    else:
        table = tf.raw_ops.MutableHashTableOfTensorsV2(
            **dtypes, value_shape=values.shape[1:], name=name
        )
    noted = dict(getattr(graph, "table_fillers", {}))
    noted[table.op.name] = _fill(table, keys.numpy(), values.numpy())
    if noted[table.op.name] is not None:
        tf1.add_to_collection(tf1.GraphKeys.TABLE_INITIALIZERS, noted[table.op.name])
    graph.table_fillers = noted
    return table


def _fill(handle: tf.Tensor, keys: Any, values: Any) -> tf.Operation | None:
    if keys.ndim != 1:
        raise GraphLoadError(
            f"Lookup table {handle.op.name!r} is a dense one, which does not tell its contents from "
            f"its empty places: use tf.lookup.StaticHashTable."
        )
    if not len(keys):
        return None
    # A table exports its contents in any order; sorted, they give the same program bytes each time.
    order = np.argsort(keys, kind="stable")
    return tf.raw_ops.LookupTableImportV2(
        table_handle=handle,
        keys=tf1.constant(keys[order], name="keys"),
        values=tf1.constant(values[order], name="values"),
        name="fill",
    )


def _export(handle: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor] | None:
    # A handle does not give its dtypes, but a lookup with other dtypes fails.
    for keys, values in _pairs():
        try:
            tf.raw_ops.LookupTableFindV2(
                table_handle=handle, keys=tf.zeros([0], keys), default_value=tf.zeros([], values)
            )
        except tf.errors.InvalidArgumentError as error:
            if "Signature mismatch" in str(error):
                continue
            if "wrong type" in str(error):
                return None
        except (tf.errors.NotFoundError, tf.errors.FailedPreconditionError):
            return None
        exported = tf.raw_ops.LookupTableExportV2(table_handle=handle, Tkeys=keys, Tvalues=values)
        return exported.keys, exported.values
    return None


def _pairs() -> Iterable[tuple[tf.DType, tf.DType]]:
    return ((keys, values) for keys in _KEYS for values in _VALUES)
