"""Style the tables of a notebook, for light and dark pages.

Styles are attributes of the elements, because style sheets are not saved with a notebook.
"""

from __future__ import annotations

from html import escape

# The drawing's blue and green for placeholders and fetches. They are so transparent that text keeps
# the theme's colour, and light enough for a dark page.
BLUE, GREEN = "60,130,235", "45,165,95"
HEAD, BODY = 0.26, 0.13
"""The opacity of these colours."""

CELL = "padding:3px 10px;border:none;vertical-align:top;white-space:nowrap;"
MONO = "font-family:var(--jp-code-font-family,ui-monospace,monospace);"
FAINT = "opacity:0.65;"
LINE = "border-bottom:1px solid rgba(127,127,127,0.5);"


def tint(colour: str, strength: float) -> str:
    """Return the style of a background."""
    return f"background-color:rgba({colour},{strength});"


def table(head: str, rows: list[str], notes: list[str], kind: str = "") -> str:
    """Return a table, with notes below it, as HTML.

    Parameters
    ----------
    head
        The cells of the heading.
    rows
        The cells of each row.
    notes
        The notes, as text.
    kind
        The class of the whole, if it has one.
    """
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    below = "".join(
        f'<div style="{MONO}{FAINT}font-size:12px;padding:6px 0 0 0">{escape(note)}</div>'
        for note in notes
        if note
    )
    shown_as = f'class="{kind}" ' if kind else ""
    return (
        f'<div {shown_as}style="overflow-x:auto;padding:2px 0 6px 0">'
        '<table style="border-collapse:collapse;font-size:13px;margin:0;border:none">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}</div>"
    )
