"""One feed of metrics as the rules see it: what is known, judged at the instant it was taken."""

from __future__ import annotations

from datetime import datetime
from math import inf
from typing import Any

import msgspec

from services.model.reading import Reading
from services.model.series import Metrics, Series
from services.model.situation import Situation
from services.model.turns import turn
from services.rules import silences
from services.rules.index import Index, Memo, index_of
from services.rules.silences import Silence
from services.rules.windows import CHART_SPAN, Window, settled, usable
from services.settings.values import Settings, Thresholds

_REQUESTS = ("edge.requests", "api.count")
"""Counters that prove, period by period, that somebody came."""

_REMEMBERED = CHART_SPAN + 1800
"""Seconds of a series that are looked at; what is older is neither judged nor drawn."""


class View(msgspec.Struct, frozen=True):
    """A situation on the way through the rules."""

    situation: Situation
    settings: Settings
    now: datetime
    known: dict[tuple[str, str], dict[int, float]]
    """Usable points by (signal id, statistic): several rules look at the same series."""
    indexes: dict[int, Index] = msgspec.field(default_factory=dict)
    """By identity of the metrics: their series, found by what they measure."""

    @property
    def thresholds(self) -> Thresholds:
        return self.settings.thresholds

    def feed(self, reading: Reading[Metrics], origin: Reading[Any], part: str, cadence: float) -> Feed:
        name = id(reading.value)
        if name not in self.indexes:
            self.indexes[name] = index_of(reading.value)
        home, edge = self.situation.metrics, self.situation.edge_metrics
        elsewhere = home.value if reading is edge else edge.value
        cadence = max(cadence, self.situation.spending.judged_every)  # more seldom for its cost: no older for that
        cadence = turn(cadence, self.situation.speed)
        return Feed(reading, origin, part, cadence, self.now, self.known, self.indexes[name], elsewhere)

    def api(self) -> Feed:
        """API Gateway's: named by the APIs that were read."""
        apis = self._parts("apis") if self.situation.apis.waiting else self.situation.apis
        return self.feed(self.situation.metrics, apis, "API", self.settings.cadence.metrics)

    def functions(self) -> Feed:
        return self.feed(self.situation.metrics, self._parts("functions"), "function", self.settings.cadence.metrics)

    def tables(self) -> Feed:
        """DynamoDB's: a table that could not be described is not asked about, for its indexes are not known."""
        tables = self._parts("tables")
        described = self.situation.tables
        if tables.value and described.value is None and described.problem is not None:
            tables = described
        return self.feed(self.situation.metrics, tables, "table", self.settings.cadence.metrics)

    def users(self) -> Feed:
        return self.feed(
            self.situation.percentiles, self._parts("user_pools"), "user pool", self.settings.cadence.percentiles
        )

    def edge(self) -> Feed:
        return self.feed(
            self.situation.edge_metrics, self._parts("distributions"), "distribution", self.settings.cadence.metrics
        )

    def percentile(self, key: str, resource: str, statistic: str, until: int) -> float | None:
        """The newest settled five-minute percentile of a resource that ends at or before `until`."""
        series = index_of(self.situation.percentiles.value).by_resource.get((key, resource))
        if series is None:
            return None
        period = series.signal.period
        known = usable(series.statistic(statistic), until - period + 1, until - 3 * period)
        return known[max(known)] if known else None

    def _parts(self, field: str) -> Reading[Any]:
        parts = self.situation.parts
        value = None if parts.value is None else getattr(parts.value, field)
        return Reading(value, parts.taken, parts.tried, parts.problem, parts.failures)


class Feed(msgspec.Struct, frozen=True):
    """Metrics of one region, and the reading that says which resources there are."""

    reading: Reading[Metrics]
    origin: Reading[Any]
    part: str
    """`function`: what a stack may lack."""
    cadence: float
    now: datetime
    known: dict[tuple[str, str], dict[int, float]]
    index: Index
    elsewhere: Metrics | None = None
    """The other region's: the edge's for the home region, and the other way round."""

    @property
    def judged_at(self) -> datetime:
        """What was taken a while ago is judged as of then: minutes that were not asked for are not missing."""
        taken = self.reading.taken
        return self.now if taken is None else min(taken, self.now)

    def find(self, key: str) -> tuple[Series, ...]:
        return self.index.find(key)

    def same(self, key: str, resource: str) -> Series | None:
        """The series `key` of the same resource."""
        return self.index.by_resource.get((key, resource))

    def points(self, series: Series | None, statistic: str) -> dict[int, float]:
        """Usable points of one statistic, oldest first, none from the future; shared, so not to be changed."""
        if series is None:
            return {}
        name = series.signal.id, statistic
        if name not in self.known:
            since = self.judged_at.timestamp() - _REMEMBERED
            self.known[name] = usable(series.statistic(statistic), self.now.timestamp(), since)
        return self.known[name]

    @property
    def seen_well(self) -> bool:
        """Whether the values are there and young: what they say of one resource is then all there is to say."""
        reading = self.reading
        return silences.of_reading(reading, "") is None and silences.of_age(reading, self.cadence, self.now, "") is None

    def memo(self, view: View) -> Memo | None:
        """What was found of these very metrics with all else that their judgement rests on; None while it depends on
        the hour: a value that ages, or was taken after `now`."""
        taken = self.reading.taken
        if not self.seen_well or taken is None or taken > self.now:
            return None
        settings, functions, slower = view.settings, view.situation.functions.value, view.situation.percentiles.value
        return self.index.memo(taken, settings.thresholds, settings.alerts, functions, slower, self.elsewhere)

    def window(self, series: Series, seconds: int) -> Window:
        """The newest settled window of a series."""
        signal = series.signal
        return settled(self.judged_at, seconds, signal.settle, signal.period, series.asked_until)

    def unnamed(self, what: str) -> Silence | None:
        """Why there is no series at all. None: the stack has no such part, or the feed has no such series."""
        if self.reading.value is None and self.reading.problem is not None:
            return silences.of_reading(self.reading, what)
        unknown = silences.of_reading(self.origin, what)
        if unknown is not None or not self.origin.value:
            return unknown
        return silences.of_reading(self.reading, what)

    def heard(self, until: int) -> int | None:
        """Start of the newest period before `until` that any resource of this feed has published."""
        return self.index.heard(until)

    def used_elsewhere(self) -> set[int]:
        """Starts of the periods in which the other region counted requests: people came, whatever is silent here."""
        if self.elsewhere is None:
            return set()
        return {
            start
            for key in _REQUESTS
            for series in self.elsewhere.find(key)
            for points in series.points.values()
            for start, value in points.items()
            if 0 < value < inf
        }

    def newer_elsewhere(self, resource: str, than: int) -> bool:
        """Whether any other resource of this feed has published a period from `than` on."""
        return self.index.newer(than, self.now.timestamp(), resource)
