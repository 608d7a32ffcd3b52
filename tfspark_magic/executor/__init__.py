"""What drives Spark: the verbs, shipping, sessions, previews and failures.

May import every layer above it in CONTRIBUTING's table, and pyspark; never IPython or a widget.
Start reading at `mapping.py`.
"""
