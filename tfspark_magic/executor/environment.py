"""`environment`: the Python of this process as an archive, and the settings with which Spark uses it."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import OptionError
from tfspark_magic.executor import packing
from tfspark_magic.words import bytes_text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAME = "environment"
"""The folder into which Spark unpacks it, below the working folder of each executor."""
PYTHON = f"./{NAME}/bin/python"


@dataclass(frozen=True)
class Environment:
    """An archive with a Python and its packages; its `repr` has the settings for each kind of cluster.

    >>> env = tfs.environment("env.tar.gz")                         # doctest: +SKIP
    >>> spark = tfs.session("yarn", **env.session)                  # doctest: +SKIP
    """

    path: str

    @property
    def archive(self) -> str:
        """The archive with the name of its folder, as `spark.archives` takes it."""
        return f"{self.path}#{NAME}"

    @property
    def session(self) -> dict[str, str]:
        """The settings of `tfs.session` on YARN or a standalone cluster."""
        return {"spark_archives": self.archive, "spark_pyspark_python": PYTHON}

    def submit(self, deploy_mode: str = "client") -> list[str]:
        """Return the options of `spark-submit`.

        >>> Environment("/tmp/env.tar.gz").submit("cluster")
        ['--archives', '/tmp/env.tar.gz#environment', '--conf', 'spark.pyspark.python=./environment/bin/python']

        Parameters
        ----------
        deploy_mode
            `"client"`: the driver is on this machine, with this Python. `"cluster"`: it is on a
            node, with the Python of the archive.
        """
        options = ["--archives", self.archive, "--conf", f"spark.pyspark.python={PYTHON}"]
        if deploy_mode == "client":
            options += ["--conf", f"spark.pyspark.driver.python={sys.executable}"]
        return options

    def add_to(self, spark: SparkSession) -> None:
        """Let the workers of a running Connect session use it.

        >>> env.add_to(spark)                                       # doctest: +SKIP

        Parameters
        ----------
        spark
            The session. Workers that start from now on use the archive's Python.
        """
        spark.addArtifacts(self.archive, archive=True)
        spark.conf.set("spark.sql.execution.pyspark.python", PYTHON)

    def __repr__(self) -> str:
        client, cluster = (shlex.join(self.submit(mode)) for mode in ("client", "cluster"))
        lines = {
            "a session": "tfs.session(master, **env.session)",
            "Connect": "env.add_to(spark)",
            "client mode": f"spark-submit {client} job.py",
            "cluster mode": f"spark-submit --deploy-mode cluster {cluster} job.py",
        }
        text = "\n".join(f"  {name:<14}{line}" for name, line in lines.items())
        return f"<environment {self.path}, {_size(self.path)}>\n{text}"


_made: list[Environment] = []


def latest() -> Environment | None:
    """Return the environment that this process has packed or opened last; scripts name it."""
    return _made[-1] if _made else None


def environment(
    path: str | os.PathLike[str],
    requirements: Sequence[str] | None = None,
    *,
    without: Sequence[str] = (),
    overwrite: bool = False,
) -> Environment:
    """Pack the Python of this process, or one with some packages, for nodes that have none.

    >>> env = tfs.environment("env.tar.gz")                         # doctest: +SKIP
    >>> env.session                                                 # doctest: +SKIP
    {'spark_archives': '...env.tar.gz#environment', 'spark_pyspark_python': './environment/bin/python'}

    `tfs.session("yarn", **env.session)` gives the workers this Python, `env.submit()` has the
    options of `spark-submit`, and `env.add_to(spark)` is for Connect. The archive has the Python itself, its standard library and shared libraries, and the packages.
    It runs in any folder of a Linux machine with the same processor and a C library that is not
    older. It is started once to see that it uses nothing else. The commands in `bin` of the
    environment, and what is not installed, such as modules beside a notebook, are not in it.

    Parameters
    ----------
    path
        The path of the archive, which ends in `.tar.gz`. An archive that is there is taken as it
        is, if it has the same packages, or if venv-pack or conda-pack made it.
    requirements
        The packages, as pip takes them: `["tensorflow", "numpy", "pyarrow"]`. If not given, those of this process's environment.
    without
        Packages of this process's environment to leave out, such as `["jupyterlab"]`; what only
        they need stays.
    overwrite
        Whether an archive that is there is written anew.

    Returns
    -------
    The environment, with the settings for Spark.

    Raises
    ------
    NotAvailableError
        If something cannot travel: an editable install, packages outside of the environment, a
        Python that does not run elsewhere.
    OptionError
        If the archive that is there has other packages, or an option cannot be used.
    MissingDependencyError
        If pip is missing to install requirements.
    """
    archive = Path(path).expanduser().absolute()
    if not archive.name.endswith((".tar.gz", ".tgz")):
        raise OptionError(f"The path of an environment ends in .tar.gz, got {str(path)!r}.")
    if "://" in str(path):
        raise OptionError(
            f"tfs.environment writes to this machine, got {str(path)!r}: give a local path, copy the "
            f"archive there, and name it in --archives."
        )
    if not archive.parent.is_dir():
        raise OptionError(
            f"The folder {archive.parent} is not there: make it, or give another path."
        )
    if isinstance(requirements, str):
        raise OptionError(f"requirements is a list of packages: write [{requirements!r}].")
    if isinstance(without, str):
        raise OptionError(f"without is a list of packages: write without=[{without!r}].")
    wanted = _wanted(requirements, without) if overwrite or not archive.exists() else None
    if wanted is None:
        _check_packed(archive, requirements, without)
        return _remembered(archive)
    folder = archive.with_name(f".{archive.name}.{uuid.uuid4().hex[:12]}")
    staged, written = folder / NAME, folder / archive.name
    try:
        packing.stage(staged.absolute(), requirements, without)
        packing.check(staged.absolute())
        packing.write(staged, written, wanted)
        written.replace(archive)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return _remembered(archive)


def _remembered(archive: Path) -> Environment:
    _made[:] = [Environment(str(archive))]
    return _made[0]


def _wanted(requirements: Sequence[str] | None, without: Sequence[str]) -> dict[str, str]:
    if requirements is None:
        return packing.packages_here(without)
    if without:
        raise OptionError("without goes with this process's environment: leave requirements out.")
    return dict.fromkeys(sorted(requirements), "")


def _check_packed(
    archive: Path, requirements: Sequence[str] | None, without: Sequence[str]
) -> None:
    found = packing.packed(archive)
    if found is None:
        return
    wanted = _wanted(requirements, without)
    differ = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    if differ:
        name = differ[0]
        raise OptionError(
            f"{archive} was packed with {_version(name, found)} and now there is "
            f"{_version(name, wanted)}: pass overwrite=True, or another path."
        )


def _version(name: str, packages: dict[str, Any]) -> str:
    return f"{name} {packages[name]}".strip() if name in packages else f"no {name}"


def _size(path: str) -> str:
    try:
        return bytes_text(Path(path).stat().st_size)
    except OSError:
        return "which is gone"
