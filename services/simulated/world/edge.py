"""CloudFront's minute: web content only, for the API has a host name of its own (runbook line 239)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from services.simulated.world import draws, spreads, traffic
from services.simulated.world.controls import InvalidationState
from services.simulated.world.values import EdgeMinute

RECOVERY_S = 100.0
"""Time constant with which a cache fills again: five minutes after an invalidation it is 95 % back."""

_FULL_AGAIN = 1e-6
"""Less than this of a cache is nobody's loss: it is full."""

_ORIGIN = draws.lognormal_table(0.45)
_ORIGIN_MS = 62.0
_BYTES = 46_000


def minute(
    seed: int,
    environment: str,
    start: int,
    organic: int,
    invalidations: Sequence[InvalidationState],
    failed: tuple[float, float, float] = (0.0, 0.0, 1.0),
    missing: float = 0.0,
) -> EdgeMinute:
    """The minute from `start`: requests follow `organic` API requests, hits follow the state of the cache.

    `failed`: how far the cache has failed, 0 … 1, the hit rate that is left then, how slow the origin is then.
    `missing`: the share of requests for what is not there.
    """
    use = traffic.TRAFFIC[environment]
    rng = draws.generator(seed, environment, start, "edge").random
    requests = round(organic * use.edge_factor * (0.94 + 0.12 * rng()))
    errors = draws.binomial(requests, max(use.edge_4xx, missing), rng())
    cached = use.hit_rate * (1 - emptied(invalidations, start + 30))
    gone, left, slowness = failed
    cached += gone * (min(cached, left) - cached)
    hits = min(requests - errors, draws.binomial(requests, cached, rng()))
    misses = requests - errors - hits
    crowd = (1 + 0.6 * emptied(invalidations, start + 30)) * (1 + gone * (slowness - 1))
    origin = spreads.of(_ORIGIN_MS * crowd * _ORIGIN[int(rng() * 2048)] for _ in range(misses))
    return EdgeMinute(
        requests=requests,
        errors_4xx=errors,
        errors_5xx=0,
        hits=hits,
        bytes_down=int((requests - errors) * _BYTES * (0.9 + 0.2 * rng())),
        origin=origin,
    )


def emptied(invalidations: Sequence[InvalidationState], at: float) -> float:
    """How much of the cache is gone at `at` (epoch seconds), 0 … 1: all of the worst invalidation, then less and less.

    It empties while the invalidation runs and fills again from its completion on.
    """
    worst = 0.0
    for invalidation in invalidations:
        created, completed = invalidation.began, invalidation.ended
        if at <= created:
            continue
        reach = 0.78 if any(path in ("/*", "*") for path in invalidation.paths) else 0.12 * len(invalidation.paths)
        reach = min(0.78, reach)
        if at < completed:
            worst = max(worst, reach * min(1.0, (at - created) / max(1.0, (completed - created) / 2)))
        else:
            worst = max(worst, reach * math.exp(-(at - completed) / RECOVERY_S))
    return worst if worst > _FULL_AGAIN else 0.0
