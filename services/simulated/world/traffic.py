"""How much each environment is used, and what by: the causes that everything else follows from."""

from __future__ import annotations

import math

import msgspec

from services.simulated.world import draws

DAY = 86_400


class Route(msgspec.Struct, frozen=True):
    """One route of the API."""

    method: str
    path: str
    share: float
    """Of all requests; the shares of all routes are 1."""
    duration_ms: float
    """Mean duration of the function on a good version."""
    reads: float
    """Read units one request consumes."""
    writes: float
    operation: str = ""
    """The table's operation that reads for it; empty when it reads nothing."""
    by_index: bool = False
    """Whether it reads the secondary index rather than the table."""


ROUTES: tuple[Route, ...] = (
    Route("GET", "/instances", 0.40, 96, 2.0, 0.0, "Query"),
    Route("GET", "/instances/{id}", 0.20, 62, 1.0, 0.0, "GetItem"),
    Route("POST", "/instances/{id}/start", 0.09, 168, 1.0, 1.0, "GetItem"),
    Route("POST", "/instances/{id}/stop", 0.07, 158, 1.0, 1.0, "GetItem"),
    Route("GET", "/audit", 0.08, 84, 4.0, 0.0, "Query", by_index=True),
    Route("GET", "/users/me", 0.11, 48, 0.5, 0.0, "GetItem"),
    Route("GET", "/health", 0.05, 22, 0.0, 0.0),
)
START_ROUTE, STOP_ROUTE, HEALTH_ROUTE = 2, 3, 6


class Traffic(msgspec.Struct, frozen=True):
    """How one environment is used while nothing is wrong."""

    mean: float
    """Requests a minute, over a day."""
    swing: float
    """How far the daily curve goes up and down from the mean, requests a minute."""
    least: int
    """No minute has fewer."""
    rejected: float
    """Share that the authorizer turns away (401, 403): it never reaches the function."""
    client_errors: float
    """Share that the function answers 400 or 404."""
    server_errors: float
    """Chance that a ten-minute block holds one failed request."""
    edge_factor: float
    """Requests at the edge (the web content; the API has a host name of its own) per API request."""
    edge_4xx: float
    hit_rate: float
    sign_in_share: float
    """Sign-ins per API request."""
    sign_in_failure: float
    """Chance that a five-minute block holds one failed sign-in."""


TRAFFIC: dict[str, Traffic] = {
    "production": Traffic(235, 60, 110, 0.006, 0.004, 0.06, 2.6, 0.015, 0.92, 0.02, 0.55),
    "staging": Traffic(12, 3, 0, 0.002, 0.002, 0.02, 2.2, 0.004, 0.88, 0.03, 0.08),
    "dev": Traffic(2, 0.5, 0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.85, 0.04, 0.02),
}

_PEAK = 20 * 3600
"""Second of the UTC day when use is highest: the middle of the day on the American west coast."""


def organic(seed: int, environment: str, start: int) -> int:
    """Requests that people make in the minute from `start` (epoch seconds), before any retries."""
    traffic = TRAFFIC[environment]
    curve = traffic.mean + traffic.swing * math.cos(2 * math.pi * ((start % DAY) - _PEAK) / DAY)
    expected = curve * (1 + 0.06 * _slow_noise(seed, environment, start))
    return max(traffic.least, draws.poisson(expected, draws.uniform(seed, environment, start, "requests")))


def _slow_noise(seed: int, environment: str, start: int) -> float:
    """Smooth noise within −1 … 1 that changes over a quarter of an hour."""
    block, within = divmod(start, 900)
    before = draws.uniform(seed, environment, block, "slow") * 2 - 1
    after = draws.uniform(seed, environment, block + 1, "slow") * 2 - 1
    blend = (1 - math.cos(math.pi * within / 900)) / 2
    return before + (after - before) * blend


def rare_minute(seed: int, environment: str, start: int, what: str, block: int, chance: float) -> float | None:
    """For something that happens at most once in `block` seconds: where in this minute, 0..1, or None.

    At most one per block means at most two in any window as long as a block, whatever the luck.
    """
    number = start // block
    if draws.uniform(seed, environment, number, what) >= chance:
        return None
    minutes = block // 60
    at = draws.uniform(seed, environment, number, what, "at") * minutes
    minute = (start - number * block) // 60
    return at - minute if int(at) == minute else None
