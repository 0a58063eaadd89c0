"""A judgement in a box. Pure, but for a cache of the chart.

╭─ API errors ────────────── since 03:07  ✖ CRIT ─╮      quiet: the rule; loud: what is wrong
│ 12.1 %                     171 of 1 412 · 5 min │
│ 10% ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈⣠⣾⣿⣿⣿⣿⣿ │
│     ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣸⣿⣿⣿⣿⣿⣿⣿⣿ │
╰─ 02:12 ─────────────────────────────────▲v42── 8 s ─╯
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.assessment import Judgement, State, Threshold
from services.model.changes import Change
from widgets import wording
from widgets.axis import axis
from widgets.canvas import LINE_STYLES, Kind, Plot, Window, level, span_for, window
from widgets.canvas import draw as draw_chart
from widgets.charset import Charset
from widgets.panel_line import reason
from widgets.spans import Row, Span, cells, centred, columns, cut, fit, row, spread, wrap
from widgets.states import state_class, style, word

GUTTER = 6
"""Cells for the numbers of the scale: the same in every panel, so that neighbours show the same minutes."""

LEAST_SPAN = 1800
"""Seconds that the smallest chart shows."""

_FILLED = ("errors", "throttles", "4xx", "5xx")
"""Ends of the keys that are drawn filled: what should not be there at all weighs on the page when it is."""


class View(msgspec.Struct, frozen=True):
    """What is shown: a judgement, the changes to mark, the moment, the top of the scale, the least span in seconds."""

    judgement: Judgement
    changes: tuple[Change, ...]
    now: datetime
    top: float
    span: int


class ChartCache:
    """The rows of the chart drawn last: most draws only move the age of the data."""

    def __init__(self) -> None:
        self._key: object = None
        self._rows: tuple[Row, ...] = ()

    def rows(self, plot: Plot, shown: Window, top: float, height: int, charset: Charset) -> tuple[Row, ...]:
        key = (plot, shown, top, height, charset.braille)
        if key != self._key:
            self._key, self._rows = key, draw_chart(plot, shown, top, height, charset)
        return self._rows


def draw(view: View, width: int, height: int, charset: Charset, cache: ChartCache) -> Sequence[Row]:
    """`height` rows of `width` cells, `height` at least 3."""
    judgement = view.judgement
    inner = max(0, width - 4)
    room = height - 3
    silent = room > 0 and (not judgement.chart or inner < 12)
    said = silent and judgement.detail in reason(judgement)  # once is enough
    body = [_value_row(judgement, "" if said else judgement.detail, inner)]
    gutter = 0
    shown = window(view.now.timestamp(), max(1, inner), view.span)
    if silent:
        body += _silence(judgement, inner, room)
    elif room > 0:
        labels = _labels(view, room)
        gutter = max(GUTTER, columns(labels.values()) + 1)
        span = span_for(inner - gutter, judgement.chart_period, view.span, LEAST_SPAN)
        shown = window(view.now.timestamp(), inner - gutter, span)
        chart = cache.rows(_plot(view), shown, view.top, room, charset)
        body += [(_label(labels, y, gutter, judgement.thresholds, view), *chart[y]) for y in range(room)]
    foot = None
    if judgement.chart and room > 0 and inner >= 12:
        newest = None if judgement.newest is None else (view.now - judgement.newest).total_seconds()
        age = "" if newest is None else wording.age(newest)
        foot = axis(shown, view.changes, age, offset=gutter + 1, width=width - 2, charset=charset)
    return frame(_title(judgement), _state(judgement, width), body, width, height, charset, foot)


def frame(
    title: Row, state: Row, body: Sequence[Row], width: int, height: int, charset: Charset, foot: Row | None = None
) -> list[Row]:
    """A box of exactly `width` by `height` cells: `title` at the left of the upper rule, `state` at the right."""
    corners, across, down = charset.corners, charset.across, Span(charset.down, "rule")
    room = max(0, width - 6 - cells(state) - 2)
    name = cut(title, room)
    between = max(0, width - 6 - cells(name) - cells(state))
    head = row(
        Span(f"{corners[0]}{across} ", "rule"), *name, Span(f" {across * (between - 2)} ", "rule"), *state,
        Span(f" {across}{corners[1]}", "rule"),
    )  # fmt: skip
    rows = [fit(head, width)]
    for y in range(height - 2):
        content = body[y] if y < len(body) else ()
        rows.append((down, Span(" "), *fit(content, width - 4), Span(" "), down))
    line = foot if foot is not None else (Span(across * (width - 2), "rule"),)
    rows.append((Span(corners[2], "rule"), *line, Span(corners[3], "rule")))
    return rows


def _title(judgement: Judgement) -> Row:
    return (Span(judgement.title, "strong" if judgement.state in (State.CRIT, State.WARN) else "title"),)


def _state(judgement: Judgement, width: int) -> Row:
    """State word; before it since when, where both have room beside the title."""
    shown = word(judgement.state)
    if judgement.since is None:
        return (shown,)
    minute = wording.minute(judgement.since)
    for text in (f"since {minute} ", f"{minute} "):
        both = row(Span(text, style(judgement.state)), shown)
        if cells(both) + columns([judgement.title]) + 9 <= width:
            return both
    return (shown,)


def _value_row(judgement: Judgement, detail: str, width: int) -> Row:
    """The number, loud; beside it what it is made of. Facts that have no room are left out whole, from the last."""
    number = Span(wording.value(judgement.value, judgement.unit), f"value{state_class(judgement.state)}")
    facts = detail.split(" · ")
    while facts and cells([number]) + 2 + columns([" · ".join(facts)]) > width:
        facts.pop()
    return spread([number], [Span(" · ".join(facts), "muted")] if facts else [], width)


def _silence(judgement: Judgement, width: int, height: int) -> list[Row]:
    """No curve: why, in the middle, quietly."""
    lines = wrap([Span(reason(judgement), "silent")], max(1, width - 2))
    if len(lines) > height:
        lines = [*lines[: height - 1], cut((*lines[height - 1], Span(" …", "silent")), width - 2)]
    above = (height - len(lines)) // 2
    return [()] * above + [centred(line, width) for line in lines]


def _plot(view: View) -> Plot:
    judgement = view.judgement
    markers = tuple(int(change.at.timestamp()) for change in view.changes)
    return Plot(
        judgement.chart,
        judgement.chart_period,
        judgement.thresholds,
        judgement.settled_until,
        markers,
        Kind.AREA if judgement.key.endswith(_FILLED) else Kind.LINE,
    )


def _labels(view: View, height: int) -> dict[int, str]:
    """Row → its number: each threshold on the chart, and the top where it is free."""
    unit = view.judgement.unit
    labels = {
        level(threshold.value, view.top, height): wording.axis(threshold.value, unit)
        for threshold in view.judgement.thresholds
        if 0 < threshold.value <= view.top
    }
    if 0 not in labels and (height > 1 or not labels):
        labels[0] = wording.axis(view.top, unit)
    return labels


def _label(labels: dict[int, str], y: int, gutter: int, thresholds: Sequence[Threshold], view: View) -> Span:
    text = labels.get(y, "")
    states = {wording.axis(threshold.value, view.judgement.unit): threshold.state for threshold in thresholds}
    return Span(f"{text:<{gutter}}", LINE_STYLES.get(states.get(text, State.OK), "faint"))
