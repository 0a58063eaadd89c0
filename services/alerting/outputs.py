"""How a new alert makes itself heard: decisions only, performed by the screen. Everything is off until it is chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from services.alerting.terminal import passed_through
from services.model.alerts import Alert
from services.redact import redact
from services.safe_text import safe
from services.settings.values import Alerting


class Way(StrEnum):
    BELL = "bell"
    DESKTOP = "desktop"
    """OSC 9."""
    COMMAND = "command"


class Output(msgspec.Struct, frozen=True):
    """One thing to do, once."""

    way: Way
    alert: str
    """Alert.id."""
    text: str = ""
    """What is written to the terminal: BEL, or the whole OSC sequence."""
    command: tuple[str, ...] = ()
    """Program and arguments; never a shell."""
    payload: bytes = b""
    """The alert as JSON, for the program's standard input."""
    variables: Mapping[str, str] = {}
    """The same facts for its environment: `COCKPIT_ALERT_…`."""


def outputs(
    new: Iterable[Alert], ours: Collection[str], environment: str, settings: Alerting, multiplexer: str = ""
) -> tuple[Output, ...]:
    """What to do for alerts that were raised since the last look. `multiplexer`: see `passed_through`.

    The terminal's own ways are this screen's, for whoever raised the alert; the command is run by the one screen that
    wrote the record (`ours`: ids), so that several screens of one environment do not page twice.
    """
    found: list[Output] = []
    for alert in new:
        if not alert.waits:
            continue
        if settings.bell:
            found.append(Output(Way.BELL, alert.id, "\a"))
        if settings.desktop:
            line = safe(redact(f"{environment}: {alert.title}: {alert.sentence}"), 200)
            found.append(Output(Way.DESKTOP, alert.id, passed_through(f"\x1b]9;{line}\x07", multiplexer)))
        if settings.command and alert.id in ours:
            payload, variables = _payload(alert, environment), _variables(alert, environment)
            found.append(Output(Way.COMMAND, alert.id, "", settings.command, payload, variables))
    return tuple(found)


def _variables(alert: Alert, environment: str) -> Mapping[str, str]:
    """Times in ISO 8601, UTC; what is not known is empty."""
    due = alert.due
    return {
        "COCKPIT_ENVIRONMENT": environment,
        "COCKPIT_ALERT_ID": alert.id,
        "COCKPIT_ALERT_KEY": alert.key,
        "COCKPIT_ALERT_TITLE": alert.title,
        "COCKPIT_ALERT_SEVERITY": alert.severity.value,
        "COCKPIT_ALERT_SENTENCE": redact(alert.sentence),
        "COCKPIT_ALERT_RAISED": _iso(alert.raised),
        "COCKPIT_ALERT_RESPOND_BY": "" if due is None else _iso(due),
    }


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _payload(alert: Alert, environment: str) -> bytes:
    return msgspec.json.encode(
        {
            "environment": environment,
            "id": alert.id,
            "key": alert.key,
            "title": alert.title,
            "severity": alert.severity,
            "raised": alert.raised,
            "began": alert.began,
            "sentence": redact(alert.sentence),
            "respond_s": alert.respond_s,
        }
    )
