"""Low activity (runbook line 143): the one rule where absence is the alarm (decisions A12, A13; aws.md 1.3)."""

from __future__ import annotations

from services.model.alerts import AlertClock, AlertState, Measure
from services.model.series import Series
from services.rules import api, silences
from services.rules.alerts.rule import Found, unobservable
from services.rules.view import Feed, View
from services.rules.windows import floor, instant
from services.rules.words import clock, count

HOUR = 3600

_SLACK = 600
"""Seconds at the start of the oldest hour that may lie before the history that is kept."""


def low_activity(view: View, hours: int) -> Found:
    """Requests of all APIs in the newest whole clock hours. A missing point is no request, if its name is known."""
    feed = view.api()
    series = feed.find("api.count")
    silence = silences.of_reading(feed.reading, "requests")
    silence = silence or (feed.unnamed("requests") if not series else None)
    silence = silence or silences.of_age(feed.reading, feed.cadence, feed.now, "requests")
    if silence is not None:
        return unobservable(silence.sentence)
    if not series:
        return unobservable("requests: the stack has no REST API, or its requests are not asked for")
    hours = max(1, hours)
    settled = max(one.signal.settle for one in series)
    end = floor(feed.judged_at.timestamp() - settled, HOUR)
    requests: dict[int, float] = {}
    for one in series:
        for start, value in api.requests_of(feed, one.signal.resource).items():
            requests[start] = requests.get(start, 0.0) + value
    by_hour = [_within(requests, end - (back + 1) * HOUR, end - back * HOUR) for back in range(hours)]
    signals = tuple(one.signal.id for one in series)
    if by_hour[0] < 1:
        unknown = _contradicted(feed, series, end)
        if not unknown and all(total < 1 for total in by_hour):
            unknown = _unknown(feed, series, end, hours)
        if unknown:
            return unobservable(unknown, required=hours * HOUR)
    resumed = _within(requests, end, feed.now.timestamp())
    idle = 0 if resumed >= 1 else next((index for index, total in enumerate(by_hour) if total >= 1), hours)
    began = end - idle * HOUR
    due = instant(end + (hours - idle) * HOUR + settled) if 0 < idle < hours else None
    ticking = AlertClock(
        Measure.TIME,
        idle * HOUR,
        hours * HOUR,
        since=instant(began) if idle else None,
        due=due,
        resets="one request",
        missing="a minute without data is a minute without requests, if CloudWatch knows the metric",
    )
    state = AlertState.FIRING if idle >= hours else AlertState.COUNTING if idle else AlertState.QUIET
    return Found(state, ticking, _sentence(by_hour[0], resumed, idle, end), by_hour[0], signals)


def _within(requests: dict[int, float], start: float, end: float) -> float:
    return sum(value for at, value in requests.items() if start <= at < end)


def _contradicted(feed: Feed, series: tuple[Series, ...], end: int) -> str:
    """Which API's requests cannot be missing, for it was measured how long they took in the newest hour."""
    for one in series:
        heard = feed.points(feed.same("api.latency", one.signal.resource), "SampleCount")
        if _within(heard, end - HOUR, end) >= 1:
            return f"requests: Count of {one.signal.resource} is silent, but its latency is not"
    return ""


def _unknown(feed: Feed, series: tuple[Series, ...], end: int, hours: int) -> str:
    """Why silence may be something else than no traffic; empty when it may not."""
    metrics = feed.reading.value
    if metrics is None:
        return "requests: not answered yet"
    for one in series:
        name = one.signal.id
        if name in metrics.unpublished:
            return f"requests: CloudWatch knows no such metric of {one.signal.resource}"
        if one.newest is None and name not in metrics.verified:
            return f"requests: not verified yet that {one.signal.resource} publishes any"
        if one.asked_from > end - hours * HOUR + _SLACK or one.asked_until < end:
            return f"requests: nothing is known before {clock(instant(one.asked_from), feed.now)}"
    return ""


def _sentence(newest: float, resumed: float, idle: int, end: int) -> str:
    until = clock(instant(end))
    if idle:
        since = f"since {clock(instant(end - idle * HOUR))}, {idle} whole hours"
        return f"no request {f'in the hour to {until}' if idle == 1 else since}"
    if newest < 1:
        return f"no request in the hour to {until}, {count(resumed)} since"
    return f"{count(newest)} requests in the hour to {until}"
