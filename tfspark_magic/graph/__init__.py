"""A TensorFlow graph as a value: capturing, freezing, vectorizing and loading it.

May import `errors`, `schema` and TensorFlow, which `runtime.py` alone imports. Start reading at
`program.py`, then `capture.py`, `freeze.py` and `vectorize.py` in the order of a graph's life.
"""
