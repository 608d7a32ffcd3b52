"""Bind programs as functions of columns, whose arguments are not known when they are defined.

The placeholders alone decide the graph and the result. The values of the arguments are known when
the function runs, and are checked then, by the rules that bind columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tfspark_magic.binding.columns import SPARK_NAMES, FrameColumns
from tfspark_magic.binding.feeds import Nulls, bind_feeds
from tfspark_magic.binding.maps import bind, by_shape
from tfspark_magic.binding.plan import Feed, Plan
from tfspark_magic.errors import (
    ArgumentError,
    DtypeMismatchError,
    FeedError,
    FetchError,
    PlaceholderNotFoundError,
    ShapeMismatchError,
    UnsupportedTypeError,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import (
    INTEGERS,
    TEXT,
    CellSpec,
    TensorSpec,
    format_shape,
    is_lossless,
)


@dataclass(frozen=True)
class FunctionPlan:
    """The plan of a function, before it is called.

    Parameters
    ----------
    name
        The function's name.
    plan
        The plan of the map; its feeds have the types of the placeholders, or the types given in
        `types`.
    signature
        The program without its graph. Its placeholders have the shapes for which the graph was
        made.
    nulls
        The null policy that the user gave.
    exact_text
        Whether the type of a result depends on which arguments are text and which are bytes. If so,
        the arguments must be text or bytes as was assumed.
    """

    name: str
    plan: Plan
    signature: Program
    nulls: Nulls = "error"
    exact_text: bool = False


def bind_function(
    program: Program,
    name: str,
    types: Mapping[str, CellSpec],
    verb: str | None = None,
    *,
    nulls: Nulls = "error",
    **options: Any,
) -> FunctionPlan:
    """Make a function of a program.

    >>> bind_function(score, "score", {}).plan.outputs              # doctest: +SKIP
    (('z', CellSpec(dtype='int32', shape=(), kind='')),)

    Parameters
    ----------
    program
        Its placeholders are the arguments, in their order.
    name
        The function's name in errors.
    types
        The cells of arguments whose placeholders do not say enough: the rank, for a placeholder
        without a shape (single values if not given), or bytes instead of text.
    verb
        `"map_rows"` or `"map_blocks"`. If not given, the shapes in `types` decide, or else rows.
    nulls, **options
        Options of `bind`.

    Raises
    ------
    PlaceholderNotFoundError
        If `types` names a placeholder that does not exist.
    TfSparkError
        As `bind` does.
    """
    if not program.inputs:
        raise FetchError(
            f"No fetch of program {program.name!r} depends on a placeholder, so {name} would be a "
            f"function without arguments: use tfs.map_rows, which gives each row its value."
        )
    for placeholder in types:
        if placeholder not in {spec.name for spec in program.inputs}:
            raise PlaceholderNotFoundError(placeholder, [spec.name for spec in program.inputs])

    def attempt(*, per_row: bool, reshape: bool = True) -> Plan:
        columns = [
            (_column(name, spec.name), types.get(spec.name) or _declared(spec, per_row=per_row))
            for spec in program.inputs
        ]
        frame = FrameColumns(columns, conversions=OfTypes(name))
        feed_dict = {spec.name: _column(name, spec.name) for spec in program.inputs}
        return bind(
            program, frame, feed_dict, per_row=per_row, reshape=reshape, nulls=nulls, **options
        )

    if verb is None and types:
        plan = by_shape(program, attempt)
    else:
        plan = attempt(per_row=verb != "map_blocks")
    signature = replace(
        program,
        graph_def=b"",
        weights=None,
        inputs=tuple(
            replace(spec, shape=_with_rows(feed, per_row=plan.per_row))
            for spec, feed in zip(program.inputs, plan.feeds, strict=True)
        ),
    )
    return FunctionPlan(name, plan, signature, nulls, _tells_bytes(program))


class OfTypes:
    """Conversions for arguments of a function: not the arguments can be changed, but `types=`.

    >>> OfTypes("score").cast("x of score", (), CellSpec("float64"), "int32")
    "say types={'x': 'int'}"
    """

    lacking = "the function does not"
    another = "say other types="

    def __init__(self, function: str) -> None:
        self._function = function

    def cast(self, column: str, parts: tuple[str, ...], source: CellSpec, dtype: str) -> str:
        """See `Conversions`."""
        del parts
        placeholder = column.removesuffix(_column(self._function, ""))
        return f"say types={{{placeholder!r}: {_spark_type(replace(source, dtype=dtype))!r}}}"

    def flatten(self, column: str, rank: int) -> str:
        """See `Conversions`."""
        del column, rank
        return "say types= of a vector"


def bind_arguments(
    function: FunctionPlan, arguments: Sequence[CellSpec | UnsupportedTypeError]
) -> Plan:
    """Return the plan of a call, whose feeds have the types of the arguments.

    Parameters
    ----------
    function
        The function that is called.
    arguments
        The cells of each argument, or the error that says why TensorFlow has no such cells.

    Raises
    ------
    FeedError
        If there are too few arguments, or too many.
    ArgumentError
        If an argument does not fit its placeholder.
    """
    check_count(function, len(arguments))
    signature, plan = function.signature, function.plan
    feeds = []
    for position, (spec, taken, found) in enumerate(
        zip(signature.inputs, plan.feeds, arguments, strict=True), start=1
    ):
        expected = f"{spec.dtype}{format_shape(taken.cell.shape)}"
        if isinstance(found, UnsupportedTypeError):
            _, kind, advice = found.args
            raise ArgumentError(function.name, position, spec.name, expected, kind, advice)
        text = function.exact_text and spec.dtype in TEXT and found.dtype in TEXT
        if text and found.dtype != taken.source.dtype:
            held = taken.source.dtype + format_shape(taken.cell.shape)
            advice = (
                f"the type of the result depends on it, so make the function with "
                f"types={{{spec.name!r}: {_spark_type(found)!r}}}"
            )
            raise ArgumentError(function.name, position, spec.name, held, str(found), advice)
        alone = replace(signature, inputs=(spec,))
        try:
            feeds += bind_feeds(
                alone,
                [(taken.column, found)],
                {spec.name: taken.column},
                per_row=plan.per_row,
                nulls=_of_one(function.nulls, spec.name),
                reshape=True,
            )
        except DtypeMismatchError:
            advice = f"nothing is cast silently, so {_cast(spec, found)}"
            raise ArgumentError(
                function.name, position, spec.name, expected, str(found), advice
            ) from None
        except ShapeMismatchError:
            advice = _reshape(spec, found, per_row=plan.per_row)
            raise ArgumentError(
                function.name, position, spec.name, expected, str(found), advice
            ) from None
    return replace(plan, feeds=tuple(feeds))


def check_count(function: FunctionPlan, count: int) -> None:
    """Raise FeedError if a call does not have one argument for each placeholder."""
    names = [spec.name for spec in function.signature.inputs]
    if count != len(names):
        plural = "s" if len(names) > 1 else ""
        raise FeedError(
            f"{function.name} takes {len(names)} argument{plural} ({', '.join(names)}) and got "
            f"{count}."
        )


def _column(function: str, placeholder: str) -> str:
    return f"{placeholder} of {function}"


def _declared(spec: TensorSpec, *, per_row: bool) -> CellSpec:
    """Return the cells that a placeholder declares; single values if it declares nothing."""
    return CellSpec(spec.dtype, spec.cell(per_row=per_row) or ())


def _with_rows(feed: Feed, *, per_row: bool) -> tuple[int | None, ...] | None:
    cell = feed.cell.shape
    return cell if per_row or cell is None else (None, *cell)


def _tells_bytes(program: Program) -> bool:
    from tfspark_magic.graph.shaped_graph import ShapedGraph, bytes_outputs

    fed = [spec.name for spec in program.inputs if spec.dtype in TEXT]
    if not fed:
        return False
    shaped = ShapedGraph(program, {spec.name: spec.shape for spec in program.inputs})
    return bytes_outputs(shaped, fed) != bytes_outputs(shaped, ())


def _of_one(nulls: Nulls, placeholder: str) -> Nulls:
    return nulls.get(placeholder, "error") if isinstance(nulls, Mapping) else nulls


def _cast(spec: TensorSpec, found: CellSpec) -> str:
    target = SPARK_NAMES.get(spec.dtype)
    makes = f"make the placeholder tf.{'string' if found.dtype == 'binary' else found.dtype}"
    if target is None or found.kind or (found.dtype in TEXT) != (spec.dtype in TEXT):
        return makes
    advice = f"cast it to {_spark_type(replace(found, dtype=spec.dtype))}"
    widens = is_lossless(spec.dtype, found.dtype) or found.dtype in INTEGERS
    return f"{advice}, or {makes}" if widens else advice


def _spark_type(cell: CellSpec) -> str:
    rank = len(cell.shape or ())
    return "array<" * rank + SPARK_NAMES[cell.dtype] + ">" * rank


def _reshape(spec: TensorSpec, found: CellSpec, *, per_row: bool) -> str:
    wanted, rank = len(spec.shape or ()), len(found.shape or ())
    if per_row and wanted == rank + 1 and spec.shape and spec.shape[0] is None:
        return "say verb='map_blocks' if its first axis is the rows, or pass an array"
    if not per_row and wanted == rank:
        return "say verb='map_rows' if its first axis is not the rows, or pass single values"
    return "pass an argument of that shape, or change the placeholder's"
