"""Put the files of many tasks into a folder at once: staging, commit, and going on after a crash.

docs/files.md describes the protocol, and what a reader can see, in words.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import pyarrow as pa
from pyarrow import fs

from tfspark_magic.errors import OptionError, PathNotFoundError
from tfspark_magic.sources.filesystem import open_filesystem, shown, shown_errors
from tfspark_magic.sources.listing import is_hidden
from tfspark_magic.sources.part_files import PartFile
from tfspark_magic.sources.writing import differences

_RENAMES_FOLDERS = ("local", "py::hdfs")
"""The filesystems that rename a folder in one step, for every reader; object stores copy each file."""
_SUCCESS = "_SUCCESS"
_COMMIT = "commit.json"
_SHORT_NAME = 200
"""Each filesystem allows names of so many bytes."""
_UNKNOWN = ""
"""Stands for the jobs of others that wrote files to the target."""


@dataclass(frozen=True)
class Staging:
    """The hidden folder beside a target, in which one job gathers its files.

    >>> staging = Staging("hdfs://namenode:8020/scored", digest)        # doctest: +SKIP
    >>> staging.commit(files, overwrite=False, append=False)            # doctest: +SKIP

    Workers unpickle it: it holds no open filesystem.

    Parameters
    ----------
    location
        The target, as the user names it.
    job
        The digest of what is written: a rerun after a crash has the same.
    """

    location: str
    job: str

    says_columns: ClassVar[bool] = False
    """Whether readers see the columns of a target that has no file."""

    @cached_property
    def _opened(self) -> tuple[fs.FileSystem, str]:
        return open_filesystem(self.location)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, one.name) for one in fields(self))

    @property
    def filesystem(self) -> fs.FileSystem:
        """The filesystem of the target."""
        return self._opened[0]

    @property
    def target(self) -> str:
        """The path of the target in its filesystem."""
        return self._opened[1].rstrip("/")

    @property
    def all_jobs(self) -> str:
        """The folder of all jobs that write to this target."""
        folder, _, name = self.target.rpartition("/")
        return f"{folder}/.{name}.tfspark_magic"

    @property
    def folder(self) -> str:
        """The folder of this job."""
        return f"{self.all_jobs}/{self.job}"

    # In a task

    def attempt(self, task: int) -> str:
        """Return a new folder for one attempt of a task."""
        return f"{self.folder}/rows/{task}-{uuid.uuid4().hex[:12]}"

    def finish(self, task: int, attempt: str, files: Iterable[PartFile]) -> None:
        """Record that an attempt of a task has written all of its files."""
        name = attempt.rpartition("/")[2]
        self._put(f"{self.folder}/done/{name}.json", {"task": task, "files": list(files)})

    # In the driver

    def settings(self, settings: dict[str, Any], *, resume: bool) -> dict[str, Any]:
        """Return the settings of the job, which a rerun keeps; write them if they are new."""
        path = f"{self.folder}/settings.json"
        if resume:
            if (found := self._get(path)) is not None:
                return dict(found)
            self.remove()  # What has ended, if anything, was of unknown tasks.
        self._put(path, settings)
        return settings

    def finished(self) -> dict[int, list[PartFile]]:
        """Return the files of each task that has ended, by one of its attempts, and whose files are whole."""
        records = self._records()
        return {task: files for task, files in records if self._are_whole(map(_written, files))}

    def is_there(self, *, alone: bool) -> bool:
        """Whether the target already has the rows of this job; if `alone`, and no others."""
        jobs = self._jobs()
        return jobs == [self.job] if alone else self.job in jobs

    def stopped(self) -> list[Self]:
        """Return the jobs whose commits were begun and not finished."""
        jobs = [path.rpartition("/")[2] for path in self._names(self.all_jobs)]
        begun = [replace(self, job=job) for job in jobs]
        return [one for one in begun if self._kind(f"{one.folder}/{_COMMIT}") == fs.FileType.File]

    def exists(self) -> bool:
        """Whether the target is there; OptionError if it is a file, or no folder can be beside it."""
        if not self.target.rpartition("/")[2]:
            raise OptionError(f"{shown(self.location)!r} has no name: name a folder in it.")
        kind = self._kind(self.target)
        if kind == fs.FileType.File:
            raise OptionError(
                f"{shown(self.location)!r} is a file, and Spark's workers write a folder of files: "
                f"name another path."
            )
        return bool(kind == fs.FileType.Directory)

    def is_taken(self) -> bool:
        """Whether the target has any file: a write of Spark that is cancelled leaves an empty folder."""
        return self.exists() and bool(self._files(self.target))

    def files_there(self) -> list[str]:
        """Return the files that readers see in the target."""
        start = len(self.target) + 1
        found = self._files(self.target)
        return [path for path in found if not any(map(is_hidden, path[start:].split("/")))]

    def check_fits(self, schema: pa.Schema, by: tuple[str, ...], *, append: bool) -> None:
        """Raise OptionError if rows with these columns and partitions do not go into the target."""
        other = self._misfit(schema, by) if append and self.exists() else None
        if other is not None:
            raise OptionError(
                f"{shown(self.location)!r} {other}: append rows with the same columns, or pass "
                f"overwrite=True."
            )

    def _misfit(self, schema: pa.Schema, by: tuple[str, ...]) -> str | None:
        """Return in words why such rows cannot be appended; None if they can."""
        there = next((path for path in self.files_there() if path.endswith(".parquet")), None)
        if there is None:
            return None
        inside = pa.schema([column for column in schema if column.name not in by])
        with shown_errors(self.location):
            other = differences(self.filesystem, there, inside)
        folders = there[len(self.target) + 1 :].split("/")[:-1]
        names = tuple(folder.partition("=")[0] for folder in folders if "=" in folder)
        if other is None and names != by:
            other = f"is partitioned by {list(names)}, not by {list(by)}"
        return other

    def commit(self, tasks: dict[int, list[PartFile]], *, overwrite: bool, append: bool) -> None:
        """Let the files of all tasks appear in the target, in the order of the tasks.

        Raises
        ------
        OptionError
            If the target appeared meanwhile.
        PathNotFoundError
            If a file of a worker is not there.
        """
        there = self.exists()
        old = self.files_there() if there else []
        first = 1 + max(map(_number, old), default=-1) if append else 0
        moves = self._moves(tasks, first)
        before = self._jobs() or ([_UNKNOWN] if old else [])
        jobs = [*before, self.job] if append else [self.job]
        # A folder that stays gets the files one by one.
        whole = self.filesystem.type_name in _RENAMES_FOLDERS and (overwrite or not there)
        plan = {
            "id": uuid.uuid4().hex, "moves": moves, "jobs": jobs, "overwrite": overwrite,
            "old": old if overwrite else [], "whole": whole,
        }  # fmt: skip
        if not overwrite and not append and self.is_taken():
            raise OptionError(is_there_already(self.location))
        self._begin_commit(tasks, plan)

    def go_on(self) -> bool:
        """Take the steps of a commit that are not yet done; all rows were written before it began.

        If its record or a file was lost or cut meanwhile, all is as before the commit, and False is
        returned.
        """
        plan = self._get(f"{self.folder}/{_COMMIT}")
        if not self._is_committed(plan):
            if plan is None or not self._is_whole(plan):
                self.take_back()
                return False
            self._finish(plan)
        self.remove()
        return True

    def _begin_commit(self, tasks: dict[int, list[PartFile]], plan: dict[str, Any]) -> None:
        if not self._are_whole((source, size) for source, _, size in plan["moves"]):
            raise self._lost()
        self._check_names(tasks)
        self._put(f"{self.folder}/{_COMMIT}", plan)
        self._finish(plan)
        self.remove()

    def _is_committed(self, plan: dict[str, Any] | None) -> bool:
        """Whether a commit has ended; if its plan is None, which was lost, any commit of the job."""
        if plan is None:
            return self.job in self._jobs()
        found = self._get(f"{self.target}/{_SUCCESS}")
        return isinstance(found, dict) and found.get("commit") == plan["id"]

    def _finish(self, plan: dict[str, Any]) -> None:
        (self._replace if plan["whole"] else self._add)(plan)

    def _is_whole(self, plan: dict[str, Any]) -> bool:
        """Whether all files are there in full, where a worker wrote them or where they go."""
        folder = self._gathered(plan)
        return all(
            self._are_whole([(source, size)])
            or (
                self._kind(source) == fs.FileType.NotFound
                and self._are_whole([(f"{folder}/{name}", size)])
            )
            for source, name, size in plan["moves"]
        )

    def _gathered(self, plan: dict[str, Any]) -> str:
        # Another driver that writes the same has another one.
        return f"{self.folder}/whole-{plan['id']}" if plan.get("whole") else self.target

    def take_back(self) -> None:
        """Give up a commit that cannot be finished: its files go back to where the workers wrote them."""
        own = self._names(self.folder)
        moved = {}
        for folder in [self.target, *(path for path in own if _begins(path, "whole-"))]:
            for path in self._files(folder):
                partition, _, name = path[len(folder) + 1 :].rpartition("/")
                moved[partition, _attempt(name)] = path
        for _, files in self._records():
            for file in files:
                place = moved.get((file.partition, _attempt(self._name(0, file))))
                if place is not None and not self._are_whole([_written(file)]):
                    self._delete(file.path)
                    self.filesystem.create_dir(file.path.rpartition("/")[0], recursive=True)
                    self.filesystem.move(place, file.path)
        if self._kind(self.target) == fs.FileType.NotFound:
            for path in own:
                if _begins(path, "old-"):
                    self.filesystem.move(path, self.target)
        self._delete(f"{self.folder}/{_COMMIT}")

    def _replace(self, plan: dict[str, Any]) -> None:
        """Let the target appear with all files by one rename."""
        whole = self._gathered(plan)
        self._move(plan["moves"], whole)
        self._succeed(whole, plan)
        if self.exists():
            if not plan["overwrite"]:
                self.remove()
                raise OptionError(is_there_already(self.location))
            self.filesystem.move(self.target, f"{self.folder}/old-{uuid.uuid4().hex[:8]}")
        self.filesystem.move(whole, self.target)

    def _add(self, plan: dict[str, Any]) -> None:
        """Let the files appear one after another, before `_SUCCESS`."""
        with contextlib.suppress(FileNotFoundError):
            self.filesystem.delete_file(f"{self.target}/{_SUCCESS}")
        self._move(plan["moves"], self.target)
        for path in plan["old"]:
            with contextlib.suppress(FileNotFoundError):
                self.filesystem.delete_file(path)
        self._succeed(self.target, plan)

    def remove(self) -> None:
        """Remove what this job has staged."""
        with contextlib.suppress(FileNotFoundError):
            # In this order: first the commit, then what is finished, and then its rows.
            for path in self._names(self.folder):
                self._delete(path)
            self.filesystem.delete_dir(self.folder)
        with contextlib.suppress(OSError):
            if not self._names(self.all_jobs):
                self.filesystem.delete_dir(self.all_jobs)

    def remove_others(self) -> None:
        """Remove what other jobs have staged for this target."""
        for path in self._names(self.all_jobs):
            if path != self.folder:
                replace(self, job=path.rpartition("/")[2]).remove()

    def _moves(
        self, tasks: dict[int, list[PartFile]], first: int = 0
    ) -> list[tuple[str, str, int]]:
        """Return the path of each file, its name in the target, and its size."""
        return [
            (
                file.path,
                "/".join(filter(None, (file.partition, self._name(first + task, file)))),
                file.size,
            )
            for task, files in sorted(tasks.items())
            for file in files
        ]

    def _records(self) -> list[tuple[int, list[PartFile]]]:
        """Return each task that has ended, and its files, for each of its attempts."""
        found = map(self._get, self._names(f"{self.folder}/done"))
        return [(one["task"], [PartFile(*f) for f in one["files"]]) for one in found if one]

    def _name(self, task: int, file: PartFile) -> str:
        """Return the name of a file in the target: names are in the order of the rows."""
        attempt = file.path.split("/")[-2].rpartition("-")[2]
        return f"part-{task:05d}-{attempt}-c{file.number:03d}.snappy.parquet"

    def _are_whole(self, files: Iterable[tuple[str, int]]) -> bool:
        """Whether files are there, each with all of its bytes."""
        sizes = dict(files)
        found = self.filesystem.get_file_info(list(sizes))
        return all(
            info.type == fs.FileType.File and info.size == size
            for info, size in zip(found, sizes.values(), strict=True)
        )

    def _check_names(self, tasks: dict[int, list[PartFile]]) -> None:
        """Raise the filesystem's error if the value of a partition is too long for the name of a folder.

        Once a commit has begun, it could not be finished.
        """
        names = {
            name for files in tasks.values() for file in files for name in file.partition.split("/")
        }
        for name in names:
            if len(name.encode()) > _SHORT_NAME:
                self.filesystem.create_dir(f"{self.folder}/names/{name}", recursive=True)

    def _lost(self) -> PathNotFoundError:
        return PathNotFoundError(
            shown(self.location),
            "a file that a worker wrote is not there, or not in full; name a path that this process and all nodes "
            "reach, to which no other job writes at the same time",
        )

    def _move(self, moves: Sequence[tuple[str, str, int]], folder: str) -> None:
        """Move files into a folder; those that are there already were moved before a crash."""
        made: set[str] = set()
        for source, name, _ in moves:
            path = f"{folder}/{name}"
            inside = path.rpartition("/")[0]
            if inside not in made:
                self.filesystem.create_dir(inside, recursive=True)
                made.add(inside)
            try:
                self.filesystem.move(source, path)
            except OSError:
                if self._kind(source) != fs.FileType.NotFound:
                    raise
                if self._kind(path) != fs.FileType.File:
                    raise self._lost() from None
        self.filesystem.create_dir(folder, recursive=True)

    def _succeed(self, folder: str, plan: dict[str, Any]) -> None:
        self._put(f"{folder}/{_SUCCESS}", {"commit": plan["id"], "jobs": plan["jobs"]})

    def _jobs(self) -> list[str]:
        """Return the jobs whose rows are in the target; Spark's own mark of success is empty."""
        found = self._get(f"{self.target}/{_SUCCESS}")
        return list(found["jobs"]) if isinstance(found, dict) else []

    def _kind(self, path: str) -> fs.FileType:
        return self.filesystem.get_file_info(path).type

    def _names(self, folder: str) -> list[str]:
        selector = fs.FileSelector(folder, allow_not_found=True)
        return sorted(info.path for info in self.filesystem.get_file_info(selector))

    def _files(self, folder: str) -> list[str]:
        """Return all files in a folder, also hidden ones."""
        selector = fs.FileSelector(folder, recursive=True, allow_not_found=True)
        found = self.filesystem.get_file_info(selector)
        return sorted(info.path for info in found if info.type == fs.FileType.File)

    def _delete(self, path: str) -> None:
        is_folder = self._kind(path) == fs.FileType.Directory
        with contextlib.suppress(FileNotFoundError):
            (self.filesystem.delete_dir if is_folder else self.filesystem.delete_file)(path)

    def _put(self, path: str, value: Any) -> None:
        """Write a small file, which is there whole or not at all."""
        folder, _, name = path.rpartition("/")
        with shown_errors(self.location):
            self.filesystem.create_dir(folder, recursive=True)
            hidden = f"{self.folder}/.{name}.{uuid.uuid4().hex[:8]}"
            with self.filesystem.open_output_stream(hidden) as stream:
                stream.write(json.dumps(value).encode())
            self.filesystem.move(hidden, path)

    def _get(self, path: str) -> Any:
        """Return the value of a small file; None if it is not there, or not ours."""
        if path.rpartition("/")[2].startswith("."):
            return None
        try:
            with self.filesystem.open_input_stream(path) as stream:
                return json.loads(stream.read())
        except (FileNotFoundError, ValueError, pa.ArrowInvalid):
            return None


def begin(staging: Staging, *, overwrite: bool, append: bool, resume: bool) -> bool:
    """Prepare the staging of a job; return whether there is something to write.

    Raises
    ------
    OptionError
        If the target is there, or a commit to it was stopped.
    PathAccessError
        If it cannot be reached.
    """
    if overwrite and append:
        raise OptionError("overwrite=True and append=True exclude each other: pass one of them.")
    location = staging.location
    with shown_errors(location):
        staging.exists()  # or it says why a folder cannot be there
        for other in staging.stopped():
            # What was begun is finished first, if all of its rows are there.
            if not overwrite and not (resume and other.job == staging.job):
                raise OptionError(
                    f"A write to {shown(location)!r} was stopped in its last step: make the same call "
                    f"with resume=True to finish it, or pass overwrite=True to replace all rows."
                )
            other.go_on()
        # What was appended since is not to stay where all rows are to be replaced.
        if resume and staging.is_there(alone=overwrite):
            staging.remove()
            return False
        if resume:
            staging.take_back()  # what was moved by a commit whose record is lost
        if not overwrite and not append and staging.is_taken():
            raise OptionError(is_there_already(location))
        if not resume:
            staging.remove()
        if not append:
            staging.remove_others()
    return True


def is_there_already(location: str) -> str:
    """Return what to write if a target is there."""
    return (
        f"{shown(location)!r} is there already: pass overwrite=True to replace it, or append=True to "
        f"add to it."
    )


def _written(file: PartFile) -> tuple[str, int]:
    return file.path, file.size


def _begins(path: str, text: str) -> bool:
    return path.rpartition("/")[2].startswith(text)


def _attempt(name: str) -> str:
    """Return what the name of a part file keeps of its attempt, whatever its place among others is."""
    return "-".join(name.split("-")[2:])


def _number(path: str) -> int:
    """Return the number in the name of a part file; -1 for other names."""
    name = path.rpartition("/")[2].split("-")
    return int(name[1]) if name[0] == "part" and len(name) > 1 and name[1].isdigit() else -1
