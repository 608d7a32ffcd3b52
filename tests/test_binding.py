from __future__ import annotations

import pickle
import textwrap
from dataclasses import replace

import pytest

from tfspark_magic import errors
from tfspark_magic.binding import bind, distinct
from tfspark_magic.graph.block import BLOCK, MAPPED, VECTORIZED
from tfspark_magic.graph.capture import run_cell
from tfspark_magic.graph.fetches import freeze_fetches
from tfspark_magic.schema.spec import CellSpec

import tensorflow as tf

INT, LONG = CellSpec("int32"), CellSpec("int64")
FLOAT, DOUBLE = CellSpec("float32"), CellSpec("float64")
TEXT, BYTES = CellSpec("string"), CellSpec("binary")
FLOATS = CellSpec("float32", (None,))
SCORE = """
    x = tf.placeholder(tf.int32, [], name='x')
    y = tf.placeholder(tf.int32, [], name='y')
    z = tf.add(x, y * 3, name='z')
"""
COLUMNS = [("x", INT), ("y", INT), ("note", TEXT)]
OF = "output = tf.identity(tf.placeholder(tf.{0}, {1}, name='x'), name='z')"


def program(source, *names):
    values: dict[str, object] = {}
    run_cell(textwrap.dedent(source), values)
    fetched = [values[name] for name in names or ("z" if "z" in values else "output",)]
    return freeze_fetches(fetched, name="score")


def score():
    return program(SCORE)


def refused(kind, *args, **options):
    with pytest.raises(errors.TfSparkError) as caught:
        bind(*args, **options)
    assert type(caught.value) is kind
    return str(caught.value)


def test_a_placeholder_is_fed_by_the_column_of_its_name():
    plan = bind(score(), COLUMNS, per_row=True)
    assert plan.columns == ("x", "y")
    assert plan.outputs == (("z", INT),)
    assert plan.graph.how == VECTORIZED
    assert plan.name == "score"
    assert [(f.placeholder, f.column, f.on_null) for f in plan.feeds] == [
        ("x", "x", "error"),
        ("y", "y", "error"),
    ]


@pytest.mark.parametrize("key", ["y", "y:0"])
def test_a_feed_dict_binds_by_name(key):
    assert bind(score(), COLUMNS, {key: "x"}, per_row=True).columns == ("x",)


def test_a_feed_dict_binds_by_tensor():
    values: dict[str, object] = {}
    cell = run_cell(textwrap.dedent(SCORE) + "\n{y: 'a'}", values)
    found = bind(freeze_fetches(values["z"]), [("x", INT), ("a", INT)], cell.result, per_row=True)
    assert found.columns == ("x", "a")


def test_a_plan_is_plain_data():
    plan = bind(score(), COLUMNS, per_row=True)
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_a_missing_column_is_named_with_the_closest():
    text = refused(
        errors.ColumnNotFoundError, score(), [("x", INT), ("yy", INT), ("note", TEXT)], per_row=True
    )
    assert text == (
        "Placeholder 'y' needs a column 'y', which the DataFrame does not have. Did you mean "
        "'yy'? Bind another one with feed_dict={'y': column} or --bind y=column."
    )


def test_a_column_that_feed_dict_names_and_is_not_there_is_an_error():
    text = refused(errors.ColumnNotFoundError, score(), COLUMNS, {"y": "nope"}, per_row=True)
    assert "Placeholder 'y' needs a column 'nope', which the DataFrame does not have." in text


def test_a_placeholder_that_is_not_there_is_named_with_the_closest():
    long = program("output = tf.placeholder(tf.int32, [], name='delay') + 1")
    text = refused(errors.PlaceholderNotFoundError, long, COLUMNS, {"dleay": "x"}, per_row=True)
    assert text == "The graph has no placeholder 'dleay'. Did you mean 'delay'?"


def test_a_feed_dict_takes_names_of_columns():
    text = refused(errors.OptionError, score(), COLUMNS, {"x": 3}, per_row=True)
    assert text == (
        "feed_dict takes the name of a column, or a list of names, for placeholder 'x', got int."
    )
    text = refused(errors.OptionError, score(), COLUMNS, {"x": []}, per_row=True)
    assert text.endswith("for placeholder 'x', got list.")


def test_two_columns_of_one_name_are_ambiguous_if_they_are_used():
    twice = [("x", INT), ("x", LONG), ("y", INT)]
    assert refused(errors.AmbiguousColumnError, score(), twice, per_row=True) == (
        "The DataFrame has several columns 'x': rename all but one."
    )
    others = [*COLUMNS, ("note", INT)]
    assert bind(score(), others, per_row=True).columns == ("x", "y")


def test_a_column_without_tensors_is_an_error_only_if_it_is_used():
    error = errors.UnsupportedTypeError("Column 'd'", "date", "cast it")
    columns = [*COLUMNS, ("d", error)]
    assert bind(score(), columns, per_row=True).columns == ("x", "y")
    assert refused(errors.UnsupportedTypeError, score(), columns, {"x": "d"}, per_row=True) == str(
        error
    )


@pytest.mark.parametrize(
    ("dtype", "source", "advice"),
    [
        (
            "int32",
            LONG,
            "write df.withColumn('x', df['x'].cast('int')), or make the placeholder tf.int64",
        ),
        (
            "float32",
            DOUBLE,
            "write df.withColumn('x', df['x'].cast('float')), or make the placeholder tf.float64",
        ),
        (
            "float64",
            LONG,
            "write df.withColumn('x', df['x'].cast('double')), or make the placeholder tf.int64",
        ),
        ("int32", DOUBLE, "write df.withColumn('x', df['x'].cast('int'))"),
        (
            "int32",
            TEXT,
            "write df.withColumn('x', df['x'].cast('int')), or make the placeholder tf.string",
        ),
        (
            "string",
            INT,
            "write df.withColumn('x', df['x'].cast('string')), or make the placeholder tf.int32",
        ),
        ("int64", BYTES, "make the placeholder tf.string."),
        (
            "uint8",
            INT,
            "write df.withColumn('x', df['x'].cast('smallint')), or make the placeholder",
        ),
        (
            "float32",
            CellSpec("float64", (None, None)),
            "write df.withColumn('x', df['x'].cast('array<array<float>>')), or make the "
            "placeholder tf.float64",
        ),
        ("bool", CellSpec("int8"), "write df.withColumn('x', df['x'].cast('boolean'))"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_column_of_another_dtype_is_refused_with_the_cast_to_write(dtype, source, advice):
    text = refused(
        errors.DtypeMismatchError, program(OF.format(dtype, None)), [("x", source)], per_row=True
    )
    expected = (
        f"Placeholder 'x' takes {dtype}, column 'x' is {source}, and nothing is cast silently: "
        f"{advice}"
    )
    assert text.startswith(expected)


@pytest.mark.parametrize(
    ("dtype", "source"),
    [
        ("int64", INT),
        ("float64", INT),
        ("float64", FLOAT),
        ("float32", CellSpec("int16")),
        ("string", BYTES),
        ("uint8", CellSpec("int16")),
        ("float16", FLOAT),
        ("uint8", CellSpec("uint8")),
    ],
    ids=str,
)
def test_a_column_that_fits_without_loss_feeds(dtype, source):
    plan = bind(program(OF.format(dtype, [])), [("x", source)], per_row=True)
    (feed,) = plan.feeds
    assert feed.source == source
    assert feed.cell == CellSpec(dtype)


def test_bytes_are_a_vector_of_unsigned_integers():
    plan = bind(program(OF.format("uint8", [None])), [("x", BYTES)], per_row=True)
    assert plan.feeds[0].cell == CellSpec("uint8", (None,))
    assert plan.outputs == (("z", CellSpec("uint8", (None,))),)
    text = refused(
        errors.ShapeMismatchError, program(OF.format("uint8", [])), [("x", BYTES)], per_row=True
    )
    assert "expected cells of shape [] (scalars), found uint8[?]" in text


@pytest.mark.parametrize(
    ("shape", "cell", "per_row", "text"),
    [
        (
            [None],
            FLOAT,
            True,
            "Placeholder 'x' and column 'x' in map_rows: expected cells of shape [?], found "
            "float32 scalars; use map_blocks, or declare the placeholder without its block axis.",
        ),
        (
            [None],
            FLOATS,
            False,
            "Placeholder 'x' and column 'x' in map_blocks: expected cells of shape [] (scalars), "
            "found float32[?]; use map_rows, or declare the placeholder with a block axis first.",
        ),
        (
            [3],
            CellSpec("float32", (4,)),
            True,
            "Placeholder 'x' and column 'x' in map_rows: expected cells of shape [3], found "
            "float32[4]; bind another column, or change the placeholder's shape.",
        ),
        (
            [],
            FLOAT,
            False,
            "Placeholder 'x': expected a block, whose first axis is its rows, found a scalar; "
            "use map_rows, or declare it with shape [None], or export or load a model's function with "
            "signature tf.TensorSpec([None], tf.float32).",
        ),
    ],
)
def test_a_column_of_another_shape_is_refused_with_a_hint(shape, cell, per_row, text):
    found = refused(
        errors.ShapeMismatchError,
        program(OF.format("float32", shape)),
        [("x", cell)],
        per_row=per_row,
    )
    assert found == text


@pytest.mark.parametrize(
    ("shape", "cell", "per_row", "output"),
    [
        (None, FLOAT, True, ()),
        (None, FLOATS, True, (None,)),
        (None, CellSpec("float32", (2, 3)), True, (2, 3)),
        (None, CellSpec("float32", (2, 3)), False, (2, 3)),
        ([None, None], CellSpec("float32", (4,)), False, (4,)),
        ([None, 4], FLOATS, False, (4,)),
        ([None, 3], CellSpec("float32", (2, None)), True, (2, 3)),
    ],
)
def test_an_output_has_all_that_is_known_of_the_shape(shape, cell, per_row, output):
    plan = bind(program(OF.format("float32", shape)), [("x", cell)], per_row=per_row)
    assert plan.outputs == (("z", CellSpec("float32", output)),)
    assert (plan.graph.how == BLOCK) is not per_row


def test_an_output_named_like_a_column_is_refused():
    columns = [*COLUMNS, ("z", INT)]
    assert refused(errors.NameConflictError, score(), columns, per_row=True) == (
        "Output 'z' has the name of a column of the DataFrame: give it another one with "
        "tf.identity(z, name='...'), or tfs.load(..., outputs={'z': '...'})."
    )


def test_a_trimmed_map_keeps_no_column_and_may_reuse_a_name():
    plan = bind(
        program(OF.format("float32", [None])),
        [("x", FLOAT), ("z", INT)],
        per_row=False,
        trim=True,
    )
    assert plan.trim


def test_two_outputs_of_one_name_are_refused():
    with pytest.raises(errors.NameConflictError, match=r"^Output 'parts' has the name of another"):
        program(
            "x = tf.placeholder(tf.float32, [2])\na, b = tf.split(x, 2, name='parts')", "a", "b"
        )


def test_a_program_that_takes_nothing_counts_rows():
    for per_row in (True, False):
        plan = bind(program("output = tf.constant(1)"), COLUMNS, per_row=per_row)
        (feed,) = plan.feeds
        assert (feed.counts, feed.origin) == (True, ())
        assert plan.outputs == (("Const", INT),)


def test_blocks_of_exactly_so_many_rows_are_known():
    for per_row in (True, False):
        cells = [("x", CellSpec("float32", (3,)))]
        plan = bind(program(OF.format("float32", [8, 3])), cells, per_row=per_row)
        assert (plan.batch, plan.outputs) == (8, (("z", CellSpec("float32", (3,))),))
    two = """
        x = tf.placeholder(tf.float32, [8], name='x')
        y = tf.placeholder(tf.float32, [4], name='y')
        z = tf.concat([x, y], 0, name='z')
    """
    text = refused(
        errors.ShapeMismatchError, program(two), [("x", FLOAT), ("y", FLOAT)], per_row=False
    )
    assert "exactly 8 of them" in text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "z = tf.reduce_sum(x)",
            "expected a value for each row of the block, found a scalar; keep the block axis, or "
            "use a reduction.",
        ),
        (
            "z = tf.nn.top_k(x, 2).values",
            "expected a value for each row of the block, found always 2 of them; keep the block "
            "axis, or pass trim=True.",
        ),
    ],
)
def test_an_output_of_a_block_has_a_value_for_each_row(source, text):
    found = program("x = tf.placeholder(tf.float32, [None], name='x')\n" + source)
    message = refused(errors.ShapeMismatchError, found, [("x", FLOAT)], per_row=False)
    assert message.startswith("Fetch '")
    assert message.endswith(f" in map_blocks: {text}")


def test_a_trimmed_map_may_give_another_number_of_rows():
    found = program(
        "x = tf.placeholder(tf.float32, [None], name='x')\nz = tf.nn.top_k(x, 2).values"
    )
    plan = bind(found, [("x", FLOAT)], per_row=False, trim=True)
    assert [cell for _, cell in plan.outputs] == [FLOAT]


def test_an_output_of_unknown_rank_is_refused():
    found = program(
        "x = tf.placeholder(tf.string, [], name='x')\n"
        "z = tf.identity(tf.io.parse_tensor(x, tf.float32), name='z')"
    )
    assert refused(errors.FetchError, found, [("x", BYTES)], per_row=True) == (
        "The rank of fetch 'z' is not known before it runs, so it cannot be a column: say its "
        "shape with tf.ensure_shape(z, [...]), or for a model in tfs.load(outputs={'z': "
        "tf.TensorSpec([...], tf.float32)})."
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"rows_per_block": -1}, "rows_per_block is a number of rows, got -1."),
        ({"rows_per_block": "many"}, "rows_per_block is a number of rows, got 'many'."),
        ({"rows_per_block": 2.5}, "rows_per_block is a number of rows, got 2.5."),
        ({"device": "tpu"}, "device is 'auto', 'cpu' or 'gpu', got 'tpu'."),
        (
            {"nulls": "null", "trim": True, "per_row": False},
            "nulls='null' has no meaning with trim=True, whose rows are not those of the "
            "DataFrame: filter the nulls, or give a value to put in their place.",
        ),
        (
            {"nulls": {"x": "null"}, "trim": True, "per_row": False},
            "nulls='null' has no meaning with trim=True, whose rows are not those of the "
            "DataFrame: filter the nulls, or give a value to put in their place.",
        ),
        (
            {"nulls": "zero"},
            "nulls='zero' cannot replace a null of placeholder 'x', which is int32: use "
            "'error', 'null', or a value of that dtype.",
        ),
        (
            {"nulls": {"x": 0.5}},
            "nulls=0.5 cannot replace a null of placeholder 'x', which is int32: use "
            "'error', 'null', or a value of that dtype.",
        ),
    ],
    ids=str,
)
def test_an_option_with_a_value_that_it_cannot_have_is_refused(options, text):
    found = program(OF.format("int32", None))
    options = {"per_row": True, **options}
    assert refused(errors.OptionError, found, [("x", INT)], **options) == text


def test_a_null_policy_for_no_placeholder_is_refused():
    text = refused(errors.PlaceholderNotFoundError, score(), COLUMNS, per_row=True, nulls={"w": 0})
    assert text == "The graph has no placeholder 'w'. There are: x, y."


@pytest.mark.parametrize(
    ("dtype", "value", "fits"),
    [
        ("int8", 127, True),
        ("int8", 128, False),
        ("uint8", 255, True),
        ("uint8", -1, False),
        ("int64", 2**63 - 1, True),
        ("int64", 2**63, False),
        ("int32", 3.0, True),
        ("int32", float("nan"), False),
        ("int32", True, False),
        ("float32", 0, True),
        ("float64", float("nan"), True),
        ("float64", "0", False),
        ("bool", False, True),
        ("bool", 0, False),
        ("string", "", True),
        ("string", b"", True),
        ("string", 0, False),
    ],
)
def test_a_value_in_the_place_of_nulls_fits_the_placeholder(dtype, value, fits):
    found = program(OF.format(dtype, []))
    cell = {"uint8": CellSpec("int16")}.get(dtype, CellSpec(dtype))
    if fits:
        (feed,) = bind(found, [("x", cell)], per_row=True, nulls=value).feeds
        assert feed.on_null == "fill"
        assert feed.fill == value or value != value  # noqa: PLR0124
    else:
        refused(errors.OptionError, found, [("x", cell)], per_row=True, nulls=value)


def test_null_policies_may_differ_by_placeholder():
    plan = bind(score(), COLUMNS, per_row=True, nulls={"x": 7})
    assert [(f.on_null, f.fill) for f in plan.feeds] == [("fill", 7), ("error", None)]
    plan = bind(score(), COLUMNS, per_row=True, nulls={"x": "null", "y": "error"})
    assert [f.on_null for f in plan.feeds] == ["null", "error"]
    plan = bind(score(), COLUMNS, per_row=True, nulls="null")
    assert [f.on_null for f in plan.feeds] == ["null", "null"]


def test_options_reach_the_plan():
    plan = bind(score(), COLUMNS, per_row=True, rows_per_block=7, device="cpu", vectorize=False)
    assert (plan.rows_per_block, plan.device, plan.graph.how) == (7, "cpu", MAPPED)
    assert bind(score(), COLUMNS, per_row=True, rows_per_block=0).rows_per_block == 0


@pytest.mark.parametrize(
    ("source", "cell", "dtype"),
    [
        ("z = tf.strings.upper(x)", TEXT, "string"),
        ("z = tf.strings.upper(x)", BYTES, "binary"),
        ("z = tf.strings.join([x, '!'])", BYTES, "binary"),
        ("z = tf.strings.join([x, tf.strings.as_string(1)])", BYTES, "string"),
        (
            "z = tf.io.encode_png(tf.reshape(tf.io.decode_raw(x, tf.uint8), [1, -1, 1]))",
            TEXT,
            "binary",
        ),
        ("z = tf.strings.as_string(tf.strings.length(x))", BYTES, "string"),
        ("z = tf.io.serialize_tensor(tf.strings.length(x))", TEXT, "binary"),
    ],
)
def test_an_output_is_bytes_if_all_that_it_is_made_of_is(source, cell, dtype):
    found = program("x = tf.placeholder(tf.string, [], name='x')\n" + source)
    ((_, output),) = bind(found, [("x", cell)], per_row=True).outputs
    assert output == CellSpec(dtype)


def test_placeholders_that_no_fetch_needs_need_no_column():
    values: dict[str, object] = {}
    run_cell(
        "x = tf.placeholder(tf.int32, [], name='x')\n"
        "lost = tf.placeholder(tf.complex64, name='lost')\n"
        "z = tf.add(x, 1, name='z')",
        values,
    )
    plan = bind(freeze_fetches(values["z"]), [("x", INT)], per_row=True)
    assert plan.columns == ("x",)
    assert tf.executing_eagerly()


def test_a_placeholder_with_a_default_is_not_passed_over_silently():
    program = replace(score(), defaults=("k",))
    columns = [*COLUMNS, ("k", CellSpec("int32"))]
    with pytest.raises(errors.OptionError, match="'k' has a default"):
        bind(program, columns, per_row=True)
    with pytest.raises(errors.OptionError, match="'k' has a default"):
        bind(program, COLUMNS, {"k": "x"}, per_row=True)


def test_names_that_differ_in_case_alone_conflict_as_they_do_in_spark():
    with pytest.raises(errors.NameConflictError):
        bind(score(), [*COLUMNS, ("Z", CellSpec("int32"))], per_row=True)
    with pytest.raises(errors.AmbiguousColumnError):
        bind(score(), [*COLUMNS, ("X", CellSpec("int32"))], per_row=True)


@pytest.mark.parametrize(
    ("dtype", "value", "fits"),
    [
        ("float32", 1e300, False),
        ("float32", 0.1, True),
        ("float32", 2**24 + 1, False),
        ("float64", 2**60 + 1, False),
        ("float64", 2**60, True),
        ("float16", 70000.0, False),
        ("float32", float("nan"), True),
        ("int64", 2**63 - 1, True),
        ("int64", 2**63, False),
    ],
)
def test_a_value_for_nulls_is_held_exactly(dtype, value, fits):
    from tfspark_magic.binding.feeds import is_value_of

    assert is_value_of(value, dtype) == fits


STRUCT = ("s.*", CellSpec("float64", (2,)))


def test_a_list_of_columns_is_a_vector_of_the_dtype_that_holds_them():
    plan = bind(
        program(OF.format("float64", [None])),
        [("a", INT), ("b", FLOAT), ("c", INT)],
        {"x": ["a", "b", "c"]},
        per_row=True,
    )
    (feed,) = plan.feeds
    assert plan.columns == ("[a, b, c]",)
    assert feed.parts == ("a", "b", "c")
    assert feed.source == CellSpec("float64", (3,))
    assert feed.cell == CellSpec("float64", (3,))
    assert pickle.loads(pickle.dumps(feed)) == feed


def test_lists_whose_names_read_alike_are_two():
    source = """
        a = tf.placeholder(tf.int32, [2], name='a')
        b = tf.placeholder(tf.int32, [2], name='b')
        z = tf.add(a, b, name='z')
    """
    columns = [(name, INT) for name in ("p, q", "r", "p", "q, r", "[p, q, r]")]
    lists = {"a": ["p, q", "r"], "b": ["p", "q, r"]}
    plan = bind(program(source), columns[:-1], lists, per_row=True)
    assert [feed.origin for feed in distinct(plan.feeds)] == [("p, q", "r"), ("p", "q, r")]
    # A column that is called as a list reads is another one, too.
    assert len(distinct(bind(program(source), columns, lists, per_row=True).feeds)) == 2


def test_the_same_column_may_stand_twice_in_a_list():
    plan = bind(program(OF.format("int32", [2])), [("a", INT)], {"x": ["a", "a"]}, per_row=True)
    assert plan.feeds[0].source == CellSpec("int32", (2,))


@pytest.mark.parametrize(
    ("columns", "listed", "text"),
    [
        (
            [("a", LONG), ("b", DOUBLE)],
            ["a", "b"],
            "The list [a, b] is a vector of (a int64, b float64), which cannot be used here: no "
            "dtype holds each of them exactly: cast them to one that you choose.",
        ),
        (
            [("a", FLOATS), ("b", DOUBLE)],
            ["b", "a"],
            "'a' in the list [b, a] is float32[?], which cannot be used here: only scalars can be "
            "put side by side as a vector.",
        ),
    ],
)
def test_columns_that_are_no_vector_are_refused(columns, listed, text):
    found = refused(
        errors.UnsupportedTypeError,
        program(OF.format("float64", [None])),
        columns,
        {"x": listed},
        per_row=True,
    )
    assert found == text


def test_a_vector_of_fields_is_refused_as_a_column_is():
    text = refused(
        errors.DtypeMismatchError,
        program(OF.format("float32", [None])),
        [STRUCT],
        {"x": "s.*"},
        per_row=True,
    )
    assert text.endswith(
        "write df.withColumn('s', F.struct(*[df['s'][f].cast('float').alias(f) for f in "
        "df.schema['s'].dataType.names])), or make the placeholder tf.float64."
    )
    text = refused(
        errors.ShapeMismatchError,
        program(OF.format("float64", [3])),
        [STRUCT],
        {"x": "s.*"},
        per_row=True,
    )
    assert "expected cells of shape [3], found float64[2]" in text


@pytest.mark.parametrize(
    ("dtype", "kind", "advice"),
    [
        ("float64", "date", "make the placeholder tf.int64, which takes days since 1970-01-01."),
        (
            "int32",
            "timestamp",
            "make the placeholder tf.int64, which takes microseconds since 1970-01-01 UTC.",
        ),
        (
            "string",
            "timestamp_ntz",
            "make the placeholder tf.int64, which takes microseconds since 1970-01-01 as if UTC.",
        ),
    ],
)
def test_a_time_feeds_integers_alone(dtype, kind, advice):
    columns = [("x", CellSpec("int64", (), kind))]
    text = refused(errors.DtypeMismatchError, program(OF.format(dtype, [])), columns, per_row=True)
    assert text.startswith(f"Placeholder 'x' takes {dtype}, column 'x' is {kind}, and nothing")
    assert text.endswith(advice)
    plan = bind(program(OF.format("int64", [])), columns, per_row=True)
    assert plan.feeds[0].cell == CellSpec("int64")


KERNEL = """
    import numpy as np
    centres = tf.constant(np.zeros(1000, 'float32'))
    x = tf.placeholder(tf.float32, {shape}, name='x')
    z = tf.reduce_sum(tf.exp({x} - centres), -1, name='z')
"""


@pytest.mark.parametrize(
    ("source", "cell", "options", "expected"),
    [
        (KERNEL.format(shape=[], x="x"), FLOAT, {"per_row": True}, 4000),
        (KERNEL.format(shape=[None], x="x[:, None]"), FLOAT, {"per_row": False}, 4000),
        # Its row waits beside the block: a number for 8 of its bytes, or a row of any size.
        (KERNEL.format(shape=[], x="x"), FLOAT, {"per_row": True, "vectorize": False}, 1),
        (OF.format("float32", [5]), CellSpec("float32", (5,)), {"per_row": True}, 64),
        (
            OF.format("float32", [None, 5]),
            CellSpec("float32", (5,)),
            {"per_row": False, "trim": True},
            20,
        ),
        (OF.format("float32", [None, 50]), CellSpec("float32", (None, 50)), {"per_row": True}, 200),
        (OF.format("string", []), TEXT, {"per_row": True}, 64),
    ],
)
def test_a_plan_knows_the_bytes_that_its_graph_makes_of_a_row(source, cell, options, expected):
    assert bind(program(source), [("x", cell)], **options).row_bytes == expected
