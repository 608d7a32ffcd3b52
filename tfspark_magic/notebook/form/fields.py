"""Describe the state of a form as plain data: the fields that the front end draws."""

from __future__ import annotations

from typing import Any

from tfspark_magic.binding.feeds import DEVICES
from tfspark_magic.notebook.call import FIT, MAPS, VERBS
from tfspark_magic.notebook.form.placeholder_rows import Row
from tfspark_magic.notebook.form.state import MAY_FAIL, MAY_TRIM, SIDE_BY_SIDE, FormState
from tfspark_magic.notebook.form.training_choices import label_fields
from tfspark_magic.schema.spec import TEXT, CellSpec, TensorSpec, format_shape

MISFITS = 60
"""The largest number of columns that are shown although they do not fit."""

_NULLS = {"error": "fail", "null": "give a null result", "value": "become the value"}
_NULLS_OF_FIT = {**_NULLS, "null": "leave the row out"}
_EACH = {"each": "differ by placeholder"}
_COUNTED = "Spark counts without computing the fetches."
_THENS = {
    "preview": "show its first rows",
    "count": "count its rows",
    "collect": "collect it, to pandas",
    "write": "write it as Parquet",
}
_MODES = {"error": "fail if it is there", "overwrite": "overwrite"}
LABELS = {
    "df": "DataFrame", "op": "Operation", "by": "Group by", "fetch": "Compute", "nulls": "Nulls",
    "out": "Result", "then": "Then", "path": "Path", "rows_per_block": "Rows per block",
    "fill": "Nulls", "errors": "Rows that fail", "device": "Device", "trim": "Trim", "preview_rows": "Rows in preview",
    "model": "Model", "label": "Label", "weight": "Weight", "epochs": "Epochs",
    "batch_size": "Batch size", "validation": "Validation", "workers": "Workers",
    "checkpoint": "Checkpoint",
}  # fmt: skip


def fields(state: FormState) -> list[dict[str, Any]]:
    """Describe the fields of a form, in the order of the Tab key.

    >>> fields(state)[0]["label"]                                   # doctest: +SKIP
    'DataFrame'
    """
    choices = state.choices
    frames = [_choice(name, f"{name} · {kind}") for name, kind in state.frames.items()]
    shown = [_field(state, "df", "columns", value=choices.df or "", choices=frames)]
    if not state.frames or choices.df not in state.frames:
        first = _choice("", "choose one")
        if choices.df and state.frame is not None:
            first = _choice(choices.df, f"{choices.df} · files")
        elif choices.df:
            first = _choice(choices.df, choices.df, "gone")
        shown[0]["choices"].insert(0, first)
    for row in state.rows:
        shown += _row(state, row)
    shown += _how(state)
    shown += _more(state)
    return shown


def _how(state: FormState) -> list[dict[str, Any]]:
    choices = state.choices
    found = f": {state.verb}" if choices.op is None and state.verb else ""
    ops = [_choice("", f"as the shapes say{found}")] + [
        _choice(op, f"{op} · {words}", state.operations[op])
        for op, words in {**VERBS, FIT: "train the model"}.items()
    ]
    shown = [_field(state, "op", "how", value=choices.op or "", choices=ops)]
    if choices.op == FIT:
        return shown + _training(state)
    if choices.op == "aggregate":
        shown.append(
            _field(state, "by", "how", "many", value=list(choices.by), choices=_keys(state))
        )
    trims = choices.trim and choices.op in MAY_TRIM
    outputs = [_choice(spec.name, f"{spec.name}  {_type(spec)}") for spec in state.fetchable]
    shown.append(_field(state, "fetch", "how", "many", value=list(choices.fetch), choices=outputs))
    shown += _nulls(state)
    shown.append(_field(state, "out", "how", "text", value=choices.out, note=_out_note(state)))
    if state.is_lazy:
        thens = [_choice(value, label) for value, label in _THENS.items()]
    else:
        thens = [_choice("nothing", "computed at once")]
    shown.append(
        _field(
            state,
            "then",
            "how",
            value=state.action.name,
            choices=thens,
            disabled=not state.is_lazy,
            note=_COUNTED
            if state.action.name == "count" and state.verb in MAPS and not trims
            else "",
        )
    )
    if state.action.name == "write":
        path = _field(state, "path", "how", "text", value=choices.path, note="result.parquet")
        modes = [_choice(value, label) for value, label in _MODES.items()]
        mode = _beside("mode", "If the folder is there", choices.mode)
        shown += [path, {**mode, "kind": "pick", "choices": modes}]
    return shown


def _training(state: FormState) -> list[dict[str, Any]]:
    training = state.choices.training
    models = [_choice(name, name) for name in state.models]
    shown = [_field(state, "model", "how", value=training.model, choices=models)]
    columns = _columns(state)
    for field in label_fields(state.model_outputs):
        output = field.partition(":")[2]
        label = training.labels.get(output, "")
        chosen = label if isinstance(label, str) else ", ".join(label)
        shown.append({
            **_empty(field, "pick", "how"), "label": LABELS["label"], "detail": output,
            "value": chosen, "choices": _with(chosen, columns, "choose a column"),
            "error": state.errors.get(field, ""),
        })  # fmt: skip
    weight = training.texts["weight"]
    return [
        *shown,
        _field(state, "weight", "how", value=weight, choices=[_choice("", "the same for all rows"), *(
            _with(weight, columns, "") if weight else columns
        )]),
        _text(state, "epochs", ""),
        _text(state, "batch_size", "rows in a batch of one worker"),
        _text(state, "validation", "a fraction that is held back, such as 0.1"),
        _text(state, "checkpoint", "a folder that all nodes reach"),
        *_nulls(state),
        _field(state, "out", "how", "text", value=state.choices.out, note="a name"),
    ]  # fmt: skip


def _text(state: FormState, name: str, note: str) -> dict[str, Any]:
    part = "more" if name == "workers" else "how"
    return _field(state, name, part, "text", value=state.choices.training.texts[name], note=note)


def _columns(state: FormState) -> list[dict[str, str]]:
    """Return the columns that may be labels or weights of rows."""
    return [
        _choice(name, name, "text" if isinstance(cell, CellSpec) and cell.dtype in TEXT else "")
        for name, cell in (state.frame.columns if state.frame else ())
        if not name.endswith(".*")
    ]


def _with(chosen: str, columns: list[dict[str, str]], none: str) -> list[dict[str, str]]:
    """Return the columns, with a choice of its own for what is chosen and no column."""
    if not chosen:
        return [_choice("", none), *columns]
    known = any(column["value"] == chosen for column in columns)
    return columns if known else [_choice(chosen, chosen), *columns]


def _more(state: FormState) -> list[dict[str, Any]]:
    choices = state.choices
    default = state.host.rows_per_block
    rows = "as many as bytes allow" if default is None else f"{default or 'the whole partition'}"
    devices = [_choice(device, device) for device in DEVICES]
    device = _field(state, "device", "more", value=choices.device, choices=devices)
    if choices.op == FIT:
        return [_text(state, "workers", "as many as Spark runs at a time"), device]
    trim = "keep the fetches alone, of any number of rows"
    may_trim = choices.op in MAY_TRIM
    fails = [_choice("raise", "end the job"), _choice("null", "have null results, counted")]
    return [
        _field(
            state, "errors", "more", value=choices.errors, choices=fails,
            disabled=choices.op not in MAY_FAIL,
        ),
        _field(state, "rows_per_block", "more", "text", value=choices.rows_per_block, note=rows),
        device,
        _field(
            state, "trim", "more", "flag", value=choices.trim and may_trim, disabled=not may_trim,
            note=trim if may_trim else f"{choices.op} keeps no other columns"
            if choices.op != "map_rows" else "map_rows gives a row for each row",
        ),
        _field(state, "preview_rows", "more", "text", value=choices.preview_rows),
    ]  # fmt: skip


def _nulls(state: FormState) -> list[dict[str, Any]]:
    choices = state.choices
    several = len(state.rows) > 1 or choices.nulls == "each"
    known_policies = _NULLS_OF_FIT if choices.op == FIT else _NULLS
    policies = [_choice(value, label) for value, label in known_policies.items()]
    known = policies + [_choice(*each) for each in _EACH.items() if several]
    shown = [_field(state, "nulls", "how", value=choices.nulls, choices=known)]
    fill = "Value that replaces a null"
    if choices.nulls == "value":
        error = state.errors.get("fill", "")
        shown.append({**_beside("fill", fill, choices.fill), "error": error})
    for row in state.rows if choices.nulls == "each" else ():
        name = row.names[0]
        policy = choices.nulls_of.get(name, "error")
        shown.append({
            **_empty(f"nulls:{name}", "pick", "how"), "label": ", ".join(row.names),
            "detail": "nulls", "value": policy, "choices": policies, "inner": True,
        })  # fmt: skip
        if policy == "value":
            value = choices.fill_of.get(name, "")
            error = state.errors.get(f"fill:{name}", "")
            shown.append({**_beside(f"fill:{name}", f"{fill} of {name}", value), "error": error})
    return shown


def _row(state: FormState, row: Row) -> list[dict[str, Any]]:
    df_name = state.choices.df or ""
    fitting = [
        _choice(fit.column, f"{fit.column} · {fit.holds}") for fit in row.fits if not fit.reason
    ]
    misfits = [_choice(fit.column, fit.column, fit.reason) for fit in row.fits if fit.reason]
    choices = fitting + misfits[:MISFITS]
    if len(misfits) > MISFITS:
        more = f"{len(misfits) - MISFITS} more"
        choices.append(_choice("\0", more, "they do not fit"))
    if row.parts or isinstance(row.column, list):
        choices.insert(len(fitting), _choice(SIDE_BY_SIDE, "several columns side by side"))
    if row.column is None:
        none = "no column fits" if state.frame else "choose a DataFrame first"
        choices.insert(0, _choice("", "choose a column" if fitting else none))
    elif isinstance(row.column, str) and not any(
        choice["value"] == row.column for choice in choices
    ):
        reasons = {fit.column: fit.reason for fit in row.fits}
        reason = reasons.get(row.column, f"not in {df_name}")
        choices.insert(0, _choice(row.column, row.column, reason))
    shown = {
        **_empty(row.field, "pick", "columns"),
        "label": ", ".join(row.names),
        "detail": _type(row.spec),
        "value": SIDE_BY_SIDE if isinstance(row.column, list) else row.column or "",
        "choices": choices,
        "error": "" if row.guess else state.errors.get(row.field, ""),
        "note": f"Guess: {row.guess}" if row.guess else "",
    }
    if not isinstance(row.column, list):
        return [shown]
    gone = [_choice(name, name, "does not fit") for name in row.column if name not in row.parts]
    parts = {
        **_empty(f"{row.field}:parts", "many", "columns"),
        "label": "columns",
        "detail": "in this order",
        "inner": True,
        "value": row.column,
        "choices": gone + [_choice(name, name) for name in row.parts],
        "ordered": True,
    }
    return [shown, parts]


def _keys(state: FormState) -> list[dict[str, str]]:
    columns = state.frame.columns if state.frame else ()
    fetched = {spec.name.casefold() for spec in state.program.outputs}
    keys = [
        _choice(
            name, name, "has the name of a fetch" if name.casefold() in fetched else "",
        )
        for name, _ in columns
        if not name.endswith(".*")
    ]  # fmt: skip
    known = {key["value"] for key in keys}
    gone = [_choice(name, name, "gone") for name in state.choices.by if name not in known]
    return gone + keys


def _out_note(state: FormState) -> str:
    return "a name" if state.is_lazy else "no name: the value is shown"


def _type(spec: TensorSpec) -> str:
    # A placeholder without a shape takes any shape, so no shape is shown.
    return f"{spec.dtype}{format_shape(spec.shape or ())}"


def _choice(value: str, label: str, reason: str = "") -> dict[str, str]:
    return {"value": value, "label": label, "reason": reason}


def _field(
    state: FormState, name: str, part: str, kind: str = "pick", **known: Any
) -> dict[str, Any]:
    empty = {**_empty(name, kind, part), "label": LABELS[name]}
    return {**empty, "error": state.errors.get(name, ""), **known}


def _beside(name: str, label: str, value: str) -> dict[str, Any]:
    return {**_empty(name, "text", "how"), "label": label, "value": value, "beside": True}


def _empty(name: str, kind: str, part: str) -> dict[str, Any]:
    return {
        "id": name, "kind": kind, "part": part, "label": "", "detail": "", "value": "",
        "choices": [], "error": "", "note": "", "beside": False, "disabled": False, "inner": False, "ordered": False,
    }  # fmt: skip
