"""Rows that flow through the drawn graph: the values of the nodes on show, and their pictures."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import zlib

import numpy as np
import pyarrow as pa
import pytest

import tfspark_magic as tfs
from tfspark_magic.errors import NotAvailableError, NullValuesError
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.inspection.graph_on_rows import GraphOnRows
from tfspark_magic.notebook.graph_view import GraphView
from tfspark_magic.notebook.peeking import RowSource

ROWS = 30
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((ROWS, 8, 9, 3)).astype(np.float32)
DEEP = pa.list_(pa.list_(pa.list_(pa.float32())))
TABLE = pa.table(
    {
        "x": np.arange(ROWS) - 2.0,
        "v": pa.array(RANDOM.random((ROWS, 70)).tolist(), pa.list_(pa.float32())),
        "img": pa.array(IMAGES.tolist(), DEEP),
        "t": [f"row {i}" for i in range(ROWS)],
    }
)


def of_rows():
    with tf.Graph().as_default():
        x, v = (
            tf1.placeholder(tf.float64, [], name="x"),
            tf1.placeholder(tf.float32, [70], name="v"),
        )
        img = tf1.placeholder(tf.float32, [8, 9, 3], name="img")
        t = tf1.placeholder(tf.string, [], name="t")
        with tf.name_scope("bad"):
            log = tf.math.log(x * 1.0, name="log")
            more = tf.add(tf.abs(log), 1.0, name="more")
        with tf.name_scope("conv"):
            weights = tf.constant(RANDOM.normal(size=(3, 3, 3, 8)).astype("f"), name="weights")
            mixed = tf.nn.conv2d(img[None], weights, 1, "SAME", name="mixed")
            pool = tf.reduce_mean(tf.nn.relu(mixed, name="relu"), axis=[0, 1, 2], name="pool")
        total = tf.reduce_sum(v) + tf.reduce_sum(pool)
        z = tf.add(tf.cast(more, tf.float32), total, name="z")
        return freeze([z, tf.strings.join([t, "!"], name="said")], "score")


@pytest.fixture(scope="module")
def score():
    return of_rows()


@pytest.fixture(scope="module")
def all_values(score):
    return tfs.peek(score, TABLE)


@pytest.fixture
def view(score):
    view = GraphView(score)
    view.collapse_all()
    yield view
    view.hide_values()


def until(condition) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def settled(view) -> dict:
    """Wait until nothing runs, and return what the page is told."""
    until(lambda: view.peeking["state"] != "busy")
    return view.peeking


def asked(view, question, **facts):
    """Ask as the page does, and return the answer or the error."""
    told = []
    view.send = lambda content, buffers=None: told.append(json.loads(json.dumps(content)))
    view._handle_custom_msg({"id": 1, "ask": question, **facts}, [])
    del view.send
    (answer,) = told
    return answer.get("answer", answer.get("error"))


def badge(view, name: str) -> str:
    """Return the badge of a node in the drawing."""
    node = re.search(
        rf'<g id="(?:op|scope):{name}" class="node.*?(?=<g id=|\Z)', view.svg, re.DOTALL
    )
    found = re.search(r'<g class="tfg-badge.*?</g>', node[0], re.DOTALL)
    return found[0] if found else ""


def test_only_what_is_on_show_is_computed_and_as_peek_has_it(view, all_values):
    with pytest.raises(NotAvailableError, match=r"view\.peek\(df\)"):
        view.values  # noqa: B018
    seen = view.peek(TABLE)
    assert seen.rows == 20
    # Of a closed scope, what others take from it.
    assert "bad/more" in seen.nodes
    assert "conv/relu" not in seen.nodes
    assert set(seen.nodes) < set(all_values.nodes)
    for name, value in seen.values.items():
        np.testing.assert_array_equal(value, all_values[name])
        assert seen.statistics[name] == all_values.statistics[name]
    # What is opened is computed; what is closed again is forgotten.
    assert asked(view, "open", node="scope:conv")["says"] == ""
    assert settled(view)["state"] == "ready"
    np.testing.assert_array_equal(view.values["conv/relu"], all_values["conv/relu"])
    view.collapse("conv")
    assert "conv/relu" not in view.values.nodes


def test_a_row_with_a_null_has_no_values(view):
    holed = TABLE.set_column(0, "x", pa.array([None, 3.0, 4.0] + [1.0] * (ROWS - 3)))
    view.peek(holed, rows=3, nulls="null")
    (told,) = asked(view, "values", node="op:x", row=0)["pages"]
    assert told["left"] == "It did not run for this row."
    assert (
        told["note"]
        == "It ran on 2 of 3 rows: the others have nulls, or do not take its branch or loop."
    )
    (told,) = asked(view, "values", node="op:x", row=1)["pages"]
    assert told["cells"] == [["3"]]


def test_each_node_on_show_carries_a_badge(view, all_values):
    assert "tfg-badge" not in view.svg
    view.peek(TABLE, rows=ROWS, seed=3)
    assert view.peeking["says"] == "30 rows of df drawn with seed 3, each alone"
    for node in view.view["nodes"]:
        # A short constant is written out already.
        assert badge(view, node["name"]) or node["kind"] == "constant", node
    x = badge(view, "x")
    assert ">float64<" in x
    assert ">-2 … 27<" in x
    assert ">mean 12.5, 3 % zero<" in x
    assert "<path" in x
    assert ">'row 0'<" in badge(view, "t")
    assert next(n for n in view.view["nodes"] if n["name"] == "x")["says"].endswith("3 % zero")
    (data,) = re.findall(r"data:image/png;base64,([^\"]*)", badge(view, "img"))
    at = (png := base64.b64decode(data)).index(b"IDAT")
    pixels = zlib.decompress(png[at + 4 :])
    first = np.frombuffer(pixels, np.uint8).reshape(8, 1 + 9 * 3)[:, 1:].reshape(8, 9, 3)
    np.testing.assert_array_equal(first, np.round(IMAGES[0] * 255))
    view.hide_values()
    assert "tfg-badge" not in view.svg
    assert view.peeking["state"] == ""


def test_the_first_nan_is_found_inside_of_a_closed_scope(view):
    view.peek(TABLE)
    assert view.peeking["first"] == "bad/more"
    assert 'class="tfg-badge tfg-first"' in badge(view, "bad")
    assert "10 % NaN, 5 % ∞" in badge(view, "bad")
    assert badge(view, "z").count("tfg-first") == 0
    asked(view, "first")
    until(lambda: view.selected == "bad/log" and settled(view)["first"] == "bad/log")
    assert "tfg-first" in badge(view, "bad/log")
    view.peek(TABLE.slice(3))
    assert view.peeking["first"] == ""


def test_the_details_walk_from_row_to_row(view):
    view.expand("conv")
    view.peek(TABLE)
    for row in (0, 4):
        (page,) = asked(view, "values", node="op:x", row=row)["pages"]
        assert (page["rows"], page["row"], page["cells"]) == (20, row, [[str(row - 2)]])
    (page,) = asked(view, "values", node="op:x", row=99)["pages"]
    assert page["row"] == 19
    assert ["Zero", "1 (5 %)"] in page["facts"]
    assert page["all"]["path"].startswith("M")
    (page,) = asked(view, "values", node="op:v", row=1)["pages"]
    assert len(page["cells"][0]) == 64
    assert page["left"] == "The first 64 of 70 values."
    (page,) = asked(view, "values", node="op:conv/mixed", row=1)["pages"]
    assert page["left"] == "[0, 0, :, :] of [1,8,9,8]."
    assert page["one"]["source"].startswith("data:image/png;base64,")
    (page,) = asked(view, "values", node="op:t", row=7)["pages"]
    assert page["cells"] == [["row 7"]]
    (page,) = asked(view, "values", node="op:conv/weights", row=7)["pages"]
    assert (page["rows"], page["row"]) == (0, 0)
    assert asked(view, "values", node="op:none", row=0)["pages"] == []


def test_an_operation_of_several_outputs_shows_those_that_are_used():
    with tf.Graph().as_default():
        x, v = (
            tf1.placeholder(tf.float64, [], name="x"),
            tf1.placeholder(tf.float32, [70], name="v"),
        )
        looped = tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s * 2), [0, x], name="loop")
        one, other = tf.split(v, [1, 69], name="split")
        total = tf.reduce_sum(one) + tf.reduce_sum(other)
        program = freeze([tf.add(looped[1], tf.cast(total, tf.float64), name="z")], "loop")
    view = GraphView(program)
    view.peek(TABLE)
    # Of the loop, not its counter.
    assert ">-16 … 136<" in badge(view, "loop")
    one, other = asked(view, "values", node="op:split", row=2)["pages"]
    assert (one["name"], len(one["cells"][0]), other["name"]) == ("split", 1, "split:1")
    assert other["left"] == "The first 64 of 69 values."
    view.hide_values()


def test_a_graph_of_blocks_has_rows_too():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [None], name="x")
        weights = tf.constant(np.arange(20.0) * 2, name="weights")
        total = tf.reduce_sum(x, name="sum") + tf.reduce_sum(weights)
        program = freeze([tf.divide(x, total, name="z")], "part")
    view = GraphView(program)
    view.peek(TABLE)
    assert view.peeking["says"] == "20 rows of df, as one block"
    (page,) = asked(view, "values", node="op:x", row=5)["pages"]
    assert (page["rows"], page["cells"]) == (20, [["3"]])
    (page,) = asked(view, "values", node="op:sum", row=5)["pages"]
    assert (page["rows"], page["note"]) == (0, "It is one value for all rows.")
    (page,) = asked(view, "values", node="op:weights", row=5)["pages"]
    assert (page["rows"], page["cells"][0][:3]) == (0, ["0", "2", "4"])
    view.hide_values()


@pytest.mark.parametrize("shape", [[], [None]], ids=["rows", "block"])
def test_the_bytes_of_a_photograph_are_shown_as_it(shape):
    noise = RANDOM.integers(0, 256, (300, 400, 3), np.uint8)
    large = tf.io.encode_jpeg(noise).numpy()
    small = tf.io.encode_png(noise[:20, :30]).numpy()
    data = [large, small, large[:9000], b"\xff\xfe"]
    with tf.Graph().as_default():
        given = tf1.placeholder(tf.string, shape, name="data")
        program = freeze([tf.strings.length(given, name="size")], "sizes")
    view = GraphView(program)
    view.peek(pa.table({"data": pa.array(data, pa.binary())}))
    shown = badge(view, "data")
    assert ">JPEG, 300 by 400 pixels<" in shown
    assert f">{len(large):,} bytes<" in shown
    reduced = base64.b64decode(re.search(r'href="data:image/jpeg;base64,([^"]*)', shown)[1])
    assert len(reduced) < 6000
    assert tf.io.decode_jpeg(reduced).shape == (30, 40, 3)
    pages = [asked(view, "values", node="op:data", row=row)["pages"][0] for row in range(4)]
    assert [page["rows"] for page in pages] == [4] * 4
    one = pages[0]["one"]
    assert (one["height"], one["width"], one["smooth"]) == (192, 256, True)
    assert pages[0]["left"] == "Shown smaller, in 192 by 256 pixels."
    # A little one is as it is, and enlarged in squares.
    one = pages[1]["one"]
    assert one["source"] == f"data:image/png;base64,{base64.b64encode(small).decode()}"
    assert (one["height"], one["width"], one["smooth"]) == (100, 150, False)
    assert pages[1]["left"] == ""
    assert [page["one"] for page in pages[2:]] == [None, None]
    assert "cannot be decoded" in pages[2]["left"]
    assert pages[2]["cells"] == [["JPEG, 300 by 400 pixels, 9,000 bytes"]]
    assert pages[3]["cells"] == [["2 bytes"]]
    view.hide_values()


def test_the_page_asks_for_rows_and_is_told_what_is_wrong(view, score):
    assert view.peeking == {"can": False, "compared": False, "state": "", "says": "", "first": ""}
    assert "choose a DataFrame" in asked(view, "peek", rows=20, drawn=False)
    with pytest.raises(NullValuesError) as error:
        view.peek(
            pa.table({**{n: TABLE[n] for n in "vt"}, "x": [None, 1.0] * 15, "img": TABLE["img"]})
        )
    assert view.peeking["can"]
    assert asked(view, "peek", rows=20, drawn=False) == {}
    assert settled(view)["state"] == "failed"
    assert view.peeking["says"] == str(error.value)
    with pytest.raises(NotAvailableError):
        view.values  # noqa: B018
    view.peek(TABLE)
    assert asked(view, "peek", rows=10, drawn=True) == {}
    assert settled(view)["says"] == "10 rows of df drawn with seed 1, each alone"
    drawn = tfs.peek(score, TABLE, rows=10, seed=1)
    np.testing.assert_array_equal(view.values["z"], drawn["z"])
    # Values of other columns would be wrong.
    view.bindings = {"x": "other"}
    assert view.peeking["state"] == ""


def test_what_runs_is_cancelled(view):
    began, held = threading.Event(), threading.Event()

    def read(rows: int, seed: int | None) -> GraphOnRows:
        began.set()
        while not held.wait(0.01):
            pass
        raise AssertionError

    view.peeks_at(lambda: RowSource("df", None, read))
    asked(view, "peek", rows=20, drawn=False)
    assert view.peeking["says"] == "Reading the first 20 rows of df …"
    assert began.wait(60)
    asked(view, "cancel_peek")
    assert settled(view)["state"] == ""
    held.set()


def test_a_node_that_cannot_be_computed_says_why():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float64, [], name="x")
        ok = tf.debugging.Assert(x > 0, ["x is not positive"], name="check")
        with tf.control_dependencies([ok]):
            z = tf.identity(tf.sqrt(x, name="root"), name="z")
        program = freeze([z], "root")
    view = GraphView(program)
    view.peek(TABLE)
    assert ">cannot be computed<" in badge(view, "z")
    (page,) = asked(view, "values", node="op:z", row=0)["pages"]
    assert "x is not positive" in page["note"]
    view.hide_values()


def test_constants_and_weights_show_their_values_without_rows():
    keras = tf.keras
    model = keras.Sequential([keras.Input((4,), name="v"), keras.layers.Dense(3, name="out")])
    view = GraphView(tfs.load(model))
    kernel = next(n for n in view.view["nodes"] if n["kind"] == "variable" and "4,3" in n["says"])
    (page,) = asked(view, "values", node=kernel["id"], row=5)["pages"]
    expected = model.layers[0].kernel.numpy()
    shown = [[float(cell) for cell in row] for row in page["cells"]]
    np.testing.assert_allclose(shown, expected, rtol=1e-3)
    assert (page["rows"], page["spec"]) == (0, "float32 [4,3]")
    assert dict(page["facts"])["Values"] == "12"
    assert "path" in page["all"]
    assert asked(view, "values", node="op:v", row=5)["pages"] == []


def test_large_weights_are_in_a_file_and_shown_too():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [], name="x")
        weights = np.arange(2**20, dtype=np.float32)
        large = tf.constant(weights, name="large")
        empty = tf.reduce_sum(tf.zeros([0, 3], name="empty") + x)
        program = freeze([tf.add_n([x * tf.reduce_max(large), empty], name="z")], "large")
    assert program.weights is not None
    view = GraphView(program)
    (page,) = asked(view, "values", node="op:large", row=0)["pages"]
    facts = dict(page["facts"])
    assert facts["Range"] == "0 … 1.049e+06"
    assert facts["Zero"] == "1 (< 1 %)"
    assert page["left"] == "The first 64 of 1,048,576 values."
    (page,) = asked(view, "values", node="op:empty", row=0)["pages"]
    assert page["left"] == "It is empty: [0,3]."


def test_the_cost_of_what_is_on_show(view):
    assert "press Peek" in asked(view, "cost", on=True)
    view.peek(TABLE)
    assert view.cost == {}
    asked(view, "cost", on=True)
    assert settled(view)["state"] == "ready"
    assert re.fullmatch(r"20 rows: \S+ \w*s, \S+ KiB of tensors", view.cost["total"])
    nodes = view.cost["nodes"]
    assert set(nodes) == {node["id"] for node in view.view["nodes"]}
    assert nodes["op:x"]["time"] == 0
    listed = {each["name"]: each for each in view.cost["list"]}
    inside = [each for name, each in listed.items() if name.startswith("conv/")]
    assert nodes["scope:conv"]["bytes"] == pytest.approx(sum(e["bytes"] for e in inside), abs=1e-3)
    assert listed["conv"] == {"name": "conv", "is_scope": True} | nodes["scope:conv"]
    # What is opened has its own.
    asked(view, "open", node="scope:conv")
    settled(view)
    assert view.cost["nodes"]["op:conv/mixed"]["bytes"] > 0
    assert view.cost["boxes"]["scope:conv"] == nodes["scope:conv"]
    asked(view, "cost", on=False)
    assert view.cost == {}
    view.hide_values()
    assert view.cost == {}
