"""A flood of lines: thousands in each second, made when they are asked for, the same at every question.

A second's lines come in two series: those on time (ingested within two seconds) and the late ones (1 to 60 s), so that
what arrives in any one second can be told without looking at a minute of everything.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from itertools import chain

import msgspec

from services.simulated.logs import hostile
from services.simulated.logs.events import Event

ON_TIME_S = 3
"""An on-time line is found in the second it was produced in or in the next two."""

LATE_S = 61

_KEPT = {False: 24, True: 96}
"""Seconds of each series that stay in memory."""

_LEVELS = ("INFO", "INFO", "INFO", "DEBUG", "INFO", "WARN", "INFO", "ERROR")
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
        base, number = start * 1000, (start * 1_000_000) << 32 | self._digit
        streams, many = self._streams, len(self._streams)
        # Four lines share a millisecond, and the lag jumps about, so that they arrive in another order.
        return [
            Event(
                at := base + (index // 4 * 4 * 1000 // count),
                at + 40 + (index * _PRIME + start & 0xFFFFFFFF) % 1_900,
                number + (index << 32),
                streams[index % many],
                self._message(start, index),
            )
            for index in range(count)
        ]

    def _late(self, start: int, count: int) -> list[Event]:
        base, number = start * 1000, (start * 1_000_000 + 500_000) << 32 | self._digit
        streams = self._streams
        return [
            Event(
                at := base + index * 1000 // count,
                at + 1_000 + (index * _PRIME + start * 40_503 & 0xFFFFFFFF) % 59_000,
                number + (index << 32),
                streams[index % len(streams)],
                self._message(start, 500_000 + index),
            )
            for index in range(count)
        ]

    def _message(self, start: int, index: int) -> str:
        flood = self.flood
        number = start * flood.lines_per_second + index
        if flood.huge_every and number % flood.huge_every == 0:
            corpus = hostile.huge()
            return corpus[number // flood.huge_every % len(corpus)]
        if flood.hostile_every and number % flood.hostile_every == 0:
            return hostile.SMALL[number // flood.hostile_every % len(hostile.SMALL)]
        level = _LEVELS[index * 7 % 61 & 7]
        return (
            f'{{"level":"{level}","message":"storm line {start}-{index} of worker {index % 97}","request_id":'
            f'"{start:08x}-0000-4000-8000-{index:012x}","status":{200 if level != "ERROR" else 503}}}'
        )
