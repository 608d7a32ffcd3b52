"""The program, a graph as a value: bytes, signature and digest, without TensorFlow objects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from tfspark_magic.graph.weights import Weights
from tfspark_magic.schema.spec import TensorSpec


@dataclass(frozen=True, repr=False, eq=False)
class Program:
    """A frozen TensorFlow graph with its inputs and outputs, which can be bound, drawn and run.

    >>> score                                                       # doctest: +SKIP
    Program score: x int32, y int32 -> z int32
    >>> score.run(x=3, y=4)                                         # doctest: +SKIP
    np.int32(15)

    A program never changes and holds no session. So it can be pickled, compared and shipped.

    Parameters
    ----------
    name
        The name that the user gave.
    graph_def
        A serialized `GraphDef` with frozen variables, pruned to the operations that the outputs
        need. Its large constants are placeholders, which `weights` feed.
    inputs, outputs
        The placeholders that the outputs depend on, and the fetches, in the user's order.
    initializers
        Names of the operations that fill lookup tables; they run once, before the first fetch.
    variables
        Names of the constants that were variables before freezing.
    defaults
        Names of the placeholders that have a default, which is always used.
    weights
        The constants that are stored beside the graph; None if there are none.
    is_batched
        Whether the first axis of inputs and outputs is a batch, as in each Keras model. A row alone
        is then a batch of one.
    columns
        The columns that feed inputs if a call names no others; for an input that is not here, the
        column of its name.
    """

    name: str
    graph_def: bytes
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    initializers: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    defaults: tuple[str, ...] = ()
    weights: Weights | None = None
    is_batched: bool = False
    columns: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the graph, its signature and weights; it is the same in every process."""
        beside = self.weights and (self.weights.index, self.weights.digest)
        signature = repr((self.inputs, self.outputs, self.initializers, beside)).encode()
        return hashlib.sha256(signature + b"\0" + self.graph_def).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        takes = ", ".join(map(str, self.inputs)) or "nothing"
        gives = ", ".join(map(str, self.outputs))
        return f"Program {self.name}: {takes} -> {gives}"

    def input(self, name: str) -> TensorSpec:
        """Return the placeholder called `name`."""
        return next(spec for spec in self.inputs if spec.name == name)

    def operation(self, name: str) -> str:
        """Return the operation that gives the output of a name; for another name, the name.

        >>> risk.outputs[0].name, risk.operation("risk")            # doctest: +SKIP
        ('risk', 'Sigmoid')
        """
        outputs = {spec.name: spec.operation for spec in self.outputs}
        return outputs.get(name, name)

    def fetch(self, *names: str) -> Program:
        """Return this program with other outputs: some of its own, or any operations in it.

        >>> score.fetch("mul")                                      # doctest: +SKIP
        Program score: x int32, y int32 -> mul int32

        Parameters
        ----------
        *names
            The names of the outputs, in their order. An output of an operation after its first one
            has its number: `split:1`.

        Raises
        ------
        FetchNotFoundError
            If a name is neither an output nor an operation.
        FetchError, NameConflictError
            If no column can hold the value of an operation, or two names differ only in case.
        """
        by_name = {spec.name: spec for spec in self.outputs}
        inside = [name for name in names if name not in by_name]
        if inside:
            from tfspark_magic.graph.node_tensors import node_fetches

            by_name |= dict(zip(inside, node_fetches(self, inside), strict=True))
        from tfspark_magic.graph.freeze import check_names, prune

        outputs = tuple(by_name[name] for name in names)
        check_names(outputs)
        return prune(replace(self, outputs=outputs))

    def run(self, **feeds: Any) -> Any:
        """Run the graph once, in this process.

        >>> score.run(x=3, y=4)                                     # doctest: +SKIP
        np.int32(15)

        Parameters
        ----------
        **feeds
            A value for each placeholder, by name. Arrays are passed unchanged. Python numbers and
            lists get the placeholder's dtype, if it can hold them exactly.

        Returns
        -------
        The value of the output; for several outputs, a dict of values by name.

        Raises
        ------
        FeedError
            If a placeholder gets no value, or a value that does not fit.
        """
        from tfspark_magic.graph.local import run_once

        return run_once(self, feeds)

    def draw(self, **options: Any) -> Any:
        """Draw the graph; a notebook shows the result as a picture."""
        import tfspark_magic

        return tfspark_magic.draw(self, **options)

    def save(self, path: Any) -> None:
        """Write the program to a file, which `tfs.load` reads in this or another process.

        >>> score.save("hdfs:///models/score.tfs")                  # doctest: +SKIP
        >>> tfs.load("hdfs:///models/score.tfs") == score           # doctest: +SKIP
        True

        Parameters
        ----------
        path
            A local path, or a URI such as `hdfs://...`. An existing file is replaced in one step.

        Raises
        ------
        TfSparkError
            If it cannot be written there.
        """
        import tfspark_magic

        tfspark_magic.save(self, path)
