"""A node without TensorFlow, PyArrow or NumPy is an error of one sentence."""

from __future__ import annotations

import pytest

import tfspark_magic as tfs
from tests.cluster.nodes import LONG
from tests.executor.test_mapping import program
from tfspark_magic.errors import TfSparkError
from tfspark_magic.executor.jobs import start


@pytest.mark.parametrize(
    ("package", "source", "start_of", "rest"),
    [
        ("tensorflow", None, "TensorFlow is needed by ", "pip install tensorflow."),
        ("tensorflow", "raise ImportError('libtensorflow.so.2: wrong ELF class')",
         "TensorFlow is installed but cannot be imported by ", "libtensorflow.so.2: wrong ELF class"),
        pytest.param("pyarrow", None, "", "pip install pyarrow.", marks=pytest.mark.long),
        pytest.param("numpy", None, "", "pip install numpy.", marks=pytest.mark.long),
    ],
    ids=["no TensorFlow", "broken TensorFlow", "no PyArrow", "no NumPy"],
)  # fmt: skip
def test_a_node_that_lacks_what_it_needs(
    cluster, classic, monkeypatch, tmp_path, package, source, start_of, rest
):
    lacking = tmp_path / package
    lacking.mkdir()
    if source is None:
        source = f"raise ModuleNotFoundError(\"No module named '{package}'\", name='{package}')"
    (lacking / f"{package}.py").write_text(source)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={lacking}:$PYTHONPATH exec {cluster.python} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(classic.sparkContext, "pythonExec", str(python))
    # Classic Spark says with each function which Python is to run it.
    x = "x = tf.placeholder(tf.int64, [], name='id')\ntf.identity(x * 2, name='z')"
    out = tfs.map_rows(program(x), classic.range(0, 4, 1, 2))
    monkeypatch.undo()
    job = start(out.collect, spark=classic)
    assert job.wait(LONG) == "failed"
    assert isinstance(job.error, TfSparkError), job.details
    assert job.sentence.startswith(start_of), job.sentence
    assert rest in job.sentence
    assert "\n" not in job.sentence
