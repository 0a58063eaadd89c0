"""The account's log groups: the generated ones, and what callers create, write and delete."""

from __future__ import annotations

import bisect
import hashlib
import math
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from services.simulated.desk.log import FunctionLog
from services.simulated.logs.events import SEQUENCE_LIMIT, Event
from services.simulated.logs.history import MINUTE_MS, Silences, Source, logs_of
from services.simulated.logs.sign_ins import SignInLog
from services.simulated.logs.trail import TrailEvents, TrailLog
from services.simulated.state import SimulatedState
from services.simulated.world.scenarios.conditions import LogSilence

DAY_MS = 86_400_000


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

    def oldest(self, now: int) -> int:
        """Epoch milliseconds before which nothing is answered."""
        kept = now - self.retention_days * DAY_MS if self.retention_days is not None else 0
        first = self.stored[0].timestamp if self.stored else now
        return max(kept, first if self.source is None else min(first, self.created))

    def newest_stored(self) -> int:
        return self.stored[-1].timestamp if self.stored else 0

    def visible(self, minute: int, now: int) -> list[Event]:
        """Events of the minute from epoch second `minute` that are ingested at `now`, sorted."""
        events: list[Event] = []
        if self.source is not None and self.created // MINUTE_MS * 60 <= minute and minute * 1000 <= now:
            events = self.source.minute(minute)
            if minute * 1000 < self.created:
                events = [event for event in events if event.timestamp >= self.created]
        first = bisect.bisect_left(self.stored, minute * 1000, key=_timestamp)
        last = bisect.bisect_left(self.stored, minute * 1000 + MINUTE_MS, key=_timestamp)
        if first < last:
            events = sorted([*events, *self.stored[first:last]])
        if minute * 1000 + 3 * MINUTE_MS > now or first < last or self._slow:
            events = [event for event in events if event.ingestion <= now]
        oldest = self.oldest(now)
        return events if minute * 1000 >= oldest else [event for event in events if event.timestamp >= oldest]

    @property
    def _slow(self) -> bool:
        """Whether ingestion may take longer than a few minutes."""
        return isinstance(self.source, TrailLog)

    def put(self, stream: str, at: int, message: str, now: int) -> None:
        """Keep a caller's event, found from now on."""
        digest = hashlib.blake2b(
            f"{self.name}/{stream}/{at}/{now}/{len(self.stored)}/{message}".encode(), digest_size=16
        )
        event = Event(at, now, int.from_bytes(digest.digest()) % SEQUENCE_LIMIT, stream, message)
        bisect.insort(self.stored, event)


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
                home[name] = Group(name, born, log, retention, streams={}, stored=[])
            delivery = environment.sign_in_log_group
            if delivery:
                self._sources[delivery] = SignInLog(state, environment)
                home[delivery] = Group(delivery, born, self._sources[delivery], retention, streams={}, stored=[])
        desk = self._regions.setdefault(state.desk.desk.region, {})
        for function in state.desk.desk.functions:
            name = f"/aws/lambda/{function.name}"
            desk[name] = Group(name, born, FunctionLog(state.desk, function), 30, streams={}, stored=[])
        access = state.desk.desk.access_log_group
        desk[access] = Group(access, born, None, 30, streams={}, stored=[])
        trail = state.estate.trail_log_group
        self._sources[trail] = TrailLog(state, told)
        home[trail] = Group(trail, born, self._sources[trail], 365, streams={}, stored=[])
        self._home = state.estate.region

    def all(self, region: str) -> list[Group]:
        """Sorted by name."""
        return [group for _, group in sorted(self._regions.get(region, {}).items())]

    def find(self, region: str, name: str) -> Group | None:
        return self._regions.get(region, {}).get(name)

    def create(self, region: str, name: str, now: datetime, kind: str) -> Group:
        """A new, empty group; what writes to this name by itself goes on writing to it."""
        source = self._sources.get(name) if region == self._home else None
        group = Group(name, _milliseconds(now), source, None, kind, streams={}, stored=[])
        self._regions.setdefault(region, {})[name] = group
        return group

    def delete(self, region: str, name: str) -> None:
        self._regions.get(region, {}).pop(name, None)


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


def _timestamp(event: Event) -> int:
    return event.timestamp


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
