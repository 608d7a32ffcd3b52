"""Allow only operations that compute in a graph from a file.

The rule, operation by operation, in the graph and in the functions that it calls:

- It is one of TensorFlow's own (those of `tf.raw_ops`), not of a library loaded beside it.
- It has no state, so that its outputs depend only on its inputs. Or it is in the list below: its
  state is a variable, a table, a random number or a loop. TensorFlow marks a few operations as
  stateless that read files or call Python; these are checked, too.
- In a function, the caller may choose only its dtypes and shapes, no other attributes. Then the
  function alone shows what it does.
- While the model is loaded, it may read only the model's own files: we feed their paths, and paths
  in the graph are not used.

Other operations may reach files, sockets, devices or Python: datasets, readers and writers,
summaries, queues, collectives. They need `allow_io=True`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.library import all_nodes, functions_by_name, functions_of
from tfspark_magic.graph.nodes import operation_of, tensor_of
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.tensorflow_internals import definition_of
from tfspark_magic.models.packages import brought_by

RESTORING = frozenset({"Restore", "RestoreSlice", "RestoreV2"})
FILLING_FROM_FILE = frozenset({"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"})
_PATH_INPUT = dict.fromkeys(RESTORING, 0) | dict.fromkeys(FILLING_FROM_FILE, 1)
_STREAMS = frozenset({b"stdout", b"stderr", b"log(info)", b"log(warning)", b"log(error)"})
_CHOSEN_BY_CALLERS = frozenset({"type", "list(type)", "shape", "list(shape)"})

_COMPUTING = re.compile(
    """
    Assert|CheckNumerics(V2)?|GuaranteeConst|NoOp|Empty|DeepCopy|Print|PrintV2|Timestamp
    |If|Case|While|StatefulPartitionedCall
    |VarHandleOp|Variable(V2)?|VariableShape|TemporaryVariable|DestroyTemporaryVariable
    |VarIsInitializedOp|ReadVariableOp|DisableCopyOnRead|Assign(Add|Sub)?VariableOp
    |Resource(Gather|Scatter|CountUpTo|StridedSliceAssign).*
    |(Anonymous)?(Mutable(Dense)?)?HashTable(OfTensors)?(V2)?
    |LookupTable(Find|Import|Insert|Remove|Size|Export)V2|InitializeTableV2
    |TensorArray.*|Stack(Push|Pop|Close)?(V2)?
    |Random.*(?<!Dataset)(?<!DatasetV2)(?<!Queue)(?<!QueueV2)|ParameterizedTruncatedNormal
    |Multinomial|TruncatedNormal|NonDeterministicInts|StatelessRandomGetAlg
    |Stateful(Random|Standard|Truncated|Uniform).*|Rng(ReadAndSkip|Skip)
    |SampleDistortedBoundingBox(V2)?|(All|LogUniform|Uniform)CandidateSampler
    |CudnnRNN(V2|V3)?|DeviceIndex
    """,
    re.VERBOSE,
)
_REACHING = re.compile(
    r"ReadFile|MatchingFiles|GenerateVocabRemapping|InitializeTableFromTextFile|ImmutableConst"
    r"|PyFuncStateless|Abort|Batch|BatchFunction|Unbatch(Grad)?|Copy|CopyHost|Debug.*|Reader.*|Queue.*|Barrier.*|TPU.*|Xla.*|Infeed.*"
    r"|Prelinearize.*|.*(Dataset|Iterator|Snapshot).*"
)
_LARGEST_BYTES = 2**31
_DEEPEST = 8
_DEEPEST_CALLS = 100
_MOST_OPERATIONS = 5_000_000


def check_operations(
    graph_def: tf1.GraphDef, subject: str, also: Collection[str] = frozenset()
) -> None:
    """Raise GraphLoadError if a graph may do more than compute; see the rule above.

    >>> check_operations(graph_def, "model.pb")                     # doctest: +SKIP
    GraphLoadError: model.pb holds operation 'save/out', a WriteFile, ...

    Parameters
    ----------
    graph_def
        A graph and its functions, reduced to the operations that will run.
    subject
        What holds the graph, for the message.
    also
        Other types of operations that are allowed.
    """
    functions = functions_by_name(graph_def)
    for name in functions:
        if definition_of(name) is None:
            continue
        raise GraphLoadError(
            f"{subject} is broken or hostile: function {name!r} has the name of an operation."
        )
    for node in all_nodes(graph_def):
        if node.op in functions:
            continue  # The operations of the function itself are also among these nodes.
        chosen = _chosen_by_callers(node)
        if chosen:
            raise GraphLoadError(
                f"{subject} holds operation {node.name!r} of type {node.op}, in a function whose "
                f"callers choose its {chosen!r}, so it may do more than compute: pass "
                f"allow_io=True if you trust where the graph comes from."
            )
        if node.op not in also and not _computes(node):
            known = node.op in _core()
            what = f"{node.op}," if known else f"{node.op}, not one of TensorFlow's own,"
            raise GraphLoadError(
                f"{subject} holds operation {node.name!r} of type {what} which may do more than "
                f"compute: pass allow_io=True if you trust where the graph comes from."
            )


def check_known(graph_def: tf1.GraphDef, subject: str) -> None:
    """Raise GraphLoadError if a graph holds an operation that this TensorFlow does not have."""
    functions = functions_by_name(graph_def)
    for node in all_nodes(graph_def):
        if node.op not in functions and definition_of(node.op) is None:
            raise GraphLoadError(
                f"{subject} holds operation {node.name!r} of type {node.op}, which TensorFlow "
                f"{tf.__version__} does not have: {brought_by(node.op)}"
            )


def own_files(graph_def: tf1.GraphDef, subject: str, files: Collection[str]) -> dict[str, str]:
    """Return the fed tensors with the paths that operations read, by the operations' names.

    A path may come from a variable. Only a run shows the variable's value at the time of reading,
    because other operations may write to it, under another name or in a branch. So the operation
    must get the fed tensor itself; see `read_from`.

    Parameters
    ----------
    graph_def
        The graph that fills variables and tables, with inlined function calls.
    subject
        What holds the graph, for the message.
    files
        The tensors to which the paths of files are fed.

    Raises
    ------
    GraphLoadError
        If values may be restored, or a table filled, from a file whose path is not fed.
    """
    nodes = {node.name: node for node in graph_def.node}
    fed = {tensor_of(tensor) for tensor in files}

    def origin(reference: str, depth: int = 0) -> str | None:
        output = tensor_of(reference)
        node = nodes.get(operation_of(reference))
        if output in fed or node is None or depth > _DEEPEST:
            return output if output in fed else None
        if node.op == "Identity":
            return origin(node.input[0], depth + 1)
        if node.op != "ReadVariableOp":
            return None
        handle = operation_of(node.input[0])
        sets = [n for n in nodes.values() if n.op == "AssignVariableOp"]
        origins = {
            origin(n.input[1], depth + 1) for n in sets if operation_of(n.input[0]) == handle
        }
        return origins.pop() if len(origins) == 1 else None

    inside = (node for function in graph_def.library.function for node in function.node_def)
    found: dict[str, str] = {}
    for node, is_inside in [*((n, False) for n in nodes.values()), *((n, True) for n in inside)]:
        path = _PATH_INPUT.get(node.op)
        if path is None:
            continue
        tensor = None if is_inside or len(node.input) <= path else origin(node.input[path])
        if tensor is None:
            does = "fills a lookup table" if node.op in FILLING_FROM_FILE else "restores values"
            raise GraphLoadError(
                f"{subject} {does} ({node.name!r}) from a file that is not one of its own: pass "
                f"allow_io=True if you trust where it comes from."
            )
        found[node.name] = tensor
    return found


def read_from(graph_def: tf1.GraphDef, files: Mapping[str, str]) -> None:
    """Give operations the fed tensors that `own_files` found for them, instead of their paths."""
    for node in graph_def.node:
        if node.name in files:
            node.input[_PATH_INPUT[node.op]] = files[node.name]


def check_functions(graph_def: tf1.GraphDef, subject: str) -> None:
    """Raise GraphLoadError if functions are missing, call themselves, or expand without end.

    For some of these, TensorFlow would end the process.
    """
    functions = functions_by_name(graph_def)
    sizes: dict[str, int] = {}

    def size(nodes: Iterable[Any], inside: tuple[str, ...]) -> int:
        total = 0
        for node in nodes:
            total += 1
            for name in functions_of(node):
                if name in sizes:
                    total += sizes[name]
                    continue
                if name in inside or len(inside) > _DEEPEST_CALLS:
                    raise GraphLoadError(
                        f"{subject} is broken or hostile: function {name!r} calls itself, or others "
                        f"more than {_DEEPEST_CALLS} deep."
                    )
                if name in functions:
                    sizes[name] = size(functions[name].node_def, (*inside, name))
                    total += sizes[name]
                elif name != node.op and name:
                    raise GraphLoadError(
                        f"{subject} is broken: operation {node.name!r} calls function {name!r}, "
                        f"which the graph does not have."
                    )
        return total

    operations = size(graph_def.node, ())
    if operations > _MOST_OPERATIONS:
        raise GraphLoadError(
            f"{subject} is broken or hostile: its functions unfold to {operations} operations."
        )


def check_constants(graph_def: tf1.GraphDef, subject: str) -> None:
    """Raise GraphLoadError if a constant claims to be larger than a graph can hold."""
    for node in all_nodes(graph_def):
        for attr in node.attr.values():
            kind = attr.WhichOneof("value")
            tensors = (attr.tensor,) if kind == "tensor" else attr.list.tensor
            for tensor in tensors:
                size = _bytes(tensor)
                if not 0 <= size <= _LARGEST_BYTES:
                    raise GraphLoadError(
                        f"{subject} is broken or hostile: constant {node.name!r} says that it "
                        f"has {size} bytes."
                    )


def _bytes(tensor: Any) -> int:
    size = max(1, tf.dtypes.as_dtype(tensor.dtype).size or 1) if tensor.dtype else 1
    for dim in tensor.tensor_shape.dim:
        # Not the product of all axes: an axis of size 0 would hide the others.
        size *= dim.size or 1
        if dim.size < 0 or size > _LARGEST_BYTES:
            return min(int(dim.size), 0) or int(size)
    return int(size)


@cache
def _core() -> frozenset[str]:
    return frozenset(dir(tf.raw_ops))


def _chosen_by_callers(node: Any) -> str:
    """Return an attribute, other than a dtype or shape, that the function's callers choose."""
    names = [name for name, attr in node.attr.items() if attr.WhichOneof("value") == "placeholder"]
    if not names:
        return ""
    definition = definition_of(node.op)
    kinds = {attr.name: attr.type for attr in definition.attr} if definition else {}
    return next((name for name in names if kinds.get(name) not in _CHOSEN_BY_CALLERS), "")


def _computes(node: Any) -> bool:
    definition = definition_of(node.op) if node.op in _core() else None
    if definition is None:
        return False
    if node.op == "PrintV2":
        return "output_stream" not in node.attr or node.attr["output_stream"].s in _STREAMS
    if node.op in ("DecodeProtoV2", "EncodeProto"):
        # The descriptor of messages may be linked in, in the graph, or in a file.
        source = node.attr["descriptor_source"].s
        return source in (b"", b"local://") or source.startswith(b"bytes://")
    if definition.is_stateful:
        return _COMPUTING.fullmatch(node.op) is not None
    return _REACHING.fullmatch(node.op) is None
