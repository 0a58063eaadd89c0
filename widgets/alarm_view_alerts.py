"""The runbook's own alerts beside CloudWatch's alarms: each with its clock, and what the alarms on its metrics say."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime

import msgspec

from services.model.alerts import Alert, AlertReading, AlertState
from widgets.alert_bar import moment
from widgets.hideable import Hideable
from widgets.listing import Listing
from widgets.rule_view import state_of
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
    life: Alert | None = None
    """The alert that is open of it."""


class AlertStrip(Hideable):
    """Shows AlertRows, a row each, under a line that says what they are."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._entries: tuple[AlertRow, ...] = ()
        self._now: datetime | None = None

    def show(self, entries: tuple[AlertRow, ...], now: datetime | None = None) -> None:
        """Show the rows in this order; `now` decides what is overdue."""
        if (entries, now) != (self._entries, self._now):
            self._entries, self._now = entries, now
            self.redraw()

    def needed_height(self, width: int) -> int:
        return 1 + max(1, len(self._entries))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        head = cut([Span(" The runbook's own alerts and triggers", "title"), Span(self._count(), "muted")], width)
        if not self._entries:
            return [head, cut([Span(" not judged yet", "silent")], width)]
        title, clock = widths(self._entries, width)
        return [head, *(alert_row(entry, width, title, clock, self._now) for entry in self._entries)]

    def _count(self) -> str:
        firing = sum(entry.alert.firing for entry in self._entries)
        differing = sum(bool(entry.differs) for entry in self._entries)
        firing_words = f" · {firing} firing" if firing else ""
        return firing_words + (f" · {differing} where CloudWatch says otherwise" if differing else "")


class AlertList(Listing[AlertRow]):
    """The same rows to choose from."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._now: datetime | None = None

    def show(self, entries: tuple[AlertRow, ...], now: datetime | None = None) -> None:
        """Show the rows in this order; `now` decides what is overdue."""
        self._now = now
        self.set_entries(entries, "not judged yet")

    def key_of(self, entry: AlertRow) -> Hashable:
        return entry.alert.key

    def line(self, entry: AlertRow, width: int) -> Row:
        title, clock = widths(self.entries, width)
        return alert_row(entry, width, title, clock, self._now)[1:]


def widths(entries: Sequence[AlertRow], width: int) -> tuple[int, int]:
    """Cells of the columns of titles and clocks."""
    title = min(TITLE, columns(entry.alert.title for entry in entries), max(14, width // 3))
    return title, columns(clock_of(entry.alert) for entry in entries)


def clock_of(alert: AlertReading) -> str:
    """`7:30 of 10:00` while there is something to count."""
    return alert.clock.text if alert.state in (AlertState.COUNTING, AlertState.FIRING) else ""


def alert_row(entry: AlertRow, width: int, title: int, clock: int, now: datetime | None = None) -> Row:
    """Sign, state, clock, title, then who has taken it on or by when somebody has to, how CloudWatch differs, what was
    found."""
    alert = entry.alert
    state = state_of(alert)
    word = "not seen" if alert.state is AlertState.UNOBSERVABLE else alert.state.value
    spans = [Span(" "), Span(f"{SIGNS[state]} {word:<9}", style(state)), Span(f"{clock_of(alert):<{clock}}  ", "muted")]
    spans += fit([Span(squeeze_text(alert.title, title), "strong" if alert.firing else "")], title)
    spans += [Span("  "), *_answer(entry.life, now)]
    if entry.differs:
        spans.append(Span(f"{entry.differs}  ", "warn"))
    spans.append(Span(alert.sentence, "muted"))
    return cut(spans, width)


def _answer(alert: Alert | None, now: datetime | None) -> list[Span]:
    """`✓ 03:14 casey@bastion`, `respond by 03:17`."""
    if alert is None:
        return []
    if alert.acknowledged is not None:
        return [Span(f"✓ {moment(alert.acknowledged.at, now)} {alert.acknowledged.by}  ", "ok")]
    if alert.due is None:
        return [Span("unacknowledged  ", "crit")] if alert.waits else []
    late = now is not None and alert.overdue(now)
    return [
        Span(f"{'OVERDUE since' if late else 'respond by'} {moment(alert.due, now)}  ", "crit" if late else "strong")
    ]
