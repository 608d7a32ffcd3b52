"""Test in a new process which modules are imported, and when."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import tfspark_magic

HEAVY = ["tensorflow", "pyspark", "ipywidgets", "anywidget", "pyarrow", "pandas", "numpy", "keras"]


def loaded_after(code: str, names: list[str]) -> list[str]:
    probe = (
        f"{code}\nimport json, sys\nprint(json.dumps([n for n in {names!r} if n in sys.modules]))"
    )
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def test_importing_the_package_imports_nothing_heavy():
    heavy = [*HEAVY, "IPython", "mlflow"]
    assert loaded_after("import tfspark_magic; tfspark_magic.mlflow", heavy) == []


def test_loading_the_extension_imports_nothing_heavy():
    shell = "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()"
    before = loaded_after(shell, HEAVY)
    load = f"{shell}\ns.run_line_magic('load_ext', 'tfspark_magic')"
    after = loaded_after(f"{load}\nassert 'tfgraph' in s.magics_manager.magics['cell']", HEAVY)
    assert after == before


def test_the_executor_imports_no_notebook():
    names = ["IPython", "ipywidgets", "anywidget", "tfspark_magic.notebook"]
    code = "import tfspark_magic.verbs.maps, tfspark_magic.frames.first_rows"
    assert loaded_after(code, names) == []


def test_a_map_of_a_spark_frame_has_few_modules_on_its_way():
    root = Path(tfspark_magic.__file__).parent
    files = [f.relative_to(root.parent).with_suffix("") for f in root.rglob("*.py")]
    names = [".".join(f.parts) for f in files if f.stem != "__init__"]
    code = "import tfspark_magic.verbs.maps, tfspark_magic.frames.spark"
    way = [n for n in loaded_after(code, names) if ".errors." not in n]
    assert "tfspark_magic.worker.mapping" in way
    assert len(way) < 30, way


def test_worker_code_imports_neither_spark_nor_a_notebook_nor_keras():
    code = "import tfspark_magic.worker.mapping, tfspark_magic.worker.blocks, tfspark_magic.graph.runtime"
    names = [
        "pyspark",
        "py4j",
        "IPython",
        "ipywidgets",
        "graphviz",
        "pandas",
        "keras",
        "matplotlib",
    ]
    assert loaded_after(code, [*names, "tensorflow"]) == ["tensorflow"]


def test_keras_comes_when_it_is_used():
    """Also by the names that TensorFlow gives it, which it finds out while it is imported."""
    used = """
from tfspark_magic.graph.runtime import tf
from tensorflow.keras import layers
import tensorflow.keras.losses
assert tf.keras.Sequential([layers.Dense(2)])(tf.ones([1, 3])).shape == (1, 2)
assert tf.optimizers.SGD.__module__.startswith("keras.")
"""
    assert loaded_after(used, ["keras.src.optimizers"]) == ["keras.src.optimizers"]


@pytest.mark.long
def test_a_training_imports_of_keras_what_it_uses():
    code = "from tfspark_magic.training.child import _prepare; _prepare()"
    names = ["keras.src.optimizers", "sklearn", "matplotlib"]
    assert loaded_after(code, names) == names[:1]
    # A callback may want the others.
    assert loaded_after(f"{code}\nimport sklearn.base, matplotlib", names) == names


def test_files_are_read_without_tensorflow_or_spark(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n")
    code = f"""
import tfspark_magic as tfs
from tfspark_magic.sources.reading import read_fragment
files = tfs.files({str(tmp_path)!r}, filters=[("x", "=", 1)])
assert sum(batch.num_rows for fragment in files.fragments() for batch in read_fragment(files, fragment)) == 1
"""
    assert loaded_after(code, ["tensorflow", "pyspark", "hdfs_native", "fsspec", "IPython"]) == []


def test_the_probe_sees_what_is_imported():
    assert loaded_after("import numpy", ["numpy"]) == ["numpy"]


def test_a_plan_is_unpickled_without_tensorflow():
    code = "import tfspark_magic.binding, tfspark_magic.worker.mapping"
    assert loaded_after(code, ["tensorflow"]) == []
