"""The notebook's side: `%%tfgraph`, `%tfgraph`, `%tfrun`, their completion, tables and errors.

What is asked for is a `Call` (`call`), which holds names: a line of magic is read as one (`options`),
the form makes one, completion reads one that is begun, and each is written as a line again. `binding`
finds what the names stand for and checks that it fits: a `BoundCall` (`bound_call`) is written as
Python or as a script (`export`), run, and shown (`preview`, `values`).

`magics` does so for a cell (`cell` captures it), `workbench` below it, which puts together the graph
(`graph_view`), the form (`form`, a package, of which only `widget` knows widgets) and what runs
(`run_panel`). `completion` answers Tab, `spark_errors` shortens what comes back from a worker.
TensorFlow, Spark and widgets are imported when a magic first needs them, never by `%load_ext`.
"""

from __future__ import annotations

from typing import Any


def load(shell: Any) -> None:
    """Register the magics, their completion and their error display with an IPython shell.

    >>> load(get_ipython())                                         # doctest: +SKIP

    Loading again replaces what was registered before.
    """
    from tfspark_magic.notebook import completion, spark_errors, stop_button
    from tfspark_magic.notebook.magics import TFGraphMagics

    shell.configurables[:] = [
        known for known in shell.configurables if type(known).__name__ != TFGraphMagics.__name__
    ]
    shell.register_magics(TFGraphMagics(shell))
    completion.install(shell)
    spark_errors.install_when_needed(shell)
    stop_button.cancel_in_cells(shell)
