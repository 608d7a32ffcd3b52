"""Test failures between this machine and an HDFS, and their errors."""

from __future__ import annotations

import os
import signal
import socket
import time

import hdfs_native
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfspark_magic.errors import FileContentError, PathAccessError, PathNotFoundError
from tfspark_magic.sources.files import files
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.verbs.dataset import dataset

ROWS = 50_000


@pytest.fixture(scope="module")
def numbers(hdfs):
    """Four files of some blocks and five row groups each, numbered through."""
    path = f"{hdfs.uri}/numbers"
    for part in range(4):
        values = np.arange(part * ROWS, (part + 1) * ROWS)
        write(pa.table({"x": values, "y": values / 3}), f"{path}/part-{part}.parquet")
    return path


def write(table, uri):
    filesystem, inside = open_filesystem(uri)
    pq.write_table(table, inside, filesystem=filesystem, row_group_size=ROWS // 5)


def rows(data):
    return np.concatenate(list(data.as_numpy_iterator()))


def test_a_datanode_dies_in_the_middle_of_a_read(hdfs, numbers, nothing_prefetched):
    data = dataset(numbers, "x", 1000, threads=1, prefetch=0).as_numpy_iterator()
    found = [next(data) for _ in range(3)]
    hdfs.datanodes[0].kill()
    try:
        found += list(data)
    finally:
        hdfs.restart_datanodes(0)
    np.testing.assert_array_equal(np.sort(np.concatenate(found)), np.arange(4 * ROWS))


def test_a_datanode_dies_in_the_middle_of_a_file(hdfs):
    content = os.urandom(1 << 20)
    filesystem, inside = open_filesystem(f"{hdfs.uri}/bytes")
    with filesystem.open_output_stream(inside) as file:
        file.write(content)
    # A DataNode that has just come back may have missed the write.
    hdfs.wait_for_datanodes(len(hdfs.datanodes))
    with filesystem.open_input_file(inside) as file:
        found = [file.read(100_000)]
        hdfs.datanodes[1].kill()
        try:
            while block := file.read(100_000):
                found.append(block)
        finally:
            hdfs.restart_datanodes(1)
    assert b"".join(found) == content


def test_a_file_without_any_replica_is_named(hdfs):
    _write_alone(hdfs_native.Client(hdfs.uri))
    for datanode in hdfs.datanodes:
        datanode.kill()
    try:
        with pytest.raises(PathAccessError, match=r"/alone.*no DataNode that holds"):
            rows(dataset(f"{hdfs.uri}/alone", "value", 1000, format="text"))
    finally:
        hdfs.restart_datanodes(0, 1)


def _write_alone(client):
    # Where DataNodes have just come back, the NameNode may hear too late of a block that they took.
    options = hdfs_native.WriteOptions(replication=1, overwrite=True)
    for attempt in range(3):
        try:
            with client.create("/alone", options) as file:
                file.write(b"x\n" * 100_000)
        except RuntimeError:
            if attempt == 2:
                raise
        else:
            return


def test_a_missing_path(hdfs):
    with pytest.raises(PathNotFoundError) as raised:
        files(f"{hdfs.uri}/none/at/all")
    assert (
        str(raised.value) == f"Nothing to read at '{hdfs.uri}/none/at/all': no such file or folder."
    )


def test_no_permission(hdfs, monkeypatch):
    filesystem, inside = open_filesystem(f"{hdfs.uri}/private/x.parquet")
    pq.write_table(pa.table({"x": [1]}), inside, filesystem=filesystem)
    hdfs_native.Client(hdfs.uri).set_permission("/private", 0o700)
    monkeypatch.setenv("HADOOP_USER_NAME", "somebody")
    with pytest.raises(PathAccessError, match="permission denied") as raised:
        files(f"{hdfs.uri}/private/x.parquet")
    assert f"{hdfs.uri}/private/x.parquet" in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(PermissionError, match="somebody"):
        open_filesystem(f"{hdfs.uri}/mine")[0].open_output_stream("/mine")


def test_a_truncated_file(hdfs):
    write(pa.table({"x": np.arange(ROWS)}), f"{hdfs.uri}/whole.parquet")
    client = hdfs_native.Client(hdfs.uri)
    content = client.read("/whole.parquet").read()
    with client.create("/cut/part-0.parquet", hdfs_native.WriteOptions(create_parent=True)) as file:
        file.write(content[: len(content) // 2])
    with pytest.raises(FileContentError, match="/cut/part-0.parquet"):
        rows(dataset(f"{hdfs.uri}/cut", "x", 1000))


def test_a_file_is_cut_short_while_it_is_read(hdfs):
    """The footer of the old file, the bytes of the new one: no row may come of that."""
    client = hdfs_native.Client(hdfs.uri)
    write(pa.table({"x": np.arange(ROWS)}), f"{hdfs.uri}/shrinking.parquet")
    data = dataset(f"{hdfs.uri}/shrinking.parquet", "x", 1000, threads=1, prefetch=0)
    with client.create("/shrinking.parquet", hdfs_native.WriteOptions(overwrite=True)) as file:
        file.write(b"PAR1")
    with pytest.raises(FileContentError, match=r"shrinking\.parquet"):
        rows(data)


def test_the_schema_changes_in_the_middle(hdfs):
    path = f"{hdfs.uri}/changing"
    write(pa.table({"x": np.arange(10)}), f"{path}/part-0.parquet")
    write(pa.table({"x": np.arange(10).astype(str)}), f"{path}/part-1.parquet")
    with pytest.raises(FileContentError, match=r"part-1\.parquet.*'x'"):
        rows(dataset(path, "x", 4))


@pytest.mark.parametrize("where", ["closed", "unknown host"])
def test_no_namenode(where):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        host = (
            f"127.0.0.1:{closed.getsockname()[1]}" if where == "closed" else "nowhere.invalid:8020"
        )
        started = time.monotonic()
        with pytest.raises(PathAccessError, match="refused|lookup|not known") as raised:
            files(f"hdfs://{host}/rows")
    assert host in str(raised.value)
    # Hadoop's own patience is three minutes.
    assert time.monotonic() - started < 60


def test_a_namenode_that_says_nothing(hdfs, numbers, monkeypatch):
    """It is stopped, as by a long collection of garbage or a black hole in the network."""
    monkeypatch.setattr("tfspark_magic.sources.hdfs_client._ANSWER_SECONDS", 2)
    open_filesystem(numbers)
    os.kill(hdfs.namenode.popen.pid, signal.SIGSTOP)
    try:
        with pytest.raises(PathAccessError, match="no answer within 2 seconds"):
            files(f"{hdfs.uri}/numbers")
    finally:
        os.kill(hdfs.namenode.popen.pid, signal.SIGCONT)
    assert len(files(f"{hdfs.uri}/numbers").paths) == 4


def test_an_unknown_nameservice(monkeypatch, tmp_path):
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    with pytest.raises(PathAccessError, match="HADOOP_CONF_DIR"):
        files("hdfs:///rows")
