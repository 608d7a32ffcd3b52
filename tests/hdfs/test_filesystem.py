"""Test HDFS as a pyarrow filesystem: the operations that Arrow needs, on a real HDFS."""

from __future__ import annotations

import pickle

import hdfs_native
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

import tfspark_magic as tfs
from tfspark_magic.errors import PathAccessError, PathNotFoundError
from tfspark_magic.sources import hdfs as sources_hdfs
from tfspark_magic.sources.filesystem import open_filesystem


@pytest.fixture
def place(hdfs, request):
    """The filesystem, and a folder of the test's own in it."""
    filesystem, folder = open_filesystem(f"{hdfs.uri}/filesystem/{request.node.name}")
    filesystem.create_dir(folder)
    return filesystem, folder


def names(filesystem, folder, *, recursive=False):
    found = filesystem.get_file_info(fs.FileSelector(folder, recursive=recursive))
    return sorted(info.path.removeprefix(folder) for info in found)


def test_files_are_written_read_moved_copied_and_deleted(place):
    filesystem, folder = place
    content = bytes(range(256)) * 10000
    with filesystem.open_output_stream(f"{folder}/sub/a", compression=None) as file:
        for start in range(0, len(content), 100_000):
            file.write(content[start : start + 100_000])
    info = filesystem.get_file_info(f"{folder}/sub/a")
    assert (info.type, info.size) == (fs.FileType.File, len(content))
    with filesystem.open_input_file(f"{folder}/sub/a") as file:
        assert file.size() == len(content)
        assert file.read_at(10, 300) == content[300:310]
        file.seek(0)
        assert file.read() == content
        assert file.read() == b""
        file.seek(len(content) - 5)
        assert file.read(100) == content[-5:]
    with filesystem.open_append_stream(f"{folder}/sub/a", compression=None) as file:
        file.write(b"more")
    filesystem.copy_file(f"{folder}/sub/a", f"{folder}/b")
    filesystem.move(f"{folder}/b", f"{folder}/c")
    assert filesystem.open_input_file(f"{folder}/c").read() == content + b"more"
    assert names(filesystem, folder) == ["/c", "/sub"]
    assert names(filesystem, folder, recursive=True) == ["/c", "/sub", "/sub/a"]
    filesystem.delete_file(f"{folder}/c")
    filesystem.delete_dir_contents(f"{folder}/sub")
    assert names(filesystem, folder, recursive=True) == ["/sub"]
    filesystem.delete_dir(f"{folder}/sub")
    assert names(filesystem, folder) == []


def test_what_is_not_there_is_python_s_own_error(place):
    filesystem, folder = place
    nothing = f"{folder}/nothing"
    assert filesystem.get_file_info(nothing).type == fs.FileType.NotFound
    assert filesystem.get_file_info(fs.FileSelector(nothing, allow_not_found=True)) == []
    for refused in (
        lambda: filesystem.open_input_file(nothing),
        lambda: filesystem.get_file_info(fs.FileSelector(nothing)),
        lambda: filesystem.delete_file(nothing),
        lambda: filesystem.delete_dir(nothing),
        lambda: filesystem.move(nothing, folder + "/b"),
        lambda: filesystem.create_dir(f"{nothing}/deeper", recursive=False),
    ):
        with pytest.raises(FileNotFoundError) as error:
            refused()
        assert "\n" not in str(error.value)
    with pytest.raises(IsADirectoryError):
        filesystem.delete_file(folder)


def test_a_filesystem_is_one_for_each_place_and_travels(place, hdfs):
    filesystem, _ = place
    assert open_filesystem(f"{hdfs.uri}/other")[0] is filesystem
    assert pickle.loads(pickle.dumps(filesystem.handler)) == filesystem.handler


def test_arrow_reads_and_writes_parquet_there(place, hdfs):
    filesystem, folder = place
    table = pa.table({"x": range(1000), "day": [n % 3 for n in range(1000)]})
    pq.write_to_dataset(table, folder, partition_cols=["day"], filesystem=filesystem)
    with filesystem.open_output_stream(f"{folder}/_SUCCESS", compression=None) as file:
        file.write(b"")
    found = tfs.dataset(f"{hdfs.uri}{folder}", batch_size=100, filters=[("day", "=", 2)])
    rows = sorted(int(x) for batch in found for x in batch["x"])
    assert rows == list(range(2, 1000, 3))
    assert tfs.files(f"{hdfs.uri}{folder}/day=[01]/*").fragments()[0].uri.startswith(hdfs.uri)


def test_errors_name_the_path_and_no_user(hdfs, monkeypatch):
    uri = hdfs.uri.replace("hdfs://", "hdfs://somebody:secret@")
    with pytest.raises(PathNotFoundError) as error:
        tfs.files(f"{uri}/filesystem/not/there")
    assert str(error.value) == (
        f"Nothing to read at '{hdfs.uri}/filesystem/not/there': no such file or folder."
    )
    client = hdfs_native.Client(hdfs.uri)
    client.mkdirs("/filesystem/secret", permission=0o700, create_parent=True)
    with client.create("/filesystem/secret/a.parquet") as file:
        pq.write_table(pa.table({"x": [1]}), file)
    monkeypatch.setenv("HADOOP_USER_NAME", "stranger")
    strange = sources_hdfs.hdfs_filesystem(hdfs.uri)
    monkeypatch.setattr("tfspark_magic.sources.filesystem._hdfs", lambda *_: strange)
    for path in ("", "/a.parquet", "/*"):
        with pytest.raises(PathAccessError) as error:
            tfs.files(f"{hdfs.uri}/filesystem/secret{path}")
        assert str(error.value).startswith(
            f"'{hdfs.uri}/filesystem/secret{path}' cannot be used, permission denied: "
        )


def test_a_truncated_and_a_missing_file_are_told_apart(place, hdfs):
    filesystem, folder = place
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": range(10000)}), sink)
    with filesystem.open_output_stream(f"{folder}/a.parquet", compression=None) as file:
        file.write(sink.getvalue()[:5000])
    with pytest.raises(tfs.TfSparkError, match=r"a\.parquet': expected a whole parquet file"):
        tfs.files(f"{hdfs.uri}{folder}")
