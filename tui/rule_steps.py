"""From a picture to the steps of an alert's first response: which key, who took it when, what was found. Pure."""

from __future__ import annotations

import msgspec

from services.model.alerts import Alert
from services.model.assessment import State
from services.model.situation import Situation
from services.safe_text import SafeText
from tui.commands.report import report
from tui.keys import blocks, key_by_shown, why_off
from tui.picture import Picture
from widgets.rule_steps import EventsShown, StatusLine, StepLine

STEPS = (
    ("Acknowledge the alert, say so in Slack", "a"),
    ("Check the system's status", "s"),
    ("Check recent deployments", "e"),
    ("Review the CloudWatch dashboard", "8"),
    ("Check the application's logs", "3"),
)
"""Runbook lines 149-161, and the key of each."""

_HERE = {"a": "acknowledge", "s": "look", "e": "events"}
"""What the keys of the page itself do; the others are those of everywhere."""

_SAID = {"3": "logs, 5 min before"}

EVENTS = 10
"""How many events a look shows, and each further one adds (line 158)."""


class Found(msgspec.Struct, frozen=True):
    """What the person who looks at the page has had shown in it."""

    status: tuple[StatusLine, ...] = ()
    events: int = 0
    """How many events of the stack."""


def steps(picture: Picture, alert: Alert | None, found: Found) -> tuple[StepLine, ...]:
    """The guided first response, as long as the alert is open."""
    if alert is None or not alert.open:
        return ()
    return tuple(_step(picture, alert, number, text, shown, found) for number, (text, shown) in enumerate(STEPS, 1))


def _step(picture: Picture, alert: Alert, number: int, text: str, shown: str, found: Found) -> StepLine:
    mark = alert.on_step(number)
    does, off = _HERE.get(shown, ""), ""
    if not does:
        key = key_by_shown(shown)
        does = _SAID.get(shown, key.label if key is not None else "")
        off = why_off(key, picture.keys) if key is not None and blocks(key, picture.keys) else ""
    if number == 1 and mark is not None:
        shown = ""
    return StepLine(
        text, shown, does, off, mark,
        found.status if number == 2 else (),
        events_shown(picture.situation, found.events) if number == 3 and found.events else None,
    )  # fmt: skip


def status_lines(picture: Picture) -> tuple[StatusLine, ...]:
    """What `cockpit status ENV all` says of the components at this moment; nothing before anything is judged."""
    if picture.situation is None or picture.assessment is None:
        return ()
    found = report(picture.environment, picture.situation, picture.assessment)
    return tuple(StatusLine(one.name, one.state, one.detail) for one in found.components)


def status_note(lines: tuple[StatusLine, ...]) -> str:
    """What a look has found, in a line for those who were not there: `CRIT api, lambda; the other 7 are well`."""
    loud = [one for one in lines if one.state.severity > State.NO_TRAFFIC.severity]
    worst = sorted({one.state for one in loud}, key=lambda state: -state.severity)
    told = [f"{state} {', '.join(one.name for one in loud if one.state is state)}" for state in worst]
    rest = len(lines) - len(loud)
    return "; ".join([*told, f"{'the other ' if told else 'all '}{rest} are well"])


def events_shown(situation: Situation | None, count: int) -> EventsShown:
    """The newest `count` events of the stack."""
    reading = situation.events if situation is not None else None
    known = (reading.value or ()) if reading is not None else ()
    problem = reading.problem if reading is not None else None
    why = problem.message if problem is not None else SafeText("asking for the stack's events …")
    if reading is not None and reading.value is not None:
        why = SafeText("the stack has no events")
    newest = tuple(sorted(known, key=lambda one: one.at, reverse=True))
    return EventsShown(newest[:count], max(0, len(newest) - count), why)
