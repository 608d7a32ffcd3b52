"""What to write so that a column fits its placeholder, in the words of the frame that has it."""

from __future__ import annotations

from typing import Protocol

from tfspark_magic.schema.quoting import as_one
from tfspark_magic.schema.spec import CellSpec

SPARK_NAMES = {
    "bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
    "float32": "float", "float64": "double", "string": "string", "binary": "binary",
    # What Spark lacks is fed from what holds it, value by value.
    "uint8": "smallint", "float16": "float",
}  # fmt: skip


class Conversions(Protocol):
    """What to do to the columns of one kind of frame, as errors say it."""

    lacking: str
    """How a sentence goes on that says what the frame does not have."""
    another: str
    """What to do where no conversion helps."""

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """Say how to cast what feeds a placeholder; nothing, if there is no way.

        Parameters
        ----------
        column, parts
            As in a `Feed`: a column, `"s.*"` for the fields of a struct, or a name for `parts`.
        source
            What it holds.
        dtype
            What it is to hold.
        """
        ...

    def flatten(self, column: str, rank: int) -> str:
        """Say how to make vectors of a column of arrays that are `rank` deep."""
        ...


class OfSpark:
    """A Spark DataFrame is `df`, and `F` are its functions.

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
    """Files are read as they are: only other ones hold other values."""

    lacking = "the files do not"
    another = "bind another column"

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """See `Conversions`."""
        del column, source
        return f"write the column{'s' * bool(parts)} anew as {dtype}"

    def flatten(self, column: str, rank: int) -> str:
        """See `Conversions`."""
        del column, rank
        return "write the column anew as lists of single values"
