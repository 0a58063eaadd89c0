"""What screen 2 shows as lines and labels on a sheet: what its SVG and its PNG draw, each in its own way. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from services.safe_text import safe
from widgets import wording
from widgets.chart import Points, round_parts
from widgets.metric_view import MetricPage
from widgets.scale import top

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1200, 480, 90, 20, 60, 50

INK, QUIET, CURVE, COMPARED, THRESHOLD, CHANGE, SHEET = (
    "#000000", "#555555", "#1f618d", "#aaaaaa", "#c0392b", "#888888", "#ffffff",
)  # fmt: skip


class Path(msgspec.Struct, frozen=True):
    """A line through these places of the sheet, in its units, from the top left corner."""

    places: tuple[tuple[float, float], ...]
    colour: str
    dashed: bool = False
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
    return (*_head(page), *_axes(page), *_thresholds(page), *_changes(page), *_curves(page), *_ends(page))


def top_of(page: MetricPage) -> float:
    """The top of the scale, a round number, as on the screen."""
    curve = page.curve
    peak = max((value for _, value in (*curve.points, *curve.compared)), default=0.0)
    return top(peak, curve.unit, curve.thresholds)


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
    return (
        Label(20, 24, f"{safe(page.title)} {page.statistic}", bold=True),
        Label(20, 44, safe(page.subject), QUIET),
        Label(WIDTH - RIGHT, 24, page.stretch, QUIET, ends=True),
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


def _thresholds(page: MetricPage) -> list[Mark]:
    found: list[Mark] = []
    for one in page.curve.thresholds:
        if one.value <= top_of(page):
            y = _y(page, one.value)
            found.append(Path(((LEFT, y), (WIDTH - RIGHT, y)), THRESHOLD, dashed=True))
            found.append(Label(LEFT + 6, y - 5, f"{one.state.value} {one.value:g}", THRESHOLD))
    return found


def _changes(page: MetricPage) -> list[Mark]:
    found: list[Mark] = []
    for change in page.curve.changes:
        at = change.at.timestamp()
        if page.curve.start <= at < page.curve.end:
            x = _x(page, at)
            found.append(Path(((x, TOP), (x, HEIGHT - BOTTOM)), CHANGE, dashed=True))
            found.append(Label(x, HEIGHT - 30, change.label, QUIET))
    return found


def _curves(page: MetricPage) -> list[Mark]:
    curve = page.curve
    half = curve.period / 2
    return [
        Path(tuple((_x(page, at + half), _y(page, value)) for at, value in run), colour, curve=True)
        for points, colour in ((curve.compared, COMPARED), (curve.points, CURVE))
        for run in runs(points, curve.period)
    ]


def _ends(page: MetricPage) -> tuple[Mark, ...]:
    return (
        Label(LEFT, HEIGHT - 10, moment(page.curve.start)),
        Label(WIDTH - RIGHT, HEIGHT - 10, moment(page.curve.end), ends=True),
    )
