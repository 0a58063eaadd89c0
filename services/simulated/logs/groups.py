"""The account's log groups: the generated ones, and what callers create, write and delete."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable
from datetime import UTC, datetime

from services.simulated.desk.log import FunctionLog
from services.simulated.logs.events import Event
from services.simulated.logs.flood import Flood, FloodLog
from services.simulated.logs.group import DAY_MS, Group
from services.simulated.logs.history import Silences, Source, logs_of
from services.simulated.logs.sign_ins import SignInLog
from services.simulated.logs.throttle import QUOTAS, Throttle
from services.simulated.logs.trail import TrailEvents, TrailLog
from services.simulated.state import SimulatedState
from services.simulated.world.scenarios.conditions import LogSilence, LogStorm

LIVE_TAILS = 15
"""Live Tail sessions that an account may have in a region at one time."""

NEVER = 4_102_444_800
"""2100-01-01, epoch seconds: beyond what any account lives to see."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        desk = self._regions.setdefault(state.desk.desk.region, {})
        for function in state.desk.desk.functions:
            name = f"/aws/lambda/{function.name}"
            desk[name] = Group(name, born, FunctionLog(state.desk, function), 30)
        access = state.desk.desk.access_log_group
        desk[access] = Group(access, born, None, 30)
        trail = state.estate.trail_log_group
        self._sources[trail] = TrailLog(state, told)
        home[trail] = Group(trail, born, self._sources[trail], 365)
        self._home = state.estate.region
        self.throttle = Throttle()
        self.live_tails = LIVE_TAILS
        self.live_open: dict[str, int] = {}
        """Live Tail sessions that are open, by region."""
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


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
