"""Pack a Python with its packages so that it runs in any folder of a Linux machine that has none.

A virtual environment only links to a Python, which other machines lack, and holds absolute paths.
So the archive has the files of that Python too: its program, its standard library, and the shared
libraries that both need, but for those of the C library. `bin/python` is a script that finds them
beside itself.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tfspark_magic.errors import MissingDependencyError, NotAvailableError, OptionError

NEEDED = ("numpy", "pyarrow", "tensorflow")
"""What workers need."""
MANIFEST = "tfspark_magic.json"

# Each Linux has its own C library, which cannot be replaced.
_OF_EACH_SYSTEM = re.compile(
    r"(ld-linux.*|linux-vdso|lib(c|m|dl|rt|util|pthread|resolv|nss_\w+|anl|mvec))\.so.*"
)
_LEFT_OUT = shutil.ignore_patterns(
    "test", "tests", "idlelib", "turtledemo", "tkinter", "_tkinter*", "ensurepip", "config-*",
    "site-packages", "dist-packages", "lib2to3", "EXTERNALLY-MANAGED",
)  # fmt: skip
_LAUNCHER = """\
#!/bin/sh
# The Python beside this script, with the shared libraries beside it.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P)
LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib"
PYTHONNOUSERSITE=1
unset PYTHONHOME
export LD_LIBRARY_PATH PYTHONNOUSERSITE
exec "$here/bin/NAME" "$@"
"""
_CHECK = """\
import importlib.util as u, json, sys
outside = [p for p in sys.path if p and not p.startswith(sys.argv[1])]
lacks = [n for n in sys.argv[2:] if u.find_spec(n) is None]
import ctypes, ssl, zlib
print(json.dumps([sys.prefix, outside, lacks]))
"""


def packages_here(without: Sequence[str] = ()) -> dict[str, str]:
    """Return the packages of this process's environment with their versions.

    Raises
    ------
    NotAvailableError
        If one of them cannot travel.
    """
    if sys.platform != "linux":
        raise NotAvailableError("tfs.environment packs for Linux: call it on a Linux machine.")
    if Path(sys.prefix, "conda-meta").is_dir():
        raise NotAvailableError(
            "This is an environment of conda, which conda-pack packs: pip install conda-pack, run "
            "conda-pack -o env.tar.gz, and pass that path to tfs.environment."
        )
    left_out = {_key(name) for name in without}
    inside = _site_folders()
    found = {}
    for one in importlib.metadata.distributions(path=[str(folder) for folder in inside]):
        name = str(one.metadata["Name"])
        if _key(name) in left_out:
            continue
        if source := _editable(one):
            raise NotAvailableError(
                f"Package {name!r} is an editable install, whose files are in {source} and not in the "
                f"environment: pip install {source}, or leave it out with without=[{name!r}]."
            )
        found[name] = str(one.version)
    for entry in sys.path:
        folder = Path(entry or ".").absolute()
        if folder in inside or not folder.is_dir() or folder == Path(sysconfig.get_path("stdlib")):
            continue
        for one in importlib.metadata.distributions(path=[str(folder)]):
            name = str(one.metadata["Name"])
            if _key(name) not in left_out and _key(name) not in map(_key, found):
                raise NotAvailableError(
                    f"Package {name!r} is in {folder}, outside of the environment {sys.prefix}: "
                    f"pip install it there, or leave it out with without=[{name!r}]."
                )
    return dict(sorted(found.items()))


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _site_folders() -> list[Path]:
    return list(dict.fromkeys(Path(sysconfig.get_path(n)) for n in ("purelib", "platlib")))


def _editable(one: importlib.metadata.Distribution) -> str:
    """Return the folder of the files of an editable install; empty if it is none."""
    about = json.loads(one.read_text("direct_url.json") or "{}")
    if about.get("dir_info", {}).get("editable"):
        return str(about["url"]).removeprefix("file://")
    files = one.files or ()
    return next((str(file) for file in files if str(file).endswith(".egg-link")), "")


def stage(folder: Path, requirements: Sequence[str] | None, without: Sequence[str]) -> None:
    """Put a Python with its packages into a new folder.

    Raises
    ------
    NotAvailableError, OptionError, MissingDependencyError
        If something cannot travel, cannot be installed, or is missing.
    """
    target = _stage_python(folder)
    if requirements is None:
        _stage_packages(target, without)
    else:
        _install(target, requirements)


def _stage_python(folder: Path) -> Path:
    """Put the Python of this process into a folder, and return the folder for its packages."""
    program = Path(sys.executable).resolve()
    if not program.is_file():
        raise NotAvailableError(f"The Python of this process, {sys.executable}, is not there.")
    library = Path(sysconfig.get_path("stdlib"))
    inside = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / "bin").mkdir(parents=True)
    shutil.copytree(library, folder / inside, ignore=_LEFT_OUT, copy_function=_copied)
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    _copied(program, folder / "bin" / name)
    for found in _libraries([program, *sorted((library / "lib-dynload").glob("*.so"))]):
        _copied(found.resolve(), folder / "lib" / found.name)
    for link in ("python", "python3"):
        launcher = folder / "bin" / link
        launcher.write_text(_LAUNCHER.replace("NAME", name))
        launcher.chmod(0o755)
    question = "import site; print(site.getsitepackages()[0])"
    run = _run(folder, "-I", "-c", question)
    target = Path(run.stdout.strip())
    if run.returncode or folder not in target.parents:
        raise NotAvailableError(
            f"The Python {program} does not run in another folder: {_last(run) or target}. Make the "
            f"environment with another Python, such as that of uv (uv venv --managed-python)."
        )
    target.mkdir(parents=True, exist_ok=True)
    return target


def _libraries(binaries: Sequence[Path]) -> Iterator[Path]:
    """Yield the shared libraries that binaries need, but for those of each system."""
    program = shutil.which("ldd")
    if program is None:
        raise MissingDependencyError(
            "ldd", "to find shared libraries", "install that of the C library"
        )
    listed = _said([program, *map(str, binaries)]).stdout
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", listed, re.MULTILINE))
    for name, path in sorted(found.items()):
        of_pictures = re.match(r"lib(tk|tcl|X|xcb|fontconfig|freetype)", name)
        if not _OF_EACH_SYSTEM.fullmatch(name) and not of_pictures:
            yield Path(path).parent / name


def _stage_packages(target: Path, without: Sequence[str]) -> None:
    packages_here(without)
    left_out = _files_of(without)
    for site in _site_folders():
        for line in _outside(site):
            raise NotAvailableError(
                f"{line[0]} adds the folder {line[1]}, which is outside of the environment: install "
                f"what is there, and remove that file."
            )
        for folder, _, names in os.walk(site, followlinks=True):
            for name in names:
                source = Path(folder, name)
                if source in left_out or name.startswith("__editable__"):
                    continue
                copy = target / source.relative_to(site)
                copy.parent.mkdir(parents=True, exist_ok=True)
                if not copy.exists():
                    _copied(source, copy)


def _files_of(names: Sequence[str]) -> set[Path]:
    found = set()
    for name in names:
        try:
            one = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            raise OptionError(f"without names {name!r}, which is not installed.") from None
        found |= {Path(str(one.locate_file(file))) for file in one.files or ()}
    return found


def _outside(site: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder for packages that add folders elsewhere, with these folders."""
    for file in sorted(site.glob("*.pth")):
        if file.name.startswith("__editable__"):
            continue
        for line in file.read_text("utf-8", "replace").splitlines():
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                folder = (site / line.strip()).resolve()
                if folder.is_dir() and site.resolve() not in [folder, *folder.parents]:
                    yield file.name, str(folder)


def _install(target: Path, requirements: Sequence[str]) -> None:
    if isinstance(requirements, str) or any(
        re.match(r"-e\b|--editable", one.strip()) for one in requirements
    ):
        raise OptionError(
            f"requirements is a list of packages, none of them editable, got {requirements!r}."
        )
    uv = shutil.which("uv")
    if uv:
        command = [uv, "pip", "install", "--python", sys.executable]
    elif importlib.util.find_spec("pip"):
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    else:
        raise MissingDependencyError("pip", "to install requirements", "python -m ensurepip")
    run = _said([*command, "--quiet", "--target", str(target), *requirements])
    if run.returncode:
        raise OptionError(f"requirements cannot be installed: {_last(run)}.")


def check(folder: Path, needed: Sequence[str] = NEEDED) -> None:
    """Raise NotAvailableError if a Python in a folder uses what is outside, or lacks a package."""
    run = _run(folder, "-c", _CHECK, str(folder), *needed)
    if run.returncode:
        raise NotAvailableError(f"The packed Python does not run: {_last(run)}.")
    prefix, outside, lacks = json.loads(run.stdout.splitlines()[-1])
    if prefix != str(folder) or outside:
        raise NotAvailableError(f"The packed Python also uses {', '.join(outside) or prefix}.")
    if lacks:
        raise NotAvailableError(
            f"The environment lacks {', '.join(lacks)}, which workers need: pip install "
            f"{' '.join(lacks)}."
        )


def write(folder: Path, archive: Path, packages: dict[str, str]) -> None:
    """Write a folder as an archive, with the list of its packages first."""
    (folder / MANIFEST).write_text(json.dumps(packages))
    # Much of it is compressed badly: the fastest level is a third of the time for some more bytes.
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(folder / MANIFEST, MANIFEST)
        for name in sorted(path.name for path in folder.iterdir()):
            if name != MANIFEST:
                tar.add(folder / name, name)


def packed(archive: Path) -> dict[str, str] | None:
    """Return the packages of an archive; None if another program made it.

    Raises
    ------
    OptionError
        If it is not an environment, or its Python is only a link to one that nodes do not have.
    """
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if name == MANIFEST:
                    file = tar.extractfile(member)
                    return dict(json.load(file)) if file else None
                if name == "bin/python":
                    if member.issym() and member.linkname.startswith("/"):
                        raise OptionError(
                            f"bin/python in {archive} is a link to {member.linkname}, which nodes do "
                            f"not have: remove the archive, and let tfs.environment write it."
                        )
                    return None
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise OptionError(f"{archive} is not an archive of an environment: {error}.") from None
    raise OptionError(f"{archive} has no bin/python: it is not an archive of an environment.")


def _copied(source: object, target: object) -> object:
    """Link a file if the folders are on the same disk, else copy it; links are followed."""
    real = os.path.realpath(str(source))
    try:
        os.link(real, str(target))
    except OSError:
        shutil.copy2(real, str(target))
    return target


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    plain = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    return _said([str(folder / "bin" / "python"), *words], cwd=folder, env=plain)


def _said(command: list[str], **where: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (a Python, its pip or uv, or ldd)
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **where
    )


def _last(run: subprocess.CompletedProcess[str]) -> str:
    lines = run.stderr.strip().splitlines()
    return lines[-1].rstrip(".") if lines else ""
