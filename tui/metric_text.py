"""What screen 2 shows as a chart of letters: for a chat's code block or a ticket, from a machine that only has SSH.

Drawn by plotext, with frame, scales and legend, once, when somebody asks for it; live charts are on our own canvas.
"""

from __future__ import annotations

from typing import Any

from services.model.changes import Change
from services.safe_text import safe
from tui.metric_figure import moment, runs, steps_of, top_of
from widgets.chart import Points
from widgets.metric_view import MetricPage

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
        _draw(shown, page.curve.points, page.curve.period, "braille", page.statistic)
        drawn = str(shown.build().string(True))
    finally:
        shown.clear()
    foot = (safe(page.subject), *_changes(page))
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
            shown.line(one.value, "horizontal", style="dotted", label=f"{one.state.value} {one.value:g}")
    for change in _inside(page):
        shown.line(change.at.timestamp(), "vertical", style="dotted")


def _draw(shown: Any, points: Points, period: int, marker: str, label: str) -> None:
    for index, run in enumerate(runs(points, period)):
        signal = shown.signal([at + period / 2 for at, _ in run], [value for _, value in run], marker=marker)
        shown.draw(signal.lines().label(label if index == 0 else None))


def _changes(page: MetricPage) -> list[str]:
    return [f"┊ {moment(int(change.at.timestamp()))} {change.sentence}" for change in _inside(page)]


def _inside(page: MetricPage) -> list[Change]:
    return [one for one in page.curve.changes if page.curve.start <= one.at.timestamp() < page.curve.end]
