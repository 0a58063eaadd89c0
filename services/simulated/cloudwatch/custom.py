"""Points that clients put themselves, with the moment they arrived: an alarm of the past did not know them yet."""

from __future__ import annotations

import bisect
from collections.abc import Iterator

import msgspec

from services.simulated.cloudwatch.identity import MetricKey
from services.simulated.world import spreads
from services.simulated.world.values import Spread


class _Put(msgspec.Struct, frozen=True):
    arrived: float
    unit: str
    sample: Spread


class CustomMetrics:
    """Per region and metric: minute → what was put into it. Guarded by the caller."""

    def __init__(self) -> None:
        self._puts: dict[tuple[str, MetricKey], dict[int, list[_Put]]] = {}
        self._minutes: dict[tuple[str, MetricKey], list[int]] = {}

    def put(self, region: str, key: MetricKey, at: float, unit: str, sample: Spread, arrived: float) -> None:
        """Add samples of the instant `at`, which arrived at `arrived` (both epoch seconds)."""
        minute = int(at) // 60 * 60
        puts = self._puts.setdefault((region, key), {})
        if minute not in puts:
            bisect.insort(self._minutes.setdefault((region, key), []), minute)
        puts.setdefault(minute, []).append(_Put(arrived, unit, sample))

    def keys(self, region: str) -> Iterator[MetricKey]:
        return (key for of, key in self._puts if of == region)

    def known(self, region: str, key: MetricKey) -> bool:
        return (region, key) in self._puts

    def newest(self, region: str, key: MetricKey) -> int | None:
        """Start of the newest minute with a point."""
        minutes = self._minutes.get((region, key))
        return minutes[-1] if minutes else None

    def sample(self, region: str, key: MetricKey, begin: int, end: int, now: float, unit: str = "") -> Spread:
        """Everything put into [begin, end) that had arrived by `now`, of `unit` if one is named."""
        puts = self._puts.get((region, key))
        if not puts:
            return spreads.EMPTY
        minutes = self._minutes[region, key]
        inside = minutes[bisect.bisect_left(minutes, begin) : bisect.bisect_left(minutes, end)]
        return spreads.merge(
            [
                put.sample
                for minute in inside
                for put in puts[minute]
                if put.arrived <= now and (not unit or put.unit == unit)
            ]
        )
