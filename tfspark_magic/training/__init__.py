"""Beside the data: a Keras model fitted by several processes to the rows that each of them has.

Each process has a part of the rows in files of its own (`row_spill.py`), takes its share of each batch
(`shares.py`, `spilled_batches.py`), and averages gradients, metrics and statistics with the others
(`together.py`, by the collectives in `collectives.py`). `fitting.py` is one process's training, with
the `callbacks.py` that make all decide alike; `training_state.py` and `checkpoint.py` are what is left of it.
On Spark a task (`task.py`) starts such a process and watches over it (`process.py`, `child.py`).
Start reading at `fitting.py`. Travels to the workers; may import `sources` and what that may.
"""
