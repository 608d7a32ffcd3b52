"""Spark Connect from a process that has `pyspark-client` alone: no Java, and no classic Spark."""

from __future__ import annotations

import pytest

from tests.test_versions import WITHOUT_CLASSIC, run

EVERYTHING = """
import shutil

assert shutil.which("java") is None
import numpy as np
import pandas as pd
from IPython.core.interactiveshell import InteractiveShell
from pyspark.sql import SparkSession

import tfspark_magic as tfs

url, path = sys.argv[1:]
spark = SparkSession.builder.remote(url).getOrCreate()
df = spark.range(6).selectExpr("cast(id as double) x", "id % 2 k")
shell = InteractiveShell.instance()
shell.user_ns["df"] = df
shell.run_line_magic("load_ext", "tfspark_magic")
shell.run_cell_magic("tfgraph", "twice --no-form", '''
import tensorflow as tf
x = tf.placeholder(tf.float64, [], name='x')
tf.multiply(x, 2.0, name='z')''')
shell.run_cell_magic("tfgraph", "total --no-form", '''
x_input = tf.placeholder(tf.float64, [None], name='x_input')
tf.reduce_sum(x_input, name='x')''')
twice, total = shell.user_ns["twice"], shell.user_ns["total"]
pd.DataFrame({"x": np.arange(6.0)}).to_parquet(path)
shell.run_line_magic("tfrun", "twice --df df --out mapped")
tfs.register(spark, "tf_twice", twice)
df.createOrReplaceTempView("numbers")
found = [
    [row.z for row in frame.select("z").collect()]
    for frame in (
        shell.user_ns["mapped"],
        tfs.map_rows(twice, df),
        tfs.map_files(twice, path, spark=spark),
        df.select(tfs.udf(twice)("x").alias("z")),
        spark.sql("select tf_twice(x) z from numbers"),
    )
] + [tfs.run_local(twice, df).z.tolist(), tfs.map_rows(twice, df.toPandas()).z.tolist()]
assert found == [[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]] * 7, found
assert "vectorized" in str(tfs.explain(twice, df))
sums = tfs.aggregate(total, df.groupBy("k")).collect()
print(tfs.reduce_blocks(total, df), sorted((row.k, row.x) for row in sums))
"""


@pytest.mark.long
@pytest.mark.both
@pytest.mark.parametrize("url", ["connect"])
def test_every_verb_and_the_magics(url, connect_url, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    said = run(tmp_path, WITHOUT_CLASSIC + EVERYTHING, connect_url, str(tmp_path / "x.parquet"))
    assert said.splitlines()[-1] == "15.0 [(0, 6.0), (1, 9.0)]"
