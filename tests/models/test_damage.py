"""Change, remove or add bytes of files: the result is a program or an error of one line, not a crash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tfspark_magic as package
import tfspark_magic as tfs


class Loader:
    """Another process that loads, started again if it was ended."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None

    def ask(self, **request):
        if self.process is None or self.process.poll() is not None:
            root = str(Path(package.__file__).parent.parent)
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.models.loading_process"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                cwd=root, env={**os.environ, "PYTHONPATH": root},
            )  # fmt: skip
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else f"ended with {self.process.wait()}"


@pytest.fixture(scope="module")
def loader():
    loader = Loader()
    yield loader
    if loader.process is not None:
        loader.process.stdin.close()
        loader.process.wait(30)


@pytest.fixture(scope="module")
def files(tmp_path_factory, saved_model, keras_model, checkpoint):
    """The model, its file to damage, and the fetches, by kind."""
    folder = tmp_path_factory.mktemp("whole")
    tfs.load(saved_model.path).save(folder / "ours.tfs")
    keras_model.live.save(folder / "scorer.h5")
    saved, weights = saved_model.path, "variables/variables"
    return {
        "ours": (folder / "ours.tfs", "", None),
        "frozen": (checkpoint.path / "frozen.pb", "", None),
        "text": (checkpoint.path / "frozen.pbtxt", "", None),
        "keras": (keras_model.path, "", None),
        "h5": (folder / "scorer.h5", "", None),
        "saved model": (saved, "saved_model.pb", None),
        "index": (saved, f"{weights}.index", None),
        "weights": (saved, f"{weights}.data-00000-of-00001", None),
        "meta graph": (checkpoint.path, "model.ckpt.meta", "z"),
    }


def damaged(content: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    for how, where, new in damage:
        at = int(where * len(content))
        if how == "cut":
            content = content[:at]
        elif how == "put in":
            content = content[:at] + new + content[at:]
        elif how == "change":
            content = content[:at] + new + content[at + len(new) :]
        else:
            flipped = bytes([content[at] ^ (1 << new[0] % 8)]) if at < len(content) else b""
            content = content[:at] + flipped + content[at + 1 :]
    return content


DAMAGE = st.lists(
    st.tuples(
        st.sampled_from(["flip", "flip", "change", "put in", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.binary(min_size=1, max_size=8),
    ),
    min_size=1,
    max_size=3,
)
KINDS = [
    "ours", "frozen", "text", "keras", "h5", "saved model", "index", "weights", "meta graph",
]  # fmt: skip


@pytest.mark.matrix
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_an_error_or_does_not_matter(loader, files, kind):
    root, file, outputs = files[kind]
    whole = (root / file if file else root).read_bytes()
    expected = loader.ask(digest=True, path=str(root), outputs=outputs)

    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,  # what is found once is found each time
        suppress_health_check=list(HealthCheck),
    )
    @given(DAMAGE)
    def check(damage):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, root.name)
            (shutil.copytree if root.is_dir() else shutil.copy)(root, copy)
            (copy / file if file else copy).write_bytes(damaged(whole, damage))
            before = sorted(Path(folder).rglob("*"))
            outcome = loader.ask(path=str(copy), outputs=outputs, expected=expected)
            assert sorted(Path(folder).rglob("*")) == before
        # Only our own format tells each change; the others may hold another model now.
        assert outcome in {"equal", "error"} | ({"another"} if kind != "ours" else set())

    check()
