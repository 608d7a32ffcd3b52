"""A secured HDFS: a key distribution centre, and tickets for everybody."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.hdfs.cluster import Hdfs, Process, write_conf

KDC = "org.apache.hadoop.minikdc.MiniKdc"
REALM = "EXAMPLE.COM"
SERVICE, USER = "hdfs/localhost", "alice"


class Kdc:
    """Hadoop's own small centre with the principals of HDFS and of `alice`.

    Attributes
    ----------
    krb5_conf, keytab : pathlib.Path
        The configuration that `KRB5_CONFIG` names, and the keys of all principals.
    """

    def __init__(self, folder: Path) -> None:
        write_conf(folder, {})
        self.port = free_port()
        self.keytab, self.krb5_conf = folder / "keytab", folder / "krb5.conf"
        settings = folder / "kdc.properties"
        settings.write_text(
            f"org.name=EXAMPLE\norg.domain=COM\nkdc.bind.address=localhost\nkdc.port={self.port}\n"
            "instance=Kdc\ndebug=false\nmax.ticket.lifetime=86400000\n"
            "max.renewable.lifetime=604800000\ntransport=TCP\n"
        )
        self.process = Process(
            folder, KDC, str(folder), str(settings), str(self.keytab), SERVICE, "HTTP/localhost", USER
        )  # fmt: skip
        # The centre writes one of its own, without what keeps names as they are.
        self.process.wait_for("a keytab", lambda: "Running" in self.process.log.read_text())
        self.krb5_conf.write_text(
            f"[libdefaults]\n default_realm = {REALM}\n udp_preference_limit = 1\n"
            " dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n rdns = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = localhost:{self.port}\n }}\n"
        )

    def ticket(self, cache: Path, principal: str = USER) -> None:
        """Get a ticket into a cache, as a user does with `kinit`."""
        kinit = shutil.which("kinit")
        if kinit is None:
            pytest.skip("kinit is not installed (Debian's krb5-user)")
        subprocess.run(
            [kinit, "-c", f"FILE:{cache}", "-k", "-t", self.keytab, f"{principal}@{REALM}"],
            env={**os.environ, "KRB5_CONFIG": str(self.krb5_conf)},
            check=True,
            timeout=60,
        )


class SecuredHdfs(Hdfs):
    """As `Hdfs`, but every caller shows a ticket or a token, to the DataNodes too."""

    def __init__(self, folder: Path, kdc: Kdc) -> None:
        self.java_options = (f"-Djava.security.krb5.conf={kdc.krb5_conf}",)
        principals = {}
        for service in ("namenode", "datanode"):
            principals[f"dfs.{service}.kerberos.principal"] = f"{SERVICE}@{REALM}"
            principals[f"dfs.{service}.keytab.file"] = kdc.keytab
        super().__init__(
            folder,
            datanodes=1,
            settings={
                "hadoop.security.authentication": "kerberos",
                "hadoop.security.authorization": "true",
                **principals,
                "dfs.web.authentication.kerberos.principal": f"HTTP/localhost@{REALM}",
                "dfs.web.authentication.kerberos.keytab": kdc.keytab,
                "dfs.block.access.token.enable": "true",
                "dfs.data.transfer.protection": "privacy",
                # What is tested is the data, not the web pages, which would need certificates.
                "ignore.secure.ports.for.testing": "true",
            },
        )
