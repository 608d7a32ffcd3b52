"""Complete the line of a magic at Tab: options, programs, DataFrames, placeholders, columns."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from tfspark_magic.binding.feeds import NULL_POLICIES
from tfspark_magic.errors import TfSparkError
from tfspark_magic.graph.program import Program
from tfspark_magic.notebook.magics import TFGraphMagics
from tfspark_magic.notebook.namespace import frames, keras_models, programs
from tfspark_magic.notebook.options import options_of, parse_begun
from tfspark_magic.schema.spec import CellSpec, TensorSpec, is_lossless, reshaped

_IDENTIFIER = "tfspark_magic.options"
_CELL = re.compile(r"\s*%%(tfgraph)\s+(.*)")
_LINE = re.compile(r"\s*(?:[\w, ]+=\s*)?%(tfgraph|tfrun)\s+(.*)")
_TENSOR_NAMES = re.compile(r"""\bname\s*=\s*(['"])([\w./>-]+)\1""")
_PLACEHOLDERS = re.compile(r"""\bplaceholder\w*\([^\n]*?\bname\s*=\s*(['"])([\w./>-]+)\1""")
_ASSIGNED = re.compile(r"^([A-Za-z_]\w*)\s*=(?!=)", re.MULTILINE)


def install(shell: Any) -> None:
    """Let the shell's completer ask this module first on the line of one of our magics."""

    @context_matcher(identifier=_IDENTIFIER, priority=100)
    def tfgraph_matcher(context: CompletionContext) -> SimpleMatcherResult:
        return match(context, shell.user_ns)

    matchers = shell.Completer.custom_matchers
    matchers[:] = [m for m in matchers if getattr(m, "matcher_identifier", "") != _IDENTIFIER]
    matchers.append(tfgraph_matcher)


def match(context: CompletionContext, namespace: dict[str, Any]) -> SimpleMatcherResult:
    """Complete the word before the cursor, if it is on the line of one of our magics.

    >>> match(context, namespace)["completions"]                    # doctest: +SKIP
    [<SimpleCompletion text='--df' type='param'>, ...]
    """
    before, cell = context.text_until_cursor, ""
    found = _LINE.fullmatch(before)
    lines = context.full_text.split("\n")
    if not found and not any(line.strip() for line in lines[: context.cursor_line]):
        found = _CELL.fullmatch(before)
        cell = "\n".join(lines[context.cursor_line + 1 :])
    if not found:
        return {"completions": []}
    words, word = _words(found[2])
    typed = _Typed(getattr(TFGraphMagics, found[1]).parser, words, namespace, cell)
    offers, kind = typed.offers(word)
    if kind in ("column", "value") and "=" in word:
        # A completion replaces only the last column or value.
        word = word.rpartition("=")[2].rpartition(",")[2]
    completions = [
        SimpleCompletion(_as_word(text), type=kind) for text in offers if text.startswith(word)
    ]
    return {
        "completions": completions,
        "matched_fragment": word,
        "suppress": True,
        "ordered": True,
    }


def _words(text: str) -> tuple[list[str], str]:
    """Return the words before the cursor, and the unfinished word."""
    word = text.rsplit(maxsplit=1)[-1] if text and not text[-1].isspace() else ""
    before = text[: len(text) - len(word)]
    try:
        return shlex.split(before), word
    except ValueError:
        return before.split(), word


class _Typed:
    """The part of the line before the word to complete."""

    def __init__(
        self,
        parser: argparse.ArgumentParser,
        words: Sequence[str],
        namespace: dict[str, Any],
        cell: str,
    ) -> None:
        self._options = options_of(parser)
        self._words = words
        self._namespace = namespace
        self._cell = cell
        self._call = parse_begun(parser, words)

    def offers(self, word: str) -> tuple[list[str], str]:
        """Return the possible completions of `word`, and their kind."""
        if word.startswith("-"):
            return self._more_options(), "param"
        option = self._open_option()
        if option is not None:
            return self._values(option, word)
        names = [*self._programs(), *keras_models(self._namespace)]
        if self._call.program in names:
            return self._more_options(), "param"
        return [*names, *self._more_options()], "instance"

    def _open_option(self) -> argparse.Action | None:
        """Return the option that takes the next word as a value."""
        for back, word in enumerate(reversed(self._words)):
            if word in self._options:
                option = self._options[word]
                takes = option.nargs == "+" or (option.nargs in (None, "?") and back == 0)
                return option if takes else None
        return None

    def _more_options(self) -> list[str]:
        given = [self._options[word] for word in self._words if word in self._options]
        once = {option.dest for option in given if option.nargs != "+"}
        return [
            name
            for name, option in self._options.items()
            if name.startswith("--") and option.dest not in once
        ]

    def _values(self, option: argparse.Action, word: str) -> tuple[list[str], str]:
        match option.dest:
            case "nulls":
                return self._nulls(word)
            case "frame":
                return list(self._dataframes()), "instance"
            case "bind":
                return self._bindings(word)
            case "by":
                return self._keys(), "key"
            case "label" | "weight":
                offers, kind = [name for name, _ in self._columns()], "column"
            case "fetch":
                offers, kind = self._fetches(), "tensor"
            case _:
                offers, kind = [str(choice) for choice in option.choices or ()], "value"
        return offers, kind

    def _bindings(self, word: str) -> tuple[list[str], str]:
        if "=" in word:
            placeholder, _, written = word.partition("=")
            before = written.split(",")[:-1]
            offered = self._columns_for(placeholder, in_list=bool(before))
            return [name for name in offered if name not in before], "column"
        free = [name for name in self._placeholders() if name not in self._call.bind]
        return [f"{name}=" for name in free], "placeholder"

    def _nulls(self, word: str) -> tuple[list[str], str]:
        given = self._call.nulls
        if "=" in word:
            return list(NULL_POLICIES), "value"
        named = given if isinstance(given, dict) else {}
        if given is not None and not named:
            return self._more_options(), "param"
        each = [f"{name}=" for name in self._placeholders() if name not in named]
        return each if named else [*NULL_POLICIES, *each], "value"

    def _programs(self) -> dict[str, Program]:
        return programs(self._namespace)

    def _program(self) -> Program | None:
        known = self._programs()
        only = next(iter(known)) if len(known) == 1 and not self._cell else "graph"
        return known.get(self._call.program or only)

    def _placeholders(self) -> list[str]:
        # The text of the cell comes first: the program of this name may be from an earlier version
        # of the cell.
        written = [name for _, name in _PLACEHOLDERS.findall(self._cell)]
        program = self._program()
        known = [spec.name for spec in program.inputs] if program else []
        return list(dict.fromkeys(written or known))

    def _fetches(self) -> list[str]:
        if self._cell:
            named = [name for _, name in _TENSOR_NAMES.findall(self._cell)]
            return list(dict.fromkeys([*named, *_ASSIGNED.findall(self._cell)]))
        program = self._program()
        return [spec.name for spec in program.outputs] if program else []

    def _dataframes(self) -> dict[str, Any]:
        return {name: self._namespace[name] for name in frames(self._namespace)}

    def _dataframe(self) -> Any:
        known = self._dataframes()
        return known.get(self._call.frame or next(iter(known), ""))

    def _keys(self) -> list[str]:
        df, given = self._dataframe(), self._call.by
        if df is None:
            return []
        from tfspark_magic.frames.frame import frame_of

        names = (str(name) for name, _ in frame_of(df, "completion").schema())
        return [name for name in names if name not in given]

    def _columns(self) -> list[tuple[str, CellSpec | TfSparkError]]:
        df = self._dataframe()
        if df is None:
            return []
        from tfspark_magic.frames.frame import frame_of

        return list(frame_of(df, "completion").columns)

    def _columns_for(self, placeholder: str, *, in_list: bool) -> list[str]:
        program = self._program()
        specs = {spec.name: spec for spec in program.inputs} if program else {}
        columns = self._columns()
        spec = specs.get(placeholder)
        if spec is not None:
            spec = replace(spec, shape=()) if in_list else spec
            columns.sort(key=lambda column: not _fits(spec, column[1]))
        return [name for name, _ in columns]


def _fits(spec: TensorSpec, cell: CellSpec | TfSparkError) -> bool:
    if not isinstance(cell, CellSpec) or not is_lossless(cell.dtype, spec.dtype):
        return False
    held = cell.shape or ()
    shapes = (spec.cell(per_row=way) for way in (True, False))
    return any(reshaped(held, held, shape) is not None for shape in shapes)


def _as_word(text: str) -> str:
    return text if text.endswith("=") else shlex.quote(text)
