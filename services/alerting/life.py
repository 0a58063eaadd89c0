"""The life of alerts as records tell it. Pure: records in, alerts out, in whatever order several screens wrote them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from services.model.alerts import Acknowledgement, Alert, AlertClass, Handled, StepMark
from services.safe_text import SafeText

KEPT = 200
"""How many cleared alerts are remembered, the newest."""


class Happening(StrEnum):
    """What a record says."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    """A rung of the ladder was called, or the prompt for it dismissed."""
    STEPPED = "stepped"
    """A step of the first response was taken."""
    CLEARED = "cleared"


class AlertRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened to one alert."""

    happening: Happening
    alert: str
    """Alert.id."""
    key: str
    at: datetime
    title: SafeText = SafeText("")
    severity: AlertClass = AlertClass.WARNING
    began: datetime | None = None
    sentence: SafeText = SafeText("")
    respond_s: int | None = None
    by: SafeText = SafeText("")
    rung: int = 0
    dismissed: bool = False
    """Of a rung: nobody was called, on purpose."""
    step: int = 0
    """Of the first response, from 1; `sentence` is what was found."""


class Life(msgspec.Struct, frozen=True):
    """Every alert that is known, the newest first."""

    alerts: tuple[Alert, ...] = ()

    def current(self, key: str) -> Alert | None:
        """The open alert of a rule: there is never more than one."""
        return next((alert for alert in self.alerts if alert.key == key and alert.open), None)

    def newest(self, key: str) -> Alert | None:
        """The alert of a rule that was raised last, open or over."""
        return next((alert for alert in self.alerts if alert.key == key), None)

    def find(self, name: str) -> Alert | None:
        return next((alert for alert in self.alerts if alert.id == name), None)

    @property
    def open(self) -> tuple[Alert, ...]:
        """Open alerts, what rings before what does not, the oldest first."""
        found = [alert for alert in self.alerts if alert.open]
        return tuple(sorted(found, key=lambda alert: (not alert.rings, alert.raised)))

    @property
    def waiting(self) -> tuple[Alert, ...]:
        """What has to stand in the header of every screen: criticals and triggers that nobody has acknowledged."""
        return tuple(alert for alert in self.open if alert.waits)


def fold(records: Iterable[AlertRecord], life: Life | None = None) -> Life:
    """`life` after `records`; what no longer applies changes nothing."""
    known = life or Life()
    for record in records:
        known = applied(known, record)
    return known


def rejoined(written: Life, own: Life) -> Life:
    """What is `written` for all, with the quiet windows of our `own` and what only we know to be open."""
    quiet = {alert.id: alert.quiet_since for alert in own.alerts if alert.open}
    shared = {alert.id for alert in written.alerts}
    alone = [
        alert for alert in own.alerts if alert.open and alert.id not in shared and written.current(alert.key) is None
    ]
    joined = (
        msgspec.structs.replace(alert, quiet_since=quiet.get(alert.id)) if alert.open else alert
        for alert in written.alerts
    )
    return Life((*alone, *joined))


def applies(life: Life, record: AlertRecord) -> bool:
    """Whether a record still says something new: two screens may have decided the same at once."""
    if record.happening is Happening.RAISED:
        return life.current(record.key) is None and life.find(record.alert) is None
    alert = life.find(record.alert)
    if alert is None:
        return False
    if record.happening is Happening.ACKNOWLEDGED:
        return alert.open and alert.acknowledged is None
    if record.happening is Happening.ESCALATED:
        return alert.open and alert.on_rung(record.rung) is None
    if record.happening is Happening.STEPPED:
        before = alert.on_step(record.step)
        return alert.open and record.step > 1 and (before is None or before.at < record.at)
    return alert.open


def applied(life: Life, record: AlertRecord) -> Life:
    """`life` after one record; the same object when it does not apply."""
    if not applies(life, record):
        return life
    if record.happening is Happening.RAISED:
        return Life(_trimmed((_raised(record), *life.alerts)))
    changed = tuple(_changed(alert, record) if alert.id == record.alert else alert for alert in life.alerts)
    return Life(changed)


def _raised(record: AlertRecord) -> Alert:
    return Alert(
        record.alert,
        record.key,
        record.title,
        record.severity,
        record.at,
        record.began,
        record.sentence,
        record.respond_s,
    )


def _changed(alert: Alert, record: AlertRecord) -> Alert:
    if record.happening is Happening.ACKNOWLEDGED:
        return msgspec.structs.replace(alert, acknowledged=Acknowledgement(record.at, record.by))
    if record.happening is Happening.ESCALATED:
        handled = (*alert.handled, Handled(record.rung, record.at, record.by, record.dismissed))
        return msgspec.structs.replace(alert, handled=tuple(sorted(handled, key=lambda one: one.rung)))
    if record.happening is Happening.STEPPED:
        mark = StepMark(record.step, record.at, record.by, record.sentence)
        steps = (*(one for one in alert.steps if one.step != record.step), mark)
        return msgspec.structs.replace(alert, steps=tuple(sorted(steps, key=lambda one: one.step)))
    return msgspec.structs.replace(alert, cleared=record.at, quiet_since=None)


def _trimmed(alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    cleared = 0
    kept = []
    for alert in alerts:
        cleared += not alert.open
        if alert.open or cleared <= KEPT:
            kept.append(alert)
    return tuple(kept)
