"""Look at bytes that are a picture, JPEG or PNG: their size, and a small picture of the same."""

from __future__ import annotations

import base64
import struct
from typing import NamedTuple

from tfspark_magic.inspection.png import png

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_MOST_PIXELS = 40_000_000
"""A picture of more pixels is not decoded: a few bytes can stand for a great many."""
_MOST_BYTES = 6_000
"""A picture of more bytes is made smaller, so that a page of them stays small."""
_PLAIN_MARKERS = (0x01, *range(0xD0, 0xD9))
_NOT_A_FRAME = (0xC4, 0xC8, 0xCC)
_START_OF_SCAN = 0xDA
_PALETTE_OR_COLOUR, _GREY = (2, 3), 0


class Photograph(NamedTuple):
    """What the first bytes of a picture say: its format, `"jpeg"` or `"png"`, and its size in pixels."""

    format: str
    width: int
    height: int

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"{self.format.upper()}, {self.height:,} by {self.width:,} pixels"

    def url(self, data: bytes) -> str:
        """Return a URL that holds the bytes of a picture of this format."""
        return f"data:image/{self.format};base64,{base64.b64encode(data).decode()}"


class SmallPicture(NamedTuple):
    """A picture for a page, without other files: its data are in its URL; its size is that on the page."""

    source: str
    width: int
    height: int
    title: str


def photograph(data: bytes) -> Photograph | None:
    """Return what a picture says of itself; None if these bytes are none, or one of too many pixels.

    >>> photograph(png(bytes(6), 3, 2, channels=1))
    Photograph(format='png', width=3, height=2)
    >>> photograph(b"text") is None
    True
    """
    found = _said(data)
    is_small = found is not None and 0 < found.width * found.height <= _MOST_PIXELS
    return found if is_small else None


def picture_words(data: bytes) -> str:
    """Say what a picture is, also one of too many pixels; empty if these bytes are none.

    >>> picture_words(png(bytes(6), 3, 2, channels=1)).rpartition(",")[0]
    'PNG, 2 by 3 pixels'
    """
    found = _said(data)
    return "" if found is None else f"{found.title}, {len(data):,} bytes"


def small_picture(data: bytes, side: int) -> SmallPicture | None:
    """Make a picture for a page; None if these bytes are none, or cannot be decoded.

    >>> small_picture(png(bytes(6), 3, 2, channels=1), 96).title
    'PNG, 2 by 3 pixels'

    Parameters
    ----------
    data
        The bytes of a JPEG or PNG. Up to 6,000 bytes are taken as they are; of more, a smaller
        picture is made.
    side
        The longer side on the page in pixels, at most.
    """
    found = photograph(data)
    if found is None:
        return None
    small = data if len(data) <= _MOST_BYTES else _reduced(data, found, side)
    if small is None:
        return None
    scale = min(1.0, side / max(found.width, found.height))
    width, height = (max(1, round(n * scale)) for n in (found.width, found.height))
    return SmallPicture(found.url(small), width, height, found.title)


def _said(data: bytes) -> Photograph | None:
    """Return what the first bytes say, of a picture of any size."""
    if data.startswith(_PNG) and data[12:16] == b"IHDR" and len(data) > 25:  # noqa: PLR2004
        return Photograph("png", *struct.unpack(">II", data[16:24]))
    return _jpeg(data) if data.startswith(_JPEG) else None


def _reduced(data: bytes, found: Photograph, side: int) -> bytes | None:
    """Return a small picture in the same format; None if the bytes cannot be decoded.

    Parameters
    ----------
    data, found
        The picture, and what it says of itself.
    side
        The longer side of the small picture, in pixels.
    """
    from tfspark_magic.graph.eager import eager_mode
    from tfspark_magic.graph.runtime import tf

    longer = max(found.width, found.height)
    size = [max(1, round(n * side / longer)) for n in (found.height, found.width)]
    with eager_mode():
        try:
            if found.format == "jpeg":
                ratio = next(r for r in (8, 4, 2, 1) if r == 1 or longer >= 2 * r * side)
                whole = tf.io.decode_jpeg(data, channels=3, ratio=ratio)
            else:
                colour = data[25]
                channels = 3 if colour in _PALETTE_OR_COLOUR else 1 if colour == _GREY else 4
                whole = tf.io.decode_png(data, channels=channels)
        except (tf.errors.InvalidArgumentError, tf.errors.ResourceExhaustedError):
            return None
        resized = tf.image.resize(whole, size, method="area")
        small = tf.cast(tf.round(resized), tf.uint8)
        if found.format == "jpeg":
            return bytes(tf.io.encode_jpeg(small, quality=80).numpy())
        pixels = small.numpy()
    return png(pixels.tobytes(), size[1], size[0], pixels.shape[2])


def _jpeg(data: bytes) -> Photograph | None:
    """Read the segments up to the frame, which has the size."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004
        marker = data[at + 1]
        if marker in (0xFF, *_PLAIN_MARKERS):
            at += 1 if marker == 0xFF else 2  # noqa: PLR2004
            continue
        if 0xC0 <= marker <= 0xCF and marker not in _NOT_A_FRAME:  # noqa: PLR2004
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Photograph("jpeg", width, height)
        if marker == _START_OF_SCAN:
            return None
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
