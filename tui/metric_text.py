"""What screen 2 shows as a chart of letters: for a chat's code block or a ticket, from a machine that only has SSH.

Drawn by plotext, with frame, scales and legend, once, when somebody asks for it; live charts are on our own canvas.
"""

from __future__ import annotations

from typing import Any

from services.model.changes import Change
from services.safe_text import safe
from tui.metric_figure import moment, runs, steps_of, threshold_text, top_of
from widgets import wording
from widgets.chart import Points
from widgets.metric_view import MetricPage
from widgets.raster import letter

WIDTH, HEIGHT = 100, 24
"""Cells: what a chat shows without wrapping."""

TICKS = 4
"""Times under the chart, first and last included."""


def chart_text(page: MetricPage) -> str:
    """The chart in lines of at most WIDTH cells, without colours. Imports plotext: on a thread."""
    import plotext

    plotext.terminal.limit(False, False)  # the size is the reader's, not this terminal's
    shown: Any = plotext.figure
    shown.clear()
    try:
        shown.plot_size(WIDTH, HEIGHT)
        shown.title(f"{safe(page.title)} {page.statistic} ({page.curve.unit.value}), {page.stretch}")
        _scales(shown, page)
        _lines(shown, page)
        _draw(shown, page.curve.compared, page.curve.period, ".", page.compared)
        _curves(shown, page)
        drawn = str(shown.build().string(True))
    finally:
        shown.clear()
    foot = (safe(page.subject), *_above(page), *_changes(page))
    return "\n".join((*(line.rstrip() for line in drawn.splitlines()), *foot)) + "\n"


def _scales(shown: Any, page: MetricPage) -> None:
    """The whole stretch, from zero to the top, with times in UTC under it."""
    start, end, values = page.curve.start, page.curve.end, steps_of(page)
    ticks = [start + (end - start) * place // (TICKS - 1) for place in range(TICKS)]
    shown.ruler("x", "lower").lim(start, end).ticks(ticks, [moment(at) for at in ticks])
    shown.ruler("y", "left").lim(0, top_of(page)).ticks([value for value, _ in values], [text for _, text in values])


def _lines(shown: Any, page: MetricPage) -> None:
    """Thresholds across, changes down; the legend tells which is which, the foot when each change was."""
    for one in page.curve.thresholds:
        if one.value <= top_of(page):
            shown.line(one.value, "horizontal", style="dotted", label=threshold_text(one, page.curve.unit))
    for change in _inside(page):
        shown.line(change.at.timestamp(), "vertical", style="dotted")


def _curves(shown: Any, page: MetricPage) -> None:
    """One line in dots; several each in its letter, which the legend shows too, the first over the others."""
    curve = page.curve
    if not curve.others:
        _draw(shown, curve.points, curve.period, "braille", page.statistic)
        return
    for place, one in reversed(tuple(enumerate(curve.strands))):
        value = wording.value(curve.newest(one.points), curve.unit)
        _draw(shown, one.points, curve.period, letter(place), f"{safe(one.label)} {value}")


def _above(page: MetricPage) -> list[str]:
    """What has a name and lies above the scale."""
    high = [one for one in page.curve.thresholds if one.label and one.value > top_of(page)]
    return [f"↑ {threshold_text(one, page.curve.unit)}, above this scale" for one in high]


def _draw(shown: Any, points: Points, period: int, marker: str, label: str) -> None:
    for index, run in enumerate(runs(points, period)):
        signal = shown.signal([at + period / 2 for at, _ in run], [value for _, value in run], marker=marker)
        shown.draw(signal.lines().label(label if index == 0 else None))


def _changes(page: MetricPage) -> list[str]:
    return [f"┊ {moment(int(change.at.timestamp()))} {change.sentence}" for change in _inside(page)]


def _inside(page: MetricPage) -> list[Change]:
    return [one for one in page.curve.changes if page.curve.start <= one.at.timestamp() < page.curve.end]
