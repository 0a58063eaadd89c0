"""The runbook's own alerts beside CloudWatch's alarms: each with its clock, and what the alarms on its metrics say."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.model.alerts import AlertClass, AlertReading, AlertState
from services.model.assessment import State
from widgets.hideable import Hideable
from widgets.spans import Row, Span, columns, cut, fit, squeeze_text
from widgets.states import SIGNS, style

TITLE = 34
"""Most cells of the column of titles."""


class AlertRow(msgspec.Struct, frozen=True):
    """One alert and its counterparts."""

    alert: AlertReading
    alarms: tuple[str, ...] = ()
    """Names of the alarms on the same metrics."""
    differs: str = ""
    """How they disagree, in a few words; empty when they do not."""


class AlertStrip(Hideable):
    """Shows AlertRows, a row each, under a line that says what they are."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._entries: tuple[AlertRow, ...] = ()

    def show(self, entries: tuple[AlertRow, ...]) -> None:
        if entries != self._entries:
            self._entries = entries
            self.redraw()

    def needed_height(self, width: int) -> int:
        return 1 + max(1, len(self._entries))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        head = cut([Span(" The runbook's own alerts and triggers", "title"), Span(self._count(), "muted")], width)
        if not self._entries:
            return [head, cut([Span(" not judged yet", "silent")], width)]
        title = min(TITLE, columns(entry.alert.title for entry in self._entries), max(14, width // 3))
        clock = columns(clock_of(entry.alert) for entry in self._entries)
        return [head, *(alert_row(entry, width, title, clock) for entry in self._entries)]

    def _count(self) -> str:
        firing = sum(entry.alert.firing for entry in self._entries)
        differing = sum(bool(entry.differs) for entry in self._entries)
        firing_words = f" · {firing} firing" if firing else ""
        return firing_words + (f" · {differing} where CloudWatch says otherwise" if differing else "")


def clock_of(alert: AlertReading) -> str:
    """`7:30 of 10:00` while there is something to count."""
    return alert.clock.text if alert.state in (AlertState.COUNTING, AlertState.FIRING) else ""


def alert_row(entry: AlertRow, width: int, title: int, clock: int) -> Row:
    """Sign, state, clock, title, then how CloudWatch differs or what was found."""
    alert = entry.alert
    state = state_of(alert)
    word = "not seen" if alert.state is AlertState.UNOBSERVABLE else alert.state.value
    spans = [Span(f" {SIGNS[state]} {word:<9}", style(state)), Span(f"{clock_of(alert):<{clock}}  ", "muted")]
    spans += fit([Span(squeeze_text(alert.title, title), "strong" if alert.firing else "")], title)
    spans.append(Span("  "))
    if entry.differs:
        spans.append(Span(f"{entry.differs}  ", "warn"))
    spans.append(Span(alert.sentence, "muted"))
    return cut(spans, width)


def state_of(alert: AlertReading) -> State:
    """How an alert looks: firing as bad as its class, counting as what is to come, not observable as no data."""
    if alert.state is AlertState.FIRING:
        return State.CRIT if alert.severity in (AlertClass.CRITICAL, AlertClass.TRIGGER) else State.WARN
    return {AlertState.COUNTING: State.ELEVATED, AlertState.UNOBSERVABLE: State.NO_DATA}.get(alert.state, State.OK)
