"""The call of a verb that a user asks for, in a line of magic or in a form."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import Any

from tfspark_magic.errors import OptionError
from tfspark_magic.notebook.action import Action
from tfspark_magic.notebook.option_values import Bound, bound_text, label_words, nulls_words

MAPS = ("map_rows", "map_blocks")
REDUCTIONS = ("reduce_rows", "reduce_blocks")
VERBS = {
    "map_rows": "each row alone",
    "map_blocks": "blocks of rows",
    "reduce_rows": "one value of all rows, by pairs",
    "reduce_blocks": "one value of all rows",
    "aggregate": "one value for each group",
    "local": "here, to pandas",
}
"""The verbs that run a program, with what they compute in a few words."""
FIT = "fit"
"""The verb that trains a Keras model."""
FIT_OPTIONS = ("label", "weight", "epochs", "batch_size", "validation", "workers", "checkpoint")


@dataclass(frozen=True)
class Call:
    """A verb, a program, a frame, and options; None or empty if not given.

    >>> Call(program="score", frame="df", bind={"x": "a b"}, nulls=0).magic()
    "%tfrun score --df df --bind 'x=a b' --nulls 0"

    It holds names, not objects. So calls can be compared and kept, and a cell has a call before its
    program exists. `binding.bind` adds the objects.

    Parameters
    ----------
    verb
        One of `VERBS`, or `FIT`; None if the options and shapes decide.
    program, frame
        Their names in Python. With `FIT`, the first is the name of a Keras model.
    bind
        Columns by placeholder; a list of columns feeds a vector.
    by, trim, nulls, errors, rows_per_block, device
        As for the verbs.
    label, weight, epochs, batch_size, validation, workers, checkpoint
        As for `tfs.fit`; `bind` has its features.
    fetch
        Names of tensors, in TensorFlow or in Python.
    out
        The name for the result.
    action
        The action on a lazy result; only the form has it, not the lines of magic.
    preview
        How many rows to show; -1 for the default number.
    export
        The path of a script to write.
    no_draw, no_form, help
        Switches.
    """

    verb: str | None = None
    program: str | None = None
    frame: str | None = None
    bind: dict[str, Bound] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    fetch: tuple[str, ...] = ()
    trim: bool = False
    nulls: Any = None
    errors: str | None = None
    rows_per_block: int | None = None
    device: str | None = None
    label: Bound | dict[str, Bound] | None = None
    weight: str | None = None
    epochs: int | None = None
    batch_size: int | None = None
    validation: float | None = None
    workers: int | None = None
    checkpoint: str | None = None
    out: str | None = None
    action: Action = field(default_factory=Action)
    preview: int | None = None
    export: str | None = None
    no_draw: bool = False
    no_form: bool = False
    help: bool = False

    @property
    def binds(self) -> bool:
        """Whether it has enough options to bind a program; `%%tfgraph` may have fewer."""
        asked = self.frame or self.out or self.bind or self.verb or self.by
        return bool(asked) or self.preview is not None

    def known_verb(self) -> str | None:
        """Return the verb that follows from the options; None if the shapes must decide.

        Raises
        ------
        OptionError
            If options do not go together.
        """
        verb = self.verb or ("aggregate" if self.by else "map_blocks" if self.trim else None)
        if self.errors == "null":
            verb = verb or "map_rows"
        message = ""
        if verb == "aggregate" and not self.by:
            message = "--op aggregate needs the columns to group by: name them with --by."
        elif self.by and verb != "aggregate":
            message = f"--by goes with --op aggregate, not with --op {verb}."
        elif self.trim and verb == "map_rows":
            message = "--trim goes with --op map_blocks: map_rows gives one row for each row."
        elif self.errors == "null" and verb != "map_rows":
            message = f"--errors null goes with --op map_rows, not with --op {verb}."
        elif verb == FIT:
            message = self._wrong_for_fit()
        elif option := next((o for o in FIT_OPTIONS if getattr(self, o) is not None), None):
            message = (
                f"--{option.replace('_', '-')} goes with --op fit, which trains a Keras model."
            )
        elif self.trim and verb in (*REDUCTIONS, "aggregate"):
            message = (
                f"--trim goes with --op map_blocks: the result of {verb} holds no other columns."
            )
        if message:
            raise OptionError(message)
        return verb

    def _wrong_for_fit(self) -> str:
        taken = ("fetch", "trim", "errors", "rows_per_block", "preview")
        option = next((o for o in taken if getattr(self, o) not in ((), False, None)), None)
        if option is not None:
            return f"--{option.replace('_', '-')} goes with programs, not with --op fit."
        if not self.label:
            return "--op fit needs the column of the labels: name it with --label."
        return ""

    def check_out(self, program: str) -> None:
        """Raise OptionError if the result would take the name of the program."""
        if self.out == program:
            raise OptionError(
                f"--out {program} would replace the program {program!r}: write --out "
                f"{program}_result."
            )

    def magic(self, magic: str = "%tfrun") -> str:
        """Write the line of magic that `options.parse` reads as this call."""
        words = [magic] + ([self.program] if self.program else [])
        for option, value in (
            ("df", self.frame),
            ("bind", [f"{name}={bound_text(column)}" for name, column in self.bind.items()]),
            ("op", self.verb),
            ("by", self.by),
            ("fetch", self.fetch),
            ("trim", self.trim),
            ("nulls", nulls_words(self.nulls)),
            ("errors", self.errors),
            ("rows-per-block", self.rows_per_block),
            ("device", self.device),
            ("label", label_words(self.label)),
            ("weight", self.weight),
            ("epochs", self.epochs),
            ("batch-size", self.batch_size),
            ("validation", self.validation),
            ("workers", self.workers),
            ("checkpoint", self.checkpoint),
            ("out", self.out),
            ("preview", True if self.preview == -1 else self.preview),
            ("export", self.export),
            ("no-draw", self.no_draw),
            ("no-form", self.no_form),
            ("help", self.help),
        ):
            words += _written(f"--{option}", value)
        return " ".join(words)


def typed(line: str) -> str:
    """Escape a line of magic, so that IPython does not replace {name} and $name in it.

    >>> typed("%tfrun score --bind x={a} y=$b 'z=$c'")
    "%tfrun score --bind x={{a}} y=$$b 'z=$c'"
    """
    # IPython replaces a dollar if an even number of quotes follows it before the next brace.
    pieces = re.split("(?<=[{}])", line)
    pieces = [re.sub(r"\$(?=[\w.])(?=([^']*'[^']*')*[^']*$)", "$$", piece) for piece in pieces]
    return "".join(pieces).replace("{", "{{").replace("}", "}}")


def _written(option: str, value: Any) -> list[str]:
    if value is None or value is False or value in ((), []):
        return []
    if value is True:
        return [option]
    values = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
    if any(one.startswith("-") for one in values):
        # As a word of its own, it would be read as an option.
        return [f"{option}={shlex.quote(one)}" for one in values]
    return [option, *map(shlex.quote, values)]
