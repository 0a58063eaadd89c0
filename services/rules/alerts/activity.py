"""Low activity (runbook line 143): the one rule where absence is the alarm (decisions A12, A13; aws.md 1.3).

Our own health checks are requests of the API like any other: they are left out, or the rule could never fire while
somebody looks.
"""

from __future__ import annotations

from services.model.alerts import AlertClock, AlertState, Measure
from services.model.series import Series
from services.plural import several
from services.rules import api, silences, visits
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
    unheard = _unheard(feed, series)
    if unheard:
        return unobservable(unheard)
    hours = max(1, hours)
    settled = max(one.signal.settle for one in series)
    end = floor(feed.judged_at.timestamp() - settled, HOUR)
    requests = _requests(feed, series)
    people = visits.of_people(view, requests)
    by_hour = [_within(people, end - (back + 1) * HOUR, end - back * HOUR) for back in range(hours)]
    signals = tuple(one.signal.id for one in series)
    if by_hour[0] < 1:
        counted = _within(requests, end - HOUR, end)
        unknown = _contradicted(feed, series, end) if counted < 1 else ""
        if not unknown and all(total < 1 for total in by_hour):
            unknown = _unknown(feed, series, end, hours)
        if unknown:
            return unobservable(unknown, required=hours * HOUR)
    resumed = _within(people, end, feed.now.timestamp())
    idle = 0 if resumed >= 1 else next((index for index, total in enumerate(by_hour) if total >= 1), hours)
    state = AlertState.FIRING if idle >= hours else AlertState.COUNTING if idle else AlertState.QUIET
    ours = _within(requests, end - idle * HOUR, end) if idle else 0
    sentence = _sentence(by_hour[0], resumed, idle, end, ours)
    return Found(state, _clock(idle, hours, end, settled), sentence, by_hour[0], signals)


def _unheard(feed: Feed, series: tuple[Series, ...]) -> str:
    """Why nothing can be said of requests at all; empty when something can."""
    silence = silences.of_reading(feed.reading, "requests")
    silence = silence or (feed.unnamed("requests") if not series else None)
    silence = silence or silences.of_age(feed.reading, feed.cadence, feed.now, "requests")
    if silence is not None:
        return silence.sentence
    return "" if series else "requests: the stack has no REST API, or its requests are not asked for"


def _requests(feed: Feed, series: tuple[Series, ...]) -> dict[int, float]:
    """Start of a period → the requests of all APIs in it."""
    requests: dict[int, float] = {}
    for one in series:
        for start, value in api.requests_of(feed, one.signal.resource).items():
            requests[start] = requests.get(start, 0.0) + value
    return requests


def _clock(idle: int, hours: int, end: int, settled: float) -> AlertClock:
    """`idle` whole hours up to `end` without a request, of the `hours` that it takes."""
    return AlertClock(
        Measure.TIME,
        idle * HOUR,
        hours * HOUR,
        since=instant(end - idle * HOUR) if idle else None,
        due=instant(end + (hours - idle) * HOUR + settled) if 0 < idle < hours else None,
        resets="one request",
        missing="a minute without data is a minute without requests, if CloudWatch knows the metric",
    )


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


def _sentence(newest: float, resumed: float, idle: int, end: int, ours: float) -> str:
    until = clock(instant(end))
    if idle:
        since = f"since {clock(instant(end - idle * HOUR))}, {idle} whole hours"
        besides = " but our own health checks" if ours >= 1 else ""
        return f"no request{besides} {f'in the hour to {until}' if idle == 1 else since}"
    if newest < 1:
        return f"no request in the hour to {until}, {count(resumed)} since"
    return f"{several(newest, 'request')} in the hour to {until}"
