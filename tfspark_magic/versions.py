"""Check versions of Spark and TensorFlow; `pyproject.toml` has the same oldest versions for pip."""

from __future__ import annotations

import re

from tfspark_magic.errors import VersionError

SPARK = "4.1"
TENSORFLOW = "2.19"


def check_version(what: str, oldest: str, found: str, where: str, remedy: str) -> None:
    """Raise VersionError if a version is too old.

    >>> check_version("Spark", SPARK, "4.2.0", "this session's server", "connect to another one")
    """
    if is_older(found, oldest):
        raise VersionError(what, oldest, found, where, remedy)


def is_older(version: str, than: str) -> bool:
    """Whether a version is older than another one.

    >>> is_older("4.1.0-amzn-0", "4.1"), is_older("4.1.1", "4.2")
    (False, True)
    """
    return _numbers(version) < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    # Builds of vendors and previews have suffixes: 4.1.0-amzn-0, 2.22.0-dev20261101.
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
