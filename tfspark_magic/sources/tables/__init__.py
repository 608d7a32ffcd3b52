"""Tables with a log, which says which files and rows count: Delta by `deltalake`, Iceberg by `pyiceberg`.

A module reads the log of each format, in this process, and makes `Files` of it: `delta.py`,
`iceberg.py`. Workers need neither package: they read the files by `formats/logged.py`. Start
reading at `opening.py`.
"""

from __future__ import annotations

import sys

FORMATS = ("delta", "iceberg")
"""The formats of tables with a log; a module here reads each."""
_CLASSES = {"delta": ("deltalake", "DeltaTable"), "iceberg": ("pyiceberg.table", "Table")}


def format_of_object(value: object) -> str | None:
    """Return the format of a table that a user has made by a package; None if it is none.

    >>> format_of_object(DeltaTable("/lake/t")), format_of_object("/lake/t")     # doctest: +SKIP
    ('delta', None)
    """
    for kind, (module, name) in _CLASSES.items():
        # If the module of a class is not loaded, no value of this class exists.
        made = getattr(sys.modules.get(module), name, None)
        if made is not None and isinstance(value, made):
            return kind
    return None
