"""Start a process for a training: a Python worker of Spark may have used TensorFlow before."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tfspark_magic
from tfspark_magic.errors import WorkerFailedError
from tfspark_magic.training.child import STATE
from tfspark_magic.training.job import Job

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.readline()); "
    "from tfspark_magic.training.child import main; main()"
)
KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
}
"""Each step takes and frees the same tensors. These settings of glibc keep their memory for the next step."""
_TAIL = 2000
Message = dict[str, Any]


class Trainer:
    """The process of a training. It answers with messages, one of which may hold an `"error"`.

    >>> with trainer_in(folder, device="cpu") as trainer:           # doctest: +SKIP
    ...     port = trainer.port()
    ...     end = trainer.train(job, addresses)
    """

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process, self._folder = process, folder

    def port(self) -> Message:
        """Wait until it has imported TensorFlow, and return the port on which it will listen."""
        return self._heard()

    def train(self, job: Job, addresses: Sequence[str]) -> Message:
        """Let it train, and return how it ended: `"done"`, `"lost"` or `"error"`.

        Raises
        ------
        WorkerFailedError
            If the process was killed, or another one has taken its port: the others wait for it in
            vain, and Spark tries the stage again.
        """
        (self._folder / "job").write_bytes(pickle.dumps(job))
        self.say(list(addresses))
        end = self._heard()
        if "again" in end:
            raise WorkerFailedError(end["again"])
        return end

    @property
    def state(self) -> bytes:
        """The last state of the training, which the first worker writes."""
        return (self._folder / STATE).read_bytes()

    def say(self, line: Any) -> None:
        """Send a line. A process that has ended gets none; `port` and `train` notice it."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()

    def _heard(self) -> Message:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            message: Message = json.loads(line)
            return message
        code = self._process.wait()
        if code < 0:
            how = f"was killed ({signal.Signals(-code).name}), often because memory is short"
            advice = "give it a smaller batch_size, or the nodes fewer tasks or more memory."
            raise WorkerFailedError(f"The process of a training {how}", advice)
        raise WorkerFailedError(f"The process of a training ended ({code})", self._last_words())

    def _last_words(self) -> str:
        text = (self._folder / "log").read_text(errors="replace")[-_TAIL:]
        return next(
            (line for line in reversed(text.splitlines()) if line.strip()), "without a word."
        )


@contextmanager
def trainer_in(
    folder: Path, *, device: str, gpus: Sequence[str] | None, directory: str = ""
) -> Iterator[Trainer]:
    """Start the process; it ends with this block, or with this process.

    Parameters
    ----------
    folder
        The folder of its files and its log.
    device
        The device of the plan.
    gpus
        The addresses of the GPUs that Spark gave to this task; None outside of Spark.
    directory
        Its working directory, if there is such a one here; else `folder`.
    """
    ours = {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    environment = {**KEPT_MEMORY, **os.environ, **ours}
    if device == "cpu" or (device == "auto" and gpus == ()):
        environment["CUDA_VISIBLE_DEVICES"] = "-1"
    elif gpus:
        environment["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)
        environment.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603  (this Python)
            [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, env=environment, text=True,
            cwd=directory if directory and Path(directory).is_dir() else folder,
        )  # fmt: skip
    trainer = Trainer(process, folder)
    try:
        trainer.say([_code(folder), *sys.path])
        trainer.say(str(folder))
        yield trainer
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe and pipe.close()


def _code(folder: Path) -> str:
    """Return a path from which this package can be imported; a shipped package has no folder."""
    finders = (f for f in sys.meta_path if getattr(f, "package", None) == tfspark_magic.__name__)
    archive = next((getattr(finder, "archive", None) for finder in finders), None)
    if archive is None:
        return str(Path(tfspark_magic.__file__).parents[1])
    path = folder / "code.zip"
    path.write_bytes(archive)
    return str(path)
