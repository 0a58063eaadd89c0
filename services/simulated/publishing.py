"""What keeps metrics from being published as they should be. For tests of those who watch them.

account.publishing.add(MetricFault("AWS/ApiGateway", "Latency", MetricFaultKind.REMOVED))  # there has never been one
account.publishing.add(MetricFault("AWS/Lambda", "*", MetricFaultKind.LATE, seconds=900))
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from services.simulated.cloudwatch.identity import MetricKey
    from services.simulated.cloudwatch.published import Published


class MetricFaultKind(StrEnum):
    """What becomes of a metric."""

    REMOVED = "removed"
    """It has never been published: no points, and ListMetrics does not know it."""
    MISNAMED = "misnamed"
    """It is published of a resource of another name."""
    LATE = "late"
    """Its points come `seconds` later than usual."""
    STOPPED = "stopped"
    """From `begins` on nothing comes any more; what came before stays."""


class MetricFault(msgspec.Struct, frozen=True):
    """One order."""

    namespace: str
    name: str
    """`*` is any."""
    kind: MetricFaultKind
    seconds: float = 0
    begins: float = -inf
    """Epoch seconds of the first minute that is hit by LATE and STOPPED."""
    value: str = ""
    """A dimension's value, for the metrics of one resource; empty: any."""

    def matches(self, key: MetricKey) -> bool:
        """Whether the order is about this metric."""
        return (
            self.namespace == key.namespace
            and self.name in ("*", key.name)
            and (not self.value or self.value in dict(key.dimensions).values())
        )


class Publishing:
    """The orders that stand. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: tuple[MetricFault, ...] = ()
        self.version = 0
        """Grows with every change."""

    def add(self, fault: MetricFault) -> None:
        with self._lock:
            self._orders = (*self._orders, fault)
            self.version += 1

    def lift(self, namespace: str, name: str, value: str = "") -> None:
        """Take back the orders of exactly these."""
        with self._lock:
            gone = (namespace, name, value)
            self._orders = tuple(one for one in self._orders if (one.namespace, one.name, one.value) != gone)
            self.version += 1

    def shaped(self, catalogue: Mapping[tuple[str, MetricKey], Published]) -> dict[tuple[str, MetricKey], Published]:
        """What is published of a catalogue: without what is removed, and under the names that it has now."""
        found: dict[tuple[str, MetricKey], Published] = {}
        for (region, key), metric in catalogue.items():
            kinds = {one.kind for one in self._orders if one.matches(key)}
            if MetricFaultKind.REMOVED in kinds:
                continue
            shown = _renamed(key) if MetricFaultKind.MISNAMED in kinds else key
            found[region, shown] = msgspec.structs.replace(metric, key=shown)
        return found

    def delays(self, key: MetricKey) -> tuple[MetricFault, ...]:
        """The orders that keep this metric's points back; none nearly always."""
        return tuple(one for one in self._orders if one.kind in _DELAYING and one.matches(key))


def behind(delays: tuple[MetricFault, ...], start: int) -> float:
    """Seconds by which the period from `start` comes later than usual; infinite when it never comes."""
    return max(
        (inf if one.kind is MetricFaultKind.STOPPED else one.seconds for one in delays if one.begins <= start),
        default=0.0,
    )


_DELAYING = (MetricFaultKind.LATE, MetricFaultKind.STOPPED)
_RESOURCES = frozenset({"ApiName", "FunctionName", "TableName", "DistributionId", "UserPool"})


def _renamed(key: MetricKey) -> MetricKey:
    """The same metric of a resource that is called otherwise."""
    dimensions = tuple((name, f"{value}-old" if name in _RESOURCES else value) for name, value in key.dimensions)
    return msgspec.structs.replace(key, dimensions=dimensions)
