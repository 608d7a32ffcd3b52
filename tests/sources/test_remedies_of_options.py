"""Follow the advice in errors of paths and options literally: it works."""

from __future__ import annotations

import datetime as dt
import decimal
import re

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.local import LocalFileSystem

import tfspark_magic as tfs
from tests.executor.test_mapping import program
from tests.sources.tables import write
from tfspark_magic.errors import InexactValueError, OptionError, TfSparkError
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.sources.folders import store

ONE = "n = tf.placeholder(tf.uint8, [], name='n')\ntf.identity(n, name='one')"
TABLE = pa.table({"x": [1, 2, 3, 4], "y": [0.5, 1.5, 2.5, 3.5]})


def rows(path, **options):
    return sum(
        len(next(iter(batch.values())))
        for batch in tfs.dataset(path, batch_size=3, **{"nulls": "error", **options})
    )


@pytest.fixture
def folder(tmp_path):
    """A folder with a file for each kind of error."""
    (tmp_path / "plain").mkdir()
    write(TABLE, tmp_path / "plain" / "a.parquet")
    (tmp_path / "mixed").mkdir()
    write(TABLE, tmp_path / "mixed" / "a.parquet")
    write(TABLE, tmp_path / "mixed" / "b.csv")
    write(TABLE, tmp_path / "plain.csv")
    (tmp_path / "unnamed").write_bytes((tmp_path / "plain" / "a.parquet").read_bytes())
    for place in ("uneven/k=1", "uneven/k=2/j=3", "empty/k=", "twice/x=7"):
        (tmp_path / place).mkdir(parents=True)
        write(TABLE, tmp_path / place / "a.parquet")
    return tmp_path


# name: (path, wrong options, a part of the error, the path and options of its advice)
OPTIONS = {
    "an option of csv": (
        "plain", {"delimiter": ";"}, "delimiter and header are options of csv", "plain", {},
    ),
    "a format of no name": (
        "plain", {"format": "parket"}, "format is one of parquet, orc", "plain", {"format": "parquet"},
    ),
    "a name without a format": (
        "unnamed", {}, "pass format=, one of parquet", "unnamed", {"format": "parquet"},
    ),
    "files of two formats": (
        "mixed", {}, "give a glob that matches those of one", "mixed/*.parquet", {},
    ),
    "partitioning": (
        "plain", {"partitioning": "dirs"}, "partitioning is 'hive' or None", "plain", {"partitioning": None},
    ),
    "folders of other columns": (
        "uneven", {}, "or pass partitioning=None", "uneven", {"partitioning": None},
    ),
    "folders of other columns, apart": ("uneven", {}, "read them apart", "uneven/k=1", {}),
    "a folder without a value": (
        "empty", {}, "or pass partitioning=None", "empty", {"partitioning": None},
    ),
    "a column in files and folders": (
        "twice", {}, "pass partitioning=None to read that of the files", "twice", {"partitioning": None},
    ),
    "a schema of no schema": (
        "plain", {"schema": {"x": "int"}}, "schema is a pyarrow.Schema", "plain",
        {"schema": pa.schema([("x", pa.int64())])},
    ),
    "no such column": ("plain", {"columns": ["z"]}, "There are: x, y", "plain", {"columns": ["x", "y"]}),
    "no columns left": (
        "plain", {"columns": []}, "name one in columns", "plain", {"columns": ["x"]},
    ),
    "shapes of no column": (
        "plain", {"shapes": {"z": []}}, "There are: x, y", "plain", {"shapes": {"x": []}},
    ),
    "shapes of another rank": (
        "plain", {"shapes": {"x": [1]}}, "needs 0 sizes", "plain", {"shapes": {"x": []}},
    ),
    "nulls of no column": (
        "plain", {"nulls": {"z": 0}}, "no column 'z' is read", "plain", {"nulls": {"x": 0}},
    ),
    "nulls of another dtype": (
        "plain", {"nulls": "none"}, "use 'error', a value of that dtype, or a dict of them by column",
        "plain", {"nulls": {"x": 0, "y": 0.0}},
    ),
    "a seed for positions": (
        "plain", {"shuffle": True, "start": 1}, "pass seed=", "plain", {"shuffle": True, "start": 0, "seed": 1},
    ),
    "even shards without a shard": (
        "plain", {"even_shards": True}, "pass shard=(index, count)", "plain",
        {"even_shards": True, "shard": (0, 1)},
    ),
    "a seed for even shards": (
        "plain", {"even_shards": True, "shard": (0, 1), "shuffle": True}, "pass the same seed= to each",
        "plain", {"even_shards": True, "shard": (0, 1), "shuffle": True, "seed": 3},
    ),
    "a shard that is none": (
        "plain", {"shard": (1, 1)}, "0 <= index < count", "plain", {"shard": (0, 1)},
    ),
    "more even shards than rows": (
        "plain", {"shard": (0, 9), "even_shards": True}, "take fewer shards", "plain",
        {"shard": (0, 1), "even_shards": True},
    ),
    "a start that is no number": (
        "plain", {"start": "1"}, "start is a number of rows", "plain", {"start": 0},
    ),
    "a start beyond the end": (
        "plain", {"start": 5}, "beyond the last of 4 rows", "plain", {"start": 0},
    ),
    "a negative start": ("plain", {"start": -1}, "at least 0", "plain", {"start": 0}),
    "no threads": ("plain", {"threads": 0}, "at least 1", "plain", {"threads": 1}),
    "filters of no column": (
        "plain", {"filters": [("z", ">", 1)]}, "cannot be used", "plain", {"filters": [("x", ">", 0)]},
    ),
    "a path of no text": (["plain", 3], {}, "A path is a string", ["plain"], {}),
    "no path": ([], {}, "got an empty list", ["plain"], {}),
}  # fmt: skip


@pytest.mark.parametrize(("path", "wrong", "said", "then", "right"), OPTIONS.values(), ids=OPTIONS)
def test_options_as_advised(folder, path, wrong, said, then, right):
    def at(name):
        if isinstance(name, list):
            return [at(one) for one in name]
        return f"{folder}/{name}" if isinstance(name, str) else name

    with pytest.raises(TfSparkError, match=re.escape(said)) as error:
        rows(at(path), **wrong)
    assert "\n" not in str(error.value)
    assert rows(at(then), **right) >= 4


def test_options_of_files_are_given_where_they_are_made(folder):
    found = tfs.files(folder / "plain")
    with pytest.raises(TfSparkError, match=r"give them to tfs\.files"):
        tfs.dataset(found, filters=[("x", ">", 2)])
    with pytest.raises(TfSparkError, match=r"shapes of files are given to tfs\.files"):
        tfs.dataset(found, shapes={"x": ()})
    assert rows(tfs.files(folder / "plain", filters=[("x", ">", 2)])) == 2


@pytest.mark.parametrize("made", [TABLE, TABLE.to_pandas()], ids=["arrow", "pandas"])
def test_a_table_in_memory_is_written_for_a_dataset(made, tmp_path):
    with pytest.raises(TfSparkError, match=r"write the rows with tfs\.write_parquet\(df, path\)"):
        tfs.dataset(made)
    path = str(tmp_path / "rows.parquet")
    tfs.write_parquet(made, path)
    assert rows(path) == 4


def test_links_and_names_that_are_not_there(folder):
    (folder / "plain" / "b.parquet").symlink_to(folder / "nothing.parquet")
    with pytest.raises(TfSparkError, match="it is a link to nothing"):
        rows(folder / "plain")
    (folder / "plain" / "b.parquet").unlink()
    assert rows(folder / "plain") == 4
    with pytest.raises(TfSparkError, match="plane"):
        rows(folder / "plane" / "*.parquet")
    assert rows(folder / "plain" / "*.parquet") == 4


def test_where_a_table_is_written(folder):
    with pytest.raises(TfSparkError, match="is a folder: name a file in it"):
        tfs.write_parquet(TABLE, folder / "plain")
    tfs.write_parquet(TABLE, folder / "plain" / "b.parquet")
    with pytest.raises(TfSparkError, match="pass overwrite=True to replace it"):
        tfs.write_parquet(TABLE, folder / "plain" / "b.parquet")
    tfs.write_parquet(TABLE, folder / "plain" / "b.parquet", overwrite=True)
    assert rows(folder / "plain") == 8
    with pytest.raises(TfSparkError, match="takes a table or batches of Arrow, got dict"):
        tfs.write_parquet({"x": [1]}, folder / "c.parquet")
    tfs.write_parquet(pa.table({"x": [1]}), folder / "c.parquet")


def test_times_that_spark_has_not(folder):
    fine = pa.table({"t": pa.array([1], pa.timestamp("ns"))})
    with pytest.raises(InexactValueError, match="round its times to microseconds"):
        tfs.write_parquet(fine, folder / "t.parquet")
    rounded = np.array([1], "datetime64[ns]").astype("datetime64[us]")
    tfs.write_parquet(pa.table({"t": rounded}), folder / "t.parquet")


def test_where_a_folder_is_stored(folder):
    with pytest.raises(TfSparkError, match="pass overwrite=True to replace it"):
        store(folder / "mixed", f"{folder}/plain")
    store(folder / "mixed", f"{folder}/plain", overwrite=True)
    with pytest.raises(TfSparkError, match="name a file in it"):
        store(folder / "plain.csv", f"{folder}/mixed")
    store(folder / "plain.csv", f"{folder}/mixed/c.csv")
    with pytest.raises(TfSparkError, match="give another path"):
        store(folder / "mixed", f"{folder}/plain.csv")
    store(folder / "mixed", f"{folder}/another")
    assert (folder / "another" / "c.csv").exists()


def test_positions_are_for_the_dataset_that_gave_them(folder):
    options = {"batch_size": 2, "shuffle": True}
    first = next(iter(tfs.dataset(folder / "plain", positions=True, seed=1, **options)))
    position = first[-1]
    with pytest.raises(TfSparkError, match="seed must be those of the dataset that gave it"):
        tfs.dataset(folder / "plain", seed=2, start=position, **options)
    rest = tfs.dataset(folder / "plain", seed=1, start=position, **options)
    assert sum(len(batch["x"]) for batch in rest) == 2


def test_columns_of_files_in_a_verb(folder):
    double = program("tf.multiply(tf.placeholder(tf.float64, [None], name='y'), 2, name='z')")
    calls = {
        "There are: x, y": ({"columns": ["w"]}, {"columns": ["x"]}),
        "write columns=['x']": ({"columns": "x"}, {"columns": ["x"]}),
        "leave columns= out": ({"columns": ["x"], "trim": True}, {"trim": True}),
    }
    for said, (wrong, right) in calls.items():
        with pytest.raises(TfSparkError, match=re.escape(said)):
            tfs.map_blocks(double, folder / "plain", **wrong)
        table = tfs.map_blocks(double, folder / "plain", **right).to_arrow()
        assert table["z"].to_pylist() == [1, 3, 5, 7]
    with pytest.raises(TfSparkError, match="leave it out, and drop columns from the result"):
        tfs.map_blocks(double, TABLE.to_pandas(), columns=["x"])
    result = tfs.map_blocks(double, TABLE.to_pandas()).drop(columns="y")
    assert result["z"].tolist() == [1, 3, 5, 7]


def test_a_table_with_a_log_is_read_as_it_says(folder):
    log = folder / "plain" / "_delta_log"
    log.mkdir()
    (log / "00000000000000000000.json").write_text("{}")
    with pytest.raises(TfSparkError) as error:
        rows(folder / "plain")
    assert re.search(r"spark\.read|deltalake|DeltaTable", str(error.value)), error.value
    assert pq.read_table(folder / "plain" / "a.parquet").num_rows == 4


VALUES = {
    "n": pa.array([0, 7], pa.uint8()),
    "f": pa.array([0.5, 7], pa.float32()),
    "b": pa.array([True, False]),
    "t": pa.array(["a", "b"]),
    "s": pa.array([b"a", b"b"]),
    "d": pa.array([dt.date(2024, 1, 31), dt.date(2024, 2, 1)]),
    "w": pa.array(["2024-01-31", "2024-02-01"]).cast(pa.timestamp("us")),
    "z": pa.array([0, 1], pa.timestamp("us", "Europe/Berlin")),
    "h": pa.array([dt.time(12), dt.time(13)]),
    "m": pa.array([decimal.Decimal("0.5"), decimal.Decimal("0.7")]),
    "e": pa.array([dt.timedelta(days=1), dt.timedelta(days=2)]),
}


def test_filters_are_written_as_it_is_said(tmp_path):
    path = write(pa.table(VALUES | {"l": pa.array([[1], [2]])}), tmp_path / "a.parquet")
    names = {"datetime": dt, "decimal": decimal, "pyarrow": pa}
    wrong = [(name, [(name, "=~", 1)]) for name in VALUES]
    for name, filters in [
        *wrong,
        ("d", [("d", ">", "2024-01-30")]),
        ("n", 3),
        ("t", [("t", "==", 3)]),
    ]:
        with pytest.raises(OptionError, match="cannot be used: ") as error:
            tfs.files(path, filters=filters)
        code = re.search(r"write filters=(.*\]), with", str(error.value))[1]
        assert f"[({name!r}, " in code
        found = tfs.files(path, filters=eval(code, names))
        kept = 0 if name == "z" else 1
        assert tfs.map_rows(program(ONE), found, columns=["n"]).to_arrow().num_rows == kept
    with pytest.raises(OptionError, match=r"there is no column 'hh'\. Did you mean 'h'\?"):
        tfs.files(path, filters=[("hh", "==", 1)])


def test_paths_are_written_as_it_is_said():
    for path, form in [
        ("s3://bucket/a?endpoint=host", "s3"),
        ("gs://bucket/a?endpoint=host", "gs"),
        ("abfs://folder/a", "abfs"),
    ]:
        with pytest.raises(OptionError, match="cannot be opened, ") as error:
            open_filesystem(path)
        advised = re.search(rf"write it as ({form}:.*)\.$", str(error.value))[1]
        filesystem, _ = open_filesystem(advised.replace("...", "eu-1").replace("port", "9"))
        assert filesystem.type_name[0] == form[0]


def test_a_scheme_is_made_known_as_it_is_said(tmp_path):
    class Elsewhere(LocalFileSystem):
        protocol = "elsewhere"

        @classmethod
        def _strip_protocol(cls, path):
            return super()._strip_protocol(path.removeprefix("elsewhere:/"))

    write(TABLE, tmp_path / "a.parquet")
    path = f"elsewhere:/{tmp_path}/a.parquet"
    with pytest.raises(OptionError, match=r"hfds:// is not a known scheme\. Did you mean 'hdfs'"):
        open_filesystem("hfds://namenode:8020/a")
    with pytest.raises(OptionError, match="elsewhere:// is not a known scheme") as error:
        rows(path)
    call = re.search(r"by (fsspec\..*)\.$", str(error.value))[1]
    eval(call.replace("...", "Elsewhere"), {"fsspec": fsspec, "Elsewhere": Elsewhere})
    assert rows(path) == 4
