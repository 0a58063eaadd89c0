"""One metric as a page: what it is, its numbers, the chart, what stands under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from services.model.assessment import Unit
from widgets import wording
from widgets.charset import Charset
from widgets.chart import Curve, Points, Strand, chart_rows, nearest, window_of
from widgets.hideable import Hideable
from widgets.raster import letter, style
from widgets.spans import Row, Span, cells, cut, row, spread, squeeze_text

LABEL_WIDEST = 40
"""Cells of a line's name in the legend."""

LEAST_CHART = 5
"""Rows below which no chart is drawn."""


class MetricPage(msgspec.Struct, frozen=True):
    """Everything that is shown."""

    title: str
    """`5XXError`."""
    subject: str
    """Whose: namespace and dimensions."""
    statistic: str
    """What is drawn: a statistic, or several side by side."""
    statistics: tuple[str, ...]
    """All that can be chosen."""
    values: dict[str, Points]
    """What the cursor tells, statistics or lines → its points, as CloudWatch gave them."""
    curve: Curve
    stretch: str
    """`3 h`; with what was moved back: `3 h, to 11-20 14:00`."""
    compared: str = ""
    """`same time yesterday`; empty when nothing is compared."""
    note: str = ""
    """Why there is less than was asked for, or that it is on its way."""
    problem: bool = False
    units: dict[str, tuple[Unit, float]] = {}
    """Of each of `values` its unit, and the factor that makes CloudWatch's number that (100 for a rate of 0..1)."""

    @property
    def scale(self) -> float:
        """The factor between CloudWatch's numbers and the curve."""
        return self.units.get(self.curve.label or self.statistic, (self.curve.unit, 1.0))[1]


class MetricView(Hideable):
    """Shows a MetricPage."""

    DEFAULT_CSS = """
    MetricView {
        height: 1fr;
        width: 1fr;
        & > .picture--series-1 { color: $primary; }
        & > .picture--series-2 { color: $accent; }
        & > .picture--series-3 { color: $secondary; }
        & > .picture--series-4 { color: $foreground 80%; }
        & > .picture--series-5 { color: $primary-lighten-2; }
        & > .picture--series-6 { color: $secondary-lighten-2; }
    }
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
    if page.curve.others:
        rows += _legend(page, width, max(1, height // 6))
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
    """The statistics to choose from, the chosen one loud; of a single line newest, least, mean and most of the periods
    that are complete: half a minute's sum is no least."""
    spans: list[Span] = [Span(" ")]
    for name in page.statistics:
        spans += [Span(name, "accent-strong" if name == page.statistic else "faint"), Span(" ")]
    if page.curve.others:
        empty = not page.note and not any(one.points for one in page.curve.strands)
        return spread(spans, [Span("no data in this window ", "silent")] if empty else [], width)
    values = [value for _, value in page.curve.complete(page.curve.points)]
    if values:
        unit = page.curve.unit
        mean = sum(values) / len(values)
        known = (("newest", values[-1]), ("most", max(values)), ("mean", mean), ("least", min(values)))
        facts = [f"{name} {wording.value(value, unit)}" for name, value in known]
        while len(facts) > 1 and cells(spans) + 2 + len(" · ".join(facts)) > width:
            facts.pop()
        return spread(spans, [Span(f"{' · '.join(facts)} ", "muted")], width)
    return cut([*spans, Span("" if page.note else " no data in this window", "silent")], width)


def _legend(page: MetricPage, width: int, height: int) -> list[Row]:
    """Each line with its letter, its name and its value: the newest, or where the cursor stands."""
    entries = [_entry(page, place, one) for place, one in enumerate(page.curve.strands)]
    found: list[Row] = []
    line: Row = (Span(" "),)
    for entry in entries:
        if cells(line) + cells(entry) > width and len(line) > 1:
            found.append(line)
            line = (Span(" "),)
        line = (*line, *cut(entry, width - 1))
    found.append(line)
    if len(found) > height:
        found = [*found[: height - 1], cut((*found[height - 1], Span(" " * width)), width)]
    return found


def _entry(page: MetricPage, place: int, one: Strand) -> Row:
    curve = page.curve
    at = curve.cursor
    value = curve.newest(one.points) if at is None else nearest(one.points, at, curve.period)
    text = wording.value(value, curve.unit)
    return row(
        Span(f"{letter(place)} ", style(place)),
        Span(f"{squeeze_text(one.label, LABEL_WIDEST)} ", "muted"),
        Span(text, "strong" if at is None else "accent-strong"),
        Span("   "),
    )


def _cursor(page: MetricPage, width: int) -> Row:
    """Every statistic at the cursor, and the compared value; what the keys do where there is no cursor."""
    curve = page.curve
    if curve.cursor is None:
        hint = f" {page.compared}: the quiet curve" if page.compared else ""
        return cut([Span(hint or " ← → put a cursor on the chart", "faint")], width)
    when = datetime.fromtimestamp(curve.cursor // curve.period * curve.period, UTC)
    spans = [Span(f" {when:%Y-%m-%d %H:%M}Z  ", "accent-strong")]
    if curve.filling(curve.cursor):
        spans.append(Span("still filling  ", "silent"))
    drawn = {one.label for one in curve.strands}
    if not curve.others:
        drawn = {page.statistic}
    for name in sorted(_told(page), key=lambda one: one not in drawn):
        if curve.others and name in drawn:  # the legend tells it
            continue
        value = nearest(page.values.get(name, ()), curve.cursor, curve.period)
        unit, factor = page.units.get(name, (curve.unit, 1.0))
        text = wording.value(None if value is None else value * factor, unit)
        spans.append(Span(f"{name} {text}  ", "strong" if name in drawn else "muted"))
    if page.compared:
        spans.append(Span(f"{page.compared} {_compared(page)}", "silent"))
    return cut(spans, width)


def _told(page: MetricPage) -> tuple[str, ...]:
    """What the cursor tells, whether there is a value or not."""
    return tuple(page.units) or page.statistics


def _compared(page: MetricPage) -> str:
    curve = page.curve
    assert curve.cursor is not None
    now = nearest(curve.points, curve.cursor, curve.period)
    then = nearest(curve.compared, curve.cursor, curve.period)
    said = wording.value(then, curve.unit)
    if now is None or not then or curve.filling(curve.cursor):
        return said
    return f"{said} ({100 * (now - then) / then:+.0f} %)"


def _note(page: MetricPage, width: int) -> Row:
    return cut([Span(f" {page.note}", "warn" if page.problem else "silent")], width)


def _period(seconds: int) -> str:
    if seconds % 86_400 == 0:
        return f"{seconds // 86_400}-day" if seconds > 86_400 else "daily"
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds // 60} min"
