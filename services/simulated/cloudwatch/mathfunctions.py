"""The functions of metric math. What is not here is refused by name."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Protocol

from services.simulated.cloudwatch.checks import moment
from services.simulated.cloudwatch.mathsyntax import MathError
from services.simulated.cloudwatch.mathvalues import (
    Series,
    Value,
    across,
    each,
    list_of,
    mapped,
    scalar_of,
    series_of,
)


class Times(Protocol):
    """What functions need of the request."""

    def grid(self, period: int) -> Sequence[int]:
        """Every start of a period that the request asks for."""
        ...


def _reduce(one: Callable[[Sequence[float]], float], *, missing_is_zero: bool) -> Callable[[Value], Value]:
    """AVG, SUM and their like: a number of one series (NaN of an empty one), a series of an array."""

    def reduce(value: Value) -> Value:
        if isinstance(value, list):
            return across(value, one, missing_is_zero=missing_is_zero)
        points = list(series_of(value).points.values())
        return float(one(points)) if points else math.nan

    return reduce


def _count(value: Value) -> Value:
    if isinstance(value, list):
        return across(value, lambda found: float(len(found)), missing_is_zero=False)
    return float(len(series_of(value).points))


def _steps(step: Callable[[float, float], float]) -> Callable[[Value], Value]:
    """From each pair of neighbours a point at the later one: `step(change of value, seconds between)`."""

    def between(series: Series) -> Series:
        times = sorted(series.points)
        points = {
            after: step(series.points[after] - series.points[before], float(after - before))
            for before, after in pairwise(times)
        }
        return Series(points, series.period, series.label)

    return lambda value: each(between, value)


def _running_sum(series: Series) -> Series:
    total, points = 0.0, {}
    for at in sorted(series.points):
        total += series.points[at]
        points[at] = total
    return Series(points, series.period, series.label)


def _logarithm(log: Callable[[float], float]) -> Callable[[Value], Value]:
    return lambda value: each(lambda series: mapped(series, lambda x: log(x) if x > 0 else None), value)


def _pointwise(function: Callable[[float], float]) -> Callable[[Value], Value]:
    return lambda value: each(lambda series: mapped(series, lambda x: float(function(x))), value)


def _period(value: Value) -> Value:
    series = series_of(value)
    if not series.is_metric:
        raise MathError("PERIOD takes a metric, not the result of an expression")
    return float(series.period)


SIMPLE: Mapping[str, Callable[[Value], Value]] = {
    "SUM": _reduce(math.fsum, missing_is_zero=True),
    "AVG": _reduce(statistics.fmean, missing_is_zero=True),
    "MIN": _reduce(min, missing_is_zero=False),
    "MAX": _reduce(max, missing_is_zero=False),
    "STDDEV": _reduce(statistics.pstdev, missing_is_zero=False),
    "ABS": _pointwise(abs),
    "CEIL": _pointwise(math.ceil),
    "FLOOR": _pointwise(math.floor),
    "LOG": _logarithm(math.log),
    "LOG10": _logarithm(math.log10),
    "DATAPOINT_COUNT": _count,
    "METRIC_COUNT": lambda value: float(len(list_of(value))),
    "DIFF": _steps(lambda change, seconds: change),
    "DIFF_TIME": _steps(lambda change, seconds: seconds),
    "RATE": _steps(lambda change, seconds: change / seconds),
    "RUNNING_SUM": lambda value: each(_running_sum, value),
    "PERIOD": _period,
    "FIRST": lambda value: _at(list_of(value), 0),
    "LAST": lambda value: _at(list_of(value), -1),
    "REMOVE_EMPTY": lambda value: [series for series in list_of(value) if series.points],
}
"""Functions of one value."""


def _at(items: list[Series], index: int) -> Series:
    if not items:
        raise MathError("The array of time series is empty")
    return items[index]


CALENDAR: Mapping[str, Callable[[datetime], float]] = {
    "MINUTE": lambda at: float(at.minute),
    "HOUR": lambda at: float(at.hour),
    "DAY": lambda at: float(at.isoweekday()),
    "DATE": lambda at: float(at.day),
    "MONTH": lambda at: float(at.month),
    "YEAR": lambda at: float(at.year),
    "EPOCH": lambda at: float(int(at.timestamp())),
}
"""Functions of the timestamp: never sparse."""


def constant(number: float, times: Times) -> Series:
    """TIME_SERIES: the same number at every minute; nothing when there is no such number."""
    return Series({} if math.isnan(number) else dict.fromkeys(times.grid(60), number), 60)


def calendar(function: Callable[[datetime], float], value: Value, times: Times) -> Value:
    period = series_of(value).period
    return Series({at: function(moment(at)) for at in times.grid(period)}, period)


def fill(value: Value, filler: Value | str, times: Times) -> Value:
    """FILL: missing points from a number, another series, the last one before (REPEAT) or a line (LINEAR)."""

    def filled(series: Series) -> Series:
        points = dict(series.points)
        known = sorted(points)
        for at in times.grid(series.period):
            if at in points:
                continue
            found = _filler(filler, at, known, series.points)
            if found is not None:
                points[at] = found
        return Series(dict(sorted(points.items())), series.period, series.label)

    return each(filled, value)


def _filler(filler: Value | str, at: int, known: Sequence[int], points: Mapping[int, float]) -> float | None:
    if isinstance(filler, float):
        return filler
    if isinstance(filler, Series):
        return filler.points.get(at)
    before = max((time for time in known if time < at), default=None)
    if filler == "REPEAT":
        return points[before] if before is not None else None
    after = min((time for time in known if time > at), default=None)
    if filler == "LINEAR":
        if before is None or after is None:
            return None
        return points[before] + (points[after] - points[before]) * (at - before) / (after - before)
    raise MathError("FILL takes a number, a time series, REPEAT or LINEAR")


def choose(condition: Value, yes: Value, no: Value | None) -> Value:
    """IF: see "Using IF expressions" of the User Guide for what happens where points are missing."""
    if isinstance(condition, float):
        taken = yes if condition else no
        return Series({}, 60) if taken is None else taken
    test = series_of(condition)
    points: dict[int, float] = {}
    for at, value in test.points.items():
        if value:
            points[at] = series_of(yes).points.get(at, 0.0) if not isinstance(yes, float) else yes
        elif isinstance(no, float):
            points[at] = no
        elif no is not None and at in series_of(no).points:
            points[at] = series_of(no).points[at]
    return Series(points, test.period)


_ORDERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "AVG": statistics.fmean,
    "SUM": math.fsum,
    "MIN": min,
    "MAX": max,
}


def sort(value: Value, by: str, order: str, limit: Value | None) -> Value:
    """SORT: an array by one number of each of its series."""
    if by not in _ORDERS or order not in ("ASC", "DESC"):
        raise MathError("SORT takes AVG, MIN, MAX or SUM, then ASC or DESC")
    filled = [series for series in list_of(value) if series.points]
    ordered = sorted(filled, key=lambda series: _ORDERS[by](list(series.points.values())), reverse=order == "DESC")
    return ordered[: int(scalar_of(limit))] if limit is not None else ordered


def part(value: Value, bounds: Sequence[Value]) -> Value:
    """SLICE: from one index, to another if given."""
    indices = [int(scalar_of(bound)) for bound in bounds]
    return list_of(value)[indices[0] : indices[1]] if len(indices) == 2 else list_of(value)[indices[0] :]
