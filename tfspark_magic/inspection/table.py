"""Show rows of words as a table: in text, and in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

Rows = Sequence[tuple[str, ...]]
_CELL = "padding:3px 14px 3px 0;border:none;text-align:{};white-space:nowrap"


def as_text(heads: tuple[str, ...], rows: Rows) -> str:
    """Return a table as text, with a line for each row.

    >>> print(as_text(("node", "most"), [("mul", "2"), ("z", "12")]))
    node  most
    mul   2
    z     12
    """
    table = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(t.ljust(w) for t, w in zip(row, widths, strict=True)) for row in table)
    return "\n".join(line.rstrip() for line in lines)


def as_html(
    heads: tuple[str, ...],
    rows: Rows,
    numbers: Sequence[str],
    stands_out: Callable[[tuple[str, ...]], bool],
) -> str:
    """Return a table as HTML.

    >>> as_html(("node",), [("mul",)], (), lambda row: False)
    '<table ...>mul</td></tr></tbody></table>'

    Parameters
    ----------
    heads, rows
        The headings, and the words of each row.
    numbers
        The headings of columns of numbers, which stand on the right.
    stands_out
        Whether a row is shown in bold.
    """
    sides = [_CELL.format("right" if head in numbers else "left") for head in heads]
    head = "".join(
        f'<th scope="col" style="{side};font-weight:normal;opacity:0.75">{text}</th>'
        for text, side in zip(heads, sides, strict=True)
    )
    body = "".join(
        f'<tr style="background:none{";font-weight:bold" if stands_out(row) else ""}">'
        + "".join(
            f'<td style="{side}">{escape(text)}</td>' for text, side in zip(row, sides, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table style="border-collapse:collapse;border:none;margin:8px 0 0 0">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
