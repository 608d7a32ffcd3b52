"""Keep a user's choices while the cell of a form is edited and run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tfspark_magic.errors import OptionError, TfSparkError
from tfspark_magic.notebook.call import FIT_OPTIONS, Call
from tfspark_magic.notebook.option_values import label_words, nulls_words

if TYPE_CHECKING:
    from tfspark_magic.notebook.form.state import FormState

_MAY_BE_EMPTY = ("bind", "label")
"""The fields that are no longer there once nothing is chosen in them."""
_TOGETHER = ("op", "by", "trim")
"""The fields that say what is computed: a line that changes one of them changes all."""
_LEFT_OUT = "fetch:not"
"""The outputs of the program that are not to be computed."""


def line_fields(call: Call) -> dict[str, Any]:
    """Return what a line of magic says, by the fields of the form, as JSON.

    >>> line_fields(Call(frame="df", bind={"x": "price"}, nulls=0))
    {'df': 'df', 'nulls': ['0'], 'bind:x': 'price'}
    """
    said = {
        "df": call.frame, "op": call.verb, "by": list(call.by), "fetch": list(call.fetch),
        "trim": call.trim, "nulls": nulls_words(call.nulls), "errors": call.errors,
        "rows_per_block": call.rows_per_block, "device": call.device, "out": call.out, "preview_rows": call.preview,
    }  # fmt: skip
    said |= {name: getattr(call, name) for name in FIT_OPTIONS}
    said["label"] = label_words(call.label)
    said |= {f"bind:{name}": column for name, column in call.bind.items()}
    return {name: value for name, value in said.items() if value not in (None, False, [])}


def changes(state: FormState) -> dict[str, Any]:
    """Return the choices that differ from those at the start, by field; none if the user made none."""
    start, now = state.start, state.choices.values()
    if now == state.first:
        return {}
    changed = {
        name: now.get(name, "")
        for name in {**start, **now}
        if start.get(name) != now.get(name) and (name in now or _kind(name) in _MAY_BE_EMPTY)
    }
    if not state.models:
        changed.pop("model", None)
    if "fetch" in changed:
        # Outputs that the cell gets later are to be computed, too.
        changed["fetch"] = [name for name in now["fetch"] if name not in start["fetch"]]
        changed[_LEFT_OUT] = [name for name in start["fetch"] if name not in now["fetch"]]
    return changed


def restore(
    state: FormState, choices: Mapping[str, Any], was: Mapping[str, Any], line: Mapping[str, Any]
) -> list[str]:
    """Make choices of an earlier run of the cell again, and return what there is no place for.

    Parameters
    ----------
    state
        The form, as the cell's line has it.
    choices
        The choices, as `changes` returned them.
    was, line
        What the line said then, and what it says now: see `line_fields`.
    """
    edited = {name for name in {**was, **line} if was.get(name) != line.get(name)}
    if edited.intersection(_TOGETHER):
        edited.update(_TOGETHER)
    kept = {
        name: value
        for name, value in choices.items()
        if name not in edited and not ({_kind(name), _policy_of(name)} & edited)
    }
    lost = dict.fromkeys(_gone(state, kept))
    _restore_fetches(state, kept, lost)
    names = {spec.name for spec in state.whole.inputs}
    for name, value in kept.items():
        kind, _, placeholder = name.partition(":")
        if kind == "label" or not placeholder or placeholder in names:
            # A notebook may hold what another version wrote.
            with suppress(OptionError):
                state.choices.set(name, value)
    state.refresh()
    return list(lost)


def _gone(state: FormState, kept: Mapping[str, Any]) -> Iterator[str]:
    names = {spec.name for spec in state.whole.inputs}
    for name, value in kept.items():
        kind, _, placeholder = name.partition(":")
        if kind == "bind" and placeholder and placeholder not in names and value:
            columns = value if isinstance(value, str) else ", ".join(map(str, value))
            yield f"placeholder {placeholder}, which {columns} fed"


def _restore_fetches(state: FormState, kept: dict[str, Any], lost: dict[str, None]) -> None:
    changed = [kept.pop(name, None) for name in ("fetch", _LEFT_OUT)]
    added, left_out = (names if isinstance(names, list) else [] for names in changed)
    fetch = [name for name in state.choices.fetch if name not in left_out]
    for name in added:
        try:
            state.offer([name])
            fetch.append(name)
        except TfSparkError:
            lost[f"operation {name}, which was computed"] = None
    if fetch:
        kept["fetch"] = fetch


def _kind(name: str) -> str:
    return name.partition(":")[0]


def _policy_of(name: str) -> str:
    """Return the field of a line that a field for nulls belongs to."""
    return "nulls" if _kind(name) == "fill" else ""
