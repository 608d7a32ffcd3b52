"""What was chosen and typed in a form, legal or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.form.reasons import named_reduction
from tfspark_magic.notebook.option_values import NULL_POLICIES, null_policy
from tfspark_magic.notebook.options import (
    DEVICES,
    OPERATIONS,
    Options,
    is_name,
)
from tfspark_magic.schema.spec import TensorSpec

THENS = ("nothing", "count", "collect", "write")
MODES = ("error", "overwrite")
_ONE_OF = {"op": ("", *OPERATIONS), "device": DEVICES, "then": THENS, "mode": MODES,
           "nulls": (*NULL_POLICIES, "value", "each")}  # fmt: skip
_TEXTS = ("df", "fill", "rows_per_block", "out", "path", "preview_rows")
_LISTS = ("by", "fetch")


class Choices:
    """Everything that a user can choose; nothing is lost when something else changes.

    Parameters
    ----------
    program
        What runs.
    defaults
        For where the options say nothing.
    options
        What was said in the cell.
    namespace
        The user's.
    """

    def __init__(
        self, program: Program, defaults: Any, options: Options, namespace: Mapping[str, Any]
    ) -> None:
        outputs = tuple(spec.name for spec in program.outputs)
        self.name = options.name or program.name
        self.df = options.df
        self.bind = dict(options.bind)
        self.op = options.op or ("aggregate" if options.by else None)
        if self.op is None and not options.trim:
            self.op = named_reduction(program)
        self.by = options.by
        named = (_tensor_name(name, outputs, namespace) for name in options.fetch)
        self.fetch = tuple(name for name in named if name in outputs) or outputs
        self.trim = options.trim
        nulls = defaults.nulls if options.nulls is None else options.nulls
        is_policy = isinstance(nulls, str) and nulls in NULL_POLICIES
        self.nulls = nulls if is_policy else "value"
        self.fill = "" if is_policy else str(nulls)
        self.nulls_of: dict[str, str] = {}
        self.fill_of: dict[str, str] = {}
        if isinstance(nulls, dict):
            self.nulls, self.fill = "each", ""
            for name, policy in nulls.items():
                is_policy = isinstance(policy, str) and policy in NULL_POLICIES
                self.nulls_of[name] = policy if is_policy else "value"
                self.fill_of[name] = "" if is_policy else str(policy)
        rows = options.rows_per_block
        self.rows_per_block = "" if rows is None else str(rows)
        self.device = options.device or defaults.device
        self.out = "result" if options.out is None else options.out
        self.then, self.path, self.mode = "nothing", "", "error"
        shown = options.preview if options.preview and options.preview > 0 else None
        self.preview_rows = str(shown or getattr(defaults, "preview_rows", 5))

    def set(self, field: str, value: Any) -> None:
        """Take a choice.

        Raises
        ------
        OptionError
            If there is no such field, or it has no such value.
        """
        if field == "op" and not value:
            self.op = None
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
            message = f"The form has no field {field!r} that can be {value!r}."
            raise OptionError(message)

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
            message = f"The form has no field {field!r} that can be {value!r}."
            raise OptionError(message)

    def number(self, field: str) -> int | None:
        """Return what was typed as a number of rows; None if nothing was, or nothing of the kind."""
        text = getattr(self, field)
        return int(text) if text.isascii() and text.isdigit() else None

    def fill_value(self, program: Program) -> Any:
        """Return what takes the place of a null: text for text, else a number or truth value."""
        if program.inputs and all(spec.dtype == "string" for spec in program.inputs):
            return self.fill
        return null_policy(self.fill.strip())

    def nulls_option(self, program: Program, defaults: Any) -> Any:
        """Return the null policy, or one for each placeholder; None if it is the default."""
        value = self.fill_value(program) if self.nulls == "value" else self.nulls
        if value == "each":
            value = {
                spec.name: self._fill_value_of(spec) if policy == "value" else policy
                for spec in program.inputs
                if (policy := self.nulls_of.get(spec.name, "error")) != "error"
            } or "error"
        default = defaults.nulls
        both_nan = all(isinstance(v, float) and math.isnan(v) for v in (value, default))
        return None if type(value) is type(default) and (value == default or both_nan) else value

    def errors(self, program: Program, *, needs_name: bool, then: str) -> dict[str, str]:
        """Say, field by field, what was typed that cannot be."""
        errors = {
            "fetch": "" if self.fetch else "Choose at least one tensor to compute.",
            **self._wrong_fills(program),
            "out": self._wrong_name(needs=needs_name),
        }
        for field, may_be_empty in (("rows_per_block", True), ("preview_rows", False)):
            text = getattr(self, field)
            number = self.number(field)
            if (text or not may_be_empty) and (number is None or not (number or may_be_empty)):
                errors[field] = f"This is a number of rows, got {text!r}."
        if then == "write" and not self.path:
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
            return f"{self.out!r} is not a name that Python can give to something."
        if self.out == self.name:
            return f"{self.out} is the program: give the result another name."
        return "Give the result a name, such as result." if needs and not self.out else ""


def _wrong_fill(value: Any, *, is_text: bool) -> str:
    if value == "" and not is_text:
        return "Write the value that takes the place of a null."
    if isinstance(value, str) and value in NULL_POLICIES:
        return f"{value!r} is the name of a choice here, and cannot be a value."
    return ""


def _tensor_name(name: str, outputs: tuple[str, ...], namespace: Mapping[str, Any]) -> str:
    """Return the name of a fetch that may be said by its name in Python."""
    found = getattr(getattr(namespace.get(name), "op", None), "name", None)
    return found if name not in outputs and found in outputs else name
