"""What happened in one minute of one environment, and in one request of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Spread(msgspec.Struct, frozen=True, gc=False):
    """A weighted sample of a distribution: enough for means and percentiles, small enough for a day of minutes."""

    values: tuple[float, ...] = ()
    """Ascending."""
    weights: tuple[float, ...] = ()
    """How many requests each value stands for; their sum is the sample count."""


class VersionMinute(msgspec.Struct, frozen=True, gc=False):
    """What one version of the function did in the minute."""

    invocations: int
    errors: int
    duration: Spread
    """Milliseconds."""
    cold_starts: int = 0


class EdgeMinute(msgspec.Struct, frozen=True, gc=False):
    """CloudFront's minute."""

    requests: int
    errors_4xx: int
    errors_5xx: int
    hits: int
    bytes_down: int
    origin: Spread = Spread()
    """Time of the origin for the requests that were no hits, milliseconds."""


class Minute(msgspec.Struct, frozen=True, gc=False):
    """One minute of one environment. API count ≈ invocations; causes come before effects."""

    start: int
    """Epoch seconds of the minute's start."""
    requests: int
    errors_5xx: int
    errors_4xx: int
    latency: Spread
    """API Gateway, milliseconds."""
    integration: Spread
    versions: Mapping[int, VersionMinute]
    """Published version → its share."""
    concurrency: int
    function_throttles: int
    reads: float
    """Consumed read units."""
    writes: float
    read_throttles: int
    write_throttles: int
    table_latency: Spread
    edge: EdgeMinute
    sign_ins: int
    sign_in_failures: int
    checks: int = 0
    """Of `requests`: health checks from outside, which the API counts among them. They are no visits of anybody."""
    unknown_client_sign_ins: int = 0
    """Attempts with a client id that the pool does not know; every one fails."""
    index_read_throttles: int = 0
    index_write_throttles: int = 0
    """Throttle events of the secondary index; `write_throttles` are the table's own and leave them out."""
    index_reads: float = 0.0
    """Read units of the secondary index; `reads` are the table's own and leave them out, as AWS does."""
    read_calls: int = 0
    index_read_calls: int = 0
    write_calls: int = 0
    operations: Mapping[str, Spread] = {}
    """DynamoDB operation → latency of its calls, milliseconds; together `table_latency`."""
    business: Mapping[str, float] = {}
    """Custom metrics of the application: `InstancesStarted`, `ActiveUsers`, `HealthScore` …"""


class Request(msgspec.Struct, frozen=True, gc=False):
    """One request through the API. The requests of a minute add up to its Minute."""

    at_ms: int
    """Epoch milliseconds of its arrival."""
    id: str
    """The Lambda request id, a UUID; the same in every log."""
    api_id: str
    """API Gateway's own request id, a UUID."""
    method: str
    path: str
    status: int
    latency_ms: float
    integration_ms: float
    version: int | None
    """Version that ran; None when the request never reached the function."""
    duration_ms: float
    memory_mb: int
    cold: bool
    init_ms: float
    """Initialisation of a cold start; part of the integration's time, not of the duration."""
    error: str
    """The exception, as the application logs it; empty when there was none."""
    note: str
    """What the application warns of while it serves the request all the same, or why the API itself failed it; mostly
    empty."""
    user: str
    ip: str
