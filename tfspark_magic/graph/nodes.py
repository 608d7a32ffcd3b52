"""Read the nodes of a `GraphDef`: what they take and give, and what depends on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from tfspark_magic.errors import GraphLoadError

if TYPE_CHECKING:
    from tfspark_magic.graph.program import Program
    from tfspark_magic.graph.runtime import tf1

T = TypeVar("T")

CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
"""The operations that call one function."""

READERS = frozenset({"Identity", "ReadVariableOp", "Enter"})
"""The operations that give the value of another one as it is, such as that of a variable."""


def parse(program: Program) -> tf1.GraphDef:
    """Return a program's `GraphDef`.

    Raises
    ------
    GraphLoadError
        If the bytes are no graph.
    """
    from google.protobuf.message import DecodeError

    from tensorflow.core.framework.graph_pb2 import GraphDef

    try:
        return GraphDef.FromString(program.graph_def)
    except DecodeError as error:
        sentence = f"Program {program.name!r} does not hold a TensorFlow graph: {error}."
        raise GraphLoadError(sentence) from None


def operation_of(reference: str) -> str:
    """Return the name of the operation from which an input of a node comes.

    >>> operation_of("split:1"), operation_of("^init")
    ('split', 'init')
    """
    return reference.removeprefix("^").partition(":")[0]


def tensor_of(reference: str) -> str:
    """Return the name of a tensor; an operation's name alone stands for its first output."""
    return reference if ":" in reference else f"{reference}:0"


def inputs_of(given: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tensors that an operation takes, and the operations after which it runs."""
    tensors: list[str] = []
    control: list[str] = []
    for reference in given:
        (control if reference.startswith("^") else tensors).append(reference.removeprefix("^"))
    return tensors, control


def first_outputs(node: Any, definition: Any) -> dict[str, int]:
    """Return the number of the first tensor of each named output of an operation.

    Parameters
    ----------
    node
        The operation.
    definition
        The `OpDef` of its type, or the signature of the function that it calls; None if not known.
    """
    first, at = {}, 0
    for output in definition.output_arg if definition is not None else ():
        first[output.name] = at
        if output.number_attr:
            at += node.attr[output.number_attr].i
        elif output.type_list_attr:
            at += len(node.attr[output.type_list_attr].list.type)
        else:
            at += 1
    return first


def unique_name(name: str, taken: set[str]) -> str:
    """Return `name`, with a number if it is used already, and mark it as used."""
    free, number = name, 0
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free)
    return free


def consumers_of(nodes: Iterable[Any]) -> Mapping[str, list[str]]:
    """Return the names of the nodes that take something of an operation, by its name."""
    consumers: dict[str, list[str]] = {}
    for node in nodes:
        for reference in node.input:
            consumers.setdefault(operation_of(reference), []).append(node.name)
    return consumers


def reached(start: Iterable[T], beyond: Callable[[T], Iterable[T]]) -> set[T]:
    """Return what is reached from `start`, and `start` itself, if each one leads to those `beyond` it."""
    found: set[T] = set()
    stack = list(start)
    while stack:
        one = stack.pop()
        if one not in found:
            found.add(one)
            stack.extend(beyond(one))
    return found
