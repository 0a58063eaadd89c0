"""From the requests of a minute to its figures: sums of what happened, nothing invented beside it."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from services.simulated.world import sign_ins, spreads, table, traffic
from services.simulated.world.columns import Row
from services.simulated.world.pressures import Pressures
from services.simulated.world.values import EdgeMinute, Minute, VersionMinute


def of_rows(
    seed: int, environment: str, start: int, rows: Sequence[Row], edge: EdgeMinute, pressures: Pressures
) -> Minute:
    """The figures of `rows`, the minute's requests (or the part of them that has happened)."""
    ran = [row for row in rows if row.version]
    by_version: dict[int, list[Row]] = {}
    for row in ran:
        by_version.setdefault(row.version, []).append(row)
    use = table.use(seed, environment, start, ran)
    tried = sign_ins.counts(seed, environment, start, len(rows), pressures)
    return Minute(
        start=start,
        requests=len(rows),
        errors_5xx=sum(1 for row in rows if row.status >= 500),
        errors_4xx=sum(1 for row in rows if 400 <= row.status < 500),
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
        unknown_client_sign_ins=tried.unknown_client,
        index_read_throttles=use.index_read_throttles,
        index_write_throttles=use.index_write_throttles,
        index_reads=use.index_reads,
        read_calls=use.read_calls,
        index_read_calls=use.index_read_calls,
        write_calls=use.write_calls,
        operations=use.operations,
        business=_business(rows),
    )


def _version(rows: list[Row]) -> VersionMinute:
    return VersionMinute(
        invocations=len(rows),
        errors=sum(1 for row in rows if row.error),
        duration=spreads.of([row.duration for row in rows]),
        cold_starts=sum(1 for row in rows if row.cold),
    )


def _concurrency(rows: Sequence[Row]) -> int:
    """The most requests that ran at once: never less than one while anything ran."""
    ends: list[float] = []
    most = 0
    for row in rows:
        while ends and ends[0] <= row.at_ms:
            heapq.heappop(ends)
        heapq.heappush(ends, row.at_ms + row.integration)
        most = max(most, len(ends))
    return most


def _business(rows: Sequence[Row]) -> dict[str, float]:
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
