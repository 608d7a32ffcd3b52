"""Say how to convert a column so that it fits its placeholder, in the code of its kind of frame."""

from __future__ import annotations

from typing import Protocol

from tfspark_magic.schema.quoting import as_one
from tfspark_magic.schema.spec import CellSpec

SPARK_NAMES = {
    "bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
    "float32": "float", "float64": "double", "string": "string", "binary": "binary",
    # For dtypes that Spark does not have: the Spark type whose values feed them, one by one.
    "uint8": "smallint", "float16": "float",
}  # fmt: skip


class Conversions(Protocol):
    """The conversions that errors advise for the columns of one kind of frame."""

    lacking: str
    """The beginning of the words that say what the frame does not have."""
    another: str
    """The advice if no conversion helps."""

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """Say how to cast the columns that feed a placeholder; empty if there is no way.

        Parameters
        ----------
        column, parts
            As in a `Feed`: a column, `"s.*"` for the fields of a struct, or a name for `parts`.
        source
            The cells of the column.
        dtype
            The dtype after the cast.
        """
        ...

    def flatten(self, column: str, rank: int) -> str:
        """Say how to make vectors of a column of arrays with this rank."""
        ...


class OfSpark:
    """Conversions of a Spark DataFrame `df`; `F` is `pyspark.sql.functions`.

    >>> OfSpark().cast("x", (), CellSpec("float64"), "int32")
    "write df.withColumn('x', df['x'].cast('int'))"
    """

    lacking = "the DataFrame does not"
    another = "bind another column"

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """See `Conversions`."""
        target = SPARK_NAMES[dtype]
        if parts:
            casts = (f"{part!r}: df[{as_one(part)!r}].cast({target!r})" for part in parts)
            return f"write df.withColumns({{{', '.join(casts)}}})"
        if column.endswith(".*"):
            struct = column.removesuffix(".*")
            return (
                f"write df.withColumn({struct!r}, F.struct(*[df[{as_one(struct)!r}][f]"
                f".cast({target!r}).alias(f) for f in df.schema[{struct!r}].dataType.names]))"
            )
        name, rank = as_one(column), len(source.shape or ())
        if source.kind == "vector" and dtype == "float32":
            return f"write df.withColumn({column!r}, vector_to_array({name!r}, 'float32'))"
        held = f"vector_to_array({name!r})" if source.kind == "vector" else f"df[{name!r}]"
        cast = "array<" * rank + target + ">" * rank
        return f"write df.withColumn({column!r}, {held}.cast({cast!r}))"

    def flatten(self, column: str, rank: int) -> str:
        """See `Conversions`."""
        flat = repr(as_one(column))
        for _ in range(rank - 1):
            flat = f"F.flatten({flat})"
        return f"write df.withColumn({column!r}, {flat})"


class OfFiles:
    """Conversions of files, which are read as they are: the advice is to write other files."""

    lacking = "the files do not"
    another = "bind another column"

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """See `Conversions`."""
        del column, source
        return f"write the column{'s' * bool(parts)} again as {dtype}"

    def flatten(self, column: str, rank: int) -> str:
        """See `Conversions`."""
        del column, rank
        return "write the column again as lists of single values"
