"""`%tfrun NAME --op fit --export`: the script, and what is refused."""

from __future__ import annotations

import runpy
import subprocess
import sys

import keras
import numpy as np
import pytest


@pytest.fixture
def net(notebook, spark, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spark.range(0, 40, 1, 2).selectExpr(
        "cast(id % 7 / 7 as float) a", "cast(id % 5 / 5 as float) b", "id % 3 + 0D y"
    ).write.parquet(str(tmp_path / "rows"))
    notebook.names["rows"] = spark.read.parquet(str(tmp_path / "rows"))
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    notebook.names["net"] = model
    return model


LINE = "net --op fit --bind x=a,b --label y --epochs 2 --batch-size 4 --workers 2 --checkpoint kept"


def test_the_script_trains_as_the_line_does(notebook, spark, net, tmp_path, monkeypatch):
    told = notebook.ok(f"%tfrun {LINE} --export train.py").plain
    assert told == [
        "train.py and train.keras are written. Run them with: spark-submit train.py OUTPUT.keras"
    ]
    assert not (tmp_path / "kept").exists()
    # A script outlives versions of this package: it uses only what is public.
    assert "tfspark_magic." not in (tmp_path / "train.py").read_text()
    for rules in (["E,W,F,I,D1,UP,B"], ["E501"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--select", *rules, "--isolated", "train.py"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout
    notebook.ok(f"trained = %tfrun {LINE} --nulls 0".replace("--checkpoint kept", ""))
    # The script is run as a whole, but in this session.
    monkeypatch.setattr(type(spark), "stop", lambda _: None)
    # The second goes on where the first ended, and has nothing to do.
    for argv in (["out.keras"], [f"file://{tmp_path}/new/folder/out.keras"]):
        monkeypatch.setattr(sys, "argv", ["train.py", *argv])
        runpy.run_path("train.py", run_name="__main__")
    assert (tmp_path / "new" / "folder" / "out.keras").is_file()
    here, there = notebook.names["trained"], keras.saving.load_model("out.keras")
    assert int(there.optimizer.iterations) == 10
    for mine, its in zip(there.get_weights(), here.get_weights(), strict=True):
        assert mine.shape == its.shape
        assert not np.array_equal(mine, net.get_weights()[0])
    for argv in (["out.keras"], [f"file://{tmp_path}/out.keras"], ["out.h5"]):
        monkeypatch.setattr(sys, "argv", ["train.py", *argv])
        with pytest.raises(SystemExit):
            runpy.run_path("train.py", run_name="__main__")


PARTS = """
import keras

class Doubling(keras.layers.Layer):
    def call(self, x):
        return 2 * x

def squared(y, predicted):
    return keras.ops.mean((y - predicted) ** 2, axis=-1)
"""
MODEL = (
    "own = keras.Sequential([keras.Input((2,), name='x'), Doubling(), keras.layers.Dense(1)])\n"
    "own.compile('sgd', squared)"
)


@pytest.mark.long
def test_own_layers_come_from_their_module(notebook, net, tmp_path, monkeypatch):
    notebook.ok(f"{PARTS}\n{MODEL}")
    line = "%tfrun own --op fit --df rows --bind x=a,b --label y --export own.py"
    said = notebook.fails(line)
    assert said.endswith(
        "as the notebook defines it: write it into a file beside own.py, such as parts.py, import it "
        "from there, and make the model of that."
    )
    assert list(tmp_path.glob("own.*")) == []
    (tmp_path / "parts.py").write_text(PARTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    notebook.ok(f"from parts import *\n{MODEL}")
    notebook.ok(line)
    module = runpy.run_path("own.py")
    trained = module["train"](notebook.names["rows"])
    assert [type(layer).__name__ for layer in trained.layers] == ["Doubling", "Dense"]
    monkeypatch.delitem(sys.modules, "parts")


def test_what_cannot_be_exported(notebook, net, tmp_path):
    assert "takes the path of a Python file" in notebook.fails(f"%tfrun {LINE} --export train")
    line = LINE.replace("--label y", "--label z")
    assert "needs a column 'z'" in notebook.fails(f"%tfrun {line} --export train.py")
    notebook.ok("keras = net\nframe = rows.toPandas()")
    line = LINE.replace("net", "keras")
    assert "the name 'keras' for something" in notebook.fails(f"%tfrun {line} --export train.py")
    line = f"%tfrun {LINE} --df frame --export train.py"
    assert "frame is not one" in notebook.fails(line)
    assert list(tmp_path.glob("train*")) == []
