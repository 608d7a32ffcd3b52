"""What a verb runs over, one file for each kind: Spark, pandas, files, Arrow.

`frame.py` says what each kind can do, and finds the kind of what a user gives; nothing outside of this
package asks what kind it is. May import every layer above it in CONTRIBUTING's table, and pyspark;
never IPython or a widget. Start reading at `frame.py`, then `spark.py` and `spark_maps.py`.
"""

from __future__ import annotations
