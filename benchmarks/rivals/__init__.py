"""The same work by this package, TensorFlow alone, Ray Data and Daft, each way in a process of its own.

`parts.py` has the work and its check; `with_*.py` has a function for each part that a library can do,
named as the part, which returns a `Job`. Start in `__main__.py`.
"""
