"""Make photographs and a network for them, and check the labels that a way gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SIDE = 224
_SIZE = (360, 480)
_CHECKED = 50
_BATCH = 32


@dataclass(frozen=True)
class Photographs:
    """A folder of JPEGs, and a network in a file.

    Parameters
    ----------
    folder, model
        Where they are.
    count
        The number of JPEGs.
    """

    folder: Path
    model: Path
    count: int

    @property
    def paths(self) -> list[str]:
        """The paths of the JPEGs, in their order."""
        return [str(self.folder / f"{number:05}.jpg") for number in range(self.count)]

    def check(self, found: dict[str, tuple[int, float]]) -> None:
        """Raise an error if labels and scores, by path, are not those of a picture alone."""
        names = sorted(Path(path).name for path in found)
        np.testing.assert_equal(names, [Path(path).name for path in self.paths])
        by_name = {Path(path).name: result for path, result in found.items()}
        network, pixels = load(self.model), decode()
        for path in self.paths[:: max(1, self.count // _CHECKED)]:
            scores = network(pixels(Path(path).read_bytes())[None], training=False).numpy()[0]
            label, score = by_name[Path(path).name]
            spread = scores.std()
            np.testing.assert_allclose(score, scores.max(), atol=0.01 * spread)
            # Two labels may have scores that differ by the rounding of float32.
            np.testing.assert_allclose(scores[label], scores.max(), atol=0.01 * spread)


def photographs(folder: Path, count: int) -> Photographs:
    """Write JPEGs of smooth colours with some noise, and a MobileNetV2 with random weights."""
    import tensorflow as tf

    made = Photographs(folder / f"photographs_{count}", folder / "mobilenet.keras", count)
    folder.mkdir(parents=True, exist_ok=True)
    if not made.model.exists():
        tf.keras.utils.set_random_seed(0)
        network = tf.keras.applications.MobileNetV2(weights=None, classifier_activation=None)
        network.save(made.model)
    if not made.folder.exists():
        partial = made.folder.with_suffix(".partial")
        partial.mkdir(exist_ok=True)
        rng = np.random.default_rng(6)
        for path in made.paths:
            colours = rng.uniform(0, 255, (5, 7, 3))
            smooth = tf.image.resize(colours, _SIZE, "bicubic").numpy()
            noisy = np.clip(smooth + rng.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)
            (partial / Path(path).name).write_bytes(tf.io.encode_jpeg(noisy, quality=90).numpy())
        partial.rename(made.folder)
    return made


def load(path: Path) -> Any:
    """Return the network."""
    import tensorflow as tf

    return tf.keras.models.load_model(path, compile=False)


def decode() -> Callable[[Any], Any]:
    """Return a function from the bytes of a JPEG to what the network takes."""
    import tensorflow as tf

    def pixels(content: Any) -> Any:
        picture = tf.io.decode_jpeg(content, channels=3)
        return tf.image.resize(picture, (SIDE, SIDE)) / 127.5 - 1.0

    return pixels


def labels_of_batches(path: Path) -> Callable[[Any], tuple[np.ndarray, np.ndarray]]:
    """Return a function from the bytes of some JPEGs to their labels and scores."""
    import tensorflow as tf

    network, pixels = load(path), decode()
    kind = tf.TensorSpec((SIDE, SIDE, 3), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def labels(contents: Any) -> Any:
        scores = network(tf.map_fn(pixels, contents, fn_output_signature=kind), training=False)
        return tf.argmax(scores, 1), tf.reduce_max(scores, 1)

    def run(contents: Any) -> tuple[np.ndarray, np.ndarray]:
        found, scores = labels(tf.constant(contents))
        return found.numpy(), scores.numpy()

    return run
