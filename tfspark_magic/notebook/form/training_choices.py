"""The choices in a form for a training: what `fit` takes beside columns and nulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfspark_magic.errors import TfSparkError
from tfspark_magic.notebook.bound_fit import BATCH_SIZE, EPOCHS
from tfspark_magic.notebook.call import Call
from tfspark_magic.notebook.option_values import Bound

COUNTS = ("epochs", "batch_size", "workers")
TEXTS = (*COUNTS, "validation", "checkpoint", "weight")
LABEL = "label"


class TrainingChoices:
    """The choices of a user, legal or not; they are kept while another operation is chosen."""

    def __init__(self, call: Call) -> None:
        self.model = call.program or ""
        given = call.label
        self.labels: dict[str, Bound] = (
            dict(given) if isinstance(given, dict) else {} if given is None else {"": given}
        )
        texts = {name: getattr(call, name) for name in TEXTS}
        defaults = {"epochs": EPOCHS, "batch_size": BATCH_SIZE}
        self.texts = {
            name: str(defaults.get(name, "") if value is None else value)
            for name, value in texts.items()
        }

    def set(self, field: str, value: Any) -> bool:
        """Store a choice; return False if there is no such field."""
        kind, _, output = field.partition(":")
        if not isinstance(value, str):
            return False
        if kind == LABEL:
            self.labels[output] = value
            if not value:
                del self.labels[output]
        elif field == "model":
            self.model = value
        elif field in TEXTS:
            self.texts[field] = value.strip()
        else:
            return False
        return True

    def values(self) -> dict[str, Any]:
        """Return all choices as plain data, by the fields that `set` takes."""
        labels = {
            f"{LABEL}:{name}" if name else LABEL: label for name, label in self.labels.items()
        }
        return {**self.texts, "model": self.model, **labels}

    def options(self, outputs: Sequence[str]) -> dict[str, Any]:
        """Return the options of the call; a text that is not legal gives None.

        Parameters
        ----------
        outputs
            The names of the model's outputs; the field of the only one has no name.
        """
        labels = {name: self.labels[name] for name in outputs if name in self.labels}
        counts = {name: _count(self.texts[name]) for name in COUNTS}
        texts = {name: self.texts[name] or None for name in ("checkpoint", "weight")}
        label = labels if len(outputs) > 1 else self.labels.get("")
        return {
            LABEL: label or None, **counts, **texts, "validation": _fraction(self.texts["validation"])
        }  # fmt: skip

    def field_of(self, error: TfSparkError, outputs: Sequence[str]) -> str | None:
        """Return the field of an error that is about a label, the weights or the model."""
        about = error.about
        if "placeholder" in about:
            return None
        if about.get("option", LABEL) != LABEL:
            return str(about["option"])
        fields = {**{self._column(field): field for field in label_fields(outputs)},
                  self.texts["weight"]: "weight"}  # fmt: skip
        if "column" in about:
            return fields.get(about["column"])
        return LABEL if "option" in about else "model"

    def _column(self, field: str) -> Bound:
        column = self.labels.get(field.partition(":")[2], "")
        return column if isinstance(column, str) else str(column)

    def errors(self, outputs: Sequence[str]) -> dict[str, str]:
        """Return the errors of inputs, by field."""
        errors = {}
        for name in COUNTS:
            text = self.texts[name]
            if _count(text) is None and (text or name != "workers"):
                errors[name] = f"This is a whole number, at least 1, got {text!r}."
        part = self.texts["validation"]
        if part and _fraction(part) is None:
            errors["validation"] = f"This is a fraction between 0 and 1, such as 0.1, got {part!r}."
        for output in label_fields(outputs):
            if output.partition(":")[2] not in self.labels:
                errors[output] = "Choose the column of the labels."
        return errors


def label_fields(outputs: Sequence[str]) -> list[str]:
    """Return the names of the fields of labels, one for each output.

    >>> label_fields(["dense"]), label_fields(["a", "b"])
    (['label'], ['label:a', 'label:b'])
    """
    return [f"{LABEL}:{name}" for name in outputs] if len(outputs) > 1 else [LABEL]


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) else None


def _fraction(text: str) -> float | None:
    try:
        part = float(text)
    except ValueError:
        return None
    return part if 0 < part < 1 else None
