"""Read SavedModels of TensorFlow 1 and 2: a graph, its signatures, and its files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from tfspark_magic.errors import GraphLoadError, OptionError, closest
from tfspark_magic.graph.nodes import operation_of
from tfspark_magic.models.composite_inputs import refused_inputs
from tfspark_magic.models.endpoints import Endpoint
from tfspark_magic.models.objects import values_beside_the_graph
from tfspark_magic.models.safety import FILLING_FROM_FILE, RESTORING
from tfspark_magic.models.source import Source, Step, reported

from tensorflow.core.protobuf.meta_graph_pb2 import AssetFileDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

DEFAULT_SIGNATURE = "serving_default"
_INTERNAL = "__saved_model_"
_ASSETS = "saved_model_assets"
_FITS_NO_COLUMN = (
    "which no column can hold: save a signature that gives {name}.to_tensor() or "
    "tf.sparse.to_dense({name})"
)
_TAKES_NO_COLUMN = (
    "which no column feeds: save a signature that takes a dense {name}, and makes "
    "tf.RaggedTensor.from_tensor({name}) or tf.sparse.from_dense({name}) of it"
)
_INITIALIZERS = ("saved_model_main_op", "legacy_init_op")


def is_saved_model(path: Path) -> bool:
    """Whether `path` is the folder of a SavedModel, or the main file in it."""
    folder = path if path.is_dir() else path.parent
    here = path.is_dir() or path.name in ("saved_model.pb", "saved_model.pbtxt")
    return here and any((folder / f"saved_model.{end}").is_file() for end in ("pb", "pbtxt"))


def read_saved_model(
    path: Path, signature: str | None = None, tags: str | Collection[str] | None = None
) -> Source:
    """Read a signature of a SavedModel; nothing runs yet.

    Raises
    ------
    OptionError
        If it has no such signature or tags, or if it has several and none was given.
    GraphLoadError
        If the SavedModel is broken.
    """
    folder = path if path.is_dir() else path.parent
    subject = f"SavedModel {folder.name!r}"
    with reported(subject):
        meta = _graph_with(_parsed(folder), tags, subject)
        chosen = meta.signature_def[_signature(meta, signature, subject)]
        refused = refused_inputs(meta, chosen, subject, folder.name)
        if refused:
            raise GraphLoadError(refused)
        return Source(
            subject=subject,
            name=folder.name,
            graph_def=meta.graph_def,
            inputs=_endpoints(chosen.inputs, _TAKES_NO_COLUMN),
            outputs=_endpoints(chosen.outputs, _FITS_NO_COLUMN),
            steps=tuple(_steps(meta, folder, subject)),
            values=values_beside_the_graph(meta, _variables(folder)),
        )


def endpoint_from_info(info: Any) -> Endpoint:
    """Return the endpoint that a `TensorInfo` describes."""
    return Endpoint(info.name, info.dtype, info.tensor_shape)


def _parsed(folder: Path) -> Any:
    binary = folder / "saved_model.pb"
    if binary.is_file():
        return SavedModel.FromString(binary.read_bytes())
    text = (folder / "saved_model.pbtxt").read_text("utf-8")
    return text_format.Parse(text, SavedModel())


def _graph_with(model: Any, tags: str | Collection[str] | None, subject: str) -> Any:
    there = [set(meta.meta_info_def.tags) for meta in model.meta_graphs]
    if tags is None:
        wanted = {"serve"} if {"serve"} in there else (there[0] if len(there) == 1 else None)
    else:
        wanted = {tags} if isinstance(tags, str) else set(tags)
    for meta, found in zip(model.meta_graphs, there, strict=True):
        if found == wanted:
            return meta
    lists = " or ".join(f"tags={sorted(found)!r}" for found in there)
    if not lists:
        raise GraphLoadError(f"{subject} holds no graph.")
    asked = "has several graphs" if wanted is None else f"has no graph with tags {sorted(wanted)}"
    raise OptionError(f"{subject} {asked}: pass {lists}.")


def _signature(meta: Any, wanted: str | None, subject: str) -> str:
    known = [str(name) for name in meta.signature_def if not name.startswith(_INTERNAL)]
    if wanted is None:
        if DEFAULT_SIGNATURE in known:
            return DEFAULT_SIGNATURE
        if len(known) == 1:
            return known[0]
        listed = ", ".join(map(repr, sorted(known)))
        message = f"{subject} has the signatures {listed}: say which with signature=."
        if not known:
            message = (
                f"{subject} has no signature, so its inputs are not known: save it with "
                f"signatures=, or load it with tf.saved_model.load and pass one of its functions."
            )
        raise OptionError(message)
    if wanted not in known:
        raise OptionError(
            f"{subject} has no signature {wanted!r}. {closest(wanted, sorted(known))}"
        )
    return wanted


def _endpoints(infos: Any, advice: str) -> dict[str, Endpoint]:
    for name in infos:
        if infos[name].WhichOneof("encoding") != "name":
            told = advice.format(name=name)
            raise GraphLoadError(f"{name!r} of the signature is a ragged or sparse tensor, {told}.")
    return {name: endpoint_from_info(infos[name]) for name in sorted(infos)}


def _steps(meta: Any, folder: Path, subject: str) -> Iterable[Step]:
    assets = {
        asset.tensor_info.name: str(_asset(folder, asset.filename, subject))
        for asset in _assets(meta)
    }
    saver = meta.saver_def
    variables = _variables(folder)
    if saver.restore_op_name and variables.with_suffix(".index").is_file():
        yield Step(
            saver.restore_op_name.removesuffix(":0"),
            {saver.filename_tensor_name: str(variables)},
            RESTORING,
        )
    for name in _initializers(meta):
        yield Step(operation_of(name), assets, FILLING_FROM_FILE)


def _variables(folder: Path) -> Path:
    return folder / "variables" / "variables"


def _initializers(meta: Any) -> list[str]:
    named = meta.signature_def.get("__saved_model_init_op")
    if named is not None:
        return [info.name for info in named.outputs.values()]
    for collection in _INITIALIZERS:
        if collection in meta.collection_def:
            return list(meta.collection_def[collection].node_list.value)
    return []


def _assets(meta: Any) -> list[Any]:
    if meta.asset_file_def or _ASSETS not in meta.collection_def:
        return list(meta.asset_file_def)
    # The form in which TensorFlow 1 writes them.
    return [
        AssetFileDef.FromString(packed.value)
        for packed in meta.collection_def[_ASSETS].any_list.value
    ]


def _asset(folder: Path, filename: str, subject: str) -> Path:
    named = Path(filename)
    file = (folder / "assets" / named).resolve()
    if named.is_absolute() or ".." in named.parts or not file.is_file():
        raise GraphLoadError(
            f"{subject} is broken or hostile: {filename!r} is no file among its assets."
        )
    if not any(file.is_relative_to(own) for own in _own_folders(folder.resolve())):
        raise GraphLoadError(
            f"Asset {filename!r} of {subject} is a link out of it, to {str(file)!r}: load a copy of "
            f"the model made with cp -rL, which copies the targets of links, if you trust it."
        )
    return file


def _own_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders in which assets may be; links in the model must lead into them."""
    yield folder
    # The cache of Hugging Face has, in snapshots/.../, a link to blobs/... for each file.
    for above in folder.parents:
        if above.name == "snapshots":
            yield above.parent / "blobs"
