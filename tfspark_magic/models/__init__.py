"""Models that people already have, as programs: `tfs.load`, and programs in files of their own.

Readers (`saved_model`, `keras_model`, `function`, `graph_def`) say what a model is: a graph, the names
of its ends, and what gives its variables and tables their values. `source.py` makes a program of that,
which `safety.py` has checked. `archive.py` is the format of our own, `loading.py` finds the reader, and
`storage.py`, which alone may know where files are, is the public face.
"""
