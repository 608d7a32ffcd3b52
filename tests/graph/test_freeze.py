from __future__ import annotations

import dataclasses
import pickle

import pytest

from tfspark_magic.errors import (
    FetchError,
    FetchNotFoundError,
    GraphLoadError,
    NameConflictError,
    UnsupportedTypeError,
)
from tfspark_magic.graph.fetches import find_tensor, freeze_fetches
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.nodes import parse
from tfspark_magic.graph.program import Program

import tensorflow as tf

TWO = """\
x = tf.placeholder(tf.float32, [None, 3], name='x')
y = tf.placeholder(tf.float32, [], name='y')
left = tf.multiply(x, 2.0, name='left')
right = tf.multiply(x, y, name='right')
"""
TABLE = """\
keys, values = tf.constant(['a', 'b']), tf.constant([{0}, {1}], tf.int64)
table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), -1)
output = table.lookup(tf.placeholder(tf.string, [None], name='s'), name='found')
"""


def test_placeholders_that_the_fetches_do_not_need_are_ignored(cells):
    assert repr(cells.program(TWO, "left")) == "Program graph: x float32[?,3] -> left float32[?,3]"


def test_placeholders_are_in_the_order_in_which_they_were_made(cells):
    program = cells.program(TWO, "right", "left")
    assert [spec.name for spec in program.inputs] == ["x", "y"]
    assert [spec.name for spec in program.outputs] == ["right", "left"]
    assert program.input("y").shape == ()


def test_a_program_holds_no_more_than_it_needs(cells):
    cells.capture(TWO)
    names = {node.name for node in parse(cells.freeze("left")).node}
    assert names == {"x", "left", "left/y"}


def test_a_program_is_cut_down_to_some_outputs(cells):
    program = cells.program(TWO, "left", "right").fetch("left")
    assert repr(program) == "Program graph: x float32[?,3] -> left float32[?,3]"
    assert {node.name for node in parse(program).node} == {"x", "left", "left/y"}


def test_outputs_may_be_put_in_another_order(cells):
    program = cells.program(TWO, "left", "right").fetch("right", "left")
    assert [spec.name for spec in program.outputs] == ["right", "left"]
    assert list(program.run(x=[[1, 2, 3]], y=2)) == ["right", "left"]


def test_an_output_that_a_program_has_not_is_named_with_the_closest(cells):
    with pytest.raises(FetchNotFoundError) as caught:
        cells.program(TWO, "left", "right").fetch("rihgt")
    assert str(caught.value) == "Fetch 'rihgt' is not in the graph. Did you mean 'right'?"


def test_two_outputs_of_one_name_are_refused(cells):
    cells.capture(TWO + "a, b = tf.split(x, [1, 2], 1, name='parts')")
    with pytest.raises(NameConflictError) as caught:
        cells.freeze("a", "b")
    assert str(caught.value) == (
        "Output 'parts' has the name of another fetch: give it another one with "
        "tf.identity(parts, name='...'), or tfs.load(..., outputs={'parts': '...'})."
    )
    with pytest.raises(NameConflictError):
        cells.freeze("left", "left")
    assert cells.freeze("b").run(x=[[1.0, 2.0, 3.0]]).tolist() == [[2, 3]]


def test_tensors_of_two_graphs_are_refused(cells):
    cells.capture(TWO)
    cells.capture("other = tf.placeholder(tf.int32, name='other') + 1")
    with pytest.raises(FetchError) as caught:
        cells.freeze("left", "other")
    assert str(caught.value) == (
        "Fetches 'left' and 'add' are of two graphs: fetch tensors of one graph at a time."
    )


def test_nothing_to_fetch_is_refused():
    with pytest.raises(FetchError, match=r"^There is nothing to fetch"):
        freeze([])


@pytest.mark.parametrize("name", ["left", "left:0"])
def test_a_fetch_is_found_by_name(cells, name):
    cells.capture(TWO)
    assert find_tensor(name, cells["left"].graph) is cells["left"]
    assert repr(freeze_fetches([cells["right"], name])).endswith("left float32[?,3]")
    with cells["left"].graph.as_default():
        assert freeze_fetches(name) == cells.freeze("left")


def test_a_fetch_may_be_an_operation(cells):
    cells.capture(TWO)
    assert freeze_fetches(cells["left"].op) == cells.freeze("left")


def test_a_fetch_may_be_a_variable(cells):
    cells.capture("x = tf.placeholder(tf.float32, [])\nv = tf.Variable([1.0], name='v')")
    program = cells.freeze("v")
    assert program.run().tolist() == [1]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lefft", "Fetch 'lefft' is not in the graph. Did you mean 'left'"),
        ("left:1", "Fetch 'left:1' is not in the graph. Did you mean 'left'"),
        ("qqq", "Fetch 'qqq' is not in the graph. There are: right, left, y, x."),
        ("nothing", "Fetch 'nothing' is not in the graph. There are: right, left, y, x."),
        ("a b:c:d", "Fetch 'a b:c:d' is not in the graph. There are: right, left, y, x."),
    ],
)
def test_a_fetch_that_is_not_in_the_graph_is_named_with_the_closest(cells, name, said):
    cells.capture(TWO + "tf.no_op(name='nothing')")
    with pytest.raises(FetchNotFoundError) as caught:
        freeze_fetches([cells["left"], name])
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("fetch", "text"),
    [
        (
            3,
            "A fetch is a int: fetch a tensor, a list of tensors, their names, or by itself a Program, a Keras model or a tf.function.",
        ),
        (
            None,
            "A fetch is a NoneType: fetch a tensor, a list of tensors, their names, or by itself a Program, a Keras model or a tf.function.",
        ),
        (
            tf.constant(1),
            "A fetch is an eager tensor, which has its value already: fetch a tensor computed "
            "from placeholders, in a %%tfgraph cell or a tf.Graph.",
        ),
    ],
    ids=["number", "None", "eager"],
)
def test_what_is_no_tensor_of_a_graph_cannot_be_fetched(fetch, text):
    with pytest.raises(FetchError) as caught:
        freeze_fetches(fetch)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "output = tf.cast(tf.placeholder(tf.float32, name='x'), tf.complex64, name='z')",
            "Fetch 'z' is complex64, which cannot be used here: take tf.math.real(...) and "
            "tf.math.imag(...) as two tensors.",
        ),
        (
            "output = tf.cast(tf.placeholder(tf.uint16, name='x'), tf.int32)",
            "Placeholder 'x' is uint16, which cannot be used here: write tf.cast(..., tf.int32), "
            "which holds each of its values.",
        ),
    ],
    ids=["fetch", "placeholder"],
)
def test_a_dtype_that_no_column_holds_is_refused(cells, source, text):
    with pytest.raises(UnsupportedTypeError) as caught:
        cells.program(source)
    assert str(caught.value) == text


def test_a_lookup_table_is_filled_before_the_first_fetch(cells):
    program = cells.program(TABLE.format(10, 20))
    assert program.initializers
    assert program.run(s=["b", "c", "a"]).tolist() == [20, -1, 10]


def test_the_tables_of_two_programs_are_two_though_they_have_one_name(cells):
    first = cells.program(TABLE.format(10, 20))
    second = cells.program(TABLE.format(30, 40))
    assert first.run(s=["a", "b"]).tolist() == [10, 20]
    assert second.run(s=["a", "b"]).tolist() == [30, 40]
    assert first.run(s=["a", "b"]).tolist() == [10, 20]


def test_a_table_of_a_file_is_refused(cells, tmp_path):
    (tmp_path / "words").write_text("a\nb\n")
    cells.capture(
        f"init = tf.lookup.TextFileInitializer({str(tmp_path / 'words')!r}, tf.string,"
        " tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER)\n"
        "table = tf.lookup.StaticHashTable(init, -1)\n"
        "output = table.lookup(tf.placeholder(tf.string))\n"
    )
    with pytest.raises(GraphLoadError, match="filled from a file, which the workers do not have"):
        cells.freeze("output")


def test_the_digest_is_that_of_the_graph_and_its_signature(cells):
    first = cells.program(TWO, "left")
    again = cells.program(TWO, "left")
    assert first.digest == again.digest
    assert first == again
    assert hash(first) == hash(again)
    others = [
        cells.freeze("right"),
        cells.freeze("left", "right"),
        cells.freeze("right", "left"),
        cells.program(TWO.replace("2.0", "3.0"), "left"),
        cells.program(TWO.replace("None, 3", "None, 4"), "left"),
    ]
    assert len({first, *others}) == 1 + len(others)
    assert first != "left"


def test_the_name_of_a_program_is_not_what_it_is(cells):
    program = cells.program(TWO, "left")
    assert dataclasses.replace(program, name="other") == program


def test_a_program_is_immutable_and_pickles(cells):
    program = cells.program(TWO, "left", "right")
    with pytest.raises(dataclasses.FrozenInstanceError):
        program.name = "other"
    again = pickle.loads(pickle.dumps(program))
    assert again == program
    assert again.digest == program.digest
    assert repr(again) == repr(program)


def test_a_program_of_constants_takes_nothing(cells):
    program = cells.program("output = tf.constant([1, 2], name='c')")
    assert repr(program) == "Program graph: nothing -> c int32[2]"
    assert program.run().tolist() == [1, 2]


def test_what_set_shape_said_is_kept(cells):
    program = cells.program(
        "x = tf.placeholder(tf.string, [], name='x')\n"
        "output = tf.identity(tf.strings.split(x).values, name='z')\n"
        "output.set_shape([2])\n"
    )
    assert program.outputs[0].shape == (2,)


def test_devices_of_the_cell_are_forgotten(cells):
    program = cells.program(
        "with tf.device('/GPU:7'):\n    output = tf.placeholder(tf.float32, name='x') * 2"
    )
    assert {node.device for node in parse(program).node} == {""}


def test_a_graph_that_cannot_be_read_is_refused():
    broken = Program("broken", b"\n\x07garbage", (), ())
    with pytest.raises(GraphLoadError, match=r"^The graph cannot be loaded by TensorFlow 2\."):
        broken.run()
