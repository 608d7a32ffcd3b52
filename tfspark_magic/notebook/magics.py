"""`%%tfgraph`, `%tfgraph`, `%tfrun` and `%config TFGraphMagics`."""

from __future__ import annotations

import weakref
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
from tfspark_magic.notebook.namespace import find_dataframe, find_program, programs
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
    nulls = Union(
        [Bool(), Int(), Float(), Unicode()], default_value="error",
        help="What a null does: 'error', 'null', or the value that takes its place.",
    ).tag(config=True)  # fmt: skip

    def __init__(self, shell: Any = None, **traits: Any) -> None:
        super().__init__(shell, **traits)
        self._made: list[weakref.ref[Any]] = []

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
        namespace = self._namespace()
        if cell is None:
            if options.name is None and not programs(namespace):
                display(ProgramList({}))
            elif options.name is None and not _binds(options):
                display(ProgramList(programs(namespace)))
            else:
                program = find_program(namespace, options.name)
                self._show(_with_fetches(program, options, namespace), options)
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
        """
        parser = type(self).tfrun.parser
        options = parse(parser, line)
        if options.help:
            print(parser.format_help())
            return None
        namespace = self._namespace()
        program = _with_fetches(find_program(namespace, options.name), options, namespace)
        operation = self._bind(program, options)
        self._keep(operation, options)
        code = operation.code(options.out)
        if _shows_result(operation, options):
            self._preview(operation, options, code)
        elif options.out:
            display(Code(code))
        return None if options.out else operation.result

    def _capture(self, line: str, cell: str, options: Options) -> Any:
        name = options.name or "graph"
        namespace = self._namespace()
        captured = cells.capture(self.shell, line, cell)
        program = cells.program(captured, name, options.fetch, namespace)
        namespace[name] = program
        self._show(program, options)
        return None if cells.is_fetchable(captured.result, captured.graph) else captured.result

    def _show(self, program: Program, options: Options) -> None:
        operation = None
        try:
            if _binds(options):
                operation = self._bind(program, options)
        finally:
            # Drawn even where the binding fails: it shows what there is to bind.
            display(self._view(program, operation, options))
        if operation is None:
            return
        if operation.lazy is not None or options.out or options.preview is not None:
            self._keep(operation, options)
        if _shows_result(operation, options):
            self._preview(operation, options, "")

    def _view(self, program: Program, operation: Operation | None, options: Options) -> ProgramView:
        code = operation.code(options.out) if operation else ""
        if options.no_draw or not self.draw:
            return ProgramView(program, None, code)
        from tfspark_magic.drawing import draw

        return ProgramView(program, draw(program, operation.columns if operation else None), code)

    def _bind(self, program: Program, options: Options) -> Operation:
        namespace = self._namespace()
        df_name, df = find_dataframe(namespace, options.df, self._results())
        name = options.name or program.name
        source = name if namespace.get(name) is program else f"{name}.fetch({_names(program)})"
        operation = bind(program, source, df_name, df, options, self)
        spark_errors.install(self.shell)
        return operation

    def _keep(self, operation: Operation, options: Options) -> None:
        """Compute the result, if it is not lazy, and give it the name that it is to have."""
        result = operation.result
        if operation.verb not in REDUCTIONS:
            self._made = [*map(weakref.ref, self._results()), weakref.ref(result)]
        if options.out:
            self._namespace()[options.out] = result

    def _results(self) -> list[Any]:
        """Return the DataFrames that magics made and that are still there."""
        return [df for df in (made() for made in self._made) if df is not None]

    def _preview(self, operation: Operation, options: Options, source: str) -> None:
        count = self.preview_rows if options.preview in (None, -1) else options.preview
        display(preview_of(operation, count, source))

    def _namespace(self) -> dict[str, Any]:
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace


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
    return program.fetch(*names)
