"""Each operation that is vectorized, on blocks of several sizes, beside the row alone."""

from __future__ import annotations

import numpy as np
import pytest

from tests.graph.operations import DRAWS, FAILURES, GROUPS, ROWS
from tests.graph.operations import MAPPED as NOT_EXACT
from tfspark_magic.graph.block import MAPPED
from tfspark_magic.graph.concrete_function import load_function
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.vectorizable import VECTORIZABLE
from tfspark_magic.graph.vectorize import vectorize
from tfspark_magic.schema.spec import CellSpec

from tensorflow.python.framework import op_def_registry

BLOCKS = [slice(0, 1), slice(1, 3), slice(4, 7), slice(0, ROWS), slice(6, 7)]


def build(rows, cases):
    """Return the program of a group, and which case each of its outputs belongs to."""
    owners = {}
    with tf.Graph().as_default():
        fed = {
            name: tf1.placeholder(
                tf.string if array.dtype == object else array.dtype, array.shape[1:], name=name
            )
            for name, array in rows.items()
        }
        fetches = []
        for number, (label, case) in enumerate(cases.items()):
            made = case(**fed) if len(fed) > 1 else case(*fed.values())
            for tensor in tf.nest.flatten(made):
                name = f"fetch{number}_{len(fetches)}"
                fetches.append(tf.identity(tensor, name=name))
                owners[name] = label
        return freeze_fetches(fetches), owners


def vectorized(program, rows):
    cells = {spec.name: CellSpec(spec.dtype, rows[spec.name].shape[1:]) for spec in program.inputs}
    return vectorize(program, cells)


def runs(program, block):
    """Return what runs the row graph and the vectorized one, from rows to arrays."""
    feeds = [spec.tensor for spec in program.inputs]
    fetches = [spec.tensor for spec in program.outputs]
    alone = load_function(program.graph_def, feeds, fetches, program.initializers)
    together = load_function(block.graph_def, block.feeds, block.fetches, block.initializers)

    def with_arrays(run):
        def call(rows, which):
            tensors = [tf.constant(rows[spec.name][which]) for spec in program.inputs]
            return [
                np.asarray(tensor.numpy(), tensor.dtype.as_numpy_dtype) for tensor in run(*tensors)
            ]

        return call

    return with_arrays(alone), with_arrays(together)


@pytest.mark.parametrize("name", GROUPS)
def test_a_block_gives_what_its_rows_give_alone(name):
    rows, cases = GROUPS[name]
    program, owners = build(rows, cases)
    block = vectorized(program, rows)
    assert block.how != MAPPED, block.reason
    alone, together = runs(program, block)
    expected = [alone(rows, row) for row in range(ROWS)]
    wrong = {}
    for which in BLOCKS:
        found = together(rows, which)
        for output, (spec, values) in enumerate(zip(program.outputs, found, strict=True)):
            rest = np.stack([row[output] for row in expected[which]])
            if not same(values, rest):
                wrong[owners[spec.name]] = (which, values, rest)
    assert not wrong, wrong


def same(found, expected):
    if found.shape != expected.shape:
        return False
    if found.dtype.kind == "f":
        return bool(np.allclose(found, expected, 1e-4, 1e-5, equal_nan=True))
    return bool(np.array_equal(found, expected))


def test_random_numbers_have_the_shapes_of_rows_and_differ_in_each():
    rows, cases = DRAWS
    program, owners = build(rows, cases)
    equal = {name: np.repeat(array[:1], ROWS, 0) for name, array in rows.items()}
    block = vectorized(program, rows)
    assert block.how != MAPPED, block.reason
    assert block.drawn == set(range(len(program.outputs)))
    alone, together = runs(program, block)
    for which in BLOCKS:
        expected = [alone(equal, row) for row in range(ROWS)][which]
        for output, (spec, values) in enumerate(
            zip(program.outputs, together(equal, which), strict=True)
        ):
            assert values.shape == np.stack([row[output] for row in expected]).shape
            assert len({row.tobytes() for row in values}) == len(values), owners[spec.name]


@pytest.mark.parametrize("name", FAILURES)
def test_a_block_fails_where_one_of_its_rows_does(name):
    rows, case = FAILURES[name]
    program, _ = build(rows, {name: case})
    block = vectorized(program, rows)
    assert block.how != MAPPED, block.reason
    alone, together = runs(program, block)
    failed = 0
    for row in range(ROWS):
        try:
            (expected,) = alone(rows, row)
        except tf.errors.OpError:
            failed += 1
            with pytest.raises(tf.errors.OpError):
                together(rows, slice(row, row + 1))
        else:
            (found,) = together(rows, slice(row, row + 1))
            assert same(found, expected[None])
    assert failed
    with pytest.raises(tf.errors.OpError):
        together(rows, slice(0, ROWS))


@pytest.mark.parametrize("name", NOT_EXACT)
def test_what_has_no_exact_converter_is_mapped(name):
    rows, case = NOT_EXACT[name]
    program, _ = build(rows, {name: case})
    block = vectorized(program, rows)
    assert block.how == MAPPED
    assert block.reason


def test_each_operation_that_is_vectorized_stands_in_the_table():
    registered = {name for name in dir(tf.raw_ops) if op_def_registry.get(name) is not None}
    assert not VECTORIZABLE - registered
    exercised = set()
    for rows, cases in (*GROUPS.values(), DRAWS):
        program, _ = build(rows, cases)
        graph_def = tf1.GraphDef.FromString(program.graph_def)
        exercised |= {node.op for node in graph_def.node}
        exercised |= {node.op for f in graph_def.library.function for node in f.node_def}
    assert sorted(VECTORIZABLE - exercised) == []
