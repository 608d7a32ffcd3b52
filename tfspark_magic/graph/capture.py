"""Run a cell in its own graph, which also takes eager tensors and variables of earlier cells.

A `FuncGraph` captures eager tensors, but its tensors cannot be keys of a `feed_dict`. A plain
`tf.Graph` allows such keys, but does not capture. `CaptureGraph` is a plain graph with a `capture`
method:

- an eager tensor becomes a constant, and a lookup table one of this graph with its contents;
- reading an eager variable gives a constant of the value it has now, so a `tf.Session` can run
  the graph without initializing anything;
- an eager variable handed to a function or a loop becomes a variable of this graph with that
  initial value, as in TensorFlow 1 (`tf.global_variables_initializer()`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from tfspark_magic.errors import CaptureError, GraphLoadError
from tfspark_magic.graph import tensorflow1
from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.equality import element_wise_equality
from tfspark_magic.graph.lookup_tables import capture_table
from tfspark_magic.graph.python_names import assigned, python_names
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.variables import read_variables


class CaptureGraph(tf.Graph):
    """A graph for TensorFlow 1 code, which also takes eager tensors and variables."""

    def __init__(self, names: Mapping[int, str] | None = None) -> None:
        super().__init__()
        # Tracing a tf.function goes to the outer graph, until a graph is not being built.
        self.outer_graph = tf.Graph()
        # Gradients look here for the values that a function takes from outside; the replacement
        # tensors are inside.
        self.captures = ()
        self.kept_values: dict[str, Any] = {}
        self.captured_variables: set[str] = set()
        self._stand_ins: dict[int, tuple[tf.Tensor, tf.Tensor]] = {}
        self._eager_of: dict[str, tf.Tensor] = {}
        self._values: dict[str, tf.Tensor] = {}
        self._variables: dict[str, tf.Tensor] = {}
        self._eager_names = dict(names or {})

    def capture(
        self,
        tensor: tf.Tensor,
        name: str | None = None,
        shape: tf.TensorShape | None = None,  # noqa: ARG002  (TensorFlow passes it)
    ) -> tf.Tensor:
        """Return the tensor of this graph that replaces `tensor`.

        Raises
        ------
        CaptureError
            If `tensor` belongs to another graph, or is a resource other than a variable or table.
        """
        if not internals.is_eager(tensor):
            if tensor.graph is self:
                return tensor
            raise CaptureError(
                f"Tensor {tensor.name!r} belongs to the graph of another cell: run the cell that "
                f"makes it as part of this one, or use its value."
            )
        known = self._stand_ins.get(id(tensor))
        if known is not None:
            return known[1]
        with self.as_default(), tf.control_dependencies(None), tf1.name_scope(None):
            if tensor.dtype == tf.resource:
                stand_in = self._capture_handle(tensor, name)
            elif tensor.dtype == tf.variant:
                raise CaptureError(
                    "A dataset or list made in an earlier cell cannot be used in a graph: make a "
                    "tensor of its elements there, such as with tf.stack(list(dataset))."
                )
            else:
                known_as = self._eager_names.get(id(tensor))
                stand_in = tf1.constant(tensor.numpy(), name=known_as or name or "captured")
        # The eager tensor is kept with its replacement, so that no other object gets its id.
        self._stand_ins[id(tensor)] = (tensor, stand_in)
        return stand_in

    def _capture_handle(self, handle: tf.Tensor, name: str | None) -> tf.Tensor:
        if internals.dtype_of_variable(handle) is None:
            return capture_table(self, handle, name or "captured")
        stand_in = tf1.placeholder(tf.resource, (), name=name or "captured")
        internals.tell_variable_of(handle, stand_in)
        self._eager_of[stand_in.name] = handle
        return stand_in

    def _value_of(self, stand_in: tf.Tensor) -> tf.Tensor:
        if stand_in.name not in self._values:
            handle = self._eager_of[stand_in.name]
            dtype = internals.dtype_of_variable(handle)
            with internals.eager_mode():
                value = tf.raw_ops.ReadVariableOp(resource=handle, dtype=dtype).numpy()
            with self.as_default(), tf.control_dependencies(None), self._reading_scope():
                constant = tf1.constant(value, name=self._eager_name(handle))
            self.captured_variables.add(constant.op.name)
            self._values[stand_in.name] = constant
        return self._values[stand_in.name]

    def _eager_name(self, handle: tf.Tensor) -> str:
        # A handle does not know its variable; one search through all objects finds all names.
        if id(handle) not in self._eager_names:
            for found in internals.all_variables():
                name = found.name.partition(":")[0].rpartition("/")[2]
                self._eager_names.setdefault(id(found.handle), name)
        return self._eager_names.get(id(handle), "variable")

    def _reading_scope(self) -> AbstractContextManager[Any]:
        parts = self.get_name_scope().split("/")
        while parts and parts[-1].partition("_")[0] in ("ReadVariableOp", "Cast", "Read"):
            parts.pop()
        scope: AbstractContextManager[Any]
        scope = tf1.name_scope("/".join(parts) + "/" if any(parts) else None)
        return scope

    def _variable_of(self, stand_in: tf.Tensor) -> tf.Tensor:
        if stand_in.name not in self._variables:
            value = self._value_of(stand_in)
            with self.as_default(), tf.control_dependencies(None):
                # A callable, because a tensor would have to be moved out of the graph that is being
                # built.
                variable = tf1.Variable(
                    lambda: value, trainable=False, use_resource=True, name=value.op.name
                )
            self._variables[stand_in.name] = variable.handle
        return self._variables[stand_in.name]

    def as_graph_element(
        self,
        obj: Any,
        allow_tensor: bool = True,  # noqa: FBT001, FBT002
        allow_operation: bool = True,  # noqa: FBT001, FBT002
    ) -> Any:
        """Return the tensor or operation of `obj`, as `tf.Graph` does."""
        # While a function is being built, the result of an assignment has no tensor. This graph
        # claims to be a function, and `session.run(variable.assign(...))` needs the tensor.
        if internals.is_variable(obj) and internals.is_without_tensor(obj):
            with self.as_default():
                obj = obj.value()
        return super().as_graph_element(obj, allow_tensor, allow_operation)

    def _create_op_internal(
        self,
        op_type: str,
        inputs: Any,
        dtypes: Any = None,
        input_types: Any = None,
        name: str | None = None,
        attrs: Any = None,
        op_def: Any = None,
        compute_device: bool = True,  # noqa: FBT001, FBT002
    ) -> tf.Operation:
        inputs = [self.capture(t) for t in inputs]
        if any(t.name in self._eager_of for t in inputs):
            if op_type == "ReadVariableOp":
                return self._value_of(inputs[0]).op
            if op_type == "ResourceGather":
                batch_dims = attrs["batch_dims"].i if attrs and "batch_dims" in attrs else 0
                return tf.gather(self._value_of(inputs[0]), inputs[1], batch_dims=batch_dims).op
            if "Assign" in op_type or op_type.startswith(("ResourceApply", "ResourceScatter")):
                raise CaptureError(
                    "A variable made in an earlier cell is frozen at its value here and cannot "
                    "be assigned: make the variable in this cell to train it."
                )
            inputs = [self._variable_of(t) if t.name in self._eager_of else t for t in inputs]
        return super()._create_op_internal(
            op_type, inputs, dtypes, input_types, name, attrs, op_def, compute_device
        )


@dataclass(frozen=True)
class Cell:
    """The result of a captured cell.

    Parameters
    ----------
    graph
        The graph that it built.
    result
        The value of its last expression; None if it ends with a statement.
    loose_ends
        The tensors with a Python name that no operation uses, in the order in which they were made.
    python_names
        Tensors that have a name in Python and none of their own; see `python_names`.
    """

    graph: CaptureGraph
    result: Any
    loose_ends: tuple[tf.Tensor, ...]
    python_names: Mapping[str, str]


@contextmanager
def capturing(names: Mapping[int, str] | None = None) -> Iterator[CaptureGraph]:
    """Make a new `CaptureGraph` the default graph, and restore TensorFlow's state afterwards.

    `names` are the names for eager tensors and variables' handles, by their `id`.

    >>> with capturing() as graph:                                  # doctest: +SKIP
    ...     z = tf.compat.v1.placeholder(tf.float32, name="x") * eager_variable
    """
    graph = CaptureGraph(names)

    def create(next_creator: Callable[..., Any], **kwargs: Any) -> Any:
        # A graph that claims to be a function refuses `tf.Variable(tf.random.normal(...))`, because
        # the tensor cannot be moved out of a function. It takes the same value as a callable.
        value = kwargs.get("initial_value")
        if isinstance(value, tf.Tensor) and getattr(value, "graph", None) is graph:
            kwargs["initial_value"] = lambda: value
        return next_creator(**kwargs)

    try:
        with (
            tensorflow1.switches.held(),
            element_wise_equality.held(),
            graph.as_default(),
            tf1.variable_creator_scope(create),
        ):
            # Set inside the graph: an init_scope must find this graph, not the eager context around
            # it.
            internals.say_building_function(graph, building=True)
            yield graph
    finally:
        internals.say_building_function(graph, building=False)


def _keep_values(session: tf1.Session) -> None:
    # At the end of `with tf.Session() as session:`, in this cell or a later one, the trained values
    # are lost.
    graph = session.graph
    if isinstance(graph, CaptureGraph):
        graph.kept_values.update(read_variables(graph, session))


internals.before_sessions_close(_keep_values)


def names_of(namespace: Mapping[str, Any]) -> dict[int, str]:
    """Return the names of eager tensors and variables' handles, by their `id`."""
    names = {}
    for name, value in namespace.items():
        if name.startswith("_"):
            continue
        if isinstance(value, tf.Tensor):
            names[id(value)] = name
        elif isinstance(value, tf.Variable) and value.name.startswith("Variable"):
            names[id(value.handle)] = name  # TensorFlow's default name
    return names


def run_cell(
    source: str,
    namespace: dict[str, Any],
    filename: str = "<cell>",
    finish: Callable[[Any, list[Any], CaptureGraph], Any] | None = None,
) -> Cell:
    r"""Run Python source in its own graph, and put its names into `namespace`.

    >>> cell = run_cell("x = tf.placeholder(tf.int32, name='x')\nx * 2", {})   # doctest: +SKIP
    >>> cell.result.op.inputs[0].name                                         # doctest: +SKIP
    'x:0'

    Parameters
    ----------
    source
        The cell. `tensorflow` in it is TensorFlow 1 (see `tensorflow1`), whether it is imported or
        not.
    namespace
        The globals of the cell. A name of TensorFlow 2 is TensorFlow 2 again afterwards.
    filename
        The name of the source in tracebacks.
    finish
        Called in the graph, with the value of the last expression, the values of the names that
        the cell assigns, and the graph; it returns the value to have as `result`.

    Raises
    ------
    CaptureError
        If the cell uses something that a graph cannot hold.
    Exception
        Any error of the cell, with the cell's own lines in the traceback.
    """
    tree = ast.parse(source, filename)
    rewriter = tensorflow1.ImportRewriter()
    body = list(rewriter.visit(tree).body)
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None

    names = rewriter.bound | {"tf"}
    shadowed = {n: namespace[n] for n in names if tensorflow1.is_tensorflow(namespace.get(n))}
    if "tf" not in namespace or "tf" in shadowed:
        namespace["tf"] = tensorflow1.tensorflow
    result = None
    try:
        with refusals(), capturing(names_of(namespace)) as graph:
            module = ast.Module(body, type_ignores=[])
            exec(compile(module, filename, "exec", dont_inherit=True), namespace)  # noqa: S102  (a cell is code)
            if last is not None:
                expression = ast.Expression(last.value)
                result = eval(compile(expression, filename, "eval", dont_inherit=True), namespace)  # noqa: S307
            if finish is not None:
                result = finish(result, values_made(tree, namespace), graph)
    finally:
        namespace.update(shadowed)
    return built(graph, result, tree, namespace)


def built(graph: CaptureGraph, result: Any, tree: ast.AST, namespace: Mapping[str, Any]) -> Cell:
    """Return what code has built in a graph; `namespace` has its names, after it has run."""
    named = {
        value.name: value
        for name, value in namespace.items()
        # `_, count = tf.while_loop(...)` says that the first result is of no use.
        if name != "_" and isinstance(value, tf.Tensor) and getattr(value, "graph", None) is graph
    }
    ends = [t for t in named.values() if not t.consumers() and t.op.type != "Placeholder"]
    order = {op.name: i for i, op in enumerate(graph.get_operations())}
    ends.sort(key=lambda tensor: (order[tensor.op.name], tensor.value_index))
    return Cell(graph, result, tuple(ends), python_names(tree, namespace, graph))


def values_made(tree: ast.AST, namespace: Mapping[str, Any]) -> list[Any]:
    """Return the values of the names that code assigns."""
    return [namespace[name] for name in dict.fromkeys(assigned(tree)) if name in namespace]


@contextmanager
def refusals() -> Iterator[None]:
    """Raise our own error, where TensorFlow has caught it and raised another one."""
    try:
        yield
    except Exception as error:
        own: BaseException | None = error
        while own is not None and not isinstance(own, CaptureError | GraphLoadError):
            own = own.__cause__ or own.__context__
        if own is None or own is error:
            raise
        raise own from None
