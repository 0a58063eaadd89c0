"""One page of events: where a token left off, how far a call looks, what it says when there is more.

AWS answers with at most 10,000 events or 1 MB, and with fewer or none and a token when it has looked far enough
without reaching the end; a token is bound to its question and lives 24 hours (aws.md 3.2).
"""

from __future__ import annotations

import base64
import binascii
import bisect
import zlib
from collections.abc import Callable, Sequence
from itertools import accumulate

import msgspec

from services.simulated.logs.events import Event
from services.simulated.logs.group import DAY_MS, Group, slots

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
    slot: int
    """Epoch seconds of the group's slot to go on in."""
    timestamp: int = 0
    ingestion: int = 0
    sequence: str = ""
    """With the two before: the last event that was given; empty: none of this slot."""
    descending: bool = False
    end: int = 0
    """The end of the first call's range: fixed, or a tail would never finish."""
    limit: int = 0


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
    span = _span(first, last, place, descending, group.slot)
    begins = next(iter(span), 0)
    fresh = Place(question.fingerprint, now, begins, descending=descending, end=end, limit=question.limit)
    if place is None and _empty_first(question):
        return [], fresh
    found: list[Event] = []
    size = 0
    for slot in span:
        if abs(slot - begins) >= MINUTES_A_CALL * 60:
            return found, msgspec.structs.replace(fresh, slot=slot)
        events = [
            event
            for event in _in_order(group, slot, place, now, descending)
            if first <= event[0] <= last and question.wanted(event)
        ]
        room = _room(events := _delivered(group, events), question.limit - len(found), PAGE_BYTES - size)
        if room < len(events):
            found += events[: room or int(not found)]
            return found, _after(fresh, found[-1], slot)
        found += events
        size += sum(map(weight, events))
    return found, None


def weight(event: Event) -> int:
    """Bytes that an event counts for: its message in UTF-8, and what CloudWatch Logs adds."""
    message = event.message
    return (len(message) if message.isascii() else len(message.encode("utf-8", "replace"))) + EVENT_OVERHEAD


def _span(first: int, last: int, place: Place | None, descending: bool, seconds: int) -> Sequence[int]:
    if place is not None and descending:
        last = min(last, place.slot * 1000 + seconds * 1000 - 1)
    elif place is not None:
        first = max(first, place.slot * 1000)
    return slots(first, last, seconds, descending=descending) if first <= last else ()


def _in_order(group: Group, slot: int, place: Place | None, now: int, descending: bool) -> list[Event]:
    """The slot's events in the direction asked for, from behind the last one given."""
    events = group.visible(slot, now)
    if place is not None and place.sequence:
        given = (place.timestamp, place.ingestion, int(place.sequence))
        again = _again(group, place)
        if descending:
            cut = bisect.bisect_left(events, given, key=_key)
            events = events[: cut + (again if _small(events[cut : cut + again]) else 0)]
        else:
            cut = bisect.bisect_right(events, given, key=_key)
            before = events[max(0, cut - again) : cut]
            events = (before if _small(before) else []) + events[cut:]
    return events[::-1] if descending else events


def _small(events: list[Event]) -> bool:
    """Whether a page that begins with these again still has room for others."""
    return sum(weight(event) for event in events) < PAGE_BYTES // 4


def _key(event: Event) -> tuple[int, int, int]:
    return event[0], event[1], event[2]


def _delivered(group: Group, events: list[Event]) -> list[Event]:
    """The events, some of them twice where the group does that."""
    every = round(1 / group.redelivered) if group.redelivered else 0
    if not every:
        return events
    return [event for one in events for event in ((one, one) if (one[2] >> 32) % every == 0 else (one,))]


def _room(events: list[Event], most: int, size: int) -> int:
    """How many of the events fit into a page that has room for `most`, and for so many bytes."""
    return min(most, bisect.bisect_right(list(accumulate(map(weight, events))), size))


def _again(group: Group, place: Place) -> int:
    """How many events of the page before this one begins with: mostly none."""
    overlaps = group.redelivered and int(place.sequence) % 3 == 0 and place.limit > 10
    return 3 if overlaps else 0


def _after(fresh: Place, event: Event, slot: int) -> Place:
    # The last event given may lie in an earlier slot than the one that did not fit.
    return msgspec.structs.replace(
        fresh,
        slot=slot,
        timestamp=event.timestamp,
        ingestion=event.ingestion,
        sequence=str(event.sequence),
    )


def _empty_first(question: Question) -> bool:
    return zlib.crc32(f"{question.fingerprint}/{question.start}".encode()) % EMPTY_EVERY == 0
