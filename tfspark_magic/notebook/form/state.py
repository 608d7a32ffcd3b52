"""What a form knows: its choices, whether they are legal, and what they are as a line and as code.

No widget and no IPython: a `Form` shows it. Reads schemas, and never data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tfspark_magic.errors import TfSparkError
from tfspark_magic.executor.failures import one_sentence
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.form.choices import Choices
from tfspark_magic.notebook.form.reasons import operations, place
from tfspark_magic.notebook.form.rows import own_column, rows, side_by_side, ways, wrong
from tfspark_magic.notebook.frames import Frame, Frames
from tfspark_magic.notebook.operation import bind
from tfspark_magic.notebook.option_values import Bound
from tfspark_magic.notebook.options import REDUCTIONS, Options, line

MAY_TRIM = (None, "map_blocks", "local")
AFTER_PREVIEW = ("out", "then", "path")
"""Fields that a preview does without."""
SIDE_BY_SIDE = "\0side by side"
"""In the place of a column: a list of them, chosen one by one."""
_OF_EACH = {"bind": "bind", "nulls": "nulls_of", "fill": "fill_of"}


@dataclass(frozen=True)
class Request:
    """What a form asks for.

    Parameters
    ----------
    options
        As `%tfrun` has them.
    then
        What to do with the lazy result: `"nothing"`, `"count"`, `"collect"` or `"write"`.
    path, mode
        Where to write Parquet, and whether a folder that is there is `"error"` or `"overwrite"`.
    rows
        How many rows a preview shows.
    """

    options: Options
    then: str
    path: str
    mode: str
    rows: int


@dataclass(frozen=True)
class Binding:
    """What binding the choices said: the code, or the error."""

    verb: str | None = None
    code: str = ""
    is_lazy: bool = True
    error: TfSparkError | None = None


class FormState:
    """The choices of a form, checked by the code that will run them.

    >>> state = FormState(score, lambda: {"score": score, "df": df}, magics)    # doctest: +SKIP
    >>> state.set("bind:x", "features")                                         # doctest: +SKIP
    >>> state.runnable, state.errors                                            # doctest: +SKIP
    (False, {'bind:x': "Placeholder 'x' takes float32, column 'features' is string, ..."})

    Parameters
    ----------
    program
        What runs.
    namespace
        Returns the user's.
    defaults
        Has `nulls`, `device`, `rows_per_block` and `preview_rows`.
    options
        What was said in the cell.
    results
        Returns the DataFrames that programs made, which are not what the next one is for.
    """

    def __init__(
        self,
        program: Program,
        namespace: Callable[[], Mapping[str, Any]],
        defaults: Any,
        options: Options | None = None,
        results: Callable[[], Iterable[Any]] = tuple,
    ) -> None:
        self.whole = program
        self.defaults = defaults
        self._namespace = namespace
        self._results = results
        self._frames = Frames()
        self._unreadable = ""
        self._programs: dict[tuple[str, ...], Program] = {}
        self._bound: tuple[Any, Binding] = (None, Binding())
        self.choices = Choices(program, defaults, options or Options(), namespace())
        self.refresh()

    def refresh(self) -> None:
        """Follow the namespace: DataFrames may have come, gone or changed."""
        namespace = dict(self._namespace())
        self.frames = self._frames.names(namespace)
        if self.choices.df is None:
            self.choices.df = self._frames.only(namespace, self._results())
        self._update()

    def set(self, field: str, value: Any) -> None:
        """Choose something; `bind:x` is the column of placeholder x, or the list of them.

        Raises
        ------
        OptionError
            If there is no such field, or it has no such value.
        """
        # The columns of a list have a field of their own, below that of the placeholder.
        field = field.removesuffix(":parts")
        kind, _, placeholder = field.partition(":")
        row = next((row for row in self.rows if placeholder in row.names), None)
        for name in row.names[1:] if row else ():
            # The first speaks for a pair.
            getattr(self.choices, _OF_EACH.get(kind, "bind")).pop(name, None)
        if value == SIDE_BY_SIDE and row:
            taken = [other.column for other in self.rows if other.column and other is not row]
            value = side_by_side(row, taken)
        self.choices.set(field, value)
        if field == "fetch":
            outputs = [spec.name for spec in self.whole.outputs]
            self.choices.fetch = tuple(name for name in outputs if name in self.choices.fetch)
        self._update()

    @property
    def name(self) -> str:
        """What the program is called in the namespace."""
        return self.choices.name

    @property
    def op(self) -> str | None:
        """The operation; None for what the shapes say."""
        return self.choices.op

    @property
    def program(self) -> Program:
        """The program with the fetches that were chosen, or all if none are."""
        names = self.choices.fetch or tuple(spec.name for spec in self.whole.outputs)
        if names == tuple(spec.name for spec in self.whole.outputs):
            return self.whole
        if names not in self._programs:
            self._programs[names] = self.whole.fetch(*names)
        return self._programs[names]

    @property
    def bindings(self) -> dict[str, Bound]:
        """The column, or the list of them, of each placeholder that has one."""
        return {name: row.column for row in self.rows if row.column for name in row.names}

    @property
    def options(self) -> Options:
        """The choices as options of `%tfrun`."""
        choices = self.choices
        trim = choices.trim and choices.op in MAY_TRIM
        return Options(
            name=self.name,
            df=choices.df,
            bind={
                row.names[0]: row.column
                for row in self.rows
                if row.column and row.column != own_column(row.names[0], self.op)
            },
            op=choices.op,
            by=choices.by if choices.op == "aggregate" else (),
            fetch=() if self.program is self.whole else choices.fetch,
            trim=trim,
            nulls=choices.nulls_option(self.program, self.defaults),
            rows_per_block=choices.number("rows_per_block"),
            device=choices.device if choices.device != self.defaults.device else None,
            out=choices.out or None,
        )

    @property
    def request(self) -> Request:
        """What Preview and Run are given."""
        rows = self.choices.number("preview_rows") or 5
        return Request(self.options, self.then, self.choices.path, self.choices.mode, rows)

    @property
    def is_lazy(self) -> bool:
        """Whether the result is a lazy DataFrame."""
        eager = self.op in (*REDUCTIONS, "local")
        return not eager and not (self.frame is not None and self.frame.is_pandas)

    @property
    def then(self) -> str:
        """What to do with the result; nothing, where it is computed at once."""
        return self.choices.then if self.is_lazy else "nothing"

    @property
    def runnable(self) -> bool:
        """Whether the choices are legal."""
        return not self.errors

    @property
    def verb(self) -> str | None:
        """The operation, also where the shapes say it; None if they do not."""
        return self.op or self._bound[1].verb

    @property
    def line(self) -> str:
        """The choices as a line of magic, and one of Python for what then."""
        # IPython puts the values of {name} and $name into a line of magic.
        typed = line(self.options).replace("$", "$$").replace("{", "{{").replace("}", "}}")
        return "\n".join([typed, *self._after()])

    @property
    def code(self) -> str:
        """The choices as Python; empty where they cannot be bound."""
        code = self._bound[1].code
        if not code:
            return ""
        out = self.choices.out
        return "\n".join([f"{out} = {code}" if out else code, *self._after()])

    def _after(self) -> list[str]:
        out = self.choices.out or "result"
        mode = "" if self.choices.mode == "error" else f".mode({self.choices.mode!r})"
        return {
            "count": [f"{out}.count()"],
            "collect": [f"{out} = {out}.toPandas()"],
            "write": [f"{out}.write{mode}.parquet({self.choices.path!r})"],
        }.get(self.then, [])

    def _update(self) -> None:
        namespace = self._namespace()
        df = namespace.get(self.choices.df) if self.choices.df in self.frames else None
        self.frame: Frame | None = None
        self._unreadable = ""
        if df is not None:
            try:
                self.frame = self._frames.read(df)
            except Exception as error:  # noqa: BLE001  (a session that ended, a server that is gone)
                self._unreadable = one_sentence(error)
        streaming = self.frame is not None and self.frame.is_streaming
        self.operations = operations(self.program, is_streaming=streaming)
        trim = self.choices.trim and self.op in MAY_TRIM
        self.ways = ways(self.program, self.op, trim=trim)
        columns = self.frame.columns if self.frame else ()
        self.rows = rows(self.program, columns, self.op, self.choices.bind, self.ways)
        self.errors = self._errors(namespace, df)

    def _errors(self, namespace: Mapping[str, Any], df: Any) -> dict[str, str]:
        errors = self.choices.errors(self.program, needs_name=self.is_lazy, then=self.then)
        held = namespace.get(self.name)
        if held is None or not (held is self.whole or held == self.whole):
            errors["run"] = (
                f"{self.name} is not this program any more: use the form of the cell that makes "
                f"it now."
            )
        if df is None or self.frame is None:
            errors["df"] = self._which_dataframe()
        else:
            name = self.choices.df or ""
            for row in self.rows:
                text = wrong(row, self.program, self.frame.columns, name, self.ways)
                if text:
                    errors[row.field] = text
            if self.op == "aggregate" and not self.choices.by:
                errors["by"] = "Choose the columns to group by."
        if not self._can_bind(errors):
            self._bound = (None, Binding())
            return errors
        error = self._bind(df)
        if error is not None:
            field, text = place(error, self.bindings, self.choices.df or "")
            errors[self._shown(field)] = text
        elif self.op and self.operations[self.op]:
            errors["op"] = f"{self.op} cannot run here: {self.operations[self.op]}."
        return errors

    def _shown(self, field: str) -> str:
        """Return the field that shows an error: of a pair the first, of a policy for all that one."""
        kind, _, name = field.partition(":")
        if kind == "fill" and self.choices.nulls != "each":
            return "fill" if self.choices.nulls == "value" else "nulls"
        row = next((row for row in self.rows if name in row.names), None)
        return f"{kind}:{row.names[0]}" if row else field

    def _can_bind(self, errors: Mapping[str, str]) -> bool:
        return all(field in (*AFTER_PREVIEW, "preview_rows", "run") for field in errors)

    def _bind(self, df: Any) -> TfSparkError | None:
        """Bind as the magics do, without a call; what was bound last is not bound again."""
        assert self.frame is not None
        options = replace(self.options, out=None)
        defaults = tuple(getattr(self.defaults, n) for n in ("nulls", "rows_per_block", "device"))
        key = (self.frame, repr(options), repr(defaults))
        if self._bound[0] != key:
            source = self.name
            if self.program is not self.whole:
                source += f".fetch({', '.join(map(repr, self.choices.fetch))})"
            try:
                found = bind(
                    self.program, source, self.choices.df or "", df, options, self.defaults,
                    columns=self.frame.columns,
                )  # fmt: skip
                bound = Binding(found.verb, found.code(), found.is_lazy)
            except TfSparkError as error:
                bound = Binding(error=error)
            self._bound = (key, bound)
        return self._bound[1].error

    def _which_dataframe(self) -> str:
        name = self.choices.df
        if self._unreadable:
            return f"The columns of {name} cannot be read: {self._unreadable}"
        if name is not None:
            return f"There is no DataFrame {name} any more: choose another, or make it again."
        if self.frames:
            return "Choose a DataFrame."
        return "There is no DataFrame yet: make one in a cell, such as df = spark.read.parquet(…)."
