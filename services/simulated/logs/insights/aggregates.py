"""The functions of `stats`: each keeps what it has seen of one group of rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from services.simulated.logs.insights.expressions import Row, Value
from services.simulated.logs.insights.values import number, order, text


class Aggregate:
    """What one function has seen of one group."""

    def __init__(self, value: Value | None) -> None:
        """`value`: of a row; None: the row itself, as in count(*)."""
        self._value = value

    def add(self, row: Row) -> None:
        seen = self._value(row) if self._value is not None else row
        if seen is not None:
            self.see(seen, row)

    def see(self, value: Any, row: Row) -> None:
        raise NotImplementedError

    def result(self) -> Any:
        raise NotImplementedError


class Count(Aggregate):
    count = 0

    def see(self, value: Any, row: Row) -> None:
        self.count += 1

    def result(self) -> Any:
        return self.count


class CountDistinct(Aggregate):
    def __init__(self, value: Value | None) -> None:
        super().__init__(value)
        self._seen: set[str] = set()

    def see(self, value: Any, row: Row) -> None:
        self._seen.add(text(value))

    def result(self) -> Any:
        return len(self._seen)


class Figures(Aggregate):
    """Of the numbers among the values; None when there was none."""

    compute: Callable[[list[float]], float]

    def __init__(self, value: Value | None) -> None:
        super().__init__(value)
        self._seen: list[float] = []

    def see(self, value: Any, row: Row) -> None:
        figure = number(value)
        if figure is not None:
            self._seen.append(figure)

    def result(self) -> Any:
        return type(self).compute(self._seen) if self._seen else None


class Sum(Figures):
    compute = staticmethod(math.fsum)


class Average(Figures):
    compute = staticmethod(lambda figures: math.fsum(figures) / len(figures))


class Deviation(Figures):
    compute = staticmethod(
        lambda figures: math.sqrt(
            math.fsum((figure - math.fsum(figures) / len(figures)) ** 2 for figure in figures) / len(figures)
        )
    )


class Percentile(Figures):
    """The value below which `percent` of the values lie, between the two nearest."""

    def __init__(self, value: Value | None, percent: float) -> None:
        super().__init__(value)
        self._percent = percent

    def result(self) -> Any:
        if not self._seen:
            return None
        ordered = sorted(self._seen)
        place = (len(ordered) - 1) * self._percent / 100
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Extreme(Aggregate):
    """The least or the greatest, numbers or texts."""

    sign = 1

    def __init__(self, value: Value | None) -> None:
        super().__init__(value)
        self._best: Any = None

    def see(self, value: Any, row: Row) -> None:
        if self._best is None or (order(value) > order(self._best)) == (self.sign > 0):
            self._best = value

    def result(self) -> Any:
        return self._best


class Least(Extreme):
    sign = -1


class Chosen(Aggregate):
    """The value of the row that was first or last: by @timestamp, or in the order of the rows."""

    latest = True
    by_time = True

    def __init__(self, value: Value | None) -> None:
        super().__init__(value)
        self._found: tuple[Any, Any] | None = None

    def see(self, value: Any, row: Row) -> None:
        at = order(row.get("@timestamp")) if self.by_time else ()
        found = self._found
        if found is None or (at >= found[0] if self.latest else at < found[0]):
            self._found = (at, value)

    def result(self) -> Any:
        return self._found[1] if self._found else None


class Earliest(Chosen):
    latest = False


class SortsFirst(Chosen):
    latest, by_time = False, False


class SortsLast(Chosen):
    by_time = False


AGGREGATES: Mapping[str, Callable[[Value | None], Aggregate]] = {
    "count": Count,
    "count_distinct": CountDistinct,
    "sum": Sum,
    "avg": Average,
    "stddev": Deviation,
    "min": Least,
    "max": Extreme,
    "median": lambda value: Percentile(value, 50.0),
    "earliest": Earliest,
    "latest": Chosen,
    "sortsfirst": SortsFirst,
    "sortslast": SortsLast,
}
"""By name in lower case; `pct` and its forms take a number besides and are read where queries are."""
