"""Draw a `Program` as a picture.

Start at `picture.draw`. The steps are: list the program's operations
(`tfspark_magic.graph.structure`), fold auxiliary operations into others (`plumbing`), arrange them
by name scope and find runs of similar ones (`scopes`) or the stages of a network (`stages`), open
scopes as far as there is room (`collapse`), add the texts (`view`; `kinds` names layers), write DOT
source (`dot`, as `layout` says) or text (`outline`), let a Graphviz engine do the layout
(`render`), and adapt the result for light and dark pages (`svg`; `titles` keeps lines off titles).

`explore` is the same graph, in which a user opens, closes and searches: `openings` opens and closes
groups, `search` finds operations, and `details` describes them.

May import `graphviz`; TensorFlow is imported when something is drawn, not before. It needs no
notebook; in a notebook, a `Drawing` is shown through `_repr_mimebundle_`.
"""

from __future__ import annotations

from tfspark_magic.drawing.picture import Drawing, draw

__all__ = ["Drawing", "draw"]
