"""`%%tfgraph`, `%tfgraph`, `%tfrun` and `%config TFGraphMagics`."""

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

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook import cell as cells
from tfspark_magic.notebook import spark_errors
from tfspark_magic.notebook.front_end import cell_id, finish, is_jupyter
from tfspark_magic.notebook.namespace import (
    check_new_program,
    find_dataframe,
    find_program,
    programs,
)
from tfspark_magic.notebook.operation import Operation, bind, preview_of
from tfspark_magic.notebook.options import DEVICES, REDUCTIONS, Options, parse, program_options
from tfspark_magic.notebook.program_view import ProgramList, ProgramView


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
        self._workbenches: dict[str, Any] = {}

    @validate("rows_per_block")
    def _check_rows(self, proposal: Any) -> Any:
        if isinstance(proposal.value, bool):
            message = "rows_per_block is a number of rows."
            raise TraitError(message)
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
        options = parse(parser, line)
        if options.help:
            print(parser.format_help())
            return None
        if options.export is not None:
            message = "--export goes with %tfrun, once the graph is there."
            raise OptionError(message)
        namespace = self.namespace()
        if cell is None:
            if options.name is None and not programs(namespace):
                display(ProgramList({}))
            elif options.name is None and not _binds(options):
                display(ProgramList(programs(namespace)))
            else:
                self._show(find_program(namespace, options.name), options)
            return None
        return self._capture(line, cell, options)

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
        """
        parser = type(self).tfrun.parser
        options = parse(parser, line)
        if options.help:
            print(parser.format_help())
            return None
        program = find_program(self.namespace(), options.name)
        _check_out(options, options.name or program.name)
        operation = self.bind(program, options)
        if options.export is not None:
            display(Code(self._export(operation, program, options)))
            return None
        self._compute(operation)
        self.keep(operation, options)
        code = operation.code(options.out)
        if _shows_result(operation, options):
            self._preview(operation, options, code)
        elif options.out:
            display(Code(code))
        return None if options.out else operation.result

    def bind(self, program: Program, options: Options) -> Operation:
        """Bind the fetches of a program that the options name to the DataFrame that they name."""
        namespace = self.namespace()
        df_name, df = find_dataframe(namespace, options.df, self.results())
        fetched = _with_fetches(program, options, namespace)
        name = options.name or program.name
        source = name if namespace.get(name) is fetched else f"{name}.fetch({_names(fetched)})"
        operation = bind(fetched, source, df_name, df, options, self)
        spark_errors.install(self.shell)
        return operation

    def keep(self, operation: Operation, options: Options) -> None:
        """Give the result the name that it is to have."""
        result = operation.result
        if operation.verb not in REDUCTIONS:
            self._made = [*map(weakref.ref, self.results()), weakref.ref(result)]
        if options.out:
            self.namespace()[options.out] = result

    def _export(self, operation: Operation, program: Program, options: Options) -> str:
        """Write a script that does the operation, and say how to run it."""
        from tfspark_magic.notebook.export import export

        name = options.name or program.name
        df_name, _ = find_dataframe(self.namespace(), options.df, self.results())
        assert options.export is not None
        return export(operation, program, name, df_name, Path(options.export).expanduser())

    def namespace(self) -> dict[str, Any]:
        """Return the user's names."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    def _capture(self, line: str, cell: str, options: Options) -> Any:
        name = options.name or "graph"
        namespace = self.namespace()
        check_new_program(namespace, name, options.df, cell)
        _check_out(options, name)
        captured = cells.capture(self.shell, line, cell)
        program = cells.program(captured, name, options.fetch, namespace)
        namespace[name] = program
        self._show(program, replace(options, fetch=()))
        return None if cells.is_fetchable(captured.result, captured.graph) else captured.result

    def _show(self, program: Program, options: Options) -> None:
        fetched, operation = _with_fetches(program, options, self.namespace()), None
        try:
            if _binds(options):
                operation = self.bind(program, options)
        finally:
            # Shown even where the binding fails: it shows what there is to bind.
            display(self._view(fetched, operation, options))
            if self._offers_form(options):
                display(self._workbench(program, operation, options))
        if operation is None:
            return
        if operation.lazy is not None or options.out or options.preview is not None:
            self._compute(operation)
            self.keep(operation, options)
        if _shows_result(operation, options):
            self._preview(operation, options, "")

    def _view(self, program: Program, operation: Operation | None, options: Options) -> ProgramView:
        code = operation.code(options.out) if operation else ""
        columns = operation.labels if operation else None
        drawing = None
        if self._draws(options):
            from tfspark_magic.drawing import draw

            drawing = draw(program, columns)
        return ProgramView(program, drawing, code, has_widgets=self._offers_form(options))

    def _draws(self, options: Options) -> bool:
        return self.draw and not options.no_draw

    def _offers_form(self, options: Options) -> bool:
        return self.form and not options.no_form and is_jupyter(self.shell)

    def _workbench(self, program: Program, operation: Operation | None, options: Options) -> Any:
        """Make the widgets of a cell, in the place of those that its last run has made."""
        from tfspark_magic.notebook.workbench import Workbench, refresh_all

        # Where a front end does not tell its cells apart, programs of one name follow each other.
        cell = cell_id(self.shell) or program.name
        earlier = self._workbenches.pop(cell, None)
        if earlier is not None:
            earlier.dispose()
        workbench = Workbench(
            program, self, replace(options, name=options.name or program.name),
            operation.labels if operation else None,
            draw=self._draws(options),
            # A cell that says what is to be done has less need of it.
            opened=operation is None,
        )  # fmt: skip
        self._workbenches[cell] = workbench
        if refresh_all not in self.shell.events.callbacks["post_run_cell"]:
            self.shell.events.register("post_run_cell", refresh_all)
        return workbench

    def _compute(self, operation: Operation) -> None:
        """Compute a result that is not lazy, so that an interrupt of the cell ends it."""
        if operation.lazy is None:
            finish(lambda: operation.result, operation.df)

    def results(self) -> list[Any]:
        """Return the DataFrames that magics made and that are still there."""
        return [df for df in (made() for made in self._made) if df is not None]

    def _preview(self, operation: Operation, options: Options, source: str) -> None:
        count = self.preview_rows if options.preview in (None, -1) else options.preview
        display(finish(lambda: preview_of(operation, count, source), operation.df))


class Code:
    """A line of code, shown as it is.

    Parameters
    ----------
    text
        The line.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _check_out(options: Options, name: str) -> None:
    if options.out == name:
        message = f"--out {name} would replace the program {name!r}: write --out {name}_result."
        raise OptionError(message)


def _binds(options: Options) -> bool:
    asked = options.df or options.out or options.bind or options.op or options.by
    return bool(asked) or options.preview is not None


def _shows_result(operation: Operation, options: Options) -> bool:
    """Whether the result is shown: where it is asked for, and values also where they get a name."""
    values = operation.verb in REDUCTIONS and bool(options.out)
    return values or options.preview is not None


def _names(program: Program) -> str:
    return ", ".join(repr(spec.name) for spec in program.outputs)


def _with_fetches(program: Program, options: Options, namespace: dict[str, Any]) -> Program:
    """Keep the fetches that were asked for, by tensor names or by names of Python."""
    if not options.fetch:
        return program
    outputs = {spec.name for spec in program.outputs}
    names = []
    for name in options.fetch:
        operation = getattr(namespace.get(name), "op", None)
        found = getattr(operation, "name", None)
        names.append(found if name not in outputs and found in outputs else name)
    if len(set(names)) < len(names):
        message = f"--fetch names a tensor twice: {', '.join(names)}."
        raise OptionError(message)
    if names == [spec.name for spec in program.outputs]:
        return program
    return program.fetch(*names)
