"""Describe the columns of a frame for binding, and how errors advise to convert them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tfspark_magic.errors import AmbiguousColumnError, Subject, TfSparkError
from tfspark_magic.schema.quoting import as_one
from tfspark_magic.schema.spec import CellSpec, Shape, TensorSpec, format_shape

Columns = Sequence[tuple[str, "CellSpec | TfSparkError"]]
"""Names of columns, each with its cells or the error that says why TensorFlow has no such cells."""


class FrameColumns(list[tuple[str, "CellSpec | TfSparkError"]]):
    """Columns, with the rule that says which names are different names.

    >>> FrameColumns([("x", CellSpec("int32"))]).told_apart("X")
    'x'

    Parameters
    ----------
    columns
        The names and cells of the columns.
    case_sensitive
        Whether names that differ only in case are two names. They are in pandas and in files, and
        in Spark with the setting for it.
    conversions
        The conversions of the columns; those of Spark if not given.
    """

    def __init__(
        self,
        columns: Iterable[tuple[str, CellSpec | TfSparkError]] = (),
        *,
        case_sensitive: bool = False,
        conversions: Conversions | None = None,
    ) -> None:
        super().__init__(columns)
        self.case_sensitive = case_sensitive
        self.conversions: Conversions = conversions or OfSpark()

    @classmethod
    def of(cls, columns: Columns) -> FrameColumns:
        """Return columns unchanged, or make them from a plain list."""
        return columns if isinstance(columns, cls) else cls(columns)

    def told_apart(self, name: str) -> str:
        """Return the form of a name that is equal for two names if they are one name here."""
        return name if self.case_sensitive else name.casefold()

    def refuse_twins(self, name: str) -> None:
        """Raise AmbiguousColumnError if several columns have this name."""
        wanted = self.told_apart(name)
        if sum(self.told_apart(other) == wanted for other, _ in self) > 1:
            raise AmbiguousColumnError(name)


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


@dataclass(frozen=True)
class Fed:
    """The kind of thing that columns feed.

    >>> PLACEHOLDERS.subject("x")
    "Placeholder 'x'"

    Parameters
    ----------
    kind, rest
        The words before and after a name.
    option
        The argument that names columns.
    thing
        The word for one of them inside a sentence.
    dtype
        The way to another dtype; the name of the dtype follows.
    in_verbs
        Whether it takes cells in some verbs, and blocks of them in others.
    """

    kind: str
    rest: str
    option: str
    thing: str
    dtype: str
    in_verbs: bool = False

    def subject(self, name: str, more: str = "") -> Subject:
        """Return the beginning of an error."""
        return Subject(self.kind, name, self.rest + more)

    def another_column(self, name: str) -> str:
        """Return what to do if a column does not exist."""
        if self.in_verbs:
            return (
                f"Bind another one with {self.option}={{{name!r}: column}} or --bind {name}=column"
            )
        return f"Name another one in {self.option}="

    def another_shape(self, way: str) -> str:
        """Return what to do about cells of another shape, after another way."""
        return f"{way}, or change the {self.thing}'s shape"

    def several_columns(self, count: int) -> str:
        """Return what to do to make a vector of columns."""
        return f"{'bind' if self.in_verbs else 'name'} a list of {count} columns"

    def declared(self, spec: TensorSpec, shape: Shape) -> str:
        """Return what to do to get a block axis of any size."""
        if not self.in_verbs:
            return "make the model with keras.Input(shape), without a batch_size"
        sizes = format_shape(shape).replace("?", "None")
        return (
            f"declare it with shape {sizes}, or export or load a model's function with signature "
            f"tf.TensorSpec({sizes}, tf.{spec.dtype})"
        )


PLACEHOLDERS = Fed(
    "Placeholder", "", "feed_dict", "placeholder", "make the placeholder tf.", in_verbs=True
)
INPUTS = Fed("Input", " of the model", "features", "input", "make the model's input of dtype ")


def of_option(option: str) -> Fed:
    """Return how errors name what an option of training gives, such as labels."""
    return Fed("Option", "", option, option, f"make {option} of dtype ")
