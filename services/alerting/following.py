"""From what the rules say now to what happens to alerts: raised at the first firing, cleared after one quiet window.

Hysteresis: an alert that fires again before it was quiet for one full window of its rule is the same alert, and rings
no second time. What cannot be observed is not quiet: it keeps an alert open and starts the quiet window anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from services.alerting.life import AlertRecord, Happening, Life
from services.model.alerts import Alert, AlertReading, AlertState
from services.safe_text import SafeText, safe

AHEAD = timedelta(minutes=5)
"""An alert raised further in the future than this is of another run of a simulated account: it is over."""


def follow(life: Life, readings: Iterable[AlertReading], now: datetime) -> tuple[Life, tuple[AlertRecord, ...]]:
    """`life` with its quiet windows brought up to `now`, and what happens; the records are not applied yet."""
    by_key = {reading.key: reading for reading in readings}
    followed = tuple(_followed(alert, by_key.get(alert.key), now) if alert.open else alert for alert in life.alerts)
    over = [alert for alert in followed if alert.open and _over(alert, by_key.get(alert.key), now)]
    still = {alert.key for alert in followed if alert.open and alert not in over}
    happened = [AlertRecord(Happening.CLEARED, alert.id, alert.key, now) for alert in over]
    happened += [
        _raise(reading, fired_at(life.newest(reading.key), reading, now))
        for reading in by_key.values()
        if reading.firing and reading.key not in still
    ]
    return Life(followed), tuple(happened)


def acknowledge(alert: Alert, by: str, now: datetime) -> AlertRecord:
    """Somebody takes the alert on: it waits for nobody any more. It stays open until it is quiet."""
    return AlertRecord(Happening.ACKNOWLEDGED, alert.id, alert.key, now, by=safe(by, 120))


def escalated(alert: Alert, rung: int, by: str, now: datetime, *, dismissed: bool = False) -> AlertRecord:
    """A rung of the ladder was called, or its prompt dismissed."""
    return AlertRecord(Happening.ESCALATED, alert.id, alert.key, now, by=safe(by, 120), rung=rung, dismissed=dismissed)


def stepped(alert: Alert, step: int, note: str, by: str, now: datetime) -> AlertRecord:
    """A step of the first response was taken."""
    who, found = safe(by, 120), safe(note, 200)
    return AlertRecord(Happening.STEPPED, alert.id, alert.key, now, sentence=found, by=who, step=step)


def identity(key: str, raised: datetime) -> str:
    """`alert.throttling@2026-03-14T03:12:00Z`."""
    return f"{key}@{raised.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def fired_at(last: Alert | None, reading: AlertReading, now: datetime) -> datetime:
    """When a firing rule began to fire: its clock knows, whenever this screen was opened. Never at or before the end
    of the rule's `last` alert, should late data join two runs that were told apart."""
    due = reading.clock.due
    if due is None or due > now:
        return now
    return now if last is not None and due <= (last.cleared or last.raised) else due


def _raise(reading: AlertReading, now: datetime) -> AlertRecord:
    return AlertRecord(
        Happening.RAISED,
        identity(reading.key, now),
        reading.key,
        now,
        SafeText(reading.title),
        reading.severity,
        reading.clock.since,
        reading.sentence,
        reading.respond_s,
    )


def _followed(alert: Alert, reading: AlertReading | None, now: datetime) -> Alert:
    quiet = reading is not None and not reading.holding and reading.state is not AlertState.UNOBSERVABLE
    since = alert.quiet_since if quiet else None
    if quiet and (since is None or since > now):
        since = now
    return alert if since == alert.quiet_since else msgspec.structs.replace(alert, quiet_since=since)


def _over(alert: Alert, reading: AlertReading | None, now: datetime) -> bool:
    if alert.raised > now + AHEAD:
        return True
    if alert.quiet_since is None or reading is None:
        return False
    return (now - alert.quiet_since).total_seconds() >= reading.clear_after_s


def news(before: Life, after: Life) -> tuple[Alert, ...]:
    """Alerts that `after` knows and `before` did not and that still wait for somebody, the oldest first."""
    known = {alert.id for alert in before.alerts}
    found: Sequence[Alert] = [alert for alert in after.alerts if alert.id not in known and alert.open]
    return tuple(sorted(found, key=lambda alert: alert.raised))
