"""From the requests of a minute to its figures: sums of what happened, nothing invented beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from services.simulated.world import draws, spreads, traffic
from services.simulated.world.columns import Row
from services.simulated.world.traffic import ROUTES
from services.simulated.world.values import EdgeMinute, Minute, Spread, VersionMinute


def of_rows(seed: int, environment: str, start: int, rows: Sequence[Row], edge: EdgeMinute) -> Minute:
    """The figures of `rows`, the minute's requests (or the part of them that has happened)."""
    ran = [row for row in rows if row.version]
    by_version: dict[int, list[Row]] = {}
    for row in ran:
        by_version.setdefault(row.version, []).append(row)
    reads, writes, table_latency = _table(seed, environment, start, ran)
    attempts, failures = _sign_ins(seed, environment, start, len(rows))
    return Minute(
        start=start,
        requests=len(rows),
        errors_5xx=sum(1 for row in rows if row.status >= 500),
        errors_4xx=sum(1 for row in rows if 400 <= row.status < 500),
        latency=spreads.of(row.latency for row in rows),
        integration=spreads.of(row.integration for row in ran),
        versions={version: _version(of) for version, of in sorted(by_version.items())},
        concurrency=_concurrency(ran),
        function_throttles=0,
        reads=reads,
        writes=writes,
        read_throttles=0,
        write_throttles=0,
        table_latency=table_latency,
        edge=edge,
        sign_ins=attempts - failures,
        sign_in_failures=failures,
        business=_business(environment, rows),
    )


def _version(rows: list[Row]) -> VersionMinute:
    return VersionMinute(
        invocations=len(rows),
        errors=sum(1 for row in rows if row.error),
        duration=spreads.of(row.duration for row in rows),
        cold_starts=sum(1 for row in rows if row.cold),
    )


def _concurrency(rows: Sequence[Row]) -> int:
    """The most requests that ran at once: never less than one while anything ran."""
    ends: list[float] = []
    most = 0
    for row in rows:
        ends = [end for end in ends if end > row.at_ms]
        ends.append(row.at_ms + row.integration)
        most = max(most, len(ends))
    return most


def _table(seed: int, environment: str, start: int, rows: Sequence[Row]) -> tuple[float, float, Spread]:
    """Read and write units of the requests that succeeded, and how long the table took, milliseconds."""
    reads = writes = 0.0
    calls = 0
    for row in rows:
        if not row.error:
            route = ROUTES[row.route]
            reads += route.reads
            writes += route.writes
            calls += bool(route.reads) + bool(route.writes)
    pace = 4.2 * (0.95 + 0.1 * draws.uniform(seed, environment, start, "table"))
    return reads, writes, table_latency(calls, pace)


def table_latency(calls: int, pace: float) -> Spread:
    """`calls` answers of a healthy table whose mean is about `pace` milliseconds."""
    if calls <= 0:
        return spreads.EMPTY
    values: dict[float, float] = {}
    for index in range(_TABLE_STEPS):
        weight = (index + 1) * calls // _TABLE_STEPS - index * calls // _TABLE_STEPS
        if weight:
            values[pace * _TABLE_QUANTILES[index]] = float(weight)
    return Spread(tuple(values), tuple(values.values()))


def _sign_ins(seed: int, environment: str, start: int, requests: int) -> tuple[int, int]:
    """Attempts and failures of the minute."""
    use = traffic.TRAFFIC[environment]
    successes = draws.binomial(requests, use.sign_in_share, draws.uniform(seed, environment, start, "sign-in"))
    failed = traffic.rare_minute(seed, environment, start, "sign-in-failure", 300, use.sign_in_failure) is not None
    return successes + failed, int(failed)


def _business(environment: str, rows: Sequence[Row]) -> dict[str, float]:
    """What the application publishes of itself; nothing in a minute without requests."""
    if not rows:
        return {}
    good = [row for row in rows if row.status < 400]
    failed = sum(1 for row in rows if row.status >= 500)
    latency = sum(row.latency for row in rows) / len(rows)
    return {
        "InstancesStarted": float(sum(1 for row in good if row.route == traffic.START_ROUTE)),
        "InstancesStopped": float(sum(1 for row in good if row.route == traffic.STOP_ROUTE)),
        "EC2OperationFailures": float(failed),
        "ActiveUsers": float(min(len(rows), round(3.2 * math.sqrt(len(rows))))),
        "ResponseTime": latency,
        "HealthScore": max(0.0, 100 - 400 * failed / len(rows) - max(0.0, latency - 200) / 50),
    }


_TABLE_STEPS = 12
_TABLE_QUANTILES = tuple(
    draws.lognormal_table(0.35)[int((index + 0.5) / _TABLE_STEPS * 2048)] for index in range(_TABLE_STEPS)
)
