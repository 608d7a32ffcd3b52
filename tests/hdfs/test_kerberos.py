"""A secured HDFS: with a ticket or a token it is as any other, and neither is ever shown."""

from __future__ import annotations

import logging
import pickle

import hdfs_native
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.hdfs.kerberos import REALM, SERVICE, USER, Kdc, SecuredHdfs
from tfspark_magic.errors import PathAccessError
from tfspark_magic.sources.files import files
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.verbs.dataset import dataset

FETCH_TOKEN = "org.apache.hadoop.hdfs.tools.DelegationTokenFetcher"


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    """A secured HDFS in which `/alice` is `alice`'s."""
    folder = tmp_path_factory.mktemp("secured")
    kdc = Kdc(folder / "kdc")
    cluster = None
    try:
        cluster = SecuredHdfs(folder / "hdfs", kdc)
        kdc.ticket(folder / "administrator", SERVICE)
        kdc.ticket(folder / "ticket")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KRB5_CONFIG", str(kdc.krb5_conf))
            patch.setenv("KRB5CCNAME", f"FILE:{folder / 'administrator'}")
            patch.setenv("HADOOP_CONF_DIR", str(cluster.conf))
            client = hdfs_native.Client(cluster.uri)
            client.mkdirs("/alice", 0o700)
            client.set_owner("/alice", USER)
        cluster.ticket = folder / "ticket"
        yield cluster
    finally:
        if cluster:
            cluster.stop()
        kdc.process.kill()


@pytest.fixture
def environment(secured, monkeypatch, tmp_path):
    """That of somebody without a ticket; `HADOOP_CONF_DIR` says that one is needed."""
    monkeypatch.setenv("KRB5_CONFIG", str(secured.kdc.krb5_conf))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'no_ticket'}")
    monkeypatch.setenv("HADOOP_CONF_DIR", str(secured.conf))
    monkeypatch.delenv("HADOOP_TOKEN_FILE_LOCATION", raising=False)
    return monkeypatch


def write_and_read(uri):
    table = pa.table({"x": range(100_000)})
    where, inside = open_filesystem(uri)
    for attempt in range(3):
        try:
            pq.write_table(
                table, inside, filesystem=where, compression="none", use_dictionary=False
            )
            break
        except OSError as error:
            # DataNodes that have just begun now and then tell of a block later than hdfs-native waits.
            if attempt == 2 or "complete file in time" not in str(error):
                raise
    assert where.get_file_info(inside).size > 8 * 100_000  # of several blocks
    found = [x for batch in dataset(uri, "x", 1000).as_numpy_iterator() for x in batch.tolist()]
    assert found == table["x"].to_pylist()


def test_with_a_ticket(secured, environment):
    environment.setenv("KRB5CCNAME", f"FILE:{secured.ticket}")
    write_and_read(f"{secured.uri}/alice/with_ticket.parquet")
    with pytest.raises(PermissionError, match="alice"):
        open_filesystem(f"{secured.uri}/x")[0].open_output_stream("/x")


def test_without_a_ticket(secured, environment, tmp_path):
    with pytest.raises(PathAccessError) as raised:
        files(f"{secured.uri}/alice")
    assert str(raised.value) == (
        f"'{secured.uri}/alice' cannot be used, it asks for Kerberos and there is no valid ticket: "
        "run kinit, then try again."
    )
    assert str(tmp_path) not in repr(pickle.dumps(raised.value))


def test_without_the_configuration(secured, environment, tmp_path):
    environment.setenv("KRB5CCNAME", f"FILE:{secured.ticket}")
    environment.setenv("HADOOP_CONF_DIR", str(tmp_path))
    with pytest.raises(PathAccessError, match=r"HADOOP_CONF_DIR.*kinit"):
        files(f"{secured.uri}/alice")


def test_with_a_token_and_without_a_ticket(secured, environment, tmp_path):
    environment.setenv("KRB5CCNAME", f"FILE:{secured.ticket}")
    token = tmp_path / "token"
    secured.run(secured.namenode.folder, FETCH_TOKEN, "--renewer", "hdfs", str(token))
    environment.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'no_ticket'}")
    environment.setenv("HADOOP_TOKEN_FILE_LOCATION", str(token))
    write_and_read(f"{secured.uri}/alice/with_token.parquet")


def test_nothing_of_a_ticket_or_token_is_shown(secured, environment, tmp_path, caplog):
    environment.setenv("KRB5CCNAME", f"FILE:{secured.ticket}")
    token = tmp_path / "token"
    secured.run(secured.namenode.folder, FETCH_TOKEN, "--renewer", "hdfs", str(token))
    environment.setenv("HADOOP_TOKEN_FILE_LOCATION", str(token))
    caplog.set_level(logging.DEBUG)
    uri = f"{secured.uri}/alice/shown.parquet"
    write_and_read(uri)
    found = files(uri)
    shown = [pickle.dumps([found, found.fragments()]), repr(found).encode(), caplog.text.encode()]
    with pytest.raises(PathAccessError) as raised:
        files(f"{secured.uri}/alice/shown.parquet/none", format="parquet").fragments()
    shown.append(pickle.dumps(raised.value))
    secrets = [str(tmp_path), str(secured.ticket), str(secured.kdc.keytab), REALM]
    secrets = [secret.encode() for secret in secrets] + [token.read_bytes()[-24:-4]]
    assert [one for one in secrets for text in shown if one in text] == []
