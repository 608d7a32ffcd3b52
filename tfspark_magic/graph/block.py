"""The data that a worker needs to run a program on blocks, without TensorFlow objects."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

from tfspark_magic.graph.weights import File, Weights, content_of

VECTORIZED = "vectorized"
LOOPING = "vectorized, with looping operations"
BATCHED = "vectorized by the batch axis of the model"
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
        For each fetch None; or, if the rows of a block give different shapes, the name of an int32
        tensor `[rows, rank]` with these shapes. The fetch then has all values in one vector.
    initializers
        Operations that fill lookup tables; they run once in a process.
    mapped_fetches, mapped_shape_fetches
        The fetches of the same program, mapped row by row, with the same feeds. The fetches are
        compared with them, and they are run instead if the fetches fail or differ. Empty if the
        fetches are mapped already.
    drawn
        The numbers of the fetches that depend on random numbers, and so differ from run to run.
    how, reason
        One of the constants above, and the reason against a faster way.
    weights
        The constants that are stored beside the graph; None if there are none.
    origin
        The key of the data from which the graph was made, to identify it; empty if its bytes
        identify it. The bytes do not if TensorFlow numbers the functions in a graph again each
        time.
    sent_digest
        The digest, if the graph was sent to a worker without its bytes; empty if it must be
        computed.
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
        """The way in which blocks are run, in words, as far as it is known before the first block.

        >>> graph.way                                               # doctest: +SKIP
        'vectorized (mapped where a block cannot be)'
        """
        way = f"{self.how} (mapped where a block cannot be)" if self.mapped_fetches else self.how
        return f"{way}: {self.reason}" if self.reason else way

    def read(self) -> bytes:
        """Return the serialized `GraphDef`, from memory or from its file."""
        return content_of(self.graph_def)

    def sent(self, graph_def: bytes | File, weights: File | bytes | None) -> BlockGraph:
        """Return this graph for workers, with the given places of its bytes and weights."""
        beside = self.weights
        if beside is not None and weights is not None:
            beside = replace(beside, file=weights)
        return replace(self, graph_def=graph_def, weights=beside, sent_digest=self.digest)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the graph, its feeds and fetches, and the weights, in hexadecimal."""
        if self.sent_digest:
            return self.sent_digest
        beside = self.weights and (self.weights.index, self.weights.digest)
        fetches = (self.fetches, self.shape_fetches, self.mapped_fetches)
        signature = repr((self.feeds, fetches, beside)).encode()
        made = self.origin.encode() or self.read()
        return hashlib.sha256(signature + b"\0" + made).hexdigest()
