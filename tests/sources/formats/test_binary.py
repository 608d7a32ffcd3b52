"""Test photographs, and other files that are a row as a whole."""

from __future__ import annotations

import datetime as dt
import os
import pickle

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tests.sources.test_files import table_of
from tfspark_magic import errors
from tfspark_magic.graph.runtime import tf
from tfspark_magic.sources.formats import binary

TIME = dt.datetime(2020, 1, 2, 3, 4, 5, 678901, dt.UTC)


def photos(folder, count=6):
    """Photographs of one red each, in two folders and two formats."""
    for number in range(count):
        path = folder / f"kind={'odd' if number % 2 else 'even'}" / f"{number:02}.jpg"
        path.parent.mkdir(exist_ok=True)
        pixels = np.zeros((8, 8, 3), np.uint8)
        pixels[..., 0] = 20 * number
        encode = tf.io.encode_png if number % 3 else tf.io.encode_jpeg
        path = path.with_suffix(".PNG" if number % 3 else ".jpg")
        path.write_bytes(encode(pixels).numpy())
        os.utime(path, ns=(0, int(TIME.timestamp()) * 10**9 + TIME.microsecond * 1000))
    return sorted(folder.glob("*/*"))


@tf.function(input_signature=[tf.TensorSpec([], tf.string, name="bytes")])
def red(bytes):  # noqa: A002  (the name of the column)
    pixels = tf.io.decode_image(bytes, channels=3, expand_animations=False)
    return {"red": tf.reduce_max(pixels[..., 0])}


def test_each_file_is_a_row(tmp_path):
    paths = photos(tmp_path)
    found = tfs.files(tmp_path)
    assert found.format == "binary"
    assert table_of(pickle.loads(pickle.dumps(found))).to_pydict() == {
        "path": list(map(os.fspath, paths)),
        "bytes": [path.read_bytes() for path in paths],
        "size": [path.stat().st_size for path in paths],
        "modified": [TIME] * len(paths),
        "kind": ["even"] * 3 + ["odd"] * 3,
    }
    assert [fragment.rows for fragment in found.fragments()] == [1] * len(paths)
    batch = next(iter(tfs.dataset(tmp_path, ["kind", "bytes"], 4)))
    assert batch["bytes"].numpy().tolist() == [path.read_bytes() for path in paths[:4]]


def test_rows_are_chosen_by_what_is_known_of_files(tmp_path):
    paths = photos(tmp_path)
    odd = tfs.files(tmp_path, filters=[("kind", "=", "odd"), ("size", ">", 0)])
    assert table_of(odd, ["path"])["path"].to_pylist() == list(map(os.fspath, paths[3:]))
    sizes = table_of(tfs.files(tmp_path), ["size"])["size"].to_pylist()
    assert sizes == [path.stat().st_size for path in paths]


def test_a_graph_decodes_them_and_an_error_names_the_broken_one(tmp_path):
    paths = photos(tmp_path)
    reds = tfs.map_rows(red, tmp_path).to_arrow()["red"].to_pylist()
    assert reds == pytest.approx([0, 40, 80, 20, 60, 100], abs=2)
    paths[2].write_bytes(paths[2].read_bytes()[:30])
    with pytest.raises(errors.WorkerFailedError, match=rf"^In {paths[2]}: .* failed in row 2: "):
        tfs.map_rows(red, tmp_path).to_arrow()


def test_a_broken_one_is_null_if_asked_and_a_warning_counts_and_names_it(tmp_path):
    paths = photos(tmp_path)
    for at in (2, 4):
        paths[at].write_bytes(paths[at].read_bytes()[:30])
    lazy = tfs.map_rows(red, tmp_path, columns=["path"], errors="null")
    assert all(field.nullable for field in lazy.schema if field.name == "red")
    said = rf"^Program 'red' failed on 2 rows, whose results are null. The first: In {paths[2]}: "
    with pytest.warns(RuntimeWarning, match=said):
        reds = lazy.to_arrow()["red"]
    assert [red.is_valid for red in reds] == [True, True, False, True, False, True]
    frame = pd.DataFrame({"bytes": [path.read_bytes() for path in paths[2:4]]})
    with pytest.warns(RuntimeWarning, match="failed on 1 row, whose result is null. .* in row 0: "):
        assert tfs.map_rows(red, frame, errors="null")["red"].isna().tolist() == [True, False]
    paths[2].unlink()
    with pytest.raises(errors.PathNotFoundError):
        lazy.to_arrow()


def test_any_file_is_a_row_if_the_format_is_given(tmp_path):
    contents = {"a": b"", "b.csv": b"x\n1\n", "c.json.gz": b"\x1f\x8b rest"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    found = table_of(tfs.files(tmp_path, format="binary"), ["bytes"])
    assert found["bytes"].to_pylist() == list(contents.values())


def test_a_file_that_is_gone_or_too_large_is_an_error_with_its_path(tmp_path, monkeypatch):
    (path,) = photos(tmp_path, 1)
    found = tfs.files(path)
    monkeypatch.setattr(binary, "_LARGEST", path.stat().st_size - 1)
    with pytest.raises(errors.FileContentError, match=f"{path}.* expected less than 2 GiB"):
        table_of(found)
    monkeypatch.undo()
    path.unlink()
    for column in found.schema.names[1:]:
        with pytest.raises(errors.PathNotFoundError, match=str(path)):
            table_of(found, [column])
