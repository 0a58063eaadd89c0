"""Weighted samples: made from the values of a minute, added up over minutes, asked for statistics."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from services.simulated.world.values import Spread

EMPTY = Spread()

_TAIL = 16
"""Largest values kept one by one: p95 of a busy minute and p99 of five are still exact."""
_BODY = 20
"""Means that stand for everything below."""


def constant(value: float, weight: float) -> Spread:
    """`weight` samples, all `value`; empty when there are none."""
    return Spread((value,), (float(weight),)) if weight > 0 else EMPTY


def share(total: int, ones: int) -> Spread:
    """A sample of 1 for each of `ones` and of 0 for the others: how AWS counts errors per request."""
    if total <= 0:
        return EMPTY
    if ones <= 0:
        return Spread((0.0,), (float(total),))
    if ones >= total:
        return Spread((1.0,), (float(total),))
    return Spread((0.0, 1.0), (float(total - ones), float(ones)))


def of(values: Iterable[float]) -> Spread:
    """A small sample with the same count, sum, least and greatest value as `values`."""
    ordered = sorted(values)
    count = len(ordered)
    bounds, weights = _bins(count)
    if len(bounds) == count:
        return Spread(tuple(ordered), weights)
    means = [
        ordered[low] if high - low == 1 else sum(ordered[low:high]) / (high - low)
        for low, high in pairwise((*bounds, count))
    ]
    return Spread(tuple(means), weights)


@lru_cache(maxsize=2048)
def _bins(count: int) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Where each value of a small sample begins among `count` ordered ones, and its weight.

    The first value and the tail stand for themselves. Shared by every minute with as many requests.
    """
    if count <= _TAIL + _BODY:
        return tuple(range(count)), (1.0,) * count
    body_end = count - _TAIL
    body = {0, *(1 + (body_end - 1) * step // _BODY for step in range(_BODY))}
    bounds = (*sorted(body), *range(body_end, count))
    return bounds, tuple(float(high - low) for low, high in pairwise((*bounds, count)))


def merge(spreads: Sequence[Spread]) -> Spread:
    """All samples together."""
    filled = [spread for spread in spreads if spread.values]
    if len(filled) <= 1:
        return filled[0] if filled else EMPTY
    pairs = sorted(pair for spread in filled for pair in zip(spread.values, spread.weights, strict=True))
    return Spread(tuple(value for value, _ in pairs), tuple(weight for _, weight in pairs))


def count(spread: Spread) -> float:
    return math.fsum(spread.weights)


def total(spread: Spread) -> float:
    return math.fsum(map(float.__mul__, spread.values, spread.weights))


def mean(spread: Spread) -> float:
    """The mean; NaN of nothing."""
    samples = count(spread)
    return total(spread) / samples if samples else math.nan


def percentile(spread: Spread, percent: float) -> float:
    """The least value that at least `percent` of the samples do not exceed (nearest rank); NaN of nothing."""
    if not spread.values:
        return math.nan
    cumulated = list(accumulate(spread.weights))
    rank = percent / 100 * cumulated[-1]
    # A rank that floating point put a hair above a sum of whole weights means that sum.
    index = bisect.bisect_left(cumulated, rank - 1e-9 * cumulated[-1])
    return spread.values[min(index, len(spread.values) - 1)]


def trimmed_mean(spread: Spread, low: float, high: float) -> float:
    """The mean of the samples between two percentiles; NaN of nothing."""
    samples = count(spread)
    begin, end = samples * low / 100, samples * high / 100
    seen = weighed = summed = 0.0
    for value, weight in zip(spread.values, spread.weights, strict=True):
        inside = min(seen + weight, end) - max(seen, begin)
        if inside > 0:
            weighed += inside
            summed += inside * value
        seen += weight
    return summed / weighed if weighed else math.nan
