"""Test the magics and the form with files, Arrow tables, and frames of Polars and DuckDB."""

from __future__ import annotations

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

import tfspark_magic as tfs
from tests.notebook.form.test_state import score, state_of  # noqa: F401  (a fixture)
from tests.notebook.test_operations import TOTAL
from tests.notebook.test_tfgraph import SEED
from tfspark_magic.notebook.form.fields import fields


@pytest.fixture
def table():
    return pa.table(
        {
            "x": pa.array(range(20), pa.int32()),
            "y": pa.array([2] * 20, pa.int32()),
            "k": ["a", "b"] * 10,
        }
    )


@pytest.fixture
def folder(table, tmp_path):
    pq.write_table(table, tmp_path / "part-0.parquet")
    return str(tmp_path)


class TestMagics:
    def test_a_row_that_the_graph_fails_on_has_null_results(self, notebook) -> None:
        notebook.names["rows"] = pa.table({"t": ["1", "two", "3"]})
        notebook.ok("%%tfgraph read\nt = tf.placeholder(tf.string, [], name='t')\n"
                    "n = tf.strings.to_number(t, name='n')")  # fmt: skip
        assert "failed in row 1" in notebook.fails("%tfrun read --df rows")
        with pytest.warns(RuntimeWarning, match="failed on 1 row"):
            notebook.ok("%tfrun read --df rows --errors null --out numbers")
        assert notebook.names["numbers"]["n"].to_pylist() == [1, None, 3]
        refused = notebook.fails("%tfrun read --df rows --errors null --op map_blocks")
        assert "--errors null goes with --op map_rows" in refused

    @pytest.mark.parametrize("kind", ["arrow", "polars", "duckdb", "files"])
    def test_a_frame_of_any_kind_by_its_name(self, notebook, table, folder, kind) -> None:
        notebook.names["rows"] = {
            "arrow": lambda: table,
            "polars": lambda: pl.from_arrow(table),
            "duckdb": lambda: duckdb.from_arrow(table),
            "files": lambda: tfs.files(folder),
        }[kind]()
        ran = notebook.ok("%%tfgraph score --out scored --preview 2\n" + SEED)
        assert ran.plain[0].endswith("scored = tfs.map_rows(score, rows)")
        assert "The first 2 rows" in ran.plain[-1]
        assert pa.table(notebook.names["scored"])["z"].to_pylist() == [n + 6 for n in range(20)]
        notebook.ok("%%tfgraph total\n" + TOTAL)
        notebook.ok("%tfrun total --op reduce_blocks --out sum_of_x")
        assert notebook.names["sum_of_x"] == 190
        ran = notebook.ok("%tfrun total --by k --out sums --preview")
        code = "sums = tfs.aggregate(total, rows, by=['k'])"
        assert ran.plain[-1].endswith(f"All 2 rows of {code}")
        assert notebook.names["sums"].to_pydict() == {"k": ["a", "b"], "x": [90, 100]}
        notebook.ok("import tfspark_magic as tfs\n" + code)
        # The code that was run has made one that is not the magics'.
        here = notebook.ok("%tfrun score --df rows --op local --out here")
        assert here.plain == ["here = tfs.run_local(score, rows)"]
        assert notebook.names["here"]["z"].tolist() == [n + 6 for n in range(20)]

    def test_files_by_their_path(self, notebook, folder, tmp_path) -> None:
        path = f"{folder}/*.parquet"
        ran = notebook.ok(f"%%tfgraph score --df {path} --out scored --preview 3\n{SEED}")
        code = f"scored = tfs.map_rows(score, {path!r})"
        assert ran.plain[0].endswith(code)
        assert notebook.names["scored"].to_arrow()["z"].to_pylist()[:3] == [6, 7, 8]
        notebook.ok("import tfspark_magic as tfs\n" + code)
        write_deltalake(str(tmp_path / "t"), pq.read_table(folder))
        ran = notebook.ok(f"%tfrun score --df delta://{tmp_path}/t --out rows")
        assert ran.plain[0].endswith(f"rows = tfs.map_rows(score, 'delta://{tmp_path}/t')")
        assert notebook.names["rows"].to_arrow()["z"].to_pylist()[:3] == [6, 7, 8]
        text = notebook.fails("%tfrun score --df ./nowhere")
        assert text.startswith("PathNotFoundError: Nothing to read at './nowhere'")

    def test_a_folder_that_looks_like_a_name(self, notebook, folder, tmp_path, monkeypatch) -> None:
        monkeypatch.chdir(tmp_path.parent)
        name = tmp_path.name
        notebook.ok("%%tfgraph score\n" + SEED)
        if name.isidentifier():
            assert f"write --df ./{name}" in notebook.fails(f"%tfrun score --df {name}")
        assert notebook.ok(f"%tfrun score --df ./{name} --out s").plain

    def test_a_reader_is_not_read_to_find_its_columns(self, notebook, table) -> None:
        notebook.names["reader"] = table.to_reader()
        text = notebook.fails("%%tfgraph score --bind x=w --out s\n" + SEED)
        assert "which the table does not have" in text
        notebook.ok("%tfrun score --out s")
        assert notebook.names["s"].num_rows == 20

    def test_what_cannot_be_exported(self, notebook, table, tmp_path) -> None:
        notebook.names["rows"] = table
        notebook.ok("%%tfgraph score\n" + SEED)
        text = notebook.fails(f"%tfrun score --export {tmp_path / 'job.py'}")
        assert "rows is not one: " in text


class TestForm:
    def test_it_offers_them_by_their_kind(self, table, folder, score) -> None:  # noqa: F811
        state, _ = state_of(score, rows=table, files=tfs.files(folder), prices=table.to_pandas())
        assert state.frames == {"rows": "Arrow", "files": "files", "prices": "pandas"}
        for name in state.frames:
            state.set("df", name)
            assert state.runnable, state.errors
            assert not state.is_lazy
            assert state.code == f"result = tfs.map_rows(score, {name})"

    def test_a_path_that_the_line_names(self, table, folder, score) -> None:  # noqa: F811
        state, _ = state_of(score, rows=table, df=None)
        state.choices.df = f"{folder}/*.parquet"
        state.refresh()
        assert state.runnable, state.errors
        first = fields(state)[0]["choices"][0]
        assert first["label"] == f"{folder}/*.parquet · files"
        state.choices.df = "./nowhere"
        state.refresh()
        assert "Nothing to read at './nowhere'" in state.errors["df"]
