"""An environment as an archive runs where nothing of the original is, and says what cannot travel."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import tfspark_magic as tfs
from tfspark_magic import errors
from tfspark_magic.executor.environment import Environment

ROOT = Path(__file__).parents[2]
PACK = """
import sys
import tfspark_magic as tfs
from tfspark_magic.executor import packing
packing.check.__defaults__ = (("tiny",),)  # Without TensorFlow, it is cheap.
try:
    print(repr(tfs.environment("env.tar.gz", without=sys.argv[1:])))
except tfs.TfSparkError as error:
    print(error)
"""


def install(venv, name, url=""):
    """Put a package of one module into a virtual environment, as pip does."""
    (site,) = venv.glob("lib/*/site-packages")
    (site / f"{name}.py").write_text("import decimal, ssl\nhere = __file__\n")
    about = site / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "RECORD").write_text(f"{name}.py,,\n{name}-1.0.dist-info/METADATA,,\n")
    if url:
        (about / "direct_url.json").write_text(
            f'{{"url": "{url}", "dir_info": {{"editable": true}}}}'
        )


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    path = tmp_path_factory.mktemp("original") / "venv"
    base = str(Path(sys.executable).resolve())
    subprocess.run([base, "-m", "venv", "--without-pip", str(path)], check=True)
    install(path, "tiny")
    return path


def pack(venv, folder, *without, **environment):
    run = subprocess.run(
        [str(venv / "bin" / "python"), "-c", PACK, *without], cwd=folder, check=True, text=True,
        capture_output=True, env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    return run.stdout


def test_it_runs_where_its_python_and_its_packages_are_hidden(venv, tmp_path):
    said = pack(venv, tmp_path)
    assert "tfs.session(master, **env.session)" in said
    assert [path.name for path in tmp_path.iterdir()] == ["env.tar.gz"]
    with tarfile.open(tmp_path / "env.tar.gz") as tar:
        assert not [m.name for m in tar if m.issym() and m.linkname.startswith("/")]
        tar.extractall(tmp_path / "node", filter="tar")
    (tmp_path / "nothing").mkdir()
    hidden = [Path(sys.base_prefix), venv.parent]
    mounts = " && ".join(f"mount --bind {tmp_path / 'nothing'} {path}" for path in hidden)
    question = "import sys, tiny, ctypes, sqlite3; print(tiny.here); print(sys.executable)"
    run = subprocess.run(
        ["unshare", "--mount", "sh", "-c",
         f"{mounts} && cd / && test ! -e {sys.executable} && exec env -i {tmp_path}/node/bin/python -c '{question}'"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Operation not permitted" in run.stderr:
        pytest.skip("mounts need root")
    assert run.returncode == 0, run.stderr
    assert all(line.startswith(f"{tmp_path}/node/") for line in run.stdout.splitlines())
    # It is not packed again, unless something has changed.
    before = (tmp_path / "env.tar.gz").stat().st_mtime_ns
    assert pack(venv, tmp_path) == said
    assert (tmp_path / "env.tar.gz").stat().st_mtime_ns == before
    assert "was packed with tiny 1.0 and now there is no tiny: pass overwrite=True" in pack(
        venv, tmp_path, "tiny"
    )


def test_what_cannot_travel_is_named(venv, tmp_path):
    copy = tmp_path / "venv"
    shutil.copytree(venv, copy, symlinks=True)
    (site,) = copy.glob("lib/*/site-packages")
    install(copy, "mine", "file:///src/mine")
    assert pack(copy, tmp_path) == (
        "Package 'mine' is an editable install, whose files are in /src/mine and not in the "
        "environment: pip install /src/mine, or leave it out with without=['mine'].\n"
    )
    (tmp_path / "elsewhere").mkdir()
    (site / "elsewhere.pth").write_text(f"# a comment\n{tmp_path / 'elsewhere'}\n")
    assert "elsewhere.pth adds the folder" in pack(copy, tmp_path, "mine")
    (site / "elsewhere.pth").unlink()
    other = tmp_path / "other"
    shutil.copytree(venv, other, symlinks=True)
    install(other, "user_site")
    (theirs,) = other.glob("lib/*/site-packages")
    said = pack(copy, tmp_path, "mine", PYTHONPATH=f"{ROOT}:{theirs}")
    assert "Package 'user_site' is in" in said
    assert "outside of the environment" in said
    assert "without names 'unknown', which is not installed." in pack(
        copy, tmp_path, "mine", "unknown"
    )
    (site / "tiny.py").unlink()
    assert pack(copy, tmp_path, "mine") == (
        "The environment lacks tiny, which workers need: pip install tiny.\n"
    )
    assert not list(tmp_path.glob("*.tar.gz"))
    assert not list(tmp_path.glob(".env*"))


def test_archives_of_other_programs(tmp_path, monkeypatch):
    # Scripts of this process name the last one.
    monkeypatch.setattr("tfspark_magic.executor.environment._made", [])
    path = tmp_path / "env.tar.gz"

    def write(name, link=""):
        with tarfile.open(path, "w:gz") as tar:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = (
                (tarfile.SYMTYPE, link) if link else (tarfile.REGTYPE, "")
            )
            tar.addfile(member, io.BytesIO())

    write("./bin/python", "/usr/bin/python3")
    with pytest.raises(
        errors.OptionError, match="is a link to /usr/bin/python3, which nodes do not"
    ):
        tfs.environment(path)
    write("bin/python")
    assert tfs.environment(path).archive == f"{path}#environment"
    write("else")
    with pytest.raises(errors.OptionError, match="has no bin/python"):
        tfs.environment(path)
    path.write_bytes(b"no archive")
    with pytest.raises(errors.OptionError, match="is not an archive of an environment"):
        tfs.environment(path)
    with pytest.raises(errors.OptionError, match=r"ends in \.tar\.gz, got 'env\.zip'"):
        tfs.environment("env.zip")
    with pytest.raises(errors.OptionError, match="give a local path, copy the"):
        tfs.environment("hdfs:///env.tar.gz")
    with pytest.raises(errors.OptionError, match="is not there: make it"):
        tfs.environment(tmp_path / "missing" / "env.tar.gz")
    with pytest.raises(errors.OptionError, match=r"write \['numpy'\]"):
        tfs.environment(tmp_path / "new.tar.gz", "numpy")
    with pytest.raises(errors.OptionError, match="none of them editable"):
        tfs.environment(tmp_path / "new.tar.gz", ["-e ."])
    with pytest.raises(errors.OptionError, match="leave requirements out"):
        tfs.environment(tmp_path / "new.tar.gz", ["numpy"], without=["pip"])


def test_settings():
    env = Environment("/tmp/env.tar.gz")
    assert env.session == {
        "spark_archives": "/tmp/env.tar.gz#environment",
        "spark_pyspark_python": "./environment/bin/python",
    }
    assert f"spark.pyspark.driver.python={sys.executable}" in env.submit()
    assert env.submit("cluster")[-1] == "spark.pyspark.python=./environment/bin/python"
    assert "which is gone" in repr(env)
