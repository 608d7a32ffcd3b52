"""Read and write the values of `--bind` and `--nulls`."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from tfspark_magic.binding.feeds import NULL_POLICIES
from tfspark_magic.errors import OptionError

Bound = str | list[str]
"""The columns that feed a placeholder: one, or several scalar columns side by side."""

# A text that begins like this must be in quotes if it is a value.
_OF_PLACEHOLDER = re.compile(r"([A-Za-z0-9.][\w.\\/>-]*)=")


def null_text(policy: Any) -> str:
    """Write a null policy so that `null_policy` reads it as the same value.

    >>> null_text("null"), null_text(0.5), null_text("7"), null_text("none")
    ('null', '0.5', "'7'", 'none')
    """
    if isinstance(policy, str):
        plain = null_policy(policy) == policy and not _OF_PLACEHOLDER.match(policy)
        return policy if plain else repr(policy)
    return str(policy)


def nulls_words(nulls: Any) -> list[str]:
    """Write the words of `--nulls`.

    >>> nulls_words({"x": 0, "y": "null"}), nulls_words(None)
    (['x=0', 'y=null'], [])
    """
    if isinstance(nulls, dict):
        return [f"{name}={null_text(policy)}" for name, policy in nulls.items()]
    return [] if nulls is None else [null_text(nulls)]


def null_policies(words: Sequence[str]) -> Any:
    """Read the words of `--nulls`: one policy, or a policy for each placeholder; None if empty.

    >>> null_policies(["0"]), null_policies(["x=0", "y=null"])
    (0, {'x': 0, 'y': 'null'})

    Raises
    ------
    OptionError
        If there are several policies, and one of them names no placeholder.
    """
    if not words:
        return None
    if len(words) == 1 and not _OF_PLACEHOLDER.match(words[0]):
        return null_policy(words[0])
    policies: dict[str, Any] = {}
    for word in words:
        found = _OF_PLACEHOLDER.match(word)
        if found is None or found[1] in policies:
            raise OptionError(
                f"--nulls takes one policy for all placeholders, or placeholder=policy for each, "
                f"got {' '.join(words)}."
            )
        policies[found[1]] = null_policy(word[found.end() :])
    return policies


def null_policy(text: Any) -> Any:
    """Read a null policy: `"error"`, `"null"`, a number or truth value, else the text itself.

    >>> null_policy("null"), null_policy("-1"), null_policy("0.5"), null_policy("'7'")
    ('null', -1, 0.5, '7')
    """
    if not isinstance(text, str) or text in NULL_POLICIES:
        return text
    if text.lower() in ("nan", "inf", "-inf"):
        return float(text)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, bool | int | float | str) else text


def bound_text(column: Bound) -> str:
    r"""Write a column, or a list of columns, as in `--bind` after the `=`.

    >>> bound_text("a"), bound_text(["a", "b"]), bound_text(["a"]), bound_text("a,b")
    ('a', 'a,b', 'a,', 'a\\,b')
    """
    if isinstance(column, str):
        return column.replace("\\", "\\\\").replace(",", "\\,")
    return ",".join(map(bound_text, column)) + ("," if len(column) == 1 else "")


def _bound(text: str) -> Bound:
    """Read the text that `bound_text` writes: a comma without a backslash before it makes a list."""
    names, written = [""], iter(text)
    for char in written:
        if char == ",":
            names.append("")
            continue
        if char == "\\":
            after = next(written, "")
            char = after if after and after in ",\\" else char + after  # noqa: PLW2901
        names[-1] += char
    if len(names) == 1:
        return names[0]
    return names[:-1] if not names[-1] else names


def column_label(column: Bound) -> str:
    """Return a short label for a column or several columns, for a drawing.

    >>> column_label("a"), column_label(["a", "b"])
    ('a', 'a, b')
    """
    return column if isinstance(column, str) else ", ".join(column)


def label_words(label: Any) -> list[str]:
    """Write the words of `--label`.

    >>> label_words("y"), label_words({"score": "y", "kind": ["a", "b"]}), label_words("a=b")
    (['y'], ['score=y', 'kind=a,b'], ['=a=b'])
    """
    if isinstance(label, dict):
        return [f"{name}={bound_text(column)}" for name, column in label.items()]
    text = "" if label is None else bound_text(label)
    # A column whose name has this sign would be read as that of an output.
    return [f"={text}" if "=" in text else text] if text else []


def labels(words: Sequence[str]) -> Bound | dict[str, Bound] | None:
    """Read the words of `--label`: one column, or a column for each output; None if empty.

    >>> labels(["y"]), labels(["score=y", "kind=a,b"]), labels([])
    ('y', {'score': 'y', 'kind': ['a', 'b']}, None)

    Raises
    ------
    OptionError
        If there are several columns, and one of them names no output.
    """
    if not words:
        return None
    output, equals, column = words[0].partition("=")
    columns = _bound(column if equals else output)
    if len(words) == 1 and not (output and equals) and columns and all(columns):
        return columns
    return bindings(words, "--label", "output")


def bindings(
    pairs: Sequence[str], option: str = "--bind", what: str = "placeholder"
) -> dict[str, Bound]:
    """Read the words of `--bind`.

    >>> bindings(["x=a", "v=b,c"])
    {'x': 'a', 'v': ['b', 'c']}

    Raises
    ------
    OptionError
        If a word has no placeholder or no column.
    """
    bound: dict[str, Bound] = {}
    for pair in pairs:
        placeholder, equals, column = pair.partition("=")
        columns = _bound(column)
        if not (placeholder and equals and column and all(columns)):
            raise OptionError(
                f"{option} takes {what}=column, got {pair!r}: write {option} x=column, or "
                f"x=column,column, with no space around the = and the comma."
            )
        bound[placeholder] = columns
    return bound
