from __future__ import annotations

import builtins
import pickle

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

import tfspark_magic as tfs
from tfspark_magic.errors import MissingDependencyError, OptionError, PathAccessError
from tfspark_magic.sources.filesystem import open_filesystem, shown, uri_of
from tfspark_magic.sources.listing import find_files


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/a/b", "/a/b"),
        ("hdfs://u:p@n:8020/a@b", "hdfs://n:8020/a@b"),
        ("s3://key:se@cret@bucket/a?session_token=t&x=1", "s3://bucket/a"),
        ("failed at 's3://k:s@b/a?t=1' and abfs://c@acct/x", "failed at 's3://b/a' and abfs://c@acct/x"),
        ("hdfs://n/what?now", "hdfs://n/what"),
        ("a ? b", "a ? b"),
    ],
)  # fmt: skip
def test_what_is_shown_has_no_credentials(text, expected):
    assert shown(text) == expected


def test_a_local_path_may_be_relative_or_a_uri(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_filesystem("a/b")[1] == f"{tmp_path}/a/b"
    assert open_filesystem(f"file:{tmp_path}/a")[1] == f"{tmp_path}/a"
    filesystem, path = open_filesystem(f"file://{tmp_path}/a")
    assert isinstance(filesystem, fs.LocalFileSystem)
    assert path == f"{tmp_path}/a"


def test_what_fsspec_opens_is_read_and_listed():
    memory = fsspec.filesystem("memory")
    memory.makedirs("/place/day=1")
    with memory.open("/place/day=1/a.parquet", "wb") as file:
        pq.write_table(pa.table({"x": [1, 2]}), file)
    assert [f.uri for f in find_files("memory://place")] == ["memory://place/day=1/a.parquet"]
    batch = next(iter(tfs.dataset("memory://place/day=*", batch_size=5)))
    assert {name: value.numpy().tolist() for name, value in batch.items()} == {
        "x": [1, 2],
        "day": [1, 1],
    }
    memory.rm("/place", recursive=True)


def test_a_uri_of_an_object_store_keeps_its_options():
    path = "s3://k:s@bucket/rows/?region=eu-1&endpoint_override=localhost:9"
    filesystem, inside = open_filesystem(path)
    assert (filesystem.region, inside) == ("eu-1", "bucket/rows/")
    uri = uri_of(path, inside, "bucket/rows/a b%20.csv")
    assert uri == "s3://k:s@bucket/rows/a b%20.csv?region=eu-1&endpoint_override=localhost:9"
    assert open_filesystem(uri)[1] == "bucket/rows/a b%20.csv"


def test_a_question_mark_in_a_glob_is_no_query():
    path = "s3://bucket/part-?.csv?region=eu-1"
    assert open_filesystem("s3://bucket/part-?.csv?region=eu-1")[1] == "bucket/part-?.csv"
    assert uri_of(path, "bucket/part-?.csv", "bucket/part-1.csv") == (
        "s3://bucket/part-1.csv?region=eu-1"
    )


def test_a_scheme_that_nothing_opens_is_refused():
    with pytest.raises(OptionError) as error:
        open_filesystem("nope://user:secret@host/a")
    assert str(error.value).startswith("'nope://host/a' cannot be opened: ")
    assert "secret" not in str(error.value)


def test_a_package_that_fsspec_needs_is_named():
    with pytest.raises(MissingDependencyError) as error:
        open_filesystem("gdrive://folder/a")
    assert "gdrive" in str(error.value)
    assert "pip install" in str(error.value).lower() or "install" in str(error.value).lower()


@pytest.mark.parametrize(
    ("missing", "path"), [("hdfs_native", "hdfs://n:1/a"), ("fsspec", "memory://a")]
)
def test_a_package_of_the_extra_is_named(monkeypatch, missing, path):
    found = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(name)
        return found(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingDependencyError) as error:
        open_filesystem(path)
    assert str(error.value).endswith("is not installed: pip install 'tfspark_magic[hdfs]'.")


def test_a_namenode_that_is_not_there_is_an_error_at_once():
    with pytest.raises(PathAccessError) as error:
        tfs.files("hdfs://user:secret@127.0.0.1:1/rows")
    assert str(error.value) == (
        "'hdfs://127.0.0.1:1/rows' cannot be used, Connection refused: check the address and that "
        "it can be reached from here."
    )


def test_no_permission_is_an_error_with_the_path(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    path.write_bytes(b"")

    def deny(*_, **__):
        raise PermissionError(13, "denied")

    filesystem = fs.PyFileSystem(fs.FSSpecHandler(fsspec.filesystem("file")))
    monkeypatch.setattr("tfspark_magic.sources.filesystem._local", lambda: filesystem)
    monkeypatch.setattr(filesystem.handler.fs, "open", deny)
    with pytest.raises(PathAccessError) as error:
        tfs.files(path)
    assert str(error.value).startswith(f"'{path}' cannot be used, permission denied: ")


def test_files_say_no_credentials_and_can_be_pickled():
    from tfspark_magic.sources.files import Files

    made = Files(
        ("s3://k:s@b/a.parquet?session_token=t",), "parquet", pa.schema([("x", pa.int8())])
    )
    assert repr(made) == "<parquet files s3://b/a.parquet: x: int8>"
    assert pickle.loads(pickle.dumps(made)) == made
