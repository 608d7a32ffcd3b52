"""Store a program in a file: a zip archive without compression, with two or three members.

`program.json` holds the version of the format, the signature and the program's digest. `graph.pb`
is the `GraphDef`. `weights` are the constants beside it, if there are any. The members are read by
name and nothing is unpacked, so that an archive cannot write files or grow. The digest shows
whether the program that was read is the program that was saved.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tfspark_magic.errors import GraphLoadError
from tfspark_magic.graph.program import Program
from tfspark_magic.graph.weights import Weight, Weights, receive
from tfspark_magic.schema.spec import DTYPES, TensorSpec

_VERSION = 1
_SIGNATURE = "program.json"
_GRAPH = "graph.pb"
_WEIGHTS = "weights"
_PART_BYTES = 1 << 20
# The oldest date that an archive can hold; a fixed date gives the same bytes for the same program.
_DATE = (1980, 1, 1, 0, 0, 0)


def write_program(program: Program, path: Path) -> None:
    """Write a program to a file."""
    weights = program.weights
    signature = {
        "version": _VERSION,
        "name": program.name,
        "digest": program.digest,
        "inputs": [asdict(spec) for spec in program.inputs],
        "outputs": [asdict(spec) for spec in program.outputs],
        "initializers": program.initializers,
        "variables": sorted(program.variables),
        "defaults": program.defaults,
        "is_batched": program.is_batched,
        "columns": dict(program.columns),
        "weights": weights and {
            "digest": weights.digest,
            "index": [asdict(weight) for weight in weights.index],
        },
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_SIGNATURE, _DATE), json.dumps(signature, indent=1))
        archive.writestr(zipfile.ZipInfo(_GRAPH, _DATE), program.graph_def)
        if weights is not None:
            # The weights of a program are in a file of this process.
            assert not isinstance(weights.file, bytes)
            entry = zipfile.ZipInfo(_WEIGHTS, _DATE)
            with (
                Path(weights.file.path).open("rb") as source,
                archive.open(entry, "w", force_zip64=True) as target,
            ):
                shutil.copyfileobj(source, target, _PART_BYTES)


def _columns(said: dict[str, Any]) -> dict[str, str | tuple[str, ...]]:
    return {n: tuple(c) if isinstance(c, list) else str(c) for n, c in said.items()}


def is_archive(path: Path) -> bool:
    """Whether `path` is a file that `write_program` may have written."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return _SIGNATURE in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def read_program(path: Path) -> Program:
    """Read a program that `write_program` wrote.

    Raises
    ------
    GraphLoadError
        If it is incomplete or changed, or of a later version.
    """
    subject = f"Program {path.name!r}"
    try:
        with zipfile.ZipFile(path) as archive:
            signature = json.loads(_member(archive, _SIGNATURE))
            _check_version(signature["version"], subject)
            program = Program(
                name=str(signature["name"]),
                graph_def=_member(archive, _GRAPH),
                inputs=tuple(map(_spec_from_json, signature["inputs"])),
                outputs=tuple(map(_spec_from_json, signature["outputs"])),
                initializers=tuple(map(str, signature["initializers"])),
                variables=frozenset(map(str, signature["variables"])),
                defaults=tuple(map(str, signature["defaults"])),
                weights=_weights(archive, signature["weights"]),
                # Files of earlier versions do not have these.
                is_batched=bool(signature.get("is_batched")),
                columns=_columns(signature.get("columns", {})),
            )
            whole = program.digest == signature["digest"]
    except GraphLoadError:
        raise
    except (
        zipfile.BadZipFile, OSError, ValueError, KeyError, TypeError, AttributeError, EOFError,
        RuntimeError, RecursionError, OverflowError,
    ) as error:  # fmt: skip
        raise GraphLoadError(f"{subject} is damaged: {error}.") from error
    if not whole:
        raise GraphLoadError(f"{subject} is damaged: its digest does not fit its content.")
    return program


def _check_version(version: Any, subject: str) -> None:
    if version != _VERSION:
        raise GraphLoadError(
            f"{subject} has format {version!r}, and this tfspark_magic reads format {_VERSION}: "
            f"install a later one."
        )


def _weights(archive: zipfile.ZipFile, said: dict[str, Any] | None) -> Weights | None:
    if said is None:
        return None
    index = tuple(
        Weight(str(w["tensor"]), str(w["dtype"]), tuple(map(int, w["shape"])), int(w["offset"]))
        for w in said["index"]
    )
    if any(size < 0 for weight in index for size in weight.shape):
        raise ValueError("a weight has a negative size")
    with archive.open(_entry(archive, _WEIGHTS)) as source:
        return receive(index, str(said["digest"]), iter(lambda: source.read(_PART_BYTES), b""))


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(_entry(archive, name))


def _entry(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{name} is compressed")
    return entry


def _spec_from_json(value: dict[str, Any]) -> TensorSpec:
    name, tensor, dtype, shape = (value[key] for key in ("name", "tensor", "dtype", "shape"))
    sizes = None if shape is None else tuple(shape)
    if not isinstance(name, str) or not isinstance(tensor, str) or dtype not in DTYPES:
        raise ValueError(f"{value!r} is no placeholder and no fetch")
    if any(size is not None and type(size) is not int for size in sizes or ()):
        raise ValueError(f"{shape!r} is no shape")
    return TensorSpec(name, tensor, dtype, sizes)
