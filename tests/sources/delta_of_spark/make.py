"""Make the tables in this folder with Spark itself, and its answers for each version.

They have what deltalake does not write: deletion vectors, mapped columns and widened types. Run with PySpark 4.2 and
`io.delta:delta-spark_4.2_2.13:4.4.0`, in an empty folder:

    python make.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

PACKAGE = "io.delta:delta-spark_4.2_2.13:4.4.0"
TABLES = {
    "deleted": [
        "create table T (id long, x double, day int) using delta partitioned by (day) "
        "tblproperties ('delta.enableDeletionVectors' = 'true')",
        "insert into T select /*+ coalesce(1) */ id, if(id % 7 = 0, null, id / 2), if(id < 40, 1, null) "
        "from range(60)",
        "delete from T where id % 5 = 0",
        "delete from T where id in (1, 2, 59)",
        "insert into T select /*+ coalesce(1) */ id, id, 2 from range(100, 110)",
    ],
    "mapped": [
        "create table T (id long, old int, s struct<a: int, b: string>, v array<struct<a: int>>, "
        "p string) using delta partitioned by (p) tblproperties ('delta.columnMapping.mode' = 'name')",
        "insert into T select /*+ coalesce(1) */ id, id * 10, named_struct('a', int(id), 'b', 'b'), "
        "array(named_struct('a', int(id))), 'x/y z' from range(3)",
        "alter table T rename column old to new",
        "alter table T rename column s.a to c",
        "alter table T rename column v.element.a to d",
        "alter table T rename column p to q",
        "alter table T add column (old string, s.e int)",
        "alter table T drop column id",
        "insert into T values (7, named_struct('c', 8, 'b', 'n', 'e', 9), null, null, 'text')",
    ],
    "by_id": [
        "create table T (id long, x int) using delta tblproperties ('delta.columnMapping.mode' = 'id')",
        "insert into T select /*+ coalesce(1) */ id, id from range(3)",
        "alter table T rename column x to y",
        "insert into T values (3, null)",
    ],
    "widened": [
        "create table T (id int, f float, d date, n decimal(5, 2), b byte, v array<int>) using delta "
        "tblproperties ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')",
        "insert into T values (1, 0.1, date'2024-02-29', 1.25, 3, array(1, 2))",
        "alter table T alter column id type long",
        "alter table T alter column f type double",
        "alter table T alter column d type timestamp_ntz",
        "alter table T alter column n type decimal(10, 4)",
        "alter table T alter column b type int",
        "alter table T alter column v.element type long",
        "insert into T values (1099511627776, 0.1d, timestamp_ntz'2024-03-01 01:02:03.000004', "
        "1.0001, 100000, array(1099511627776))",
    ],
    "checkpointed": [
        "create table T (id long, t timestamp) using delta partitioned by (t) tblproperties "
        "('delta.checkpointInterval' = '2', 'delta.checkpointPolicy' = 'v2', "
        "'delta.enableDeletionVectors' = 'true')",
        "insert into T values (1, timestamp'2024-02-29 01:02:03.5'), (2, null)",
        "insert into T values (3, timestamp'1969-12-31 23:59:59')",
        "delete from T where id = 2",
    ],
}


def main() -> None:
    """Write each table and its answers into this working folder."""
    build = SparkSession.builder.master("local[1]").config("spark.jars.packages", PACKAGE)
    build = build.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    build = build.config("spark.sql.session.timeZone", "UTC").config("spark.ui.enabled", "false")
    build = build.config("spark.sql.shuffle.partitions", "1")
    build = build.config("spark.databricks.delta.snapshotPartitions", "1")
    catalog = "org.apache.spark.sql.delta.catalog.DeltaCatalog"
    spark = build.config("spark.sql.catalog.spark_catalog", catalog).getOrCreate()
    for name in sys.argv[1:] or TABLES:
        table = f"delta.`{Path(name).absolute()}`"
        for statement in TABLES[name]:
            spark.sql(statement.replace(" T ", f" {table} "))
        last = spark.sql(f"describe history {table}").agg({"version": "max"}).first()[0]
        for version in range(1, last + 1):
            df = spark.read.format("delta").option("versionAsOf", version).load(name)
            pq.write_table(df.toArrow(), f"{name}-{version}.parquet")


if __name__ == "__main__":
    main()
