from __future__ import annotations

import builtins
import inspect
import pickle

import pytest

from tfspark_magic import errors

SAMPLES = [
    errors.CaptureError("It cannot be captured."),
    errors.GraphLoadError("It cannot be loaded."),
    errors.UnsupportedTypeError("Column 'd'", "date", "cast it"),
    errors.NotADataFrameError("map_rows", "list"),
    errors.FetchNotFoundError("z", ["x", "y"]),
    errors.FetchError("It cannot be fetched."),
    errors.PlaceholderNotFoundError("x", ["y"]),
    errors.ColumnNotFoundError("x", "x", ["a", "b"], "the file does not", "Name another one"),
    errors.AmbiguousColumnError("x"),
    errors.DtypeMismatchError("x", "int32", "c", "int64", "cast it"),
    errors.ArgumentError("score", 1, "x", "int32", "string", "cast it"),
    errors.ShapeMismatchError(
        errors.Subject("Fetch", "z"), "[?]", "a scalar", "keep the block axis"
    ),
    errors.NameConflictError("z", "another fetch"),
    errors.ReductionError("It cannot be reduced."),
    errors.NotAlgebraicError("aggregate", "z", "it is a mean"),
    errors.FeedError("It cannot be fed."),
    errors.NullValuesError("x", 2, 10, 4),
    errors.InexactValueError("Column 'x'", "300", "uint8", "make it tf.int16"),
    errors.WorkerFailedError("It failed."),
    errors.OutOfMemoryError("It ran out of memory."),
    errors.WorkerPythonError("/usr/bin/python3 (3.11.2)", "which lacks NumPy", "/a", "3.11.7"),
    errors.OptionError("It cannot be.", option="nulls", placeholder="x"),
    errors.NotAvailableError("Not yet."),
    errors.PathNotFoundError("hdfs://namenode:8020/data"),
    errors.TableFormatError("/lake/t", "a Delta table", "'delta:///lake/t'"),
    errors.PathAccessError("hdfs://namenode:8020/data", "permission denied", "ask its owner"),
    errors.FileContentError("a.parquet", "a column x", "none", "read the files apart"),
    errors.MissingDependencyError("Java 17", "to start Spark here", "apt install it"),
    errors.VersionError("Spark", "4.1", "4.0.0", "the server", "make another session"),
]
CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, errors.TfSparkError) and found is not errors.TfSparkError
]
by_class = pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)


def test_there_is_a_sample_of_each_class():
    assert {type(error) for error in SAMPLES} == set(CLASSES)


@by_class
def test_an_error_survives_pickling_with_its_facts_and_its_text(error):
    assert type(error).__module__ == "tfspark_magic.errors"  # in tracebacks and Spark's reports
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert again.args == error.args
    assert again.about == error.about
    assert str(again) == str(error)


@by_class
def test_an_error_may_say_another_sentence_of_the_same_facts(error):
    said = error.reworded(f"In part-0.parquet: {error}")
    for again in (said, pickle.loads(pickle.dumps(said))):
        assert type(again) is type(error)
        assert (again.args, again.about) == (error.args, error.about)
        assert str(again) == f"In part-0.parquet: {error}"


@by_class
def test_of_an_error_in_a_report_the_sentence_is_known_alone(error):
    again = errors.error_of(type(error).__name__, str(error))
    assert type(again) is type(error)
    assert str(pickle.loads(pickle.dumps(again))) == str(again) == str(error)
    assert again.about == {}
    assert errors.error_of("OSError", "It is none of ours.") is None


@pytest.mark.parametrize(
    ("error", "about"),
    [
        (
            errors.ColumnNotFoundError("x", "a", [], "it does not", "Name another one"),
            {"placeholder": "x", "column": "a"},
        ),
        (
            errors.DtypeMismatchError(errors.Subject("Input", "x"), "int32", "c", "int64", "-"),
            {"input": "x", "column": "c"},
        ),
        (errors.UnsupportedTypeError(errors.Subject("Column", "a'"), "map", "-"), {"column": "a'"}),
        (errors.UnsupportedTypeError("A vector", "map", "-"), {}),
        (errors.NameConflictError("z", "a key"), {"fetch": "z", "key": "z"}),
        (errors.OptionError("-", option="by"), {"option": "by"}),
        (errors.FetchError("-"), {}),
    ],
)
def test_what_an_error_is_about(error, about):
    assert error.about == about


@by_class
def test_a_message_is_whole_sentences(error):
    text = str(error)
    assert text[0].isupper() or text.startswith(("map_rows ", "'"))
    assert text[-1] in ".?"
    assert "\n" not in text
    assert "  " not in text


@by_class
def test_a_notebook_shows_one_line(error):
    (line,) = error._render_traceback_()
    assert "\n" not in line
    assert type(error).__name__ in line
    assert line.endswith(str(error))


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_class_is_one_of_ours_and_a_built_in_too(kind):
    ours, built_in = kind.__bases__
    assert ours is errors.TfSparkError or issubclass(ours, errors.WorkerFailedError)
    assert getattr(builtins, built_in.__name__) is built_in
    assert built_in not in (Exception, KeyError)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            errors.UnsupportedTypeError("Column 'd'", "date", "cast it"),
            "Column 'd' is date, which cannot be used here: cast it.",
        ),
        (
            errors.NotADataFrameError("map_rows", "list"),
            "map_rows needs a DataFrame or the path of files, got list: write tfs.map_rows(fetches, df).",
        ),
        (
            errors.FetchNotFoundError("outptu", ["x", "output"]),
            "Fetch 'outptu' is not in the graph. Did you mean 'output'?",
        ),
        (
            errors.PlaceholderNotFoundError("x", []),
            "The graph has no placeholder 'x'. There are none.",
        ),
        (
            errors.ColumnNotFoundError(
                "x", "distence", ["distance", "delay"], "the DataFrame does not", "Name another one"
            ),
            "Placeholder 'x' needs a column 'distence', which the DataFrame does not have. Did "
            "you mean 'distance'? Name another one.",
        ),
        (
            errors.AmbiguousColumnError("x"),
            "The DataFrame has several columns 'x': rename all but one.",
        ),
        (
            errors.DtypeMismatchError("x", "int32", "c", "int64", "write it"),
            "Placeholder 'x' takes int32, column 'c' is int64, and nothing is cast silently: "
            "write it.",
        ),
        (
            errors.ShapeMismatchError("Fetch 'z'", "[5]", "[4]", "keep the block axis"),
            "Fetch 'z': expected [5], found [4]; keep the block axis.",
        ),
        (
            errors.NameConflictError("z", "another fetch"),
            "Output 'z' has the name of another fetch: give it another one with "
            "tf.identity(z, name='...'), or tfs.load(..., outputs={'z': '...'}).",
        ),
        (
            errors.NullValuesError("x", 1, 10, 4),
            "Column 'x' holds 1 null in a block of 10 rows, the first in row 4 of the block: pass "
            "nulls='null' for null results in those rows, or a value to put in their place, such "
            "as nulls=0.",
        ),
        (
            errors.InexactValueError("Column 'x'", "300", "uint8", "make it tf.int16"),
            "Column 'x' holds 300, which uint8 cannot hold exactly: make it tf.int16.",
        ),
        (
            errors.MissingDependencyError("Java", "to start Spark", "install it"),
            "Java is needed to start Spark and is not installed: install it.",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_text_of(error, text):
    assert str(error) == text


def test_two_nulls_are_plural():
    assert "holds 2 nulls in a block" in str(errors.NullValuesError("x", 2, 10, 4))


@pytest.mark.parametrize(
    ("name", "available", "said"),
    [
        ("z", [], "There are none."),
        ("delai", ["delay", "delays", "x"], "Did you mean 'delay' or 'delays'?"),
        ("q", ["aa", "bb"], "There are: aa, bb."),
        ("x1", ["label", "X_1"], "Did you mean 'X_1'?"),
        ("worst_radius", ["mean radius", "worst radius"], "Did you mean 'worst radius'?"),
        ("ID", ["_", "id"], "Did you mean 'id'?"),
        ("__", ["--", "x"], "There are: --, x."),
        (
            "q",
            [f"a{i}b" for i in range(9)],
            "There are: a0b, a1b, a2b, a3b, a4b, a5b, a6b, a7b, ....",
        ),
    ],
)
def test_closest_names_what_is_like_it_or_what_there_is(name, available, said):
    assert errors.closest(name, available) == said
