"""Answer the questions of a widget's page: each message with a number gets an answer, or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets

from tfspark_magic.errors import TfSparkError


def answer_page(
    widget: ipywidgets.Widget, answer: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> None:
    """Answer each message of a widget's page.

    >>> answer_page(view, lambda content: {"found": 3})             # doctest: +SKIP

        {"id": 7, "ask": "search", "text": "MatMul"}  ->  {"id": 7, "answer": {"found": 3}}

    Parameters
    ----------
    widget
        The widget.
    answer
        Returns the answer to the content of a message. The page gets an error as a sentence.
    """

    def receive(_: Any, content: Mapping[str, Any], __: Any) -> None:
        number = content.get("id")
        try:
            answered = answer(content)
        except TfSparkError as error:
            widget.send({"id": number, "error": str(error)})
        except Exception as error:  # noqa: BLE001  (the page waits for an answer, whatever it is)
            widget.send({"id": number, "error": f"{type(error).__name__}: {error}"})
        else:
            widget.send({"id": number, "answer": answered})

    widget.on_msg(receive)
