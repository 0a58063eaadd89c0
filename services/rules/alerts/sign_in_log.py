"""Failed sign-ins out of the user pools' own logs (runbook line 135): a window that slides, seconds late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from services.model.alerts import AlertClock, AlertState, Measure
from services.model.sign_ins import FailedSignIn, SignInLog
from services.plural import several
from services.rules import silences
from services.rules.alerts.rule import Found
from services.rules.view import View
from services.rules.windows import instant
from services.rules.words import clock, count, minutes

WITHIN_S = 300


def of_log(view: View, needed: int) -> Found | None:
    """What the log tells; None where no pool delivers one, it was not read, or that was too long ago."""
    reading = view.situation.sign_ins
    told = reading.value
    stale = silences.of_age(reading, view.settings.cadence.resources, view.now, "")
    if told is None or not told.groups or not told.until or reading.problem is not None or stale is not None:
        return None
    return _found(told, max(1, needed))


def _found(told: SignInLog, needed: int) -> Found:
    ends = instant(told.until / 1000)
    most = _most(told)
    state = AlertState.QUIET if not most else AlertState.COUNTING
    if len(most) >= needed:
        state = AlertState.FIRING
    ticking = AlertClock(
        Measure.EVENTS,
        len(most),
        needed,
        since=_began(told.failed, most, needed) if most else None,
        resets=f"{minutes(WITHIN_S)} with fewer",
        missing="no line is no failed sign-in",
    )
    return Found(state, ticking, _sentence(most, ends), float(len(most)))


def _most(told: SignInLog) -> Sequence[FailedSignIn]:
    """The most failures that any five minutes hold, of those that end in the last five.

    Between two looks a minute passes: a window that is looked at only as it ends would miss what lay across.
    """
    failed, within, last = told.failed, WITHIN_S * 1000, told.until - WITHIN_S * 1000
    most: Sequence[FailedSignIn] = ()
    first = 0
    for place, one in enumerate(failed):
        while one.at - failed[first].at > within:
            first += 1
        if one.at > last and place + 1 - first >= len(most):
            most = failed[first : place + 1]
    return most


def _began(failed: Sequence[FailedSignIn], most: Sequence[FailedSignIn], needed: int) -> datetime:
    """The first failure of the unbroken run of windows with enough of them; of its own window, if it has not."""
    if len(most) < needed:
        return instant(most[0].at / 1000)
    first = failed.index(most[-1]) + 1 - needed
    while first > 0 and failed[first - 1 + needed - 1].at - failed[first - 1].at <= WITHIN_S * 1000:
        first -= 1
    return instant(failed[first].at / 1000)


def _sentence(most: Sequence[FailedSignIn], ends: datetime) -> str:
    over = minutes(WITHIN_S)
    if not most:
        return f"no failed sign-in in the {over} to {clock(ends)}"
    until = clock(instant(most[-1].at / 1000))
    addresses = Counter(one.address for one in most)
    worst, times = addresses.most_common(1)[0]
    users = len({one.user for one in most})
    of = several(users, "user")
    return f"{several(len(most), 'failed sign-in')} in {over} to {until}, of {of}, most from {worst} ({count(times)})"
