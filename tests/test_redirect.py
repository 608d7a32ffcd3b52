"""What TensorFlow writes to stderr while it is imported, and what a notebook shows of it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tfspark_magic import redirect

# As TensorFlow 2.19 to 2.21 write them.
USUAL = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795995652.240713   19083 port.cc:153] oneDNN custom operations are on. To turn them off, set `TF_ENABLE_ONEDNN_OPTS=0`.
2026-11-29 12:00:00.123456: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.
2026-11-29 12:00:00.123456: E external/local_xla/xla/stream_executor/cuda/cuda_fft.cc:467] Unable to register cuFFT factory: Attempting to register factory for plugin cuFFT when one has already been registered
E0000 00:00:1795995652.240713   19083 cuda_dnn.cc:8579] Unable to register cuDNN factory: Attempting to register factory for plugin cuDNN when one has already been registered
W0000 00:00:1795995652.240713   19083 computation_placer.cc:177] computation placer already registered. Please check linkage.
I0000 00:00:1795995652.284945   19083 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available CPU instructions.
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate compiler flags.
2026-11-29 12:00:00.123456: W tensorflow/compiler/tf2tensorrt/utils/py_utils.cc:38] TF-TRT Warning: Could not find TensorRT
"""
NO_GPU = """\
I0000 00:00:1795995652.241109   19083 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.
E0000 00:00:1795995655.026811   19083 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN ERROR (303)
"""
UNUSUAL = """\
W0000 00:00:1795995652.240713   19083 gpu_device.cc:2342] Cannot dlopen some GPU libraries.
E0000 00:00:1795995652.240713   19083 loader.cc:1] Broken.
A line of another library
"""
ALL = USUAL + NO_GPU + UNUSUAL
LOAD = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "tfspark_magic")
shell.run_line_magic("reload_ext", "tfspark_magic")
import os, sys
assert "tensorflow" not in sys.modules
"""


@pytest.fixture
def level(monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    return lambda: os.environ["TF_CPP_MIN_LOG_LEVEL"]


@pytest.mark.parametrize(
    ("gpu", "shown", "chosen"), [(False, UNUSUAL, "3"), (True, NO_GPU + UNUSUAL, "1")]
)
def test_a_gpu_that_is_there_and_cannot_be_used_is_reported(
    gpu, shown, chosen, level, monkeypatch, capfd
):
    monkeypatch.setattr(redirect, "_has_gpu", lambda: gpu)
    with redirect.without_usual_lines():
        os.write(2, ALL.encode())
    assert capfd.readouterr().err == shown
    assert level() == chosen


def test_what_comes_before_an_error_is_shown(level, capfd):
    with pytest.raises(ImportError), redirect.without_usual_lines():
        os.write(2, ALL.encode())
        raise ImportError
    assert UNUSUAL in capfd.readouterr().err


@pytest.mark.parametrize(("chosen", "shown"), [("0", ALL), ("2", UNUSUAL)])
def test_a_level_that_the_user_has_set_stays(chosen, shown, level, monkeypatch, capfd):
    monkeypatch.setattr(redirect, "_has_gpu", lambda: False)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", chosen)
    with redirect.without_usual_lines():
        os.write(2, ALL.encode())
    assert capfd.readouterr().err == shown
    assert level() == chosen


def test_an_import_in_a_cell_shows_no_usual_lines_once_the_extension_is_loaded(tmp_path):
    """A package in TensorFlow's place says all of them, beside what the real one says."""
    place = tmp_path / "tensorflow"
    place.mkdir()
    (place / "__init__.py").write_text(f"import os\nos.write(2, {USUAL + UNUSUAL!r}.encode())\n")

    def said(code):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
        run = [sys.executable, "-W", "ignore", "-c", code]
        return subprocess.run(
            run, capture_output=True, text=True, check=True, env=environment
        ).stderr

    assert said("import tensorflow") == USUAL + UNUSUAL
    assert said(f"{LOAD}import tensorflow") == UNUSUAL
