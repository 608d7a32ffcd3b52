from __future__ import annotations

import ast
import runpy
import shlex
import subprocess
import sys

import pytest

from tests.notebook.test_tfgraph import SEED
from tfspark_magic.executor.environment import Environment


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def flights(notebook, spark, folder):
    """The DataFrame `df` of the namespace, read from Parquet; its z-to-be is 7 x."""
    path = folder / "flights"
    spark.range(0, 40, 1, 2).selectExpr(
        "cast(id as int) x", "cast(2 * id as int) y", "id % 3 k", "cast(id as double) v"
    ).write.parquet(str(path))
    notebook.names["df"] = spark.read.parquet(str(path))
    return path


def computed(spark, script, *paths):
    """What the script computes, in this session."""
    module = runpy.run_path(str(script))
    return module["compute"](module["read"](spark, *([list(paths)] if paths else [])))


def test_the_script_is_clean(notebook, flights, folder):
    notebook.ok("%%tfgraph score\n" + SEED)
    notebook.ok("%tfrun score --df df --export job.py")
    text = (folder / "job.py").read_text()
    assert "    return tfs.map_rows(score, df)\n" in text
    assert f"/{flights.name}'," in text
    for command in (["check", "--select", "E,W,F,I,D1,UP,B"], ["check", "--select", "E501"]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "job.py"],
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stdout + text


def test_every_operation(notebook, spark, flights, folder):
    notebook.ok("%%tfgraph score\n" + SEED)
    notebook.ok(
        "%%tfgraph total\nv_input = tf.placeholder(tf.float64, [None], name='v_input')\n"
        "v = tf.reduce_sum(v_input, name='v')"
    )
    notebook.ok(
        "%%tfgraph two\nx = tf.placeholder(tf.int32, [None], name='x')\n"
        "d = tf.multiply(x, 2, name='d')\nh = tf.add(x, 1, name='h')"
    )
    notebook.ok("%tfrun total --op reduce_blocks --export total.py")
    assert [tuple(r) for r in computed(spark, "total.py", str(flights)).collect()] == [(780.0,)]
    notebook.ok("%tfrun total --by k --export keys.py")
    sums = {r.k: r.v for r in computed(spark, "keys.py", str(flights)).collect()}
    assert sums == {k: float(sum(range(k, 40, 3))) for k in range(3)}
    notebook.ok("%tfrun two --fetch h d --trim --export trimmed.py")
    trimmed = computed(spark, "trimmed.py", str(flights))
    assert trimmed.columns == ["h", "d"]
    assert sorted(tuple(r) for r in trimmed.collect()) == [(x + 1, 2 * x) for x in range(40)]
    notebook.ok("%tfrun score --op local --export local.py")
    local = computed(spark, "local.py", str(flights))
    assert sorted(r.z for r in local.collect()) == [7 * x for x in range(40)]


def test_what_it_reads_where_the_notebook_does_not_say(notebook, spark, flights, folder):
    notebook.ok("%%tfgraph score\n" + SEED)
    notebook.names["df"] = notebook.names["df"].filter("x < 5")
    told = notebook.ok("%tfrun score --export filtered.py").plain[0]
    assert told.endswith(
        "\nWrite into its function `read` how df is made from the data that it reads."
    )
    text = (folder / "filtered.py").read_text()
    assert "Known here is the files that it was made of." in text
    notebook.names["df"] = spark.range(3).selectExpr("cast(id as int) x", "cast(id as int) y")
    told = notebook.ok("%tfrun score --export made.py").plain[0]
    assert "spark-submit made.py OUTPUT --input PATH\n" in told
    assert "required=True" in (folder / "made.py").read_text()


def test_what_is_there_already_stays(notebook, flights, folder):
    notebook.ok("%%tfgraph score\n" + SEED)
    notebook.ok("%tfrun score --df df --export job.py")
    notebook.ok("%tfrun score --df df --export job.py")
    with (folder / "job.py").open("a") as file:
        file.write("# edited\n")
    text = notebook.fails("%tfrun score --df df --export job.py")
    assert text.endswith("job.py exists already, and is another file: remove it, or give "
                         "another name.")  # fmt: skip
    assert (folder / "job.py").read_text().endswith("# edited\n")


def test_what_cannot_be_exported(notebook, flights, folder):
    notebook.ok("%%tfgraph score\n" + SEED)
    assert "takes the path of a Python file" in notebook.fails("%tfrun score --df df --export job")
    assert "takes the path" in notebook.fails("%tfrun score --df df --export no/folder/job.py")
    notebook.ok("frame = df.toPandas()")
    text = notebook.fails("%tfrun score --df frame --export job.py")
    assert "frame is not one: " in text
    assert "goes with %tfrun" in notebook.fails("%%tfgraph score --export job.py\n" + SEED)
    notebook.ok("tfs = score")
    assert "the name 'tfs' for something" in notebook.fails("%tfrun tfs --df df --export job.py")
    assert list(folder.glob("*.py")) == []


@pytest.mark.parametrize(
    "file", ['a"""; hostile(); """.py', "back\\slash\\.py", "two\nlines $HOME.py", "it's \u202e.py"]
)
def test_the_name_of_the_file_is_no_code(notebook, spark, flights, folder, file):
    odd = 'v"""\\'
    notebook.names["df"] = notebook.names["df"].withColumnRenamed("x", odd)
    notebook.ok("%%tfgraph score\n" + SEED)
    line = f"%tfrun score --df df --bind {shlex.quote(f'x={odd}')} --export {shlex.quote(file)}"
    shown = notebook.names["get_ipython"]().run_cell(
        f"get_ipython().run_line_magic('tfrun', {line.removeprefix('%tfrun ')!r})"
    )
    assert shown.success
    tree = ast.parse((folder / file).read_text())
    assert [type(node).__name__ for node in tree.body][:2] == ["Expr", "ImportFrom"]
    usage = next(line for line in ast.get_docstring(tree).splitlines() if "spark-submit" in line)
    if file.isprintable():
        assert shlex.split(usage.partition(" OUTPUT")[0]) == ["spark-submit", file]
    frame = spark.read.parquet(str(flights)).withColumnRenamed("x", odd)
    module = runpy.run_path(str(folder / file))
    assert module["compute"](frame).where("k = 1").first()["z"] == 7


def test_a_packed_environment_is_named(notebook, flights, folder, monkeypatch):
    env = Environment("/data/my env.tar.gz")
    monkeypatch.setattr("tfspark_magic.executor.environment._made", [env])
    notebook.ok("%%tfgraph score\n" + SEED)
    told = notebook.ok("%tfrun score --df df --export job.py").plain[0]
    command = told.partition("Run them with: ")[2].splitlines()[0]
    assert shlex.split(command) == ["spark-submit", *env.submit(), "job.py", "OUTPUT"]
    usage = ast.get_docstring(ast.parse((folder / "job.py").read_text()))
    assert "    --archives '/data/my env.tar.gz#environment'\n" in usage
    assert "    --conf spark.pyspark.python=./environment/bin/python\n" in usage
