"""What a scenario's conditions do to the requests of one minute, after everything that would have happened anyway."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from services.simulated.world import draws
from services.simulated.world.columns import Row
from services.simulated.world.scenarios import Scenario, VersionProfile
from services.simulated.world.scenarios.conditions import (
    CacheMisses,
    ColdWave,
    Demand,
    HotPartition,
    SignInAttack,
    SlowUpstream,
    Spell,
)
from services.simulated.world.traffic import ROUTES

S = TypeVar("S", bound=Spell)

TIMEOUT_MS = 30_000.0
"""The function's own."""
GATEWAY_TIMEOUT_MS = 29_000.0
"""How long API Gateway waits for the function (aws.md 1.1)."""
TIMED_OUT = "Task timed out after 30.00 seconds"

_WAIT = draws.lognormal_table(0.25)
_LEAKED_MB = 384


class Pressures:
    """The conditions that touch one minute of one environment. Seconds are counted from the scenario's start."""

    def __init__(
        self, scenario: Scenario, started: datetime, start: int, profiles: Mapping[int, VersionProfile]
    ) -> None:
        self._origin = started.timestamp()
        self._first = start - self._origin
        self._touching = [one for one in scenario.conditions if one.touches(self._first, self._first + 60)]
        self._leaks = {version: profile.leak for version, profile in profiles.items() if profile.leak is not None}
        self._demands = self._of(Demand)
        self.peak = max([1.0, *(demand.factor for demand in self._demands)])
        """How many times as many requests as ever come at the busiest moment."""

    def _of(self, kind: type[S]) -> list[S]:
        return [one for one in self._touching if isinstance(one, kind)]

    @property
    def touched(self) -> bool:
        """Whether a condition holds at any moment of the minute."""
        return bool(self._touching)

    @property
    def any(self) -> bool:
        """Whether anything is to be done to the minute's requests."""
        return bool(self._touching or self._leaks)

    def people(self, organic: int) -> int:
        """How many of `organic` requests the minute's demand comes to."""
        if not self._demands:
            return organic
        seconds = (self._demand(self._first + second + 0.5) for second in range(60))
        return round(organic * math.fsum(seconds) / 60)

    def cache(self) -> tuple[float, float, float]:
        """How far the cache has failed (0 … 1), what hit rate is left of it then, and how slow the origin is."""
        middle = self._first + 30
        for misses in self._of(CacheMisses):
            return misses.risen(middle, misses.rise), misses.hit_rate, misses.origin_slowness
        return 0.0, 0.0, 1.0

    def attack(self) -> SignInAttack | None:
        """The attack on the sign-ins of this minute, if there is one."""
        return next(iter(self._of(SignInAttack)), None)

    def attacked(self, attack: SignInAttack, at_ms: int) -> bool:
        return attack.holds(at_ms / 1000 - self._origin)

    def _demand(self, seconds: float) -> float:
        return math.prod(demand.factor for demand in self._demands if demand.holds(seconds))

    def suffer(self, seed: int, environment: str, start: int, rows: Sequence[Row]) -> list[Row]:
        """The requests that come at all, each with what it meets. What is met depends on nothing that comes later."""
        rng = draws.generator(seed, environment, start, "pressures").random
        upstreams, waves, hot = self._of(SlowUpstream), self._of(ColdWave), self._of(HotPartition)
        kept: list[Row] = []
        for row in rows:
            u_comes, u_upstream, u_cold, u_init, u_hot, u_leak = rng(), rng(), rng(), rng(), rng(), rng()
            seconds = row.at_ms / 1000 - self._origin
            if self._demands and u_comes >= self._demand(seconds) / self.peak:
                continue
            kept.append(row)
            if not row.version:
                continue
            for upstream in upstreams:
                if upstream.holds(seconds) and ROUTES[row.route].path.startswith("/instances"):
                    _wait(row, upstream.extra_ms * _WAIT[int(u_upstream * 2048)])
            for wave in waves:
                if wave.holds(seconds) and u_cold < wave.chance * 2 ** (-(seconds - wave.begins) / wave.half_life):
                    _start_cold(row, wave.init_ms * (0.6 + 0.8 * u_init))
            for partition in hot:
                if partition.holds(seconds) and not row.error:
                    _throttle(row, partition, u_hot)
            leak = self._leaks.get(row.version)
            if leak is not None:
                fullness = leak.fullness(seconds)
                row.leaked_mb = int(fullness * _LEAKED_MB)
                if u_leak < leak.paused_share:
                    _wait(row, leak.pause_ms * fullness * (0.8 + 0.4 * u_leak / leak.paused_share))
                elif fullness > leak.ending_from and u_leak > 1 - leak.ending_share:
                    _time_out(row)
        return kept


def _wait(row: Row, milliseconds: float) -> None:
    """The function runs so much longer."""
    row.duration += milliseconds
    row.integration += milliseconds
    row.latency += milliseconds


def _start_cold(row: Row, init: float) -> None:
    """The request waits for a new instance: the API sees it, the function's own duration does not."""
    more = init - row.init
    row.cold, row.init = True, init
    row.integration += more
    row.latency += more


def _throttle(row: Row, partition: HotPartition, u: float) -> None:
    route = ROUTES[row.route]
    share = partition.writes if route.writes else partition.index_reads if route.by_index else 0.0
    if u >= share:
        return
    # What is left of the number is uniform again: it draws how many tries fail, and where each of them does.
    rest = u / share
    tries = 1 + min(3, int(-math.log2(1 - rest)))
    of_index = tries if route.by_index else (tries + int(rest * 2048) % 2) // 2
    row.index_throttles, row.table_throttles = of_index, tries - of_index
    _wait(row, tries * partition.retry_ms * (0.6 + 0.8 * ((rest * 64) % 1)))
    row.note = f"DynamoDB throttled the key range, tried again {tries} time{'' if tries == 1 else 's'}"


def _time_out(row: Row) -> None:
    overhead = row.latency - row.integration
    row.duration, row.integration = TIMEOUT_MS, GATEWAY_TIMEOUT_MS
    row.latency = GATEWAY_TIMEOUT_MS + overhead
    row.status, row.error = 504, TIMED_OUT
