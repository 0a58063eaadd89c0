"""What screen 2 shows as a PNG: what a chat, a ticket or a mail shows at once."""

from __future__ import annotations

from tui.bitmap import Bitmap
from tui.metric_figure import HEIGHT, SHEET, WIDTH, Label, Path, figure
from widgets.metric_view import MetricPage

SCALE = 2
"""Dots to a unit of the figure."""

LETTERS = 3
"""Dots to a dot of the font: as wide as the letters of the SVG."""


def png_bytes(page: MetricPage) -> bytes:
    """The figure as the bytes of a file."""
    sheet = Bitmap(WIDTH * SCALE, HEIGHT * SCALE, SHEET)
    for one in figure(page):
        if isinstance(one, Path):
            _path(sheet, one)
        else:
            _label(sheet, one)
    return sheet.png()


def _path(sheet: Bitmap, one: Path) -> None:
    places = [(round(x * SCALE), round(y * SCALE)) for x, y in one.places]
    thick = 2 * SCALE if one.curve else SCALE
    for begin, end in zip(places, places[1:] or places, strict=False):
        sheet.line(begin, end, one.colour, thick=thick, dash=one.dash * SCALE)


def _label(sheet: Bitmap, one: Label) -> None:
    x, y = round(one.x * SCALE), round(one.y * SCALE)
    width = sheet.text_width(one.text, LETTERS)
    sheet.text((x - width if one.ends else x, y), one.text, one.colour, scale=LETTERS)
    if one.bold:
        sheet.text((x + 1, y), one.text, one.colour, scale=LETTERS)
