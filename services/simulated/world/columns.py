"""The requests of one minute as columns: the one source of the minute's figures and of its log lines.

What happens to a request depends on the moment it arrives and on the states that held then, on nothing later: when
LIVE is moved inside a minute, the requests before the move stay exactly as they were shown.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Mapping
from datetime import datetime

import msgspec

from services.simulated.world import draws, traffic
from services.simulated.world.controls import AliasState
from services.simulated.world.scenarios import VersionProfile
from services.simulated.world.traffic import HEALTH_ROUTE, ROUTES

GOOD = VersionProfile()
NO_ALIAS = AliasState(version=1)
"""Who serves an environment whose alias was never set."""

FIRST_CHECK = 1_000_000
"""Index of a minute's first health check: beyond those of the requests that come anyway."""

_DURATION = draws.lognormal_table(0.72)
_ROUTE_MS = tuple(route.duration_ms for route in ROUTES)
_USUALLY_COLD = 0.0015
"""Share of requests that meet a cold start while nothing changes."""
_INIT_MS = 420.0
"""Mean of a cold start's initialisation."""
_RETRY_SHARE = 0.35
"""How many of those whose request failed try again, once."""
_THROTTLED = "ClientError: An error occurred (RequestLimitExceeded) when calling the DescribeInstances operation"


class Row(msgspec.Struct, gc=False):
    """One request. `version` is 0 when it never reached the function. Durations in milliseconds."""

    at_ms: int
    index: int
    """Which request of the minute it is; a retry has the index of the failed one, negative and less one."""
    route: int
    status: int
    version: int
    duration: float
    integration: float
    latency: float
    cold: bool
    error: str
    init: float = 0.0
    """Initialisation of a cold start, part of the integration's time and not of the duration."""
    table_throttles: int = 0
    """Throttle events it met on the table; its further tries are part of its duration."""
    index_throttles: int = 0
    leaked_mb: int = 0
    """Memory that its instance had not given back."""
    note: str = ""
    """What the application warns of while it serves the request all the same."""


class Serving:
    """Which version serves at which moment: an alias's history, ready for many questions."""

    def __init__(self, history: tuple[tuple[datetime, AliasState], ...]) -> None:
        self._times = [round(at.timestamp() * 1000) for at, _ in history]
        self._states = [state for _, state in history] or [NO_ALIAS]

    def at(self, at_ms: int, u: float) -> int:
        """The version for a request that arrives at `at_ms` and draws `u`."""
        state = self._states[max(0, bisect.bisect_right(self._times, at_ms) - 1)]
        for version, weight in state.weights:
            if u < weight:
                return version
            u -= weight
        return state.version

    def single(self, start: int) -> int | None:
        """The one version of the whole minute from `start`; None when there are several."""
        first = bisect.bisect_right(self._times, start * 1000)
        last = bisect.bisect_right(self._times, start * 1000 + 59_999)
        state = self._states[max(0, first - 1)]
        return state.version if not state.weights and (first == last or last <= 1) else None

    def seconds_since_move(self, at_ms: int) -> float:
        """How long the present state has held; the first one has always held."""
        index = bisect.bisect_right(self._times, at_ms) - 1
        return (at_ms - self._times[index]) / 1000 if index >= 1 else 1e9


def rows(
    seed: int,
    environment: str,
    start: int,
    serving: Serving,
    profiles: Mapping[int, VersionProfile],
    demand: float = 1.0,
) -> list[Row]:
    """Every request of the minute from `start`, ascending by arrival; `demand` times as many as people ever make."""
    count = traffic.organic(seed, environment, start)
    if demand != 1.0:
        count = math.ceil(count * demand)
    rng = draws.generator(seed, environment, start, "rows").random
    use = traffic.TRAFFIC[environment]
    unlucky = traffic.rare_minute(seed, environment, start, "5xx", 600, use.server_errors)
    unlucky_index = int(unlucky * count) if unlucky is not None else -1
    single = serving.single(start)
    recent = serving.seconds_since_move(start * 1000) < 120 or single is None
    made: list[Row] = []
    retries: list[Row] = []
    rejected, client_errors = use.rejected, use.rejected + use.client_errors
    # Looked up once: nearly every minute has one version, and this loop is most of what a minute costs.
    alone = profiles.get(single, GOOD) if single is not None else GOOD
    slot, cold_chance = 60_000 / max(1, count), _USUALLY_COLD
    for index in range(count):
        # Always the same number of draws for each request, whatever becomes of it.
        u_at, u_route, u_duration, u_fate, u_overhead, u_version = rng(), rng(), rng(), rng(), rng(), rng()
        at_ms = start * 1000 + int((index + u_at) * slot)
        route = _ROUTE_TABLE[int(u_route * 1000)]
        if u_fate >= 1 - rejected:
            latency = 4 + 18 * u_overhead
            made.append(Row(at_ms, index, route, 401 if u_version < 0.7 else 403, 0, 0.0, 0.0, latency, False, ""))
            continue
        if single is not None:
            version, profile = single, alone
        else:
            version = serving.at(at_ms, u_version)
            profile = profiles.get(version, GOOD)
        if recent:
            cold_chance = _cold_chance(serving, at_ms)
        error = ""
        if u_fate < profile.error_rate:
            error = profile.exception or "Exception: unknown"
        elif index == unlucky_index:
            error = _THROTTLED
        cold = u_overhead < cold_chance
        duration = _ROUTE_MS[route] * profile.slowness * _DURATION[int(u_duration * 2048)]
        init = _INIT_MS * (0.7 + 0.6 * u_at) if cold else 0.0
        integration = duration + 7 + 16 * u_overhead + init
        latency = integration + 6 + 18 * u_version
        status = 502 if error else _status(route, error, profile) if profile.guards else 200
        if status == 200 and u_fate >= 1 - client_errors:
            status = 404 if u_version < 0.6 else 400
        row = Row(at_ms, index, route, status, version, duration, integration, latency, cold, error, init)
        made.append(row)
        if error and u_route * 7 % 1 < _RETRY_SHARE:
            retry = _retry(seed, environment, start, row, serving, profiles)
            if retry is not None:
                retries.append(retry)
    if retries:
        made.extend(retries)
        made.sort(key=lambda row: (row.at_ms, row.index))
    return made


def health_row(
    seed: int, environment: str, at_ms: int, serving: Serving, profiles: Mapping[int, VersionProfile]
) -> Row:
    """One request for the health route at this moment, served as any other of its kind."""
    rng = draws.generator(seed, environment, at_ms // 1000, "health").random
    version = serving.at(at_ms, rng())
    profile = profiles.get(version, GOOD)
    error = (profile.exception or "Exception: unknown") if rng() < profile.error_rate else ""
    duration = _ROUTE_MS[HEALTH_ROUTE] * profile.slowness * _DURATION[int(rng() * 2048)]
    integration = duration + 7 + 16 * rng()
    latency = integration + 6 + 18 * rng()
    status = _status(HEALTH_ROUTE, error, profile)
    return Row(at_ms, 0, HEALTH_ROUTE, status, version, duration, integration, latency, False, error)


def _retry(
    seed: int, environment: str, start: int, failed: Row, serving: Serving, profiles: Mapping[int, VersionProfile]
) -> Row | None:
    """The same person's second try a moment later; None when that is another minute's business."""
    rng = draws.generator(seed, environment, start, "retry", failed.index).random
    at_ms = failed.at_ms + int(failed.latency) + 600 + int(2400 * rng())
    if at_ms >= (start + 60) * 1000:
        return None
    version = serving.at(at_ms, rng())
    profile = profiles.get(version, GOOD)
    error = (profile.exception or "Exception: unknown") if rng() < profile.error_rate else ""
    duration = _ROUTE_MS[failed.route] * profile.slowness * _DURATION[int(rng() * 2048)]
    integration = duration + 7 + 16 * rng()
    latency = integration + 6 + 18 * rng()
    status = _status(failed.route, error, profile)
    return Row(at_ms, -failed.index - 1, failed.route, status, version, duration, integration, latency, False, error)


def _status(route: int, error: str, profile: VersionProfile) -> int:
    """What a version answers on a route."""
    if error:
        return 502
    return 401 if profile.guards and ROUTES[route].path in profile.guards else 200


def _cold_chance(serving: Serving, at_ms: int) -> float:
    """A version that has just begun to serve starts its instances one after another, most in the first seconds."""
    return max(_USUALLY_COLD, 0.5 * 2 ** (-serving.seconds_since_move(at_ms) / 4))


def _route_table() -> tuple[int, ...]:
    """A thousand places from which a uniform number picks a route by its share."""
    table: list[int] = []
    for index, route in enumerate(ROUTES):
        table.extend([index] * round(route.share * 1000))
    if len(table) != 1000:
        raise ValueError(f"the shares of all routes are {len(table) / 1000}, not 1")
    return tuple(table)


_ROUTE_TABLE = _route_table()
