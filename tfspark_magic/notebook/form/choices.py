"""The choices and inputs in a form, legal or not."""

from __future__ import annotations

import math
from typing import Any

from tfspark_magic.binding.feeds import DEVICES, NULL_POLICIES
from tfspark_magic.binding.reduction_names import named_reduction
from tfspark_magic.errors import OptionError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.action import ACTIONS, MODES, Action
from tfspark_magic.notebook.binding import Host
from tfspark_magic.notebook.call import FIT, VERBS, Call
from tfspark_magic.notebook.form.training_choices import TrainingChoices
from tfspark_magic.notebook.namespace import output_name
from tfspark_magic.notebook.option_values import null_policy
from tfspark_magic.notebook.options import is_name
from tfspark_magic.schema.spec import TensorSpec

_ONE_OF = {"op": ("", *VERBS, FIT), "device": DEVICES, "then": ACTIONS, "mode": MODES,
           "errors": ("raise", "null"), "nulls": (*NULL_POLICIES, "value", "each")}  # fmt: skip
_TEXTS = ("df", "fill", "rows_per_block", "out", "path", "preview_rows")
_LISTS = ("by", "fetch")
OF_EACH = {"bind": "bind", "nulls": "nulls_of", "fill": "fill_of"}
"""The attributes that hold the choices of each placeholder."""


class Choices:
    """All choices of a user; a choice is kept when another one changes.

    Parameters
    ----------
    program
        The program to run.
    host
        The user's names, and the defaults for options that the call does not have.
    call
        The call of the cell.
    """

    def __init__(self, program: Program, host: Host, call: Call) -> None:
        outputs = tuple(spec.name for spec in program.outputs)
        self.name = call.program or program.name
        self.df = call.frame
        self.bind = dict(call.bind)
        self.op = call.verb or ("aggregate" if call.by else None)
        if self.op is None and not call.trim:
            self.op = named_reduction(program)
        self.by = call.by
        named = (output_name(name, program.outputs, host.namespace()) for name in call.fetch)
        self.fetch = tuple(named) or outputs
        self.trim = call.trim
        nulls = host.nulls if call.nulls is None else call.nulls
        is_each = isinstance(nulls, dict)
        self.nulls, self.fill = ("each", "") if is_each else _policy_and_fill(nulls)
        each = {name: _policy_and_fill(one) for name, one in nulls.items()} if is_each else {}
        self.nulls_of = {name: policy for name, (policy, _) in each.items()}
        self.fill_of = {name: fill for name, (_, fill) in each.items()}
        self.errors = call.errors or "raise"
        rows = call.rows_per_block
        self.rows_per_block = "" if rows is None else str(rows)
        self.device = call.device or host.device
        self.out = "result" if call.out is None else call.out
        self.then, self.path, self.mode = "preview", "", "error"
        shown = call.preview if call.preview and call.preview > 0 else host.preview_rows
        self.preview_rows = str(shown)
        self.training = TrainingChoices(call)

    def set(self, field: str, value: Any) -> None:
        """Store a choice.

        Raises
        ------
        OptionError
            If there is no such field, or it has no such value.
        """
        if field == "op" and not value:
            self.op = None
        elif self.training.set(field, value):
            return
        elif field == "trim" and isinstance(value, bool):
            self.trim = value
        elif ":" in field:
            kind, _, placeholder = field.partition(":")
            self._set_of_placeholder(kind, placeholder, value)
        elif field in _LISTS and isinstance(value, list | tuple):
            setattr(self, field, tuple(map(str, value)))
        elif (field in _TEXTS and isinstance(value, str)) or value in _ONE_OF.get(field, ()):
            setattr(self, field, value if field in ("fill", *_ONE_OF) else value.strip())
            if field == "df":
                self.df = self.df or None
        else:
            raise OptionError(f"The form has no field {field!r} that can be {value!r}.")

    def values(self) -> dict[str, Any]:
        """Return all choices as plain data, by the fields that `set` takes."""
        lists = {field: list(getattr(self, field)) for field in _LISTS}
        named = {field: getattr(self, field) for field in ("trim", *_TEXTS, *_ONE_OF)}
        return {
            **{field: "" if value is None else value for field, value in named.items()},
            **lists,
            **{
                f"{kind}:{name}": value
                for kind, values in OF_EACH.items()
                for name, value in getattr(self, values).items()
            },
            **self.training.values(),
        }

    def _set_of_placeholder(self, field: str, placeholder: str, value: Any) -> None:
        if field == "bind" and value == "":
            self.bind.pop(placeholder, None)
        elif field == "bind" and isinstance(value, str | list):
            self.bind[placeholder] = value
        elif field == "nulls" and value in (*NULL_POLICIES, "value"):
            self.nulls_of[placeholder] = value
        elif field == "fill" and isinstance(value, str):
            self.fill_of[placeholder] = value
        else:
            raise OptionError(f"The form has no field {field!r} that can be {value!r}.")

    def number(self, field: str) -> int | None:
        """Return the number of rows that was typed; None if it is empty or not a number."""
        text = getattr(self, field)
        return int(text) if text.isascii() and text.isdigit() else None

    def fill_value(self, program: Program) -> Any:
        """Return the value that replaces a null: text for text, else a number or truth value."""
        if program.inputs and all(spec.dtype == "string" for spec in program.inputs):
            return self.fill
        return null_policy(self.fill.strip())

    def nulls_option(self, program: Program, default: Any) -> Any:
        """Return the null policy, or a policy for each placeholder; None for the default."""
        value = self.fill_value(program) if self.nulls == "value" else self.nulls
        if value == "each":
            value = {
                spec.name: self._fill_value_of(spec) if policy == "value" else policy
                for spec in program.inputs
                if (policy := self.nulls_of.get(spec.name, "error")) != "error"
            } or "error"
        both_nan = all(isinstance(v, float) and math.isnan(v) for v in (value, default))
        return None if type(value) is type(default) and (value == default or both_nan) else value

    def wrong(self, program: Program, *, needs_name: bool, action: Action) -> dict[str, str]:
        """Return the errors of inputs, by field."""
        errors = {
            **self._wrong_fills(program),
            "out": self._wrong_name(needs=needs_name),
        }
        if self.op == FIT:
            return {field: text for field, text in errors.items() if text}
        errors["fetch"] = "" if self.fetch else "Choose at least one tensor to compute."
        for field, may_be_empty in (("rows_per_block", True), ("preview_rows", False)):
            text = getattr(self, field)
            number = self.number(field)
            if (text or not may_be_empty) and (number is None or not (number or may_be_empty)):
                errors[field] = f"This is a number of rows, got {text!r}."
        if action.name == "write" and not action.path:
            errors["path"] = "Write the folder to make, such as result.parquet."
        return {field: text for field, text in errors.items() if text}

    def _fill_value_of(self, spec: TensorSpec) -> Any:
        text = self.fill_of.get(spec.name, "")
        return text if spec.dtype == "string" else null_policy(text.strip())

    def _wrong_fills(self, program: Program) -> dict[str, str]:
        if self.nulls == "value":
            is_text = all(spec.dtype == "string" for spec in program.inputs)
            return {"fill": _wrong_fill(self.fill_value(program), is_text=is_text)}
        return {
            f"fill:{spec.name}": _wrong_fill(
                self._fill_value_of(spec), is_text=spec.dtype == "string"
            )
            for spec in program.inputs
            if self.nulls == "each" and self.nulls_of.get(spec.name) == "value"
        }

    def _wrong_name(self, *, needs: bool) -> str:
        if self.out and not is_name(self.out):
            return f"{self.out!r} is not a valid name in Python."
        if self.out == self.name:
            return f"{self.out} is the program: give the result another name."
        if self.op == FIT and self.out == self.training.model:
            return f"{self.out} is the model: give the trained one another name."
        return "Give the result a name, such as result." if needs and not self.out else ""


def _wrong_fill(value: Any, *, is_text: bool) -> str:
    if value == "" and not is_text:
        return "Write the value that replaces a null."
    if isinstance(value, str) and value in NULL_POLICIES:
        return f"{value!r} is the name of a choice here, and cannot be a value."
    return ""


def _policy_and_fill(nulls: Any) -> tuple[str, str]:
    """Return the choice for a null policy, and the text of its value."""
    is_named = isinstance(nulls, str) and nulls in NULL_POLICIES
    return (nulls, "") if is_named else ("value", str(nulls))
