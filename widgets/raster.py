"""Several curves on one canvas of dots: lines beside each other or areas on top of each other. Pure.

The columns are those of widgets/canvas.py: a finished one never moves. A cell that several curves cross takes the
colour of the one with most dots in it; so that colour need not tell them apart, each ends in a letter of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from widgets.canvas import Column, Window, columns
from widgets.charset import Charset
from widgets.spans import Span, cells

_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Dots of a cell's left and right column, from the bottom up."""

Cell = tuple[str, str]
"""A character and its style."""

SERIES = 6
"""Colours of lines; the seventh has the first's again, and its own letter."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"

STEP_GRAIN = 5
"""Seconds: a pixel column stands for a multiple of it, so that a chart is filled from edge to edge."""


class Curve(msgspec.Struct, frozen=True):
    """One line of a chart, with the scale that it is drawn by."""

    points: tuple[tuple[int, float], ...]
    period: int
    low: float
    high: float
    style: str
    letter: str


class Drawn(msgspec.Struct, frozen=True):
    """The cells of a chart, from above, and the row in which each curve ends; None: it has nothing here."""

    cells: list[list[Cell]]
    ends: tuple[int | None, ...]


def window(begin: int, until: int, width: int) -> Window:
    """The window of `width` cells that holds [begin, until) and little more; its cells stand still while time goes."""
    width = max(1, width)
    grain = STEP_GRAIN * 2
    cell = (
        max(grain, -(-(until - begin) // max(1, width - 1) // grain) * grain) if width > 1 else until - begin or grain
    )
    end = -(-until // cell) * cell
    return Window(end - width * cell, max(1, cell // 2), width)


def draw(
    curves: Sequence[Curve], shown: Window, height: int, settled: int, charset: Charset, *, stacked: bool = False
) -> Drawn:
    """`height` rows of `shown.width` cells. From `settled` (epoch seconds) on everything is faint."""
    found = [columns(curve.points, curve.period, shown) for curve in curves]
    dots = height * 4
    done = max(0, (settled - shown.start) // shown.step)
    if stacked:
        strokes = _stacks(curves, found, dots)
    else:
        strokes = [_line(curve, of, dots, done) for curve, of in zip(curves, found, strict=True)]
    masks = [_masks(stroke, shown.width, height) for stroke in strokes]
    first_faint = -(-(settled - shown.start) // (2 * shown.step))
    rows = [
        [_cell([mask[y][x] for mask in masks], curves, x >= first_faint, charset) for x in range(shown.width)]
        for y in range(height)
    ]
    return Drawn(rows, tuple(_end(stroke, height, done) for stroke in strokes))


def row_of(value: float, low: float, high: float, height: int) -> int:
    """The row, from above, in which `value` is drawn."""
    return height - 1 - _dot(value, low, high, height * 4) // 4


def _dot(value: float, low: float, high: float, dots: int) -> int:
    """The pixel row of `value`, 0 at the bottom."""
    span = high / 2 - low / 2  # halves: the difference of two finite numbers may be none
    if span <= 0:
        return 0
    share = (min(max(value, low), high) / 2 - low / 2) / span
    return round(share * (dots - 1))


Stroke = list["tuple[int, int] | None"]
"""For each pixel column the lowest and the highest dot."""


def _line(curve: Curve, found: Sequence[Column], dots: int, settled: int) -> Stroke:
    """A curve's dots, joined from column to column, never across a gap and not from column `settled` on: a count that
    is still growing is no fall."""
    stroke: Stroke = []
    before: tuple[int, int] | None = None
    for x, column in enumerate(found):
        if column is None:
            stroke.append(None)
            before = None
            continue
        low, high = (_dot(value, curve.low, curve.high, dots) for value in column)
        here = (low, high)
        if before is not None and x < settled:
            if low > before[1] + 1:
                low = before[1] + 1
            elif high < before[0] - 1:
                high = before[0] - 1
        before = here
        stroke.append((low, high))
    return stroke


def _stacks(curves: Sequence[Curve], found: Sequence[Sequence[Column]], dots: int) -> list[Stroke]:
    """Areas on top of each other; a curve without data in a column adds nothing there."""
    ground = [0.0] * (len(found[0]) if found else 0)
    strokes: list[Stroke] = []
    for curve, of in zip(curves, found, strict=True):
        stroke: Stroke = []
        for x, column in enumerate(of):
            if column is None:
                stroke.append(None)
                continue
            below, ground[x] = ground[x], ground[x] + max(0.0, column[1])
            low, high = (_dot(value, curve.low, curve.high, dots) for value in (below, ground[x]))
            stroke.append((low + 1 if below > 0 and low < high else low, high))
        strokes.append(stroke)
    return strokes


def _masks(stroke: Stroke, width: int, height: int) -> list[list[int]]:
    masks = [[0] * width for _ in range(height)]
    for x, span in enumerate(stroke):
        if span is None:
            continue
        bits, cell = _BITS[x & 1], x >> 1
        for dot in range(span[0], span[1] + 1):
            masks[height - 1 - (dot >> 2)][cell] |= bits[dot & 3]
    return masks


def _cell(masks: Sequence[int], curves: Sequence[Curve], faint: bool, charset: Charset) -> Cell:
    together, most, chosen = 0, 0, -1
    for index, mask in enumerate(masks):
        if mask:
            together |= mask
            count = mask.bit_count()
            if count > most:
                most, chosen = count, index
    if chosen < 0:
        return " ", ""
    style = "chart-faint" if faint else curves[chosen].style
    return (chr(0x2800 + together) if charset.braille else curves[chosen].letter), style


def _end(stroke: Stroke, height: int, settled: int) -> int | None:
    """The row of the last complete value; of the last at all where none is."""
    last = next((span for part in (stroke[:settled], stroke) for span in reversed(part) if span is not None), None)
    return None if last is None else height - 1 - last[1] // 4


def style(index: int) -> str:
    """The style of the line at this place."""
    return f"series-{index % SERIES + 1}"


def letter(index: int) -> str:
    return LETTERS[index % len(LETTERS)]


def under(drawn: list[list[Cell]], y: int, x: int | None, sign: str, style: str) -> None:
    if x is not None and drawn[y][x][0] == " ":
        drawn[y][x] = (sign, style)


def write(drawn: list[list[Cell]], y: int, x: int, text: str, style: str) -> bool:
    """A text where no curve is; left out whole, and False, where it would hide one or has wide characters."""
    if not text or not text.isprintable() or cells([Span(text)]) != len(text):
        return False
    place = drawn[y][x : x + len(text)]
    if x < 0 or x + len(text) > len(drawn[y]) or any(name.startswith(("series", "chart")) for _, name in place):
        return False
    for offset, character in enumerate(text):
        drawn[y][x + offset] = (character, style)
    return True


def letters(ends: Sequence[int | None], curves: Sequence[Curve], height: int) -> dict[int, Span]:
    """Each line's letter in the row where it ends, or as near as there is room."""
    found: dict[int, Span] = {}
    for end, curve in zip(ends, curves, strict=True):
        if end is None:
            continue
        places = sorted(range(height), key=lambda y: (abs(y - end), -y))
        place = next((y for y in places if y not in found), None)
        if place is not None:
            found[place] = Span(f" {curve.letter}", curve.style)
    return found


def runs(drawn: Sequence[Cell]) -> list[Span]:
    spans: list[Span] = []
    for character, name in drawn:
        if spans and spans[-1].style == name:
            spans[-1] = Span(spans[-1].text + character, name)
        else:
            spans.append(Span(character, name))
    return spans
