"""Write and run a call of `fit` together with its model and frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import tfspark_magic
from tfspark_magic.binding import Columns
from tfspark_magic.binding.columns import FrameColumns
from tfspark_magic.notebook.binding import Host
from tfspark_magic.notebook.bound_call import VERBS_DEFAULTS, literal
from tfspark_magic.notebook.call import FIT_OPTIONS, Call
from tfspark_magic.notebook.namespace import find_dataframe, find_keras_model, frame_code

EPOCHS, BATCH_SIZE = 1, 32
"""The defaults of a line; those of Keras."""


@dataclass(frozen=True, eq=False)
class BoundFit:
    """A call of `fit` with its objects; nothing has run.

    >>> bind_fit(Call(verb="fit", program="net", label="y"), magics).python()   # doctest: +SKIP
    "tfs.fit(net, df, features={}, label='y', epochs=1, batch_size=32)"
    """

    call: Call
    model: Any
    frame: Any

    @property
    def arguments(self) -> list[str]:
        """The arguments of `fit` after the model and the frame, as Python."""
        given = {"features": self._features, **self._options}
        return [f"{name}={literal(value)}" for name, value in given.items()]

    def python(self) -> str:
        """Write the line of Python that does the same."""
        arguments = [str(self.call.program), frame_code(str(self.call.frame)), *self.arguments]
        line = f"tfs.fit({', '.join(arguments)})"
        return f"{self.call.out} = {line}" if self.call.out else line

    def check(self, columns: Columns | None = None) -> None:
        """Raise an error if the model cannot be trained on these columns; nothing runs.

        Parameters
        ----------
        columns
            The columns of the frame; if not given, they are read from it.
        """
        from tfspark_magic.binding.training import bind_training
        from tfspark_magic.frames.frame import frame_of
        from tfspark_magic.models.keras_training import check_model, signature_of

        call = self.call
        known = frame_of(self.frame, "fit").columns if columns is None else columns
        check_model(self.model, call.workers or 1)
        bind_training(
            signature_of(self.model), FrameColumns.of(known), features=self._features,
            label=call.label or "", weight=call.weight, nulls=call.nulls, device=str(call.device),
        )  # fmt: skip

    @cached_property
    def result(self) -> Any:
        """The trained model; it is trained when it is first needed."""
        return tfspark_magic.fit(self.model, self.frame, features=self._features, **self._options)

    @property
    def _features(self) -> Any:
        return self.call.bind

    @property
    def _options(self) -> dict[str, Any]:
        given = {name: getattr(self.call, name) for name in FIT_OPTIONS}
        options = {name: value for name, value in given.items() if value is not None}
        for name in ("nulls", "device"):
            value = getattr(self.call, name)
            if value != VERBS_DEFAULTS[name]:
                options[name] = value
        return options


def bind_fit(call: Call, host: Host) -> BoundFit:
    """Find the model and the frame of a call of `fit`.

    Raises
    ------
    OptionError
        If options do not go together, or there is no such model or frame.
    """
    call.known_verb()
    name, model = find_keras_model(host.namespace(), call.program)
    frame_name, frame = find_dataframe(host.namespace(), call.frame, host.results())
    whole = replace(
        call, program=name, frame=frame_name, epochs=call.epochs or EPOCHS,
        batch_size=call.batch_size or BATCH_SIZE, nulls=host.nulls if call.nulls is None else call.nulls,
        device=call.device or host.device,
    )  # fmt: skip
    return BoundFit(whole, model, frame)
