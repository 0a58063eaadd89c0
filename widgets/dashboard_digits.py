"""A number, three rows high. Pure. Digits are 3x6 pixels, two of which stand in one cell as half blocks."""

from __future__ import annotations

from widgets.charset import Charset
from widgets.spans import Row, Span, cells

_DIGITS = {
    "0": "### #.# #.# #.# ### ...",
    "1": ".#. ##. .#. .#. ### ...",
    "2": "### ..# ### #.. ### ...",
    "3": "### ..# ### ..# ### ...",
    "4": "#.# #.# ### ..# ..# ...",
    "5": "### #.. ### ..# ### ...",
    "6": "### #.. ### #.# ### ...",
    "7": "### ..# ..# ..# ..# ...",
    "8": "### #.# ### #.# ### ...",
    "9": "### #.# ### ..# ### ...",
    ".": ". . . . # .",
    "-": ".. .. ## .. .. ..",
    "–": ".. .. ## .. .. ..",
    "<": "..# .#. #.. .#. ..# ...",
    " ": ". . . . . .",
}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}

HEIGHT = 3


def big_number(figures: str, unit: str, style: str, width: int, charset: Charset) -> list[Row]:
    """`figures` three rows high with `unit` beside them where they fit and the terminal has blocks, else one row."""
    small = (Span(figures, style), Span(f" {unit}" if unit else "", "muted"))
    if not charset.braille or not figures or any(one not in _DIGITS for one in figures):
        return [small]
    rows = [(Span(line, style),) for line in _drawn(figures)]
    size = cells(rows[0])
    if size + (len(unit) + 1 if unit else 0) > width:
        return [small]
    aside = [Span(" " * (len(unit) + 1)), Span(f" {unit}", "muted"), Span(" " * (len(unit) + 1))] if unit else []
    return [(*line, aside[y]) if aside else line for y, line in enumerate(rows)]


def _drawn(figures: str) -> list[str]:
    grids = [[[pixel == "#" for pixel in line] for line in _DIGITS[one].split(" ")] for one in figures]
    return [
        " ".join("".join(_HALVES[pair] for pair in zip(grid[y], grid[y + 1], strict=True)) for grid in grids)
        for y in (0, 2, 4)
    ]
