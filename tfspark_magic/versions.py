"""The oldest versions of Spark and TensorFlow that serve; `pyproject.toml` tells pip the same."""

from __future__ import annotations

import re

from tfspark_magic.errors import VersionError

SPARK = "4.1"
TENSORFLOW = "2.19"


def check_version(what: str, oldest: str, found: str, where: str, remedy: str) -> None:
    """Raise VersionError if a version is older than the oldest that serves.

    >>> check_version("Spark", SPARK, "4.2.0", "this session's server", "connect to another one")

    Parameters
    ----------
    what, oldest
        What is needed, in which version.
    found, where
        The version that is there, and where that is.
    remedy
        What to do if it is too old.
    """
    if _numbers(found) < _numbers(oldest):
        raise VersionError(what, oldest, found, where, remedy)


def _numbers(version: str) -> tuple[int, ...]:
    # Builds of others and previews add words: 4.1.0-amzn-0, 2.22.0-dev20261101.
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
