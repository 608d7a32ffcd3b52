"""Bind a model to columns for training: its inputs, its labels and the weights of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfspark_magic.binding.columns import INPUTS, Fed, FrameColumns, of_option
from tfspark_magic.binding.feeds import Nulls, bind_feeds, check_options
from tfspark_magic.binding.plan import BoundProgram, Feed
from tfspark_magic.errors import (
    OptionError,
    ShapeMismatchError,
    Subject,
    UnsupportedTypeError,
    closest,
)
from tfspark_magic.graph.program import Program
from tfspark_magic.schema.spec import TEXT, CellSpec, TensorSpec, vector_of

Names = str | Sequence[str]
"""A column, `"s.*"`, or a list of columns side by side as a vector."""

LABEL, WEIGHT = "label", "weight"


@dataclass(frozen=True, kw_only=True)
class TrainingPlan(BoundProgram):
    """The columns that feed a model, and their places in a batch.

    Parameters
    ----------
    x, y
        Inputs and labels in the structure that Keras takes; each tensor is replaced by the number of
        its feed.
    weight
        The number of the feed with the weights of rows; None if all rows have the same weight.
    """

    x: Any
    y: Any
    weight: int | None = None


@dataclass(frozen=True)
class Signature:
    """The inputs and outputs of a model.

    Parameters
    ----------
    name
        The name of the model.
    inputs
        The inputs in their order; the first axis of each is the rows.
    x
        The structure of the inputs; each tensor is replaced by its number.
    outputs
        The names of the outputs; empty if only the labels tell them.
    y
        The structure of the outputs, as for `x`; None for one output, or if only the labels tell it.
    without_loss
        The names of outputs that need no label, as no loss looks at them.
    """

    name: str
    inputs: tuple[TensorSpec, ...]
    x: Any
    outputs: tuple[str, ...]
    y: Any
    without_loss: tuple[str, ...] = ()

    @property
    def labelled(self) -> tuple[str, ...]:
        """The names of the outputs that need a label."""
        return tuple(name for name in self.outputs if name not in self.without_loss)


def bind_training(
    signature: Signature,
    columns: FrameColumns,
    *,
    features: Names | Mapping[str, Names],
    label: Names | Mapping[str, Names],
    weight: str | None = None,
    nulls: Nulls = "error",
    device: str = "auto",
) -> TrainingPlan:
    """Bind a model's inputs and labels to the columns of a frame, by the rules of maps.

    >>> bind_training(signature, columns, features=["a", "b"], label="y").columns   # doctest: +SKIP
    ('[a, b]', 'y')

    Labels and weights keep the dtypes of their columns; Keras converts them for its losses.

    Raises
    ------
    TfSparkError
        If a column is not there, or does not fit; see `bind`.
    OptionError
        If an input or an output has no column.
    """
    check_options(None, device)
    inputs = [spec.name for spec in signature.inputs]
    fed = _by_name(features, inputs, "features", "input")
    names = list(
        signature.outputs or (map(str, label) if isinstance(label, Mapping) else ("output",))
    )
    needed = [name for name in names if name not in signature.without_loss] or names
    if len(needed) == 1 < len(names) and not isinstance(label, Mapping):
        label = {needed[0]: label}
    labels = _by_name(label, names, LABEL, "output")
    lacking = [name for name in needed if name not in labels]
    if lacking:
        message = f"label names no column for output {lacking[0]!r}: {_dict_of(LABEL, needed)}."
        raise OptionError(message, option=LABEL)
    alone = len(names) == 1
    is_partial = len(labels) < len(names)
    names = [name for name in names if name in labels]
    targets = {LABEL if alone else f"{LABEL} of {name}": labels[name] for name in names}
    _check_nulls(nulls, [*inputs, *targets, *([WEIGHT] if weight is not None else [])])
    y = signature.y
    if is_partial:
        y = {name: at for at, name in enumerate(names)}
    elif y is None:
        y = {name: at for at, name in enumerate(names)} if isinstance(label, Mapping) else 0
        y = 0 if alone and signature.outputs else y
    feeds = _bound(signature.inputs, fed, columns, nulls, INPUTS)
    count = len(feeds)
    for target, column in targets.items():
        spec = _as_held(target, column, columns)
        feeds += _bound([spec], {target: column}, columns, nulls, of_option(LABEL))
    if weight is not None:
        if not isinstance(weight, str):
            message = f"weight is the name of a column, got {weight!r}."
            raise OptionError(message, option=WEIGHT)
        spec = _as_held(WEIGHT, weight, columns)
        feeds += _bound([spec], {WEIGHT: weight}, columns, nulls, of_option(WEIGHT))
        if feeds[-1].cell.shape != ():
            raise ShapeMismatchError(
                Subject("Column", weight, f" of {WEIGHT}"), "a single value for each row",
                str(feeds[-1].source), "name a column of numbers",
            )  # fmt: skip
    return TrainingPlan(
        name=signature.name, graph=None, feeds=tuple(feeds), outputs=(), device=device,
        x=signature.x, y=_shifted(y, count),
        weight=None if weight is None else len(feeds) - 1,
    )  # fmt: skip


def _by_name(given: Any, names: list[str], option: str, what: str) -> dict[str, Any]:
    """Return the columns of inputs or outputs by their names."""
    if isinstance(given, Mapping):
        for name in given:
            if name not in names:
                message = f"{option} names {name!r}, and the model has no such {what}. "
                raise OptionError(message + closest(str(name), names), option=option)
        found = {str(name): _checked(column, option) for name, column in given.items()}
        # As in a map, an input that is not named is fed by the column of its own name.
        return {**{name: name for name in names if what == "input"}, **found}
    if len(names) != 1:
        message = f"The model has {len(names)} {what}s, got {option}={given!r}: "
        raise OptionError(f"{message}{_dict_of(option, names)}.", option=option)
    return {names[0]: _checked(given, option)}


def _checked(column: Any, option: str) -> Any:
    """Return a column alone where a list names no other: it may be a vector itself."""
    listed = isinstance(column, list | tuple) and column and all(isinstance(n, str) for n in column)
    if not isinstance(column, str) and not listed:
        message = (
            f"{option} is the name of a column, a list of names, or a dict of them, got {column!r}."
        )
        raise OptionError(message, option=option)
    return column[0] if listed and len(column) == 1 else column


def _dict_of(option: str, names: Sequence[str]) -> str:
    return f"write {option}={{{', '.join(f'{name!r}: column' for name in names)}}}"


def _shifted(structure: Any, by: int) -> Any:
    if isinstance(structure, Mapping):
        return {key: _shifted(one, by) for key, one in structure.items()}
    if isinstance(structure, list | tuple):
        return type(structure)(_shifted(one, by) for one in structure)
    return structure + by


def _check_nulls(nulls: Nulls, names: list[str]) -> None:
    for name in nulls if isinstance(nulls, Mapping) else ():
        if name not in names:
            message = f"nulls names {name!r}. {closest(name, names)}"
            raise OptionError(message, option="nulls")


def _as_held(name: str, column: Any, columns: FrameColumns) -> TensorSpec:
    """Return the spec of a label or weight: it takes the dtype of its column."""
    cells = dict(columns)
    parts = [(part, cells.get(part)) for part in ([column] if isinstance(column, str) else column)]
    known = [(part, cell) for part, cell in parts if isinstance(cell, CellSpec)]
    dtype = "float32"  # If a column does not exist, binding will say so.
    if len(known) == len(parts):
        subject = f"{name}={column}"
        cell = known[0][1] if isinstance(column, str) else vector_of(known, subject)
        dtype = cell.dtype
        if dtype in TEXT:
            advice = (
                "losses take numbers: make numbers of it first, for example with "
                "keras.layers.StringLookup"
            )
            raise UnsupportedTypeError(Subject("Column", str(column), f" of {name}"), dtype, advice)
    return TensorSpec(name, f"{name}:0", dtype, None)


def _bound(
    specs: Sequence[TensorSpec],
    columns_of: Mapping[str, Any],
    columns: FrameColumns,
    nulls: Nulls,
    fed: Fed,
) -> list[Feed]:
    own = nulls
    if isinstance(nulls, Mapping):
        names = {spec.name for spec in specs}
        own = {name: value for name, value in nulls.items() if name in names}
    program = Program("", b"", tuple(specs), ())
    return bind_feeds(program, columns, columns_of, per_row=False, nulls=own, reshape=True, fed=fed)
