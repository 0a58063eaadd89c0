"""FilterLogEvents and GetLogEvents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.log_patterns.operands import PatternError
from services.log_patterns.patterns import compile_pattern
from services.simulated.logs import paging
from services.simulated.logs.checks import (
    BAD_TOKEN,
    NO_STREAM,
    fingerprint,
    invalid,
    limit_of,
    not_found,
    now_ms,
    readable,
)
from services.simulated.logs.events import Event
from services.simulated.logs.group import Group
from services.simulated.logs.groups import Groups
from services.simulated.logs.inventory import streams_of
from services.simulated.protocol import Context

FAR_AHEAD_MS = 2 * 3_600_000
"""Events are accepted up to two hours in the future."""

NEWEST_FIRST_FROM = 1_704_067_200_000
"""2024-01-01: `startFromHead=false` works for start times from then on (the service's model)."""


def filter_log_events(groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """One page, in the order of (timestamp, ingestion, arrival), earliest first unless told otherwise."""
    group = readable(groups, context, parameters)
    limit = limit_of(parameters, paging.PAGE_EVENTS, paging.PAGE_EVENTS)
    now = now_ms(context)
    start, end = int(parameters.get("startTime", 0)), int(parameters.get("endTime", now + FAR_AHEAD_MS))
    if start < 0 or end < 0:
        raise invalid("startTime and endTime must not be negative.")
    descending = parameters.get("startFromHead") is False
    if descending and start < NEWEST_FIRST_FROM:
        raise invalid("startFromHead can be false only when startTime is on or after Jan 1, 2024 00:00:00 UTC.")
    key = fingerprint(
        group.name,
        start,
        parameters.get("endTime"),
        parameters.get("filterPattern"),
        parameters.get("logStreamNames"),
        parameters.get("logStreamNamePrefix"),
    )
    question = paging.Question(start, end, limit, descending, key, _wanted(parameters))
    events, place = paging.page(group, question, _place(parameters, key, now), now)
    answer: dict[str, Any] = {"events": [_filtered(event) for event in events], "searchedLogStreams": []}
    if place is not None:
        answer["nextToken"] = paging.encode(place)
    return answer


def get_log_events(groups: Groups, context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """One stream. Tokens are always given; at the end the same one comes back."""
    group = readable(groups, context, parameters)
    stream = str(parameters["logStreamName"])
    limit = limit_of(parameters, paging.PAGE_EVENTS, paging.PAGE_EVENTS)
    now = now_ms(context)
    known = {entry["logStreamName"]: entry for entry in streams_of(group, now)}
    if stream not in known and not group.source:
        raise not_found(NO_STREAM)
    start = int(parameters.get("startTime", known.get(stream, {}).get("firstEventTimestamp", now - 3_600_000)))
    # GetLogEvents leaves out what is at endTime or later; FilterLogEvents only what is later.
    end = int(parameters.get("endTime", now + FAR_AHEAD_MS)) - (1 if "endTime" in parameters else 0)
    events = _all_of_stream(group, stream, start, end, now)
    return _stream_page(events, parameters, limit, fingerprint(group.name, stream))


def _all_of_stream(group: Group, stream: str, start: int, end: int, now: int) -> list[Event]:
    found: list[Event] = []
    question = paging.Question(start, end, paging.PAGE_EVENTS, False, 0, lambda event: event.stream == stream)
    events, place = paging.page(group, question, None, now)
    found.extend(events)
    while place is not None:
        events, place = paging.page(group, question, place, now)
        found.extend(events)
    return found


def _stream_page(events: list[Event], parameters: dict[str, Any], limit: int, key: int) -> dict[str, Any]:
    """Tokens `f/…` and `b/…` name the event to go on behind or before."""
    token = str(parameters.get("nextToken", ""))
    if token:
        direction, _, rest = token.partition("/")
        mark, _, bound = rest.partition("/")
        if direction not in ("f", "b") or not mark.isdigit() or bound != str(key):
            raise invalid(BAD_TOKEN)
        if direction == "f":
            chosen = _fitting([event for event in events if event.id > mark][:limit])
        else:
            chosen = _fitting([event for event in events if event.id < mark][-limit:][::-1])[::-1]
    else:
        head = bool(parameters.get("startFromHead"))
        chosen = _fitting(events[:limit]) if head else _fitting(events[-limit:][::-1])[::-1]
        mark = "0"
    last, first = (chosen[-1].id, chosen[0].id) if chosen else (mark, mark)
    return {
        "events": [
            {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingestion}
            for event in chosen
        ],
        "nextForwardToken": f"f/{last}/{key}",
        "nextBackwardToken": f"b/{first}/{key}",
    }


def _fitting(events: list[Event]) -> list[Event]:
    """As many as one page has room for, at least one."""
    size = 0
    for index, event in enumerate(events):
        size += paging.weight(event)
        if size > paging.PAGE_BYTES and index:
            return events[:index]
    return events


def _place(parameters: dict[str, Any], key: int, now: int) -> paging.Place | None:
    token = parameters.get("nextToken")
    if not token:
        return None
    try:
        return paging.decode(str(token), key, now)
    except paging.BadToken:
        raise invalid(BAD_TOKEN) from None


def _wanted(parameters: dict[str, Any]) -> Callable[[Event], bool]:
    names, prefix = parameters.get("logStreamNames"), parameters.get("logStreamNamePrefix")
    if names and prefix:
        raise invalid("logStreamNames and logStreamNamePrefix cannot be used together.")
    if names and len(names) > 100:
        raise invalid("At most 100 log streams can be named.")
    try:
        matches = compile_pattern(str(parameters.get("filterPattern") or ""))
    except PatternError as error:
        raise invalid(str(error)) from None
    anything = not str(parameters.get("filterPattern") or "").strip()
    if names:
        chosen = frozenset(names)
        return lambda event: event.stream in chosen and matches(event.message)
    if prefix:
        return lambda event: event.stream.startswith(prefix) and matches(event.message)
    return _everything if anything else (lambda event: matches(event.message))


def _everything(event: Event) -> bool:
    return True


def _filtered(event: Event) -> dict[str, Any]:
    return {
        "logStreamName": event.stream,
        "timestamp": event.timestamp,
        "message": event.message,
        "ingestionTime": event.ingestion,
        "eventId": event.id,
    }
