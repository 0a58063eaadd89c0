"""A log that has stopped although what writes it goes on: told from what the tail itself has read, minute by minute.

One that was silent when the tail began is looked back for, once: its last lines count, though nobody is shown them.

Only of logs that every request writes into (the application's own, the APIs', their functions'), for only of these is
it known what should have come. A log that is quiet because nobody comes, or by its nature, is not silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from services.model.logs import GroupClaim, TailStatus
from services.rules import api, visits
from services.rules.view import View
from services.rules.windows import floor, instant
from services.rules.words import clock, count

MINUTE = 60

STEADY = 5
"""Minutes in a row with lines before a log is known to be steady."""

QUIET = 5
"""Whole minutes without one line from which on it is no lateness (aws.md 3.2: seconds, rarely minutes)."""

EXPECTED = 30.0
"""Lines that should have come meanwhile by what came before and by the requests: fewer may be chance."""


class SilentLog(msgspec.Struct, frozen=True):
    """A log that has stopped."""

    short: str
    since: datetime
    sentence: str
    """`no line of app since 03:03, although 1 720 requests came`."""


def silent(view: View) -> SilentLog | None:
    """The log that has been silent for longest; None when none is, or when it cannot be told."""
    status, now = view.situation.tail.value, view.now
    if status is None or view.situation.tail.problem is not None:
        return None
    requests = _requests(view)
    found = [one for claim in _of_requests(view, status) if (one := _stopped(claim, status, requests, now)) is not None]
    return min(found, key=lambda one: one.since, default=None)


def _of_requests(view: View, status: TailStatus) -> Iterator[GroupClaim]:
    """Groups that every request writes into and that are read to the end."""
    apis, functions = view.situation.apis.value or (), view.situation.functions.value or ()
    uris = [uri.partition(":function:")[2] for one in apis for uri in one.integrations]
    called = {uri.partition("/")[0].partition(":")[0] for uri in uris}
    names = {str(group) for one in apis for group in (one.access_log_group, one.execution_log_group) if group}
    names |= {str(one.log_group) for one in functions if one.log_group and one.name in called}
    for environment in view.settings.environments:
        if environment.name == view.situation.environment:
            names |= {group.name for group in environment.names.log_groups}
    return (one for one in status.claims if one.name in names and one.complete_to is not None and not one.why)


def _requests(view: View) -> dict[int, float]:
    """Requests of people by settled minute, of all APIs; a health check writes lines too, but few."""
    feed = view.api()
    total: dict[int, float] = {}
    for one in feed.find("api.count"):
        until = floor(feed.judged_at.timestamp() - one.signal.settle, MINUTE)
        for start, value in api.requests_of(feed, one.signal.resource).items():
            if start < until:
                total[start] = total.get(start, 0.0) + value
    return visits.of_people(view, total)


def _stopped(claim: GroupClaim, status: TailStatus, requests: Mapping[int, float], now: datetime) -> SilentLog | None:
    lines = status.by_minute.get(claim.short, {})
    steady = _steady(lines)
    if not steady or claim.complete_to is None:
        return None
    began = steady[-1] + MINUTE
    ends = floor(min(claim.complete_to / 1000, now.timestamp()), MINUTE)
    if ends - began < QUIET * MINUTE or any(gap.end > began * 1000 for gap in claim.gaps):
        return None  # the minute of the last line may be half a minute; and what was not read is not silent
    before = sum(requests.get(start, 0.0) for start in steady)
    since = sum(value for start, value in requests.items() if began <= start < ends)
    each = sum(lines[start] for start in steady) / before if before else 0.0
    if each * since < EXPECTED:
        return None
    at = instant(status.newest.get(claim.short, began * 1000) / 1000)
    told = f"no line of {claim.short} since {clock(at, now)}, although {count(since)} requests came"
    return SilentLog(claim.short, at, told)


def _steady(lines: Mapping[int, int]) -> list[int]:
    """The unbroken run of minutes with lines that ends with the newest, oldest first; empty when it is short."""
    run: list[int] = []
    start = max(lines, default=0)
    while lines.get(start):
        run.append(start)
        start -= MINUTE
    return run[::-1] if len(run) >= STEADY else []
