"""Failed sign-ins (runbook line 135): of the pools' own log where there is one (decisions A14), else of their metric.

By the metric: attempts that ended without tokens, over every client and unknown ones. SignInSuccesses records 1 for
tokens issued and 0 for a failure (aws.md 1.1), so failures = SampleCount - Sum. Cognito publishes every five minutes: a
fixed period, coarser and later than a sliding five minutes.
"""

from __future__ import annotations

import msgspec

from services.model.alerts import AlertClock, AlertState, Measure
from services.rules import silences
from services.rules.alerts.rule import Found, unobservable
from services.rules.alerts.sign_in_log import of_log
from services.rules.view import Feed, View
from services.rules.windows import Window, instant
from services.rules.words import clock, count, minutes

KEY = "users.sign_ins"


def sign_ins(view: View, needed: int) -> Found:
    """All clients together: any five minutes of the log, else the newest settled period of the metric."""
    told, counted = of_log(view, needed), _of_metric(view, needed)
    return counted if told is None else _dated_back(told, counted)


def _dated_back(told: Found, counted: Found) -> Found:
    """`told` since when the metric says, where it goes on from there: it remembers longer than the log was read."""
    since, before, window = told.clock.since, counted.clock.since, counted.window
    if told.state is not AlertState.FIRING or counted.state is not AlertState.FIRING:
        return told
    if since is None or before is None or window is None or not before < since <= window.ends_at:
        return told
    return msgspec.structs.replace(told, clock=msgspec.structs.replace(told.clock, since=before))


def _of_metric(view: View, needed: int) -> Found:
    feed = view.users()
    series = feed.find(KEY)
    silence = silences.of_reading(feed.reading, "sign-ins")
    if silence is None and not series:
        silence = feed.unnamed("sign-ins")
    silence = silence or silences.of_age(feed.reading, feed.cadence, feed.now, "sign-ins")
    metrics = feed.reading.value
    if silence is not None:
        return unobservable(silence.sentence)
    if metrics is None or not series:
        return unobservable("sign-ins: the stack has no user pool, or its sign-ins are not asked for")
    heard = [one for one in series if one.newest is not None]
    if not heard and all(one.signal.id in metrics.unpublished for one in series):
        return unobservable("sign-ins: CloudWatch knows no SignInSuccesses of any client")
    period = series[0].signal.period
    window = feed.window(series[0], period)
    if window.start < min(one.asked_from for one in series):
        return unobservable(f"sign-ins: nothing is known yet of the {minutes(period)} to {clock(window.ends_at)}")
    attempts, failures = _tallies(feed, window)
    needed = max(1, needed)
    state = AlertState.QUIET if not failures else AlertState.COUNTING
    if failures >= needed:
        state = AlertState.FIRING
    ticking = AlertClock(
        Measure.EVENTS,
        failures,
        needed,
        since=instant(_began(feed, window, needed)) if failures else None,
        resets=f"every {minutes(period)} anew",
        missing="a period without data had no attempts",
    )
    return Found(
        state,
        ticking,
        _sentence(attempts, failures, window),
        failures,
        tuple(one.signal.id for one in series),
        "",
        window,
    )


def _tallies(feed: Feed, window: Window) -> tuple[float, float]:
    attempts = failures = 0.0
    for series in feed.find(KEY):
        tried = feed.points(series, "SampleCount").get(window.start, 0.0)
        attempts += tried
        failures += max(0.0, tried - feed.points(series, "Sum").get(window.start, 0.0))
    return attempts, failures


def _began(feed: Feed, window: Window, needed: int) -> int:
    """Start of the first of the unbroken periods up to `window` that had enough failures; its own, if it has not."""
    began, current = window.start, window
    while _tallies(feed, current)[1] >= needed:
        began, current = current.start, current.moved(-1)
    return began


def _sentence(attempts: float, failures: float, window: Window) -> str:
    when = f"in the {minutes(window.end - window.start)} to {clock(window.ends_at)}"
    if not attempts:
        return f"no sign-in attempts {when}"
    return f"{count(failures)} of {count(attempts)} sign-in attempts without tokens {when}"
