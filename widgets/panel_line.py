"""A judgement in one line: name, value, curve, state. Every panel has the same columns: they line up. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.assessment import Judgement
from widgets import wording
from widgets.canvas import Kind, Plot, span_for, window
from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span, cut, fit, row, spread
from widgets.sparkline import sparkline
from widgets.states import WIDEST_WORD, state_class, word

NAME = 19
SHORT_NAME = 16
WIDE_NAME = 70
VALUE = 12
STATE = WIDEST_WORD + 4
DETAIL = 34
"""Cells of the columns; the curve takes what is left, the detail column appears when that is more than it needs."""

CORNER = 3
"""Cells between the state of a box and its right edge."""

CURVE_ENOUGH = 40

LEAST_SPAN = 900
"""Seconds that the smallest curve shows."""


class View(msgspec.Struct, frozen=True):
    judgement: Judgement
    now: datetime
    top: float
    span: int


def draw(view: View, width: int, height: int, charset: Charset = UNICODE) -> Sequence[Row]:
    """One row; a second one, where there is room, holds the reason."""
    judgement = view.judgement
    name = NAME if width >= WIDE_NAME else SHORT_NAME
    rest = width - name - VALUE - STATE - 4
    detail = DETAIL if rest - DETAIL >= CURVE_ENOUGH // 2 and width >= 100 else 0
    curve = max(0, rest - detail)
    first = row(
        " ",
        *fit([Span(judgement.title, "title")], name),
        *_value(judgement),
        "  ",
        *_curve(view, curve, charset),
        *(fit([Span("  "), Span(judgement.detail, "muted")], detail) if detail else ()),
        *((Span(" "), *fit(_state(judgement), STATE)) if name == NAME else _at_the_end(word(judgement.state))),
    )
    if height < 2:
        return [first]
    return [first, cut([Span("   "), Span(reason(judgement), "muted")], width)]


def reason(judgement: Judgement) -> str:
    """The reason without the panel's title, which stands beside it."""
    return judgement.reason.removeprefix(f"{judgement.title}: ")


def _value(judgement: Judgement) -> Row:
    text = wording.value(judgement.value, judgement.unit)
    style = f"value{state_class(judgement.state)}"
    return (Span(" " * max(0, VALUE - len(text))), Span(text, style))


def _state(judgement: Judgement) -> Row:
    """Sign and word; a block of colour begins one cell earlier, so that the signs stay in one column."""
    shown = word(judgement.state)
    return (shown,) if shown.text.startswith(" ") else (Span(" "), shown)


def _at_the_end(shown: Span) -> Row:
    """The state under those of boxes above, which stand at the right end of their rule."""
    return (*spread((), (shown,), STATE + 1 - CORNER), Span(" " * CORNER))


def _curve(view: View, width: int, charset: Charset) -> Row:
    judgement = view.judgement
    if not width:
        return ()
    if not judgement.chart:
        return fit([Span(reason(judgement), "silent")], width)
    shown = window(view.now.timestamp(), width, span_for(width, judgement.chart_period, view.span, LEAST_SPAN))
    plot = Plot(judgement.chart, judgement.chart_period, judgement.thresholds, judgement.settled_until, kind=Kind.AREA)
    return sparkline(plot, shown, view.top, charset)
