"""What screen 2 shows as lines and labels on a sheet: what its SVG and its PNG draw, each in its own way. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from services.model.assessment import Threshold, Unit
from services.safe_text import safe
from widgets import wording
from widgets.chart import Points, round_parts
from widgets.metric_view import MetricPage
from widgets.raster import letter

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1200, 480, 90, 20, 60, 50

INK, QUIET, CURVE, COMPARED, THRESHOLD, CHANGE, SHEET = (
    "#000000", "#555555", "#1f618d", "#aaaaaa", "#c0392b", "#888888", "#ffffff",
)  # fmt: skip


LINES = (CURVE, "#8e5aa8", "#b9770e", "#117a65", "#7d6608", "#566573", "#943126", "#1a5276", "#145a32")
"""Colours of several lines; each has its letter at its end and in the legend, too."""

DASHES = (0, 10, 4)
"""Lengths of the dashes of lines in turn, 0: none; the letters go on where these begin anew."""


class Path(msgspec.Struct, frozen=True):
    """A line through these places of the sheet, in its units, from the top left corner."""

    places: tuple[tuple[float, float], ...]
    colour: str
    dash: int = 0
    """Length of its dashes and of the gaps between them; 0: drawn through."""
    curve: bool = False
    """It is a piece of data: drawn thicker, even where it is a single place."""


class Label(msgspec.Struct, frozen=True):
    """Text whose baseline begins (or ends) at a place."""

    x: float
    y: float
    text: str
    colour: str = INK
    bold: bool = False
    ends: bool = False
    """It ends there."""


Mark = Path | Label


def figure(page: MetricPage) -> tuple[Mark, ...]:
    """Head, thresholds, changes, the compared curve, the curve, the ends of both scales; in the order of drawing."""
    return (
        *_head(page),
        *_axes(page),
        *_thresholds(page),
        *_changes(page),
        *_curves(page),
        *_legend(page),
        *_ends(page),
    )


def top_of(page: MetricPage) -> float:
    """The top of the scale, a round number, as on the screen."""
    return page.curve.top


def steps_of(page: MetricPage) -> tuple[tuple[float, str], ...]:
    """Values beside the chart and what is written there: zero, round parts, the top."""
    highest = top_of(page)
    parts = round_parts(highest)
    values = [highest * part / parts for part in range(parts + 1)]
    return tuple((value, wording.axis(value, page.curve.unit)) for value in values)


def runs(points: Points, period: int) -> list[list[tuple[int, float]]]:
    """The points in pieces without a gap: a curve is never drawn across one."""
    found: list[list[tuple[int, float]]] = []
    for at, value in points:
        if found and at - found[-1][-1][0] <= period:
            found[-1].append((at, value))
        else:
            found.append([(at, value)])
    return found


def moment(at: int) -> str:
    """`2026-11-23 03:07Z`."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}Z"


def _x(page: MetricPage, at: float) -> float:
    curve = page.curve
    return LEFT + (at - curve.start) / max(1, curve.end - curve.start) * (WIDTH - LEFT - RIGHT)


def _y(page: MetricPage, value: float) -> float:
    return HEIGHT - BOTTOM - value / top_of(page) * (HEIGHT - TOP - BOTTOM)


def _head(page: MetricPage) -> tuple[Mark, ...]:
    """What it is, whose and when; and what the curve behind it is, which nobody who was sent the picture would know."""
    behind = (Label(WIDTH - RIGHT, 44, f"grey: {safe(page.compared)}", QUIET, ends=True),) if page.compared else ()
    return (
        Label(20, 24, f"{safe(page.title)} {page.statistic}", bold=True),
        Label(20, 44, safe(page.subject), QUIET),
        Label(WIDTH - RIGHT, 24, page.stretch, QUIET, ends=True),
        *behind,
    )


def _axes(page: MetricPage) -> tuple[Mark, ...]:
    foot = HEIGHT - BOTTOM
    frame = Path(((LEFT, TOP), (LEFT, foot), (WIDTH - RIGHT, foot)), QUIET)
    found: list[Mark] = [frame]
    for value, text in steps_of(page):
        y = _y(page, value)
        found.append(Path(((LEFT - 5, y), (LEFT, y)), QUIET))
        found.append(Label(LEFT - 10, y + 5, text, QUIET, ends=True))
    return tuple(found)


def threshold_text(one: Threshold, unit: Unit) -> str:
    """`CRIT 2000`, `timeout 30.0 s`."""
    return f"{one.label} {wording.value(one.value, unit)}" if one.label else f"{one.state.value} {one.value:g}"


def _thresholds(page: MetricPage) -> list[Mark]:
    found: list[Mark] = []
    for one in page.curve.thresholds:
        said = threshold_text(one, page.curve.unit)
        if one.value > top_of(page):
            if one.label:
                found.append(Label(WIDTH - RIGHT, TOP + 14, f"above: {said}", THRESHOLD, ends=True))
        else:
            y = _y(page, one.value)
            found.append(Path(((LEFT, y), (WIDTH - RIGHT, y)), THRESHOLD, dash=4))
            found.append(Label(LEFT + 6, y - 5, said, THRESHOLD))
    return found


def _changes(page: MetricPage) -> list[Mark]:
    found: list[Mark] = []
    for change in page.curve.changes:
        at = change.at.timestamp()
        if page.curve.start <= at < page.curve.end:
            x = _x(page, at)
            found.append(Path(((x, TOP), (x, HEIGHT - BOTTOM)), CHANGE, dash=4))
            found.append(Label(x, HEIGHT - 30, change.label, QUIET))
    return found


def _curves(page: MetricPage) -> list[Mark]:
    curve = page.curve
    found: list[Mark] = _runs_of(page, curve.compared, COMPARED)
    for place, one in enumerate(curve.strands):
        found += _runs_of(page, one.points, LINES[place % len(LINES)], DASHES[place % len(DASHES)])
    return found


def _runs_of(page: MetricPage, points: Points, colour: str, dash: int = 0) -> list[Mark]:
    half, period = page.curve.period / 2, page.curve.period
    return [
        Path(tuple((_x(page, at + half), _y(page, value)) for at, value in run), colour, dash, curve=True)
        for run in runs(points, period)
    ]


def _legend(page: MetricPage) -> list[Mark]:
    """Letters and names of several lines, two columns over the chart, and each letter at the end of its line."""
    found: list[Mark] = []
    for place, one in enumerate(page.curve.strands if page.curve.others else ()):
        colour, sign = LINES[place % len(LINES)], letter(place)
        value = wording.value(page.curve.newest(one.points), page.curve.unit)
        x, y = LEFT + 20 + 360 * (place % 3), TOP + 18 + 18 * (place // 3)
        found.append(Label(x, y, f"{sign} {safe(one.label)} {value}", colour, bold=True))
        if one.points:
            at, last = one.points[-1]
            found.append(Label(_x(page, at + page.curve.period / 2) + 4, _y(page, last) + 5, sign, colour, bold=True))
    return found


def _ends(page: MetricPage) -> tuple[Mark, ...]:
    return (
        Label(LEFT, HEIGHT - 10, moment(page.curve.start)),
        Label(WIDTH - RIGHT, HEIGHT - 10, moment(page.curve.end), ends=True),
    )
