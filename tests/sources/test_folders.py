"""Copy whole folders to and from a filesystem on this machine; `tests/hdfs` uses a real HDFS."""

from __future__ import annotations

import pytest
from pyarrow import fs

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.sources.filesystem import open_filesystem
from tfspark_magic.sources.folders import local_copy, store


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    return folder


@pytest.fixture(params=["local", "memory"])
def place(request, tmp_path):
    """The targets: a local folder, and fsspec's filesystem in memory."""
    if request.param == "local":
        return str(tmp_path / "there" / "models")
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").rm("/", recursive=True)
    return "memory://models"


def names(place):
    filesystem, inside = open_filesystem(place)
    return [info.base_name for info in filesystem.get_file_info(fs.FileSelector(inside))]


def test_a_folder_there_and_back(model, place):
    store(model, f"{place}/score")
    with local_copy(f"{place}/score") as copy:
        assert tree(copy) == tree(model)
        assert copy.name == "score"
    assert names(place) == ["score"]


def test_a_file_takes_the_place_of_a_file(tmp_path, place):
    for content in (b"first", b"second"):
        (tmp_path / "program").write_bytes(content)
        store(tmp_path / "program", f"{place}/score.tfs")
        with local_copy(f"{place}/score.tfs") as copy:
            assert copy.read_bytes() == content
    assert names(place) == ["score.tfs"]


def test_a_folder_is_replaced_only_when_told(model, place):
    store(model, f"{place}/score")
    (model / "saved_model.pb").write_bytes(b"better")
    (model / "variables" / "variables.index").unlink()
    with pytest.raises(OptionError, match="score' is a folder that is there already: pass over"):
        store(model, f"{place}/score")
    store(model, f"{place}/score", overwrite=True)
    with local_copy(f"{place}/score") as copy:
        assert tree(copy) == tree(model)
    assert names(place) == ["score"]


def test_files_and_folders_do_not_replace_each_other(model, place, tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    store(model, f"{place}/folder")
    store(tmp_path / "file", f"{place}/file")
    with pytest.raises(OptionError, match="is a folder that is there already: name a file in it"):
        store(tmp_path / "file", f"{place}/folder", overwrite=True)
    with pytest.raises(OptionError, match="is a file, and a folder cannot replace it"):
        store(model, f"{place}/file", overwrite=True)


def test_a_checkpoint_is_its_prefix(tmp_path, place):
    for name in ("ckpt-5.index", "ckpt-5.data-00000-of-00001", "ckpt-50.index", "checkpoint"):
        (tmp_path / name).write_text(name)
        store(tmp_path / name, f"{place}/{name}")
    with local_copy(f"{place}/ckpt-5") as prefix:
        assert prefix.name == "ckpt-5"
        assert prefix.with_name("ckpt-5.index").read_text() == "ckpt-5.index"
        assert prefix.with_name("ckpt-5.data-00000-of-00001").exists()


def test_what_is_not_there(tmp_path):
    with pytest.raises(PathNotFoundError, match="'memory://models/none'"):
        local_copy("memory://models/none").__enter__()
    with pytest.raises(PathNotFoundError):
        store(tmp_path / "none", "memory://models/none")


def test_nothing_is_left_of_what_could_not_be_written(model, tmp_path, monkeypatch):
    store(model, f"{tmp_path}/there/score")
    before = tree(tmp_path / "there")

    def full(*arguments, **options):
        (tmp_path / "there" / arguments[1].rpartition("/")[2] / "half").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.fs.copy_files", full)
    with pytest.raises(RuntimeError, match="No space left on device"):
        store(model, f"{tmp_path}/there/score", overwrite=True)
    assert tree(tmp_path / "there") == before
