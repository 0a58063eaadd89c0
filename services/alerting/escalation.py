"""Escalation by age (runbook lines 164-169, decisions B1, B2): whose turn it is, and whose is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from services.model.alerts import Alert
from services.settings.values import Rung


class Escalation(msgspec.Struct, frozen=True):
    """Where an alert stands on the ladder."""

    rung: int
    """Index, from 0."""
    who: str
    since: datetime
    """When this rung began."""
    prompt: bool
    """Whether somebody still has to call them, or to say why not: every rung but the first."""
    reach: str = ""
    """How they are reached."""
    next_who: str = ""
    next_at: datetime | None = None


def escalation(alert: Alert, ladder: Sequence[Rung], now: datetime) -> Escalation | None:
    """The rung of an open alert of a kind that rings; None when it is over, on its way to be, or only a warning.

    Acknowledging does not stop the ladder: it climbs while the matter is unresolved.
    """
    rungs = sorted(ladder, key=lambda rung: rung.after_min)
    elapsed = (now - alert.raised).total_seconds()
    reached = [index for index, rung in enumerate(rungs) if elapsed >= rung.after_min * 60]
    if not alert.open or not alert.rings or alert.quiet_since is not None or not reached:
        return None
    index = reached[-1]
    following = rungs[index + 1] if index + 1 < len(rungs) else None
    return Escalation(
        index,
        rungs[index].who,
        alert.raised + timedelta(minutes=rungs[index].after_min),
        index > 0 and alert.on_rung(index) is None,
        rungs[index].reach,
        "" if following is None else following.who,
        None if following is None else alert.raised + timedelta(minutes=following.after_min),
    )
