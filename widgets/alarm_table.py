"""The account's alarms, a row each: state as sign and word, for how long, name, what is wrong or whom it tells."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime

import msgspec

from services.model.alarm_detail import AlarmDetail
from services.model.alarms import Alarm
from services.model.assessment import State
from widgets import wording
from widgets.arns import without_arns
from widgets.listing import Listing
from widgets.spans import Row, Span, columns, cut, cut_text, fit, row, squeeze_text
from widgets.states import SIGNS, style

STATE_CELLS = 10
"""Cells of the column of states: `✖ ALARM`, `∅ NO DATA`, `◌ STALE`."""

AGE_CELLS = 8
NAME_CELLS = 52
"""Most cells of the column of names."""

WIDE = 100
"""From this width on kind and region have columns of their own."""


REASONED = 150
"""From this width on the reason has one too."""

REMARKS = 44
"""Cells of the remarks beside it."""


class Remark(msgspec.Struct, frozen=True):
    """What a person has to know of an alarm besides its state."""

    text: str
    state: State
    """WARN: it will not do what it is there for; NO DATA and the like: it says little; OK: all is well."""


class AlarmRow(msgspec.Struct, frozen=True):
    """One alarm, ready to be shown."""

    alarm: Alarm
    state: State
    """CRIT in alarm, STALE in alarm without a cause that is left, NO DATA, OK."""
    word: str
    remarks: tuple[Remark, ...] = ()
    """The most important first."""
    detail: AlarmDetail | None = None
    """None until it has been asked for."""
    stale: str = ""
    """Why the state is not to be believed, as a sentence; empty when it is."""
    beside: str = ""
    """What the runbook's own alert on the same metric says, where there is one."""
    disagrees: bool = False
    """The alert and the alarm do not say the same."""


class AlarmTable(Listing[AlarmRow]):
    """Shows AlarmRows."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._now: datetime | None = None
        self._names = 0

    def show(self, entries: tuple[AlarmRow, ...], now: datetime | None, empty: str) -> None:
        """Show the rows in this order, with ages as of `now`."""
        self._now = now
        self._names = min(NAME_CELLS, columns(entry.alarm.name for entry in entries))
        self.set_entries(entries, empty)

    def key_of(self, entry: AlarmRow) -> Hashable:
        return entry.alarm.region, entry.alarm.name

    def head(self, width: int) -> Row:
        if self._now is None or not self.entries:
            return ()
        name = self._name_cells(width - 2)
        cells = [f"{'':2}{'state':<{STATE_CELLS}}", f"{'for':<{AGE_CELLS}}", f"{'name':<{name}}  "]
        if width >= WIDE:
            cells.append(f"{'kind':<11}{'region':<11}")
        return (Span(cut_text("".join(cells), width), "faint"),)

    def line(self, entry: AlarmRow, width: int) -> Row:
        alarm, name = entry.alarm, self._name_cells(width)
        age = None if alarm.since is None or self._now is None else (self._now - alarm.since).total_seconds()
        loud = "strong" if entry.state is State.CRIT else ""
        state = Span(f"{SIGNS[entry.state]} {entry.word:<{STATE_CELLS - 2}}", style(entry.state))
        spans = [state, Span(f"{wording.age(age):<{AGE_CELLS}}", "muted")]
        spans += fit([Span(squeeze_text(alarm.name, name), loud)], name)
        spans.append(Span("  "))
        if width + 2 >= WIDE:
            spans.append(Span(f"{alarm.kind:<11}{alarm.region:<11}", "muted"))
        if width < REASONED:
            return cut((*spans, *remarks_of(entry)), width)
        spans += fit(remarks_of(entry), REMARKS)
        return cut((*spans, Span("  "), Span(without_arns(alarm.reason), "muted")), width)

    def _name_cells(self, width: int) -> int:
        fixed = STATE_CELLS + AGE_CELLS + 2 + (22 if width + 2 >= WIDE else 0)
        return max(12, min(self._names, width - fixed - 16))


def remarks_of(entry: AlarmRow) -> Row:
    """The remarks side by side."""
    spans: list[Span] = []
    for remark in entry.remarks:
        if spans:
            spans.append(Span(" · ", "faint"))
        spans.append(Span(remark.text, "muted" if remark.state is State.OK else style(remark.state)))
    return row(*spans)
