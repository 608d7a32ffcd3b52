"""Find the column that feeds each placeholder, or say why none can."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tfspark_magic.binding.columns import PLACEHOLDERS, Columns, Fed, FrameColumns
from tfspark_magic.binding.plan import Feed
from tfspark_magic.errors import (
    ColumnNotFoundError,
    DtypeMismatchError,
    OptionError,
    PlaceholderNotFoundError,
    ShapeMismatchError,
    TfSparkError,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import (
    INTEGERS,
    TEXT,
    CellSpec,
    Shape,
    TensorSpec,
    format_shape,
    is_compatible,
    is_lossless,
    merge_shapes,
    reshaped,
    vector_of,
)

FeedDict = Mapping[Any, str | Sequence[str]]
"""Column names by placeholder (its name or the tensor): one, `"s.*"` for the fields of struct `s`
as a vector, or a list of them for a vector of these columns."""

DEVICES = ("auto", "cpu", "gpu")
NULL_POLICIES = ("error", "null")
"""The null policies that have a name."""

Nulls = Any
"""`"error"`, `"null"`, a value, or a dict of them by placeholder."""

_MEANINGS = {
    "vector": "",
    "date": ", which takes days since 1970-01-01",
    "timestamp": ", which takes microseconds since 1970-01-01 UTC",
    "timestamp_ntz": ", which takes microseconds since 1970-01-01 as if UTC",
}


def check_options(rows_per_block: Any, device: str) -> None:
    """Raise OptionError if an option has a value that is not allowed."""
    if rows_per_block is not None and (
        not isinstance(rows_per_block, numbers.Integral) or rows_per_block < 0
    ):
        raise OptionError(f"rows_per_block is a number of rows, got {rows_per_block!r}.")
    if device not in DEVICES:
        raise OptionError(f"device is 'auto', 'cpu' or 'gpu', got {device!r}.")


def by_name(feed_dict: FeedDict) -> dict[str, Any]:
    """Return the columns by the names of placeholders, which may be given as tensors."""
    return {str(getattr(key, "name", key)).removesuffix(":0"): c for key, c in feed_dict.items()}


def check_defaults(program: Program, columns: Columns, feed_dict: FeedDict) -> None:
    """Raise OptionError for a placeholder that uses its default although a column has its name."""
    asked = by_name(feed_dict)
    for name in program.defaults:
        if name in asked or any(name == column for column, _ in columns):
            raise OptionError(
                f"Placeholder {name!r} has a default, which is always used here: make it a "
                f"tf.placeholder to feed it from a column, or give it another name."
            )


def bind_feeds(
    program: Program,
    columns: Columns,
    feed_dict: FeedDict,
    *,
    per_row: bool,
    nulls: Nulls,
    reshape: bool = False,
    batch: int | None = None,
    trim: bool = False,
    verb: str = "",
    fed: Fed = PLACEHOLDERS,
) -> list[Feed]:
    """Return the feed of each placeholder of a program, in the order of its inputs.

    With `reshape`, cells may get another shape when they are fed; see `reshaped`. `batch` is the
    number of rows of a block, if it is fixed. With `trim`, no row can have a null result. `verb` is
    the name of the reduction, if it is one. `fed` says how errors name what columns feed.

    Raises
    ------
    TfSparkError
        As `bind` does, for names, dtypes, shapes and null policies.
    """
    found = FrameColumns.of(columns)
    names = [spec.name for spec in program.inputs]
    given = by_name(feed_dict)
    for name in (*given, *(nulls if isinstance(nulls, Mapping) else ())):
        if name not in names:
            raise PlaceholderNotFoundError(name, names)
    bound = {name: _column_names(name, column, fed) for name, column in given.items()}
    binder = _Binder(found, nulls, fed, verb, batch, per_row=per_row, reshape=reshape, trim=trim)
    return [
        binder.feed(spec, bound.get(spec.name, program.columns.get(spec.name, spec.name)))
        for spec in program.inputs
    ]


def _column_names(name: str, column: Any, fed: Fed) -> str | tuple[str, ...]:
    if isinstance(column, str):
        return column
    if isinstance(column, list | tuple) and column and all(isinstance(c, str) for c in column):
        return tuple(column)
    raise OptionError(
        f"{fed.option} takes the name of a column, or a list of names, for {fed.thing} {name!r}, got "
        f"{type(column).__name__}.",
        option=fed.option,
    )


@dataclass(frozen=True)
class _Binder:
    """Binds one placeholder after the other; the parameters are those of `bind_feeds`."""

    columns: FrameColumns
    nulls: Nulls
    fed: Fed
    verb: str
    batch: int | None
    per_row: bool = field(kw_only=True)
    reshape: bool = field(kw_only=True)
    trim: bool = field(kw_only=True)

    def feed(self, spec: TensorSpec, column: str | tuple[str, ...]) -> Feed:
        parts: tuple[str, ...] = ()
        if isinstance(column, tuple):
            parts, column = column, f"[{', '.join(column)}]"
            scalars = [(name, self._source(spec, name)) for name in parts]
            source = vector_of(scalars, f"The list {column}")
        else:
            source = self._source(spec, column)
        wanted = self._cell_shape(spec)
        cell = source
        if spec.dtype == "uint8" and source.dtype == "binary":
            # Bytes can feed a vector of unsigned 8-bit integers, such as an image's pixels.
            cell = CellSpec("uint8", (*(source.shape or ()), None))
        self._check_dtype(spec, column, source, cell, parts)
        shape = merge_shapes(wanted, cell.shape) if is_compatible(wanted, cell.shape) else None
        if shape is None and self.reshape and cell.shape is not None:
            shape = reshaped(cell.shape, cell.shape, wanted)
        if shape is None:
            raise self._shape_mismatch(spec, column, wanted, cell)
        on_null, fill = self._null_policy(spec)
        return Feed(spec.name, column, source, CellSpec(spec.dtype, shape), on_null, fill, parts)

    def _source(self, spec: TensorSpec, column: str) -> CellSpec:
        found = [cell for name, cell in self.columns if name == column]
        if not found:
            raise ColumnNotFoundError(
                self.fed.subject(spec.name), column, [name for name, _ in self.columns],
                self.columns.conversions.lacking, self.fed.another_column(spec.name),
            )  # fmt: skip
        self.columns.refuse_twins(column)
        if isinstance(found[0], TfSparkError):
            raise found[0]
        return found[0]

    def _cell_shape(self, spec: TensorSpec) -> Shape | None:
        """Return the shape of the cells that a placeholder takes, without its block axis."""
        if self.per_row or spec.shape is None:
            return spec.shape
        if not spec.shape:
            rows = "use map_rows, or " if self.fed.in_verbs and not self.verb else ""
            raise ShapeMismatchError(
                self.fed.subject(spec.name),
                "a block, whose first axis is its rows",
                "a scalar",
                f"{rows}{self.fed.declared(spec, (None,))}",
            )
        if spec.shape[0] not in (None, self.batch):
            raise ShapeMismatchError(
                self.fed.subject(spec.name),
                "a block of any number of rows",
                f"exactly {spec.shape[0]} of them",
                self.fed.declared(spec, (None, *spec.shape[1:])),
            )
        return spec.shape[1:]

    def _check_dtype(
        self,
        spec: TensorSpec,
        column: str,
        source: CellSpec,
        cell: CellSpec,
        parts: tuple[str, ...],
    ) -> None:
        carried = {"uint8": "int16", "float16": "float32"}.get(spec.dtype)
        if is_lossless(cell.dtype, spec.dtype) or (source.dtype == carried and not source.kind):
            return  # Spark has no type for this dtype: a wider type holds its values, and each value is checked.
        held = "string" if source.dtype in TEXT else source.dtype
        made = f"{self.fed.dtype}{held}{_MEANINGS.get(source.kind, '')}"
        # No frame casts bytes to numbers, and only this dtype holds the numbers of dates and times.
        possible = source.kind in ("", "vector") and (
            source.dtype != "binary" or spec.dtype in TEXT
        )
        conversions = self.columns.conversions
        cast = conversions.cast(column, parts, source, spec.dtype) if possible else ""
        raise DtypeMismatchError(
            self.fed.subject(spec.name), str(CellSpec(spec.dtype)), column, str(source),
            f"{cast}, or {made}" if cast else made,
        )  # fmt: skip

    def _shape_mismatch(
        self, spec: TensorSpec, column: str, wanted: Shape | None, cell: CellSpec
    ) -> ShapeMismatchError:
        verb = self.verb or ("map_rows" if self.per_row else "map_blocks")
        where = f" in {verb}" if self.fed.in_verbs else ""
        return ShapeMismatchError(
            self.fed.subject(spec.name, f" and column {column!r}{where}"),
            f"cells of shape {format_shape(wanted) or '[] (scalars)'}",
            str(cell) if cell.shape else f"{cell} scalars",
            self._other_shape(spec, column, wanted or (), cell.shape or ()),
        )

    def _other_shape(self, spec: TensorSpec, column: str, wanted: Shape, cell: Shape) -> str:
        """Say what to do if cells have another shape; the placeholder of a model's file cannot be changed."""
        with_rows, without_rows = spec.shape or (), (spec.shape or ())[1:]
        if self.per_row and with_rows[:1] == (None,) and self._fits(cell, without_rows):
            advice = "declare the placeholder without its block axis"
            return advice if self.verb else f"use map_blocks, or {advice}"
        if self.fed.in_verbs and not self.per_row and self._fits(cell, with_rows):
            advice = "declare the placeholder with a block axis first"
            return advice if self.verb else f"use map_rows, or {advice}"
        if len(wanted) == 1 and wanted[0] and not cell:
            return self.fed.another_shape(self.fed.several_columns(wanted[0]))
        conversions = self.columns.conversions
        if len(cell) > 1:
            size = None if None in cell else math.prod(n or 0 for n in cell)
            if self._fits((size,), wanted):
                return self.fed.another_shape(conversions.flatten(column, len(cell)))
        return self.fed.another_shape(conversions.another)

    def _fits(self, cell: Shape, shape: Shape) -> bool:
        if self.verb:  # Reductions do not reshape cells.
            return is_compatible(cell, shape)
        return reshaped(cell, cell, shape) is not None

    def _null_policy(self, spec: TensorSpec) -> tuple[Literal["error", "null", "fill"], Any]:
        nulls, fed = self.nulls, self.fed
        value = nulls.get(spec.name, "error") if isinstance(nulls, Mapping) else nulls
        if isinstance(value, str) and value in NULL_POLICIES:
            return ("error", None) if value == "error" else ("null", None)
        if not is_value_of(value, spec.dtype):
            policies = "'error'" if self.trim else "'error', 'null'"
            about = {fed.kind.lower(): spec.name} if fed.kind != "Option" else {}
            raise OptionError(
                f"nulls={value!r} cannot replace a null of {fed.thing} {spec.name!r}, which is "
                f"{spec.dtype}: use {policies}, or a value of that dtype.",
                **{**about, "option": "nulls"},
            )
        return "fill", value


def is_value_of(value: Any, dtype: str) -> bool:
    """Whether a dtype can hold a value, such as the value that replaces nulls."""
    if dtype in TEXT:
        return isinstance(value, str | bytes)
    if dtype == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float | numbers.Real):
        return False
    if dtype in INTEGERS:
        bits = int(dtype.removeprefix("u").removeprefix("int"))
        low, high = (0, 2**bits) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        if isinstance(value, int):
            return bool(low <= value < high)
        return float(value).is_integer() and low <= int(float(value)) < high
    number = float(value)
    largest = {"float16": 65504.0, "float32": 3.4028235e38}.get(dtype, math.inf)
    # A decimal such as 0.1 may be rounded, as its spelling implies; a whole number may not.
    whole = isinstance(value, int) and not _holds_integer(value, dtype)
    return not whole and (not math.isfinite(number) or abs(number) <= largest)


def _holds_integer(value: int, dtype: str) -> bool:
    significant = {"float16": 11, "float32": 24, "float64": 53}[dtype]
    trailing = (value & -value).bit_length() - 1 if value else 0
    return abs(value).bit_length() - trailing <= significant
