"""What the requests of a minute ask of the table and its index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from services.simulated.world import draws
from services.simulated.world.columns import Row
from services.simulated.world.traffic import ROUTES
from services.simulated.world.values import Spread

_STEPS = 12
_QUANTILES = tuple(draws.lognormal_table(0.35)[int((index + 0.5) / _STEPS * 2048)] for index in range(_STEPS))

_PACE_MS = {"GetItem": 3.1, "Query": 4.8, "PutItem": 5.6}
"""Mean latency of each operation on a healthy table."""


class TableUse(msgspec.Struct):
    """Units and calls of one minute."""

    reads: float = 0.0
    index_reads: float = 0.0
    writes: float = 0.0
    read_calls: int = 0
    index_read_calls: int = 0
    write_calls: int = 0
    throttles: int = 0
    """Write throttle events of the table: nothing reads it but by key."""
    index_read_throttles: int = 0
    index_write_throttles: int = 0
    operations: dict[str, Spread] = {}


def use(seed: int, environment: str, start: int, rows: Sequence[Row]) -> TableUse:
    """What `rows` used: a request that failed did so before it came to the table."""
    found = TableUse()
    calls: dict[str, int] = {}
    for index, count in Counter([row.route for row in rows if not row.error]).items():
        route = ROUTES[index]
        if not route.operation:
            continue
        calls[route.operation] = calls.get(route.operation, 0) + count
        if route.by_index:
            found.index_reads += count * route.reads
            found.index_read_calls += count
        else:
            found.reads += count * route.reads
            found.read_calls += count
        if route.writes:
            calls["PutItem"] = calls.get("PutItem", 0) + count
            found.writes += count * route.writes
            found.write_calls += count
    for row in rows:
        found.throttles += row.table_throttles
        if ROUTES[row.route].writes:
            found.index_write_throttles += row.index_throttles
        else:
            found.index_read_throttles += row.index_throttles
    mood = 0.95 + 0.1 * draws.uniform(seed, environment, start, "table")
    found.operations = {name: latency(count, _PACE_MS[name] * mood) for name, count in sorted(calls.items())}
    return found


def latency(calls: int, mean: float) -> Spread:
    """`calls` answers of a healthy table whose mean is about `mean` milliseconds."""
    steps, weights = _steps(calls)
    return Spread(tuple(mean * _QUANTILES[step] for step in steps), weights)


@lru_cache(maxsize=2048)
def _steps(calls: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Which quantiles stand for `calls` calls, and how many each of them."""
    weights = {step: (step + 1) * calls // _STEPS - step * calls // _STEPS for step in range(_STEPS)}
    filled = {step: float(weight) for step, weight in weights.items() if weight}
    return tuple(filled), tuple(filled.values())
