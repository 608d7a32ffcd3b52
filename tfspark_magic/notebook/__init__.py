"""The notebook's side: `%%tfgraph`, `%tfgraph`, `%tfrun`, their completion, tables and errors.

Start in `magics`: it reads the options (`options`), captures the cell (`cell`), runs the program
over a DataFrame (`operation`) and shows what came of it (`display`, `preview`). `completion`
answers Tab, `spark_errors` shortens what comes back from a worker. Below the cell, `workbench` puts
together the graph (`graph_view`), the form (`form`, a package, of which only `widget` knows widgets) and what
runs (`run_panel`). TensorFlow, Spark and widgets are imported when a magic first needs them, never by
`%load_ext`.
"""

from __future__ import annotations

from typing import Any


def load(shell: Any) -> None:
    """Register the magics, their completion and their error display with an IPython shell.

    >>> load(get_ipython())                                         # doctest: +SKIP

    Loading again replaces what was registered before.
    """
    from tfspark_magic.notebook import completion, interrupts, spark_errors
    from tfspark_magic.notebook.magics import TFGraphMagics

    shell.configurables[:] = [
        known for known in shell.configurables if type(known).__name__ != TFGraphMagics.__name__
    ]
    shell.register_magics(TFGraphMagics(shell))
    completion.install(shell)
    spark_errors.install_when_needed(shell)
    interrupts.cancel_in_cells(shell)
