"""Statistics by their CloudWatch names: `Sum`, `p99.9`, `tm90`, …; each a number from a weighted sample."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from services.simulated.world import spreads
from services.simulated.world.values import Spread

Statistic = Callable[[Spread], float]

PLAIN: dict[str, Statistic] = {
    "SampleCount": spreads.count,
    "Sum": spreads.total,
    "Average": spreads.mean,
    "Minimum": lambda spread: spread.values[0],
    "Maximum": lambda spread: spread.values[-1],
}
"""The five that GetMetricStatistics calls Statistics; the others it calls ExtendedStatistics."""

_ONE = re.compile(r"(p|tm)(\d{1,2}(?:\.\d{1,10})?|100)\Z")
_TWO = re.compile(r"TM\((\d{1,2}(?:\.\d{1,10})?)%:(\d{1,2}(?:\.\d{1,10})?|100)%\)\Z")


@lru_cache(maxsize=256)
def statistic(name: str) -> Statistic | None:
    """What `name` computes of a sample that is not empty; None when CloudWatch knows no such statistic.

    `IQM` and the trimmed means are served; winsorized means, trimmed counts and sums and percentile ranks are not.
    """
    if name in PLAIN:
        return PLAIN[name]
    if name == "IQM":
        return lambda spread: spreads.trimmed_mean(spread, 25, 75)
    one = _ONE.match(name)
    if one:
        percent = float(one[2])
        if one[1] == "p":
            return lambda spread: spreads.percentile(spread, percent)
        return lambda spread: spreads.trimmed_mean(spread, 0, percent)
    two = _TWO.match(name)
    if two and float(two[1]) < float(two[2]):
        low, high = float(two[1]), float(two[2])
        return lambda spread: spreads.trimmed_mean(spread, low, high)
    return None


def extended(name: str) -> bool:
    """Whether `name` is one of GetMetricStatistics' ExtendedStatistics."""
    return name not in PLAIN and statistic(name) is not None
