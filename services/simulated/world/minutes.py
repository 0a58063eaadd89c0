"""From the requests of a minute to its figures: sums of what happened, nothing invented beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from services.simulated.world import sign_ins, spreads, table, traffic
from services.simulated.world.columns import FIRST_CHECK, Row
from services.simulated.world.pressures import Pressures
from services.simulated.world.values import EdgeMinute, Minute, VersionMinute


def of_rows(
    seed: int, environment: str, start: int, rows: Sequence[Row], edge: EdgeMinute, pressures: Pressures
) -> Minute:
    """The figures of `rows`, the minute's requests (or the part of them that has happened)."""
    visits = [row for row in rows if row.index < FIRST_CHECK]
    ran = [row for row in rows if row.version]
    by_version: dict[int, list[Row]] = {}
    for row in ran:
        by_version.setdefault(row.version, []).append(row)
    use = table.use(seed, environment, start, ran)
    statuses = [row.status for row in rows]
    refused_5xx = len([None for status in statuses if status >= 500])
    tried = sign_ins.counts(seed, environment, start, len(visits), pressures)
    return Minute(
        start=start,
        requests=len(rows),
        errors_5xx=refused_5xx,
        errors_4xx=len([None for status in statuses if status >= 400]) - refused_5xx,
        latency=spreads.of([row.latency for row in rows]),
        integration=spreads.of([row.integration for row in ran]),
        versions={version: _version(of) for version, of in sorted(by_version.items())},
        concurrency=_concurrency(ran),
        function_throttles=0,
        reads=use.reads,
        writes=use.writes,
        read_throttles=0,
        write_throttles=use.throttles,
        table_latency=spreads.merge(list(use.operations.values())),
        edge=edge,
        sign_ins=tried.successes,
        sign_in_failures=tried.failures,
        checks=len(rows) - len(visits),
        unknown_client_sign_ins=tried.unknown_client,
        index_read_throttles=use.index_read_throttles,
        index_write_throttles=use.index_write_throttles,
        index_reads=use.index_reads,
        read_calls=use.read_calls,
        index_read_calls=use.index_read_calls,
        write_calls=use.write_calls,
        operations=use.operations,
        business=_business(visits),
    )


def _version(rows: list[Row]) -> VersionMinute:
    return VersionMinute(
        invocations=len(rows),
        errors=len([None for row in rows if row.error]),
        duration=spreads.of([row.duration for row in rows]),
        cold_starts=len([None for row in rows if row.cold]),
    )


def _concurrency(rows: Sequence[Row]) -> int:
    """The most requests that ran at once: never less than one while anything ran."""
    ends = sorted([row.at_ms + row.integration for row in rows])
    ended = most = 0
    for begun, row in enumerate(rows, 1):
        at = row.at_ms
        while ends[ended] <= at:
            ended += 1
        if begun - ended > most:
            most = begun - ended
    return most


def _business(rows: Sequence[Row]) -> dict[str, float]:
    """What the application publishes of itself; nothing in a minute without requests."""
    if not rows:
        return {}
    good = [row.route for row in rows if row.status < 400]
    failed = len([None for row in rows if row.status >= 500])
    latency = sum([row.latency for row in rows]) / len(rows)
    return {
        "InstancesStarted": float(good.count(traffic.START_ROUTE)),
        "InstancesStopped": float(good.count(traffic.STOP_ROUTE)),
        "EC2OperationFailures": float(failed),
        "ActiveUsers": float(min(len(rows), round(3.2 * math.sqrt(len(rows))))),
        "ResponseTime": latency,
        "HealthScore": max(0.0, 100 - 400 * failed / len(rows) - max(0.0, latency - 200) / 50),
    }
