"""Declare the options of the magics once, for the parser, `--help` and Tab."""

from __future__ import annotations

import argparse
import difflib
import keyword
import re
import shlex
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic_arguments import (
    MagicHelpFormatter,
    argument,
    kwds,
    magic_arguments,
)

from tfspark_magic.binding.feeds import DEVICES
from tfspark_magic.errors import OptionError
from tfspark_magic.notebook.call import FIT, VERBS, Call
from tfspark_magic.notebook.option_values import bindings, labels, null_policies


class HelpFormatter(MagicHelpFormatter):
    """Help with a fixed width, so that it is the same in every notebook."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=90, max_help_position=24)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str = "Usage: %") -> None:
        """Begin the help with the usage as a user types it, not as reStructuredText."""
        super().add_usage(usage, actions, groups, prefix)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        # The names come first, and the value once: `-d, --df NAME`.
        if not action.option_strings:
            return str(super()._format_action_invocation(action))
        names = ", ".join(action.option_strings)
        if action.nargs == 0:
            return names
        return f"{names} {self._format_args(action, action.dest.upper())}"


def _rows(text: str) -> int:
    count = int(text)
    if count < 0:
        raise ValueError
    return count


_rows.__name__ = "number of rows"


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count


_count.__name__ = "number, at least 1"


def _fraction(text: str) -> float:
    part = float(text)
    if not 0 < part < 1:
        raise ValueError
    return part


_fraction.__name__ = "fraction between 0 and 1"

_ARGUMENTS = (
    argument("program", nargs="?", metavar="NAME", help="The program."),
    argument(
        "-d", "--df", dest="frame", metavar="NAME",
        help="The DataFrame to run over, of Spark, pandas or Arrow, or the path of files; if not "
        "given, the only one of Spark that there is, or else the only other one.",
    ),
    argument(
        "-b", "--bind", nargs="+", action="extend", metavar="PH=COL",
        help="The column for a placeholder, or several scalar columns as a vector: x=a,b. Others "
        "bind to the column of their own name.",
    ),
    argument(
        "--op", dest="verb", choices=(*VERBS, FIT), metavar="OPERATION",
        help="map_rows computes from each row alone, map_blocks from blocks of rows. reduce_blocks "
        "makes one value of all rows, fetch z from column z and placeholder z_input; reduce_rows "
        "does so by pairs, from z_1 and z_2. aggregate is reduce_blocks for each group (--by). "
        "local is a map that runs here, without the cluster, to a pandas DataFrame. fit trains the "
        "Keras model NAME (%%tfrun). If not given: "
        "aggregate with --by, else the map that the shapes of the placeholders say.",
    ),
    argument(
        "--by", nargs="+", action="extend", metavar="COL",
        help="The columns to group by: a row of the result for each of their values (aggregate).",
    ),
    argument(
        "-f", "--fetch", nargs="+", action="extend", metavar="NAME",
        help="The tensors to compute, by their own names or their names in Python.",
    ),
    argument(
        "--trim", action="store_true",
        help="Keep the fetches alone, which may have any number of rows (map_blocks, local).",
    ),
    argument(
        "-n", "--nulls", nargs="+", action="extend", metavar="error|null|VALUE",
        help="What a null does: fail, give null results for its row, or become VALUE; or for each "
        "placeholder: x=0 y=null, and those that are not named fail.",
    ),
    argument(
        "--errors", choices=("raise", "null"), metavar="raise|null",
        help="What a row does whose values the graph fails on: end the job, or have null results, "
        "which a warning counts (map_rows).",
    ),
    argument(
        "-r", "--rows-per-block", type=_rows, metavar="N",
        help="The most rows that the graph is given at once; chosen by bytes if not given; 0 is "
        "the whole partition.",
    ),
    argument(
        "--device", choices=DEVICES, metavar="auto|cpu|gpu", help="Where the graph runs.",
    ),
    argument(
        "--label", nargs="+", action="extend", metavar="COL",
        help="The column of the labels, or output=column for each output of the model (fit).",
    ),
    argument("--weight", metavar="COL", help="The column of the rows' weights (fit)."),
    argument("--epochs", type=_count, metavar="N", help="The number of epochs, 1 if not given (fit)."),
    argument(
        "--batch-size", type=_count, metavar="N",
        help="The rows in a batch of one worker, 32 if not given (fit).",
    ),
    argument(
        "--validation", type=_fraction, metavar="PART",
        help="The part of the rows that is held back, such as 0.1 (fit).",
    ),
    argument(
        "--workers", type=_count, metavar="N",
        help="The number of workers; as many as Spark runs at a time if not given (fit).",
    ),
    argument(
        "--checkpoint", metavar="FOLDER",
        help="A folder that all nodes reach; from there the same call goes on (fit).",
    ),
    argument(
        "-o", "--out", metavar="NAME",
        help="The name for the result: a lazy DataFrame; a value, or a list of them, with reduce_*; "
        "a pandas DataFrame with local, or where --df is one.",
    ),
    argument(
        "-p", "--preview", nargs="?", type=_rows, const=-1, metavar="N",
        help="Show the first N rows of the result (5 if no number is given), or the values of a "
        "reduction.",
    ),
    argument(
        "--export", metavar="FILE.py",
        help="Write a script that does this by spark-submit, without a notebook, and the program or "
        "the model beside it; run nothing (%%tfrun).",
    ),
    argument("--no-draw", action="store_true", help="Show no drawing (%%tfrun never shows one)."),
    argument("--no-form", action="store_true", help="Show no form (%%tfrun never shows one)."),
    argument("-h", "--help", action="store_true", help="Show this help and run nothing."),
)  # fmt: skip


def program_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a magic with the options, and with a docstring that explains them."""
    for declared in reversed(_ARGUMENTS):
        function = declared(function)
    function = kwds(formatter_class=HelpFormatter)(function)
    function = magic_arguments()(function)
    # No abbreviations: a new option could make them ambiguous.
    function.parser.allow_abbrev = False  # type: ignore[attr-defined]
    return function


def parse(parser: argparse.ArgumentParser, line: str) -> Call:
    """Read the call from a magic's line.

    >>> parse(parser, "score --bind x=a y=b").bind                  # doctest: +SKIP
    {'x': 'a', 'y': 'b'}

    Raises
    ------
    OptionError
        If an option is unknown, or its value is not allowed.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise OptionError(f"The options cannot be read ({str(error).lower()}): {line}") from None
    return _read(parser, words)


def parse_begun(parser: argparse.ArgumentParser, words: Sequence[str]) -> Call:
    """Read the complete parts of an unfinished line.

    >>> parse_begun(parser, ["score", "--df", "df", "--bind"]).frame    # doctest: +SKIP
    'df'
    """
    # A number may be negative.
    starts = [at for at, word in enumerate(words) if word[:1] == "-" and not word[1:2].isdigit()]
    call, read = Call(), list[str]()
    for start, end in pairwise([0, *starts, len(words)]):
        with suppress(OptionError):
            call = _read(parser, [*read, *words[start:end]])
            read += words[start:end]
    return call


def _read(parser: argparse.ArgumentParser, words: Sequence[str]) -> Call:
    try:
        # Intermixed, because the name may be anywhere, as in `--df df score`.
        found, rest = parser.parse_known_intermixed_args(words)
    except UsageError as error:
        raise OptionError(_sentence(parser, str(error))) from None
    if rest:
        raise OptionError(_unknown(parser, rest[0]))
    values = vars(found)
    for name in ("program", "out", "frame"):
        value = values[name]
        # A frame may be the path of files.
        is_path = name == "frame" and value is not None and not value.isidentifier()
        if value is not None and not is_name(value) and not is_path:
            raise OptionError(f"{value!r} is not a valid name in Python.")
    values["bind"] = bindings(values["bind"] or ())
    values["by"] = tuple(values["by"] or ())
    values["fetch"] = tuple(values["fetch"] or ())
    values["nulls"] = null_policies(values["nulls"] or ())
    values["label"] = labels(values["label"] or ())
    return Call(**values)


def is_name(text: str) -> bool:
    """Whether this is a valid variable name in Python."""
    return text.isidentifier() and not keyword.iskeyword(text)


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return the options by all of their names."""
    # argparse has no public list of options.
    return {text: action for action in parser._actions for text in action.option_strings}  # noqa: SLF001


def long_names(parser: argparse.ArgumentParser) -> list[str]:
    """Return the long names of all options."""
    return [name for name in options_of(parser) if name.startswith("--")]


def _unknown(parser: argparse.ArgumentParser, word: str) -> str:
    where = f"%{parser.prog}"
    if not word.startswith("-"):
        return f"{where} takes one name, and {word!r} is a second. See {where} --help."
    known = long_names(parser)
    plain = [name.lstrip("-") for name in known]
    written = word.partition("=")[0].lstrip("-")
    similar = difflib.get_close_matches(written, plain, n=1, cutoff=0.5)
    advice = f"Did you mean --{similar[0]}?" if similar else f"There are: {', '.join(known)}."
    return f"{where} has no option {word}. {advice} See {where} --help."


def _sentence(parser: argparse.ArgumentParser, message: str) -> str:
    """Turn a message of argparse into a sentence in our style."""
    found = re.match(r"argument ([^:]+): (.*)", message, re.DOTALL)
    if not found:
        return f"{message[:1].upper()}{message[1:]}. See %{parser.prog} --help."
    names, reason = found.groups()
    option = names.rpartition("/")[2]
    reason = reason.replace("invalid choice: ", "there is no ")
    reason = reason.replace(" (choose from ", ": choose from ").removesuffix(")")
    reason = re.sub(r"invalid (.*) value: (.*)", r"not a \1: \2", reason)
    return f"{option}: {reason}. See %{parser.prog} --help."
