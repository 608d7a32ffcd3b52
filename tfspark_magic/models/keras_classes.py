"""Find the custom classes and functions in a Keras file, by the names that Keras uses for them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MODELS = ("Functional", "Sequential", "Model")


def own_classes(path: Path) -> list[str]:
    """Return the keys that `custom_objects` needs for a file, in the order of the model.

    >>> own_classes(Path("own.keras"))                                  # doctest: +SKIP
    ['mine>Doubling', 'tripled']
    """
    import keras

    found = dict.fromkeys(key for node in _nodes(_config(path)) if (key := _key(node)))
    return [key for key in found if keras.saving.get_registered_object(key) is None]


def _config(path: Path) -> Any:
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    import h5py

    with h5py.File(path, "r") as file:
        return json.loads(file.attrs["model_config"])


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("class_name"), str) and "config" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one)


def _key(node: dict[str, Any]) -> str:
    import keras

    name, module = node["class_name"], str(node.get("module") or "")
    if name == "function":
        key = node["config"]
    elif "registered_name" in node:
        key = None if module.startswith("keras") else node["registered_name"]
    else:
        # Layers in .h5 files have only this name.
        key = None if name in _MODELS or hasattr(keras.layers, name) else name
    valid = isinstance(key, str) and key.rpartition(">")[2].isidentifier()
    return key if valid and not key.startswith("_") else ""
