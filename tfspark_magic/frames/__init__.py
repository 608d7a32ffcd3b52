"""The frames that verbs run over, one file for each kind: Spark, pandas, files, Arrow.

`frame.py` defines the operations of every kind, and finds the kind of a value that a user gives.
Code outside of this package does not ask for the kind. May import every layer above it in
CONTRIBUTING's table, and pyspark; never IPython or a widget. Start reading at `frame.py`, then
`spark.py` and `spark_maps.py`.
"""

from __future__ import annotations
