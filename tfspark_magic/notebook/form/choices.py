"""What was chosen and typed in a form, legal or not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.form.reasons import named_reduction
from tfspark_magic.notebook.options import (
    DEVICES,
    NULL_POLICIES,
    OPERATIONS,
    Options,
    is_name,
    null_policy,
)

THENS = ("nothing", "count", "collect", "write")
MODES = ("error", "overwrite")
_ONE_OF = {"op": ("", *OPERATIONS), "device": DEVICES, "then": THENS, "mode": MODES,
           "nulls": (*NULL_POLICIES, "value")}  # fmt: skip
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
        elif field.startswith("bind:") and isinstance(value, str):
            self.bind[field.removeprefix("bind:")] = value
            if not value:
                del self.bind[field.removeprefix("bind:")]
        elif field in _LISTS and isinstance(value, list | tuple):
            setattr(self, field, tuple(map(str, value)))
        elif (field in _TEXTS and isinstance(value, str)) or value in _ONE_OF.get(field, ()):
            setattr(self, field, value if field in ("fill", *_ONE_OF) else value.strip())
            if field == "df":
                self.df = self.df or None
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
        """Return the null policy; None if it is the default."""
        value = self.fill_value(program) if self.nulls == "value" else self.nulls
        default = defaults.nulls
        both_nan = all(isinstance(v, float) and math.isnan(v) for v in (value, default))
        return None if type(value) is type(default) and (value == default or both_nan) else value

    def errors(self, program: Program, *, needs_name: bool, then: str) -> dict[str, str]:
        """Say, field by field, what was typed that cannot be."""
        errors = {
            "fetch": "" if self.fetch else "Choose at least one tensor to compute.",
            "nulls": self._wrong_fill(program) if self.nulls == "value" else "",
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

    def _wrong_fill(self, program: Program) -> str:
        value = self.fill_value(program)
        if value == "" and any(spec.dtype != "string" for spec in program.inputs):
            return "Write the value that takes the place of a null."
        if isinstance(value, str) and value in NULL_POLICIES:
            return f"{value!r} is the name of a choice here, and cannot be a value."
        return ""

    def _wrong_name(self, *, needs: bool) -> str:
        if self.out and not is_name(self.out):
            return f"{self.out!r} is not a name that Python can give to something."
        if self.out == self.name:
            return f"{self.out} is the program: give the result another name."
        return "Give the result a name, such as result." if needs and not self.out else ""


def _tensor_name(name: str, outputs: tuple[str, ...], namespace: Mapping[str, Any]) -> str:
    """Return the name of a fetch that may be said by its name in Python."""
    found = getattr(getattr(namespace.get(name), "op", None), "name", None)
    return found if name not in outputs and found in outputs else name
