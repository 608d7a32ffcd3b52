"""Find ragged and sparse inputs of a SavedModel; its signature lists only the tensors inside of them.

A signature calls a function. A ragged argument `v` of the function is `v` and `v_1` in the
signature, but so are the two tensors of a list `v`. The objects of the SavedModel tell these cases
apart, if one of them has the function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tfspark_magic.graph.composites import dense_to, is_composite, kind_of
from tfspark_magic.graph.library import functions_by_name
from tfspark_magic.graph.nodes import CALLS, operation_of
from tfspark_magic.graph.runtime import tf
from tfspark_magic.graph.tensorflow_internals import decoded_structure

_NUMBER = re.compile(r"_\d+$")


def refused_inputs(meta: Any, signature: Any, subject: str, folder: str) -> str:
    """Say which input is ragged or sparse, and how to load the model; empty if none is.

    >>> refused_inputs(meta, signature, "SavedModel m", "m")     # doctest: +SKIP
    "Input 'v' of SavedModel 'm' is a ragged tensor, which no column feeds: load
    model = tf.saved_model.load('m'), and pass a function of a dense v that gives
    model.f(tf.RaggedTensor.from_tensor(v))."
    """
    called = _called(meta, signature)
    if called is None:
        return ""
    found = [
        (name, arguments)
        for name in _same(called, meta)
        if (arguments := _arguments(meta, name, called)) is not None
    ]
    # If two different functions could be the called one, it is not clear which it is.
    if not found or any(arguments != found[0][1] for _, arguments in found):
        return ""
    name, arguments = found[0]
    key, spec = next((one for one in arguments.specs if is_composite(one[1])), ("", None))
    if spec is None:
        return ""
    given = ", ".join(arguments.codes())
    return (
        f"Input {key!r} of {subject} is a {kind_of(spec)}, which no column feeds: load model = "
        f"tf.saved_model.load({folder!r}), and pass a function of a dense {key} that gives "
        f"{_attribute(meta.object_graph_def, name)}({given})."
    )


@dataclass(frozen=True)
class _Called:
    """The function that a signature calls, and the signature's name for each of its tensors."""

    definition: Any
    keys: list[str]


@dataclass(frozen=True)
class _Arguments:
    """The arguments of a function: positional, by keyword, and the spec and name of each tensor."""

    positional: tuple[Any, ...]
    named: dict[str, Any]
    specs: list[tuple[str, Any]]

    def codes(self) -> Iterator[str]:
        """Return the code of each argument, made from dense tensors."""
        dense = iter([dense_to(n, s) if is_composite(s) else n for n, s in self.specs])
        yield from (_code(value, dense) for value in self.positional)
        yield from (f"{name}={_code(self.named[name], dense)}" for name in sorted(self.named))


def _code(value: Any, dense: Iterator[str]) -> str:
    if isinstance(value, tf.TypeSpec):
        return next(dense)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_code(value[k], dense)}" for k in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_code(one, dense) for one in value) + "]"
    return repr(value)


def _called(meta: Any, signature: Any) -> _Called | None:
    functions = functions_by_name(meta.graph_def)
    nodes = {node.name: node for node in meta.graph_def.node}
    key_of = {operation_of(info.name): key for key, info in signature.inputs.items()}
    for info in signature.outputs.values():
        call = nodes.get(operation_of(info.name))
        wrapper = _function_of(call, functions)
        if call is None or wrapper is None:
            continue
        taken = zip(wrapper.signature.input_arg, call.input, strict=False)
        given = {argument.name: key_of.get(operation_of(name)) for argument, name in taken}
        for inner in wrapper.node_def:
            definition = _function_of(inner, functions)
            if definition is not None:
                keys = [given.get(operation_of(name)) for name in inner.input]
                return _Called(definition, [key for key in keys if key is not None])
    return None


def _function_of(call: Any, functions: dict[str, Any]) -> Any:
    return functions.get(call.attr["f"].func.name) if call and call.op in CALLS else None


def _same(called: _Called, meta: Any) -> Iterator[str]:
    """Return the function in the objects that is called: itself, or another trace of it."""
    there = meta.object_graph_def.concrete_functions
    name = called.definition.signature.name
    if name in there:
        yield name
        return
    for function in meta.graph_def.library.function:
        other = function.signature.name
        alike = _NUMBER.sub("", other) == _NUMBER.sub("", name)
        if alike and other in there and _operations(function) == _operations(called.definition):
            yield other


def _operations(function: Any) -> list[str]:
    return sorted(node.op for node in function.node_def)


def _arguments(meta: Any, name: str, called: _Called) -> _Arguments | None:
    """Return the arguments of a function, with the signature's names; None if they do not fit."""
    packed = meta.object_graph_def.concrete_functions[name].canonicalized_input_signature
    try:
        positional, named = decoded_structure(packed)
    except (ValueError, TypeError, KeyError, AttributeError):
        # Types that this TensorFlow does not know are neither ragged nor sparse.
        return None
    flat = tf.nest.flatten((positional, named))
    specs = [spec for spec in flat if isinstance(spec, tf.TypeSpec)]
    parts = [tf.nest.flatten(spec, expand_composites=True) for spec in specs]
    dtypes = [part.dtype.as_datatype_enum for flat in parts for part in flat]
    types = [argument.type for argument in called.definition.signature.input_arg]
    if len(dtypes) != len(called.keys) or dtypes != types[: len(dtypes)]:
        return None
    starts = accumulate((len(flat) for flat in parts), initial=0)
    first = [
        called.keys[start] if flat else "None" for start, flat in zip(starts, parts, strict=False)
    ]
    return _Arguments(positional, named, list(zip(first, specs, strict=True)))


def _attribute(objects: Any, name: str) -> str:
    """Return the code of the function of a loaded model."""
    paths = [("model", 0)]
    seen = {0}
    for path, number in paths:
        node = objects.nodes[number]
        if name in node.function.concrete_functions:
            return path.removesuffix(".__call__")
        for child in node.children:
            if child.node_id not in seen and child.local_name.isidentifier():
                seen.add(child.node_id)
                paths.append((f"{path}.{child.local_name}", child.node_id))
    return "its function"
