"""A line canvas in dots: series, threshold lines and deploy markers → rows of spans. Pure.

A pixel column always stands for the same stretch of wall time: its edges are multiples of the step since the epoch,
so a finished column never changes while the window moves on (facts/performance.md 2b: a quarter of the bytes, and no
shimmer). Within a column the lowest and the highest value are drawn, so that no peak falls between two dots. A column
without data stays empty; a curve is never joined across one. Two pixel columns and four pixel rows make a cell.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from enum import StrEnum
from math import isfinite
from typing import TypeAlias

import msgspec

from services.model.assessment import State, Threshold
from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span

STEPS = (5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
"""Seconds a pixel column may stand for: each divides or is divided by the periods of CloudWatch."""

_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Dots of a cell's left and right column, from the bottom up."""

_CURVES = {State.ELEVATED: "chart-elevated", State.WARN: "chart-warn", State.CRIT: "chart-crit"}
LINE_STYLES = {State.ELEVATED: "line-elevated", State.WARN: "line-warn", State.CRIT: "line-crit"}

Column: TypeAlias = tuple[float, float] | None
"""Lowest and highest value of one pixel column; None: no data."""


class Kind(StrEnum):
    LINE = "line"
    AREA = "area"
    """Filled down to zero: for what is counted."""


class Window(msgspec.Struct, frozen=True):
    """The stretch of time a chart shows, in epoch seconds; `step` seconds a pixel column, two columns a cell."""

    start: int
    step: int
    width: int
    """Cells."""

    @property
    def end(self) -> int:
        return self.start + self.width * 2 * self.step

    def cell(self, moment: float) -> int | None:
        """The cell of a moment; None outside."""
        place = int((moment - self.start) // (2 * self.step))
        return place if 0 <= place < self.width else None


class Plot(msgspec.Struct, frozen=True):
    """What is drawn."""

    points: tuple[tuple[int, float], ...]
    """Period start in epoch seconds and value, ascending, gaps left out."""
    period: int = 60
    thresholds: tuple[Threshold, ...] = ()
    settled_until: int | None = None
    """From here on points are still filling: drawn faint."""
    markers: tuple[int, ...] = ()
    """Moments of changes, epoch seconds."""
    kind: Kind = Kind.LINE


def window(now: float, width: int, span: int = 3600) -> Window:
    """The window of `width` cells that ends with the cell of `now` and shows at least `span` seconds."""
    width = max(1, width)
    step = next((step for step in STEPS if step * width * 2 >= span), STEPS[-1])
    cell = 2 * step
    end = (int(now) // cell + 1) * cell
    return Window(end - width * cell, step, width)


def span_for(width: int, period: int, wanted: int, least: int) -> int:
    """Seconds to show: `wanted`, or less where that gives every point a pixel column of its own, but `least` at least.

    In a narrow chart the last minutes matter more than the hour, and they must not drown in one cell.
    """
    return max(least, min(wanted, 2 * width * period))


def columns(points: Sequence[tuple[int, float]], period: int, shown: Window) -> list[Column]:
    """Each pixel column's lowest and highest value; a point fills every column of its period."""
    found: list[Column] = [None] * (shown.width * 2)
    count, step, start = len(found), shown.step, shown.start
    first = bisect_left(points, (start - period + 1,))
    for index in range(first, len(points)):
        moment, value = points[index]
        if not isfinite(value):
            continue
        left = (moment - start) // step
        if left >= count:
            break
        right = (moment + period - 1 - start) // step
        for x in range(max(0, left), min(count - 1, right) + 1):
            old = found[x]
            found[x] = (value, value) if old is None else (min(old[0], value), max(old[1], value))
    return found


def band(value: float, thresholds: Iterable[Threshold]) -> State:
    """The state of one value: of the highest threshold it is above, strictly."""
    worst = State.OK
    for threshold in thresholds:
        if value > threshold.value and threshold.state.severity > worst.severity:
            worst = threshold.state
    return worst


def draw(plot: Plot, shown: Window, top: float, height: int, charset: Charset = UNICODE) -> tuple[Row, ...]:
    """`height` rows of exactly `shown.width` cells; empty cells are spaces. `top` is the value of the upper edge."""
    found = columns(plot.points, plot.period, shown)
    settled = len(found) if plot.settled_until is None else (plot.settled_until - shown.start) // shown.step
    masks = _masks(found, top, height, plot.kind, settled)
    colours = styles(found, plot, shown)
    lines = {
        level(threshold.value, top, height): threshold for threshold in plot.thresholds if 0 < threshold.value <= top
    }
    marked = {cell for cell in map(shown.cell, plot.markers) if cell is not None}
    glyph = _braille if charset.braille else _ascii
    rows = []
    for y in range(height):
        threshold = lines.get(y)
        rule = LINE_STYLES.get(threshold.state, "rule") if threshold else ""
        cells: list[tuple[str, str]] = []
        for x, mask in enumerate(masks[y]):
            if mask:
                cells.append((glyph(mask), colours[x]))
            elif x in marked:
                cells.append((charset.marker_line, "rule"))
            elif threshold:
                cells.append((charset.threshold, rule))
            else:
                cells.append((" ", ""))
        rows.append(_runs(cells))
    return tuple(rows)


def level(value: float, top: float, height: int) -> int:
    """The row, from above, in which `value` is drawn."""
    return height - 1 - _dot(value, top, height * 4) // 4


def _dot(value: float, top: float, dots: int) -> int:
    """The pixel row of `value`, 0 at the bottom."""
    if top <= 0:
        return 0
    return max(0, min(dots - 1, round(value / top * (dots - 1))))


def _masks(found: Sequence[Column], top: float, height: int, kind: Kind, settled: int) -> list[list[int]]:
    """The dots of every cell as bits of a braille pattern, rows from above.

    Columns from `settled` on are not joined to their neighbours: a count that is still growing is no fall.
    """
    dots = height * 4
    masks = [[0] * (len(found) // 2) for _ in range(height)]
    before: tuple[int, int] | None = None
    for x, column in enumerate(found):
        if column is None:
            before = None
            continue
        low, high = _dot(column[0], top, dots), _dot(column[1], top, dots)
        here = (low, high)
        if kind is Kind.AREA:
            low = 0
        elif before is not None and x < settled:  # join to the column before, touching and not overlapping
            if low > before[1] + 1:
                low = before[1] + 1
            elif high < before[0] - 1:
                high = before[0] - 1
        before = here
        bits, cell = _BITS[x & 1], x >> 1
        for dot in range(low, high + 1):
            masks[height - 1 - (dot >> 2)][cell] |= bits[dot & 3]
    return masks


def styles(found: Sequence[Column], plot: Plot, shown: Window) -> list[str]:
    """One style a cell: its worst band, or faint as soon as any of it is still filling."""
    settled = shown.end if plot.settled_until is None else plot.settled_until
    quiet = "chart-fill" if plot.kind is Kind.AREA else "chart"
    chosen = []
    for cell in range(shown.width):
        pair = [column[1] for column in found[2 * cell : 2 * cell + 2] if column is not None]
        if pair and _filling(plot, shown, cell, settled):
            chosen.append("chart-faint")
        else:
            chosen.append(_CURVES.get(band(max(pair), plot.thresholds), quiet) if pair else "")
    return chosen


def _filling(plot: Plot, shown: Window, cell: int, settled: int) -> bool:
    """Whether a point that begins at or after `settled` reaches into this cell."""
    end = shown.start + (2 * cell + 2) * shown.step
    if end <= settled:
        return False
    begin = end - 2 * shown.step
    first = bisect_left(plot.points, (max(settled, begin - plot.period + 1),))
    return first < len(plot.points) and plot.points[first][0] < end


def _braille(mask: int) -> str:
    return chr(0x2800 + mask)


def _ascii(mask: int) -> str:
    """`*` where the curve is, `.` where it only touches the bottom of the cell."""
    return "." if not mask & ~0xC0 else "*"


def _runs(cells: Iterable[tuple[str, str]]) -> Row:
    """Neighbouring cells of one style as one span."""
    runs: list[Span] = []
    text: list[str] = []
    style = ""
    for character, name in cells:
        if name != style and text:
            runs.append(Span("".join(text), style))
            text = []
        style = name
        text.append(character)
    if text:
        runs.append(Span("".join(text), style))
    return tuple(runs)
