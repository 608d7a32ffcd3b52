"""Handle a TensorFlow graph as a value: capture, freeze, vectorize and load it.

May import `errors`, `schema` and TensorFlow; only `runtime.py` imports TensorFlow itself. Start
reading at `program.py`, then `capture.py`, `freeze.py` and `vectorize.py` in the order of a graph's
life.
"""
