"""The form below a graph: binds its program to a DataFrame, and asks for a preview or a run.

`state` puts together the user's choices (`choices`), the columns that fit (`placeholder_rows`) and
the field of each error (`refusals`); it uses the code of the magics for this. `fields` describes
the state as plain data, and `widget` shows it in the page and receives the choices that are made
there.
"""
