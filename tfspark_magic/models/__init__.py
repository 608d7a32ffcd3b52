"""Load existing models as programs, with `tfs.load`, and save programs in their own files.

Readers (`saved_model`, `keras_model`, `function`, `graph_def`) find the parts of a model: its
graph, the names of its inputs and outputs, and the sources of its variables and tables. `source.py`
makes a program of these, after `safety.py` has checked them. `archive.py` is our own format, and
`loading.py` finds the right reader. `storage.py` is the public interface; only this module knows
where files are.
"""
