from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("tensorflow", "pyspark", "ipywidgets", "anywidget", "numpy", "pyarrow")

SCRIPT = f"""
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "tfspark_magic")
loaded = [name for name in {HEAVY!r} if name in sys.modules]
shell.run_cell("%tfgraph")
shell.run_cell("%tfrun --help")
shell.Completer.complete(line_buffer="%tfrun --", cursor_pos=9)
later = [name for name in {HEAVY!r} if name in sys.modules]
print(json.dumps([loaded, later]))
"""


def test_load_ext_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    loaded, later = json.loads(done.stdout.splitlines()[-1])
    assert loaded == []
    assert later == []


def test_loading_twice_leaves_one_of_everything(notebook) -> None:
    notebook.ok("%reload_ext tfspark_magic")
    names = [type(c).__name__ for c in notebook.shell.configurables]
    assert names.count("TFGraphMagics") == 1
    identifiers = [
        getattr(m, "matcher_identifier", "") for m in notebook.shell.Completer.custom_matchers
    ]
    assert identifiers.count("tfspark_magic.options") == 1
