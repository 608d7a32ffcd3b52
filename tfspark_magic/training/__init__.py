"""Beside the data: several processes fit a Keras model, each to its own part of the rows.

Each process keeps its rows in files (`row_spill.py`) and takes its share of each batch (`shares.py`,
`spilled_batches.py`). It averages gradients, metrics and statistics with the other processes
(`together.py`, with the collectives of `collectives.py`). `fitting.py` is the training of one
process; its `callbacks.py` make all processes decide alike. `training_state.py` is what a training
keeps of each epoch, and `checkpoint.py` the files for it. On Spark, a task (`task.py`) starts such
a process and watches it (`process.py`, `child.py`). Start reading at `fitting.py`. Travels to the
workers; may import `sources` and what that may.
"""
