"""Load models in a process that TensorFlow may crash: reads a path, and writes the outcome."""

from __future__ import annotations

import json
import sys

import tfspark_magic as tfs


def outcome(path: str, outputs: str | None, expected: str) -> str:
    try:
        program = tfs.load(path, outputs=outputs)
    except tfs.TfSparkError as error:
        return "error" if "\n" not in str(error) else f"two lines: {error}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "equal" if program.digest == expected else "another"


def main() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("digest"):
            reply = tfs.load(request["path"], outputs=request["outputs"]).digest
        else:
            reply = outcome(request["path"], request["outputs"], request["expected"])
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
