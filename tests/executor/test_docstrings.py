"""Run the examples of public docstrings, and those of other docstrings that need no setup."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import tarfile
from functools import partial
from operator import attrgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tfspark_magic as tfs
from tfspark_magic.graph.freeze import freeze
from tfspark_magic.graph.runtime import tf, tf1

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = [
    name
    for _, name, _ in pkgutil.walk_packages(tfs.__path__, "tfspark_magic.")
    if ".daemon" not in name
]
HDFS = "hdfs://namenode:8020"


def program(*, dtype=tf.int32, x="x", y="y", z="z", factor=3):
    with tf.Graph().as_default():
        x, y = (tf1.placeholder(dtype, [], name=name) for name in (x, y))
        return freeze([tf.add(x, y * factor, name=z)], "score")


def of_one(shape, dtype=tf.float32, x="x", z="score", name="score"):
    with tf.Graph().as_default():
        cells = tf1.placeholder(dtype, shape, name=x)
        return freeze([tf.cast(tf.reduce_sum(cells), tf.float32, name=z)], name)


def in_layers():
    with tf.Graph().as_default():
        x = tf1.placeholder(tf.float32, [1, 2], name="x")
        with tf.name_scope("layer_1"):
            return freeze([tf.matmul(x, tf.ones([2, 2]), name="MatMul")], "score")


def tripled():
    with tf.Graph().as_default():
        return freeze([tf.identity(tf1.placeholder(tf.int32, [], name="x") * 3, name="z")])


def digits():
    layers = [tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, name="dense_1")]
    return tf.keras.Sequential([tf.keras.Input((28, 28), name="image"), *layers])


def linear():
    model = tf.keras.Sequential(
        [tf.keras.Input((2,), name="x"), tf.keras.layers.Dense(1, name="score")]
    )
    model.compile("sgd", "mse")
    return model


# name: the columns of the frame `df` in SQL, and other names that the example needs
SETTINGS = {
    "Drawing": {"draw": tfs.draw},
    "GraphView": {"GraphView": tfs.GraphView, "score": partial(in_layers)},
    "LazyTable": {"score": partial(of_one, [], tf.int32, x="distance")},
    "aggregate": {"df": "cast(id as double) x, if(id < 3, 'a', 'b') key", "rows": (1, 4)},
    "analyze": {"df": "if(id < 9, array(1D, 2D), null) y"},
    "append_shape": {"df": "array(array(1D, 2D)) y"},
    "block": {"df": "1D y"},
    "compare": {"changed": partial(program, factor=4)},
    "draw": {"draw": tfs.draw},
    "explain": {"score": partial(program, dtype=tf.int64)},
    "map_blocks": {"df": "array_repeat(1F, 64) x", "w": np.ones([64, 2], np.float32)},
    "map_files": {"score": partial(of_one, [], tf.int32, x="distance")},
    "map_rows": {"df": "cast(id as int) x"},
    "mlflow.load_model": {"df": "cast(id as int) x, cast(id as int) y"},
    "print_schema": {
        "df": "nullif(1, id) x, if(id < 9, array(array(1D, 2D)), null) y, cast(nullif(1, id) as decimal(10)) d",
        "shapes": {"y": [None, 2]},
    },
    "reduce_blocks": {"df": "cast(id as double) x", "rows": (1, 4)},
    "reduce_rows": {"df": "cast(id as double) x", "rows": (1, 4)},
    "row": {"df": "1D y"},
    "run_local": {"df": "cast(id as int) x", "z": partial(tripled)},
    "graph": {},
    "fit": {"df": "float(id) a, float(id) b, float(id) y", "model": partial(linear)},
    "load": {"df": "array_repeat(array_repeat(0F, 28), 28) image"},
    "save": {"trained": partial(digits)},
    "udf": {"df": "1 a, 2 b"},
    "write_parquet": {"score": partial(of_one, [], tf.int32, x="distance")},
}


class OnTensorFlow1:
    """TensorFlow as a cell has it: its functions of version 1 by their short names."""

    def __getattr__(self, name):
        return getattr(tf1, name) if name == "placeholder" else getattr(tf, name)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with the files of which the examples speak."""
    folder = tmp_path_factory.mktemp("examples")
    flights = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "distance": pa.array([100, 200], pa.int32()),
            "carrier": ["AA", "UA"],
            "x": pa.array([1.0, 2.0]),
        }
    )
    rows = pa.table(
        {
            "x": pa.array([1, 2], pa.int64()),
            "v": pa.array([[0.0] * 128] * 2, pa.list_(pa.field("element", pa.float32()))),
            "y": pa.array([1.0, 2.0]),
        }
    )
    for name, table in (("flights", flights), ("rows", rows)):
        (folder / name).mkdir()
        pq.write_table(table, folder / name / "part-0.parquet")
    digits().save(folder / "digits.keras")
    with tarfile.open(folder / "env.tar.gz", "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("bin/python"))  # as if another program had packed it
    return folder


@pytest.fixture
def registered(tmp_path, monkeypatch):
    """A store of MLflow, with a model in its registry."""
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    tfs.mlflow.log_model(program(), registered_model_name="score")
    yield
    mlflow.set_tracking_uri(None)


PUBLIC = {*tfs.__all__, *(f"mlflow.{verb}_model" for verb in ("log", "save", "load"))}


@pytest.mark.parametrize("name", sorted(PUBLIC - {"__version__", "TfSparkError"}))
def test_the_examples_of_what_is_public(name, classic, here, tmp_path, monkeypatch, request):
    if name.startswith("mlflow"):
        request.getfixturevalue("registered")
    monkeypatch.chdir(here)
    monkeypatch.setattr("tfspark_magic.executor.environment._made", [])
    setting = {name: made() if isinstance(made, partial) else made
               for name, made in SETTINGS.get(name, {}).items()}  # fmt: skip
    rows = setting.pop("rows", (1, 3))
    columns = setting.pop("df", "cast(id as int) x, cast(id as int) y, 1 a, 2 b")
    df = classic.range(*rows, 1, 1).selectExpr(*split(columns))
    for column, shape in setting.pop("shapes", {}).items():
        df = tfs.append_shape(df, column, shape)
    classic.sql("select id, 1 a, 2 b from range(3)").createOrReplaceTempView("t")
    names = {
        "tfs": tfs, "tf": OnTensorFlow1(), "np": np, "pd": pd, "Path": Path, "spark": classic,
        "df": df, "score": program(), "model": Fits(), "writer": Written(), "scored": df,
        "path": str(tmp_path / "out"), **setting,
    }  # fmt: skip
    documented = attrgetter(name)(tfs).__doc__.replace(HDFS, str(here))
    examples = doctest.DocTestParser().get_doctest(documented, names, name, None, None)
    assert examples.examples
    for example in examples.examples:
        example.options.pop(doctest.SKIP, None)
        example.source = example.source.replace("# doctest: +SKIP", "")
        if not example.want and is_expression(example.source):
            # Only results that an example shows are compared.
            example.source = f"_ = {example.source}"
    said: list[str] = []
    with tf.Graph().as_default():
        result = doctest.DocTestRunner(optionflags=FLAGS).run(examples, out=said.append)
    assert not result.failed, "".join(said)


def split(columns: str) -> list[str]:
    """Cut SQL at the commas that are in no brackets."""
    parts, depth = [""], 0
    for letter in columns:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def is_expression(source: str) -> bool:
    try:
        compile(source.strip(), "", "eval")
    except SyntaxError:
        return False
    return True


class Fits:
    def fit(self, data, epochs):
        assert data.element_spec


class Written:
    def write_batch(self, batch):
        assert batch.num_rows


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_that_need_no_setting(module):
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module))
    names = {"np": np, "pd": pd, "pa": pa, "tf": tf, "tfs": tfs}
    said: list[str] = []
    failed = 0
    for test in found:
        test.globs.update({**names, **test.globs})
        failed += doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append).failed
    assert not failed, "".join(said)
