"""What many alarms did in a night: a line for each that changed – how often, for how long – and every change below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from services.model.alarm_detail import History, HistoryItem, HistoryKind
from services.model.assessment import State
from services.model.reading import Reading
from services.plural import several
from services.safe_text import SafeText
from widgets import wording
from widgets.alarm_view import history_rows, short, state_of
from widgets.hideable import Hideable
from widgets.sheet import Sheet
from widgets.spans import Row, Span, cut, fit, squeeze_text, wrap
from widgets.states import SIGNS, style

NAME = 48
"""Most cells of the column of names."""


class Course(msgspec.Struct, frozen=True):
    """One alarm's night."""

    alarm: SafeText
    region: str
    times: int
    """How often it went into ALARM."""
    seconds: float
    """For how long it was in ALARM, within the window."""
    last: SafeText
    """Its state at the end."""
    unsaid: int
    """Actions that failed."""


class HistoryView(VerticalScroll):
    """Shows a History of many alarms."""

    DEFAULT_CSS = """
    HistoryView { scrollbar-size-vertical: 1; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, can_focus=False)
        self._body = HistoryRows()

    def compose(self) -> ComposeResult:
        yield self._body

    def show(self, history: Reading[History], now: datetime | None, own: Collection[str]) -> None:
        """Show what the alarms named in `own` did; of those of others, how much is left out."""
        self._body.show(history, now, frozenset(own))


class HistoryRows(Sheet, Hideable):
    """The rows of a HistoryView."""

    def __init__(self) -> None:
        super().__init__()
        self._history: Reading[History] = Reading()
        self._now: datetime | None = None
        self._own: frozenset[str] = frozenset()

    def show(self, history: Reading[History], now: datetime | None, own: frozenset[str]) -> None:
        if (history, now, own) != (self._history, self._now, self._own):
            self._history, self._now, self._own = history, now, own
            self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        return [] if self._now is None else night_rows(self._history, self._own, width, self._now)


def night_rows(history: Reading[History], own: Collection[str], width: int, now: datetime) -> list[Row]:
    """The whole page in rows of at most `width` cells."""
    found = history.value
    if found is None:
        return history_rows(history, width, now, name=True)
    mine = tuple(item for item in found.items if item.alarm in own)
    rows = [_course(one, width) for one in courses(mine, found.since, now)]
    if not rows:
        rows = wrap([Span(" No alarm of this stack has changed its state.", "ok")], width, hang=1)
    others = [item for item in found.items if item.alarm not in own and item.kind is HistoryKind.STATE]
    if others:
        names = len({(item.region, item.alarm) for item in others})
        told = f"{several(len(others), 'change')} of {several(names, 'alarm')}"
        left = f" Left out: {told} of other stacks in this account."
        rows += wrap([Span(left, "muted")], width, hang=1)
    kept = msgspec.structs.replace(found, items=mine)
    return [*rows, (), *history_rows(msgspec.structs.replace(history, value=kept), width, now, name=True)]


def courses(items: Sequence[HistoryItem], since: datetime, now: datetime) -> tuple[Course, ...]:
    """Each alarm that changed its state, the longest in ALARM first. `items` in any order."""
    by: dict[tuple[str, SafeText], list[HistoryItem]] = {}
    for item in sorted(items, key=lambda one: one.at):
        by.setdefault((item.region, item.alarm), []).append(item)
    found = [
        _course_of(alarm, region, own, since, now)
        for (region, alarm), own in by.items()
        if any(item.kind is HistoryKind.STATE for item in own)
    ]
    return tuple(sorted(found, key=lambda one: (-one.seconds, one.alarm)))


def _course_of(alarm: SafeText, region: str, items: Sequence[HistoryItem], since: datetime, now: datetime) -> Course:
    changes = [item for item in items if item.kind is HistoryKind.STATE]
    seconds, began = 0.0, since if changes[0].old == "ALARM" else None
    for change in changes:
        if began is not None and change.new != "ALARM":
            seconds, began = seconds + (change.at - began).total_seconds(), None
        elif began is None and change.new == "ALARM":
            began = change.at
    if began is not None:
        seconds += (now - began).total_seconds()
    times = sum(change.new == "ALARM" for change in changes)
    return Course(alarm, region, times, seconds, changes[-1].new, sum(item.failed for item in items))


def _course(one: Course, width: int) -> Row:
    state = state_of(one.last)
    wide = max(16, min(NAME, width - 46))
    times = f"{one.times}× in ALARM" if one.times else "never in ALARM"
    spans = [Span(f" {SIGNS[state]} {short(one.last):<8}", style(state))]
    spans += fit([Span(squeeze_text(one.alarm, wide), "strong" if state is State.CRIT else "")], wide)
    if one.unsaid:
        spans.append(Span(f"  {one.unsaid} actions failed", "crit"))
    spans.append(Span(f"  {times}"))
    if one.seconds:
        spans.append(Span(f", {wording.took(one.seconds)} in all", "muted"))
    return cut(spans, width)
