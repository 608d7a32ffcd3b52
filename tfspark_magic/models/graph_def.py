"""Read graphs without a signature: frozen GraphDefs, meta graphs and checkpoints of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from tfspark_magic.errors import FetchNotFoundError, GraphLoadError, OptionError
from tfspark_magic.graph.nodes import consumers_of, operation_of, reached, tensor_of
from tfspark_magic.graph.runtime import tf, tf1
from tfspark_magic.graph.tensorflow_internals import definition_of
from tfspark_magic.models.endpoints import Endpoint
from tfspark_magic.models.safety import RESTORING
from tfspark_magic.models.saved_model import endpoint_from_info
from tfspark_magic.models.source import Source, Step, reported

_PLACEHOLDERS = ("Placeholder", "PlaceholderWithDefault")
_NO_MODEL = ("save/", "gradients/", "init")
_NO_RESULTS = ("Const", "NoOp", "Assert", *_PLACEHOLDERS)


def read_graph_def(path: Path, outputs: Any = None) -> Source:
    """Read a frozen graph, in bytes (`.pb`) or text (`.pbtxt`)."""
    graph_def = tf1.GraphDef()
    with reported(repr(path.name)):
        content = path.read_bytes()
        if path.suffix in (".pbtxt", ".txt"):
            text_format.Parse(content.decode(), graph_def)
        else:
            graph_def.ParseFromString(content)
        if not graph_def.node:
            raise GraphLoadError(f"{path.name!r} holds no TensorFlow graph.")
        return source_of_graph_def(graph_def, repr(path.name), path.stem, outputs)


def source_of_graph_def(graph_def: Any, subject: str, name: str, outputs: Any = None) -> Source:
    """Return a graph as a source; without `outputs`, the tensors that no operation uses are fetched."""
    nodes = {node.name: node for node in graph_def.node}
    inputs = {
        node.name: Endpoint(f"{node.name}:0", optional=node.op != "Placeholder")
        for node in nodes.values()
        if node.op in _PLACEHOLDERS and node.attr["dtype"].type != tf.resource.as_datatype_enum
    }
    if outputs is None:
        names = _loose_ends(graph_def)
    else:
        names = [outputs] if isinstance(outputs, str) else list(outputs)
    ends = {}
    for end in names:
        if operation_of(end) not in nodes:
            found = [node.name for node in graph_def.node if node.op not in _NO_RESULTS]
            raise FetchNotFoundError(end, reversed(found))
        ends[end] = Endpoint(tensor_of(end))
    return Source(subject, name, graph_def, _in_use(graph_def, inputs, ends), ends)


def is_checkpoint(path: Path) -> bool:
    """Whether `path` is a checkpoint: its prefix, one of its files, or a folder with a latest one."""
    return _prefix(path) is not None


def read_checkpoint(path: Path, signature: str | None = None, outputs: Any = None) -> Source:
    """Read the meta graph of a checkpoint, and the steps that restore its values.

    Raises
    ------
    GraphLoadError
        If there is no meta graph beside it.
    OptionError
        If the fetches are not known.
    """
    prefix = _prefix(path)
    assert prefix is not None
    subject = f"Checkpoint {prefix.name!r}"
    meta_path = Path(f"{prefix}.meta")
    if not meta_path.is_file():
        raise GraphLoadError(
            f"{subject} holds values and no graph ({meta_path.name!r} is not there): restore it "
            f"into its model, and load that."
        )
    if not Path(f"{prefix}.index").is_file():
        raise GraphLoadError(
            f"{subject} holds a graph and no values ({prefix.name}.index is not there)."
        )
    with reported(subject):
        meta = tf1.MetaGraphDef()
        meta.ParseFromString(meta_path.read_bytes())
        saver = meta.saver_def
        if not saver.restore_op_name:
            raise GraphLoadError(f"{subject} does not say how it is restored.")
        steps = (
            Step(
                operation_of(saver.restore_op_name),
                {saver.filename_tensor_name: str(prefix)},
                RESTORING,
            ),
        )
        known = meta.signature_def.get(signature or "serving_default")
        if outputs is None and known is not None:
            ends = {n: endpoint_from_info(i) for n, i in sorted(known.outputs.items())}
            fed = {n: endpoint_from_info(i) for n, i in sorted(known.inputs.items())}
            return Source(subject, prefix.name, meta.graph_def, fed, ends, steps)
        if outputs is None:
            names = [n for n in _fed(meta.graph_def) if not n.startswith(_NO_MODEL)]
            raise OptionError(
                f"{subject} does not say what it gives: pass outputs=, the names of tensors such as "
                f"{', '.join(map(repr, names[-5:]))}."
            )
        plain = source_of_graph_def(meta.graph_def, subject, prefix.name, outputs)
        return replace(plain, steps=steps)


def _prefix(path: Path) -> Path | None:
    if path.is_dir():
        state = path / "checkpoint"
        latest = tf1.train.latest_checkpoint(str(path)) if state.is_file() else None
        inside = latest is not None and Path(latest).resolve().parent == path.resolve()
        return Path(latest) if inside and latest else None
    name = path.name
    for end in (".meta", ".index"):
        if name.endswith(end) and path.is_file():
            return path.with_name(name.removesuffix(end))
    if ".data-" in name and path.is_file():
        return path.with_name(name.partition(".data-")[0])
    return path if Path(f"{path}.index").is_file() else None


def _loose_ends(graph_def: Any) -> list[str]:
    """Return the operations whose value no operation uses, in the graph's order."""
    taken = {operation_of(reference) for node in graph_def.node for reference in node.input}
    fed = _fed(graph_def)
    return [name for name in fed if name not in taken]


def _fed(graph_def: Any) -> list[str]:
    """Return the operations that depend on a placeholder, in the graph's order."""
    consumers = consumers_of(graph_def.node)
    placeholders = [node.name for node in graph_def.node if node.op == "Placeholder"]
    fed = reached(placeholders, lambda name: consumers.get(name, ()))
    return [node.name for node in graph_def.node if node.name in fed and _gives(node)]


def _gives(node: Any) -> bool:
    definition = definition_of(node.op)
    return node.op not in _NO_RESULTS and (definition is None or bool(definition.output_arg))


def _in_use(
    graph_def: Any, inputs: Mapping[str, Endpoint], outputs: Mapping[str, Endpoint]
) -> dict[str, Endpoint]:
    """Return the inputs that the outputs depend on."""
    taken = {node.name: list(map(operation_of, node.input)) for node in graph_def.node}
    ends = (operation_of(end.tensor) for end in outputs.values())
    needed = reached(ends, lambda name: taken.get(name, ()))
    return {name: end for name, end in inputs.items() if name in needed}
