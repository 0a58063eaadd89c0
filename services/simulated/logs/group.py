"""One log group: what was written into it, what it still holds, and what of that can be seen at a moment."""

from __future__ import annotations

import bisect
import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from services.simulated.logs.events import Event
from services.simulated.logs.flood import FloodLog
from services.simulated.logs.history import MINUTE_MS, Source
from services.simulated.logs.trail import TrailLog

DAY_MS = 86_400_000

SLOWEST_MS = 10 * MINUTE_MS
"""How long after a call CloudTrail's record of it may come."""

_ODD = 0x9E3779B97F4A7C15


class Stream(msgspec.Struct):
    """A stream that a caller created."""

    name: str
    created: int
    """Epoch milliseconds."""


class Group(msgspec.Struct):
    """One log group of one region."""

    name: str
    created: int
    """Epoch milliseconds; nothing in it is older."""
    source: Source | None = None
    """Where generated events come from; None: only what callers put."""
    retention_days: int | None = None
    """None: never expires."""
    kind: str = "STANDARD"
    streams: dict[str, Stream] = {}
    stored: list[Event] = []
    floods: list[FloodLog] = []
    gone: int = 0
    """Epoch milliseconds: what is older was deleted and does not come back when it is kept longer from now on."""
    redelivered: float = 0.0
    """Share of events that FilterLogEvents hands out twice, and of pages that begin with the end of the one before."""
    denied: bool = False
    """Whether the caller may not read it."""
    puts: int = 0
    """How many events callers have put."""
    arrivals: list[Event] | None = None
    """`stored` by ingestion; None: to be sorted anew."""

    @property
    def slot(self) -> int:
        """Seconds that are looked through at a time: a flooded group's minutes are too large to hold."""
        return 1 if self.floods else 60

    def oldest(self, now: int) -> int:
        """Epoch milliseconds before which nothing is answered."""
        kept = now - self.retention_days * DAY_MS if self.retention_days is not None else 0
        first = self.stored[0].timestamp if self.stored else now
        if self.floods:
            first = min(first, *(log.flood.begins * 1000 for log in self.floods))
        return max(kept, self.gone, first if self.source is None else min(first, self.created))

    def keep(self, days: int | None, now: int) -> None:
        """A new retention. What the one so far has let go is gone; what the new one lets go is forgotten."""
        self.gone = max(self.gone, self.oldest(now) if self.retention_days is not None else 0)
        self.retention_days = days
        if days is not None:
            self.gone = max(self.gone, now - days * DAY_MS)
        first = bisect.bisect_left(self.stored, self.gone, key=_timestamp)
        if first:
            del self.stored[:first]
            self.arrivals = None

    def newest_stored(self) -> int:
        return self.stored[-1].timestamp if self.stored else 0

    def visible(self, start: int, now: int, seconds: int = 0) -> list[Event]:
        """Events of the slot from epoch second `start` that are ingested at `now`, sorted.

        `seconds`: of a slot, at most the group's own; 0: its own.
        """
        first, last = start * 1000, (start + (seconds or self.slot)) * 1000
        parts = [self._generated(first, last, now), self._stored(first, last)]
        parts += [log.second(start) for log in self.floods]
        filled = [part for part in parts if part]
        events = filled[0] if len(filled) == 1 else sorted(chain.from_iterable(filled))
        if last + 2 * MINUTE_MS > now or len(filled) > 1 or parts[1] or self._slow:
            events = [event for event in events if event.ingestion <= now]
        oldest = self.oldest(now)
        return events if first >= oldest else [event for event in events if event.timestamp >= oldest]

    def arrived(self, after: int, until: int) -> list[Event]:
        """Events ingested in (after, until], epoch milliseconds, in the order of their ingestion."""
        found: list[Event] = []
        if self.source is not None:
            back = SLOWEST_MS if self._slow else 2 * MINUTE_MS
            for minute in minutes(max(after - back, self.created), until):
                events = self.source.minute(minute)
                found += [one for one in events if after < one.ingestion <= until and one.timestamp >= self.created]
        if self.arrivals is None:
            self.arrivals = sorted(self.stored, key=_ingestion)
        first = bisect.bisect_right(self.arrivals, after, key=_ingestion)
        found += self.arrivals[first : bisect.bisect_right(self.arrivals, until, key=_ingestion)]
        for log in self.floods:
            found += log.arriving(after, until)
        found.sort(key=lambda event: (event.ingestion, event.sequence))
        return found

    def put(self, stream: str, at: int, message: str, now: int) -> None:
        """Keep a caller's event, found from now on."""
        self.puts += 1
        sequence = self.puts << 64 | _hashed(f"{self.name}/{stream}/{at}/{now}/{message}")
        bisect.insort(self.stored, Event(at, now, sequence, stream, message))
        self.arrivals = None

    def plant(self, lines: Iterable[tuple[str, int, int, str]]) -> list[Event]:
        """Keep many events at once: stream, timestamp, ingestion (epoch milliseconds), message each."""
        # One digest for all: the odd factor gives every line a number of its own that looks like any other.
        head = _hashed(f"{self.name}/planted/{len(self.stored)}") << 64
        events = [
            Event(at, ingestion, head | number * _ODD & 0xFFFFFFFFFFFFFFFF, stream, message)
            for number, (stream, at, ingestion, message) in enumerate(lines)
        ]
        self.stored = sorted([*self.stored, *events])
        self.arrivals = None
        return events

    def _generated(self, first: int, last: int, now: int) -> list[Event]:
        """What the source tells of [first, last), which lies within one minute."""
        minute = first // MINUTE_MS * 60
        if self.source is None or self.created // MINUTE_MS * 60 > minute or first > now:
            return []
        events = self.source.minute(minute)
        if last - first < MINUTE_MS:
            low = bisect.bisect_left(events, first, key=_timestamp)
            events = events[low : bisect.bisect_left(events, last, key=_timestamp)]
        if first < self.created:
            events = [event for event in events if event.timestamp >= self.created]
        return events

    def _stored(self, first: int, last: int) -> list[Event]:
        low = bisect.bisect_left(self.stored, first, key=_timestamp)
        return self.stored[low : bisect.bisect_left(self.stored, last, key=_timestamp)]

    @property
    def _slow(self) -> bool:
        """Whether ingestion may take longer than a few minutes."""
        return isinstance(self.source, TrailLog)


def minutes(first: int, last: int, *, descending: bool = False) -> Iterator[int]:
    """Starts, epoch seconds, of the minutes that hold epoch milliseconds `first` … `last`."""
    low, high = first // MINUTE_MS * 60, last // MINUTE_MS * 60
    yield from range(high, low - 60, -60) if descending else range(low, high + 60, 60)


def slots(first: int, last: int, seconds: int, *, descending: bool = False) -> range:
    """The same for slots of `seconds`, which divide the minute."""
    low, high = first // 1000 // seconds * seconds, last // 1000 // seconds * seconds
    return range(high, low - seconds, -seconds) if descending else range(low, high + seconds, seconds)


def _hashed(text: str) -> int:
    """64 bits of it."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def _ingestion(event: Event) -> int:
    return event.ingestion


def _timestamp(event: Event) -> int:
    return event.timestamp
