"""The line under the verdict: which trigger or alert counts, how far it is, and when it will have counted enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.model.alerts import AlertClass, AlertReading, AlertState, Measure
from services.rules.words import clock, listed
from services.safe_text import SafeText, safe


def countdown(alerts: Sequence[AlertReading], offered: bool, now: datetime) -> SafeText:
    """One line, empty when nothing counts. `offered`: there is a rollback to offer.

    A trigger before an alert, what fires before what counts, and what is nearest to its end before the rest.
    """
    triggers = [one for one in alerts if one.severity is AlertClass.TRIGGER]
    fired = next((one for one in triggers if one.firing), None)
    if fired is not None:
        held = fired.clock.text.partition(" of ")
        end = "rollback offered" if offered else "the runbook asks for a rollback, but none can be offered"
        return safe(f"trigger: {fired.condition} for {held[0]}, more than {held[2]}: {end}")
    counting = _nearest(triggers)
    if counting is not None:
        end = f"{'rollback offered' if offered else 'met'} at {_due(counting, now)}"
        return safe(f"trigger: {counting.condition} for {counting.clock.text}; {end}")
    others = [one for one in alerts if one.severity is not AlertClass.TRIGGER]
    counting = _nearest(others)
    if counting is not None:
        return safe(f"alert: {counting.title}, {counting.condition} for {counting.clock.text}; {_fires(counting, now)}")
    critical = [one.title for one in others if one.firing and one.severity is AlertClass.CRITICAL]
    return safe(f"alert: {listed(critical, 4)}") if critical else safe("")


def _nearest(alerts: Sequence[AlertReading]) -> AlertReading | None:
    counting = [
        one
        for one in alerts
        if one.state is AlertState.COUNTING and one.clock.measure is Measure.TIME and one.clock.due is not None
    ]
    return max(counting, key=lambda one: one.clock.share, default=None)


def _due(alert: AlertReading, now: datetime) -> str:
    return "" if alert.clock.due is None else clock(max(alert.clock.due, now), now)


def _fires(alert: AlertReading, now: datetime) -> str:
    return f"fires at {_due(alert, now)}"
