"""One curve large: scale at the left, thresholds, changes, the same hour of another day behind it, a cursor. Pure.

Drawn on our own canvas and not by plotext: a thirtieth of the time, finished columns that never move, thresholds and
markers in the colours of their states (facts/performance.md 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from math import floor, isclose, log10

import msgspec

from services.model.assessment import Threshold, Unit
from services.model.changes import Change
from widgets import raster, wording
from widgets.axis import axis
from widgets.canvas import LINE_STYLES, Kind, Plot, Window, level
from widgets.canvas import draw as draw_curve
from widgets.charset import UNICODE, Charset
from widgets.scale import top
from widgets.spans import Row, Span, cells, columns, fit

DAY = 86_400
Points = tuple[tuple[int, float], ...]


class Strand(msgspec.Struct, frozen=True):
    """A line beside the first, in its unit and at its period."""

    label: str
    points: Points


class Curve(msgspec.Struct, frozen=True):
    """What is drawn."""

    points: Points
    """Period start in epoch seconds and value, ascending, gaps left out."""
    period: int
    start: int
    end: int
    """The stretch that is shown, epoch seconds."""
    unit: Unit
    compared: Points = ()
    """The same stretch of another day, moved to this one."""
    thresholds: tuple[Threshold, ...] = ()
    changes: tuple[Change, ...] = ()
    settled_until: int | None = None
    cursor: int | None = None
    """The moment under the cursor, epoch seconds."""
    filled: bool = False
    label: str = ""
    """What the first line is, where there are others."""
    others: tuple[Strand, ...] = ()

    @property
    def strands(self) -> tuple[Strand, ...]:
        """Every line, the first included."""
        return (Strand(self.label, self.points), *self.others)

    @property
    def top(self) -> float:
        """The top of the scale, a round number."""
        drawn = (*self.points, *self.compared, *(point for one in self.others for point in one.points))
        return top(max((value for _, value in drawn), default=0.0), self.unit, self.thresholds)

    def complete(self, points: Points) -> Points:
        """Those of periods that are over and had time to fill; all of them where none is."""
        return tuple(point for point in points if not self.filling(point[0])) or points

    def filling(self, at: int) -> bool:
        """Whether the period that holds `at` may still grow."""
        return self.settled_until is not None and at // self.period * self.period >= self.settled_until

    def newest(self, points: Points) -> float | None:
        """The newest value that is complete; the newest at all where none is."""
        done = self.complete(points)
        return done[-1][1] if done else None


_GRAINS = (1, 5, 60, 300, 3600)
"""What a column's seconds are a multiple of, so that a window that grows a little keeps its columns."""


def window_of(curve: Curve, width: int) -> Window:
    """A window of `width` cells that shows the whole stretch; its columns stand on multiples of their step."""
    seconds = max(1, curve.end - curve.start)
    needed = -(-seconds // (2 * max(1, width - 1)))  # a cell to spare: the end is rarely on the edge of one
    grain = next((one for one in _GRAINS if needed <= 60 * one), _GRAINS[-1])
    step = -(-needed // grain) * grain
    cell = 2 * step
    end = -(-curve.end // cell) * cell
    return Window(end - width * cell, step, width)


def chart_rows(curve: Curve, width: int, height: int, charset: Charset = UNICODE) -> list[Row]:
    """`height` rows of `width` cells: the chart, the rule with the changes, the times."""
    room = max(1, height - 2)
    scale = curve.top
    labels = _labels(curve, scale, room)
    gutter = columns(labels.values()) + 1
    letters = _letters(curve, scale, room)
    aside = 1 + max(map(len, letters.values())) if letters else 0
    shown = window_of(curve, max(1, width - gutter - aside))
    front = _fronts if curve.others else _front
    rows = _overlaid(curve, front(curve, shown, scale, room, charset), shown, scale, charset)
    states = {level(one.value, scale, room): one.state for one in curve.thresholds}
    found: list[Row] = []
    for y, row in enumerate(rows):
        style = LINE_STYLES.get(states[y], "faint") if y in states else "faint"
        beside = fit((Span(" "), *letters.get(y, ())), aside) if aside else ()
        found.append((Span(f"{labels.get(y, ''):>{gutter - 1}} ", style), *row, *beside))
    found.append(_rule(shown, curve, gutter, width, charset))
    return [*found, times(shown, gutter, width, curve.cursor)]


def _rule(shown: Window, curve: Curve, gutter: int, width: int, charset: Charset) -> Row:
    """The rule with the changes; the time at its start is left out, the row below has the times."""
    start = f" {wording.minute(shown.start)} "
    spans = axis(shown, curve.changes, "", offset=gutter, width=width, charset=charset)
    return tuple(Span(charset.across * len(start), "rule") if span == (start, "muted") else span for span in spans)


def _plot(curve: Curve, points: Points, markers: bool) -> Plot:
    return Plot(
        points,
        curve.period,
        curve.thresholds if markers else (),
        curve.settled_until if markers else None,
        tuple(int(change.at.timestamp()) for change in curve.changes) if markers else (),
        Kind.AREA if curve.filled and markers else Kind.LINE,
    )


def _front(curve: Curve, shown: Window, scale: float, height: int, charset: Charset) -> Sequence[Row]:
    return draw_curve(_plot(curve, curve.points, True), shown, scale, height, charset)


def _letters(curve: Curve, scale: float, height: int) -> dict[int, list[Span]]:
    """Row → the letters of the lines that end in it; none where there is one line only."""
    found: dict[int, list[Span]] = {}
    for place, one in enumerate(curve.strands if curve.others else ()):
        value = curve.newest(one.points)
        if value is not None:
            found.setdefault(level(value, scale, height), []).append(Span(raster.letter(place), raster.style(place)))
    return found


def _fronts(curve: Curve, shown: Window, scale: float, height: int, charset: Charset) -> Sequence[Row]:
    """Several lines, each in a colour of its own, over thresholds and changes."""
    lines = [
        raster.Curve(one.points, curve.period, 0.0, scale, raster.style(place), raster.letter(place))
        for place, one in enumerate(curve.strands)
    ]
    until = shown.end if curve.settled_until is None else curve.settled_until
    drawn = raster.draw(lines, shown, height, until, charset)
    bare = msgspec.structs.replace(_plot(curve, (), True), kind=Kind.LINE)
    ground = draw_curve(bare, shown, scale, height, charset)
    rows = []
    for cells_of, behind in zip(drawn.cells, ground, strict=True):
        pairs = zip(cells_of, _cells(behind), strict=True)
        rows.append(_runs([under if own[0] == " " else own for own, under in pairs]))
    return rows


def _overlaid(curve: Curve, front: Sequence[Row], shown: Window, scale: float, charset: Charset) -> list[Row]:
    """The front over the compared curve, names of thresholds and the cursor where they hide nothing."""
    height = len(front)
    back = draw_curve(_plot(curve, curve.compared, False), shown, scale, height, charset) if curve.compared else ()
    place = None if curve.cursor is None else shown.cell(curve.cursor)
    names = _names(curve, scale, height, charset)
    if not back and place is None and not names:
        return list(front)
    found = []
    for y in range(height):
        cells_of = _cells(front[y])
        if back:
            behind = _cells(back[y])
            cells_of = [
                (other[0], "silent") if own[0] in _THIN and other[0] != " " else own
                for own, other in zip(cells_of, behind, strict=True)
            ]
        if y in names:
            _name(cells_of, names[y])
        if place is not None:
            sign, _ = cells_of[place]
            cells_of[place] = (charset.down if sign in _THIN else sign, "accent-strong")
        found.append(_runs(cells_of))
    return found


def _names(curve: Curve, scale: float, height: int, charset: Charset) -> dict[int, str]:
    """Row → what the threshold there is called; one above the scale stands under its upper edge with an arrow."""
    found: dict[int, str] = {}
    for one in curve.thresholds:
        if one.label and one.value <= scale:
            found[level(one.value, scale, height)] = f" {one.label} "
        elif one.label:
            arrow = "↑" if charset.braille else "^"
            found[0] = f" {arrow} {one.label} {wording.value(one.value, curve.unit)} "
    return found


def _name(cells_of: list[tuple[str, str]], text: str) -> None:
    """Write a name into the free cells that begin farthest left; left out whole where no line leaves it room."""
    size = len(text)
    for x in range(1, len(cells_of) - size):
        if all(sign in _THIN for sign, _ in cells_of[x : x + size]):
            cells_of[x : x + size] = [(sign, "line-crit") for sign in text]
            return


def _runs(cells_of: Sequence[tuple[str, str]]) -> Row:
    """Neighbouring cells of one style as one span."""
    return tuple(
        Span("".join(sign for sign, _ in run), style) for style, run in groupby(cells_of, key=lambda cell: cell[1])
    )


_THIN = frozenset(" ┈┊-:")
"""What gives way to a curve behind it: blanks, threshold lines, lines of changes."""


def _cells(row: Row) -> list[tuple[str, str]]:
    return [(character, style) for text, style in row for character in text]


def _labels(curve: Curve, scale: float, height: int) -> dict[int, str]:
    """Row → its number: zero, the top, the thresholds, and round parts of the scale where there is room."""
    found = {0: wording.axis(scale, curve.unit), height - 1: wording.axis(0, curve.unit)}
    for one in curve.thresholds:
        if 0 < one.value <= scale:
            found[level(one.value, scale, height)] = wording.axis(one.value, curve.unit)
    parts = round_parts(scale) if height >= 9 else 0
    for part in range(1, parts):
        y = level(scale * part / parts, scale, height)
        if all(abs(y - other) > 1 for other in found):
            found[y] = wording.axis(scale * part / parts, curve.unit)
    return found


def round_parts(scale: float) -> int:
    """Into how many parts a scale (a round number) falls that are round themselves: 25 into five, 8 into four."""
    lead = scale / 10.0 ** floor(log10(scale))
    return next((parts for top_, parts in ((1.5, 3), (3.0, 3), (4.0, 4), (6.0, 3), (8.0, 4)) if isclose(lead, top_)), 5)


def times(shown: Window, offset: int, width: int, cursor: int | None) -> Row:
    """Times under the chart, each at its cell, as fine as the window; the cursor's in its place."""
    cell = 2 * shown.step
    seconds = cell * shown.width
    sample = moment(shown.start, seconds)
    apart = next((one for one in _TICKS if one >= cell and one // cell >= len(sample) + 3), _TICKS[-1])
    marks: dict[int, tuple[str, str]] = {}
    for at in range(-(-shown.start // apart) * apart, shown.end, apart):
        marks[offset + (at - shown.start) // cell] = (moment(at, seconds), "faint")
    if cursor is not None and shown.cell(cursor) is not None:
        size = len(sample)
        place = max(0, min(offset + (cursor - shown.start) // cell, width - size))
        marks = {x: mark for x, mark in marks.items() if not place - size - 1 <= x <= place + size + 1}
        marks[place] = (moment(cursor, seconds), "accent-strong")
    spans: list[Span] = []
    for x, (text, style) in sorted(marks.items()):
        used = cells(spans)
        if x >= used and x + len(text) <= width:
            spans += [Span(" " * (x - used)), Span(text, style)]
    return fit(spans, width)


_TICKS = (
    60,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10_800,
    21_600,
    43_200,
    *(DAY * days for days in (1, 2, 7, 14, 28, 56, 91)),
)
"""Seconds between two times under a chart."""


def moment(at: int, seconds: int) -> str:
    """A time as fine as a window of `seconds` needs: `03:07`, `23 03:00`, `11-23`, `2026-11`."""
    when = datetime.fromtimestamp(at, UTC)
    if seconds <= DAY:
        return f"{when:%H:%M}"
    return f"{when:%m-%d %H:%M}" if seconds <= 8 * DAY else f"{when:%Y-%m-%d}"


def nearest(points: Sequence[tuple[int, float]], at: int, period: int) -> float | None:
    """The value of the period that holds `at`; None when there is none."""
    begin = at // period * period
    return next((value for moment_, value in points if moment_ == begin), None)
