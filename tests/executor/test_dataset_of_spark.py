"""Spark DataFrames as a `tf.data.Dataset`, and as files of the same rows are."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import FileContentError, OptionError
from tfspark_magic.frames import spark_query

COLUMNS = (
    "cast(id as int) x", "cast(id as float) `a.b`", "array(id + 0D, 1D) v", "cast(id as string) s",
    "date_add(date'1970-01-01', cast(id as int)) d", "id % 2 = 0 even", "nullif(id, 3) n",
)  # fmt: skip


def rows_of(data):
    found = [{name: tensor.numpy() for name, tensor in batch.items()} for batch in data]
    return {name: np.concatenate([batch[name] for batch in found]) for name in found[0]}


@pytest.mark.both
def test_rows_are_those_of_files(spark, tmp_path, monkeypatch):
    folders = []
    temporary = spark_query.TemporaryFolder

    def noted():
        folders.append(temporary())
        return folders[-1]

    monkeypatch.setattr(spark_query, "TemporaryFolder", noted)
    df = spark.range(0, 50, 1, 3).selectExpr(*COLUMNS)
    df.write.parquet(str(tmp_path / "rows"))
    options = {"columns": ["x", "a.b", "v", "s", "d", "even"], "batch_size": 8, "shapes": {"v": 2}}
    data = tfs.dataset(df, **options)
    files = tfs.dataset(tmp_path / "rows", **options)
    assert data.element_spec == files.element_spec
    assert int(data.cardinality()) == int(files.cardinality()) == 7
    mine, its = rows_of(data), rows_of(files)
    for name, values in its.items():
        np.testing.assert_array_equal(mine[name], values)
    shuffled = tfs.dataset(df, "x", 8, shuffle=True, seed=1)
    passes = [np.concatenate([x.numpy() for x in shuffled]) for _ in range(2)]
    again = np.concatenate([x.numpy() for x in tfs.dataset(df, "x", 8, shuffle=True, seed=1)])
    assert (np.sort(passes) == np.arange(50)).all()
    assert (passes[0] != passes[1]).any()
    assert (passes[0] == again).all()
    labelled = next(iter(tfs.dataset(df, "a.b", 50, label="x")))
    assert [tensor.dtype.name for tensor in labelled] == ["float32", "int32"]
    assert list(tfs.dataset(df.limit(0), "x", 8)) == []
    with pytest.raises(FileContentError, match="no null in column 'n'"):
        list(tfs.dataset(df, "n", 8))
    with pytest.raises(OptionError, match="There is no column 'y'"):
        tfs.dataset(df, ["x", "y"], 8)
    with pytest.raises(OptionError, match="filter the DataFrame"):
        tfs.dataset(df, filters=[("x", ">", 3)])
    paths = [Path(folder.name) for folder in folders]
    assert all(path.exists() for path in paths)
    del data, shuffled
    folders.clear()
    gc.collect()
    assert not any(path.exists() for path in paths)
