"""Draw the boxes, texts and buttons of ipywidgets in a page that has anywidget alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as W  # noqa: N812
import traitlets

_SEEN = {
    W.Box: ("children",),
    W.HTML: ("value",),
    W.Button: ("description", "tooltip", "disabled"),
}
"""The traits that the page shows of each kind of widget."""
_STYLES = ("display", "flex", "width", "height", "min_width", "margin", "align_items", "grid_gap")


class Stage(anywidget.AnyWidget):
    """A box of widgets with all that is in it, as one widget.

    >>> Stage(workbench)                                            # doctest: +SKIP
    Stage(Workbench(score))

    Widgets of anywidget inside the box are drawn as they are, by the front end.
    """

    _esm = Path(__file__).parents[1] / "static" / "stage.js"

    tree = traitlets.Dict(read_only=True).tag(sync=True)
    """The widgets, each with those inside it."""

    def __init__(self, box: W.Box) -> None:
        self._box = box
        self._followed: dict[str, W.Widget] = {}
        super().__init__()
        self.on_msg(self._hear)
        self._update()

    def __repr__(self) -> str:
        return f"Stage({self._box!r})"

    def _update(self, _: Any = None) -> None:
        self.set_trait("tree", _described(self._box))
        now = {widget.model_id: widget for widget in _inside(self._box)}
        for identity in now.keys() - self._followed.keys():
            widget = now[identity]
            widget.observe(self._update, list(_traits(widget)))
            widget.layout.observe(self._update, list(_STYLES))
        self._followed = now

    def _hear(self, _: Any, content: Mapping[str, Any], __: Any) -> None:
        button = self._followed.get(str(content.get("press")))
        if isinstance(button, W.Button) and not button.disabled:
            button.click()


def _described(widget: W.Widget) -> dict[str, Any]:
    if isinstance(widget, anywidget.AnyWidget):
        return {"id": widget.model_id, "kind": "widget", "ref": f"anywidget:{widget.model_id}"}
    values = {name: getattr(widget.layout, name) for name in _STYLES}
    styles = {name.replace("_", "-"): value for name, value in values.items() if value is not None}
    described = {"id": widget.model_id, "styles": styles}
    if isinstance(widget, W.Box):
        inside = [_described(child) for child in widget.children]
        kind = "row" if isinstance(widget, W.HBox) else "column"
        return {**described, "kind": kind, "inside": inside}
    shown = {name: getattr(widget, name) for name in _traits(widget)}
    return {**described, "kind": type(widget).__name__.lower(), **shown}


def _inside(widget: W.Widget) -> Iterator[W.Widget]:
    if isinstance(widget, anywidget.AnyWidget):
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)


def _traits(widget: W.Widget) -> tuple[str, ...]:
    return next(traits for kind, traits in _SEEN.items() if isinstance(widget, kind))
