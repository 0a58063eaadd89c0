"""Metrics Insights: a SELECT over many metrics, computed as the User Guide describes.

Its quotas are kept: at most 10,000 metrics are looked at, 500 series come back, and a query reaches two weeks back.
What it looks at is what it is billed by.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.simulated.cloudwatch.identity import MetricKey
from services.simulated.cloudwatch.mathvalues import Series
from services.simulated.cloudwatch.reading import MetricReader
from services.simulated.cloudwatch.sqlsyntax import Select
from services.simulated.cloudwatch.statistics import PLAIN
from services.simulated.world import spreads
from services.simulated.world.values import Spread

MOST_METRICS = 10_000
REACHES_BACK_S = 14 * 86_400

_STATISTICS = {"AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum", "SUM": "Sum"}


def matching(reader: MetricReader, region: str, select: Select) -> list[MetricKey]:
    """The metrics that a query looks at, in a fixed order."""
    found = [key for key in reader.keys(region) if _matches(key, select)]
    return sorted(found)[:MOST_METRICS]


def answer(
    reader: MetricReader, region: str, select: Select, start: int, end: int, period: int, now: float
) -> list[Series]:
    """The series of a query, one for each group that has any point, in its order and no more than its limit."""
    groups: dict[tuple[str, ...], list[MetricKey]] = {}
    for key in matching(reader, region, select):
        labels = dict(key.dimensions)
        groups.setdefault(tuple(labels[label] for label in select.group_by), []).append(key)
    compute = PLAIN[_STATISTICS[select.function]]
    start = max(start, int(now) - REACHES_BACK_S)
    found: list[Series] = []
    for labels_of, keys in groups.items():
        samples = _added(reader, region, keys, start, end, period, now)
        points = {at: compute(sample) for at, sample in sorted(samples.items())}
        if points:
            found.append(Series(points, period, " ".join(labels_of), is_metric=True))
    return _ordered(found, select)[: select.limit]


def _matches(key: MetricKey, select: Select) -> bool:
    if key.namespace != select.namespace or key.name != select.metric:
        return False
    labels = dict(key.dimensions)
    if select.schema is not None and labels.keys() != select.schema:
        return False
    if any(label not in labels for label in select.group_by):
        return False
    return all((labels.get(one.label) == one.value) is one.equal for one in select.conditions)


def _added(
    reader: MetricReader, region: str, keys: Sequence[MetricKey], start: int, end: int, period: int, now: float
) -> dict[int, Spread]:
    """The observations of several metrics together, by period."""
    if len(keys) == 1:
        return reader.buckets(region, keys[0], start, end, period, now)
    collected: dict[int, list[Spread]] = {}
    for key in keys:
        for at, sample in reader.buckets(region, key, start, end, period, now).items():
            collected.setdefault(at, []).append(sample)
    return {at: spreads.merge(samples) for at, samples in collected.items()}


def _ordered(found: list[Series], select: Select) -> list[Series]:
    """By what the function after ORDER BY finds in each series' values; by label where that is the same."""
    found = sorted(found, key=lambda series: series.label)
    if not select.order_by:
        return found

    def rank(series: Series) -> float:
        values = list(series.points.values())
        measures = {
            "AVG": sum(values) / len(values),
            "COUNT": float(len(values)),
            "MAX": max(values),
            "MIN": min(values),
            "SUM": sum(values),
        }
        return measures[select.order_by]

    return sorted(found, key=rank, reverse=select.descending)
