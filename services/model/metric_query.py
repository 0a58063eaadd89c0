"""Which stretch of a metric is asked for, at which period: windows from a quarter of an hour to fifteen months. Pure.

CloudWatch keeps 60-second points for 15 days, 300-second points for 63 days and hourly points for 455 days; older data
exists at the coarser period only, and a finer one answers with nothing (aws.md 2.1). So the period follows from how
long the window is and from how old its oldest point is.
"""

from __future__ import annotations

import msgspec

from services.model.series import MetricId, Signal, Sparseness

DAY = 86_400
KEPT_S = 455 * DAY
"""How long anything is kept."""

PERIODS = (60, 300, 900, 1800, 3600, 10_800, 21_600, DAY)
"""Seconds; each divides the next or a day."""

MOST_POINTS = 730
"""Points of one curve: more than the widest chart has columns."""

_RETENTION = ((15 * DAY, 60), (63 * DAY, 300), (KEPT_S, 3600))
"""Age in seconds up to which a period is kept."""


class Stretch(msgspec.Struct, frozen=True):
    """A length of time to look at."""

    seconds: int
    label: str


STRETCHES = (
    Stretch(900, "15 min"),
    Stretch(3600, "1 h"),
    Stretch(3 * 3600, "3 h"),
    Stretch(6 * 3600, "6 h"),
    Stretch(12 * 3600, "12 h"),
    Stretch(DAY, "1 day"),
    Stretch(3 * DAY, "3 days"),
    Stretch(7 * DAY, "1 week"),
    Stretch(14 * DAY, "2 weeks"),
    Stretch(30 * DAY, "30 days"),
    Stretch(91 * DAY, "3 months"),
    Stretch(182 * DAY, "6 months"),
    Stretch(455 * DAY, "15 months"),
)
"""What `[` and `]` step through."""

USUAL = 2
"""Place of the stretch a screen begins with: what the watch holds already."""


LEAST_POINTS = 4
"""Points below which a coarser period says nothing of a stretch."""


def coarser(stretch: Stretch, period: int) -> int:
    """The next coarser period for a stretch; 0 after the last that makes sense: back to the finest that is kept."""
    wider = (one for one in PERIODS if one > period and one * LEAST_POINTS <= stretch.seconds)
    return next(wider, 0)


class Range(msgspec.Struct, frozen=True):
    """From `start` to `end`, epoch seconds on boundaries of `period`; `end` is exclusive."""

    start: int
    end: int
    period: int

    def shifted(self, by: int) -> Range:
        """The same stretch `by` seconds earlier."""
        return Range(self.start - by, self.end - by, self.period)


def period_for(seconds: int, age: int) -> int:
    """The finest period that gives at most MOST_POINTS over `seconds` and is kept at an `age` of the oldest point."""
    enough = next((period for period in PERIODS if seconds <= period * MOST_POINTS), PERIODS[-1])
    kept = next((period for limit, period in _RETENTION if age <= limit), 3600)
    return max(enough, kept)


def range_of(stretch: Stretch, now: float, *, back: int = 0, compared: int = 0, least: int = 0) -> Range:
    """The range that ends `back` seconds before `now`, on whole periods, the one still filling included.

    `compared`: how much further back the same stretch is asked for as well; both get one period. `least`: a period, one
    of PERIODS, that is wanted although a finer one is kept. What is older than anything kept is left out.
    """
    age = stretch.seconds + back + compared
    period = max(period_for(stretch.seconds, age), least)
    end = (int(now) - back) // period * period + period
    start = end - max(1, -(-stretch.seconds // period)) * period
    oldest = -(-(int(now) - KEPT_S) // period) * period
    return Range(min(max(start, oldest), end - period), end, period)


DISTRIBUTION = ("Average", "p95", "p99", "Maximum", "SampleCount")
COUNTED = ("Sum", "Average", "Maximum", "Minimum", "SampleCount")
"""Five statistics of a metric in one request bill as one (aws.md 2.2): all that can be chosen are asked at once."""

_TIMES = ("latency", "duration", "time", "delay", "age")


def statistics_of(metric: MetricId) -> tuple[str, ...]:
    """What can be chosen for this metric, the most telling first."""
    name = metric.name.lower()
    if any(word in name for word in _TIMES):
        return DISTRIBUTION
    if name.endswith("rate"):
        return ("Average", "Maximum", "Minimum", "p95", "SampleCount")
    if metric.namespace == "AWS/ApiGateway" and name in ("4xxerror", "5xxerror", "4xx", "5xx"):
        return ("Average", "Sum", "Maximum", "Minimum", "SampleCount")
    if name in ("concurrentexecutions", "bucketsizebytes", "numberofobjects"):
        return ("Maximum", "Average", "Minimum", "Sum", "SampleCount")
    return COUNTED


_MEAN_AND_TAIL, _MEAN_AND_MOST = ("Average", "p95", "p99"), ("Average", "Maximum")


def together_of(metric: MetricId) -> tuple[tuple[str, ...], ...]:
    """Which statistics say more side by side, the most telling first; all of one set are measured in one unit.

    A function's Maximum is what runs into its timeout; of a latency the tail tells who waits.
    """
    name = metric.name.lower()
    if any(word in name for word in _TIMES):
        return (_MEAN_AND_MOST, _MEAN_AND_TAIL) if "duration" in name else (_MEAN_AND_TAIL, _MEAN_AND_MOST)
    if name.endswith("rate") or name.startswith(("consumed", "concurrent")):
        return (_MEAN_AND_MOST,)
    return ()


def signal_of(
    metric: MetricId, period: int, *, settle: int = 120, sparse: Sparseness = Sparseness.PER_REQUEST
) -> Signal:
    """The question for every statistic of one metric at one period."""
    resource = "/".join(value for _, value in metric.dimensions)
    return Signal("looked.at", resource, metric, statistics_of(metric), period, settle, sparse)
