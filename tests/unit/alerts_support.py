"""Readings of one alert, minute by minute, for the tests of its life. Times are minutes after 03:00."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.model.alerts import Alert, AlertClass, AlertClock, AlertReading, AlertState, Measure
from services.safe_text import safe

START = datetime(2026, 3, 14, 3, 0, 0, tzinfo=UTC)
STATES = {
    "F": (AlertState.FIRING, Measure.TIME),
    "C": (AlertState.COUNTING, Measure.TIME),
    "E": (AlertState.COUNTING, Measure.EVENTS),
    "U": (AlertState.UNOBSERVABLE, Measure.TIME),
    "Q": (AlertState.QUIET, Measure.TIME),
}
"""Fires, counts time, counts events, not observable, quiet."""


def minute(after: float) -> datetime:
    return START + timedelta(minutes=after)


def reading(
    letter: str,
    key: str = "alert.high_latency",
    severity: AlertClass = AlertClass.CRITICAL,
    clear_after_s: int = 300,
) -> AlertReading:
    state, measure = STATES[letter]
    return AlertReading(
        key,
        "High Latency",
        state,
        severity,
        AlertClock(measure, 1, 900, since=minute(-15)),
        safe("2.4 s over 5 min"),
        "Mean API Latency above 2 s for 15 min.",
        "runbook line 132",
        respond_s=600,
        clear_after_s=clear_after_s,
    )


def alert(**changed: object) -> Alert:
    values: dict[str, object] = {
        "id": "a1",
        "key": "alert.high_latency",
        "title": safe("High Latency"),
        "severity": AlertClass.CRITICAL,
        "raised": START,
        "respond_s": 600,
    }
    return Alert(**(values | changed))  # type: ignore[arg-type]  # fields by name
