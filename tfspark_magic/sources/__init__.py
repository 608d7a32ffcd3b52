"""Read files and HDFS into TensorFlow without Spark, JVM, pickle or pandas.

`filesystem.py` opens paths, `listing.py` finds files, `files.py` reads their schema and cuts them
into fragments, `reading.py` reads a fragment as Arrow batches, and `dataset.py` makes tensors of
them. May import `errors`, `schema`, `graph`, `binding` and `worker`. All modules but `dataset.py`
work without TensorFlow. Start reading at `files.py`.
"""
