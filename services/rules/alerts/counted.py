"""Conditions on a number of events within a window."""

from __future__ import annotations

from services.model.alerts import AlertClock, AlertState, Measure
from services.plural import several
from services.rules.alerts.rule import Found
from services.rules.judging import Finding
from services.rules.runs import run
from services.rules.windows import Track, Window, instant
from services.rules.words import clock, minutes, percent


def counted(finding: Finding, seconds: int, needed: int, noun: str) -> Found:
    """One resource's events in the newest `seconds`, against `needed` of them. A missing period counts none."""
    period, end = finding.window.period, finding.window.end
    window = Window(end - max(1, seconds // period) * period, end, period)
    events = Track(finding.track.amounts)
    value, needed = events.amount(window), max(1, needed)
    state = AlertState.QUIET
    since = None
    if value >= needed:
        found = run(events, window, lambda sum_of, _: sum_of >= needed, lambda one: one > 0)
        state, since = AlertState.FIRING, instant(window.start if found is None else found.since)
    elif value > 0:
        first = next(start for start in window.starts if events.amounts.get(start, 0.0) > 0)
        state, since = AlertState.COUNTING, instant(first)
    over = minutes(window.end - window.start)
    ticking = AlertClock(
        Measure.EVENTS,
        value,
        needed,
        since=since,
        resets=f"the window: events older than {over} are not counted",
        missing="a minute without data counts as none while the resource is seen alive",
    )
    return Found(
        state,
        ticking,
        _sentence(finding, window, value, noun, over),
        value,
        (finding.telling or finding.series.signal.id,),
        finding.series.signal.resource,
        window,
    )


def _sentence(finding: Finding, window: Window, value: float, noun: str, over: str) -> str:
    """The number with what it is of, so that a person can judge it (decisions A7)."""
    among = finding.track.weight(window)
    if not among and finding.track.weights is not None:
        return f"no request in the {over} to {clock(window.ends_at)}"
    share = f" of {several(among, 'request')} ({percent(100 * value / among)})" if among else ""
    said = several(value, noun) if value else f"no {several(0, noun).removeprefix('0 ')}"
    return f"{said}{share} in {over}"
