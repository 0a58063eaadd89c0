"""What an environment goes through whatever version serves: each for a time, in seconds from the scenario's start."""

from __future__ import annotations

import msgspec


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """A time: from `begins` (inclusive) to `ends` (exclusive; None: for good)."""

    begins: float
    ends: float | None = None

    def holds(self, seconds: float) -> bool:
        return self.begins <= seconds and (self.ends is None or seconds < self.ends)

    def touches(self, first: float, last: float) -> bool:
        """Whether any of [first, last) is in it."""
        return self.begins < last and (self.ends is None or self.ends > first)

    def risen(self, seconds: float, rise: float) -> float:
        """0 … 1: how far something has come that needs `rise` seconds to come and as long to go."""
        if not self.begins <= seconds:
            return 0.0
        up = 1.0 if rise <= 0 else min(1.0, (seconds - self.begins) / rise)
        if self.ends is None or seconds < self.ends:
            return up
        return 0.0 if rise <= 0 else max(0.0, up - (seconds - self.ends) / rise)


class Demand(Spell, frozen=True, kw_only=True):
    """People make `factor` times as many requests; with 0 none at all."""

    factor: float


class SlowUpstream(Spell, frozen=True, kw_only=True):
    """The EC2 API that the function asks answers late: milliseconds on every route that asks it."""

    extra_ms: float


class ColdWave(Spell, frozen=True, kw_only=True):
    """Fresh instances take much of the traffic: most at the beginning, half as many after each `half_life`."""

    chance: float
    """Share of requests that wait for an instance, at the beginning."""
    half_life: float
    init_ms: float
    """Mean time an instance needs to begin."""


class HotPartition(Spell, frozen=True, kw_only=True):
    """One key of the table and of its index gets more than a partition serves; the SDK tries again and again."""

    writes: float
    """Share of writes that hit the key."""
    index_reads: float
    """Share of reads by the index that do."""
    retry_ms: float
    """Mean wait for each further try."""


class CacheMisses(Spell, frozen=True, kw_only=True):
    """The edge keeps little: what it is asked for goes to the origin, which gets slow."""

    hit_rate: float
    """What is left of it, 0..1."""
    origin_slowness: float
    """Factor on the origin's latency."""
    rise: float = 120.0
    """Seconds until every edge location has it."""


class SignInAttack(Spell, frozen=True, kw_only=True):
    """Somebody tries passwords from one network."""

    per_minute: int
    """Failed sign-ins at the web client."""
    unknown_client_per_minute: int
    """Attempts with a client id that the pool does not know: they count under `Invalid`."""
    network: str
    """First three numbers of the addresses."""


class LogSilence(Spell, frozen=True, kw_only=True):
    """Nothing comes into a log group any more, although everything goes on."""

    log: str
    """`application`, `function`, `execution`, `access`."""


class LogStorm(Spell, frozen=True, kw_only=True):
    """Something writes without end into the four logs of the environment, and the account's log quotas are enforced."""

    lines_per_second: int
    """Over all four logs."""
    hostile_every: int = 200
    """One line in so many is one that a terminal must not be shown as it is."""
    huge_every: int = 50_000
    """One line in so many is 256 KB to 1 MB long."""


class LateMetrics(Spell, frozen=True, kw_only=True):
    """CloudWatch of the home region is behind: points of that time come late by this much beyond the usual."""

    least: float
    most: float


Condition = (
    Demand | SlowUpstream | ColdWave | HotPartition | CacheMisses | SignInAttack | LogSilence | LogStorm | LateMetrics
)
