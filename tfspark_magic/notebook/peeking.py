"""Compute what the nodes on show make of some rows, in a job; the view is told of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.drawing.badge import Badge
from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.outline import visible
from tfspark_magic.errors import NotAvailableError

if TYPE_CHECKING:
    from tfspark_magic.executor.jobs import Job, Progress
    from tfspark_magic.inspection.cost import Cost
    from tfspark_magic.inspection.graph_on_rows import GraphOnRows
    from tfspark_magic.inspection.node_values import NodeValues
    from tfspark_magic.inspection.peeked import Peek

_CONSTANTS = ("constant", "variable")
SEED = 1
"""The seed with which the view draws rows, so that the same rows are drawn again."""


@dataclass(frozen=True)
class RowSource:
    """Where the rows come from.

    Parameters
    ----------
    name
        The name of the DataFrame.
    spark
        Its Spark session; None for other frames.
    read
        Returns the graph on as many rows: the first ones, or with a seed, rows drawn from all.
    """

    name: str
    spark: Any
    read: Callable[[int, int | None], GraphOnRows]


@dataclass(frozen=True)
class Status:
    """What the page is told.

    Parameters
    ----------
    state
        `"busy"` while rows are read or nodes are computed; `"failed"`; `"ready"` if nodes carry
        values; empty if not.
    says
        A sentence.
    first
        The first node that made a NaN or infinity; empty if there is none.
    """

    state: Literal["", "busy", "failed", "ready"] = ""
    says: str = ""
    first: str = ""


class Peeking:
    """The values of the nodes on show.

    >>> peeking = Peeking(explorer, print, RLock())                 # doctest: +SKIP
    >>> peeking.start(source, rows=20)                              # doctest: +SKIP
    >>> peeking.follow()            # after the view has changed    # doctest: +SKIP

    Parameters
    ----------
    explorer
        The graph on show.
    on_change
        Called after `status`, `badges` or `badged` has changed; by the thread of the job, too.
    lock
        The view's lock, so that neither waits for the other.
    """

    def __init__(self, explorer: Explorer, on_change: Callable[[], None], lock: RLock) -> None:
        self._explorer = explorer
        self._on_change = on_change
        self._graph: GraphOnRows | None = None
        self._known: dict[str, NodeValues] = {}
        self._says = ""
        self._cost: Cost | None = None
        self._job: Job | None = None
        self._lock = lock
        self.status = Status()

    is_compared = False
    """Whether the values are those of two graphs."""

    @property
    def values(self) -> Peek:
        """The values and statistics of the nodes on show, as `tfs.peek` gives them.

        Raises
        ------
        NotAvailableError
            If no rows have been read.
        """
        from tfspark_magic.inspection.peeked import Peek

        with self._lock:
            if self._graph is None:
                raise NotAvailableError(
                    "There are no values yet: press Peek in the view, or call view.peek(df)."
                )
            known = [self._known[name] for name in self._graph.tensors if name in self._known]
            return Peek(
                known,
                self._graph.rows,
                in_rows=self._graph.in_rows,
                outputs=self._explorer.program.outputs,
            )

    @property
    def badged(self) -> frozenset[str]:
        """The ids of the nodes with room for a badge."""
        with self._lock:
            return frozenset(self._on_show()) if self._graph is not None else frozenset()

    @property
    def badges(self) -> dict[str, Badge]:
        """The badges by the ids of nodes, as far as they are computed."""
        from tfspark_magic.notebook.tensor_page import badge_of

        with self._lock:
            first, made = self.status.first, {}
            rows = self._graph.rows if self._graph is not None else 0
            for identity, names in self._on_show().items():
                found = [self._known[name] for name in names if name in self._known]
                badge = badge_of(found, rows, is_first=bool(first) and first in names)
                if badge is not None:
                    made[visible(identity)] = badge
            return made

    def start(self, source: RowSource, rows: int, seed: int | None = None) -> None:
        """Read rows and compute the nodes on show, in a job; what runs is cancelled."""
        which = f"{rows:,} rows drawn from" if seed is not None else f"the first {rows:,} rows of"

        def action() -> tuple[GraphOnRows, dict[str, NodeValues]]:
            graph = source.read(rows, seed)
            return graph, self._computed(graph, ())

        def done(made: tuple[GraphOnRows, dict[str, NodeValues]]) -> None:
            self.take(*made, source.name, seed)

        self._run(f"Reading {which} {source.name}", action, done, source.spark)

    def take(
        self, graph: GraphOnRows, known: dict[str, NodeValues], name: str, seed: int | None
    ) -> None:
        """Show values that are computed."""
        with self._lock:
            self._graph, self._known, self._cost = graph, known, None
            of = f"row{'' if graph.rows == 1 else 's'} of {name}"
            drawn = f" drawn with seed {seed}" if seed is not None else ""
            how = "each alone" if graph.in_rows else "as one block"
            self._says = f"{graph.rows:,} {of}{drawn}, {how}"
        self.follow()

    def show(self, graph: GraphOnRows, name: str, seed: int | None) -> None:
        """Compute the nodes on show, in this thread."""
        self.take(graph, self._computed(graph, ()), name, seed)

    def follow(self) -> None:
        """Compute what is newly on show, in a job, and forget what is not on show any more."""
        with self._lock:
            graph = self._graph
            if graph is None or (self._job is not None and self._job.state == "running"):
                # A job that ends looks again.
                return
            wanted = self._names(graph)
            self._known = {name: one for name, one in self._known.items() if name in wanted}
            missing = [name for name in wanted if name not in self._known]
            if not missing:
                first = self.values.not_finite or ""
                self._tell(Status("ready", self._says, first))
                return
            kept = set(self._known)

        def done(made: dict[str, NodeValues]) -> None:
            with self._lock:
                self._known |= made
            self.follow()

        self._run("Computing", lambda: self._computed(graph, kept), done)

    def find_first(self, found: Callable[[str], None]) -> None:
        """Tell the name of the operation that made the first NaN or infinity, also in a closed group."""
        with self._lock:
            graph, first = self._graph, self.status.first
            if graph is None or not first:
                return
            shown = next((i for i, names in self._on_show().items() if first in names), "")
            if not shown or shown == f"op:{first.partition(':')[0]}":
                found(first.partition(":")[0])
                return
            inside = set(self._explorer.inside(shown))
        tensors = [one for one in graph.tensors.values() if one.name.partition(":")[0] in inside]

        def done(made: Peek) -> None:
            found((made.not_finite or first).partition(":")[0])
            self.follow()

        self._run("Computing", lambda: graph.peek(tensors, max_bytes=0), done)

    def measure(self, *, on: bool) -> None:
        """Measure what the operations cost, in a job; or forget it."""
        with self._lock:
            graph = self._graph
            self._cost = None
        if graph is None:
            raise NotAvailableError(
                "There are no rows to measure the cost on: press Peek in the view first."
            )
        if not on:
            self._on_change()
            return

        def done(made: Cost) -> None:
            with self._lock:
                self._cost = made
            self.follow()

        self._run("Measuring", graph.cost, done)

    @property
    def costs(self) -> dict[str, Any]:
        """What is on show costs, as plain data; empty if it was not measured."""
        from tfspark_magic.notebook.costs import costs_of

        with self._lock:
            return {} if self._cost is None else costs_of(self._cost, self._explorer)

    def page(self, node: str, row: int) -> list[dict[str, Any]]:
        """Describe the tensors of a node for one row; a constant has no rows.

        Empty if they are not known.
        """
        from tfspark_magic.inspection.fixed_values import constant_values
        from tfspark_magic.notebook.tensor_page import page_of

        kinds = {v.id: v.kind for v in self._explorer.view.vertices()}
        if kinds.get(node) in _CONSTANTS:
            constant = constant_values(self._explorer.program, self._explorer.operation_of(node))
            if constant is not None:
                return [page_of(constant, 0, 0)]
        with self._lock:
            graph = self._graph
            if graph is None:
                return []
            names = self._on_show().get(node, ())
            found = [self._known[name] for name in names if name in self._known]
            return [page_of(one, row, graph.rows) for one in found]

    def cancel(self) -> None:
        """Cancel what runs."""
        with self._lock:
            job = self._job
        if job is not None:
            job.cancel()

    def forget(self) -> None:
        """Show no values any more, and free their memory."""
        self.cancel()
        with self._lock:
            self._job = None
            # A job may still use the graph, and frees its memory at its end.
            self._graph, self._known, self._cost = None, {}, None
        self._tell(Status())

    def _run(
        self, title: str, action: Callable[[], Any], done: Callable[[Any], None], spark: Any = None
    ) -> None:
        from tfspark_magic.executor.jobs import start
        from tfspark_magic.notebook.run_status import seconds

        self.cancel()
        said = 0

        def progress(now: Progress) -> None:
            nonlocal said
            if int(now.seconds) > said:
                said = int(now.seconds)
                self._tell(Status("busy", f"{title}, {seconds(said)}"), job)

        def ended(job: Job) -> None:
            with self._lock:
                if self._job is not job:
                    return
                self._job = None
            if job.state == "done":
                done(job.result)
            elif job.state == "failed":
                self._tell(Status("failed", job.sentence))
            else:
                self._tell(Status("ready", self._says) if self._graph else Status())

        with self._lock:
            job = self._job = start(action, spark=spark, on_progress=progress, on_end=ended)
        self._tell(Status("busy", f"{title} …"), job)

    def _tell(self, status: Status, job: Job | None = None) -> None:
        with self._lock:
            if job is not None and self._job is not job:
                return
            self.status = status
        self._on_change()

    def _on_show(self) -> dict[str, tuple[str, ...]]:
        """Return the names of the tensors of each node on show that has a badge."""
        constants = {
            v.id for v in self._explorer.view.vertices() if v.kind == "constant" and v.value
        }
        return {
            identity: tuple(f"{name}:{at}" if at else name for name, at in tensors)
            for identity, tensors in self._explorer.tensors().items()
            if tensors and identity not in constants
        }

    def _names(self, graph: GraphOnRows) -> list[str]:
        wanted = {name for names in self._on_show().values() for name in names}
        return [name for name in graph.tensors if name in wanted]

    def _computed(self, graph: GraphOnRows, known: Iterable[str]) -> dict[str, NodeValues]:
        """Compute what is on show and not known."""
        if graph.program is self._explorer.program and "tensors" not in vars(graph):
            graph.is_listed(self._explorer.nodes)
        names = [name for name in self._names(graph) if name not in known]
        found = graph.values([graph.tensors[name] for name in names])
        return dict(zip(names, found, strict=True))
