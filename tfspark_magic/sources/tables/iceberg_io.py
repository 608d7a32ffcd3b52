"""Give pyiceberg the filesystems of paths: local, HDFS without a JVM, object stores, those of fsspec."""

from __future__ import annotations

from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO

from tfspark_magic.sources.filesystem import open_filesystem


class AnyFileIO(PyArrowFileIO):
    """Files of any path that `tfs.files` opens; pyiceberg makes it by its name."""

    def new_input(self, location: str) -> PyArrowFile:
        """Return a file to read."""
        filesystem, inside = open_filesystem(location)
        return PyArrowFile(location, inside, filesystem)
