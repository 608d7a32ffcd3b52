"""`files`: the files of a path, or those that a Spark DataFrame reads, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of, is_frame
from tfspark_magic.sources.files import Files
from tfspark_magic.sources.files import files as files_at

if TYPE_CHECKING:
    import pyarrow as pa


def files(
    path: Any,
    *,
    format: str | None = None,  # noqa: A002  (what everybody calls it)
    schema: pa.Schema | None = None,
    filters: Any = None,
    partitioning: str | None = "hive",
    shapes: Mapping[str, Any] | None = None,
    delimiter: str = ",",
    header: bool = True,
    version: int | str | None = None,
    timestamp: Any = None,
) -> Files:
    """Describe files; only the schema of the first file is read.

    >>> tfs.files("hdfs://namenode:8020/rows")                      # doctest: +SKIP
    <parquet files hdfs://namenode:8020/rows/part-0.parquet: x: int64, v: list<element: float>, ...>
    >>> flights = spark.read.parquet("hdfs://namenode:8020/flights")   # doctest: +SKIP
    >>> tfs.files(flights.filter(flights.distance > 100).select("id"))  # doctest: +SKIP
    <parquet files hdfs://namenode:8020/flights/part-0.parquet: id: int64>

    Parameters
    ----------
    path
        A file, a folder, a glob, or a list of them. Paths may be local, `hdfs://`, or any other
        that pyarrow or fsspec opens. Or a Spark DataFrame that only reads Parquet or ORC files,
        with some of their columns, and rows by a filter on a column and a constant; it takes no
        options. The files then have exactly its columns and rows, in the order of the files' names.
        Or a table with a log: `delta:///lake/t`, `iceberg:///lake/t`, `delta+hdfs://namenode/lake/t`
        and the like for other filesystems, `iceberg://catalog/namespace.table`, a `DeltaTable` of
        deltalake or a `Table` of pyiceberg. See docs/files.md.
    format
        `"parquet"`, `"orc"`, `"csv"`, `"json"` (one record in each line), `"arrow"` (IPC, file or
        stream), `"text"` (a column `value` of lines), `"tfrecord"` (of `tf.train.Example`) or
        `"binary"` (photographs, sounds and others: a row for each file, with its `path`, `bytes`,
        `size` and time `modified`). If not given, the files' extension decides; `.gz` after it is
        a compressed file, which `"binary"` gives as it is. `"delta"` and `"iceberg"` read a folder
        as such a table.
    schema
        The columns, if the first file does not give them as wanted. TFRecord needs a schema.
    filters
        The rows to read, in pyarrow's form: `[("x", ">", 3)]`. Row groups without such rows are not
        read.
    partitioning
        `"hive"` makes columns of folders named `key=value`; None does not.
    shapes
        The shape of the cells of list columns, if the files do not give it: `{"v": 128}`.
    delimiter, header
        The options of CSV. Without a header, the columns are those of `schema`, or `f0`, `f1`, ...
    version
        The version of a Delta table; the id of a snapshot of an Iceberg table, or the name of a tag
        or branch. If not given, the last one.
    timestamp
        The time at which the version was the last one, with its time zone: a datetime, or a text
        such as `"2026-01-31T12:00:00+00:00"`.

    Returns
    -------
    A value that can be pickled. Dictionaries are decoded; other values are as in the files.

    Raises
    ------
    NotAvailableError
        If a DataFrame does more than to read files, or if this is not certain: the step is named.
    PathNotFoundError, PathAccessError
        If there are no such files, table or version, or they cannot be read.
    TableFormatError
        If a table has a log that is not read so.
    FileContentError
        If the first file is broken.
    OptionError
        If an option has a value that is not allowed.
    MissingDependencyError
        If a package must be installed for such paths.
    """
    if is_frame(path):
        defaults = (None, None, None, "hive", None, ",", True, None, None)
        if (format, schema, filters, partitioning, shapes, delimiter, header, version,
                timestamp) != defaults:  # fmt: skip
            raise OptionError(
                "Options of tfs.files go with paths: leave them out, and filter the DataFrame."
            )
        return frame_of(path, "files").files()
    return files_at(
        path, format=format, schema=schema, filters=filters, partitioning=partitioning,
        shapes=shapes, delimiter=delimiter, header=header, version=version, timestamp=timestamp,
    )  # fmt: skip
