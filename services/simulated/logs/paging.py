"""One page of events: where a token left off, how far a call looks, what it says when there is more.

AWS answers with at most 10,000 events or 1 MB, and with fewer or none and a token when it has looked far enough
without reaching the end; a token is bound to its question and lives 24 hours (aws.md 3.2).
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Iterator

import msgspec

from services.simulated.logs.events import Event
from services.simulated.logs.groups import DAY_MS, Group, minutes

PAGE_EVENTS = 10_000
PAGE_BYTES = 1_048_576
EVENT_OVERHEAD = 26
"""Bytes that CloudWatch Logs counts for an event beside its message."""

MINUTES_A_CALL = 15
"""How many minutes of a group one call looks through."""

EMPTY_EVERY = 8
"""One question in so many is first answered with an empty page and a token."""


class Question(msgspec.Struct, frozen=True):
    """What is asked of one group; times in epoch milliseconds, both inclusive."""

    start: int
    end: int
    limit: int
    descending: bool
    fingerprint: int
    """Of everything that a token has to agree with."""
    wanted: Callable[[Event], bool]


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where the next page begins; what a token holds."""

    fingerprint: int
    issued: int
    minute: int
    """Epoch seconds of the minute to go on in."""
    timestamp: int = 0
    ingestion: int = 0
    sequence: str = ""
    """With the two before: the last event that was given; empty: none of this minute."""
    descending: bool = False
    end: int = 0
    """The end of the first call's range: fixed, or a tail would never finish."""


class BadToken(Exception):
    """The token is none of ours, is too old, or belongs to another question."""


def encode(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def decode(token: str, fingerprint: int, now: int) -> Place:
    """The place that a token names; BadToken when it is not for this question."""
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(token), type=Place)
    except (msgspec.DecodeError, binascii.Error, UnicodeError, ValueError):
        raise BadToken from None
    if place.fingerprint != fingerprint or now - place.issued > DAY_MS:
        raise BadToken
    return place


def page(group: Group, question: Question, place: Place | None, now: int) -> tuple[list[Event], Place | None]:
    """The next events and where to go on; None when the end was reached."""
    descending = place.descending if place is not None else question.descending
    end = place.end if place is not None else question.end
    first, last = max(question.start, group.oldest(now)), min(end, max(now, group.newest_stored()))
    if last < first:
        return [], None
    span = list(_span(first, last, place, descending))
    fresh = Place(question.fingerprint, now, span[0] if span else 0, descending=descending, end=end)
    if place is None and _empty_first(question):
        return [], fresh
    found: list[Event] = []
    size = 0
    for looked, minute in enumerate(span):
        if looked == MINUTES_A_CALL:
            return found, msgspec.structs.replace(fresh, minute=minute)
        for event in _in_order(group.visible(minute, now), place, minute, descending):
            if not first <= event.timestamp <= last or not question.wanted(event):
                continue
            size += len(event.message.encode()) + EVENT_OVERHEAD
            if found and (len(found) == question.limit or size > PAGE_BYTES):
                return found, _after(fresh, found[-1], minute)
            found.append(event)
    return found, None


def _span(first: int, last: int, place: Place | None, descending: bool) -> Iterator[int]:
    for minute in minutes(first, last, descending=descending):
        if place is None or (minute <= place.minute if descending else minute >= place.minute):
            yield minute


def _in_order(events: list[Event], place: Place | None, minute: int, descending: bool) -> Iterator[Event]:
    """The minute's events in the direction asked for, from behind the last one given."""
    ordered = reversed(events) if descending else iter(events)
    if place is None or not place.sequence:
        yield from ordered
        return
    given = (place.timestamp, place.ingestion, int(place.sequence))
    for event in ordered:
        if (event[:3] < given) if descending else (event[:3] > given):
            yield event


def _after(fresh: Place, event: Event, minute: int) -> Place:
    # The last event given may lie in an earlier minute than the one that did not fit.
    return msgspec.structs.replace(
        fresh,
        minute=minute,
        timestamp=event.timestamp,
        ingestion=event.ingestion,
        sequence=str(event.sequence),
    )


def _empty_first(question: Question) -> bool:
    return zlib.crc32(f"{question.fingerprint}/{question.start}".encode()) % EMPTY_EVERY == 0
