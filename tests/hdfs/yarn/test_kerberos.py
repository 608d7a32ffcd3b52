"""A secured YARN and HDFS: workers read files by themselves with a token, where no ticket is."""

from __future__ import annotations

from contextlib import ExitStack

import hdfs_native
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import stop_with_java
from tests.executor.test_mapping import SEED, program
from tests.hdfs.kerberos import REALM, SERVICE, USER, Kdc, SecuredHdfs
from tests.hdfs.yarn.client import Client
from tests.hdfs.yarn.scheduler import Yarn
from tests.java_archive import java_options
from tfspark_magic.sources.filesystem import open_filesystem

ROWS = 1000


@pytest.fixture
def session(tmp_path, monkeypatch):
    """A session of somebody with a ticket, on nodes that have none."""
    with ExitStack() as started:
        kdc = Kdc(tmp_path / "kdc")
        started.callback(kdc.process.kill)
        hdfs = SecuredHdfs(tmp_path / "hdfs", kdc)
        started.callback(hdfs.stop)
        yarn = Yarn(tmp_path / "yarn", hdfs, nodes=1, settings=secured(kdc))
        started.callback(yarn.stop)
        monkeypatch.setenv("KRB5_CONFIG", str(kdc.krb5_conf))
        monkeypatch.setenv("HADOOP_CONF_DIR", str(yarn.conf))
        kdc.ticket(tmp_path / "administrator", SERVICE)
        kdc.ticket(tmp_path / "ticket")
        monkeypatch.setenv("KRB5CCNAME", str(tmp_path / "administrator"))
        administrator = hdfs_native.Client(hdfs.uri)
        administrator.mkdirs("/alice", 0o700)
        administrator.set_owner("/alice", USER)
        monkeypatch.setenv("KRB5CCNAME", str(tmp_path / "ticket"))
        java = f"{java_options()} -Djava.security.krb5.conf={kdc.krb5_conf}"
        monkeypatch.setenv("SPARK_SUBMIT_OPTS", java)
        settings = {
            "spark.executor.instances": "1",
            "spark.executor.extraJavaOptions": java,
            "spark.yarn.am.extraJavaOptions": java,
            "spark.yarn.stagingDir": "hdfs:///alice",
        }
        spark = Client(yarn, tmp_path).session(**settings)
        started.callback(stop_with_java, spark)
        yield spark


def secured(kdc):
    settings = {"yarn.resourcemanager.webapp.delegation-token-auth-filter.enabled": "false"}
    for service in ("resourcemanager", "nodemanager"):
        settings[f"yarn.{service}.principal"] = f"{SERVICE}@{REALM}"
        settings[f"yarn.{service}.keytab"] = str(kdc.keytab)
    return settings


@pytest.mark.long
def test_workers_read_files_with_a_token(session):
    path = "hdfs:///alice/rows/part-0.parquet"
    where, inside = open_filesystem(path)
    values = np.arange(ROWS, dtype=np.int32)
    pq.write_table(pa.table({"x": values, "y": 2 * values}), inside, filesystem=where)

    def read(batches):
        import os

        import hdfs_native

        token = os.environ.pop("HADOOP_TOKEN_FILE_LOCATION")
        said = [os.environ.get("KRB5CCNAME")]
        for given in ({}, {"HADOOP_TOKEN_FILE_LOCATION": token}):
            os.environ.update(given)
            try:
                said.append(hdfs_native.Client(uri).get_file_info(inside).path)
            except Exception as error:
                said.append(type(error).__name__)
        for _ in batches:
            yield pa.RecordBatch.from_pydict({"said": said}, pa.schema({"said": "string"}))

    uri = session.sparkContext._jsc.hadoopConfiguration().get("fs.defaultFS")
    ticket, without, given = (
        row.said for row in session.range(1).mapInArrow(read, "said string").collect()
    )
    assert ticket is None
    assert without.endswith("Error")
    assert given == inside
    out = tfs.map_files(program(SEED), path, spark=session)
    out.write.parquet("hdfs:///alice/scored")
    scored = list(tfs.dataset("hdfs:///alice/scored", "z", ROWS).as_numpy_iterator())
    np.testing.assert_array_equal(np.sort(np.concatenate(scored)), 7 * np.arange(ROWS))
