"""One rule of the runbook whole: what it is, what it found in which series, its clock, who responds, what helps, its
life so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from services.model.alerts import Alert, AlertClass, AlertReading, AlertState
from services.model.assessment import State
from services.model.series import MetricId
from services.safe_text import SafeText
from widgets import wording
from widgets.alert_bar import moment
from widgets.bar import bar
from widgets.charset import UNICODE, Charset
from widgets.hideable import Hideable
from widgets.rule_steps import StepLine, stamp, step_rows
from widgets.sheet import Sheet
from widgets.spans import Row, Span, wrap
from widgets.states import SIGNS, style

LABEL = 12
"""Cells of the column of labels."""

BAR = 20
"""Cells of the clock's bar."""


class SeriesLine(msgspec.Struct, frozen=True):
    """One series that a rule is taken from."""

    metric: MetricId
    statistics: tuple[str, ...]
    period: int
    """Seconds."""
    role: str = ""
    """What it is for, when it is not the one that is compared."""


class RuleKey(msgspec.Struct, frozen=True):
    """A key that does what the runbook asks for."""

    key: str
    does: str
    why_off: str = ""
    """Why it does nothing now; empty when it works."""


class RungLine(msgspec.Struct, frozen=True):
    """One rung of the ladder."""

    at: datetime
    who: SafeText
    state: str
    """`passed`, `now`, `call`, `called`, `dismissed`, `next`, `later`."""
    note: SafeText = SafeText("")
    reach: SafeText = SafeText("")
    """How they are reached."""


class RulePage(msgspec.Struct, frozen=True):
    """Everything that is shown of one rule."""

    reading: AlertReading
    now: datetime
    alert: Alert | None = None
    """The open one, else the newest that is over."""
    earlier: tuple[Alert, ...] = ()
    """Before it, the newest first."""
    series: tuple[SeriesLine, ...] = ()
    rungs: tuple[RungLine, ...] = ()
    keys: tuple[RuleKey, ...] = ()
    steps: tuple[StepLine, ...] = ()
    note: SafeText = SafeText("")
    """What else has to be known to act."""
    message: SafeText = SafeText("")
    """What is to be said in the channel, once it is acknowledged."""


class RuleView(Sheet, Hideable):
    """Shows a RulePage; as high as it needs to be, scrolled by what is around it."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._page: RulePage | None = None

    def show(self, page: RulePage | None) -> None:
        if page != self._page:
            self._page = page
            self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        return rule_rows(self._page, width, self.charset) if self._page is not None else []


def rule_rows(page: RulePage, width: int, charset: Charset = UNICODE) -> list[Row]:
    """The page in rows of at most `width` cells."""
    reading = page.reading
    state = state_of(reading)
    word = f"{SIGNS[state]} {reading.state.value.upper()}"
    head = [Span(f" {word} ", f"badge-{style(state)}") if reading.firing else Span(word, style(state))]
    rows = wrap([*head, Span(f"  {reading.severity.value}"), Span(f"  {reading.source}", "muted")], width, hang=LABEL)
    rows += _field("now", [Span(reading.sentence, "strong" if reading.firing else "")], width)
    rows += _respond(page, width)
    rows += _action(page, width)
    rows += _steps(page, width)
    rows += _ladder(page, width)
    rows.append(())
    rows += _field("rule", [Span(reading.definition)], width)
    rows += _clock(page, width, charset)
    rows += _series(page, width)
    rows.append(())
    return rows + _life(page, width)


def _respond(page: RulePage, width: int) -> list[Row]:
    alert, reading = page.alert, page.reading
    if alert is None or not alert.open:
        if reading.respond_s is None:
            return _field("respond", [Span("the runbook gives no response time", "muted")], width)
        within = f"{reading.responder} within {wording.took(reading.respond_s)} of the first firing"
        return _field("respond", [Span(within, "muted")], width)
    if alert.acknowledged is not None:
        took = alert.acknowledged
        said = f"acknowledged {moment(took.at, page.now)} by {took.by}"
        rows = _field("respond", [Span(f"{SIGNS[State.OK]} {said}", "ok")], width)
        return rows + (_field("say", [Span(page.message, "muted")], width) if page.message else [])
    if alert.due is None:
        said = "nobody has acknowledged it" if alert.rings else "the runbook gives no response time"
        return _field("respond", [Span(said, "warn" if alert.rings else "muted")], width)
    left = (alert.due - page.now).total_seconds()
    by = f"{reading.responder} by {moment(alert.due, page.now)}"
    if alert.overdue(page.now):
        return _field("respond", [Span(by), Span(f"  OVERDUE by {wording.countdown(-left)}", "crit")], width)
    return _field("respond", [Span(by), Span(f"  {wording.countdown(left)} left", "strong")], width)


def _action(page: RulePage, width: int) -> list[Row]:
    spans = [Span(page.reading.action or "the runbook names none", "" if page.reading.action else "muted")]
    for key in page.keys:
        spans += [Span("  "), *_key(key)]
    rows = _field("action", spans, width)
    return rows + (_field("", [Span(page.note, "accent")], width) if page.note else [])


def _key(key: RuleKey) -> list[Span]:
    if key.why_off:
        return [Span(f"{key.key} {key.does}: off now, {key.why_off}", "key-off")]
    return [
        Span(f" {key.key} ".replace(" ", "\u00a0"), "key-cap"),
        Span(f" {key.does}".replace(" ", "\u00a0"), "muted"),
    ]


def _steps(page: RulePage, width: int) -> list[Row]:
    rows: list[Row] = []
    for step in page.steps:
        for row in step_rows(step, page.now, max(1, width - LABEL)):
            label = "" if rows else "first 5 min"
            rows.append((Span(f"{label:<{LABEL}}", "faint"), *row))
    return rows


_RUNGS = {
    "passed": ("·", "muted", ""),
    "now": ("▸", "strong", "  their turn"),
    "call": ("▲", "warn", "  TO BE CALLED"),
    "called": ("✓", "ok", "  called"),
    "dismissed": ("✓", "muted", "  not called, on purpose"),
    "next": ("·", "", "  next"),
    "later": ("·", "muted", ""),
}


_REACHED = ("now", "call", "next")
"""Whoever is, or is about to be, on the telephone."""


def _ladder(page: RulePage, width: int) -> list[Row]:
    rows: list[Row] = []
    for number, rung in enumerate(page.rungs):
        sign, look, word = _RUNGS[rung.state]
        who = [Span(f"{sign} {moment(rung.at, page.now)} {rung.who}", look), Span(word, look), Span(rung.note, "muted")]
        if rung.reach and rung.state in _REACHED:
            who.append(Span(f"  {rung.reach}", "strong" if rung.state == "call" else "muted"))
        if rung.state == "call":
            who += [Span("  "), *_key(RuleKey("c", "called")), Span("  "), *_key(RuleKey("x", "not called"))]
        rows += _field("" if number else "escalate", who, width, hang=2)
    return rows


def _clock(page: RulePage, width: int, charset: Charset) -> list[Row]:
    clock, now = page.reading.clock, page.now
    spans: list[Span] = []
    if page.reading.state is AlertState.UNOBSERVABLE:
        spans.append(Span("not running: nothing can be said, which is not the same as quiet", "warn"))
    else:
        if clock.required > 0:
            spans += [*bar(clock.share, BAR, style(state_of(page.reading)), charset), Span("  ")]
        spans.append(Span(f"{clock.text}{' (more than that)' if clock.strictly else ''}", "strong"))
        if clock.since is not None:
            spans.append(Span(f"  since {moment(clock.since, now)}", "muted"))
        if clock.due is not None and page.reading.state is AlertState.COUNTING:
            spans.append(Span(f"  fires at {moment(clock.due, now)} if it goes on", "warn"))
    rows = _field("clock", spans, width)
    if clock.resets:
        rows += _field("is reset by", [Span(clock.resets, "muted")], width)
    if clock.missing:
        rows += _field("no data", [Span(clock.missing, "muted")], width)
    cleared = f"quiet for {wording.took(page.reading.clear_after_s)}"
    return rows + _field("over when", [Span(cleared, "muted")], width)


def _series(page: RulePage, width: int) -> list[Row]:
    rows: list[Row] = []
    for number, one in enumerate(page.series):
        which = ", ".join(f"{name}={value}" for name, value in one.metric.dimensions)
        how = f"{' '.join(one.statistics)} · {one.period} s · {one.metric.region}"
        spans = [Span(f"{one.metric.namespace} {one.metric.name}  "), Span(f"{which}  {how}", "muted")]
        spans += [Span(f"  {one.role}")] if one.role else []
        rows += _field("" if number else "series", spans, width)
    window = page.reading.window
    if window is not None:
        said = f"{wording.minute(window[0])} to {wording.minute(window[1])}, settled periods only"
        rows += _field("window", [Span(said, "muted")], width)
    return rows or _field("series", [Span("none: it is not taken from CloudWatch's metrics", "muted")], width)


def _life(page: RulePage, width: int) -> list[Row]:
    if page.alert is None:
        return _field("so far", [Span("it has not fired as far as is remembered", "muted")], width)
    told = _told(page.alert, page.rungs)
    rows: list[Row] = []
    for number, (at, sign, look, said) in enumerate(sorted(told, key=lambda one: one[0])):
        spans = [Span(f"{stamp(at, page.now)} ", "muted"), Span(f"{sign} ", look), Span(said)]
        rows += _field("" if number else "so far", spans, width, hang=9)
    if page.alert.quiet_since is not None and page.alert.open:
        rows += _field("", [Span(f"quiet since {moment(page.alert.quiet_since, page.now)}", "muted")], width)
    for number, one in enumerate(page.earlier):
        end = stamp(one.cleared, page.now) if one.cleared is not None else "…"
        by = f", acknowledged by {one.acknowledged.by}" if one.acknowledged is not None else ", never acknowledged"
        said = f"{stamp(one.raised, page.now)} to {end}{by if one.rings else ''}"
        rows += _field("" if number else "earlier", [Span(said, "muted")], width)
    return rows


def _told(alert: Alert, rungs: Sequence[RungLine]) -> list[tuple[datetime, str, str, str]]:
    loud = "crit" if alert.rings else "warn"
    told = [(alert.raised, SIGNS[State.CRIT if alert.rings else State.WARN], loud, f"raised: {alert.sentence}")]
    if alert.acknowledged is not None:
        told.append((alert.acknowledged.at, "✓", "ok", f"acknowledged by {alert.acknowledged.by}"))
    for one in alert.handled:
        who = rungs[one.rung].who if one.rung < len(rungs) else f"rung {one.rung + 1}"
        said = f"{who} not called, on purpose, says {one.by}" if one.dismissed else f"{who} called by {one.by}"
        told.append((one.at, "▲", "warn", said))
    if alert.cleared is not None:
        told.append((alert.cleared, SIGNS[State.OK], "ok", "over: it stayed quiet"))
    return told


def state_of(reading: AlertReading) -> State:
    """How an alert looks: firing as bad as its class, counting as what is to come, not observable as no data."""
    if reading.state is AlertState.FIRING:
        return State.CRIT if reading.severity in (AlertClass.CRITICAL, AlertClass.TRIGGER) else State.WARN
    return {AlertState.COUNTING: State.ELEVATED, AlertState.UNOBSERVABLE: State.NO_DATA}.get(reading.state, State.OK)


def _field(label: str, spans: Sequence[Span], width: int, hang: int = 0) -> list[Row]:
    return wrap([Span(f"{label:<{LABEL}}", "faint"), *spans], width, hang=LABEL + hang)
