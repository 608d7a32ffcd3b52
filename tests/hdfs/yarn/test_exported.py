"""What `%tfrun --export` writes, run by `spark-submit --master yarn` without a notebook."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebook.conftest import notebook  # noqa: F401  (a fixture)
from tests.notebook.test_tfgraph import SEED


@pytest.mark.long
@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_the_script_gives_what_the_notebook_gives(
    mode,
    notebook,  # noqa: F811
    spark,
    client,
    tmp_path,
    monkeypatch,
):
    monkeypatch.chdir(tmp_path)
    rows = f"hdfs:///exported/{mode}/rows"
    spark.range(0, 40, 1, 2).selectExpr(
        "cast(id as int) x", "cast(2 * id as int) y", "id % 3 k"
    ).write.parquet(rows)
    notebook.names["df"] = spark.read.parquet(rows)
    notebook.ok("%%tfgraph score\n" + SEED)
    line = "score --df df --bind x=y y=x --nulls 0 --rows-per-block 7 --device cpu"
    notebook.ok(f"%tfrun {line} --export job.py")
    notebook.ok(f"%tfrun {line} --out here")
    here = notebook.names["here"].orderBy("k", "x").toArrow()
    result = f"hdfs:///exported/{mode}/result"
    files = [] if mode == "client" else ["--files", "job.tfs"]
    client.submit(*files, "job.py", result, folder=tmp_path, mode=mode)
    assert spark.read.parquet(result).orderBy("k", "x").toArrow() == here
    assert set(np.array(here["z"]) - np.array(here["y"])) >= {0, 3, 117}
