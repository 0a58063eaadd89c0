"""One alarm whole: what it says and since when, what has to hold, whom it tells, what it did. And histories of many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.model.alarm_detail import AlarmDetail, History, HistoryItem, HistoryKind
from services.model.assessment import State
from services.model.reading import Reading
from services.safe_text import SafeText
from widgets import wording
from widgets.alarm_table import AlarmRow
from widgets.arns import without_arns
from widgets.hideable import Hideable
from widgets.sheet import Sheet
from widgets.spans import Row, Span, cells, cut, row, squeeze_text, wrap
from widgets.states import SIGNS, style

LABEL = 11
"""Cells of the column of labels."""

_STATES = {"ALARM": State.CRIT, "OK": State.OK, "INSUFFICIENT_DATA": State.NO_DATA}


def state_of(word: str) -> State:
    """How a state of CloudWatch's looks."""
    return _STATES.get(word, State.UNVERIFIED)


class AlarmView(Sheet, Hideable):
    """Shows one alarm; as high as it needs to be, scrolled by what is around it."""

    def __init__(self, *, brief: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._brief = brief
        self._entry: AlarmRow | None = None
        self._history: Reading[History] | None = None
        self._now: datetime | None = None

    def show(self, entry: AlarmRow | None, now: datetime | None, history: Reading[History] | None = None) -> None:
        """Show `entry`; None shows nothing. `history` of None: none was asked for."""
        if (entry, now, history) != (self._entry, self._now, self._history):
            self._entry, self._now, self._history = entry, now, history
            self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        if self._entry is None or self._now is None:
            return []
        rows = alarm_rows(self._entry, self._now, width)
        if not self._brief:
            rows += [(), *history_rows(self._history, width, self._now, name=False)]
        return rows


def alarm_rows(entry: AlarmRow, now: datetime, width: int) -> list[Row]:
    """The alarm without its history, in rows of at most `width` cells."""
    alarm, detail = entry.alarm, entry.detail
    since = "" if alarm.since is None else f"  since {stamp(alarm.since, now)} ({wording.age(_age(alarm.since, now))})"
    what = Span(f"  {alarm.kind} alarm · {alarm.region}", "muted")
    rows = wrap([Span(" "), Span(alarm.name, "strong"), what], width, hang=1)
    word = Span(f"{SIGNS[entry.state]} {alarm.state}", style(entry.state))
    rows += _field("state", [word, Span(since, "muted")], width)
    if entry.stale:
        rows += _field("stale", [Span(entry.stale, "warn")], width)
    if alarm.reason:
        rows += _field("reason", [Span(without_arns(alarm.reason))], width)
    if detail is not None:
        rows += _set_up(detail, width)
    rows += _field("tells", _actions(entry), width)
    if entry.beside:
        rows += _field("runbook", [Span(entry.beside, "warn" if entry.disagrees else "muted")], width)
    return rows


def _set_up(detail: AlarmDetail, width: int) -> list[Row]:
    rows: list[Row] = []
    if detail.description:
        rows += _field("about", [Span(detail.description, "muted")], width)
    if detail.condition:
        rows += _field("rings when", [Span(detail.condition)], width)
    for metric in detail.metrics:
        which = ", ".join(f"{name}={value}" for name, value in metric.dimensions)
        rows += _field("metric", [Span(f"{metric.namespace} {metric.name}  "), Span(which, "muted")], width)
    if detail.evaluation:
        rows += _field("evaluation", [Span(f"{detail.evaluation}: its state may be wrong", "warn")], width)
    return rows


def _actions(entry: AlarmRow) -> list[Span]:
    alarm, detail = entry.alarm, entry.detail
    spans: list[Span] = []
    if not alarm.actions_enabled:
        spans.append(Span("nobody: its actions are switched off. ", "warn"))
    elif not alarm.actions:
        spans.append(Span("nobody: it has no action on ALARM. ", "warn"))
    spans += [Span(f"muted now by {rule}. ", "warn") for rule in (detail.muted_by if detail is not None else ())]
    if detail is not None and detail.suppressed:
        spans.append(Span(f"suppressed now: {detail.suppressed}. ", "warn"))
    spans += [Span(f"{action}  ", "muted") for action in alarm.actions]
    if detail is not None and detail.ok_actions:
        spans.append(Span(f"and {len(detail.ok_actions)} when it is over", "muted"))
    return spans


def history_rows(history: Reading[History] | None, width: int, now: datetime, *, name: bool) -> list[Row]:
    """What happened, newest first; `name` whether each row says of which alarm."""
    if history is None:
        return []
    rows: list[Row] = []
    if history.problem is not None:
        rows += wrap([Span(f" The history could not be read: {history.problem.message}.", "warn")], width, hang=1)
    if history.value is None:
        return rows or [row(Span(" asking for the history …", "silent"))]
    found = history.value
    rows.append(row(Span(f" history since {stamp(found.since, now)}", "title")))
    dated = any(one.at.date() != now.date() for one in found.items)
    rows += [_item(one, width, dated, name) for one in found.items]
    if not found.items:
        rows.append(row(Span(" nothing happened", "silent")))
    if not found.whole:
        rows.append(row(Span(" there is more, older than this, that was not read", "warn")))
    return rows


def _item(item: HistoryItem, width: int, dated: bool, name: bool) -> Row:
    state = state_of(item.new) if item.kind is HistoryKind.STATE else State.CRIT if item.failed else State.WAITING
    sign = SIGNS[state] if item.kind is HistoryKind.STATE or item.failed else "·"
    at = f"{item.at:%m-%d} {wording.second(item.at)}" if dated else wording.second(item.at)
    spans = [Span(f" {at} ", "muted"), Span(f"{sign} ", style(state))]
    if name:
        wide = max(16, min(44, width // 3))
        spans.append(Span(f"{squeeze_text(item.alarm, wide):<{wide}}  "))
    if item.kind is HistoryKind.STATE:
        spans.append(Span(f"{short(item.old)} → {short(item.new)}", style(state)))
        room = width - cells(spans) - 3
        if item.reason and room > 20:
            spans.append(Span(f"  {without_arns(item.reason)}", "muted"))
    else:
        spans.append(Span(without_arns(item.summary), "crit" if item.failed else "muted"))
    return cut(spans, width)


def short(state: SafeText) -> str:
    """CloudWatch's word for a state, as short as it goes."""
    return "NO DATA" if state == "INSUFFICIENT_DATA" else state or "?"


def stamp(at: datetime, now: datetime) -> str:
    """`03:11:42`, with the day before it when that is not today's."""
    return wording.second(at) if at.date() == now.date() else f"{at:%m-%d} {wording.second(at)}"


def _age(since: datetime, now: datetime) -> float:
    return (now - since).total_seconds()


def _field(label: str, spans: Sequence[Span], width: int) -> list[Row]:
    return wrap([Span(f" {label:<{LABEL}}", "faint"), *spans], width, hang=LABEL + 1) if spans else []
