"""What a worker needs to run a program on blocks: plain data, no TensorFlow object."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tfspark_magic.graph.weights import File, Weights

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
        A serialized `GraphDef`, or the file that holds it.
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
    sent_digest
        Its digest, where the graph was sent by another way; empty where it is yet to be computed.
    """

    graph_def: bytes | File
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
    sent_digest: str = ""

    @property
    def way(self) -> str:
        """How blocks are run, in words, as far as that is known before one is seen.

        >>> graph.way                                               # doctest: +SKIP
        'vectorized (mapped where a block cannot be)'
        """
        way = f"{self.how} (mapped where a block cannot be)" if self.mapped_fetches else self.how
        return f"{way}: {self.reason}" if self.reason else way

    def read(self) -> bytes:
        """Return the serialized `GraphDef`, wherever it is."""
        held = self.graph_def
        return held if isinstance(held, bytes) else Path(held.path).read_bytes()

    def sent(self, graph_def: bytes | File, weights: File | bytes | None) -> BlockGraph:
        """Return this graph as workers find it, its bytes and weights being where these say."""
        beside = self.weights
        if beside is not None and weights is not None:
            beside = replace(beside, file=weights)
        return replace(self, graph_def=graph_def, weights=beside, sent_digest=self.digest)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the graph, of what is fed and fetched, and of the weights, in hexadecimal."""
        if self.sent_digest:
            return self.sent_digest
        beside = self.weights and (self.weights.index, self.weights.digest)
        fetches = (self.fetches, self.shape_fetches, self.mapped_fetches)
        signature = repr((self.feeds, fetches, beside)).encode()
        made = self.origin.encode() or self.read()
        return hashlib.sha256(signature + b"\0" + made).hexdigest()
