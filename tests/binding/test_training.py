"""What columns a model is trained on: errors name the model's inputs, and their remedies work."""

from __future__ import annotations

import pytest

from tfspark_magic import errors
from tfspark_magic.binding.columns import FrameColumns
from tfspark_magic.binding.training import Signature, bind_training
from tfspark_magic.schema.spec import CellSpec, TensorSpec

CELLS = {
    "a": CellSpec("float32"), "b": CellSpec("float32"), "d": CellSpec("float64"), "i": CellSpec("int32"),
    "v": CellSpec("float32", (2,)), "m": CellSpec("float32", (5, 2)), "name": CellSpec("string"),
    "two": CellSpec("int32"),
}  # fmt: skip


def model(*inputs, outputs=("score",)):
    """Return what a model takes: name, dtype and shape of each input."""
    specs = tuple(TensorSpec(name, f"{name}:0", *spec) for name, *spec in inputs)
    at = list(range(len(specs)))
    y = {name: number for number, name in enumerate(outputs)} if len(outputs) > 1 else None
    return Signature("model", specs, at if len(at) > 1 else 0, outputs, y)


VECTOR = model(("x", "float32", (None, 2)))
PAIR = model(("one", "float32", (None, 1)), ("two", "int32", (None,)))
ONE, HERE = {"features": ["a", "b"], "label": "d"}, {"features": ["a", "b"], "label": {"here": "d"}}
IN_TWO = {"features": {"one": "a"}, "label": "d"}
BOTH = model(("x", "float32", (None, 2)), outputs=("here", "there"))

# name: (what is refused, the error's class, its subjects, part of it, what follows its remedy)
CASES = {
    "no such column": (
        VECTOR, {**ONE, "features": ["a", "c"]}, errors.ColumnNotFoundError, {"input": "x", "column": "c"},
        "Input 'x' of the model needs a column 'c', which the DataFrame does not have. There are: a, b, d, i, "
        "v, m, name, two. Name another one in features=.", VECTOR, ONE,
    ),
    "an input that is not named": (
        model(("one", "float32", (None, 1)), ("three", "int32", (None,))), IN_TWO, errors.ColumnNotFoundError,
        {"input": "three", "column": "three"}, "Input 'three' of the model needs a column 'three'", PAIR, IN_TWO,
    ),
    "no such label": (
        VECTOR, {**ONE, "label": "z"}, errors.ColumnNotFoundError, {"option": "label", "column": "z"},
        "Option 'label' needs a column 'z', which the DataFrame does not have.", VECTOR, ONE,
    ),
    "no such weight": (
        VECTOR, {**ONE, "weight": "w"}, errors.ColumnNotFoundError, {"option": "weight", "column": "w"},
        "Name another one in weight=.", VECTOR, {**ONE, "weight": "i"},
    ),
    "another dtype": (
        model(("x", "float64", (None,))), {**ONE, "features": "name"}, errors.DtypeMismatchError,
        {"input": "x", "column": "name"},
        "Input 'x' of the model takes float64, column 'name' is string, and nothing is cast silently: write "
        "df.withColumn('name', df['name'].cast('double')), or make the model's input of dtype string.",
        model(("x", "string", (None,))), {**ONE, "features": "name"},
    ),
    "one number for two": (
        VECTOR, {**ONE, "features": "a"}, errors.ShapeMismatchError, {"input": "x"},
        "Input 'x' of the model and column 'a': expected cells of shape [2], found float32 scalars; name a list "
        "of 2 columns, or change the input's shape.", VECTOR, ONE,
    ),
    "an axis too many": (
        VECTOR, {**ONE, "features": "m"}, errors.ShapeMismatchError, {"input": "x"}, "change the input's shape.",
        model(("x", "float32", (None, 5, 2))), {**ONE, "features": "m"},
    ),
    "batches of one size": (
        model(("x", "float32", (4, 2))), ONE, errors.ShapeMismatchError, {"input": "x"},
        "Input 'x' of the model: expected a block of any number of rows, found exactly 4 of them; make the model "
        "with keras.Input(shape), without a batch_size.", VECTOR, ONE,
    ),
    "no list of names": (
        PAIR, {**IN_TWO, "features": {"one": 3}}, errors.OptionError, {"option": "features"},
        "features is the name of a column, a list of names, or a dict of them, got 3.", PAIR, IN_TWO,
    ),
    "no name of a label": (
        VECTOR, {**ONE, "label": {"score": None}}, errors.OptionError, {"option": "label"},
        "label is the name of a column, a list of names, or a dict of them, got None.", VECTOR, ONE,
    ),
    "an output without a label": (
        BOTH, HERE, errors.OptionError, {"option": "label"}, "write label={'here': column, 'there': column}",
        BOTH, {**ONE, "label": {"here": "d", "there": "i"}},
    ),
    "a fill of another dtype": (
        PAIR, {**IN_TWO, "nulls": {"two": 0.5}}, errors.OptionError, {"option": "nulls", "input": "two"},
        "nulls=0.5 cannot replace a null of input 'two', which is int32", PAIR, {**IN_TWO, "nulls": {"two": 1}},
    ),
    "text to learn": (
        VECTOR, {**ONE, "label": "name"}, errors.UnsupportedTypeError, {"column": "name"},
        "Column 'name' of label is string, which cannot be used here: losses take numbers", VECTOR, ONE,
    ),
    "a vector of weights": (
        VECTOR, {**ONE, "weight": "v"}, errors.ShapeMismatchError, {"column": "v"},
        "Column 'v' of weight: expected a single value for each row, found float32[2]; name a column of numbers.",
        VECTOR, {**ONE, "weight": "i"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_errors_name_inputs_and_their_remedies_work(case):
    signature, given, kind, about, part, other, remedy = CASES[case]
    columns = FrameColumns(CELLS.items())
    with pytest.raises(kind) as caught:
        bind_training(signature, columns, **given)
    assert type(caught.value) is kind
    assert part in str(caught.value)
    assert "laceholder" not in str(caught.value)
    assert caught.value.about == about
    assert bind_training(other, columns, **remedy).feeds
