"""What can be configured. Defaults of thresholds are the runbook's (lines 92-98); names have none."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class EnvironmentKind(StrEnum):
    AWS = "aws"
    SANDBOX = "sandbox"
    """A simulated or local account: only here may the endpoint be something other than AWS."""


class Bands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """normal ≤ ELEVATED: below `normal` OK; up to `warning` ELEVATED; above WARN; above `critical` CRIT.

    Operators read literally (decisions A4): `< normal`, `> warning`, `> critical`.
    """

    normal: float
    warning: float
    critical: float


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The runbook's five key metrics, lines 94-98, and what its sentences leave open."""

    api_latency_ms: Bands = Bands(200, 1000, 2000)
    error_rate_percent: Bands = Bands(1, 5, 10)
    throttle_events: Bands = Bands(0, 0, 5)
    lambda_duration_ms: Bands = Bands(5000, 10000, 15000)
    lambda_error_percent: Bands = Bands(1, 5, 5)
    """Above 5 % is critical for a function (line 134)."""
    edge_4xx_percent: Bands = Bands(5, 10, 20)
    window_s: int = 300
    """Over how long rates and means are taken."""
    min_requests: int = 20
    """Below this many requests in the window a rate is not coloured; counts are shown."""


class Cadence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Seconds between questions (decisions A17)."""

    metrics: float = 60
    percentiles: float = 300
    stack: float = 30
    stack_busy: float = 5
    """While an operation runs."""
    release: float = 15
    alarms: float = 30
    resources: float = 60
    """Table, distribution, API, function, pool, bucket."""
    invalidations: float = 30
    invalidations_busy: float = 5
    logs: float = 4
    logs_busy: float = 2
    backfill_s: int = 3 * 3600
    """History asked for once, at the start."""
    overlap_s: int = 900
    """How far back each later metrics poll asks again: late points change old periods."""


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """List prices in dollars; they change, so they are settings."""

    per_1000_metrics: float = 0.01
    per_1000_calls: float = 0.01
    """CloudWatch API calls other than GetMetricData, beyond the free million; shown, not counted by default."""
    invalidation_path: float = 0.005
    free_invalidation_paths: int = 1000


class LogGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A log group that no resource names: the application's own."""

    name: str
    short: str


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What cannot be discovered, or overrides what is."""

    alias: str = "LIVE"
    log_groups: tuple[LogGroup, ...] = ()
    dashboard: str = ""


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One environment of the system."""

    name: str
    """What a typed confirmation has to equal."""
    stack: str
    region: str
    short: tuple[str, ...] = ()
    """Other names the command line takes."""
    production: bool = False
    account: str = ""
    """Twelve digits; when set, any other account is refused."""
    kind: EnvironmentKind = EnvironmentKind.AWS
    endpoint_url: str = ""
    """Only for kind = "sandbox"."""
    profile: str = ""
    read_only: bool = False
    url: str = ""
    health_url: str = ""
    purpose: str = ""
    names: Names = Names()


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is configured."""

    system: str
    """The system's name, as the header shows it."""
    environments: tuple[Environment, ...]
    thresholds: Thresholds = Thresholds()
    cadence: Cadence = Cadence()
    prices: Prices = Prices()
