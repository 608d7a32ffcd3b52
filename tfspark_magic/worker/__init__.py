"""What runs beside the data: Arrow columns to tensors, the graph, tensors to Arrow columns.

May import `errors`, `schema.spec`, `schema.arrow`, `graph` and `binding`; from outside numpy,
pyarrow and tensorflow, which is all that a node of the cluster needs. Never IPython, and pyspark
only where `shipped.py` asks Spark's worker for a file. Start reading at `mapping.py`.
"""
