"""One metric as a page: what it is, its numbers, the chart, what stands under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from services.model.assessment import Unit
from widgets import wording
from widgets.charset import Charset
from widgets.chart import Curve, Points, chart_rows, nearest, window_of
from widgets.hideable import Hideable
from widgets.spans import Row, Span, cells, cut, row, spread

LEAST_CHART = 5
"""Rows below which no chart is drawn."""


class MetricPage(msgspec.Struct, frozen=True):
    """Everything that is shown."""

    title: str
    """`5XXError`."""
    subject: str
    """Whose: namespace and dimensions."""
    statistic: str
    statistics: tuple[str, ...]
    """All that can be chosen."""
    values: dict[str, Points]
    """Statistic → its points."""
    curve: Curve
    stretch: str
    """`3 h`; with what was moved back: `3 h, to 11-20 14:00`."""
    compared: str = ""
    """`same time yesterday`; empty when nothing is compared."""
    note: str = ""
    """Why there is less than was asked for, or that it is on its way."""
    problem: bool = False
    units: dict[str, tuple[Unit, float]] = {}
    """Statistic → its unit, and the factor that makes CloudWatch's number that (100 for a rate of 0..1)."""

    @property
    def scale(self) -> float:
        """The factor between CloudWatch's numbers and the curve."""
        return self.units.get(self.statistic, (self.curve.unit, 1.0))[1]


class MetricView(Hideable):
    """Shows a MetricPage."""

    DEFAULT_CSS = """
    MetricView { height: 1fr; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._page: MetricPage | None = None
        self._empty = ""

    def show(self, page: MetricPage | None, empty: str = "") -> None:
        """Show `page`; `empty` is said when there is none."""
        if (page, empty) != (self._page, self._empty):
            self._page, self._empty = page, empty
            self.redraw()

    @property
    def cell_seconds(self) -> int:
        """What one cell of the chart stands for: the least a cursor can move visibly."""
        if self._page is None or not self.size:
            return 60
        return 2 * window_of(self._page.curve, max(1, self.size.width - 8)).step

    def draw(self, width: int, height: int) -> Sequence[Row]:
        if self._page is None:
            return [(), cut([Span(f" {self._empty}", "silent")], width)]
        return page_rows(self._page, width, height, self.charset)


def page_rows(page: MetricPage, width: int, height: int, charset: Charset) -> list[Row]:
    """The page in at most `height` rows of `width` cells."""
    rows = [_head(page, width), _facts(page, width)]
    foot = [_cursor(page, width)] + ([_note(page, width)] if page.note else [])
    room = height - len(rows) - len(foot)
    if room >= LEAST_CHART:
        inner = [(Span(" "), *one) for one in chart_rows(page.curve, width - 2, room, charset)]
        rows += inner
    return [*rows, *foot]


def _head(page: MetricPage, width: int) -> Row:
    left = row(Span(" "), Span(page.title, "strong"), Span(f"  {page.subject}", "muted"))
    right = row(Span(page.stretch, "title"), Span(f" · {_period(page.curve.period)} points ", "muted"))
    return spread(left, right, width)


def _facts(page: MetricPage, width: int) -> Row:
    """The statistics to choose from, the chosen one loud; newest, least, mean and most of the window."""
    spans: list[Span] = [Span(" ")]
    for name in page.statistics:
        spans += [Span(name, "accent-strong" if name == page.statistic else "faint"), Span(" ")]
    values = [value for _, value in page.curve.points]
    if values:
        unit = page.curve.unit
        mean = sum(values) / len(values)
        known = (("newest", values[-1]), ("most", max(values)), ("mean", mean), ("least", min(values)))
        facts = [f"{name} {wording.value(value, unit)}" for name, value in known]
        while len(facts) > 1 and cells(spans) + 2 + len(" · ".join(facts)) > width:
            facts.pop()
        return spread(spans, [Span(f"{' · '.join(facts)} ", "muted")], width)
    return cut([*spans, Span("" if page.note else " no data in this window", "silent")], width)


def _cursor(page: MetricPage, width: int) -> Row:
    """Every statistic at the cursor, and the compared value; what the keys do where there is no cursor."""
    curve = page.curve
    if curve.cursor is None:
        hint = f" {page.compared}: the quiet curve" if page.compared else ""
        return cut([Span(hint or " ← → put a cursor on the chart", "faint")], width)
    when = datetime.fromtimestamp(curve.cursor // curve.period * curve.period, UTC)
    spans = [Span(f" {when:%Y-%m-%d %H:%M}Z  ", "accent-strong")]
    for name in (page.statistic, *(one for one in page.statistics if one != page.statistic)):
        value = nearest(page.values.get(name, ()), curve.cursor, curve.period)
        unit, factor = page.units.get(name, (curve.unit, 1.0))
        text = wording.value(None if value is None else value * factor, unit)
        spans.append(Span(f"{name} {text}  ", "strong" if name == page.statistic else "muted"))
    if page.compared:
        spans.append(Span(f"{page.compared} {_compared(page)}", "silent"))
    return cut(spans, width)


def _compared(page: MetricPage) -> str:
    curve = page.curve
    assert curve.cursor is not None
    now = nearest(curve.points, curve.cursor, curve.period)
    then = nearest(curve.compared, curve.cursor, curve.period)
    said = wording.value(then, curve.unit)
    return f"{said} ({100 * (now - then) / then:+.0f} %)" if now is not None and then else said


def _note(page: MetricPage, width: int) -> Row:
    return cut([Span(f" {page.note}", "warn" if page.problem else "silent")], width)


def _period(seconds: int) -> str:
    if seconds % 86_400 == 0:
        return f"{seconds // 86_400}-day" if seconds > 86_400 else "daily"
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds // 60} min"
