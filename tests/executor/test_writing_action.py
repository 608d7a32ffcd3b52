"""The form's write: Spark's own, which also goes into the empty folder of one that was cancelled."""

from __future__ import annotations

import pytest

from tfspark_magic import errors
from tfspark_magic.notebook.action import Action


@pytest.mark.both
def test_only_an_empty_folder_is_written_to_unasked(spark, tmp_path):
    df = spark.range(3)
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (empty, tmp_path / "new"):
        assert Action("write", str(path)).run(df) == (df, f"written to {path}")
        assert spark.read.parquet(str(path)).count() == 3
    hidden = tmp_path / "hidden" / "_temporary" / "0"
    hidden.mkdir(parents=True)
    (hidden / "of another job").touch()
    table = tmp_path / "table" / "_delta_log"
    table.mkdir(parents=True)
    (table / "0.json").touch()
    pattern = tmp_path / "a[b]"
    pattern.mkdir()
    (pattern / "a").touch()
    file = tmp_path / "file"
    file.touch()
    for path in (empty, hidden.parents[1], table.parent, pattern, file):
        before = sorted(path.rglob("*"))
        with pytest.raises(errors.OptionError, match="already: choose another path, or overwrite"):
            Action("write", str(path)).run(df)
        assert sorted(path.rglob("*")) == before
