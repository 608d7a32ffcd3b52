"""Test how errors of hdfs-native are turned into ours; `tests/hdfs` causes them in a real HDFS."""

from __future__ import annotations

import errno
import time

import pytest

from tfspark_magic.errors import PathAccessError
from tfspark_magic.sources.filesystem import shown_errors
from tfspark_magic.sources.hdfs_client import PatientClient, as_os_errors

TRACE = r"\n\tat org.apache.hadoop.hdfs.server.namenode.FSPermissionChecker.check(F.java:663)\n"
REMOTE = "org.apache.hadoop.security.AccessControlException"


@pytest.mark.parametrize(
    ("raised", "kind", "text"),
    [
        (FileNotFoundError("/none\n\tat a.b(C.java)"), FileNotFoundError, "/none"),
        (
            RuntimeError(rf'RPCError("{REMOTE}", "Permission denied: inode=\"/x\":a:b{TRACE}")'),
            PermissionError,
            'Permission denied: inode="/x":a:b',
        ),
        (
            RuntimeError(f'RPCError("java.io.IOException", "no more room{TRACE}")'),
            OSError,
            "no more room",
        ),
        (RuntimeError('OperationFailed("not in time")'), OSError, "not in time"),
        (RuntimeError("something else\nmore of it"), OSError, "something else"),
    ],
)
def test_one_line_of_it_is_kept(raised, kind, text):
    with pytest.raises(OSError) as found, as_os_errors():
        raise raised
    assert type(found.value) is kind
    assert (found.value.strerror or str(found.value)) == text


@pytest.mark.parametrize(
    ("raised", "advice"),
    [
        (
            'GSSAPIError(GssMajorCodes { raw: "0x00070000", calling_error: "none" }, 2529, "No '
            'Kerberos credentials available (default cache: /tmp/krb5cc_0)")',
            "run kinit",
        ),
        ('NoSASLMechanism("")', "run kinit"),
        (f'RPCError("{REMOTE}", "SIMPLE authentication is not enabled{TRACE}")', "run kinit"),
        ('OperationFailed("Failed to libgssapi_krb5.so")', "apt-get install libgssapi-krb5-2"),
        ('InvalidArgument("No NameNode hosts found")', "HADOOP_CONF_DIR"),
    ],
)
def test_what_to_do_is_said(raised, advice):
    uri = "hdfs://warehouse/rows"
    with pytest.raises(PathAccessError) as found, shown_errors(uri), as_os_errors():
        raise RuntimeError(raised)
    assert advice in str(found.value)
    assert str(found.value).startswith(f"'{uri}' cannot be used, ")
    assert "krb5cc" not in repr(found.value)


def test_a_silent_namenode_is_not_waited_for_for_ever(monkeypatch):
    class Silent:
        def get_file_info(self, path):
            time.sleep(60)

    monkeypatch.setattr("tfspark_magic.sources.hdfs_client._ANSWER_SECONDS", 0.1)
    with pytest.raises(TimeoutError, match=r"no answer within 0\.1 seconds") as found:
        PatientClient(Silent()).get_file_info("/")
    assert found.value.errno == errno.ETIMEDOUT
