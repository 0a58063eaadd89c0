"""A flood of lines: thousands in each second, made when they are asked for, the same at every question.

A second's lines come in two series: those on time (ingested within two seconds) and the late ones (1 to 60 s), so that
what arrives in any one second can be told without looking at a minute of everything.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from itertools import chain, cycle

import msgspec

from services.simulated.logs import hostile
from services.simulated.logs.events import Event

ON_TIME_S = 3
"""An on-time line is found in the second it was produced in or in the next two."""

LATE_S = 61

_KEPT = {False: 24, True: 96}
"""Seconds of each series that stay in memory."""

_LEVELS = ("INFO", "INFO", "INFO", "DEBUG", "INFO", "WARN", "INFO", "ERROR")
_LATE_FROM = 500_000
"""The number of a second's first late line; what comes on time is fewer."""
_PRIME = 2_654_435_761


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """What floods one log group."""

    lines_per_second: int
    begins: int
    """Epoch seconds, inclusive."""
    ends: int
    """Epoch seconds, exclusive."""
    seed: int = 1
    late_share: float = 0.05
    hostile_every: int = 0
    """One line in so many is out of the hostile corpus; 0: none."""
    huge_every: int = 0
    """One line in so many is 256 KB to 1 MB long; 0: none."""
    streams: int = 8


class FloodLog:
    """The lines of a Flood. Thread-safe."""

    def __init__(self, group: str, flood: Flood) -> None:
        self.flood = flood
        self._digit = zlib.crc32(f"{group}/{flood.seed}".encode())
        self._streams = [f"storm/{self._digit:08x}/{number:02d}" for number in range(max(1, flood.streams))]
        self._lock = threading.Lock()
        self._kept: dict[bool, OrderedDict[int, list[Event]]] = {False: OrderedDict(), True: OrderedDict()}

    @property
    def streams(self) -> list[str]:
        """The names of all its streams."""
        return self._streams

    def second(self, start: int) -> list[Event]:
        """The lines produced in epoch second `start`, sorted."""
        return sorted([*self._series(start, late=False), *self._series(start, late=True)])

    def arriving(self, after: int, until: int) -> list[Event]:
        """The lines ingested in (after, until], epoch milliseconds, in the order of their ingestion."""
        last = until // 1000
        seconds = chain(
            (self._series(second, late=False) for second in range(after // 1000 - ON_TIME_S, last + 1)),
            (self._series(second, late=True) for second in range(after // 1000 - LATE_S, last + 1)),
        )
        found = [event for events in seconds for event in events if after < event.ingestion <= until]
        found.sort(key=lambda event: (event.ingestion, event.sequence))
        return found

    def count(self, start: int, end: int) -> int:
        """How many lines are produced in the epoch seconds from `start` to before `end`."""
        flood = self.flood
        return max(0, min(end, flood.ends) - max(start, flood.begins)) * flood.lines_per_second

    def _series(self, start: int, *, late: bool) -> list[Event]:
        flood = self.flood
        if not flood.begins <= start < flood.ends:
            return []
        with self._lock:
            kept = self._kept[late]
            found = kept.get(start)
            if found is None:
                tardy = round(flood.lines_per_second * flood.late_share)
                found = self._late(start, tardy) if late else self._on_time(start, flood.lines_per_second - tardy)
                kept[start] = found
                if len(kept) > _KEPT[late]:
                    kept.popitem(last=False)
            return found

    def _on_time(self, start: int, count: int) -> list[Event]:
        base, jump = start * 1000, start & 0xFFFFFFFF
        # Four lines share a millisecond, and the lag jumps about, so that they arrive in another order.
        times = [base + index // 4 * 4000 // count for index in range(count)]
        lags = [40 + ((index * _PRIME + jump) & 0xFFFFFFFF) % 1_900 for index in range(count)]
        return self._events(start, 0, times, lags)

    def _late(self, start: int, count: int) -> list[Event]:
        base, jump = start * 1000, start * 40_503
        times = [base + index * 1000 // count for index in range(count)]
        lags = [1_000 + ((index * _PRIME + jump) & 0xFFFFFFFF) % 59_000 for index in range(count)]
        return self._events(start, _LATE_FROM, times, lags)

    def _events(self, start: int, first: int, times: list[int], lags: list[int]) -> list[Event]:
        count = len(times)
        number = ((start * 1_000_000 + first) << 32) | self._digit
        sequences = range(number, number + (count << 32), 1 << 32)
        ingested = map(int.__add__, times, lags)
        messages = self._messages(start, first, count)
        made = map(Event._make, zip(times, ingested, sequences, cycle(self._streams), messages, strict=False))
        return sorted(made)

    def _messages(self, start: int, first: int, count: int) -> list[str]:
        levels, request = _LEVELS, f"{start:08x}-0000-4000-8000-"
        messages = [
            f'{{"level":"{(level := levels[index * 7 % 61 & 7])}","message":"storm line {start}-{index}",'
            f'"request_id":"{request}{index:012x}","status":{503 if level == "ERROR" else 200}}}'
            for index in range(first, first + count)
        ]
        flood = self.flood
        begun = start * flood.lines_per_second + first
        if flood.hostile_every:
            _sprinkle(messages, begun, flood.hostile_every, hostile.SMALL)
        if flood.huge_every:
            _sprinkle(messages, begun, flood.huge_every, hostile.huge())
        return messages


def _sprinkle(messages: list[str], begun: int, every: int, corpus: Sequence[str]) -> None:
    """Put a line of the corpus in the place of each whose number, counted from `begun`, is a multiple of `every`."""
    for number in range(-begun % every, len(messages), every):
        messages[number] = corpus[(begun + number) // every % len(corpus)]
