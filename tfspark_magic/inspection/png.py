"""Write pixels as a PNG."""

from __future__ import annotations

import struct
import zlib

COLOUR_TYPES = {1: 0, 3: 2, 4: 6}
"""PNG's number for each number of channels."""
_START = b"\x89PNG\r\n\x1a\n"


def png(pixels: bytes, width: int, height: int, channels: int) -> bytes:
    """Return a PNG of pixels in rows, of 1, 3 or 4 channels of a byte each.

    >>> png(bytes([0, 255]), 2, 1, channels=1)[1:4]
    b'PNG'
    """
    line = width * channels
    raw = b"".join(b"\0" + pixels[row * line : (row + 1) * line] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, COLOUR_TYPES[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return _START + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
