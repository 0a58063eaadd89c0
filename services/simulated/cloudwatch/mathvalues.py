"""Values of metric math and its arithmetic, nulls as AWS documents them.

Source: CloudWatch User Guide, "Using metric math": a missing point counts as 0 where two series meet, a division by
zero drops the point, a comparison gives 0 or 1.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence

import msgspec

from services.simulated.cloudwatch.mathsyntax import MathError


class TimeSeries(msgspec.Struct, frozen=True):
    """Points of one metric or result: timestamp (epoch seconds) → value, absent where there is none."""

    points: Mapping[int, float]
    period: int
    label: str = ""
    is_metric: bool = False
    """A metric itself, not the result of an expression."""


Series = TimeSeries
Value = float | Series | list[Series]

_OPERATORS: dict[str, Callable[[float, float], float | complex]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": lambda a, b: float(a == b),
    "!=": lambda a, b: float(a != b),
    "<": lambda a, b: float(a < b),
    ">": lambda a, b: float(a > b),
    "<=": lambda a, b: float(a <= b),
    ">=": lambda a, b: float(a >= b),
    "AND": lambda a, b: float(bool(a) and bool(b)),
    "OR": lambda a, b: float(bool(a) or bool(b)),
}


def combine(sign: str, left: Value, right: Value) -> Value:
    """`left sign right` for any two kinds of value."""
    if isinstance(left, list) or isinstance(right, list):
        return _combine_lists(sign, left, right)
    function = _OPERATORS[sign]
    if isinstance(left, float) and isinstance(right, float):
        found = _apply(function, left, right)
        return math.nan if found is None else found
    series = left if isinstance(left, Series) else right
    assert isinstance(series, Series)
    if isinstance(left, Series) and isinstance(right, Series):
        times: Sequence[int] = sorted(left.points.keys() | right.points.keys())
        pairs = [(at, left.points.get(at, 0.0), right.points.get(at, 0.0)) for at in times]
    elif isinstance(left, Series):
        assert isinstance(right, float)
        pairs = [(at, value, right) for at, value in left.points.items()]
    else:
        pairs = [(at, left, value) for at, value in series.points.items()]
    points = {at: found for at, a, b in pairs if (found := _apply(function, a, b)) is not None}
    return Series(points, series.period, series.label)


def _combine_lists(sign: str, left: Value, right: Value) -> list[Series]:
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            raise MathError("Two arrays of time series must have the same size")
        pairs: list[tuple[Value, Value]] = list(zip(left, right, strict=True))
    elif isinstance(left, list):
        pairs = [(item, right) for item in left]
    else:
        assert isinstance(right, list)
        pairs = [(left, item) for item in right]
    combined = [combine(sign, a, b) for a, b in pairs]
    return [item for item in combined if isinstance(item, Series)]


def _apply(function: Callable[[float, float], float | complex], left: float, right: float) -> float | None:
    """The result, or None where there is none: divided by zero, or not a real and finite number."""
    try:
        found = function(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return None if isinstance(found, complex) or not math.isfinite(found) else float(found)


def each(function: Callable[[Series], Series], value: Value) -> Value:
    """`function` for a series, or for each of an array."""
    if isinstance(value, list):
        return [function(item) for item in value]
    return function(series_of(value))


def mapped(series: Series, function: Callable[[float], float | None]) -> Series:
    """Each point through `function`; dropped where that gives None."""
    points = {at: found for at, value in series.points.items() if (found := function(value)) is not None}
    return Series(points, series.period, series.label)


def series_of(value: Value) -> Series:
    if not isinstance(value, Series):
        raise MathError("A time series is needed here")
    return value


def list_of(value: Value) -> list[Series]:
    if not isinstance(value, list):
        raise MathError("An array of time series is needed here")
    return value


def scalar_of(value: Value) -> float:
    if not isinstance(value, float):
        raise MathError("A single number is needed here")
    return value


def across(items: Sequence[Series], function: Callable[[list[float]], float], *, missing_is_zero: bool) -> Series:
    """One series from many: at every time that any of them has."""
    times = sorted(set().union(*(item.points.keys() for item in items)))
    points: dict[int, float] = {}
    for at in times:
        found = [item.points.get(at) for item in items]
        points[at] = function(
            [0.0 if value is None else value for value in found if missing_is_zero or value is not None]
        )
    return Series(points, max((item.period for item in items), default=60))
