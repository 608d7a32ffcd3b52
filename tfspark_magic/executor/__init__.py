"""Control Spark: sessions, shipping, GPUs, jobs and failures.

May import every layer above it in CONTRIBUTING's table, and pyspark; never IPython or a widget.
Start reading at `shipping.py`.
"""
