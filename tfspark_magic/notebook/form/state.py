"""The state of a form: its choices, their errors, and the same call as a line and as code.

It uses no widget and no IPython: a `Form` shows it. It reads schemas, never data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tfspark_magic.binding import Columns
from tfspark_magic.errors import OptionError, TfSparkError
from tfspark_magic.executor.failures import one_sentence
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.action import Action
from tfspark_magic.notebook.binding import Host, bind
from tfspark_magic.notebook.bound_fit import bind_fit
from tfspark_magic.notebook.call import FIT, REDUCTIONS, Call, typed
from tfspark_magic.notebook.form.choices import OF_EACH, Choices
from tfspark_magic.notebook.form.placeholder_rows import own_column, rows, side_by_side, ways, wrong
from tfspark_magic.notebook.form.refusals import operations, place
from tfspark_magic.notebook.form.trainable import outputs_of, trainable
from tfspark_magic.notebook.namespace import find_dataframe
from tfspark_magic.notebook.offered_frames import Frame, Frames
from tfspark_magic.notebook.option_values import Bound

MAY_TRIM = (None, "map_blocks", "local")
MAY_FAIL = (None, "map_rows")
AFTER_PREVIEW = ("out", "then", "path")
"""Fields that a preview does not need."""
SIDE_BY_SIDE = "\0side by side"
"""The choice of a list of columns, which are chosen one by one, instead of a column."""


@dataclass(frozen=True)
class _Checked:
    """The result of binding a call, without the DataFrame, which a form does not keep."""

    key: Any = None
    verb: str | None = None
    code: str = ""
    error: TfSparkError | None = None


class FormState:
    """The choices of a form, checked by the code that will run them.

    >>> state = FormState(score, magics)                            # doctest: +SKIP
    >>> state.set("bind:x", "features")                             # doctest: +SKIP
    >>> state.runnable, state.errors                                # doctest: +SKIP
    (False, {'bind:x': "Placeholder 'x' takes float32, column 'features' is string, ..."})

    Parameters
    ----------
    program
        The program to run.
    host
        The user's names, and the defaults.
    call
        The call of the cell.

    Attributes
    ----------
    fetchable
        What can be chosen to compute: the program's fetches, and other operations that were chosen.
    start, first
        The choices of the cell's line, and with what the names of the notebook add to them.
    """

    def __init__(self, program: Program, host: Host, call: Call | None = None) -> None:
        self.whole = program
        self.host = host
        self._frames = Frames()
        self._unreadable = ""
        self._programs: dict[tuple[str, ...], Program] = {}
        self._checked = _Checked()
        self._line = call or Call()
        self.reset()

    def reset(self) -> None:
        """Make the choices of the cell's line again."""
        self.choices = Choices(self.whole, self.host, self._line)
        self.fetchable = self.whole.outputs
        try:
            self.offer(self.choices.fetch)
        except TfSparkError:
            self.choices.fetch = tuple(spec.name for spec in self.whole.outputs)
        self.start = self.choices.values()
        self.refresh()
        self.first = self.choices.values()

    def refresh(self) -> None:
        """Read the namespace again: DataFrames may be new, removed or changed."""
        self.frames = self._frames.names(self.host.namespace())
        self.models = trainable(self.host.namespace(), self.whole)
        if self.choices.training.model not in self.models:
            self.choices.training.model = next(iter(self.models), "")
        self.choices.df = self.choices.df or self._find(None)[0]
        self._update()

    def set(self, field: str, value: Any) -> None:
        """Store a choice; `bind:x` is the column of placeholder x, or its list of columns.

        Raises
        ------
        OptionError
            If there is no such field, or it has no such value.
        """
        # The columns of a list have their own field, below the field of the placeholder.
        field = field.removesuffix(":parts")
        kind, _, placeholder = field.partition(":")
        row = next((row for row in self.rows if placeholder in row.names), None)
        for name in row.names[1:] if row else ():
            # The first placeholder of a pair stands for both.
            getattr(self.choices, OF_EACH.get(kind, "bind")).pop(name, None)
        if value == SIDE_BY_SIDE and row:
            taken = [other.column for other in self.rows if other.column and other is not row]
            value = side_by_side(row, taken)
        if field == "fetch" and isinstance(value, list | tuple):
            self.offer(value)
        self.choices.set(field, value)
        if field == "fetch":
            known = [spec.name for spec in self.fetchable]
            self.choices.fetch = tuple(name for name in known if name in self.choices.fetch)
        self._update()

    @property
    def guesses(self) -> dict[str, str]:
        """The columns that suggest themselves, by placeholder; nothing is bound to them."""
        return {row.names[0]: row.guess for row in self.rows if row.guess}

    def accept(self) -> None:
        """Choose all guesses."""
        self.choices.bind |= self.guesses
        self._update()

    def offer(self, names: Sequence[Any]) -> None:
        """Offer also other operations as fetches.

        Raises
        ------
        TfSparkError
            If there is no such operation, or no column holds its value.
        """
        known = {spec.name for spec in self.fetchable}
        for name in names:
            if name not in known:
                self.fetchable += self.whole.fetch(str(name)).outputs

    @property
    def program(self) -> Program:
        """The program with the chosen fetches, or with all fetches if none are chosen."""
        names = self.choices.fetch or tuple(spec.name for spec in self.whole.outputs)
        if names == tuple(spec.name for spec in self.whole.outputs):
            return self.whole
        if names not in self._programs:
            self._programs[names] = self.whole.fetch(*names)
        return self._programs[names]

    @property
    def bindings(self) -> dict[str, Bound]:
        """The column, or the list of columns, of each placeholder that has one."""
        return {name: row.column for row in self.rows if row.column for name in row.names}

    @property
    def call(self) -> Call:
        """The choices as the call that Run makes."""
        choices = self.choices
        if choices.op == FIT:
            return self._fit
        return Call(
            verb=choices.op,
            program=self.choices.name,
            frame=choices.df,
            bind=self._bound,
            by=choices.by if choices.op == "aggregate" else (),
            fetch=() if self.program is self.whole else choices.fetch,
            trim=choices.trim and choices.op in MAY_TRIM,
            nulls=choices.nulls_option(self.program, self.host.nulls),
            errors="null" if choices.errors == "null" and choices.op in MAY_FAIL else None,
            rows_per_block=choices.number("rows_per_block"),
            device=choices.device if choices.device != self.host.device else None,
            out=choices.out or None,
            action=self.action,
        )

    @property
    def _bound(self) -> dict[str, Bound]:
        return {
            row.names[0]: row.column
            for row in self.rows
            if row.column and row.column != own_column(row.names[0], self.choices.op)
        }

    @property
    def _fit(self) -> Call:
        choices = self.choices
        return Call(
            verb=FIT,
            program=choices.training.model,
            frame=choices.df,
            bind=self._bound,
            nulls=choices.nulls_option(self.program, self.host.nulls),
            device=choices.device if choices.device != self.host.device else None,
            out=choices.out or None,
            **choices.training.options(self.model_outputs),
        )

    @property
    def model_outputs(self) -> tuple[str, ...]:
        """The names of the outputs of the model that `fit` would train."""
        model = self.models.get(self.choices.training.model)
        return () if model is None else outputs_of(model)

    @property
    def preview_call(self) -> Call:
        """The same call for a preview, which gives no name to the result."""
        count = self.choices.number("preview_rows")
        return replace(self.call, out=None, action=Action(), preview=count)

    @property
    def is_lazy(self) -> bool:
        """Whether the result is a lazy DataFrame."""
        eager = self.choices.op in (*REDUCTIONS, "local", FIT)
        return not eager and (self.frame is None or self.frame.is_lazy)

    @property
    def action(self) -> Action:
        """The action on the result; none if the result is computed at once."""
        choices = self.choices
        return Action(choices.then, choices.path, choices.mode) if self.is_lazy else Action()

    @property
    def runnable(self) -> bool:
        """Whether the choices are legal."""
        return not self.errors

    @property
    def verb(self) -> str | None:
        """The operation, chosen or found by the shapes; None if the shapes do not decide."""
        return self.choices.op or self._checked.verb

    @property
    def line(self) -> str:
        """The call as a line of magic, and a line of Python for the action."""
        return "\n".join([typed(self.call.magic()), *self._after()])

    @property
    def code(self) -> str:
        """The call as Python; empty if it cannot be bound."""
        code, out = self._checked.code, self.choices.out
        return "\n".join([f"{out} = {code}" if out else code, *self._after()]) if code else ""

    def _after(self) -> list[str]:
        return self.action.python(self.choices.out or "result")

    def _update(self) -> None:
        self._unreadable = ""
        df = self._find(self.choices.df)[1] if self.choices.df else None
        self.frame: Frame | None = None
        if df is not None:
            try:
                self.frame = self._frames.read(df)
            except Exception as error:  # noqa: BLE001  (a session that ended, a server that is gone)
                self._unreadable = one_sentence(error)
        streaming = self.frame is not None and self.frame.is_streaming
        self.operations = operations(
            self.program, is_streaming=streaming, is_trainable=bool(self.models)
        )
        trim = self.choices.trim and self.choices.op in MAY_TRIM
        self.ways = ways(self.program, self.choices.op, trim=trim)
        columns = self.frame.columns if self.frame else ()
        self.rows = rows(self.program, columns, self.choices.op, self.choices.bind, self.ways)
        self.errors = self._errors()

    def _find(self, name: str | None) -> tuple[str | None, Any]:
        try:
            return find_dataframe(self.host.namespace(), name, self.host.results())
        except OptionError:
            return None, None
        except TfSparkError as error:
            # The path has no files, or they cannot be read.
            self._unreadable = str(error)
            return name, None

    def _errors(self) -> dict[str, str]:
        errors = self.choices.wrong(self.program, needs_name=self.is_lazy, action=self.action)
        held = self.host.namespace().get(self.choices.name)
        if held is None or not (held is self.whole or held == self.whole):
            errors["run"] = (
                f"{self.choices.name} is not this program any more: use the form of the cell that makes "
                f"it now."
            )
        if self.frame is None:
            errors["df"] = self._which_dataframe()
        else:
            errors.update(self._errors_of_columns(self.frame.columns))
        if self.choices.op == FIT:
            errors.update(self._errors_of_fit())
        if not self._can_bind(errors):
            self._checked = _Checked()
            return errors
        error = self._check()
        if error is not None:
            field, text = place(error, self.bindings, self.choices.df or "")
            if self.choices.op == FIT:
                field = self.choices.training.field_of(error, self.model_outputs) or field
            errors[self._shown(field)] = text
        elif self.choices.op and self.operations[self.choices.op]:
            errors["op"] = f"{self.choices.op} cannot run here: {self.operations[self.choices.op]}."
        return errors

    def _errors_of_columns(self, columns: Columns) -> dict[str, str]:
        name = self.choices.df or ""
        found = {row.field: wrong(row, self.program, columns, name, self.ways) for row in self.rows}
        if self.choices.op == "aggregate" and not self.choices.by:
            found["by"] = "Choose the columns to group by."
        return {field: text for field, text in found.items() if text}

    def _errors_of_fit(self) -> dict[str, str]:
        if not self.models:
            return {"op": f"{FIT} cannot run here: {self.operations[FIT]}."}
        return self.choices.training.errors(self.model_outputs)

    def _shown(self, field: str) -> str:
        """Return the field that shows an error: for a pair, the first; for a common policy, its field."""
        kind, _, name = field.partition(":")
        if kind == "fill" and self.choices.nulls != "each":
            return "fill" if self.choices.nulls == "value" else "nulls"
        row = next((row for row in self.rows if name in row.names), None)
        return f"{kind}:{row.names[0]}" if row else field

    def _can_bind(self, errors: Mapping[str, str]) -> bool:
        return all(field in (*AFTER_PREVIEW, "preview_rows", "run") for field in errors)

    def _check(self) -> TfSparkError | None:
        """Bind as the magics do, and run nothing; the same call is not bound twice."""
        assert self.frame is not None
        call = replace(self.call, out=None, action=Action())
        defaults = (self.host.nulls, self.host.rows_per_block, self.host.device)
        key = (self.frame, repr(call), repr(defaults))
        if self._checked.key != key:
            try:
                self._checked = _Checked(key, *self._verb_and_code(call, self.frame.columns))
            except TfSparkError as error:
                self._checked = _Checked(key, error=error)
        return self._checked.error

    def _verb_and_code(self, call: Call, columns: Columns) -> tuple[str | None, str]:
        if call.verb == FIT:
            fit = bind_fit(call, self.host)
            fit.check(columns)
            return FIT, fit.python()
        bound = bind(call, self.program, self.host, columns=columns)
        return bound.call.verb, bound.python()

    def _which_dataframe(self) -> str:
        name = self.choices.df
        if self._unreadable:
            return f"The columns of {name} cannot be read: {self._unreadable}"
        if name is not None:
            return f"There is no DataFrame {name} any more: choose another, or make it again."
        if self.frames:
            return "Choose a DataFrame."
        return "There is no DataFrame yet: make one in a cell, such as df = spark.read.parquet(…)."
