"""Define the magics `%%tfgraph`, `%tfgraph`, `%tfrun` and `%config TFGraphMagics`."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

from IPython.core.magic import (
    Magics,
    line_cell_magic,
    line_magic,
    magics_class,
    output_can_be_silenced,
)
from IPython.display import display
from traitlets import Bool, Enum, Float, Int, TraitError, Unicode, Union, validate

from tfspark_magic.binding.feeds import DEVICES
from tfspark_magic.errors import OptionError
from tfspark_magic.frames.frame import frame_of
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook import cell as cells
from tfspark_magic.notebook import spark_errors
from tfspark_magic.notebook.binding import bind, fetched
from tfspark_magic.notebook.bound_call import BoundCall
from tfspark_magic.notebook.bound_fit import BoundFit, bind_fit
from tfspark_magic.notebook.call import FIT, REDUCTIONS, Call
from tfspark_magic.notebook.front_end import cell_id, finish, is_jupyter, stored_in_cell
from tfspark_magic.notebook.kept import Kept
from tfspark_magic.notebook.namespace import check_new_program, find_program, programs
from tfspark_magic.notebook.options import parse, program_options
from tfspark_magic.notebook.program_view import ProgramList, ProgramView
from tfspark_magic.notebook.workbenches import Workbenches


@magics_class
class TFGraphMagics(Magics):
    """TensorFlow graphs in notebook cells, run over Spark DataFrames.

    The traits are the defaults of the options: `%config TFGraphMagics.preview_rows = 10`.
    """

    preview_rows = Int(5, min=1, help="How many rows --preview shows.").tag(config=True)
    draw = Bool(True, help="Whether %%tfgraph shows a drawing.").tag(config=True)  # noqa: FBT003
    device = Enum(DEVICES, "auto", help="Where graphs run.").tag(config=True)
    rows_per_block = Int(
        None, allow_none=True, min=0,
        help="The most rows that a graph is given at once; None chooses by bytes; 0 is the whole "
        "partition.",
    ).tag(config=True)  # fmt: skip
    form = Bool(True, help="Whether %%tfgraph shows its form, in Jupyter.").tag(config=True)  # noqa: FBT003
    nulls = Union(
        [Bool(), Int(), Float(), Unicode()], default_value="error",
        help="What a null does: 'error', 'null', or the value that takes its place.",
    ).tag(config=True)  # fmt: skip

    def __init__(self, shell: Any = None, **traits: Any) -> None:
        super().__init__(shell, **traits)
        self._made: list[weakref.ref[Any]] = []
        self._workbenches = Workbenches()

    @validate("rows_per_block")
    def _check_rows(self, proposal: Any) -> Any:
        if isinstance(proposal.value, bool):
            raise TraitError("rows_per_block is a number of rows.")
        return proposal.value

    @output_can_be_silenced
    @line_cell_magic
    @program_options
    def tfgraph(self, line: str, cell: str | None = None) -> Any:
        """Make a TensorFlow graph of the cell, as a program, and show it.

        %%tfgraph NAME [options]   above a cell: runs it in a graph of its own; NAME ("graph" if
                                   not given) becomes a Program and is drawn.
        %tfgraph                   lists the programs.
        %tfgraph NAME [options]    shows one again.

        The outputs are the cell's last expression: a tensor, a list of tensors, a Keras model or
        a tf.function; without one, the tensors with a name that nothing uses. An output has the
        name= that the cell gives it, else its Python name.

        With --df, --out, --op, --by or --preview the program is bound to a DataFrame at once, so
        that you see whether it fits. Nothing runs until a preview or an action on the result.
        Reductions, --op local and pandas DataFrames have no lazy result: they run only with
        --out or --preview.

            %%tfgraph score --df df --out scored --preview
            x = tf.placeholder(tf.float32, [4], name='x')
            y = tf.nn.softmax(x, name='y')

            %%tfgraph total --op reduce_blocks --preview
            x_input = tf.placeholder(tf.float64, [None], name='x_input')
            x = tf.reduce_sum(x_input, axis=0, name='x')
        """
        parser = type(self).tfgraph.parser
        call = parse(parser, line)
        if call.help:
            print(parser.format_help())
            return None
        if call.export is not None:
            raise OptionError("--export goes with %tfrun, once the graph is there.")
        if call.verb == FIT:
            raise OptionError("--op fit goes with %tfrun and the name of a Keras model.")
        namespace = self.namespace()
        if cell is not None:
            return self._capture(line, cell, replace(call, program=call.program or "graph"))
        if call.program is None and not (call.binds and programs(namespace)):
            display(ProgramList(programs(namespace)))
            return None
        name, program = find_program(namespace, call.program)
        self._show(program, replace(call, program=name))
        return None

    @output_can_be_silenced
    @line_magic
    @program_options
    def tfrun(self, line: str) -> Any:
        """Run a program over a DataFrame; the value is the result.

        %tfrun NAME [options]      NAME may be left out if there is one program.

        The result of a map or an aggregation is a lazy DataFrame: nothing runs on the cluster
        until a preview or an action on it. Reductions, --op local and pandas DataFrames run at
        once: the result is the value of the fetch (a list of them, in order, for several), or a
        pandas DataFrame.

            scored = %tfrun score --df df --bind x=features
            %tfrun score --out scored --preview 10
            sum_of_x = %tfrun total --op reduce_blocks
            %tfrun total --by key --preview
            %tfrun score --df df --export job.py

        With --op fit, NAME is a compiled Keras model, which stays as it is: the value is the
        trained model. --bind names the columns of its inputs.

            trained = %tfrun net --op fit --bind x=a,b --label y --epochs 5 --validation 0.1
            %tfrun net --op fit --bind x=a,b --label y --epochs 5 --export train.py
        """
        parser = type(self).tfrun.parser
        call = parse(parser, line)
        if call.help:
            print(parser.format_help())
            return None
        if call.verb == FIT:
            return self._fit(call)
        name, program = find_program(self.namespace(), call.program)
        call.check_out(name)
        bound = self.bind(replace(call, program=name), program)
        if call.export is not None:
            from tfspark_magic.notebook.export import export

            _tell(export(bound, program, Path(call.export).expanduser()))
            return None
        self._compute(bound)
        self.keep(bound, bound.result)
        if _shows_result(bound):
            self._preview(bound, bound.python())
        elif call.out:
            _tell(bound.python())
        return None if call.out else bound.result

    def _fit(self, call: Call) -> Any:
        bound = bind_fit(call, self)
        bound.call.check_out(str(bound.call.program))
        spark_errors.install(self.shell)
        if call.export is not None:
            from tfspark_magic.notebook.export import export_fit

            _tell(export_fit(bound, Path(call.export).expanduser()))
            return None
        _tell(bound.python())
        self.keep(bound, bound.result)
        return None if call.out else bound.result

    def bind(self, call: Call, program: Program) -> BoundCall:
        """Bind the fetches of a program that a call names to the DataFrame that it names."""
        bound = bind(*fetched(call, program, self.namespace()), self)
        spark_errors.install(self.shell)
        return bound

    def keep(self, bound: BoundCall | BoundFit, value: Any) -> None:
        """Give the result of a call the name that the call asks for."""
        if bound.call.verb not in (*REDUCTIONS, FIT):
            self._made = [*map(weakref.ref, self.results()), weakref.ref(bound.result)]
        if bound.call.out:
            self.namespace()[bound.call.out] = value

    def namespace(self) -> dict[str, Any]:
        """Return the user's names."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def _capture(self, line: str, cell: str, call: Call) -> Any:
        name, namespace = str(call.program), self.namespace()
        check_new_program(namespace, name, call.frame, cell)
        call.check_out(name)
        captured = cells.capture(self.shell, line, cell)
        program = cells.program(captured, name, call.fetch, namespace)
        namespace[name] = program
        self._show(program, replace(call, fetch=()))
        return None if cells.is_fetchable(captured.result, captured.graph) else captured.result

    def _show(self, program: Program, call: Call) -> None:
        bound, shown = None, fetched(call, program, self.namespace())[1]
        workbench = None
        try:
            if call.binds:
                bound = self.bind(call, program)
        finally:
            # The drawing is shown even if binding fails, because it shows the placeholders.
            view = self._view(shown, bound, call)
            for part in view.parts if is_jupyter(self.shell) else [view]:
                display(part)
            if self._offers_form(call):
                workbench = self._workbench(program, bound, call)
                display(workbench)
        if bound is None:
            return
        if bound.is_lazy or call.out or call.preview is not None:
            self._compute(bound)
            self.keep(bound, bound.result)
        if _shows_result(bound):
            self._preview(bound, "", workbench)

    def _view(self, program: Program, bound: BoundCall | None, call: Call) -> ProgramView:
        drawing = None
        if self._draws(call):
            from tfspark_magic.drawing import draw

            drawing = draw(program, bound.labels if bound else None)
        code = bound.python() if bound else ""
        return ProgramView(
            program, drawing, code, has_widgets=self._offers_form(call), name=str(call.program)
        )

    def _draws(self, call: Call) -> bool:
        return self.draw and not call.no_draw

    def _offers_form(self, call: Call) -> bool:
        return self.form and not call.no_form and is_jupyter(self.shell)

    def _workbench(self, program: Program, bound: BoundCall | None, call: Call) -> Any:
        """Make the widgets of a cell, which replace those of its last run."""
        from tfspark_magic.notebook.workbench import Workbench, refresh_all

        name, cell = str(call.program), cell_id(self.shell)

        def make(kept: Kept) -> Workbench:
            return Workbench(
                program, self, call, bound.labels if bound else None,
                draw=self._draws(call),
                # A cell that already has options for a run needs the form less.
                opened=bound is None,
                kept=kept, cell=cell, code=bound.python() if bound else "",
            )  # fmt: skip

        # If a front end gives no ids of cells, a program replaces the earlier one of the same name.
        workbench = self._workbenches.add(
            name, cell or name, run=self.shell.execution_count,
            stored=stored_in_cell(self.shell), make=make,
        )  # fmt: skip
        if refresh_all not in self.shell.events.callbacks["post_run_cell"]:
            self.shell.events.register("post_run_cell", refresh_all)
        return workbench

    def _compute(self, bound: BoundCall) -> None:
        """Compute a result that is not lazy, so that an interrupt of the cell ends it."""
        if not bound.is_lazy:
            finish(lambda: bound.result, bound.frame)

    def results(self) -> list[Any]:
        """Return the DataFrames that magics made and that still exist."""
        return [df for df in (made() for made in self._made) if df is not None]

    def _preview(self, bound: BoundCall, source: str, workbench: Any = None) -> None:
        asked = bound.call.preview
        count = self.preview_rows if asked in (None, -1) else asked
        if workbench is None or bound.call.verb in REDUCTIONS:
            display(finish(lambda: bound.preview(count, source), bound.frame))
            return
        made = bound.previewing(source)
        # A saved notebook keeps this; while the kernel runs, the table of the workbench hides it.
        display(finish(lambda: made.read(count), bound.frame))
        workbench.rows.show(made, frame_of(bound.frame, "preview").session)


def _tell(text: str) -> None:
    display({"text/plain": text}, raw=True)


def _shows_result(bound: BoundCall) -> bool:
    """Whether the result is shown: if it is asked for, and for values also if they get a name."""
    values = bound.call.verb in REDUCTIONS and bool(bound.call.out)
    return values or bound.call.preview is not None
