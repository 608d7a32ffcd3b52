"""Programs as models of MLflow: the same bytes, the same values, and errors that say what to do."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tfspark_magic as tfs
from tests.executor.test_large_programs import LARGE
from tests.executor.test_large_programs import program as large_program
from tests.executor.test_mapping import SEED, program
from tfspark_magic.errors import (
    FetchError,
    GraphLoadError,
    MissingDependencyError,
    NameConflictError,
    OptionError,
    TfSparkError,
    VersionError,
)
from tfspark_magic.graph.runtime import tf

TYPES = ["bool", "int32", "int64", "float32", "float64"]
UNDECLARED = ["int8", "int16", "uint8", "float16"]
DTYPES = [*TYPES, *UNDECLARED]
HELD = [*DTYPES, "uint16", "Int32"]


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory):
    """A store in a folder: nothing leaves this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow

        folder = tmp_path_factory.mktemp("mlflow")
        mlflow.set_tracking_uri((folder / "runs").as_uri())
        yield folder
        mlflow.set_tracking_uri(None)


@pytest.fixture
def saved(tmp_path):
    """Save a program, and load it as MLflow does."""
    import mlflow.pyfunc

    def load(value, **options):
        tfs.mlflow.save_model(value, tmp_path / "model", **options)
        return mlflow.pyfunc.load_model(str(tmp_path / "model"))

    return load


def same(dtype, rank=0, name="w"):
    shape = [None] * rank
    return program(
        f"v = tf.placeholder(tf.{dtype}, {shape}, name='v')\ntf.identity(v, name={name!r})"
    )


def types_of(model):
    signature = model.metadata.signature
    sides = (signature.inputs, signature.outputs)
    return [
        side and [(spec.name, str(spec.type).removeprefix("DataType.")) for spec in side.inputs]
        for side in sides
    ]


def keras():
    layers = [tf.keras.layers.Flatten(), tf.keras.layers.Dense(2, name="score")]
    return tf.keras.Sequential([tf.keras.Input((2, 3), name="image"), *layers])


def test_a_logged_program_comes_back_as_it_was():
    import mlflow

    score = program(SEED)
    with mlflow.start_run() as run:
        info = tfs.mlflow.log_model(score, registered_model_name="seed", tags={"by": "test"})
    for uri in (info.model_uri, "models:/seed/1"):
        loaded = tfs.mlflow.load_model(uri)
        assert loaded == score
        assert (loaded.graph_def, loaded.inputs, loaded.outputs, loaded.name) == (
            score.graph_def, score.inputs, score.outputs, "score",
        )  # fmt: skip
    (logged,) = mlflow.search_logged_models(output_format="list")
    assert (logged.name, logged.source_run_id, logged.tags["by"]) == (
        "score",
        run.info.run_id,
        "test",
    )
    assert mlflow.pyfunc.load_model(info.model_uri).get_raw_model() == score


def test_weights_come_back_without_the_model(tmp_path):
    """They are in a file of their own."""
    large = large_program(
        "x = tf.placeholder(tf.int32, [], name='x')\ntf.identity(tf.constant(large)[x], name='z')"
    )
    assert large.weights is not None
    tfs.mlflow.save_model(large, tmp_path / "model")
    loaded = tfs.mlflow.load_model(tmp_path / "model")
    shutil.rmtree(tmp_path / "model")
    assert loaded == large
    np.testing.assert_array_equal(loaded.run(x=7), LARGE[7])


def test_what_the_model_needs_is_said_and_nothing_is_pickled(saved, tmp_path):
    saved(program(SEED))
    needs = (tmp_path / "model" / "requirements.txt").read_text().split()
    assert [one.partition("==")[0] for one in needs] == ["mlflow", "tfspark_magic", "tensorflow"]
    assert f"tensorflow=={tf.__version__}" in needs
    files = {path.name for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert "program.tfs" in files
    assert not [name for name in files if name.endswith("pkl")]


def test_requirements_of_the_user_replace_ours(saved, tmp_path):
    saved(program(SEED), pip_requirements=["mlflow", "tfspark_magic @ https://here/wheel.whl"])
    needs = (tmp_path / "model" / "requirements.txt").read_text()
    assert "tensorflow" not in needs
    assert "https://here/wheel.whl" in needs


TEXT = "t = tf.placeholder(tf.string, name='t')\ntf.strings.length(t, name='n')"
TWO = SEED + "w = tf.stack([x, y], name='w')\n[z, w]"
CASES = {
    "numbers": (SEED, {"x": np.int32([1, 2]), "y": np.int32([3, 4])}),
    "two outputs": (TWO, {"x": np.int32([1, 2]), "y": np.int32([3, 4])}),
    "text": (TEXT, {"t": ["a", "bcd"]}),
    "bytes": (TEXT, {"t": [b"\xff", b"bcd"]}),
    "one vector": (
        "v = tf.placeholder(tf.float32, [None], name='v')\ntf.multiply(v, 2., name='w')",
        {"v": [np.float32([1, 2]), np.float32([3])]},
    ),
    "matrices": (
        "v = tf.placeholder(tf.float32, [2, None], name='v')\ntf.transpose(v, name='w')",
        {"v": [np.ones((2, 3), np.float32), np.zeros((2, 1), np.float32)]},
    ),
    "blocks": (
        "x = tf.placeholder(tf.float32, [None], name='x')\ntf.subtract(x, tf.reduce_mean(x), name='w')",
        {"x": np.float32([1, 5])},
    ),
    "no such type": (
        "x = tf.placeholder(tf.uint8, name='x')\ntf.bitwise.invert(x, name='w')",
        {"x": np.uint8([1, 255])},
    ),
    "nan": (
        "x = tf.placeholder(tf.float64, name='x')\ntf.math.log(x, name='w')",
        {"x": [np.nan, -1.0, 1.0]},
    ),
}
DECLARED = {
    "numbers": [[("x", "integer"), ("y", "integer")], [("z", "integer")]],
    "two outputs": [
        [("x", "integer"), ("y", "integer")],
        [("z", "integer"), ("w", "Array(integer)")],
    ],
    "text": [[("t", "string")], [("n", "integer")]],
    "one vector": [[("v", "Array(float)")], [("score", "{w: Array(float) (required)}")]],
    "matrices": [
        [("v", "Array(Array(float))")],
        [("score", "{w: Array(Array(float)) (required)}")],
    ],
    "blocks": [[("x", "float")], [("w", "float")]],
    "no such type": [None, [("w", "integer")]],
}


@pytest.mark.parametrize("case", CASES)
def test_predict_is_our_map(case, saved):
    source, columns = CASES[case]
    df, score = pd.DataFrame(columns), program(source)
    if "v" not in columns:  # MLflow 3.1 loses the index of arrays.
        df.index += 7
    # A vector of any length looks like a block.
    verb = "map_blocks" if case == "blocks" else "map_rows"
    model = saved(score, verb=verb if "vector" in case else None)
    expected = getattr(tfs, verb)(score, df)
    names = [spec.name for spec in score.outputs]
    pd.testing.assert_frame_equal(model.predict(df), expected[names])
    if case in DECLARED:
        assert types_of(model) == DECLARED[case]


def test_a_keras_model_is_logged_as_it_is():
    import mlflow

    model = keras()
    info = tfs.mlflow.log_model(model, "digits")
    images = [np.full((2, 3), n, np.float32) for n in range(3)]
    df = pd.DataFrame({"image": images})
    loaded = mlflow.pyfunc.load_model(info.model_uri)
    assert types_of(loaded)[0] == [("image", "Array(Array(float))")]
    pd.testing.assert_frame_equal(loaded.predict(df), tfs.map_blocks(model, df)[["score"]])
    np.testing.assert_allclose(
        [*loaded.predict(df).score], model.predict(np.stack(images), verbose=0), rtol=1e-5
    )


def test_a_trained_model_takes_the_columns_of_its_features(saved):
    model = tf.keras.Sequential(
        [tf.keras.Input((2,), name="x"), tf.keras.layers.Dense(1, name="score")]
    )
    model.compile("sgd", "mse")
    df = pd.DataFrame({"a": np.float32([1, 2]), "b": np.float32([3, 4]), "y": np.float32([5, 6])})
    model = tfs.fit(model, df, features=["a", "b"], label="y", epochs=1, batch_size=2)
    loaded = saved(model)
    assert types_of(loaded)[0] == [("a", "float"), ("b", "float")]
    pd.testing.assert_frame_equal(loaded.predict(df), tfs.map_rows(model, df)[["score"]])


def test_the_fields_of_a_struct_are_not_declared(saved):
    doubled = program("x = tf.placeholder(tf.float32, [2], name='x')\ntf.multiply(x, 2., name='w')")
    model = saved(replace(doubled, columns={"x": "s.*"}))
    assert types_of(model)[0] is None
    df = pd.DataFrame({"s": [{"a": np.float32(1), "b": np.float32(2)}]})
    assert model.predict(df).w[0].tolist() == [2, 4]


def test_verb_chooses_the_map(saved, tmp_path):
    sizes = program("v = tf.placeholder(tf.float32, [None], name='v')\ntf.size(v, name='n')")
    assert types_of(saved(sizes))[0] == [("v", "Array(float)")]
    shutil.rmtree(tmp_path / "model")
    vectors = program("v = tf.placeholder(tf.float32, [None], name='v')\ntf.identity(v, name='w')")
    assert types_of(saved(vectors))[0] == [("v", "float")]
    tfs.mlflow.save_model(vectors, tmp_path / "rows", verb="map_rows")
    import mlflow

    model = mlflow.pyfunc.load_model(str(tmp_path / "rows"))
    assert types_of(model)[0] == [("v", "Array(float)")]
    assert model.predict(pd.DataFrame({"v": [np.float32([1, 2])]})).w[0].tolist() == [1, 2]
    with pytest.raises(OptionError, match=r"verb is 'map_rows' or 'map_blocks', got 'rows'\."):
        tfs.mlflow.save_model(vectors, tmp_path / "none", verb="rows")


@pytest.fixture(scope="module")
def of_dtype(tmp_path_factory):
    """A model of MLflow for each dtype."""
    import mlflow.pyfunc

    folder = tmp_path_factory.mktemp("of_dtype")
    models = {}
    for dtype in DTYPES:
        tfs.mlflow.save_model(same(dtype), folder / dtype)
        models[dtype] = mlflow.pyfunc.load_model(str(folder / dtype))
    return models


def numbers(dtype):
    if dtype == "bool":
        return st.booleans()
    if dtype.startswith("float"):
        return st.floats(width=int(dtype[5:]))
    info = np.iinfo(dtype)
    return st.integers(int(info.min), int(info.max))


@settings(max_examples=150)
@given(data=st.data())
def test_nothing_is_cast_silently(of_dtype, data):
    """Each value arrives as it is, or there is an error; where there is none, it is our map's value."""
    from mlflow.exceptions import MlflowException

    taken, held = data.draw(st.sampled_from(DTYPES)), data.draw(st.sampled_from(HELD))
    values = data.draw(st.lists(numbers(held.lower()), min_size=1, max_size=4))
    df, model = pd.DataFrame({"v": pd.Series(values, dtype=held)}), of_dtype[taken]
    try:
        got = model.predict(df)
    except TfSparkError as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            tfs.map_rows(model.get_raw_model(), df)
        return
    except MlflowException as error:
        assert "Failed to enforce schema" in str(error)  # noqa: PT017
        return
    assert got.w.dtype == taken
    assert [repr(value) for value in got.w.tolist()] == [
        repr(type(v)(w)) for v, w in zip(got.w.tolist(), values, strict=True)
    ]
    try:
        pd.testing.assert_frame_equal(got, tfs.map_rows(model.get_raw_model(), df)[["w"]])
    except TfSparkError:
        # MLflow widens what its signature says, also 0 and 1 of int64 to floats, and unsigned numbers.
        assert taken in TYPES
        assert held == "uint16" or (held == "int64" and {*values} <= {0, 1})


def test_mlflow_takes_zero_and_one_for_floats(of_dtype):
    """As docs/mlflow.md says; if it fails, MLflow has changed."""
    held = pd.DataFrame({"v": [0, 1]})
    assert of_dtype["float32"].predict(held).w.tolist() == [0.0, 1.0]
    with pytest.raises(Exception, match="Can not safely convert int64 to float32"):
        of_dtype["float32"].predict(held + 1)


def test_nulls_are_errors_where_they_are_seen(saved):
    model = saved(program(TEXT))
    with pytest.raises(TfSparkError, match="1 null"):
        model.predict(pd.DataFrame({"t": ["a", None]}))


def test_bytes_are_no_text(saved):
    model = saved(program("t = tf.placeholder(tf.string, name='t')\ntf.identity(t, name='u')"))
    assert model.predict(pd.DataFrame({"t": ["a"]})).u[0] == "a"
    with pytest.raises(
        FetchError, match=r"'u' has bytes here, .* says text: cast the column to text"
    ):
        model.predict(pd.DataFrame({"t": [b"a"]}))


def test_without_a_signature_a_name_is_used_once(saved):
    model = saved(same("int8"))
    df = pd.DataFrame({"v": np.int8([1]), "w": np.int8([2])})
    with pytest.raises(NameConflictError, match="'w'"):
        model.predict(df)
    assert model.predict(df[["v"]]).w[0] == 1


@pytest.mark.parametrize(
    ("flavors", "said"),
    [
        (
            {"python_function": {"loader_module": "json"}},
            "python_function, not .* mlflow.pyfunc.load",
        ),
        (
            {"python_function": {}, "keras": {}},
            "keras, not tfspark_magic: load it with mlflow.keras.load_model, ",
        ),
        ({}, None),
    ],
)
def test_other_models_are_refused_in_a_sentence(flavors, said, tmp_path):
    from mlflow.models import Model

    (tmp_path / "other").mkdir()
    if said:
        Model(flavors=flavors).save(tmp_path / "other" / "MLmodel")
    with pytest.raises(GraphLoadError, match=said or "MLflow found no model at .*other") as caught:
        tfs.mlflow.load_model(tmp_path / "other")
    assert str(caught.value).count("\n") == 0


@pytest.mark.parametrize("uri", ["models:/nothing/1", "/no/such/folder", "models:/seed/77"])
def test_what_is_not_there_is_said(uri):
    with pytest.raises(GraphLoadError, match=f"MLflow found no model at {uri!r}: "):
        tfs.mlflow.load_model(uri)


def test_a_damaged_program_is_no_model(saved, tmp_path):
    saved(program(SEED))
    file = tmp_path / "model" / "data" / "program.tfs"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(GraphLoadError):
        tfs.mlflow.load_model(tmp_path / "model")


def test_what_a_graph_does_is_checked(tmp_path):
    reads = tfs.load(
        tf.io.read_file,
        signature=tf.TensorSpec([], tf.string, name="x"),
        allow_io=True,
    )
    tfs.mlflow.save_model(reads, tmp_path / "reads")
    with pytest.raises(GraphLoadError, match="ReadFile"):
        tfs.mlflow.load_model(tmp_path / "reads")
    assert tfs.mlflow.load_model(tmp_path / "reads", allow_io=True) == reads


def test_without_mlflow(monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow", None)
    monkeypatch.delitem(sys.modules, "mlflow.version", raising=False)
    said = r"MLflow is needed for tfs\.mlflow and is not installed: pip install 'tfspark_magic\[mlflow\]'\."
    for call in (
        lambda: tfs.mlflow.load_model("models:/score/1"),
        lambda: tfs.mlflow.log_model(program(SEED)),
        lambda: tfs.mlflow.save_model(program(SEED), "model"),
    ):
        with pytest.raises(MissingDependencyError, match=said):
            call()


def test_an_old_mlflow(monkeypatch):
    monkeypatch.setattr("mlflow.version.VERSION", "2.22.1")
    with pytest.raises(VersionError, match=r"MLflow 3\.1 or later .* 2\.22\.1: pip install"):
        tfs.mlflow.load_model("models:/score/1")


@pytest.mark.long
def test_a_process_without_spark_predicts(saved, tmp_path):
    """As a server of models has it."""
    saved(program(SEED))
    code = f"""
import sys
sys.modules["pyspark"] = None
import mlflow.pyfunc, numpy as np, pandas as pd
df = pd.DataFrame({{"x": np.int32([3]), "y": np.int32([4])}})
print(mlflow.pyfunc.load_model({str(tmp_path / "model")!r}).predict(df).z[0])
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert run.stdout.split() == ["15"], run.stderr
