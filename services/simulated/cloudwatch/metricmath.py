"""Metric math: expressions over the queries of one request, computed as the User Guide describes.

A subset, and said so: what is not served (`SEARCH`, `ANOMALY_DETECTION_BAND`, …) is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.simulated.cloudwatch import mathfunctions as functions
from services.simulated.cloudwatch.mathsyntax import (
    Array,
    Binary,
    Call,
    MathError,
    Name,
    Negated,
    Node,
    Number,
    Text,
    parse,
)
from services.simulated.cloudwatch.mathvalues import Series, Value, combine, each, mapped, scalar_of

_OUTSIDE = frozenset(
    {"SEARCH", "ANOMALY_DETECTION_BAND", "INSIGHT_RULE_METRIC", "SERVICE_QUOTA", "LAMBDA", "DB_PERF_INSIGHTS"}
)


class Expressions:
    """The metrics and expressions of one request by id, computed once each when first asked for."""

    def __init__(
        self,
        metrics: Mapping[str, Callable[[], Series]],
        expressions: Mapping[str, str],
        grid: Callable[[int], Sequence[int]],
        queried: Mapping[str, Callable[[], Value]] | None = None,
    ) -> None:
        """`metrics`: id → how to read it, in the order of the request. `grid`: period → every start of it.

        `queried`: id → what a Metrics Insights query finds; it may be referred to like a metric.
        """
        self._metrics = metrics
        self._expressions = expressions
        self._grid = grid
        self._queried = queried or {}
        self._known: dict[str, Value] = {}
        self._open: list[str] = []

    def grid(self, period: int) -> Sequence[int]:
        return self._grid(period)

    def series(self, name: str) -> list[Series]:
        """The result of an expression: one series or several. MathError when it is only a number."""
        value = self.value(name)
        if isinstance(value, float):
            raise MathError("The expression must return a time series, not a single number")
        return value if isinstance(value, list) else [value]

    def value(self, name: str) -> Value:
        """The value of one id of the request."""
        if name not in self._known:
            if name in self._metrics:
                self._known[name] = self._metrics[name]()
            elif name in self._queried:
                self._known[name] = self._queried[name]()
            elif name not in self._expressions:
                raise MathError(f'Undefined variable "{name}"')
            elif name in self._open:
                raise MathError(f'"{name}" refers to itself')
            else:
                self._open.append(name)
                self._known[name] = self._compute(parse(self._expressions[name]))
                self._open.pop()
        return self._known[name]

    def _compute(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Name(name):
                return self.value(name)
            case Negated(of):
                return self._negated(self._compute(of))
            case Binary(sign, left, right):
                return combine(sign, self._compute(left), self._compute(right))
            case Array(items):
                return self._array(items)
            case Call(function, arguments):
                return self._call(function, arguments)
            case Text(value):
                raise MathError(f'A text has no place here: "{value}"')

    @staticmethod
    def _negated(value: Value) -> Value:
        return -value if isinstance(value, float) else each(lambda series: mapped(series, lambda x: -x), value)

    def _array(self, items: Sequence[Node]) -> Value:
        found: list[Series] = []
        for item in items:
            value = self._compute(item)
            if isinstance(value, float):
                raise MathError("An array holds time series only")
            found.extend(value if isinstance(value, list) else [value])
        return found

    def _call(self, function: str, arguments: Sequence[Node]) -> Value:
        if function in functions.SIMPLE:
            (argument,) = self._arguments(function, arguments, 1, 1)
            return functions.SIMPLE[function](argument)
        if function in functions.CALENDAR:
            (argument,) = self._arguments(function, arguments, 1, 1)
            return functions.calendar(functions.CALENDAR[function], argument, self)
        match function:
            case "METRICS":
                return self._metrics_named(arguments)
            case "TIME_SERIES":
                (number,) = self._arguments(function, arguments, 1, 1)
                return functions.constant(scalar_of(number), self)
            case "IF":
                chosen = self._arguments(function, arguments, 2, 3)
                return functions.choose(chosen[0], chosen[1], chosen[2] if len(chosen) == 3 else None)
            case "FILL":
                return self._fill(arguments)
            case "SORT":
                return self._sort(arguments)
            case "SLICE":
                sliced = self._arguments(function, arguments, 2, 3)
                return functions.part(sliced[0], sliced[1:])
        if function in _OUTSIDE:
            raise MathError(f"{function} is not served by the simulated account")
        raise MathError(f"Unknown function {function}")

    def _arguments(self, function: str, arguments: Sequence[Node], least: int, most: int) -> list[Value]:
        if not least <= len(arguments) <= most:
            raise MathError(f"{function} does not take {len(arguments)} arguments")
        return [self._compute(argument) for argument in arguments]

    def _metrics_named(self, arguments: Sequence[Node]) -> Value:
        """METRICS(): the request's metrics, never its expressions; with a text those whose id contains it."""
        part = ""
        if arguments:
            if len(arguments) != 1 or not isinstance(arguments[0], Text):
                raise MathError("METRICS takes nothing or one text")
            part = arguments[0].value
        found = [self.value(name) for name in self._metrics if part in name]
        return [value for value in found if isinstance(value, Series)]

    def _fill(self, arguments: Sequence[Node]) -> Value:
        if len(arguments) != 2:
            raise MathError(f"FILL does not take {len(arguments)} arguments")
        second = arguments[1]
        word = isinstance(second, Name) and second.name in ("REPEAT", "LINEAR")
        filler = second.name if word and isinstance(second, Name) else self._compute(second)
        return functions.fill(self._compute(arguments[0]), filler, self)

    def _sort(self, arguments: Sequence[Node]) -> Value:
        if len(arguments) not in (3, 4):
            raise MathError(f"SORT does not take {len(arguments)} arguments")
        by, order = (argument.name if isinstance(argument, Name) else "" for argument in arguments[1:3])
        limit = self._compute(arguments[3]) if len(arguments) == 4 else None
        return functions.sort(self._compute(arguments[0]), by, order, limit)
