"""Run a graph for any of its tensors, also for those inside of its functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tfspark_magic.graph import tensorflow_internals as internals
from tfspark_magic.graph.collection import collection_paused
from tfspark_magic.graph.nodes import operation_of, parse
from tfspark_magic.graph.opened import Condition, opened
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.runtime import readable_errors, tf, tf1
from tfspark_magic.inspection.node_values import Array
from tfspark_magic.worker.tensorflow_errors import failure

Fed = list[Any]
_CALLABLES = 16


class RunningGraph:
    """Runs a graph for all tensors at once, or for those that can be computed if some cannot.

    A session has any tensors of a graph at no cost; a function would be made anew for them.
    """

    def __init__(self, program: Program) -> None:
        self._of = f"Program {program.name!r}"
        found = opened(program)
        self._when = found.when
        graph_def = parse(found.program)
        # Fetching the half of a graph that is constants doubles the time of a first run.
        self._constants = {
            f"{node.name}:0": node.attr["value"].tensor
            for node in graph_def.node
            if node.op == "Const"
        }
        with collection_paused():
            graph = internals.LazyGraph(found.program.graph_def)
        # Rewriting a graph of 10,000 operations takes seconds, and no operation is then measured as
        # it is.
        config = tf1.ConfigProto()
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        self._session = tf1.Session(graph=graph, config=config)
        weights = {} if program.weights is None else program.weights.tensors()
        self._weights = [array_of(weight) for weight in weights.values()]
        self._fed = [*(spec.tensor for spec in program.inputs), *weights]
        self._callables: dict[tuple[str, ...], Any] = {}
        self._outputs = [graph.get_tensor_by_name(spec.tensor) for spec in program.outputs]
        self._session.run([graph.get_operation_by_name(name) for name in program.initializers])

    def close(self) -> None:
        """Free its memory."""
        self._session.close()

    def __call__(self, names: Sequence[str], fed: Fed) -> list[Array | str | None]:
        """Compute tensors; None for one that does not run, a sentence for one that fails."""
        known = dict(zip(self._fed, [*fed, *self._weights], strict=True))
        running = self._those_that_run(names, known) if self._when else names
        found = self._found(running, known)
        return [found.get(name) for name in names]

    def _those_that_run(self, names: Sequence[str], known: dict[str, Array]) -> list[str]:
        """Return the tensors whose branches are taken, and whose loops turn."""
        conditions = {name: self._when.get(operation_of(name), ()) for name in names}
        holding: dict[Condition, bool] = {}
        # Nothing of a branch runs before it is known that the branch is taken, also no question in
        # it: a loop might never end.
        for depth in range(max(map(len, conditions.values()), default=0)):
            asked = {
                found[depth]
                for found in conditions.values()
                if len(found) > depth and all(holding[one] for one in found[:depth])
            }
            answers = self._found(sorted({one.tensor for one in asked}), known)
            # A question that fails has no answer; then all of the branch fails with it.
            for one in asked:
                answer = answers[one.tensor]
                holding[one] = isinstance(answer, str) or int(answer) == one.value
        return [name for name in names if all(holding.get(one) for one in conditions[name])]

    def _found(self, names: Sequence[str], known: dict[str, Array]) -> dict[str, Any]:
        fed = list(known.values())
        known = known | self._constant_values(name for name in names if name not in known)
        # A fed tensor cannot be fetched.
        wanted = tuple(name for name in names if name not in known)
        if wanted not in self._callables:
            # Rows come one after the other with the same names, or with a few kinds of them.
            if len(self._callables) == _CALLABLES:
                self._callables.clear()
            self._callables[wanted] = self._callable(wanted)
        found = self._some(wanted, self._callables[wanted], fed)
        return known | dict(zip(wanted, found, strict=True))

    def _constant_values(self, names: Iterable[str]) -> dict[str, Array]:
        """Return the values of constants, as far as NumPy has their dtype."""
        found: dict[str, Array] = {}
        for name in names:
            value = self._constants.get(name)
            if value is not None and not isinstance(value, np.ndarray):
                try:
                    value = self._constants[name] = tf.make_ndarray(value)
                except (TypeError, ValueError):  # a variant
                    del self._constants[name]
                    continue
            if value is not None:
                found[name] = value
        return found

    def step_stats(self, rows: Sequence[Fed]) -> list[Any]:
        """Return TensorFlow's statistics of a run on each of some rows."""
        options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
        found = []
        # The first run of a graph takes longer, and is not counted.
        for fed in [*rows[:1], *rows]:
            metadata = tf1.RunMetadata()
            known = dict(zip(self._fed, [*fed, *self._weights], strict=True))
            try:
                with readable_errors():
                    self._session.run(self._outputs, known, options=options, run_metadata=metadata)
            except tf.errors.OpError as error:
                raise failure(error, self._of) from None
            found.append(metadata.step_stats)
        return found[1:]

    def _callable(self, names: tuple[str, ...]) -> Any:
        return internals.session_call(self._session, self._fed, names) if names else lambda *_: []

    def _some(self, names: tuple[str, ...], run: Any, fed: Fed) -> list[Array | str]:
        try:
            with readable_errors():
                return [_plain(value) for value in run(*fed)]
        except tf.errors.OpError as error:
            if len(names) == 1:
                return [str(failure(error, self._of))]
        found = []
        for half in (names[: len(names) // 2], names[len(names) // 2 :]):
            found += self._some(half, self._callable(half), fed)
        return found


def array_of(tensor: tf.Tensor) -> Array:
    """Return the value of an eager tensor as an array."""
    return _plain(tensor.numpy())


def _plain(value: Any) -> Array:
    if isinstance(value, bytes):
        # NumPy's own arrays of bytes lose the zeros at the end.
        array = np.empty((), object)
        array[()] = value
        return array
    return np.asarray(value)
