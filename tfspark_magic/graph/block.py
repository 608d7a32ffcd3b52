"""What a worker needs to run a program on blocks: plain data, no TensorFlow object."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

from tfspark_magic.graph.weights import Weights

VECTORIZED = "vectorized"
LOOPING = "vectorized, with looping operations"
MAPPED = "mapped row by row inside the graph"
BLOCK = "block by block"


@dataclass(frozen=True)
class BlockGraph:
    """A graph from blocks to blocks.

    Parameters
    ----------
    graph_def
        A serialized `GraphDef`.
    feeds, fetches
        Tensor names; each tensor has the block's rows as its first axis.
    shape_fetches
        For each fetch None, or, where the rows of a block give different shapes, the name of an
        int32 tensor `[rows, rank]` of those shapes; the fetch is then all values in one vector.
    initializers
        Operations that fill lookup tables, to be run once in a process.
    mapped_fetches, mapped_shape_fetches
        The same program of the same feeds, mapped row by row: what the fetches are checked
        against, and what is run where they fail or differ. Empty where they are mapped already.
    drawn
        The fetches, by number, that depend on random numbers: no two runs of them agree.
    how, reason
        One of the constants above, and why not a faster one.
    weights
        The constants that stand beside the graph; None if there are none.
    origin
        What the graph was made from, which tells it from others; empty where its bytes do.
        TensorFlow numbers the functions in a graph anew each time that one is made.
    """

    graph_def: bytes
    feeds: tuple[str, ...]
    fetches: tuple[str, ...]
    shape_fetches: tuple[str | None, ...]
    initializers: tuple[str, ...] = ()
    mapped_fetches: tuple[str, ...] = ()
    mapped_shape_fetches: tuple[str | None, ...] = ()
    drawn: frozenset[int] = frozenset()
    how: str = BLOCK
    reason: str = ""
    weights: Weights | None = None
    origin: str = ""

    @property
    def way(self) -> str:
        """How blocks are run, in words, as far as that is known before one is seen.

        >>> graph.way                                               # doctest: +SKIP
        'vectorized (mapped where a block cannot be)'
        """
        way = f"{self.how} (mapped where a block cannot be)" if self.mapped_fetches else self.how
        return f"{way}: {self.reason}" if self.reason else way

    def without_bytes(self) -> BlockGraph:
        """Return this graph for a plan: its bytes and weights travel by another way."""
        return replace(self, graph_def=b"", weights=self.weights and self.weights.without_bytes())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the graph, of what is fed and fetched, and of the weights, in hexadecimal."""
        beside = self.weights and (self.weights.index, self.weights.digest)
        fetches = (self.fetches, self.shape_fetches, self.mapped_fetches)
        signature = repr((self.feeds, fetches, beside)).encode()
        made = self.origin.encode() or self.graph_def
        return hashlib.sha256(signature + b"\0" + made).hexdigest()
