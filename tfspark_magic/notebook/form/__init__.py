"""The form below a graph: binds its program to a DataFrame, and asks for a preview or a run.

`state` puts together what was chosen and typed (`choices`), which columns fit (`rows`) and where an
error belongs (`reasons`), as the magics' own code says it. `fields` describes the state as plain
data, and `widget` shows that in the page and hears what is chosen there.
"""
