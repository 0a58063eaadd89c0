"""A sheet of coloured dots that can be written as a PNG (ISO/IEC 15948): lines and letters, nothing else.

Nothing that is installed with the cockpit turns a drawing into dots (plotext and Textual write text, HTML and SVG), and
an image library for one chart would be larger than all of the cockpit.
"""

from __future__ import annotations

import struct
import zlib

from tui.bitmap_font import GLYPH_HEIGHT, GLYPH_WIDTH, glyph

Place = tuple[int, int]
"""Column and row, from the top left corner."""

MOST_COLOURS = 256


class Bitmap:
    """Dots of up to 256 colours. What lies outside is not drawn."""

    def __init__(self, width: int, height: int, colour: str) -> None:
        """A blank sheet; colours are `#rrggbb`."""
        self.width, self.height = width, height
        self._palette = [colour]
        self._dots = bytearray(width * height)

    def dot(self, x: int, y: int) -> str:
        """The colour of a dot."""
        return self._palette[self._dots[y * self.width + x]]

    def fill(self, x: int, y: int, width: int, height: int, colour: str) -> None:
        """A rectangle whose top left dot is at (x, y)."""
        left, right = max(0, x), min(self.width, x + width)
        if right <= left:
            return
        run = bytes([self._place_of(colour)]) * (right - left)
        for row in range(max(0, y), min(self.height, y + height)):
            begin = row * self.width
            self._dots[begin + left : begin + right] = run

    def line(self, begin: Place, end: Place, colour: str, *, thick: int = 1, dash: int = 0) -> None:
        """A straight line, both ends included; with `dash`, as many dots drawn as left out in turn."""
        (x, y), (to_x, to_y) = begin, end
        steps = max(abs(to_x - x), abs(to_y - y))
        for step in range(steps + 1):
            if dash and step // dash % 2:
                continue
            share = step / steps if steps else 0.0
            at_x, at_y = round(x + share * (to_x - x)), round(y + share * (to_y - y))
            self.fill(at_x - thick // 2, at_y - thick // 2, thick, thick, colour)

    def text(self, place: Place, text: str, colour: str, *, scale: int = 1) -> None:
        """Letters whose baseline begins at `place`; what the font has not is drawn as a box."""
        x, y = place
        for index, character in enumerate(text):
            left = x + index * (GLYPH_WIDTH + 1) * scale
            for column, bits in enumerate(glyph(character)):
                for row in range(GLYPH_HEIGHT):
                    if bits >> row & 1:
                        top = y - (GLYPH_HEIGHT - row) * scale
                        self.fill(left + column * scale, top, scale, scale, colour)

    def text_width(self, text: str, scale: int = 1) -> int:
        """Dots from the first column of a text to its last."""
        return max(0, len(text) * (GLYPH_WIDTH + 1) - 1) * scale

    def png(self) -> bytes:
        """The bytes of a PNG file: one byte a dot, with a palette."""
        rows = (self._dots[row * self.width : (row + 1) * self.width] for row in range(self.height))
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        palette = b"".join(bytes.fromhex(colour[1:]) for colour in self._palette)
        data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)

    def _place_of(self, colour: str) -> int:
        if colour not in self._palette:
            if len(self._palette) == MOST_COLOURS:
                raise ValueError(f"more than {MOST_COLOURS} colours on one sheet")
            self._palette.append(colour)
        return self._palette.index(colour)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
