"""Metric series: identities exactly as AWS publishes them, and points on period boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class MetricId(msgspec.Struct, frozen=True, order=True):
    """One metric of one resource. A dimension set that was never published answers 200 with nothing (aws.md 0.2)."""

    region: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    """Sorted by name, exactly the set that AWS publishes."""


class Sparseness(StrEnum):
    """What AWS publishes while nothing happens."""

    PER_REQUEST = "per request"
    """A sample for each request, zeros included; nothing without requests (API Gateway, Lambda, CloudFront)."""
    NON_ZERO = "non-zero only"
    """A sample only when it happens (DynamoDB throttles): silence means none, if the resource is alive."""
    GAUGE = "gauge"
    """A sample each period whatever happens."""


class Signal(msgspec.Struct, frozen=True):
    """One series that the cockpit asks for: a name the rules use, a resource, an identity, a period."""

    key: str
    """What it measures, e.g. `api.latency`; see services/rules for the names."""
    resource: str
    """Which resource, as a person would name it: `ec2-manager-api-production/prod`, a table, `table/index`."""
    metric: MetricId
    statistics: tuple[str, ...]
    """`Sum`, `SampleCount`, `Average`, `Maximum`, `p95`, … Up to five of one metric bill as one (aws.md 2.2)."""
    period: int = 60
    """Seconds."""
    settle: int = 120
    """Seconds after a period's end before its points are complete enough to be judged (aws.md 1.2)."""
    sparse: Sparseness = Sparseness.PER_REQUEST

    @property
    def id(self) -> str:
        """Unique within one environment."""
        return f"{self.key}@{self.resource}/{self.period}"


class Series(msgspec.Struct, frozen=True):
    """The points of one signal: for each statistic, period start (epoch seconds, ascending) → value.

    A missing point is absent, never 0. `asked_from` … `asked_until` is the span that was really asked for: an
    absent point inside it was not published, outside it is simply not known.
    """

    signal: Signal
    points: Mapping[str, Mapping[int, float]]
    asked_from: int
    """Epoch seconds, inclusive, on a period boundary."""
    asked_until: int
    """Epoch seconds, exclusive, on a period boundary."""

    def statistic(self, name: str) -> Mapping[int, float]:
        """Points of one statistic; empty when it was not asked for or nothing was published."""
        return self.points.get(name, {})

    @property
    def newest(self) -> int | None:
        """Start of the newest period with any point, epoch seconds."""
        newest = [_last(values) for values in self.points.values() if values]
        return max(newest) if newest else None


def _last(values: Mapping[int, float]) -> int:
    """The newest of some points: ascending, so the last. Thousands are asked in every turn."""
    return next(reversed(values)) if isinstance(values, dict) else max(values)


class Metrics(msgspec.Struct, frozen=True):
    """All series of one region and period, as of one poll."""

    series: Mapping[str, Series]
    """Signal id → series."""
    unpublished: frozenset[str] = frozenset()
    """Signal ids that ListMetrics does not know: their identity is unverified."""
    hints: Mapping[str, str] = {}
    """Signal id → the nearest dimension set that is published, for the unverified."""
    verified: frozenset[str] = frozenset()
    """Signal ids without a point that ListMetrics does know: published within the last two weeks, silent now."""

    def find(self, key: str) -> tuple[Series, ...]:
        """Every series with this key, one per resource."""
        return tuple(series for series in self.series.values() if series.signal.key == key)
