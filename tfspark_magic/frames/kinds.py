"""Find the kind of frame of a value, without importing anything."""

from __future__ import annotations

import sys

SPARK, PANDAS, FILES, ARROW = "Spark", "pandas", "files", "Arrow"
_CLASSES = {
    SPARK: ("pyspark.sql", "DataFrame"),
    PANDAS: ("pandas", "DataFrame"),
    FILES: ("tfspark_magic.sources.files", "Files"),
}


def kind_of(value: object) -> str | None:
    """Return the kind of frame of a value; None if it is not a frame.

    >>> kind_of(pd.DataFrame()), kind_of(pa.table({})), kind_of(1)  # doctest: +SKIP
    ('pandas', 'Arrow', None)
    """
    for kind, (module, name) in _CLASSES.items():
        # If the module of a class is not loaded, no value of this class exists.
        if module in sys.modules and isinstance(value, getattr(sys.modules[module], name)):
            return kind
    of = type(value)
    # A single column has a stream, too.
    is_table = hasattr(of, "schema") or hasattr(of, "columns")
    return ARROW if is_table and hasattr(of, "__arrow_c_stream__") else None
