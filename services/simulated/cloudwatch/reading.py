"""Reading metrics: samples of any span of time as they were visible at any moment, from the world or from clients."""

from __future__ import annotations

from collections.abc import Iterator

from services.simulated.cloudwatch.custom import CustomMetrics
from services.simulated.cloudwatch.identity import MetricKey
from services.simulated.cloudwatch.lateness import Lateness
from services.simulated.cloudwatch.published import Published, catalogue
from services.simulated.desk.published import published as desk_metrics
from services.simulated.publishing import behind
from services.simulated.state import SimulatedState
from services.simulated.world import spreads
from services.simulated.world.values import Minute, Spread

DAY = 86_400
HISTORY_DAYS = 15
"""The account is that old: before it nothing was published."""

_RETENTION = ((60, 15 * DAY), (300, 63 * DAY), (3600, 455 * DAY))
"""Finest period kept → for how long (aws.md 2.1)."""


class MetricReader:
    """Every metric of the account. Thread-safe for the world's metrics; custom ones are guarded by the state's lock."""

    def __init__(self, state: SimulatedState) -> None:
        self._state = state
        self._began = int(state.started.timestamp()) // 60 * 60 - HISTORY_DAYS * DAY
        self._catalogue: dict[tuple[str, MetricKey], Published] = {}
        self._catalogue_version = (-1, -1)
        self._lateness = Lateness(state)
        self.custom = CustomMetrics()

    def published(self) -> dict[tuple[str, MetricKey], Published]:
        """What AWS publishes here; new versions of a function join when the alias first names them."""
        publishing = self._state.publishing
        version = (self._state.controls.version, publishing.version)
        if version != self._catalogue_version:
            known = catalogue(self._state.estate, self._versions())
            known |= {
                (metric.region, metric.key): metric for metric in desk_metrics(self._state.desk.desk, self._state.desk)
            }
            self._catalogue = publishing.shaped(known)
            self._catalogue_version = version
        return self._catalogue

    def keys(self, region: str) -> list[MetricKey]:
        """Every metric of the region, the account's and those that clients put."""
        with self._state.lock:
            return [key for of, key in self.published() if of == region] + list(self.custom.keys(region))

    def _versions(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for environment in self._state.estate.environments:
            history = self._state.controls.alias_history(environment.name)
            named = {state.version for _, state in history}
            named |= {version for _, state in history for version, _ in state.weights}
            found[environment.name] = named
        return found

    def span(self, region: str, key: MetricKey, begin: int, end: int, now: float, unit: str = "") -> Spread:
        """All samples of [begin, end) (epoch seconds, on minutes) that are visible at `now`, of `unit` if named."""
        metric = self.published().get((region, key))
        if metric is None:
            with self._state.lock:
                return self.custom.sample(region, key, begin, end, now, unit)
        if unit and unit != metric.unit:
            return spreads.EMPTY
        return spreads.merge([sample for _, sample in self._samples(metric, begin, end, now)])

    def buckets(
        self, region: str, key: MetricKey, begin: int, end: int, period: int, now: float, unit: str = ""
    ) -> dict[int, Spread]:
        """Samples by period: start of the period (a multiple of it) → samples; periods without any are absent.

        Every period that starts in [begin, end) is whole, so that asking for less never changes a value.
        """
        first = max(begin, kept_since(period, now)) // period * period
        last = min(end, int(now) + 1)
        metric = self.published().get((region, key))
        found: dict[int, Spread] = {}
        if metric is None:
            with self._state.lock:
                for start in range(first, last, period):
                    sample = self.custom.sample(region, key, start, start + period, now, unit)
                    if sample.values:
                        found[start] = sample
            return found
        if (unit and unit != metric.unit) or period < 60:
            return found
        collected: dict[int, list[Spread]] = {}
        until = (last + period - 1) // period * period
        for minute, sample in self._samples(metric, first, until, now):
            collected.setdefault(minute // period * period, []).append(sample)
        for start, samples in collected.items():
            if start < last:
                found[start] = spreads.merge(samples)
        return found

    def active(self, region: str, key: MetricKey, begin: int, now: float) -> bool:
        """Whether anything was published from `begin` on; looks at the newest minutes first and stops at a hit."""
        metric = self.published().get((region, key))
        if metric is None:
            return False
        if metric.version is not None:
            return self._served(metric.environments[0], metric.version, begin, now)
        if metric.rare:
            # What goes wrong begins with the scenario: before it there is nothing to find.
            begin = max(begin, int(self._state.started.timestamp()))
        end, width = int(now) // 60 * 60 + 60, 900
        while end > begin and end > self._began:
            start = max(begin, end - width)
            if next(self._samples(metric, start // 60 * 60, end, now), None) is not None:
                return True
            end, width = start, width * 4
        return False

    def _served(self, environment: str, version: int, begin: float, end: float) -> bool:
        """Whether the alias sent anything to `version` in [begin, end)."""
        history = self._state.controls.alias_history(environment)
        for index, (at, state) in enumerate(history):
            since = at.timestamp() if index else float("-inf")
            until = history[index + 1][0].timestamp() if index + 1 < len(history) else float("inf")
            names = {state.version, *(name for name, _ in state.weights)}
            if version in names and since < end and until > begin:
                return True
        return False

    def _samples(self, metric: Published, begin: int, end: int, now: float) -> Iterator[tuple[int, Spread]]:
        """Minute by minute, ascending: what the metric has published by `now`."""
        source = metric.source
        first = max(begin, self._began) // source.block * source.block
        if first < begin:
            first += source.block
        last = min(end, int(now) - source.lag + 1)
        delays = self._state.publishing.delays(metric.key)
        late = self._lateness if metric.region == self._state.estate.region else None
        for start in range(first, last, source.block):
            held_back = late.of(start) if late is not None else 0.0
            if delays:
                held_back += behind(delays, start)
            if held_back and start + source.block > now - source.lag - held_back:
                continue  # a point that is late appears whole
            if metric.own is not None and start + source.block <= now - source.lag:
                sample = spreads.merge([metric.own(minute) for minute in range(start, start + source.block, 60)])
                if sample.values:
                    yield start, sample
            for environment in metric.environments:
                for minute in self._visible(metric, environment, start, now):
                    sample = metric.sample(minute)
                    if sample.values:
                        yield start, sample

    def _visible(self, metric: Published, environment: str, start: int, now: float) -> Iterator[Minute]:
        """The minutes of the block from `start` that can be seen at `now`; the newest one only as far as it is."""
        source = metric.source
        seen_until = now - source.lag
        world = self._state.world
        if start + source.block <= seen_until:
            for minute in range(start, start + source.block, 60):
                yield world.minute(environment, minute)
        elif source.streams and start < seen_until:
            yield world.part(environment, start, int(seen_until * 1000))


def kept_since(period: int, now: float) -> int:
    """The oldest moment of which points of this period are kept: fine ones go first (aws.md 2.1)."""
    return int(now) - max((kept for finest, kept in _RETENTION if period % finest == 0), default=3 * 3600)
