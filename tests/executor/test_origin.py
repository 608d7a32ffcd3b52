from __future__ import annotations

import pytest

from tfspark_magic.executor.origin import origin_of

pytestmark = pytest.mark.both


@pytest.fixture
def folder(spark, tmp_path):
    path = tmp_path / "a table"
    spark.range(20).selectExpr("id", "id % 2 odd").write.partitionBy("odd").parquet(str(path))
    return path


def test_parquet_as_it_was_read(spark, folder):
    origin = origin_of(spark.read.parquet(str(folder)))
    assert origin.is_whole
    assert [path.removeprefix("file:").lstrip("/") for path in origin.paths] == [
        str(folder).lstrip("/")
    ]
    assert spark.read.parquet(*origin.paths).count() == 20
    one = next((folder / "odd=1").glob("*.parquet"))
    single = origin_of(spark.read.parquet(str(one)))
    assert single.is_whole
    assert single.paths[0].endswith(one.name)


def test_what_was_done_to_it_is_not_known(spark, folder):
    origin = origin_of(spark.read.parquet(str(folder)).filter("id < 5"))
    assert not origin.is_whole
    assert origin.paths[0].endswith("/a table")


def test_tables_and_what_is_neither(spark, tmp_path):
    spark.range(3).write.format("csv").mode("overwrite").saveAsTable("numbers_of_origin")
    try:
        origin = origin_of(spark.table("numbers_of_origin"))
        assert origin.is_whole
        assert origin.table.endswith("numbers_of_origin")
        assert origin.paths == ()
    finally:
        spark.sql("drop table numbers_of_origin")
    assert origin_of(spark.range(3)) == origin_of(spark.range(3).selectExpr("id + 1 x"))
    assert not origin_of(spark.range(3)).is_whole
    spark.range(2).write.csv(str(tmp_path / "text"))
    assert origin_of(spark.read.csv(str(tmp_path / "text"))).paths == ()
