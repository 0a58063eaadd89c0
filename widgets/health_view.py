"""The health score: its number, where it comes from, and what each tile takes off the one that is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.assessment import State
from services.model.health_score import Computed, Defined
from widgets import wording
from widgets.hideable import Hideable
from widgets.score_gauge import look
from widgets.spans import Row, Span, columns, fit, wrap
from widgets.states import SIGNS, style


class PartRow(msgspec.Struct, frozen=True):
    """One line about our own health check: its answer, or a part of its time."""

    title: str
    told: str
    state: State | None = None
    """None: it is not judged."""


class HealthPage(msgspec.Struct, frozen=True):
    """Everything that is shown."""

    now: datetime
    computed: Computed
    formula: str
    defined: Defined | None
    """None: it is still being asked for."""
    check: tuple[PartRow, ...] = ()
    """The newest health check and where its time went; empty: none was made."""


class HealthView(Hideable):
    """Shows a HealthPage; as high as it needs to be."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._page: HealthPage | None = None

    def show(self, page: HealthPage) -> None:
        if page != self._page:
            self._page = page
            self.redraw()

    def needed_height(self, width: int) -> int:
        return max(1, len(self.draw(width, 0)))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return health_rows(self._page, width) if self._page is not None else []


def health_rows(page: HealthPage, width: int) -> list[Row]:
    """The page in rows of at most `width` cells."""
    rows = [*_score(page, width), (), *wrap([Span("formula  ", "faint"), Span(page.formula, "muted")], width, hang=9)]
    names = columns(one.title for one in page.computed.parts)
    words = columns(f"{SIGNS[one.state]} {one.state}" for one in page.computed.parts)
    for one in page.computed.parts:
        state = fit([Span(f"{SIGNS[one.state]} {one.state}", style(one.state))], words)
        off = Span(f"–{one.cost}" if one.cost else "0", "strong" if one.cost else "muted")
        rows.append((Span(f"  {one.title:<{names}}  "), *state, Span("  "), off))
    return [*rows, (), *_check(page.check)] if page.check else rows


def _check(parts: Sequence[PartRow]) -> list[Row]:
    """The answer, and below it the parts, their figures under each other."""
    names, figures = columns(one.title for one in parts[1:]), columns(one.told for one in parts[1:])
    rows: list[Row] = [(Span(f"{parts[0].title}  ", "strong"), *_judged(parts[0]))]
    for one in parts[1:]:
        mark = _state(one.state)
        rows.append((Span(f"  {one.title:<{names}}  "), Span(f"{one.told:>{figures}}  "), *mark))
    return rows


def _judged(one: PartRow) -> Row:
    return (*_state(one.state), Span(f"  {one.told}"))


def _state(state: State | None) -> Row:
    return (Span(f"{SIGNS[state]} {state}", style(state)),) if state is not None else ()


def _score(page: HealthPage, width: int) -> list[Row]:
    """The account's own number where there is one, else that of the tiles with the reason."""
    defined, made = page.defined, page.computed.value
    if defined is not None and defined.value is not None and defined.at is not None:
        whose = f"as the dashboard {defined.dashboard} defines it ({defined.title}), {wording.minute(defined.at)} UTC"
        first = [Span(f"Health score {defined.value:.3g}  ", "strong"), Span(whose, "muted")]
        beside = [Span(f"made of the tiles it would be {_said(made)}", "muted")]
        return [*wrap(first, width, hang=2), *wrap(beside, width)]
    why = "asking the dashboard for its own …" if defined is None else str(defined.why)
    first = [Span(f"Health score {_said(made)}  ", look(made)), Span("made of the tiles", "muted")]
    return [*wrap(first, width, hang=2), *wrap([Span(why, "silent")], width)]


def _said(value: int | None) -> str:
    return wording.MINUS if value is None else f"{value} of 100"
