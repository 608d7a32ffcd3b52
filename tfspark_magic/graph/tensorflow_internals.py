"""Use private parts of TensorFlow, here and nowhere else; seen with TensorFlow 2.21.0.

`tests/graph/test_tensorflow_internals.py` has a test for each function. The test says what breaks
if a version of TensorFlow no longer has this part.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from tfspark_magic.graph.collection import instances_of
from tfspark_magic.graph.runtime import tf, tf1

from tensorflow.compiler.xla.tsl.protobuf import coordination_config_pb2
from tensorflow.core.protobuf import config_pb2
from tensorflow.python.client import pywrap_tf_session as c_api
from tensorflow.python.client.session import BaseSession
from tensorflow.python.data.ops import iterator_ops
from tensorflow.python.eager import context
from tensorflow.python.eager.polymorphic_function import atomic_function
from tensorflow.python.framework import (
    c_api_util,
    convert_to_constants,
    function_def_to_graph,
    op_def_registry,
    ops,
)
from tensorflow.python.ops import handle_data_util
from tensorflow.python.ops.parallel_for import control_flow_ops, pfor
from tensorflow.python.ops.resource_variable_ops import BaseResourceVariable
from tensorflow.python.saved_model import nested_structure_coder

_swapping = threading.Lock()
_CODE = str(Path(tf.__file__).parent) + os.sep


# Eager and in graphs.


def eager_mode() -> AbstractContextManager[None]:
    """Return a context in which TensorFlow runs at once, even if a graph is open."""
    mode: AbstractContextManager[None] = context.eager_mode()
    return mode


def is_eager(tensor: tf.Tensor) -> bool:
    """Whether a tensor has a value, and does not belong to a graph."""
    return isinstance(tensor, ops.EagerTensor)


def is_variable(value: object) -> bool:
    """Whether a value is a variable, eager or of a graph, or the result of an assignment to one."""
    return isinstance(value, BaseResourceVariable)


def all_variables() -> list[Any]:
    """Return all variables of this process, those of `is_variable`."""
    return instances_of(BaseResourceVariable)


def is_without_tensor(variable: Any) -> bool:
    """Whether a variable has no tensor of a graph: an eager one, or an assignment in a function."""
    return variable._as_graph_element() is None


def dtype_of_variable(handle: tf.Tensor) -> tf.DType | None:
    """Return the dtype of the variable of a handle; None if the handle is not that of a variable."""
    data = handle._handle_data
    return data.shape_and_type[0].dtype if data is not None and data.is_set else None


def tell_variable_of(handle: tf.Tensor, stand_in: tf.Tensor) -> None:
    """Store in a placeholder for a handle to which variable it belongs."""
    handle_data_util.copy_handle_data(handle, stand_in)


def say_building_function(graph: tf.Graph, *, building: bool) -> None:
    """Let functions that are traced in a graph capture its tensors, as inside another function."""
    graph._building_function = building


def in_order_made(operations: list[tf.Operation]) -> list[tf.Operation]:
    """Return operations of a graph in the order in which they were made."""
    return sorted(operations, key=lambda op: op._id)


# Sessions of TensorFlow 1.


def is_closed(session: tf1.Session) -> bool:
    """Whether a session has been closed."""
    return bool(session._closed)


def before_sessions_close(do: Callable[[tf1.Session], None]) -> None:
    """Call a function with each session of the process before it is closed."""
    close = BaseSession.close

    @functools.wraps(close)
    def do_and_close(session: BaseSession) -> None:
        if not session._closed:
            do(session)
        close(session)

    BaseSession.close = do_and_close


class VariableValues(convert_to_constants._SessionConverterData):
    """TensorFlow's converter of variables with given values; the original asks a session for them."""

    def __init__(self, values: Mapping[str, Any], graph_def: tf1.GraphDef, keep: list[str]) -> None:
        self._values = values
        super().__init__(self, graph_def, keep)

    def run(self, tensors: list[str]) -> list[Any]:
        """Return values, as a session does."""
        reading = "/Read/ReadVariableOp"
        return [self._values[name.partition(":")[0].removesuffix(reading)] for name in tensors]


def with_constants(converter: VariableValues) -> tf1.GraphDef:
    """Return a graph with constants instead of variables."""
    graph_def, _ = convert_to_constants._replace_variables_by_constants(converter)
    return graph_def


# Operations and functions by name.


def definition_of(operation: str) -> Any:
    """Return the `OpDef` of an operation; None if this TensorFlow does not know it."""
    return op_def_registry.get(operation)


def flops_of(graph: LazyGraph, operation: str) -> int | Literal["unknown"] | None:
    """Return the floating-point operations that TensorFlow counts for an operation of a graph.

    None if it counts none for such operations; `"unknown"` if it needs shapes that are not known.
    """
    statistics = _statistics_of(graph.type_of(operation))
    if statistics is None:
        return None
    try:
        counted = statistics(_Glance(graph), graph.look_at(operation).node_def).value
    except (ValueError, TypeError, KeyError, IndexError):
        return "unknown"
    return None if counted is None else int(counted)


@functools.cache
def _statistics_of(kind: str) -> Any:
    """Return TensorFlow's function that counts for a kind of operations; None if it has none."""
    importlib.import_module("tensorflow.python.profiler.internal.flops_registry")
    try:
        return ops._stats_registry.lookup(f"{kind},flops")
    except LookupError:
        return None


class _Glance:
    """All that TensorFlow's statistics ask of a graph, for which it need not make its operations."""

    def __init__(self, graph: LazyGraph) -> None:
        self._graph = graph

    def get_tensor_by_name(self, name: str) -> tf.Tensor:
        operation, _, output = name.rpartition(":")
        return self._graph.look_at(operation).outputs[int(output)]


class ImportedGraph(tf.Graph):
    """A graph that takes operations without looking for devices and old arguments.

    That is two thirds of the time of TensorFlow's own import, and a quarter of that of pfor.
    """

    def _add_new_tf_operations(self, *_: Any, **__: Any) -> list[Any]:
        for operation in self.new_operations():
            self._create_op_from_tf_operation(operation, compute_device=False)
        return []

    def create_op(self, *args: Any, **options: Any) -> tf.Operation:
        """Make an operation, as `tf.Graph` does."""
        return self._create_op_internal(*args, **options)


class LazyGraph(tf.Graph):
    """An imported graph; an operation is made in Python when it is asked for by its name.

    TensorFlow's own import makes all of them, which takes most of its time.

    Raises
    ------
    OpError
        If TensorFlow cannot import the graph.
    """

    def __init__(self, graph_def: bytes) -> None:
        super().__init__()
        options = c_api_util.ScopedTFImportGraphDefOptions()  # which frees them when it goes
        buffer = c_api.TF_NewBufferFromString(graph_def)
        try:
            with self._c_graph.get() as graph:
                made = c_api.TF_GraphImportGraphDefWithResults(graph, buffer, options.options)
        finally:
            c_api.TF_DeleteBuffer(buffer)
        c_api.TF_DeleteImportGraphDefResults(made)
        self._imported = {c_api.TF_OperationName(op): op for op in self.new_operations()}

    def __contains__(self, operation: str) -> bool:
        return operation in self._imported

    def type_of(self, operation: str) -> str:
        """Return the type of an operation, such as `MatMul`."""
        return str(c_api.TF_OperationOpType(self._imported[operation]))

    def dtypes_of(self, operation: str) -> list[str]:
        """Return the dtypes of the outputs of an operation."""
        made = self._imported[operation]
        outputs = [c_api.TF_Output() for _ in range(c_api.TF_OperationNumOutputs(made))]
        for at, output in enumerate(outputs):
            output.oper, output.index = made, at
        return [tf.as_dtype(c_api.TF_OperationOutputType(one)).base_dtype.name for one in outputs]

    def look_at(self, operation: str) -> tf.Operation:
        """Return an operation to look at; the graph does not get to know it, which takes longer."""
        made = ops.Operation(self._imported[operation], ops.SymbolicTensor)
        made.graph = self
        made._init_outputs()
        return made

    def _get_operation_by_name(self, name: str) -> tf.Operation:
        try:
            return super()._get_operation_by_name(name)
        except KeyError:
            made = self._imported[name]
            return self._create_op_from_tf_operation(made, compute_device=False)


class FunctionGraph(ImportedGraph):
    """A graph that gives pfor the bodies of imported functions, which it cannot find otherwise."""

    def __init__(self, library: Any) -> None:
        super().__init__()
        self._bodies = {function.signature.name: function for function in library.function}
        self._traced: dict[str, Any] = {}

    def _get_function(self, name: str | bytes) -> Any:
        known = super()._get_function(name)
        key = name.decode() if isinstance(name, bytes) else name
        if known is None or hasattr(known, "graph") or key not in self._bodies:
            return known
        if key not in self._traced:
            body = function_def_to_graph.function_def_to_graph(self._bodies[key])
            # The functions that a body calls also belong to this graph.
            body._get_function = self._get_function
            self._traced[key] = atomic_function.from_func_graph(f"{key}_body", body, {})
        return self._traced[key]


def session_call(session: tf1.Session, feeds: Sequence[str], fetches: Sequence[str]) -> Any:
    """Return a function from a value for each feed to the list of fetches, by their tensor names.

    `Session.run` looks at each fetch in Python on each call: two thirds of the time for 10,000.
    """
    options = config_pb2.CallableOptions(feed=feeds, fetch=fetches)
    return session._make_callable_from_options(options)


def decoded_structure(encoded: Any) -> Any:
    """Return the structure of a SavedModel's function: the nested specs of its arguments."""
    return nested_structure_coder.decode_proto(encoded)


# pfor runs a function of a row on all rows of a block at once. Its converters turn an operation on
# one row into an operation on a block.


def wrap(tensor: tf.Tensor, *, stacked: bool) -> Any:
    """Mark a tensor as having the rows as its first axis, or as being the same for all rows."""
    return pfor.wrap(tensor, stacked)


def operation_like(op: tf.Operation, inputs: list[tf.Tensor]) -> tf.Operation:
    """Make an operation of the same kind as another one, with other inputs."""
    return pfor._create_op(op.type, inputs, [t.dtype for t in op.outputs], attrs=op.node_def.attr)


def replace_input(given: Any, position: int, wrapped: Any) -> None:
    """Replace an input of a converter's operation."""
    given._inputs[position] = wrapped


def for_all_rows(
    run: Callable[[list[tf.Tensor]], list[tf.Tensor]], blocks: Sequence[tf.Tensor]
) -> list[tf.Tensor]:
    """Run a function of a row's tensors on all rows of blocks at once.

    `tf.vectorized_map` does so too, but copies each block first, in case that it has one row for all.
    """
    made: list[tf.Tensor] = control_flow_ops.pfor(
        lambda row: run([tf.gather(block, row) for block in blocks]),
        tf.shape(blocks[0])[0],
        fallback_to_while_loop=False,
    )
    return made


def takes_all_rows(given: Any) -> bool:
    """Whether an operation `GatherV2` takes each row of a placeholder, in order."""
    param, param_stacked, _ = given.input(0)
    indices, _, _ = given.input(1)
    return (
        not param_stacked and indices is given.pfor.all_indices and param.op.type == "Placeholder"
    )


CONVERTERS: Mapping[str, Callable[[Any], Any]] = pfor._pfor_converter_registry
"""TensorFlow's own converters, by operation."""

CONVERTER_BY_LOOP: Callable[[Any], Any] = pfor._fallback_converter
"""The converter that runs any operation in a loop over the rows."""


@contextmanager
def converters(these: Mapping[str, Callable[[Any], Any]]) -> Iterator[None]:
    """Let pfor use only these converters, and afterwards its own again."""
    with _swapping:
        own = pfor._pfor_converter_registry
        pfor._pfor_converter_registry = these
        try:
            yield
        finally:
            pfor._pfor_converter_registry = own


# Datasets.

OwnedIterator: Any = iterator_ops.OwnedIterator
"""The iterator of a dataset in eager code."""


def variant_of(dataset: tf.data.Dataset) -> tf.Tensor:
    """Return TensorFlow's variant tensor of a dataset, from which another dataset can be made."""
    return dataset._variant_tensor


def inputs_of(dataset: tf.data.Dataset) -> list[tf.data.Dataset]:
    """Return the datasets from which a dataset is made."""
    return list(dataset._inputs())


def dataset_of(iterator: Any) -> tf.data.Dataset | None:
    """Return the dataset of an iterator."""
    return getattr(iterator, "_dataset", None)


def end_iterator(iterator: Any) -> None:
    """Remove the last reference to an iterator's resource; its threads are cancelled and joined."""
    iterator._iterator_resource = None


def innermost_frames() -> dict[int, FrameType]:
    """Return, for each other thread, the frame of Python code that it runs or called C++ from."""
    frames = sys._current_frames()
    del frames[threading.get_ident()]
    return frames


def is_in_tensorflow(frame: FrameType) -> bool:
    """Whether a thread whose innermost frame this is may be in TensorFlow's C++."""
    return frame.f_code.co_filename.startswith(_CODE)


# Several processes.


def coordinate_workers(count: int, heartbeat_seconds: int) -> None:
    """Say how long the processes of a training may be silent until they count as lost.

    Call it before the strategy of the processes is made, which otherwise chooses ten seconds: too few
    on a node under heavy load.
    """
    job = coordination_config_pb2.CoordinatedJob(name="worker", num_tasks=count)
    context.context().configure_coordination_service(
        service_type="standalone",
        service_leader="/job:worker/replica:0/task:0",
        heartbeat_timeout_in_ms=heartbeat_seconds * 1000,
        coordinated_jobs=[job],
    )
