"""Files that this process reads, with all of its cores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa

from tfspark_magic.binding import Feed, FrameColumns
from tfspark_magic.binding.columns import OfFiles
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.tables import TableFrame
from tfspark_magic.sources.file_rows import FileRows
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.prefetch import PREFETCH_BYTES, default_threads
from tfspark_magic.words import bytes_text, count
from tfspark_magic.worker.fed_columns import columns_to_read


class FilesFrame(TableFrame):
    """The frame of the files that `tfs.files` returns; `Frame` documents the members."""

    source: Files
    is_lazy = False
    called = "files"
    keeps_shapes = "Files keep no shapes: pass shapes={'column': shape} to tfs.files."

    @property
    def arrow(self) -> pa.Schema:
        return self.source.schema

    @cached_property
    def columns(self) -> FrameColumns:
        return FrameColumns(self.source.columns(), case_sensitive=True, conversions=OfFiles())

    def files(self) -> Files:
        return self.source

    def as_files(
        self, columns: Sequence[str] | None, shapes: Mapping[str, Any] | None
    ) -> tuple[Files, Any]:
        del columns
        if shapes is not None:
            raise OptionError("shapes of files are given to tfs.files: give them there.")
        return self.source, None

    def rows(self, feeds: Iterable[Feed], passthrough: pa.Schema) -> FileRows:
        fragments = tuple(self.source.fragments())
        threads = default_threads()
        return FileRows(self.source, fragments, tuple(feeds), passthrough, threads, PREFETCH_BYTES)

    def reads(self, feeds: Iterable[Feed], passthrough: Sequence[str]) -> str:
        fragments = self.source.fragments()
        names = {*passthrough, *columns_to_read(feeds, self.arrow.names)}
        size = sum(fragment.bytes or 0 for fragment in fragments)
        return (
            f"{count(len(names), 'column')} of {len(self.arrow)}, in "
            f"{count(len(fragments), 'fragment')} of {count(len(self.source.paths), 'file')}, "
            f"{bytes_text(size)} in all columns, {self._readers()}"
        )

    def _readers(self) -> str:
        return f"by {count(default_threads(), 'thread')} of this process"
