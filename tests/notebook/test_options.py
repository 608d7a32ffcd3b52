from __future__ import annotations

import shlex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.utils.text import DollarFormatter

from tfspark_magic.binding.feeds import DEVICES
from tfspark_magic.errors import OptionError
from tfspark_magic.notebook.call import FIT, VERBS, Call, typed
from tfspark_magic.notebook.magics import TFGraphMagics
from tfspark_magic.notebook.option_values import null_policy
from tfspark_magic.notebook.options import is_name, long_names, parse, parse_begun

PARSER = TFGraphMagics.tfrun.parser


def test_all_options_long() -> None:
    assert parse(
        PARSER,
        "score --df df --bind x=a y=b --bind w=c --op map_blocks --by k --fetch z w --trim "
        "--nulls -1 --errors null --rows-per-block 100 --device cpu --out result --preview 3 --no-draw --no-form",
    ) == Call(
        verb="map_blocks", program="score", frame="df", bind={"x": "a", "y": "b", "w": "c"},
        by=("k",), fetch=("z", "w"), trim=True, nulls=-1, errors="null", rows_per_block=100,
        device="cpu", out="result", preview=3, no_draw=True, no_form=True,
    )  # fmt: skip


def test_short_forms_and_the_name_last() -> None:
    assert parse(PARSER, "-d df -b x=a -f z -n null -r 0 -o result -p -- score") == Call(
        program="score", frame="df", bind={"x": "a"}, fetch=("z",), nulls="null",
        rows_per_block=0, out="result", preview=-1,
    )  # fmt: skip


def test_the_name_may_stand_after_an_option() -> None:
    assert parse(PARSER, "--df df score").program == "score"


def test_a_column_with_a_space_is_quoted() -> None:
    assert parse(PARSER, "score --bind 'x=a b' \"y=c d\"").bind == {"x": "a b", "y": "c d"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("score --perview 3", "has no option --perview. Did you mean --preview?"),
        ("score --xyzzy", "has no option --xyzzy. There are: --df, --bind,"),
        ("score --prev 3", "has no option --prev. Did you mean --preview?"),
        ("score --op map_row", "--op: there is no 'map_row': choose from 'map_rows'"),
        ("score --preview many", "--preview: not a number of rows: 'many'"),
        ("score --preview -3", "--preview: not a number of rows: '-3'"),
        ("score --df", "--df: expected one argument"),
        ("score --bind x", "--bind takes placeholder=column, got 'x'"),
        ("score --bind x = a", "--bind takes placeholder=column, got 'x'"),
        ("score --bind x=a,,b", "--bind takes placeholder=column, got 'x=a,,b'"),
        ("score --nulls 0 null", "--nulls takes one policy for all placeholders, or"),
        ("score --nulls x=0 null", "got x=0 null."),
        ("score --nulls x=0 x=1", "got x=0 x=1."),
        ("score other", "takes one name, and 'other' is a second"),
        ("my-score", "'my-score' is not a valid name in Python"),
        ("score --out 'a b'", "'a b' is not a valid name in Python"),
        ("score --df 'df", "The options cannot be read"),
    ],
)
def test_what_is_wrong_is_said(line: str, message: str) -> None:
    with pytest.raises(OptionError) as raised:
        parse(PARSER, line)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("line", "nulls"),
    [("-n x=0 y=null", {"x": 0, "y": "null"}), ("-n x=0 -n y=error", {"x": 0, "y": "error"}),
     ("-n a/b:=1", "a/b:=1"), ("-n a/b=1", {"a/b": 1}), ('-n "\'x=1\'"', "x=1"),
     ("--nulls x=", {"x": ""}), ("--nulls 'x=a b'", {"x": "a b"})],
)  # fmt: skip
def test_a_null_policy_for_each_placeholder(line: str, nulls: object) -> None:
    assert parse(PARSER, f"score {line}").nulls == nulls


@pytest.mark.parametrize(
    ("line", "column"),
    [("v=a,b", ["a", "b"]), ("v=a,", ["a"]), (r"'v=a\,b'", "a,b"), (r"'v=a\b'", r"a\b"),
     ("'v=a b,c'", ["a b", "c"])],
)  # fmt: skip
def test_several_columns_for_one_placeholder(line: str, column: object) -> None:
    assert parse(PARSER, f"score --bind {line}").bind == {"v": column}


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("-1.5", -1.5), ("True", True), ("error", "error"), ("none at all", "none at all"),
     ("'7'", "7"), ("[1]", "[1]"), (None, None)],
)  # fmt: skip
def test_null_policy(text: str | None, value: object) -> None:
    assert null_policy(text) == value
    assert type(null_policy(text)) is type(value)


def test_nan_is_a_null_policy() -> None:
    assert null_policy("nan") != null_policy("nan")


def test_help_explains_every_option_and_is_of_one_width(monkeypatch) -> None:
    text = PARSER.format_help()
    monkeypatch.setenv("COLUMNS", "40")
    assert PARSER.format_help() == text
    for name in long_names(PARSER):
        assert name in text
    for action in PARSER._actions:
        assert action.help, action.dest
    assert text.startswith("Usage: %tfrun")


NAMES = st.from_regex(r"[A-Za-z_]\w{0,5}", fullmatch=True).filter(is_name)
# A value that is nothing but the end of options is dropped by argparse of Python 3.11 and 3.12.
TEXT = st.text(min_size=1, max_size=8).filter(lambda text: text != "--")
PLACEHOLDERS = st.from_regex(r"[A-Za-z0-9.][\w./]{0,5}", fullmatch=True)
NULLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.just("") | TEXT,
    st.sampled_from(["error", "null", "7", "nan", "-inf", "'", "-1", "--df", "x=1"]),
)  # fmt: skip
BOUND = TEXT | st.lists(TEXT, min_size=1, max_size=3)
CALLS = st.builds(
    Call,
    verb=st.none() | st.sampled_from([*VERBS, FIT]),
    program=st.none() | NAMES,
    frame=st.none() | NAMES,
    bind=st.dictionaries(PLACEHOLDERS, BOUND, max_size=3),
    by=st.lists(TEXT, max_size=3).map(tuple),
    fetch=st.lists(TEXT, max_size=3).map(tuple),
    trim=st.booleans(),
    nulls=NULLS | st.dictionaries(PLACEHOLDERS, NULLS.filter(lambda n: n is not None), min_size=1),
    errors=st.none() | st.sampled_from(["raise", "null"]),
    rows_per_block=st.none() | st.integers(0, 10**6),
    device=st.none() | st.sampled_from(DEVICES),
    label=st.none() | BOUND | st.dictionaries(PLACEHOLDERS, BOUND, min_size=1, max_size=3),
    weight=st.none() | TEXT,
    epochs=st.none() | st.integers(1, 99),
    batch_size=st.none() | st.integers(1, 99),
    validation=st.none() | st.floats(0, 1, exclude_min=True, exclude_max=True),
    workers=st.none() | st.integers(1, 99),
    checkpoint=st.none() | TEXT,
    out=st.none() | NAMES,
    preview=st.none() | st.integers(-1, 100),
    export=st.none() | TEXT,
    no_draw=st.booleans(),
    no_form=st.booleans(),
    help=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(CALLS)
def test_a_line_is_read_as_the_call_that_wrote_it(call: Call) -> None:
    read = parse(PARSER, call.magic().removeprefix("%tfrun"))
    assert read == call
    assert type(read.nulls) is type(call.nulls)


@given(st.text(alphabet="$ab.{} '\"\\", max_size=30) | st.text().map(shlex.quote))
def test_ipython_leaves_a_typed_line_as_it_is(line: str) -> None:
    line = line.replace("\n", "")
    assert DollarFormatter().vformat(typed(line), [], {}) == line


def test_a_line_reads_well() -> None:
    call = Call(
        verb="aggregate", program="score", frame="df", bind={"x": "a b", "y": "c"},
        by=("k", "-w"), nulls=-1, preview=-1, out="r",
    )  # fmt: skip
    assert call.magic() == (
        "%tfrun score --df df --bind 'x=a b' y=c --op aggregate --by=k --by=-w --nulls=-1 --out r "
        "--preview"
    )
    assert Call().magic("%tfgraph") == "%tfgraph"


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("score --df df --bind", Call(program="score", frame="df")),
        ("--df df --by k l score --nulls -1 --op", Call(frame="df", by=("k", "l", "score"), nulls=-1)),
        ("score --rows-per-block many --bind x=a --df", Call(program="score", bind={"x": "a"})),
        ("score other --xyzzy 3 --df df --bind x", Call(frame="df")),
        ("score --op map_rows -- other --df df", Call("map_rows", "score", "df")),
    ],
)  # fmt: skip
def test_what_can_be_read_of_a_line_that_is_being_typed(line: str, call: Call) -> None:
    assert parse_begun(PARSER, line.split()) == call


def test_a_word_of_python_is_no_name() -> None:
    with pytest.raises(OptionError, match="'class' is not a valid name in Python"):
        parse(PARSER, "score --out class")
