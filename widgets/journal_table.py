"""The journal, a row an operation: when, how it ended as sign and word, where, what was done, who did it."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

from services.model.assessment import State
from services.model.journal import Listed
from widgets.listing import Listing
from widgets.operation_view import OUTCOME_STATES
from widgets.spans import Row, Span, cells, columns, cut, cut_text, fit, squeeze_text
from widgets.states import SIGNS, style

WHEN_CELLS = 18
OUTCOME_CELLS = 16
WHERE_CELLS = 24
"""Most cells of the column of environments."""

WIDE = 100
"""From this width on who did it has a column; narrower, it is told below and when opened."""

WHO_CELLS = 30


class JournalTable(Listing[Listed]):
    """Shows the operations of every journal here."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._now: datetime | None = None
        self._where = self._who = 0

    def show(self, entries: tuple[Listed, ...], now: datetime | None, empty: str) -> None:
        """Show the operations in this order. `now` decides nothing but whether a head is drawn."""
        self._now = now
        self._where = min(WHERE_CELLS, columns(where(one) for one in entries))
        self._who = min(WHO_CELLS, columns(one.who for one in entries))
        self.set_entries(entries, empty)

    def key_of(self, entry: Listed) -> Hashable:
        return entry.key

    def head(self, width: int) -> Row:
        if not self.entries:
            return ()
        where_cells = max(self._where, len("where"))
        text = f"  {'when (UTC)':<{WHEN_CELLS}}{'outcome':<{OUTCOME_CELLS}}{'where':<{where_cells}}  what"
        if width >= WIDE:
            text = f"{text:<{width - max(self._who, 3)}}who"
        return (Span(cut_text(text, width), "faint"),)

    def line(self, entry: Listed, width: int) -> Row:
        sign, word, look = state_of(entry)
        where_cells = max(self._where, len("where"))
        spans = [Span(f"{entry.ordered:%Y-%m-%d %H:%M}  ", "muted")]
        spans += fit([Span(f"{sign} {word}", look)], OUTCOME_CELLS)
        spans += fit([Span(squeeze_text(where(entry), where_cells), "accent" if entry.folder else "")], where_cells)
        spans.append(Span("  "))
        if width + 2 < WIDE:
            return cut((*spans, Span(squeeze_text(entry.title, width - cells(spans)))), width)
        who = max(self._who, 3)
        room = width - WHEN_CELLS - OUTCOME_CELLS - where_cells - 2 - who
        spans += fit([Span(squeeze_text(entry.title, room - 2))], room)
        return cut((*spans, Span(squeeze_text(entry.who, who), "muted")), width)


def where(entry: Listed) -> str:
    """The environment; of a simulated account with the word before it: it is never taken for the real one."""
    return f"sandbox {entry.environment}" if entry.folder else entry.environment


def state_of(entry: Listed) -> tuple[str, str, str]:
    """Sign, word and style of how an operation stands."""
    if entry.damage:
        return SIGNS[State.CRIT], "DAMAGED", style(State.CRIT)
    if entry.outcome is not None:
        state = OUTCOME_STATES[entry.outcome]
        return SIGNS[state], entry.outcome.value, style(state)
    if entry.gone:
        return SIGNS[State.WARN], "LEFT OPEN", style(State.WARN)
    return "▶", "UNDER WAY", "accent-strong"
