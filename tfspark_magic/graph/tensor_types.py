"""The types of a graph's tensors, which TensorFlow infers; each is read when it is first looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.schema.tensorflow import shape_from_tensorflow

if TYPE_CHECKING:
    from tfspark_magic.graph.tensorflow_internals import LazyGraph

Specs = tuple[CellSpec, ...]


class Types:
    """The types of the tensors of a graph.

    >>> Types(program.graph_def, {}).of("dense/MatMul")             # doctest: +SKIP
    (CellSpec(dtype='float32', shape=(None, 10)),)

    Parameters
    ----------
    graph_def
        A serialized `GraphDef`.
    known
        Types by operation, for a graph that TensorFlow cannot import.
    """

    def __init__(self, graph_def: bytes, known: Mapping[str, Specs]) -> None:
        self._graph_def = graph_def
        self._known = known
        self._lock = Lock()

    @cached_property
    def _graph(self) -> LazyGraph | None:
        from tfspark_magic.graph.runtime import tf
        from tfspark_magic.graph.tensorflow_internals import LazyGraph

        try:
            return LazyGraph(self._graph_def)
        except tf.errors.OpError:
            return None
        finally:
            self._graph_def = b""

    def of(self, operation: str) -> Specs:
        """Return the types of an operation's outputs; none if they are not known."""
        with self._lock:
            if self._graph is None:
                return self._known.get(operation, ())
            outputs = self._graph.look_at(operation).outputs
        return tuple(
            CellSpec(tensor.dtype.base_dtype.name, shape_from_tensorflow(tensor.shape))
            for tensor in outputs
        )


class Outputs(Sequence[CellSpec]):
    """The types of an operation's outputs.

    Parameters
    ----------
    types
        The types of the graph; None if the operation has no outputs.
    operation
        The operation's name.
    """

    __slots__ = ("_known", "_operation", "_types")

    def __init__(self, types: Types | None = None, operation: str = "") -> None:
        self._types, self._operation = types, operation
        self._known: Specs | None = None

    def _all(self) -> Specs:
        if self._known is None:
            self._known = () if self._types is None else self._types.of(self._operation)
        return self._known

    def __getitem__(self, at: Any) -> Any:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, Outputs) else other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())
