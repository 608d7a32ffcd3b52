"""Open the functions of a graph: loops, branches and calls, whose bodies become operations of it.

The opened graph computes the same. It is there to be looked at, and is never mapped:

- A call of a function becomes the operations of this function.
- The operations of a branch stand beside the `If` or `Case`, and take what it takes. Whoever computes
  them asks first whether the branch was taken: `Opened.when`.
- A loop gets a twin, which also keeps the loop's variables as they were before the last turn. The
  operations of the body stand beside the loop and take these, so that they are those of the last
  turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from tfspark_magic.graph.function_bodies import Bodies, nodes_of, own_names, put_results
from tfspark_magic.graph.last_turn import INT32, TWIN, int_constant, last_turn
from tfspark_magic.graph.nodes import inputs_of, operation_of, parse, unique_name
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.structure import CALLED_BY
from tfspark_magic.graph.tensorflow_internals import LazyGraph

_LOOPS = frozenset({"While", "StatelessWhile"})
_BRANCHES = frozenset({"If", "StatelessIf", "Case", "StatelessCase"})
_MOST = 20_000
"""The largest number of operations that come out of functions."""


class Condition(NamedTuple):
    """An operation runs if this tensor has this value."""

    tensor: str
    value: int


@dataclass(frozen=True)
class Opened:
    """A program whose functions are opened.

    Parameters
    ----------
    program
        The program with the opened graph.
    calls
        What each opened operation is: `"loop"`, `"branches"` or `"function"`.
    inside
        For each operation out of a function, the operation that was opened for it.
    when
        The conditions under which these operations run, the outer ones first.
    takes
        The tensors that operations take by their meaning, where the graph has others. A loop takes
        the results of its body.
    hidden
        The operations that the graph has only to compute others.
    """

    program: Program
    calls: Mapping[str, str] = field(default_factory=dict)
    inside: Mapping[str, str] = field(default_factory=dict)
    when: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    takes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


@lru_cache(maxsize=8)
def opened(program: Program) -> Opened:
    """Open the functions of a program, as far as this can be done.

    >>> opened(score).calls                                         # doctest: +SKIP
    {'while': 'loop', 'PartitionedCall': 'function'}

    A function that calls itself, and functions beyond some 20,000 operations, stay closed.

    Raises
    ------
    GraphLoadError
        If the bytes are no graph.
    """
    graph_def = parse(program)
    if not graph_def.library.function:
        return Opened(program)
    made = _Opening(graph_def).opened(program)
    try:
        LazyGraph(made.program.graph_def)
    except tf.errors.OpError:
        return Opened(program)
    return made


class _Opening:
    """Opens the operations of a graph one by one."""

    def __init__(self, graph_def: Any) -> None:
        self._graph = graph_def
        self._bodies = Bodies(graph_def, _MOST)
        self._nodes: list[Any] = []
        self._functions: dict[str, Any] = {}
        self._taken = {node.name for node in graph_def.node}
        self._found = 0
        self._calls: dict[str, str] = {}
        self._inside: dict[str, str] = {}
        self._when: dict[str, tuple[Condition, ...]] = {}
        self._takes: dict[str, tuple[str, ...]] = {}
        self._hidden: set[str] = set()

    def opened(self, program: Program) -> Opened:
        for node in self._graph.node:
            self._add(node, node.name, _Place())
        if not self._calls:
            return Opened(program)
        made = type(self._graph)(versions=self._graph.versions)
        made.node.extend(self._nodes)
        made.library.CopyFrom(self._graph.library)
        del made.library.function[:]
        made.library.function.extend(self._bodies[name] for name in self._bodies)
        made.library.function.extend(self._functions.values())
        return Opened(
            replace(program, graph_def=made.SerializeToString(deterministic=True)),
            self._calls, self._inside, self._when, self._takes, frozenset(self._hidden),
        )  # fmt: skip

    def _add(self, node: Any, local: str, place: _Place) -> None:
        """Add an operation to the graph; in its own function, it is called `local`."""
        if place.call:
            self._inside[node.name] = place.call
            if place.when and node.op != "Const":
                self._when[node.name] = place.when
        functions = [self._bodies[name] for name in self._names(node)]
        count = sum(len(function.node_def) for function in functions)
        names = {function.signature.name for function in functions}
        if not functions or names & place.functions or self._found + count > _MOST:
            self._nodes.append(node)
            if CALLED_BY in node.attr:  # it stands for a call inside of a function
                self._calls[node.name] = "function"
            return
        self._found += count
        place = place.at(node.name, names)
        if node.op in _LOOPS:
            self._open_loop(node, functions, local, place)
        elif node.op in _BRANCHES:
            self._open_branches(node, functions, local, place)
        else:
            self._calls[node.name] = "function"
            tensors, control = inputs_of(node.input)
            body = self._open(functions[0], "", tensors, local, place)
            results = type(node)()
            put_results(results, node, body.results, [*control, *body.ends])
            self._nodes.append(results)

    def _names(self, node: Any) -> list[str]:
        """Return the names of the functions of an operation that can be opened."""
        if node.op in _LOOPS:
            names = [node.attr[key].func.name for key in ("cond", "body")]
        elif node.op in {"If", "StatelessIf"}:
            names = [node.attr[key].func.name for key in ("then_branch", "else_branch")]
        elif node.op in _BRANCHES:
            names = [function.name for function in node.attr["branches"].list.func]
        else:
            body = self._bodies.called(node)
            names = [] if body is None else [body.signature.name]
        return names if all(name in self._bodies for name in names) else []

    def _open(self, body: Any, scope: str, args: Sequence[str], local: str, place: _Place) -> _Body:
        """Add the operations of a function, in a scope of the operation that calls it."""
        base = "/".join(filter(None, (place.call, scope)))
        own = own_names(body)
        # TensorFlow repeats the name of a loop in its body, but not that of a call.
        repeated = f"{local}/" if scope else "/"
        names = {
            name: self._free(f"{base}/{mine.removeprefix(repeated)}") for name, mine in own.items()
        }
        given = zip((arg.name for arg in body.signature.input_arg), args, strict=True)
        nodes, results, ends = nodes_of(body, names, dict(given))
        for made, node in zip(nodes, body.node_def, strict=True):
            self._add(made, own[node.name], place)
        return _Body(results, ends)

    def _open_branches(self, node: Any, branches: list[Any], local: str, place: _Place) -> None:
        self._calls[node.name] = "branches"
        (chosen, *tensors), control = inputs_of(node.input)
        taken = self._hide(self._free(f"{node.name}/taken"))
        is_if = node.op.endswith("If")
        asks = tf1.NodeDef(name=taken, op="StatelessIf" if is_if else "StatelessCase")
        asks.input.extend([chosen, *(f"^{name}" for name in control)])
        asks.attr["Tin"].list.SetInParent()
        asks.attr["Tout"].list.type.append(INT32)
        numbers = [self._number(at) for at in range(len(branches))]
        if is_if:
            asks.attr["Tcond"].CopyFrom(node.attr["Tcond"])
            for key, name in zip(("then_branch", "else_branch"), numbers, strict=True):
                asks.attr[key].func.name = name
            scopes = ["then", "else"]
        else:
            for name in numbers:
                asks.attr["branches"].list.func.add(name=name)
            scopes = [f"branch_{at}" for at in range(len(branches))]
        self._nodes.append(asks)
        takes = [chosen]
        for at, (branch, scope) in enumerate(zip(branches, scopes, strict=True)):
            inside = place.under(Condition(f"{taken}:0", at))
            takes += self._open(branch, scope, tensors, local, inside).results
        self._takes[node.name] = (*takes, *(f"^{name}" for name in control))
        self._nodes.append(node)

    def _open_loop(self, node: Any, functions: list[Any], local: str, place: _Place) -> None:
        self._calls[node.name] = "loop"
        tensors, control = inputs_of(node.input)
        cond, body = functions
        twin = self._hide(self._free(f"{node.name}{TWIN}"))
        ran = self._hide(self._free(f"{node.name}/ran"))
        made, used = last_turn(node, cond, body, twin, ran)
        self._nodes += made
        self._functions |= used
        for one in made:
            self._hide(one.name)
        args = list(tensors)
        for at, arg in enumerate(body.signature.input_arg):
            if not _is_unchanged(body, at):
                args[at] = self._variable(
                    node, at, f"{twin}:{len(tensors) + at}", arg, local, place
                )
        asked = self._open(cond, "cond", args, local, place)
        inside = place.under(Condition(f"{ran}:0", 1))
        turned = self._open(body, "body", args, local, inside)
        made_anew = [
            result for at, result in enumerate(turned.results) if not _is_unchanged(body, at)
        ]
        takes = (*made_anew, *asked.results, *(f"^{name}" for name in control))
        self._takes[node.name] = takes
        self._nodes.append(node)

    def _variable(self, node: Any, at: int, kept: str, arg: Any, local: str, place: _Place) -> str:
        """Add the operation that stands for a variable of a loop; return its name."""
        short, scope = arg.name, local.replace("/", "_").lower() + "_"
        while short.startswith(scope):
            short = short.removeprefix(scope)
        name = self._free(f"{node.name}/{short}")
        variable = tf1.NodeDef(name=name, op="Identity", input=[kept])
        variable.attr["T"].type = arg.type
        variable.attr[CALLED_BY].s = b"LoopVariable"
        self._nodes.append(variable)
        self._takes[name] = (node.input[at],)
        self._inside[name] = node.name
        if place.when:
            self._when[name] = place.when
        return name

    def _number(self, value: int) -> str:
        """Return the name of a function that returns a number."""
        name = f"the_number_{value}"
        while name in self._bodies:
            name += "_"
        if name not in self._functions:
            function = type(self._graph.library)().function.add()
            function.signature.name = name
            function.signature.output_arg.add(name="number", type=INT32)
            function.node_def.append(int_constant("value", value))
            function.ret["number"] = "value:output:0"
            self._functions[name] = function
        return name

    def _hide(self, name: str) -> str:
        self._hidden.add(name)
        return name

    def _free(self, name: str) -> str:
        return unique_name(name, self._taken)


@dataclass(frozen=True)
class _Place:
    """Where an operation stands: in the bodies of which functions."""

    call: str = ""
    when: tuple[Condition, ...] = ()
    functions: frozenset[str] = frozenset()

    def at(self, call: str, functions: set[str]) -> _Place:
        return replace(self, call=call, functions=self.functions | functions)

    def under(self, condition: Condition) -> _Place:
        return replace(self, when=(*self.when, condition))


class _Body(NamedTuple):
    results: list[str]
    ends: list[str]


def _is_unchanged(body: Any, at: int) -> bool:
    """Whether a loop gives a variable to its next turn as it was."""
    arg = body.signature.input_arg[at].name
    source = operation_of(body.ret[body.signature.output_arg[at].name])
    readers = {node.name: node for node in body.node_def if node.op == "Identity"}
    while source in readers and source != arg:
        source = operation_of(readers[source].input[0])
    return bool(source == arg)
