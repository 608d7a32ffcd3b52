"""Answer what the page asks about a graph: search, details, groups to open, values and cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from tfspark_magic.drawing.explore import Explorer
from tfspark_magic.drawing.outline import visible
from tfspark_magic.errors import OptionError
from tfspark_magic.notebook.graph_files import text_of_graph
from tfspark_magic.notebook.peeking import SEED, Peeking, RowSource


class Fetching(NamedTuple):
    """Says whether an operation is computed, and has it computed or not."""

    chosen: Callable[[str], bool]
    choose: Callable[[str, bool], None]


class GraphAnswers:
    """The answers to the page of a graph.

    >>> answers({"ask": "search", "text": "MatMul"})["total"]       # doctest: +SKIP
    2

    Parameters
    ----------
    explorer
        The graph.
    peeking
        The values of the nodes on show.
    show
        Called after groups were opened or closed.
    select
        Called with the name of an operation that is to be selected.

    Attributes
    ----------
    source
        Says where rows come from; None if there are none.
    fetching
        Chooses the operations to compute; None if there is no form.
    """

    def __init__(
        self,
        explorer: Explorer,
        peeking: Peeking,
        show: Callable[[], None],
        select: Callable[[str], None],
    ) -> None:
        self._explorer, self._peeking = explorer, peeking
        self._show, self._select = show, select
        self.source: Callable[[], RowSource] | None = None
        self.fetching: Fetching | None = None

    def __call__(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a message of the page.

        Raises
        ------
        TfSparkError
            If there is no answer.
        """
        ask, node = content.get("ask"), self._id(str(content.get("node", "")))
        explorer = self._explorer
        match ask:
            case "search" | "size":
                is_search = ask == "search"
                return asdict(
                    explorer.search(str(content["text"])) if is_search else explorer.size(node)
                )
            case "details":
                return self._details(node)
            case "open" | "close" | "open_all" | "close_all":
                said = getattr(explorer, ask)(*([node] if ask in {"open", "close"} else []))
                self._show()
                return {"says": said or ""}
            case "reveal":
                identity, said = explorer.reveal(str(content["name"]))
                self._show()
                return {"id": visible(identity), "says": said}
            case "export":
                return {"text": text_of_graph(explorer, str(content["format"]))}
        return self._on_rows(content, node)

    def _id(self, wired: str) -> str:
        """Return the page's id of an item, which is made of its visible parts."""
        return next((name for name in self._explorer.names if visible(name) == wired), wired)

    def _details(self, node: str) -> dict[str, Any]:
        details = self._explorer.details(node)
        fetching = None if self._explorer.is_inside(details.name) else self.fetching
        is_fetched = fetching.chosen(details.name) if fetching else None
        shown = asdict(details) | {"id": visible(node)}
        return shown | {"fetched": is_fetched if details.op else None}

    def _on_rows(self, content: Mapping[str, Any], node: str) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        ask = content.get("ask")
        match ask:
            case "peek":
                self._peek(int(content["rows"]), drawn=bool(content["drawn"]))
            case "cancel_peek":
                self._peeking.cancel()
            case "hide_values":
                self._peeking.forget()
            case "cost":
                self._peeking.measure(on=bool(content["on"]))
            case "first":
                self._peeking.find_first(self._select)
            case "fetch":
                answer["name"] = name = self._explorer.operation_of(node)
                self._fetch(name, on=bool(content["on"]))
            case "values":
                answer["pages"] = self._peeking.page(node, int(content["row"]))
            case _:
                sentence = f"{ask!r} is not a known request."
                raise OptionError(sentence)
        return answer

    def _fetch(self, name: str, *, on: bool) -> None:
        if self.fetching is None:
            message = f"There is no form to compute {name!r}: take program.fetch({name!r})."
            raise OptionError(message)
        self.fetching.choose(name, on)

    def _peek(self, rows: int, *, drawn: bool) -> None:
        if self.source is None:
            message = "There are no rows to peek at: choose a DataFrame, or call view.peek(df)."
            raise OptionError(message)
        self._peeking.start(self.source(), rows, SEED if drawn else None)
