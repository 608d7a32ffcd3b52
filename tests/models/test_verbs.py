"""Run loaded models on Spark, classic and Connect: the results are those of the models themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tests.models.conftest import ROWS, WORDS
from tfspark_magic.errors import NameConflictError
from tfspark_magic.graph.runtime import tf


@pytest.fixture
def df(spark):
    """Five rows in two partitions: a vector `x`, a word, and their number."""
    rows = [(i, ROWS[i].tolist(), str(WORDS[i])) for i in range(len(ROWS))]
    return spark.createDataFrame(rows, "number long, x array<float>, word string").repartition(2)


def column(frame, name):
    return np.array([row[name] for row in sorted(frame.collect(), key=lambda row: row.number)])


def test_a_saved_model_and_its_table(df, saved_model):
    scored = tfs.map_blocks(tfs.load(saved_model.path), df)
    assert scored.columns == ["number", "x", "word", "place", "y"]
    assert column(scored, "place").tolist() == saved_model.expected["place"].tolist()
    np.testing.assert_allclose(column(scored, "y"), saved_model.expected["y"], rtol=1e-6)


def test_a_keras_model_as_it_is(df, keras_model):
    scored = tfs.map_blocks(keras_model.live, df, rows_per_block=2)
    for name, expected in keras_model.expected.items():
        np.testing.assert_allclose(column(scored, name), expected, rtol=1e-6)
    frame = tfs.run_local(keras_model.live, df).sort_values("number")
    np.testing.assert_allclose(np.stack(frame["score"]), keras_model.expected["score"], rtol=1e-6)


def test_functions_as_they_are(df):
    @tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
    def one(number):
        return {"next": number + 1}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64)])
    def total(number_input):
        return {"number": tf.reduce_sum(number_input)}

    assert column(tfs.map_rows(one, df), "next").tolist() == [1, 2, 3, 4, 5]
    assert tfs.reduce_blocks(total, df) == 10
    sums = tfs.aggregate(total, df.select("word", "number").groupBy("word")).collect()
    assert {row.word: row.number for row in sums} == {"a": 1, "b": 3, "c": 4, "zzz": 2}


def test_a_saved_program(df, checkpoint, tmp_path):
    tfs.load(checkpoint.path, outputs="z").save(tmp_path / "z.tfs")
    trimmed = tfs.map_blocks(tfs.load(tmp_path / "z.tfs"), df.coalesce(1), trim=True)
    found = np.sort([row.z for row in trimmed.collect()], axis=0)
    np.testing.assert_allclose(found, np.sort(checkpoint.expected["z"], axis=0), rtol=1e-6)


def test_errors_say_what_to_write(keras_model):
    frame = pd.DataFrame({"x": list(ROWS), "score": 1.0})
    with pytest.raises(NameConflictError) as caught:
        tfs.map_blocks(keras_model.live, frame)
    assert str(caught.value) == (
        "Output 'score' has the name of a column of the DataFrame: give it another one with "
        "tf.identity(score, name='...'), or tfs.load(..., outputs={'score': '...'})."
    )
