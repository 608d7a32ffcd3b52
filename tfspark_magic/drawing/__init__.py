"""From a `Program` to a picture of it.

Start at `picture.draw`. The way: the program's operations (`tfspark_magic.graph.structure`), those
that only help others folded away (`plumbing`), arranged by name scope with runs of like ones found
(`scopes`), opened as far as there is room (`collapse`), put into words (`view`), written as DOT
source (`dot`) or as text (`text`), laid out by a Graphviz engine (`render`) and made fit for a
page that is light or dark (`svg`).

`explore` is the same graph as its reader opens, closes and searches it: `openings` changes what is
open, `search` and `details` look up what no drawing has room for.

May import `graphviz`; TensorFlow is imported when something is drawn, not before. No notebook is
needed: a `Drawing` shows itself in one through `_repr_mimebundle_`.
"""

from __future__ import annotations

from tfspark_magic.drawing.picture import Drawing, draw

__all__ = ["Drawing", "draw"]
