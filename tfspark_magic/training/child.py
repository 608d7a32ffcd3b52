"""The process of a training: it imports TensorFlow, trains a model, and says how this ended.

It talks with its parent in lines of JSON, through standard input and output. When the parent ends,
these are closed, and this process ends too.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import shutil
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from tfspark_magic.errors import TfSparkError

STATE = "state.npz"
_LONGEST = 400
"""The most characters that are shown of an error of a model or callback."""


def main() -> None:
    """Do the job of the parent.

    Lines in: the folder with the job, and then the addresses of all workers. Lines out: the port on
    which this process will listen, and then how the training ended.
    """
    out = _own_output()
    folder = Path(json.loads(sys.stdin.readline()))
    try:
        _say(out, {"port": _prepare()})
    except TfSparkError as error:
        _say(out, _told(error))
        return
    line = sys.stdin.readline()
    if not line:
        return
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    _say(out, _trained(folder, json.loads(line)))
    out.flush()
    # TensorFlow's servers, and readers that a callback has stopped, would be waited for.
    os._exit(0)


def _prepare() -> int:
    """Import TensorFlow and return a port; nothing may use TensorFlow before its collectives."""
    from tfspark_magic.graph.runtime import tf, without
    from tfspark_magic.training.hosts import free_port

    threads = int(os.environ.get("OMP_NUM_THREADS") or 0)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    # They take as long as all of Keras, which imports them, where it can, for what no training uses.
    with without("sklearn", "matplotlib"):
        import keras  # noqa: F401
    return free_port()


def _trained(folder: Path, addresses: list[str]) -> dict[str, Any]:
    from tfspark_magic.graph.runtime import tf
    from tfspark_magic.training.collectives import (
        Collectives,
        PortTakenError,
        WorkerLostError,
        is_lost,
    )
    from tfspark_magic.training.fitting import fit
    from tfspark_magic.worker.tensorflow_errors import failure

    job = pickle.loads((folder / "job").read_bytes())  # noqa: S301  (the parent's own)
    try:
        others = Collectives(addresses, job.rank) if len(addresses) > 1 else None
        state = fit(job, others)
        if job.rank == 0:
            (folder / STATE).write_bytes(state.to_bytes())
    except WorkerLostError as error:
        return {"again" if isinstance(error, PortTakenError) else "lost": str(error)}
    except TfSparkError as error:
        return _told(error)
    except tf.errors.OpError as error:
        if is_lost(error):
            return {"lost": str(error.message).splitlines()[-1]}
        return _told(
            failure(error, f"Training of {job.training.plan.name!r}", smaller="batch_size")
        )
    except Exception as error:  # noqa: BLE001  (a model's and callbacks' own)
        import traceback

        traceback.print_exc()
        name = job.training.plan.name
        text = " ".join(str(error).split())[:_LONGEST]
        return {
            "error": [
                "WorkerFailedError",
                f"Training of {name!r} failed: {type(error).__name__}: {text}",
            ]
        }
    return {"done": True}


def _told(error: TfSparkError) -> dict[str, Any]:
    return {"error": [type(error).__name__, str(error)]}


def _own_output() -> TextIO:
    """Return the standard output, and let what a model prints go where errors go."""
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return own


def _say(out: TextIO, line: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        out.write(json.dumps(line) + "\n")
        out.flush()


def _end_with_parent(folder: Path) -> None:
    sys.stdin.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
