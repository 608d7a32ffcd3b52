"""Keep the programs that this process has loaded, across tasks and queries.

The cache is a global variable of this module. The shipped worker code is imported once per process,
so the cache outlives the task that filled it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from tfspark_magic.graph.block import BlockGraph
from tfspark_magic.graph.concrete_function import load_function
from tfspark_magic.graph.runtime import tf
from tfspark_magic.worker.loaded_program import FetchRun, LoadedProgram, Run

CAPACITY = 8

_loaded: OrderedDict[tuple[str, str], LoadedProgram] = OrderedDict()


def load_program(graph: BlockGraph, device: str) -> LoadedProgram:
    """Return a program; load it if it is not in the cache.

    Parameters
    ----------
    graph
        Its digest identifies it; its bytes and weights are read only to load it.
    device
        TensorFlow's name of the device; empty if TensorFlow may choose.
    """
    key = (graph.digest, device)
    found = _loaded.get(key)
    if found is None:
        found = _loaded[key] = _load(graph, device)
        while len(_loaded) > CAPACITY:
            _loaded.popitem(last=False)
    _loaded.move_to_end(key)
    found.uses += 1
    return found


def _load(graph: BlockGraph, device: str) -> LoadedProgram:
    graph_def = graph.read()
    weights = {} if graph.weights is None else graph.weights.tensors()
    if weights and device:
        # The weights are copied to a GPU once; otherwise each call would copy them from the file's
        # memory.
        with tf.device(device):
            weights = {name: tf.identity(weight) for name, weight in weights.items()}

    def load(
        values: Sequence[str], shapes: Sequence[str | None], filling: Sequence[str]
    ) -> FetchRun:
        fetches = [*values, *(name for name in shapes if name)]
        run = load_function(graph_def, graph.feeds, fetches, filling, weights)
        return FetchRun(_placed(run, device), [name is not None for name in shapes])

    run = load(graph.fetches, graph.shape_fetches, graph.initializers)
    if not graph.mapped_fetches:
        return LoadedProgram(run)
    # The tables are filled at this point.
    mapped = load(graph.mapped_fetches, graph.mapped_shape_fetches, ())
    return LoadedProgram(run, mapped, graph.drawn)


def _placed(run: Run, device: str) -> Run:
    if not device:
        return run

    def call(*tensors: tf.Tensor) -> list[tf.Tensor]:
        with tf.device(device):
            return run(*tensors)

    return call
