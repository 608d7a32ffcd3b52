"""The columns on which models of this process were trained, so that maps find them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

Names = str | tuple[str, ...]

_columns: WeakKeyDictionary[Any, dict[str, Names]] = WeakKeyDictionary()


def remember_columns(model: Any, columns: Mapping[str, Names]) -> None:
    """Keep the columns of a model's inputs, by their names, as long as the model lives."""
    _columns[model] = dict(columns)


def columns_of(model: Any) -> dict[str, Names]:
    """Return the columns of a model's inputs; empty if it was not trained by `fit`."""
    return _columns.get(model, {})
