"""Files and HDFS straight into TensorFlow: no Spark, no JVM, no pickle, no pandas.

`filesystem.py` opens paths, `listing.py` finds files, `files.py` says what they hold and where to
cut them, `reading.py` reads a fragment as Arrow batches, and `dataset.py` makes tensors of them. May
import `errors`, `schema`, `graph`, `binding` and `worker`; all but `dataset.py` works without
TensorFlow. Start reading at `files.py`.
"""
