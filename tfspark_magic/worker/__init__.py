"""The code that runs beside the data: Arrow columns to tensors, the graph, tensors to Arrow columns.

May import `errors`, `schema.spec`, `schema.arrow`, `graph` and `binding`, and the packages numpy,
pyarrow and tensorflow: a node of the cluster needs no others. Never IPython; pyspark only in
`shipped.py`, which asks Spark's worker for files. Start reading at `mapping.py`.
"""
