"""Programs as models of MLflow: in its runs and its registry, and as functions of a Spark query.

>>> import mlflow                                                   # doctest: +SKIP
>>> info = tfs.mlflow.log_model(score, "score")                     # doctest: +SKIP
>>> tfs.mlflow.load_model(info.model_uri) == score                  # doctest: +SKIP
True
>>> df = pd.DataFrame({"x": np.int32([3]), "y": np.int32([4])})     # doctest: +SKIP
>>> mlflow.pyfunc.load_model(info.model_uri).predict(df)            # doctest: +SKIP
    z
0  15

It needs MLflow 3.1 or later: `pip install 'tfspark_magic[mlflow]'`. This module is also what MLflow
calls a flavor, and a loader module.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tfspark_magic.errors import (
    FetchError,
    GraphLoadError,
    MissingDependencyError,
    OptionError,
    ShapeMismatchError,
    VersionError,
)

if TYPE_CHECKING:
    import pandas as pd

    from tfspark_magic.binding import Plan
    from tfspark_magic.graph.program import Program
    from tfspark_magic.schema.spec import CellSpec

Verb = Literal["map_rows", "map_blocks"]

FLAVOR = "tfspark_magic"
"""The name of the flavor in a model's file `MLmodel`."""
_FILE = "program.tfs"
_OLDEST = (3, 1)
_TYPES = {
    "bool": "boolean", "int32": "integer", "int64": "long", "float32": "float",
    "float64": "double", "string": "string", "binary": "binary",
}  # fmt: skip
_WIDER = {"uint8": "integer", "int8": "integer", "int16": "integer", "float16": "float"}
"""MLflow has no such types: what comes back is widened; what feeds a graph is not declared."""
_DISTRIBUTIONS = (("tfspark_magic", "tfspark_magic-core"), ("tensorflow", "tensorflow-cpu"))
"""What decides the values. Each has bounds for the rest, which leave room for those of MLflow."""
_MANY_PLANS = 16

_plans: dict[Any, Plan] = {}


def log_model(
    program: Any,
    name: str | None = None,
    *,
    verb: Verb | None = None,
    pip_requirements: Sequence[str] | None = None,
    **options: Any,
) -> Any:
    """Log a program as a model of the active MLflow run, or of none.

    >>> info = tfs.mlflow.log_model(score, "score", registered_model_name="score")  # doctest: +SKIP
    >>> tfs.mlflow.load_model("models:/score/1")                    # doctest: +SKIP
    Program score: x int32, y int32 -> z int32

    Parameters
    ----------
    program
        A `Program`, or what a verb takes for one: a Keras model, a `tf.function`, a tensor.
    name
        The name of the model in MLflow; if not given, the program's.
    verb, pip_requirements
        As for `save_model`.
    **options
        Options of `mlflow.models.Model.log`, such as `registered_model_name` and `tags`, and of
        `mlflow.pyfunc.save_model`, such as `metadata` and `signature`.

    Returns
    -------
    MLflow's `ModelInfo`; its `model_uri` is for `load_model`.

    Raises
    ------
    MissingDependencyError, VersionError
        If MLflow is not installed, or too old.
    OptionError
        If `verb` is none of the two.
    TfSparkError
        If the program cannot be a function of columns.
    """
    from mlflow.models import Model

    program = _program(program)
    return Model.log(
        artifact_path=None, flavor=sys.modules[__name__], name=name or program.name,
        program=program, verb=verb, pip_requirements=pip_requirements, **options,
    )  # fmt: skip


def save_model(
    program: Any,
    path: str | os.PathLike[str],
    *,
    verb: Verb | None = None,
    signature: Any = None,
    pip_requirements: Sequence[str] | None = None,
    mlflow_model: Any = None,
    **options: Any,
) -> None:
    """Save a program as a model of MLflow, in a new folder on this machine.

    >>> tfs.mlflow.save_model(score, "score")                       # doctest: +SKIP
    >>> tfs.mlflow.load_model("score") == score                     # doctest: +SKIP
    True

    Nothing is pickled.

    Parameters
    ----------
    program
        As for `log_model`.
    path
        The folder, which does not exist yet, or is empty.
    verb
        The map that `predict` and `mlflow.pyfunc.spark_udf` do: `"map_rows"` or `"map_blocks"`. If
        not given, blocks for a model with a batch axis, such as a Keras model, or if the first axis
        of each placeholder has any size; else rows.
    signature
        The `mlflow.models.ModelSignature`. If not given, that of the program: a column for each
        placeholder, or those on which it was trained, and one for each fetch. A placeholder without
        a shape takes single values.
    pip_requirements
        What the model needs, for environments that MLflow makes. If not given, this package and
        TensorFlow, in the versions of this process.
    mlflow_model
        The `mlflow.models.Model` to add to; `log_model` gives it.
    **options
        Options of `mlflow.pyfunc.save_model`, such as `metadata` and `input_example`.

    Raises
    ------
    MissingDependencyError, VersionError, OptionError, TfSparkError
        As for `log_model`.
    """
    from tfspark_magic.models.archive import write_program
    from tfspark_magic.temporary import TemporaryFolder

    program = _program(program)
    if verb not in ("map_rows", "map_blocks", None):
        raise OptionError(f"verb is 'map_rows' or 'map_blocks', got {verb!r}.", option="verb")
    verb = verb or _verb_of(program)
    import mlflow

    model = mlflow_model or mlflow.models.Model()
    model.signature = signature or _signature(program, verb)
    model.add_flavor(FLAVOR, program=f"data/{_FILE}", version=_version(_DISTRIBUTIONS[0])[1])
    with TemporaryFolder() as folder:
        written = Path(folder, _FILE)
        write_program(program, written)
        mlflow.pyfunc.save_model(
            os.fspath(path), loader_module=__name__, data_path=str(written), mlflow_model=model,
            model_config={"verb": verb},
            # MLflow would load the model in another process to see what it imports.
            pip_requirements=list(pip_requirements or _requirements()), **options,
        )  # fmt: skip


def load_model(model_uri: str | os.PathLike[str], *, allow_io: bool = False) -> Program:
    """Load a program that `log_model` or `save_model` wrote.

    >>> tfs.map_rows(tfs.mlflow.load_model("models:/score/1"), df)  # doctest: +SKIP
    DataFrame[x: int, y: int, z: int]

    Unlike `mlflow.pyfunc.load_model`, it checks what the graph does, as `tfs.load` does.

    Parameters
    ----------
    model_uri
        A path, or what MLflow takes for one: `models:/score/1`, `runs:/.../score`, `s3://...`.
    allow_io
        As for `tfs.load`.

    Returns
    -------
    The program, equal to the one that was saved.

    Raises
    ------
    MissingDependencyError, VersionError
        If MLflow is not installed, or too old.
    GraphLoadError
        If there is no such model, or it is one of another flavor, is broken, or does more than
        compute.
    """
    from tfspark_magic.models.storage import load
    from tfspark_magic.temporary import TemporaryFolder

    _check_mlflow()
    import mlflow

    uri = os.fspath(model_uri)
    with TemporaryFolder() as folder:
        try:
            path = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(folder))
            flavors = mlflow.models.Model.load(path).flavors
        except (mlflow.MlflowException, OSError) as error:
            reason = str(error).partition("\n")[0].rstrip(".")
            raise GraphLoadError(f"MLflow found no model at {uri!r}: {reason}.") from error
        if FLAVOR not in flavors:
            names = [name for name in flavors if name != "python_function"] or list(flavors)
            module = "pyfunc" if names == ["python_function"] else names[0]
            raise GraphLoadError(
                f"The model at {uri!r} has the flavor {' and '.join(names)}, not {FLAVOR}: load it "
                f"with mlflow.{module}.load_model, and a Keras model of it with tfs.load."
            )
        return load(Path(path, flavors[FLAVOR]["program"]), allow_io=allow_io)


def _program(value: Any) -> Program:
    _check_mlflow()
    from tfspark_magic.verbs.arguments import as_program

    return as_program(value)


def _check_mlflow() -> None:
    try:
        found = importlib.import_module("mlflow.version").VERSION
        importlib.import_module("mlflow.pyfunc")
    except ModuleNotFoundError as error:
        if error.name not in ("mlflow", "mlflow.version", "mlflow.pyfunc"):
            raise
        command = "pip install 'tfspark_magic[mlflow]'"
        raise MissingDependencyError("MLflow", "for tfs.mlflow", command) from error
    if tuple(int(part) for part in found.split(".")[:2]) < _OLDEST:
        oldest, remedy = ".".join(map(str, _OLDEST)), "pip install --upgrade mlflow"
        raise VersionError("MLflow", oldest, found, "this process", remedy)


def _verb_of(program: Program) -> Verb:
    from tfspark_magic.binding.maps import takes_blocks

    if not program.is_batched and takes_blocks(program):
        try:
            _declared(program, "map_blocks")
        except ShapeMismatchError:
            return "map_rows"  # What looks like a block is a vector: its results are not of rows.
        return "map_blocks"
    return "map_blocks" if program.is_batched else "map_rows"


def _declared(program: Program, verb: str) -> Plan:
    """Return the plan for columns of exactly the types of the placeholders."""
    from tfspark_magic.binding.column_functions import bind_function

    return bind_function(program, program.name, {}, verb, maps=False).plan


def _signature(program: Program, verb: str) -> Any:
    """Return MLflow's signature, whose types let values pass unchanged.

    Columns, not tensors: MLflow casts what feeds a tensor, and truncates numbers so.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, Object, Property, Schema

    plan = _declared(program, verb)
    taken = dict(_columns(program, plan))
    # A struct whose fields feed a vector has names that the program does not know.
    declared = all(c.dtype in _TYPES and not name.endswith(".*") for name, c in taken.items())
    inputs = [ColSpec(_type(cell), name) for name, cell in taken.items()] if declared else []
    given = [(name, _type(cell)) for name, cell in plan.outputs]
    if len(given) == 1 and plan.outputs[0][1].shape:
        # Spark's function of a lone array would want a column for each of its values.
        given = [(program.name, Object([Property(name, kind) for name, kind in given]))]
    return ModelSignature(
        Schema(inputs) if inputs else None, Schema([ColSpec(kind, name) for name, kind in given])
    )


def _columns(program: Program, plan: Plan) -> Iterator[tuple[str, CellSpec]]:
    """Yield the columns that feed a program, with their cells."""
    from tfspark_magic.schema.spec import CellSpec

    for feed in plan.feeds:
        columns = program.columns.get(feed.placeholder, feed.placeholder)
        if isinstance(columns, str):
            yield columns, feed.cell
        else:
            yield from ((column, CellSpec(feed.cell.dtype)) for column in columns)


def _type(cell: CellSpec) -> Any:
    from mlflow.types.schema import Array, DataType

    found: Any = DataType[(_TYPES | _WIDER)[cell.dtype]]
    for _ in cell.shape or ():
        found = Array(found)
    return found


def _requirements() -> list[str]:
    return [f"{name}=={version}" for name, version in map(_version, _DISTRIBUTIONS)]


def _version(names: Sequence[str]) -> tuple[str, str]:
    """Return the first of these distributions that is installed, and its version."""
    for name in names:
        try:
            return name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return names[0], importlib.import_module(names[0]).__version__


# From here on, what a worker needs. A worker may have the code of this package from a task, and then
# it has no other: all of this is among `worker_modules` of `executor/shipping.py`.


def _load_pyfunc(path: str, model_config: dict[str, Any]) -> _Predicting:
    """Return what `mlflow.pyfunc.load_model` wraps."""
    told = Path(path).stat()
    # Tasks of a local Spark load the model again and again in the same processes.
    program = _read(path, told.st_mtime_ns, told.st_size)
    return _Predicting(program, model_config["verb"])


@lru_cache(maxsize=4)
def _read(path: str, modified: int, size: int) -> Program:
    del modified, size
    from tfspark_magic.models.archive import read_program

    return read_program(Path(path))


class _Predicting:
    """A program as `mlflow.pyfunc` calls it."""

    def __init__(self, program: Program, verb: str) -> None:
        self._program, self._verb = program, verb

    def get_raw_model(self) -> Program:
        """Return the program, as `PyFuncModel.get_raw_model` does."""
        return self._program

    def predict(self, model_input: Any) -> pd.DataFrame:
        """Return a frame with a column for each fetch, and the index of the input."""
        import pandas as pd

        from tfspark_magic.frames.pandas_maps import map_frame

        df = pd.DataFrame(model_input)
        plan = self._plan(df)
        return map_frame(df, plan)[[name for name, _ in plan.outputs]]

    def _plan(self, df: pd.DataFrame) -> Plan:
        from tfspark_magic.binding import bind
        from tfspark_magic.frames.pandas_schema import columns_of_pandas

        program, columns = self._program, columns_of_pandas(df)
        key = (program.digest, repr(program.columns), self._verb, tuple(columns))
        plan = _plans.get(key)
        if plan is None:
            plan = bind(program, columns, per_row=self._verb != "map_blocks")
            _check_text(plan, program, self._verb)
            if len(_plans) >= _MANY_PLANS:
                _plans.clear()
            _plans[key] = plan
        return plan


def _check_text(plan: Plan, program: Program, verb: str) -> None:
    """Raise FetchError if a fetch gives bytes of which MLflow would make the text "b'...'"."""
    in_bytes = [name for name, cell in plan.outputs if cell.dtype == "binary"]
    declared = dict(_declared(program, verb).outputs) if in_bytes else {}
    for name in in_bytes:
        if declared[name].dtype != "binary":
            raise FetchError(
                f"Fetch {name!r} has bytes here, as the column that feeds it, and the model's "
                f"signature says text: cast the column to text, or use tfs.map_rows with "
                f"tfs.mlflow.load_model."
            )
