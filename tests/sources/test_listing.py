from __future__ import annotations

import pyarrow as pa
import pytest

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.sources.listing import find_files
from tfspark_magic.sources.partitions import typed


@pytest.fixture
def tree(tmp_path):
    for name in (
        "a.csv", "b.csv", "c.txt", "_SUCCESS", ".a.csv.crc", "_temporary/0/a.csv", "d.csv._COPYING_",
        "sub/a.csv", "day=1/a.csv", "day=2/a.csv", "day=10/_hidden", "day=10/a.csv", "x?y/a.csv",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n1\n")
    return tmp_path


def names(root, path):
    return [file.uri.removeprefix(f"{root}/") for file in find_files(path)]


def test_a_folder_is_all_files_below_it_but_hidden_ones(tree):
    assert names(tree, tree) == [
        "a.csv", "b.csv", "c.txt", "day=1/a.csv", "day=10/a.csv", "day=2/a.csv", "sub/a.csv",
        "x?y/a.csv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", ["a.csv", "b.csv"]),
        ("[ab].csv", ["a.csv", "b.csv"]),
        ("{a,c}.*", ["a.csv", "c.txt"]),
        ("?.txt", ["c.txt"]),
        ("day=1*", ["day=1/a.csv", "day=10/a.csv"]),
        ("day=*/a.csv", ["day=1/a.csv", "day=10/a.csv", "day=2/a.csv"]),
        ("**/a.csv", ["a.csv", "day=1/a.csv", "day=10/a.csv", "day=2/a.csv", "sub/a.csv", "x?y/a.csv"]),
        ("x?y", ["x?y/a.csv"]),
        ("_*", ["_SUCCESS", "_temporary/0/a.csv"]),
    ],
)  # fmt: skip
def test_a_glob_is_what_it_matches(tree, pattern, expected):
    assert names(tree, f"{tree}/{pattern}") == expected


def test_a_list_keeps_its_order_and_a_path_object_is_a_path(tree):
    assert names(tree, [tree / "b.csv", f"{tree}/a.csv"]) == ["b.csv", "a.csv"]
    assert names(tree, f"file://{tree}/a.csv") == ["a.csv"]


def test_folders_below_the_one_given_or_the_first_wildcard_hold_columns(tree):
    assert find_files(f"{tree}/day=*")[0].partition == (("day", "1"),)
    assert find_files(tree / "day=1")[0].partition == ()
    assert find_files(f"{tree}/day=1/*.csv")[0].partition == ()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nothing", "no such file or folder"),
        ("*.nothing", "no file matches"),
        ("empty", "the folder has no files, but for hidden ones"),
        ("a.csv/b", "no such file or folder"),
    ],
)
def test_nothing_there_is_an_error_with_the_path(tree, name, found):
    (tree / "empty").mkdir()
    with pytest.raises(PathNotFoundError) as error:
        find_files(f"{tree}/{name}")
    assert str(error.value) == f"Nothing to read at '{tree}/{name}': {found}."
    assert isinstance(error.value, FileNotFoundError)


@pytest.mark.parametrize("path", [None, 3, [], [3], ""])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(OptionError, match="^A path is a string"):
        find_files(path)


@pytest.mark.parametrize(
    ("texts", "arrow", "values"),
    [
        (["1", "2"], pa.int32(), [1, 2]),
        (["1", None], pa.int32(), [1, None]),
        (["1", "3000000000"], pa.int64(), [1, 3000000000]),
        (["1", "1.5"], pa.float64(), [1.0, 1.5]),
        (["1_0", "2"], pa.string(), ["1_0", "2"]),
        (["a/b", "ü"], pa.string(), ["a/b", "ü"]),
    ],
)
def test_the_values_of_folders_have_the_first_type_that_holds_each(texts, arrow, values):
    fields, found = typed([(("k", text),) for text in texts], None)
    assert fields == (pa.field("k", arrow),)
    assert [dict(row)["k"] for row in found] == values


def test_a_schema_says_the_type_of_a_folder_s_column():
    given = pa.schema([("k", pa.string())])
    assert typed([(("k", "007"),)], given)[1] == ((("k", "007"),),)
    with pytest.raises(OptionError) as error:
        typed([(("k", "seven"),)], pa.schema([("k", pa.int32())]))
    assert str(error.value) == (
        "The folders' values of column 'k' are not all int32: pass schema= with pa.string() for it."
    )
    text = pa.schema([("k", pa.string())])
    assert typed([(("k", "seven"),)], text)[1] == ((("k", "seven"),),)


def test_folders_of_several_columns_are_refused():
    with pytest.raises(OptionError) as error:
        typed([(("k", "1"),), ()], None)
    assert "hold the columns k here and none there" in str(error.value)


def test_links_that_lead_nowhere_or_back_are_errors(tree):
    (tree / "linked").symlink_to(tree / "sub")
    (tree / "one.csv").symlink_to(tree / "a.csv")
    assert {"linked/a.csv", "one.csv"} <= set(names(tree, tree))
    (tree / "sub" / "back").symlink_to(tree)
    for path in (tree, f"{tree}/**", f"{tree}/**/*.csv", tree / "sub"):
        with pytest.raises(PathNotFoundError, match="it is a link to a folder around it"):
            find_files(path)
    (tree / "sub" / "back").unlink()
    (tree / "sub" / "gone.csv").symlink_to(tree / "nothing")
    for path in (tree, f"{tree}/sub/*.csv", f"{tree}/*"):
        with pytest.raises(PathNotFoundError) as caught:
            find_files(path)
        assert str(caught.value) == (
            f"Nothing to read at '{tree}/sub/gone.csv': it is a link to nothing."
        ) or "linked/gone.csv" in str(caught.value)
