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
    row_feeds, row_fetches
        The same program on one row, for checking; empty where there is nothing to check.
    how, reason
        One of the constants above, and why not a faster one.
    weights
        The constants that stand beside the graph; None if there are none.
    """

    graph_def: bytes
    feeds: tuple[str, ...]
    fetches: tuple[str, ...]
    shape_fetches: tuple[str | None, ...]
    initializers: tuple[str, ...] = ()
    row_feeds: tuple[str, ...] = ()
    row_fetches: tuple[str, ...] = ()
    how: str = BLOCK
    reason: str = ""
    weights: Weights | None = None

    def without_bytes(self) -> BlockGraph:
        """Return this graph for a plan: its bytes and weights travel by another way."""
        return replace(self, graph_def=b"", weights=self.weights and self.weights.without_bytes())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the graph, of what is fed and fetched, and of the weights, in hexadecimal."""
        beside = self.weights and (self.weights.index, self.weights.digest)
        signature = repr((self.feeds, self.fetches, self.shape_fetches, beside)).encode()
        return hashlib.sha256(signature + b"\0" + self.graph_def).hexdigest()
