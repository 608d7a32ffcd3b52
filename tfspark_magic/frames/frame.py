"""Define the operations of a frame, and find the frame of a value that a user gives."""

from __future__ import annotations

import os
import sys
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tfspark_magic.errors import NotADataFrameError, NotAvailableError, OptionError, type_name

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tfspark_magic.binding import Feed, FrameColumns, Plan
    from tfspark_magic.binding.plan import BoundProgram
    from tfspark_magic.binding.reductions import ReductionPlan
    from tfspark_magic.frames.row_reader import RowReader
    from tfspark_magic.schema.spec import CellSpec, Shape
    from tfspark_magic.sources.files import Files
    from tfspark_magic.training.job import Training
    from tfspark_magic.training.training_state import State
    from tfspark_magic.worker.rechunk import Columns
    from tfspark_magic.worker.reducing import States

SPARK, PANDAS, FILES, ARROW = "Spark", "pandas", "files", "Arrow"
_CLASSES = {
    SPARK: ("pyspark.sql", "DataFrame"),
    PANDAS: ("pandas", "DataFrame"),
    FILES: ("tfspark_magic.sources.files", "Files"),
}


class Frame(Protocol):
    """Rows with named columns that a verb runs over.

    >>> frame = frame_of(df, "map_rows")                            # doctest: +SKIP
    >>> plan = bind(program, frame.columns, per_row=True)           # doctest: +SKIP
    >>> frame.map(plan)                                             # doctest: +SKIP
    DataFrame[x: double, z: double]

    To add a kind, write a class with these members, and name it in `kind_of` and `frame_of`.
    """

    kind: ClassVar[str]
    """The system whose types its columns have: "Spark", "pandas", "Arrow"."""
    is_lazy: ClassVar[bool]
    """Whether its maps and aggregations are Spark DataFrames, whose rows an action computes."""
    reading: ClassVar[str] = "feed the graph"
    """What the columns do that a plan reads, in the words of `tfs.explain`."""
    source: Any
    """The value that the user gave."""

    @property
    def is_streaming(self) -> bool:
        """Whether it is a stream, which has no last row."""
        return False

    @property
    @abstractmethod
    def columns(self) -> FrameColumns:
        """The cells of its columns, and of the vectors that can be made of its structs."""

    @property
    def types(self) -> Mapping[str, str]:
        """The names of its own columns, with their types as the kind of frame writes them."""
        return dict(self.schema())

    @abstractmethod
    def schema(self) -> list[tuple[Any, str]]:
        """Return the names and types of its own columns, also columns with the same name."""

    @property
    def looks(self) -> Any:
        """A value that differs if the frame has changed in place; None if it cannot change."""
        return None

    @abstractmethod
    def reader(self) -> RowReader:
        """Return a reader of its rows, with all of its own columns."""

    def passthrough(self, columns: Sequence[str] | None, *, trim: bool) -> list[str] | None:
        """Return the names of the passthrough columns of a map; None for all columns.

        Raises
        ------
        OptionError
            If there is no such column, or this kind of frame cannot leave columns out.
        """
        if columns is not None:
            raise OptionError(
                "columns= goes with files: leave it out, and drop columns from the result."
            )
        return None

    @abstractmethod
    def map(self, plan: Plan, passthrough: list[str] | None, profile: Any = None) -> Any:
        """Return the passthrough columns and the plan's outputs; with trim, only the outputs."""

    @abstractmethod
    def some_rows(self, plan: Plan, count: int, seed: int | None) -> Columns:
        """Return at most `count` rows of the columns that feed a plan.

        Without a seed, these are the first rows. With a seed, they are drawn from all rows.

        Raises
        ------
        NotAvailableError
            If it is a stream.
        """

    @abstractmethod
    def reduce(self, plan: ReductionPlan, profile: Any) -> States | None:
        """Return the states of parts of the rows, in the order of the rows; None if there are no rows."""

    @abstractmethod
    def group(self, keys: Sequence[str]) -> Groups:
        """Return the groups of rows that have the same values in some columns."""

    @property
    def session(self) -> SparkSession | None:
        """The session whose workers read its rows; None if this process does."""
        return None

    def workers(self, asked: int | None) -> int:
        """Return how many workers train on these rows, where so many are asked for.

        Raises
        ------
        NotAvailableError, OptionError
            If there cannot be so many.
        """
        if asked not in (None, 1):
            raise OptionError(
                f"workers={asked!r} needs Spark: pass a Spark DataFrame, or files with spark=; what "
                f"is in this process is trained on in this process.",
                option="workers",
            )
        return 1

    @abstractmethod
    def train(self, training: Training, held: Frame | None) -> State:
        """Train a model on the rows, and return the state of the trained model.

        Parameters
        ----------
        training
            What to do.
        held
            The rows to validate with, in a frame of the same kind; None for a fraction of the rows,
            or no validation.
        """

    @abstractmethod
    def run_local(self, plan: Plan, passthrough: list[str] | None, output: str) -> Any:
        """Map in this process, to a pandas frame, an Arrow table or an iterator of batches."""

    def files(self) -> Files:
        """Return the files that hold its rows; nothing is computed.

        Raises
        ------
        NotAvailableError
            If there are none, or they hold other rows.
        """
        raise NotAvailableError(
            f"tfs.files takes paths, and Spark DataFrames that only read files, and this is a frame of "
            f"{self.kind}: write the rows with tfs.write_parquet, and pass the path."
        )

    def as_files(
        self, columns: Sequence[str] | None, shapes: Mapping[str, Any] | None
    ) -> tuple[Files, Any]:
        """Return the rows as files, and an object that keeps the files as long as it exists.

        Parameters
        ----------
        columns
            The columns that are needed; None for all.
        shapes
            Shapes of cells, as in `tfs.files`.

        Raises
        ------
        NotAvailableError, OptionError
            If they cannot be files, or cannot have these shapes.
        """
        del columns, shapes
        raise NotAvailableError(
            "dataset reads files and Spark DataFrames: write the rows with "
            "tfs.write_parquet(df, path), and give it the path."
        )

    def name_of(self, column: Any) -> Any:
        """Return the name of a column, which is given by name or as a column of this kind of frame."""
        return column

    def analyzed(self, cells: Mapping[str, CellSpec]) -> Any:
        """Return the frame with the cell shapes of these columns, which are found in the data.

        A frame whose maps look at the data themselves is returned as it is.
        """
        return self.source

    @abstractmethod
    def with_shapes(self, shapes: Mapping[str, Shape]) -> Any:
        """Return the frame with these cell shapes of columns.

        Raises
        ------
        NotAvailableError
            If this kind of frame has no place for shapes.
        """

    @abstractmethod
    def type_of(self, cell: CellSpec) -> str:
        """Say the type of a column with such cells."""

    def reads(self, feeds: Iterable[Feed], passthrough: Sequence[str]) -> str:
        """Say who reads files, and how much; empty if the rows are not in files."""
        return ""

    def advice(
        self, call: str, feeds: Sequence[Feed], row_bytes: int | None
    ) -> tuple[tuple[str, str], ...]:
        """Say what would do the same as a plan, and faster, with a heading for each.

        Parameters
        ----------
        call
            The same on the frame's files, if there were any; empty if there is no such verb.
        feeds
            What feeds the graph.
        row_bytes
            The bytes of a row of it; None if not known.
        """
        del call, feeds, row_bytes
        return ()

    def device(self, plan: BoundProgram) -> str:
        """Say where a plan runs."""
        return plan.device

    def rerun(self) -> str:
        """Say when a lazy map runs its graph twice on a row; empty if never."""
        return ""

    def travel(self, size: int) -> str:
        """Say how a graph of this size in bytes gets to the place where it runs."""
        return "in this process"


class Groups(Protocol):
    """A frame whose rows are grouped by keys."""

    frame: Frame
    """The frame that is grouped."""
    keys: tuple[str, ...]
    """The names of the keys in the result."""

    @abstractmethod
    def aggregate(self, plan: ReductionPlan, profile: Any) -> Any:
        """Return the keys and the plan's outputs, a row for each group."""


def kind_of(value: object) -> str | None:
    """Return the kind of frame of a value; None if it is not a frame.

    >>> kind_of(pd.DataFrame()), kind_of(pa.table({})), kind_of(1)  # doctest: +SKIP
    ('pandas', 'Arrow', None)
    """
    for kind, (module, name) in _CLASSES.items():
        # If the module of a class is not loaded, no value of this class exists.
        if module in sys.modules and isinstance(value, getattr(sys.modules[module], name)):
            return kind
    of = type(value)
    # A single column has a stream, too.
    is_table = hasattr(of, "schema") or hasattr(of, "columns")
    return ARROW if is_table and hasattr(of, "__arrow_c_stream__") else None


def is_frame(value: object) -> bool:
    """Whether verbs run over a value as it is; paths are opened first."""
    return kind_of(value) is not None


def frames_in(namespace: Mapping[str, Any]) -> dict[str, str]:
    """Return the kind of each frame by its name, Spark's first; imports nothing.

    >>> frames_in({"prices": prices, "df": df, "n": 1})             # doctest: +SKIP
    {'df': 'Spark', 'prices': 'pandas'}
    """
    kinds = {name: kind for name, v in namespace.items() if (kind := kind_of(v)) is not None}
    return dict(sorted(kinds.items(), key=lambda item: item[1] != SPARK))


def preferred(frames: Mapping[str, Any]) -> dict[str, Any]:
    """Return the frames from which a default is taken: those of Spark, or all if there are none."""
    of_spark = {name: frame for name, frame in frames.items() if kind_of(frame) == SPARK}
    return of_spark or dict(frames)


def frame_of(
    source: Any,
    verb: str,
    spark: SparkSession | None = None,
    *,
    needed: str = "",
    call: str = "",
) -> Frame:
    """Return the frame of the value that a user gives to a verb.

    >>> frame_of("flights/*.parquet", "map_rows").kind              # doctest: +SKIP
    'Arrow'

    Parameters
    ----------
    source
        A Spark or pandas DataFrame; files, given by a path, a list of paths or `tfs.files(...)`; or
        an object with an Arrow stream: tables and readers of pyarrow, frames of Polars, results of
        DuckDB, and lazy tables of this package.
    verb
        The verb that asks; errors name it.
    spark
        For files: the session whose workers read them. If not given, this process reads them.
    needed, call
        For the error: what a verb needs that takes only files, and the right call.

    Raises
    ------
    NotADataFrameError
        If it is none of these.
    OptionError
        If `spark` is given for something else than files.
    """
    source = _opened(source)
    kind = kind_of(source)
    if kind == FILES:
        if spark is None:
            from tfspark_magic.frames.files import FilesFrame

            return FilesFrame(source)
        from tfspark_magic.frames.spark_files import SparkFilesFrame

        return SparkFilesFrame(source, spark)
    if spark is not None and not needed:
        raise OptionError("spark= goes with files: leave it out, a DataFrame needs none.")
    if needed:
        raise NotADataFrameError(verb, type_name(source), needed, call)
    if kind == SPARK:
        from tfspark_magic.frames.spark import SparkFrame

        return SparkFrame(source)
    if kind == PANDAS:
        from tfspark_magic.frames.pandas import PandasFrame

        return PandasFrame(source)
    if kind == ARROW:
        from tfspark_magic.frames.arrow import ArrowFrame

        return ArrowFrame(source)
    # A LazyFrame of Polars is not computed yet, and has no stream.
    collected = f"{verb}(fetches, df.collect())" if type(source).__name__ == "LazyFrame" else ""
    raise NotADataFrameError(verb, type_name(source), call=call or collected)


def check_no_profile(profile: Any) -> None:
    """Raise OptionError if there is a profile, although no Spark tasks run."""
    if profile is not None:
        raise OptionError(
            "profile is for Spark's tasks, and this is computed without them: leave it out."
        )


def _opened(source: Any) -> Any:
    """Return the files of a path, a list of paths or a table; return any other value unchanged."""
    from tfspark_magic.sources.tables import format_of_object

    several = isinstance(source, list | tuple) and bool(source)
    paths = all(isinstance(path, str | os.PathLike) for path in (source if several else [source]))
    if not paths and format_of_object(source) is None:
        return source
    from tfspark_magic.sources.files import files

    return files(source)
