"""The notebook interface: `%%tfgraph`, `%tfgraph`, `%tfrun`, their completion, tables and errors.

A request is a `Call` (`call`), which holds names. `options` reads it from a line of magic, the form
makes it, and completion reads it from an unfinished line; it can be written as a line again.
`binding` finds the objects of the names and checks that they fit. The result is a `BoundCall`
(`bound_call`), which is written as Python or as a script (`export`), run, and shown (`preview`,
`values`).

`magics` does this for a cell, which `cell` captures. `workbench` does it below the cell: it puts
together the graph (`graph_view`), the form (the package `form`, in which only `widget` uses
widgets) and the running job (`run_panel`). `completion` answers Tab, and `spark_errors` shortens
errors from workers. TensorFlow, Spark and widgets are imported when a magic first needs them, never
by `%load_ext`.
"""

from __future__ import annotations

from typing import Any


def load(shell: Any) -> None:
    """Register the magics, their completion and their error display with an IPython shell.

    >>> load(get_ipython())                                         # doctest: +SKIP

    Loading again replaces what was registered before. From now on, an import of TensorFlow writes no
    usual lines.
    """
    from tfspark_magic.notebook import completion, spark_errors, stop_button
    from tfspark_magic.notebook.magics import TFGraphMagics
    from tfspark_magic.redirect import keep_out_usual_lines

    shell.configurables[:] = [
        known for known in shell.configurables if type(known).__name__ != TFGraphMagics.__name__
    ]
    shell.register_magics(TFGraphMagics(shell))
    completion.install(shell)
    spark_errors.install_when_needed(shell)
    stop_button.cancel_in_cells(shell)
    keep_out_usual_lines()
    shell.display_formatter.mimebundle_formatter.for_type_by_name(
        "tfspark_magic.inspection.comparison", "Comparison", _show_comparison
    )


def _show_comparison(comparison: Any, **_: Any) -> Any:
    from tfspark_magic.notebook.comparison_view import shown

    return shown(comparison)
