"""What runs beside the data: Arrow columns to tensors, the graph, tensors to Arrow columns.

May import `errors`, `schema.spec`, `schema.arrow`, `graph` and `binding`; from outside numpy,
pyarrow and tensorflow, which is all that a node of the cluster needs. Never pyspark (but `shipped.py`, which asks Spark's worker for a file), never
IPython. Start reading at `mapping.py`.
"""
