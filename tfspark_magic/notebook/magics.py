"""Define the magics `%%tfgraph`, `%tfgraph`, `%tfrun` and `%config TFGraphMagics`."""

from __future__ import annotations

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

from tfspark_magic.errors import OptionError
from tfspark_magic.notebook import cell as cells
from tfspark_magic.notebook.bound_fit import bind_fit
from tfspark_magic.notebook.call import FIT, Call
from tfspark_magic.notebook.jupyter import Jupyter
from tfspark_magic.notebook.namespace import check_new_program, find_program, programs
from tfspark_magic.notebook.options import parse, program_options
from tfspark_magic.notebook.program_host import ProgramHost, Text, shows_result
from tfspark_magic.notebook.program_view import ProgramList


@magics_class
class TFGraphMagics(Magics, ProgramHost):
    """TensorFlow graphs in notebook cells, run over Spark DataFrames.

    The traits are the defaults of the options: `%config TFGraphMagics.preview_rows = 10`.
    """

    def __init__(self, shell: Any = None, **traits: Any) -> None:
        super().__init__(shell, **{"front": Jupyter(shell), **traits})

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
        that you see whether it fits; the form asks for columns that are not found. Nothing runs
        until a preview or an action on the result.
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
        check_of_graph(call)
        namespace = self.namespace()
        if cell is not None:
            return self._capture(line, cell, replace(call, program=call.program or "graph"))
        if call.program is None and not (call.binds and programs(namespace)):
            self.front.show(ProgramList(programs(namespace)))
            return None
        name, program = find_program(namespace, call.program)
        self.show(program, replace(call, program=name))
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

            self._tell(export(bound, program, Path(call.export).expanduser()))
            return None
        self.complete(bound, bound.python())
        if call.out and not shows_result(bound):
            self._tell(bound.python())
        return None if call.out else bound.result

    def _fit(self, call: Call) -> Any:
        bound = bind_fit(call, self)
        bound.call.check_out(str(bound.call.program))
        self.front.shorten_errors()
        if call.export is not None:
            from tfspark_magic.notebook.export import export_fit

            self._tell(export_fit(bound, Path(call.export).expanduser()))
            return None
        self._tell(bound.python())
        self.keep(bound, bound.result)
        return None if call.out else bound.result

    def _capture(self, line: str, cell: str, call: Call) -> Any:
        name, namespace = str(call.program), self.namespace()
        check_new_program(namespace, name, call.frame, cell)
        call.check_out(name)
        captured = cells.capture(self.shell, line, cell)
        program = cells.program(captured, name, call.fetch, namespace)
        namespace[name] = program
        self.show(program, replace(call, fetch=()))
        return None if cells.is_shown(captured) else captured.result

    def _tell(self, text: str) -> None:
        self.front.show(Text(text))


def check_of_graph(call: Call) -> None:
    """Raise OptionError if the line of a cell that makes a graph has options of a run alone."""
    if call.export is not None:
        raise OptionError("--export goes with %tfrun, once the graph is there.")
    if call.verb == FIT:
        raise OptionError("--op fit goes with %tfrun and the name of a Keras model.")
