"""`%tfrun NAME --op fit`: the line, the code that does the same, and what is refused."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

import tfspark_magic as tfs
from tfspark_magic.notebook import completion


@pytest.fixture
def net(notebook):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((2,), name="x"), keras.layers.Dense(1)], name="sequential"
    )
    model.compile("sgd", "mse")
    rows = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) % 3, "y": np.arange(20.0) % 2})
    notebook.names.update(net=model, rows=rows.astype("float32") / 20, tfs=tfs)
    return model


def test_a_line_trains_as_its_code_does(notebook, net):
    line = "%tfrun net --op fit --bind x=a,b --label y --epochs 2 --batch-size 5 --out trained"
    ran = notebook.ok(line)
    code = "trained = tfs.fit(net, rows, features={'x': ['a', 'b']}, label='y', epochs=2, batch_size=5)"
    assert ran.plain == [code]
    assert [text.split(":")[0] for text in ran.text.splitlines()] == ["Epoch 1/2", "Epoch 2/2"]
    first = notebook.names["trained"]
    assert len(first.history.history["loss"]) == 2
    notebook.ok(code)
    assert len(notebook.names["trained"].history.history["loss"]) == 2
    assert first is not net
    value = "again = %tfrun net --op fit --bind x=a,b --label y --weight b"
    assert notebook.ok(value).plain == [
        "tfs.fit(net, rows, features={'x': ['a', 'b']}, label='y', weight='b', epochs=1, batch_size=32)"
    ]
    assert isinstance(notebook.names["again"], keras.Model)


WRONG = {
    "%tfrun net --op fit": "--op fit needs the column of the labels: name it with --label.",
    "%tfrun net --op fit --label y --preview": "--preview goes with programs, not with --op fit.",
    "%tfrun net --op map_rows": "'net' is a Sequential, not a program. Write --op fit to train it, or call",
    "%tfrun rows --op fit --label y": "There is no Keras model 'rows' for --op fit. There are: net.",
    "%tfrun net --op fit --label y --epochs 0": "--epochs: not a number, at least 1: '0'.",
    "%tfrun net --op fit --label y --validation 2": "--validation: not a fraction between 0 and 1: '2'.",
    "%tfrun net --op fit --label y u": "--label takes output=column, got 'y'",
    "%tfrun net --op fit --label y --out net": "--out net would replace",
    "%tfrun net --op fit --bind x=a,b --label z": "Option 'label' needs a column 'z', which the DataFrame does not have.",
    "%tfgraph net --op fit --label y": "--op fit goes with %tfrun and the name of a Keras model.",
}


@pytest.mark.parametrize(("line", "sentence"), WRONG.items(), ids=WRONG)
@pytest.mark.usefixtures("net")
def test_what_is_refused_is_one_sentence(notebook, line, sentence):
    assert sentence in notebook.fails(line)


def test_a_program_is_no_model(notebook, net):
    notebook.ok("%%tfgraph score\nz = tf.placeholder(tf.float32, [], name='x') * 2")
    said = notebook.fails("%tfrun score --op fit --label y")
    assert "The weights of program 'score' are frozen, and --op fit trains a Keras model." in said
    assert "--epochs goes with --op fit, which trains a Keras model." in notebook.fails(
        "%tfrun score --epochs 3 --bind x=a"
    )


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%tfrun n", ["net"]),
        ("%tfrun net --op f", ["fit"]),
        ("%tfrun net --op fit --label ", ["a", "b", "y"]),
        ("%tfrun net --op fit --ep", ["--epochs"]),
    ],
)
@pytest.mark.usefixtures("net")
def test_tab_knows_models_and_labels(notebook, line, offered):
    from IPython.core.completer import CompletionContext

    context = CompletionContext(
        token=line.split()[-1], full_text=line, cursor_position=len(line), cursor_line=0, limit=None
    )
    found = completion.match(context, notebook.names)["completions"]
    assert [one.text for one in found] == offered
