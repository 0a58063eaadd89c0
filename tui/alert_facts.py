"""From the life of alerts to what every screen says of it: what waits, the worst first; who is to be called. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.alerting.escalation import Escalation, escalation
from services.alerting.life import Life
from services.model.alerts import Alert, AlertClass
from services.safe_text import SafeText, safe
from services.settings.values import Rung
from tui.picture import Picture
from widgets.alert_bar import AlertFacts, CallFacts, WaitingFacts


def waiting(life: Life) -> tuple[Alert, ...]:
    """What nobody has acknowledged, the worst first: what has to be responded to soonest, then what has no time."""
    return tuple(sorted(life.waiting, key=lambda one: (one.due is None, one.due or one.raised)))


def calls(life: Life, ladder: Sequence[Rung], now: datetime) -> tuple[tuple[Alert, Escalation], ...]:
    """Alerts for which somebody is to be called, the highest rung first, then the oldest."""
    found = [(one, turn) for one in life.open if (turn := escalation(one, ladder, now)) is not None and turn.prompt]
    return tuple(sorted(found, key=lambda pair: (-pair[1].rung, pair[0].raised)))


def alert_facts(picture: Picture) -> AlertFacts | None:
    """What stands under the header; None when nothing waits."""
    known = waiting(picture.alerts)
    due = calls(picture.alerts, picture.settings.alerting.ladder, picture.now)
    if not known and not due:
        return None
    now = picture.now.replace(second=0)
    return AlertFacts(_waiting(known, picture) if known else None, _call(due) if due else None, now)


def _waiting(known: tuple[Alert, ...], picture: Picture) -> WaitingFacts:
    worst, now = known[0], picture.now
    late = int((now - worst.due).total_seconds()) // 60 if worst.due is not None and worst.overdue(now) else None
    return WaitingFacts(len(known), worst.title, worst.due, late, "R rolls back" if offered(known, picture) else "")


def offered(known: Sequence[Alert], picture: Picture) -> bool:
    """Whether a trigger among `known` has something to offer: the verdict names the key when there is a plan."""
    key = picture.assessment.verdict.key if picture.assessment is not None else ""
    return key == "R" and any(one.severity is AlertClass.TRIGGER for one in known)


def _call(due: tuple[tuple[Alert, Escalation], ...]) -> CallFacts:
    alert, turn = due[0]
    others = sum(one.rung == turn.rung for _, one in due) - 1
    after = (turn.since - alert.raised).total_seconds() / 60
    return CallFacts(turn.since, SafeText(turn.who), alert.title, after, others, safe(turn.reach, 120))


def named(picture: Picture) -> str:
    """Key of the rule that the header speaks of, else of the one that matters most; empty before anything is judged."""
    known = waiting(picture.alerts)
    due = calls(picture.alerts, picture.settings.alerting.ladder, picture.now)
    if known or due:
        return known[0].key if known else due[0][0].key
    readings = picture.assessment.alerts if picture.assessment is not None else ()
    opened = {one.key for one in picture.alerts.open}
    best = max(readings, key=lambda one: (one.state.rank, one.key in opened), default=None)
    return best.key if best is not None else ""
