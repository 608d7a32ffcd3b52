from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from without_spark import map_batches, map_columns

from tfspark_magic import errors
from tfspark_magic.graph.block import MAPPED, VECTORIZED
from tfspark_magic.schema.spec import CellSpec
from tfspark_magic.worker import program_cache
from tfspark_magic.worker.mapping import MapColumns
from tfspark_magic.worker.shipped import SparkFile

INT, LONG, FLOAT = CellSpec("int32"), CellSpec("int64"), CellSpec("float32")
FLOATS = CellSpec("float32", (None,))
SCORE = """
    x = tf.placeholder(tf.int32, [], name='x')
    y = tf.placeholder(tf.int32, [], name='y')
    z = tf.add(x, y * 3, name='z')
    w = tf.subtract(x, y, name='w')
"""
SUM = """
    x = tf.placeholder(tf.float32, [None], name='x')
    z = tf.reduce_sum(x, name='z')
    doubled = tf.multiply(x, 2.0, name='doubled')
    mean = tf.reduce_mean(x)
"""
XY = {"x": INT, "y": INT}
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def ints(*values):
    return pa.array(values, pa.int32())


def floats(*values):
    return pa.array(values, pa.list_(pa.float32()))


def raised(kind, *args):
    with pytest.raises(errors.TfSparkError) as caught:
        map_columns(*args)
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize("vectorize", [True, False])
def test_rows_whose_values_the_graph_fails_on_are_null_and_counted(make_plan, vectorize):
    plan = make_plan(
        "x = tf.placeholder(tf.string, [], name='x')\nz = tf.strings.to_number(x, tf.int32, name='z')\n"
        "n = tf.strings.length(x, name='n')",
        {"x": CellSpec("string")},
        "z n",
        vectorize=vectorize,
        rows_per_block=5,
        nulls="null",
        errors="null",
    )
    cells = ["1", None, "bad", "4", "5", "6", "worse", "", "9", "10", "11", "no"]
    told = []
    rows = [
        r for b in MapColumns(plan, told.extend)(iter([(pa.array(cells),)])) for r in b.to_pylist()
    ]
    expected = [int(c) if c and c.isdigit() else None for c in cells]
    assert [row["z"] for row in rows] == expected
    assert [row["n"] for row in rows] == [z and len(str(z)) for z in expected]
    ((name, count, first),) = told
    assert (name, count) == ("score", 4)
    assert first.startswith("Program 'score' failed in row 2: ")
    assert "bad" in first
    pickle.loads(pickle.dumps(MapColumns(plan, None)))
    assert "failed in row 2" in raised(
        errors.WorkerFailedError, replace(plan, errors="raise"), (pa.array(cells),)
    )


@pytest.mark.parametrize("vectorize", [True, False])
def test_the_words_of_a_failure_may_quote_bytes_that_are_no_text(make_plan, vectorize):
    """Python then raises a UnicodeDecodeError in place of TensorFlow's error."""
    plan = make_plan(
        "x = tf.placeholder(tf.string, [], name='x')\nz = tf.strings.to_number(x, tf.int32, name='z')",
        {"x": CellSpec("binary")},
        vectorize=vectorize,
        errors="null",
    )
    cells = pa.array([b"1", b"2", b"\xff", b"4", b"5"])
    assert map_columns(plan, (cells,)) == [1, 2, None, 4, 5]
    text = raised(errors.WorkerFailedError, replace(plan, errors="raise"), (cells,))
    assert text.startswith("Program 'score' failed in row 2: ")
    assert r"convert string: \xff" in text


def test_a_failure_that_is_not_of_values_is_an_error_also_where_those_are_null(make_plan, tmp_path):
    there = tmp_path / "there"
    there.write_bytes(b"12")
    plan = make_plan(
        "x = tf.placeholder(tf.string, [], name='x')\nz = tf.strings.to_number(tf.io.read_file(x))",
        {"x": CellSpec("string")},
        errors="null",
    )
    bad = tmp_path / "bad"
    bad.write_bytes(b"no number")
    cells = [str(there), str(bad), str(there)]
    assert map_columns(plan, (pa.array(cells),)) == [12, None, 12]
    text = raised(errors.WorkerFailedError, plan, (pa.array([*cells, str(tmp_path / "none")]),))
    assert text.startswith("Program 'score' failed in row 3: ")


@pytest.mark.parametrize("vectorize", [True, False])
def test_one_output_is_a_column_and_several_are_a_struct(make_plan, vectorize):
    batch = (ints(1, 2), ints(10, 20))
    plan = make_plan(SCORE, XY, vectorize=vectorize)
    assert map_columns(plan, batch) == [31, 62]
    plan = make_plan(SCORE, XY, "w z", vectorize=vectorize)
    assert map_columns(plan, batch) == [{"w": -9, "z": 31}, {"w": -18, "z": 62}]


def test_no_rows_give_no_rows_and_load_nothing(make_plan):
    plan = make_plan(SCORE, XY)
    mapper = MapColumns(replace(plan, graph=plan.graph.sent(b"no graph", None)))
    assert list(mapper(iter([]))) == []
    assert list(mapper(iter([(ints(), ints())]))) == []


def test_a_single_argument_comes_without_a_tuple(make_plan):
    plan = make_plan(SCORE, {"a": INT}, feed_dict={"x": "a", "y": "a"})
    assert map_columns(plan, ints(1), ints(2, 3)) == [4, 8, 12]


def test_one_column_may_feed_two_placeholders(make_plan):
    plan = make_plan(SCORE, {"a": INT}, feed_dict={"x": "a", "y": "a"})
    assert plan.columns == ("a",)
    assert map_columns(plan, (ints(1, 2),)) == [4, 8]


def test_a_graph_in_a_file_does_not_travel_inside_the_task(make_plan, tmp_path):
    plan = make_plan(SCORE, XY)
    file = SparkFile("graph.pb", str(tmp_path / "graph.pb"))
    (tmp_path / "graph.pb").write_bytes(plan.graph.read())
    sent = replace(plan, graph=plan.graph.sent(file, None))
    assert sent.graph.digest == plan.graph.digest
    task = pickle.dumps(MapColumns(sent))
    assert plan.graph.read() not in task
    again = pickle.loads(task)
    assert [c.to_pylist() for c in again(iter([(ints(1), ints(2))]))] == [[7]]


@quick
@given(
    st.lists(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=6), max_size=5),
    st.sampled_from([None, 0, 1, 2, 5]),
)
def test_rows_come_back_in_order_however_they_are_cut(make_plan, batches, size):
    plan = make_plan(SCORE, XY, rows_per_block=size)
    arrays = [(ints(*(x for x, _ in rows)), ints(*(y for _, y in rows))) for rows in batches]
    expected = [x + 3 * y for rows in batches for x, y in rows]
    assert map_columns(plan, *arrays) == expected


@quick
@given(
    st.lists(
        st.tuples(
            st.none() | st.lists(st.none() | st.integers(-9, 9), max_size=3),
            st.none() | st.integers(-9, 9),
            st.none() | st.lists(st.integers(-9, 9), max_size=2),
        ),
        min_size=1,
        max_size=9,
    ),
    st.booleans(),
    st.sampled_from([None, 1, 2, 4]),
)
def test_ragged_rows_with_nulls_give_what_each_gives_alone(make_plan, rows, vectorize, size):
    plan = make_plan(
        """
        x = tf.placeholder(tf.int64, [None], name='x')
        y = tf.placeholder(tf.int64, [], name='y')
        v = tf.placeholder(tf.int64, [None], name='v')
        z = tf.multiply(tf.concat([v, x], 0), y, name='z')
        """,
        {"x": CellSpec("int64", (None,)), "y": LONG, "v": CellSpec("int64", (None,))},
        nulls="null",
        rows_per_block=size,
        vectorize=vectorize,
    )
    xs, ys, vs = zip(*rows, strict=True)
    lists = pa.list_(pa.int64())
    found = map_columns(plan, (pa.array(xs, lists), pa.array(ys, pa.int64()), pa.array(vs, lists)))
    expected = [
        None if x is None or None in x or y is None or v is None else [n * y for n in [*v, *x]]
        for x, y, v in rows
    ]
    assert found == expected


def test_a_null_is_an_error_that_counts_them(make_plan):
    plan = make_plan(SCORE, XY)
    assert raised(errors.NullValuesError, plan, (ints(1, 2, 3), ints(1, None, None))) == (
        "Column 'y' holds 2 nulls in a block of 3 rows, the first in row 1 of the block (rows 0 to 2): "
        "pass nulls='null' for null results in those rows, or a value to put in their place, such "
        "as nulls=0."
    )


def test_a_null_inside_an_array_is_an_error_too(make_plan):
    plan = make_plan("x = tf.placeholder(tf.float32, [2], name='x')\nz = x * 2", {"x": FLOATS})
    text = raised(errors.NullValuesError, plan, (floats([1, 2], [1, None]),))
    assert text.startswith("Column 'x' holds 1 null in a block of 2 rows, the first in row 1 of")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("null", [31, None, None]),
        (0, [31, 60, 3]),
        ({"x": 100, "y": 1}, [31, 160, 6]),
        ({"x": "null", "y": 1}, [31, None, 6]),
    ],
    ids=str,
)
def test_a_null_policy(make_plan, policy, expected):
    plan = make_plan(SCORE, XY, nulls=policy)
    assert map_columns(plan, (ints(1, None, 3), ints(10, 20, None))) == expected


def test_rows_that_all_hold_nulls_never_reach_the_graph(make_plan):
    plan = make_plan(SCORE, XY, "z w", nulls="null")
    nothing = pa.nulls(3, pa.int32())
    empty = {"z": None, "w": None}
    assert map_columns(plan, (nothing, ints(1, 2, 3))) == [empty] * 3
    batches = [(ints(1), ints(1)), (nothing, ints(1, 2, 3)), (ints(2), ints(2))]
    plan = make_plan(SCORE, XY, nulls="null", rows_per_block=1)
    assert map_columns(plan, *batches) == [4, None, None, None, 8]


@pytest.mark.parametrize(
    ("fill", "expected"), [(0.5, [[2, 4], [2, 1], [1, 1]]), (float("nan"), None)]
)
def test_nulls_inside_arrays_are_filled(make_plan, fill, expected):
    plan = make_plan(
        "x = tf.placeholder(tf.float32, [2], name='x')\nz = x * 2", {"x": FLOATS}, nulls=fill
    )
    found = map_columns(plan, (floats([1, 2], [1, None], None),))
    if expected is None:
        assert np.isnan(found).tolist() == [[False, False], [False, True], [True, True]]
    else:
        assert found == expected


def test_a_value_that_the_column_cannot_hold_fills_the_placeholders_dtype(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.float64, [], name='x')\nz = x * 2", {"x": INT}, nulls=0.25
    )
    assert map_columns(plan, (ints(1, None),)) == [2, 0.5]


def test_nan_is_data(make_plan):
    plan = make_plan("x = tf.placeholder(tf.float32, [], name='x')\nz = x * 2", {"x": FLOAT})
    found = map_columns(plan, (pa.array([float("nan"), 1.0], pa.float32()),))
    assert np.isnan(found).tolist() == [True, False]


def test_the_input_columns_are_not_written_to(make_plan):
    plan = make_plan("x = tf.placeholder(tf.float32, [], name='x')\nz = x + 1", {"x": FLOAT})
    column = pa.concat_arrays([pa.array(np.zeros(512, "float32"))] * 2)
    map_columns(plan, (column,))
    assert set(column.to_pylist()) == {0.0}


def test_rows_without_values_keep_their_place(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.float32, [None, 3], name='x')\nz = tf.reduce_sum(x, 0)",
        {"x": CellSpec("float32", (None, None))},
    )
    rows = [[[1, 2, 3], [1, 1, 1]], [], [[5, 5, 5]]]
    column = pa.array(rows, pa.list_(pa.list_(pa.float32())))
    assert map_columns(plan, (column,)) == [[2, 3, 4], [0, 0, 0], [5, 5, 5]]


def tampered(plan, **other):
    """The plan with a block graph that computes something else than its row graph."""
    return replace(plan, graph=replace(plan.graph, **other))


def is_vectorized():
    (program,) = program_cache._loaded.values()
    return program.may_fall_back


def test_a_block_graph_that_disagrees_with_its_rows_is_run_row_by_row(make_plan):
    plan = make_plan(SCORE, XY, "z w")
    wrong = tampered(plan, fetches=tuple(reversed(plan.graph.fetches)))
    batch = (ints(1, 2), ints(1, 2))
    expected = [{"z": 4, "w": 0}, {"z": 8, "w": 0}]
    assert map_columns(wrong, batch, batch) == expected * 2
    assert not is_vectorized()


@pytest.mark.parametrize(
    "source",
    [
        "z = tf.strings.join(['+', tf.strings.as_string(x)])\nw = tf.strings.as_string(x)",
        "z = tf.stack([x, x])\nw = tf.stack([x, -x])",
        "z = x > 0\nw = x < 0",
        "z = x + tf.random.uniform([]) * 0\nw = x - 1",
    ],
)
def test_a_wrong_block_of_any_dtype_is_found_out(make_plan, source):
    placeholder = "x = tf.placeholder(tf.float32, [], name='x')\n"
    plan = make_plan(placeholder + source, {"x": FLOAT}, "z w")
    column = (pa.array([1.0, 2.0], pa.float32()),)
    expected = map_columns(plan, column)
    assert is_vectorized()
    program_cache._loaded.clear()
    wrong = tampered(plan, fetches=tuple(reversed(plan.graph.fetches)))
    assert map_columns(wrong, column) == expected
    assert not is_vectorized()


@pytest.mark.parametrize("row", [0, 3, 9])
def test_rows_are_checked_at_both_ends_of_a_block_and_between(make_plan, row):
    source = """
        x = tf.placeholder(tf.float32, [], name='x')
        z = tf.multiply(x, 2, name='z')
        w = tf.where(x > 0, x, x * 2, name='w')
    """
    plan = make_plan(source, {"x": FLOAT}, "z w")
    wrong = tampered(plan, fetches=tuple(reversed(plan.graph.fetches)))
    values = np.arange(10) == row
    found = map_columns(wrong, (pa.array(values.astype("float32")),))
    assert [r["z"] for r in found] == (values * 2).tolist()


FALL_BACK = {
    "a slice by the row's own start": (
        "z = tf.reduce_sum(tf.slice(v, [k], [-1]))",
        [6, 5, 3],
    ),
    "top_k of the row's k": ("z = tf.reduce_sum(tf.nn.top_k(v, k).values)", [0, 3, 5]),
    "a branch beyond the last": (
        "z = tf.switch_case(k * 5, [lambda: v[0], lambda: v[1], lambda: v[2]])",
        [1, 3, 3],
    ),
    "a growing TensorArray": (
        "z = tf.reduce_sum(tf.while_loop(lambda i, a: i <= k, lambda i, a: (i + 1, "
        "a.write(i, v[i])), [0, tf.TensorArray(tf.float32, 0, dynamic_size=True)])[1].stack())",
        [1, 3, 6],
    ),
    "the gradient of a loop of the row's length": (
        "z = tf.gradients(tf.while_loop(lambda i, s: i < k, lambda i, s: (i + 1, s * v[0]), "
        "[0, v[1]])[1], v)[0][1]",
        [1, 1, 1],
    ),
    "fftshift over a negative axis": ("z = tf.signal.fftshift(v, axes=-1)[0]", [3, 3, 3]),
    "a squeeze without axes": ("z = tf.reduce_sum(tf.squeeze(v[k:k + 1]))", [1, 2, 3]),
}

# To be wrong, if it is; of the others that is seen when they are defined.
NOT_KNOWN_BEFORE = {
    "a branch beyond the last",
    "the gradient of a loop of the row's length",
    "fftshift over a negative axis",
}


@pytest.mark.parametrize("rows", [3, 1], ids=["3 rows", "1 row"])
@pytest.mark.parametrize("name", FALL_BACK)
def test_a_graph_that_fails_vectorized_gives_what_its_rows_give(make_plan, name, rows):
    source, expected = FALL_BACK[name]
    plan = make_plan(
        "v = tf.placeholder(tf.float32, [3], name='v')\n"
        "k = tf.placeholder(tf.int32, [], name='k')\n" + source,
        {"v": FLOATS, "k": INT},
    )
    column = floats(*[[1, 2, 3]] * rows), ints(*range(rows))
    assert map_columns(plan, column, column) == expected[:rows] * 2
    assert plan.graph.how == (VECTORIZED if name in NOT_KNOWN_BEFORE else MAPPED)


def test_scalars_stand_beside_cells_of_several_shapes(make_plan):
    plan = make_plan(
        "v = tf.placeholder(tf.float32, [None], name='v')\n"
        "k = tf.placeholder(tf.int32, [], name='k')\nz = tf.reduce_sum(v) + tf.cast(k, tf.float32)",
        {"v": FLOATS, "k": INT},
    )
    assert map_columns(plan, (floats([], [1, 2]), ints(3, 4))) == [3, 7]


def test_an_error_of_the_rows_is_the_one_that_is_raised(make_plan):
    plan = make_plan(
        "v = tf.placeholder(tf.float32, [3], name='v')\n"
        "k = tf.placeholder(tf.int32, [], name='k')\nz = tf.gather(v, k)",
        {"v": FLOATS, "k": INT},
    )
    text = raised(errors.WorkerFailedError, plan, (floats(*[[1, 2, 3]] * 3), ints(0, 1, 3)))
    assert "failed in row 2: " in text
    assert "3 is not in [0, 3)" in text
    assert map_columns(plan, (floats([1, 2, 3]), ints(2))) == [3]
    assert is_vectorized()


def test_rounding_is_no_disagreement(make_plan):
    rows = np.random.default_rng(3).normal(size=(64, 300)).astype("float32")
    plan = make_plan(
        "x = tf.placeholder(tf.float32, [300], name='x')\n"
        "z = tf.nn.softmax(tf.linalg.matvec(tf.reshape(tf.sin(tf.range(90000.0)), [300, 300]), x))",
        {"x": FLOATS},
    )
    assert plan.graph.mapped_fetches
    assert len(map_columns(plan, (floats(*rows.tolist()),))) == 64


@pytest.mark.parametrize("bad", range(7))
def test_the_first_row_that_tensorflow_fails_on_is_named(make_plan, bad):
    plan = make_plan(
        "x = tf.placeholder(tf.string, [], name='x')\nz = tf.strings.to_number(x)",
        {"x": CellSpec("string")},
        rows_per_block=5,
    )
    cells = [f"no {row}" if row in (bad, bad + 2) else str(row) for row in range(9)]
    text = raised(errors.WorkerFailedError, plan, (pa.array(cells),))
    assert text.startswith(f"Program 'score' failed in row {bad}: ")
    assert f"no {bad}" in text
    assert "\n" not in text


def test_a_row_that_fails_is_counted_with_the_rows_that_are_dropped(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.string, [], name='x')\nz = tf.strings.to_number(x)",
        {"x": CellSpec("string")},
        nulls="null",
    )
    text = raised(errors.WorkerFailedError, plan, (pa.array([None, None, "3", "four", None]),))
    assert text.startswith("Program 'score' failed in row 3: ")


def test_rows_that_fail_only_together_are_named_together(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.string, [None], name='x')\nz = tf.strings.to_number(x)",
        {"x": CellSpec("string")},
        per_row=False,
    )
    text = raised(errors.WorkerFailedError, plan, (pa.array(["1", "two", "3"]),))
    assert text.startswith("Program 'score' failed in rows 0 to 2: ")


@pytest.mark.parametrize("vectorize", [True, False])
def test_a_cell_of_another_size_is_an_error_that_names_the_column(make_plan, vectorize):
    plan = make_plan(
        "x = tf.placeholder(tf.float32, [2], name='x')\nz = x * 2",
        {"a": FLOATS},
        feed_dict={"x": "a"},
        vectorize=vectorize,
    )
    text = raised(errors.ShapeMismatchError, plan, (floats([1, 2], [1, 2, 3]),))
    assert text == (
        "Row 1 of a block of column 'a' for placeholder 'x': expected cells of shape [2], found [3] "
        "in rows 0 to 1; "
        "filter such rows, or change the placeholder's shape."
    )


def test_a_block_takes_cells_of_several_shapes_where_rows_stand_alone(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.float32, [None, None], name='x')\nz = x * 2",
        {"x": FLOATS},
        per_row=False,
    )
    assert map_columns(plan, (floats([1, 2], [3, 4]),)) == [[2, 4], [6, 8]]
    assert map_columns(plan, (floats([1], [1, 2]),)) == [[2], [2, 4]]


def test_a_graph_mapped_row_by_row_may_give_cells_of_unequal_shape(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.string, [], name='x')\n"
        "z = tf.strings.split(x).values\nw = tf.strings.length(x)",
        {"x": CellSpec("string")},
        "z w",
        nulls="null",
    )
    assert plan.graph.how == MAPPED
    found = map_columns(plan, (pa.array(["a bc", None, "", "d"]),))
    assert [list(row.values()) for row in found] == [
        [["a", "bc"], 4],
        [None, None],
        [[], 0],
        [["d"], 1],
    ]


def batch(**columns):
    return pa.RecordBatch.from_pydict(
        {name: pa.array(values, pa.float32()) for name, values in columns.items()}
    )


def trimmed(make_plan, fetches, **options):
    source = SUM + "    total = tf.reshape(z, [1], name='total')\n"
    return make_plan(source, {"x": FLOAT}, fetches, per_row=False, trim=True, **options)


def test_a_trimmed_map_gives_the_rows_that_the_outputs_have(make_plan):
    plan = trimmed(make_plan, "total", rows_per_block=2)
    assert map_batches(plan, batch(x=[1, 2, 3]), batch(x=[4, 5])) == [
        {"total": 3.0},
        {"total": 7.0},
        {"total": 5.0},
    ]
    whole = trimmed(make_plan, "total", rows_per_block=0)
    assert map_batches(whole, batch(x=[1, 2, 3]), batch(x=[4, 5])) == [{"total": 15.0}]
    assert map_batches(whole) == []


def test_a_trimmed_map_has_the_types_that_spark_expects(make_plan):
    plan = make_plan(
        "x = tf.placeholder(tf.float32, [None], name='x')\n"
        "z = tf.cast(tf.stack([x, x], 1), tf.uint8)",
        {"x": FLOAT},
        per_row=False,
        trim=True,
    )
    assert map_batches(plan, batch(x=[1, 2])) == [
        {plan.outputs[0][0]: [1, 1]},
        {plan.outputs[0][0]: [2, 2]},
    ]


def test_outputs_of_unequal_length_are_an_error(make_plan):
    plan = trimmed(make_plan, "total doubled")
    with pytest.raises(errors.ShapeMismatchError) as caught:
        map_batches(plan, batch(x=[1, 2, 3]))
    assert str(caught.value) == (
        "Fetches of program 'score': expected as many rows from each of them, found 1 from "
        "'total', 3 from 'doubled' in rows 0 to 2; trim them alike, or fetch them in two maps."
    )


def test_a_block_that_loses_rows_is_an_error_unless_it_is_trimmed(make_plan):
    source = (
        "x = tf.placeholder(tf.float32, [None], name='x')\nz = tf.boolean_mask(x, x > 1, name='z')"
    )
    plan = make_plan(source, {"x": FLOAT}, per_row=False)
    text = raised(errors.ShapeMismatchError, plan, (pa.array([1, 2, 3], pa.float32()),))
    assert "expected a block of shape [3], found [2]" in text
    plan = make_plan(source, {"x": FLOAT}, per_row=False, trim=True)
    (name,) = (name for name, _ in plan.outputs)
    assert map_batches(plan, batch(x=[1, 2, 3])) == [{name: 2.0}, {name: 3.0}]
