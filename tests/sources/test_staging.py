"""Test that a folder of files appears at once, whichever step of its commit is the last."""

from __future__ import annotations

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from tfspark_magic import errors
from tfspark_magic.sources import staging as staging_module
from tfspark_magic.sources.part_files import PartFiles
from tfspark_magic.sources.staging import Staging, begin

SCHEMA = pa.schema([("x", pa.int64())])


class KilledError(BaseException):
    """Ends a commit as a killed process would: nothing catches it."""


class Dying(fs.FSSpecHandler):
    """The local filesystem, whose process is killed before its n-th change."""

    def __init__(self, kind: str, changes: int) -> None:
        super().__init__(fsspec.filesystem("file"))
        self.kind, self.left = kind, changes

    def get_type_name(self):
        return self.kind

    def change(self):
        if not self.left:
            raise KilledError
        self.left -= 1

    def move(self, src, dest):
        self.change()
        super().move(src, dest)

    def delete_file(self, path):
        self.change()
        super().delete_file(path)

    def delete_dir(self, path):
        self.change()
        super().delete_dir(path)

    def create_dir(self, path, recursive):
        self.change()
        super().create_dir(path, recursive)

    def open_output_stream(self, path, metadata):
        self.change()
        return super().open_output_stream(path, metadata)


@pytest.fixture(params=["hdfs", "store"])
def disk(request, monkeypatch):
    """Call it with a number of changes: filesystems opened afterwards die before the next."""

    def changes(count):
        filesystem = fs.PyFileSystem(Dying(request.param, count))
        monkeypatch.setattr(staging_module, "open_filesystem", lambda path: (filesystem, path))
        return request.param

    changes(10**9)
    return changes


def staged(target, job, values):
    """Stage a file for each value, of one task each, and return what the driver knows of it."""
    staging = Staging(str(target), job)
    tasks = {}
    for task, value in enumerate(values):
        attempt = staging.attempt(task)
        with PartFiles(staging.filesystem, attempt, SCHEMA, ()) as files:
            files.write(pa.record_batch([[value]], schema=SCHEMA))
        staging.finish(task, attempt, files.written)
        tasks[task] = files.written
    return tasks


def rows(target):
    """What a reader sees, in the order of the names; each file that it sees is whole."""
    visible = sorted(target.glob("part-*")) if target.exists() else []
    return [value for path in visible for value in pq.read_table(path)["x"].to_pylist()]


@pytest.mark.parametrize("mode", ["new", "append", "overwrite"])
def test_a_commit_that_dies_before_any_step_is_finished_by_a_rerun(disk, tmp_path, mode):
    options = {"overwrite": mode == "overwrite", "append": mode == "append"}
    new = [3, 4, 5]
    for changes in range(200):
        disk(10**9)
        target = tmp_path / str(changes) / "scored"
        old = [] if mode == "new" else [1, 2]
        if old:
            Staging(str(target), "a").commit(
                staged(target, "a", old), overwrite=False, append=False
            )
        after = old + new if mode == "append" else new
        tasks = staged(target, "b", new)
        kind = disk(changes)
        try:
            Staging(str(target), "b").commit(tasks, **options)
            ended = True
        except KilledError:
            ended = False
        seen = rows(target)
        if kind == "hdfs" and mode != "append":
            # In one step, but for the moment in which an overwritten folder is away.
            assert seen in (old, [], after)
        assert set(seen) <= {*old, *after}
        assert len(seen) == len(set(seen))
        if (target / "_SUCCESS").exists():
            assert seen in (old, after)
        disk(10**9)
        staging = Staging(str(target), "b")
        if begin(staging, **options, resume=True):
            # The commit had not begun: the files of all tasks are still there.
            assert seen == old
            assert staging.finished() == tasks
            staging.commit(staging.finished(), **options)
        assert rows(target) == after
        assert not begin(Staging(str(target), "b"), **options, resume=True)
        assert rows(target) == after
        assert [path.name for path in target.parent.iterdir()] == ["scored"]
        if ended:
            break
    assert ended
    assert changes > 8


@pytest.mark.parametrize("mode", ["new", "append", "overwrite"])
def test_another_write_says_that_a_commit_was_stopped_or_replaces_it(disk, tmp_path, mode):
    options = {"overwrite": mode == "overwrite", "append": mode == "append"}
    target = tmp_path / "scored"
    tasks = staged(target, "a", [1, 2])
    disk(4)
    with pytest.raises(KilledError):
        Staging(str(target), "a").commit(tasks, **options)
    disk(10**9)
    for again in ({"append": True, "overwrite": False}, {"append": False, "overwrite": False}):
        with pytest.raises(errors.OptionError) as error:
            begin(Staging(str(target), "b"), **again, resume=False)
        assert str(error.value) == (
            f"A write to {str(target)!r} was stopped in its last step: make the same call with "
            f"resume=True to finish it, or pass overwrite=True to replace all rows."
        )
    begin(Staging(str(target), "b"), overwrite=True, append=False, resume=False)
    assert rows(target) == [1, 2]
    staging = Staging(str(target), "b")
    begin(staging, overwrite=True, append=False, resume=False)
    staging.commit(staged(target, "b", [3]), overwrite=True, append=False)
    assert rows(target) == [3]
    assert [path.name for path in tmp_path.iterdir()] == ["scored"]


def test_a_rerun_that_overwrites_leaves_no_rows_of_others(disk, tmp_path):
    target = tmp_path / "scored"

    def write(job, values, *, overwrite, append, resume=False):
        staging = Staging(str(target), job)
        if begin(staging, overwrite=overwrite, append=append, resume=resume):
            staging.commit(staged(target, job, values), overwrite=overwrite, append=append)

    again = {"overwrite": True, "append": False, "resume": True}
    for of_spark in (False, True):
        write("a", [1, 2], overwrite=True, append=False)
        if of_spark:
            (target / "_SUCCESS").write_bytes(b"")  # as if Spark had written them
        write("a" if of_spark else "b", [1, 3], overwrite=False, append=True)
        assert len(rows(target)) > 2
        write("a", [1, 2], **again)
        assert rows(target) == [1, 2]
        before = sorted(target.iterdir())
        write("a", [1, 2], **again)
        assert sorted(target.iterdir()) == before


def test_a_target_that_appears_meanwhile_is_kept(disk, tmp_path):
    target = tmp_path / "scored"
    tasks = staged(target, "a", [1])
    Staging(str(target), "b").commit(staged(target, "b", [2]), overwrite=False, append=False)
    with pytest.raises(errors.OptionError, match="is there already: pass overwrite=True"):
        Staging(str(target), "a").commit(tasks, overwrite=False, append=False)
    assert rows(target) == [2]


def test_an_empty_folder_is_no_target_that_is_there(disk, tmp_path):
    """A cancelled write of Spark leaves one; hidden files may be of a job that still runs."""
    target = tmp_path / "scored"
    target.mkdir()
    new = {"overwrite": False, "append": False}
    staging = Staging(str(target), "a")
    assert begin(staging, **new, resume=False)
    staging.commit(staged(target, "a", [1, 2]), **new)
    assert rows(target) == [1, 2]
    (tmp_path / "other" / "_temporary").mkdir(parents=True)
    (tmp_path / "other" / "_temporary" / "rows").touch()
    for other in ("scored", "other"):
        with pytest.raises(errors.OptionError, match="is there already"):
            begin(Staging(str(tmp_path / other), "b"), **new, resume=False)


def test_files_that_only_the_workers_see_are_named(disk, tmp_path):
    target = tmp_path / "scored"
    tasks = {
        0: [
            file._replace(path="/elsewhere/rows/0-1/0.parquet")
            for file in staged(target, "a", [1])[0]
        ]
    }
    with pytest.raises(
        errors.PathNotFoundError, match="a path that this process and all nodes reach"
    ):
        Staging(str(target), "a").commit(tasks, overwrite=False, append=False)
    assert rows(target) == []


@pytest.mark.matrix
@pytest.mark.parametrize(
    "steps", [range(5, 9, 3), pytest.param(range(100), marks=pytest.mark.long)], ids=["some", "all"]
)
@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("lost", ["rows", "commit", "settings", "done"])
@pytest.mark.parametrize("mode", ["new", "append", "overwrite"])
def test_what_a_stopped_commit_loses_is_written_again(disk, tmp_path, mode, lost, cut, steps):
    """Each remedy that the sentence names works, after each step of the commit."""
    options = {"overwrite": mode == "overwrite", "append": mode == "append"}
    old, new = ([] if mode == "new" else [1, 2]), [3, 4, 5]
    stopped = 0
    for changes in steps:
        for resume in (True, False):
            disk(10**9)
            target = tmp_path / f"{changes}{resume}" / "scored"
            if old:
                first = staged(target, "a", old)
                Staging(str(target), "a").commit(first, overwrite=False, append=False)
            staging = Staging(str(target), "b")
            staging.settings({"cores": 2}, resume=True)
            tasks = staged(target, "b", new)
            disk(changes)
            try:
                Staging(str(target), "b").commit(tasks, **options)
                ended = True
            except KilledError:
                ended = False
            disk(10**9)
            staging = Staging(str(target), "b")
            if staging.stopped():
                stopped += damaged(target, lost, cut=cut)
            again = options if resume else {"overwrite": True, "append": False}
            if begin(staging, **again, resume=resume):
                staging.settings({"cores": 2}, resume=resume)
                done = staging.finished() if resume else {}
                staging.commit({**staged(target, "b", new), **done}, **again)
            assert rows(target) == (old + new if resume and mode == "append" else new)
            assert [path.name for path in target.parent.iterdir()] == ["scored"]
        if ended:
            break
    assert ended or len(steps) < 100
    assert stopped


def damaged(target, name, *, cut):
    """Cut or remove a file of a job's hidden folder; whether there is one."""
    hidden = target.parent / ".scored.tfspark_magic" / "b"
    kind = f"{name}/*" if name == "done" else "rows/*/*" if name == "rows" else f"{name}.json"
    path = max(hidden.glob(kind), default=None)
    if path is not None:
        whole = path.read_bytes()
        path.unlink()
        if cut:
            path.write_bytes(whole[: len(whole) // 2])
    return path is not None


def test_a_task_whose_file_is_damaged_runs_again(disk, tmp_path):
    target = tmp_path / "scored"
    tasks = staged(target, "b", [1, 2, 3])
    staging = Staging(str(target), "b")
    assert staging.finished() == tasks
    assert damaged(target, "rows", cut=True)
    assert len(staging.finished()) == 2
    with pytest.raises(errors.PathNotFoundError, match="is not there, or not in full"):
        staging.commit(tasks, overwrite=False, append=False)
