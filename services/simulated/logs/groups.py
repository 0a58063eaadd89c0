"""The account's log groups: the generated ones, and what callers create, write and delete."""

from __future__ import annotations

import bisect
import hashlib
import math
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

import msgspec

from services.simulated.logs.events import Event
from services.simulated.logs.flood import Flood, FloodLog
from services.simulated.logs.history import MINUTE_MS, Silences, Source, logs_of
from services.simulated.logs.sign_ins import SignInLog
from services.simulated.logs.throttle import QUOTAS, Throttle
from services.simulated.logs.trail import TrailEvents, TrailLog
from services.simulated.state import SimulatedState
from services.simulated.world.scenarios.conditions import LogSilence, LogStorm

DAY_MS = 86_400_000

LIVE_TAILS = 15
"""Live Tail sessions that an account may have in a region at one time."""

NEVER = 4_102_444_800
"""2100-01-01, epoch seconds: beyond what any account lives to see."""

SLOWEST_MS = 10 * MINUTE_MS
"""How long after a call CloudTrail's record of it may come."""


_ODD = 0x9E3779B97F4A7C15

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


class Groups:
    """Every log group: region → name → group. The caller holds `lock`."""

    def __init__(self, state: SimulatedState, told: TrailEvents | None = None) -> None:
        """`told`: what CloudTrail knows of; None: nothing."""
        self.lock = threading.RLock()
        self._regions: dict[str, dict[str, Group]] = {}
        self._sources: dict[str, Source] = {}
        born = int(state.started.timestamp() * 1000) - 200 * DAY_MS
        home = self._regions.setdefault(state.estate.region, {})
        for environment in state.estate.environments:
            retention = 30 if environment.name == "production" else 7
            silences = _silences(state) if environment.name == "production" else {}
            for name, log in logs_of(state.world, state.controls, environment, silences).items():
                self._sources[name] = log
                home[name] = Group(name, born, log, retention)
            delivery = environment.sign_in_log_group
            if delivery:
                self._sources[delivery] = SignInLog(state, environment)
                home[delivery] = Group(delivery, born, self._sources[delivery], retention)
        trail = state.estate.trail_log_group
        self._sources[trail] = TrailLog(state, told)
        home[trail] = Group(trail, born, self._sources[trail], 365)
        self._home = state.estate.region
        self.throttle = Throttle()
        self.live_tails = LIVE_TAILS
        for one in state.scenario.conditions:
            if isinstance(one, LogStorm):
                begins = int(state.started.timestamp() + one.begins)
                ends = NEVER if one.ends is None else int(state.started.timestamp() + one.ends)
                self.storm(
                    state,
                    one.lines_per_second,
                    begins=begins,
                    ends=ends,
                    hostile_every=one.hostile_every,
                    huge_every=one.huge_every,
                )
                self.throttle.quotas |= QUOTAS

    def all(self, region: str) -> list[Group]:
        """Sorted by name."""
        return [group for _, group in sorted(self._regions.get(region, {}).items())]

    def find(self, region: str, name: str) -> Group | None:
        return self._regions.get(region, {}).get(name)

    def create(self, region: str, name: str, now: datetime, kind: str) -> Group:
        """A new, empty group; what writes to this name by itself goes on writing to it."""
        source = self._sources.get(name) if region == self._home else None
        group = Group(name, _milliseconds(now), source, None, kind)
        self._regions.setdefault(region, {})[name] = group
        return group

    def delete(self, region: str, name: str) -> None:
        self._regions.get(region, {}).pop(name, None)

    def storm(
        self,
        state: SimulatedState,
        lines_per_second: int,
        *,
        begins: int,
        ends: int,
        hostile_every: int = 200,
        huge_every: int = 50_000,
    ) -> None:
        """Flood production's four logs with so many lines together, between two epoch seconds."""
        production = state.estate.environment("production")
        names = (
            production.lambda_log_group,
            production.api_log_group,
            production.access_log_group,
            production.app_log_group,
        )
        for number, name in enumerate(names):
            share = lines_per_second // len(names) + (number < lines_per_second % len(names))
            flood = Flood(
                lines_per_second=share,
                begins=begins,
                ends=ends,
                seed=state.seed,
                hostile_every=hostile_every,
                huge_every=huge_every,
            )
            if share:
                self.flood(name, flood, redelivered=0.01)

    # What tests say in process, for which a caller would need minutes over HTTP.

    def plant(
        self, name: str, lines: Iterable[tuple[str, int, int, str]], *, redelivered: float = 0.0, region: str = ""
    ) -> list[Event]:
        """Exactly these lines into a group, made if need be: stream, timestamp, ingestion, message each.

        Times are epoch milliseconds and may lie ahead: a line is found from its ingestion on. The events that come
        back carry the ids that FilterLogEvents gives. `redelivered`: share handed out twice.
        """
        with self.lock:
            group = self._planted(name, region, redelivered)
            return group.plant(lines)

    def flood(self, name: str, flood: Flood, *, redelivered: float = 0.0, region: str = "") -> FloodLog:
        """Thousands of lines a second into a group, made if need be; what comes back tells which they are."""
        with self.lock:
            group = self._planted(name, region, redelivered)
            log = FloodLog(name, flood)
            group.floods.append(log)
            return log

    def _planted(self, name: str, region: str, redelivered: float) -> Group:
        found = self.find(region or self._home, name)
        group = found or self.create(region or self._home, name, _EPOCH, "STANDARD")
        group.redelivered = max(group.redelivered, redelivered)
        return group


def _silences(state: SimulatedState) -> dict[str, Silences]:
    """What a log is of → when the scenario has it silent."""
    found: dict[str, list[tuple[float, float]]] = {}
    origin = state.started.timestamp()
    for one in state.scenario.conditions:
        if isinstance(one, LogSilence):
            until = math.inf if one.ends is None else 1000 * (origin + one.ends)
            found.setdefault(one.log, []).append((1000 * (origin + one.begins), until))
    return dict(found)


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


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
