from __future__ import annotations

import re

import pytest
from pyspark.sql.functions import ArrowUDFType, arrow_udf
from pyspark.sql.types import IntegerType

from tests.notebook.test_tfgraph import LINE, SEED


@pytest.fixture
def score(notebook, df):
    notebook.ok("%%tfgraph score\n" + SEED)
    return notebook.names["score"]


class TestBinding:
    def test_the_value_is_the_lazy_result(self, notebook, score) -> None:
        ran = notebook.ok("result = %tfrun score --df df")
        assert ran.outputs == []
        result = notebook.names["result"]
        assert result.columns == ["x", "y", "note", "z"]
        assert [row.z for row in result.take(2)] == [0, 31]

    def test_shown_as_the_value_of_the_cell(self, notebook, score) -> None:
        ran = notebook.ok("%tfrun score --df df")
        assert ran.text.endswith("DataFrame[x: int, y: int, note: string, z: int]\n")

    def test_out(self, notebook, score) -> None:
        ran = notebook.ok("%tfrun score --out result --nulls 0 --rows-per-block 5 --device cpu")
        code = "result = tfs.map_rows(score, df, nulls=0, rows_per_block=5, device='cpu')"
        assert ran.plain == [code]
        assert notebook.names["result"].count() == 10

    def test_the_line_of_code_does_the_same(self, notebook, score) -> None:
        (code,) = notebook.ok("%tfrun score --bind x=y y=x --out result").plain
        assert code == "result = tfs.map_rows(score, df, {'x': 'y', 'y': 'x'})"
        first = notebook.names["result"].collect()
        notebook.ok("import tfspark_magic as tfs\n" + code)
        assert notebook.names["result"].collect() == first
        assert first[1].z == 13

    def test_cell_magic_binds_at_once(self, notebook, df) -> None:
        ran = notebook.ok("%%tfgraph score --df df --bind x=y --out result\n" + SEED)
        assert ran.plain == [LINE + "\nresult = tfs.map_rows(score, df, {'x': 'y'})"]
        assert notebook.names["result"].take(2)[1].z == 40

    def test_a_binding_that_fails_still_shows_the_program(self, notebook, df) -> None:
        ran = notebook.run("%%tfgraph score --bind x=note\n" + SEED)
        assert ran.plain == [LINE]
        assert re.sub(r"\x1b\[\d+m", "", ran.text).splitlines() == [
            (
                "DtypeMismatchError: Placeholder 'x' takes int32, column 'note' is "
                "string, and nothing is cast silently: write df.withColumn('note', "
                "df['note'].cast('int')), or make the placeholder tf.string."
            )
        ]
        assert notebook.names["score"].run(x=1, y=1) == 4

    def test_fetch(self, notebook, df) -> None:
        notebook.ok(
            "%%tfgraph two\nx = tf.placeholder(tf.int32, name='x')\n"
            "double = tf.multiply(x, 2, name='d')\nhalf = tf.divide(x, 2, name='h')"
        )
        notebook.ok("%tfrun two --fetch double --out result")
        assert notebook.names["result"].columns == ["x", "y", "note", "d"]
        text = notebook.fails("%tfrun two --fetch e")
        assert text.endswith("Fetch 'e' is not in the graph. There are: d, h."), text
        assert "names a tensor twice" in notebook.fails("%tfrun two --fetch d double")

    def test_the_only_program_needs_no_name(self, notebook, score) -> None:
        notebook.ok("%tfrun --out result")
        notebook.ok("renamed = score\ndel score")
        assert notebook.ok("%tfrun --out r").plain == ["r = tfs.map_rows(renamed, df)"]
        notebook.ok("score = renamed\ndel renamed")
        notebook.ok("%%tfgraph other\n" + SEED)
        text = notebook.fails("%tfrun --out result")
        assert text.endswith("Which program? There are: score, other.")


class TestDataFrames:
    def test_none(self, notebook, spark) -> None:
        notebook.ok("%%tfgraph score\n" + SEED)
        text = notebook.fails("%tfrun score")
        assert text.endswith(
            "There is no DataFrame yet: make one, such as df = spark.read.parquet(...)."
        )

    def test_several(self, notebook, score) -> None:
        notebook.ok("other = df.limit(1)\n_hidden = df.limit(2)")
        assert notebook.fails("%tfrun score").endswith(
            "Which DataFrame? Say --df with one of: df, other."
        )
        notebook.ok("%tfrun score --df other")

    def test_two_names_of_one(self, notebook, score) -> None:
        notebook.ok("alias = df\n%tfrun score --out result")

    def test_not_one(self, notebook, score) -> None:
        assert "There is no DataFrame 'dff'. Did you mean 'df'?" in notebook.fails(
            "%tfrun score --df dff"
        )
        assert "'output' is a SymbolicTensor, not a DataFrame." in notebook.fails(
            "%tfrun score --df output"
        )


class TestOperation:
    BLOCK = "x = tf.placeholder(tf.int32, [None], name='x')\nz = tf.subtract(x, x[0], name='z')"

    def test_blocks_where_the_shapes_say_so(self, notebook, df) -> None:
        notebook.ok("%%tfgraph block\n" + self.BLOCK)
        assert notebook.ok("%tfrun block --out r").plain == ["r = tfs.map_blocks(block, df)"]

    def test_rows_where_the_column_is_a_vector(self, notebook, spark) -> None:
        notebook.names["v"] = spark.createDataFrame([([1, 2],)], "x array<int>")
        notebook.ok("%%tfgraph block\n" + self.BLOCK)
        assert notebook.ok("%tfrun block --out r").plain == ["r = tfs.map_rows(block, v)"]
        assert notebook.names["r"].first().z == [0, 1]

    def test_neither(self, notebook, spark) -> None:
        notebook.names["v"] = spark.createDataFrame([([[1, 2]],)], "x array<array<int>>")
        notebook.ok("%%tfgraph block\n" + self.BLOCK)
        text = notebook.fails("%tfrun block")
        assert "Placeholder 'x' and column 'x' in map_rows" in text

    def test_asked_for(self, notebook, score) -> None:
        notebook.ok("%tfrun score --op map_rows --out r")
        notebook.ok("%tfrun score --op map_blocks --out r")
        assert "--trim goes with --op map_blocks" in notebook.fails(
            "%tfrun score --op map_rows --trim"
        )

    def test_trim(self, notebook, df) -> None:
        notebook.ok(
            "%%tfgraph total\nx = tf.placeholder(tf.int32, [None], name='x')\n"
            "s = tf.reduce_sum(x, keepdims=True, name='s')"
        )
        ran = notebook.ok("%tfrun total --trim --rows-per-block 0 --out r")
        assert ran.plain == ["r = tfs.map_blocks(total, df, trim=True, rows_per_block=0)"]
        assert sum(row.s for row in notebook.names["r"].collect()) == 45


class TestPreview:
    def test_text(self, notebook, score) -> None:
        ran = notebook.ok("%tfrun score --preview 2 --out r")
        assert ran.plain == [
            (
                "       z      x      y  note\n"
                "   int32  int32  int32  string\n"
                "computed   -> x   -> y\n"
                "--------  -----  -----  ------\n"
                "       0      0      0  row 0\n"
                "      31      1     10  row 1\n"
                "The first 2 rows of r = tfs.map_rows(score, df)"
            )
        ]
        assert "<style" not in ran.html[0]

    def test_how_many_by_default(self, notebook, score) -> None:
        assert "The first 5 rows" in notebook.ok("%tfrun score --preview").plain[0]
        notebook.ok("%config TFGraphMagics.preview_rows = 3")
        assert "The first 3 rows" in notebook.ok("%tfrun score --preview").plain[0]
        assert "All 10 rows" in notebook.ok("%tfrun score --preview 20").plain[0]

    def test_no_rows_but_the_schema(self, notebook, score) -> None:
        assert "The schema of tfs.map_rows(score, df)" in notebook.ok("%tfrun score -p 0").plain[0]

    def test_in_the_cell_magic(self, notebook, df) -> None:
        ran = notebook.ok("%%tfgraph score --preview 1\n" + SEED)
        assert len(ran.plain) == 2
        assert ran.plain[1].endswith("\nThe first 1 row")

    def test_about_as_many_rows_are_computed_as_are_shown(self, notebook, spark, tmp_path) -> None:
        counts = tmp_path / "counts"

        def count(batches):
            for batch in batches:
                with counts.open("a") as file:
                    file.write(f"{len(batch)}\n")
                yield batch

        # What the map is given is at least what it computes.
        counted = arrow_udf(count, IntegerType(), ArrowUDFType.SCALAR_ITER)
        frame = spark.range(1_000_000, numPartitions=4).selectExpr("cast(id as int) x")
        notebook.names["big"] = frame.select(counted("x").alias("x"))
        notebook.ok("%%tfgraph p\nx = tf.placeholder(tf.int32, name='x')\ny = x * 2")
        notebook.ok("%tfrun p --preview 5")
        assert 5 <= sum(map(int, counts.read_text().split())) <= 10

    def test_trim_previews_the_first_rows_as_one_block(self, notebook, df) -> None:
        notebook.ok(
            "%%tfgraph total\nx = tf.placeholder(tf.int32, [None], name='x')\n"
            "s = tf.reduce_sum(x, keepdims=True, name='s')"
        )
        ran = notebook.ok("%tfrun total --trim --preview 4")
        lines = ran.plain[0].splitlines()
        assert lines[4].strip() == "6"
        assert lines[-1] == (
            "1 row, made by tfs.map_blocks(total, df, trim=True) of the first 4 rows of the "
            "DataFrame as one block"
        )

    def test_a_stream_has_no_first_rows(self, notebook, spark) -> None:
        notebook.names["stream"] = spark.readStream.format("rate").load()
        notebook.ok(
            "%%tfgraph p\nx = tf.placeholder(tf.int64, name='value')\ntf.identity(x, name='z')"
        )
        assert "has no first rows to preview" in notebook.fails("%tfrun p --preview")


class TestRunAgain:
    def test_results_are_not_what_is_meant_by_the_dataframe(self, notebook, score) -> None:
        notebook.ok("r = %tfrun score")
        notebook.ok("%tfrun score --out s")
        notebook.ok("r = %tfrun score")
        notebook.ok("%%tfgraph score --out t\n" + SEED)
        assert notebook.names["t"].columns == ["x", "y", "note", "z"]


class TestDefaults:
    def test_config_and_options(self, notebook, score) -> None:
        notebook.ok("%config TFGraphMagics.nulls = 'null'")
        notebook.ok("%config TFGraphMagics.rows_per_block = 7")
        notebook.ok("%config TFGraphMagics.device = 'cpu'")
        code = "r = tfs.map_rows(score, df, nulls='null', rows_per_block=7, device='cpu')"
        assert notebook.ok("%tfrun score --out r").plain == [code]
        code = "r = tfs.map_rows(score, df, nulls=-1, rows_per_block=8)"
        line = "%tfrun score --nulls -1 --rows-per-block 8 --device auto --out r"
        assert notebook.ok(line).plain == [code]


class TestWorkerErrors:
    SENTENCE = (
        "Column 'x' holds 1 null in a block of 2 rows, the first in row 1 of the block (rows 0 to "
        "1 of partition 0): pass nulls='null' for null results in those rows, or a value to put in "
        "their place, such as nulls=0."
    )

    @pytest.fixture
    def holes(self, notebook, spark):
        notebook.names["holes"] = spark.createDataFrame(
            [(1, 1), (None, 1)], "x int, y int"
        ).coalesce(1)
        notebook.ok("%%tfgraph score\n" + SEED)

    def test_preview(self, notebook, holes) -> None:
        text = notebook.fails("%tfrun score --preview")
        assert text == f"NullValuesError: {self.SENTENCE}"

    @pytest.mark.parametrize(
        "action",
        ["collect()", "toPandas()", "toArrow()", "count", "write.mode('overwrite').save(path)"],
    )
    def test_an_action_in_a_later_cell(self, notebook, holes, tmp_path, action: str) -> None:
        notebook.names["path"] = str(tmp_path / "out")
        notebook.ok("%tfrun score --out result")
        action = action.replace("count", "filter('z > 0').count()")
        text = notebook.fails(f"result.{action}")
        assert text == f"NullValuesError: {self.SENTENCE}"

    def test_other_errors_of_workers_keep_their_traceback(self, notebook, df) -> None:
        notebook.ok("%%tfgraph score\n" + SEED)
        text = notebook.fails(
            "def f(x):\n    raise KeyError(x)\n"
            "from pyspark.sql.functions import udf\n"
            "df.select(udf(f)('x')).collect()"
        )
        assert "PythonException" in text
        assert "Traceback (most recent call last)" in text
        assert "KeyError: " in text

    def test_a_handler_that_was_there_before(self, notebook, holes) -> None:
        seen = []
        notebook.shell.set_custom_exc(
            (ZeroDivisionError,), lambda *args, tb_offset=None: seen.append(args[1])
        )
        text = notebook.fails("result = %tfrun score\nresult.collect()")
        assert text == f"NullValuesError: {self.SENTENCE}"
        notebook.run("1 / 0")
        assert seen == [ZeroDivisionError]


class TestLoadedModels:
    def test_a_loaded_program_runs_as_one_of_a_cell(self, notebook, df, tmp_path) -> None:
        notebook.ok(
            "import tensorflow as tf\n"
            "import tfspark_magic as tfs\n"
            "spec = tf.TensorSpec([None], tf.int32)\n"
            "model = tfs.load(lambda x: {'z': x + 1}, signature=spec, name='model')\n"
            f"model.save('{tmp_path}/model.tfs')\n"
            f"again = tfs.load('{tmp_path}/model.tfs')"
        )
        for name in ("model", "again"):
            ran = notebook.ok(f"%tfrun {name} --df df --out result")
            assert ran.plain == [f"result = tfs.map_blocks({name}, df)"]
            assert [row.z for row in notebook.names["result"].take(3)] == [1, 2, 3]
