"""The expressions of a query: read from its words, turned into functions of a row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from services.simulated.logs.insights.functions import FUNCTIONS, bin_of
from services.simulated.logs.insights.records import Record
from services.simulated.logs.insights.tokens import Token, malformed, unexpected
from services.simulated.logs.insights.values import compare, number, text, truth

UNITS = {
    "ms": 1,
    "s": 1_000,
    "m": 60_000,
    "min": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
"""Milliseconds of the units that a period may have."""

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class Row:
    """A record on its way through the commands, or a group of them: what is named here hides what was logged."""

    __slots__ = ("record", "values")

    def __init__(self, record: Record | None, values: dict[str, Any]) -> None:
        self.record = record
        self.values = values

    def get(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        return self.record.field(name) if self.record is not None else None


Value = Callable[[Row], Any]


class Reader:
    """Reads words left to right. Binding, loosest first: or, and, not, comparisons, + -, * / %, ^, sign."""

    def __init__(self, query: str, words: list[Token]) -> None:
        self.query = query
        self._words = words
        self._at = 0

    @property
    def next(self) -> Token:
        return self._words[self._at]

    @property
    def after(self) -> Token:
        """The word behind the next one."""
        return self._words[min(self._at + 1, len(self._words) - 1)]

    def take(self, *words: str) -> Token | None:
        """The next word, when it is one of `words`."""
        return self.advance() if self.next.word in words and self.next.word else None

    def advance(self) -> Token:
        token = self.next
        self._at += 1
        return token

    def need(self, word: str) -> Token:
        return self.take(word) or self.fail()

    def need_kind(self, *kinds: str) -> Token:
        return self.advance() if self.next.kind in kinds else self.fail()

    def fail(self) -> Any:
        raise unexpected(self.next, self.query)

    def condition(self) -> Value:
        sides = [self._all_of()]
        while self.take("or"):
            sides.append(self._all_of())
        return sides[0] if len(sides) == 1 else lambda row: any(truth(side(row)) for side in sides)

    def _all_of(self) -> Value:
        sides = [self._negation()]
        while self.take("and"):
            sides.append(self._negation())
        return sides[0] if len(sides) == 1 else lambda row: all(truth(side(row)) for side in sides)

    def _negation(self) -> Value:
        if self.take("not"):
            inner = self._negation()
            return lambda row: not truth(inner(row))
        return self._comparison()

    def _comparison(self) -> Value:
        left = self.arithmetic()
        operator = self.take(*_COMPARISONS)
        if operator is not None:
            right, relation = self.arithmetic(), operator.word
            return lambda row: compare(left(row), relation, right(row))
        negated = self.next.word == "not" and self.after.word in ("like", "in")
        if negated:
            self.advance()
        if self.take("like", "=~"):
            return _negated(self._like(left), negated)
        if self.take("in"):
            return _negated(self._member(left), negated)
        return left

    def _like(self, left: Value) -> Value:
        token = self.need_kind("regex", "string")
        if token.kind == "string":
            part = token.text
            return lambda row: (value := left(row)) is not None and part in text(value)
        pattern = self.pattern(token)
        return lambda row: (value := left(row)) is not None and pattern.search(text(value)) is not None

    def pattern(self, token: Token) -> re.Pattern[str]:
        """The regular expression of a word. Raises MalformedQueryException when it is none."""
        try:
            # Insights names groups as Java does.
            return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", token.text))
        except (re.error, OverflowError, RecursionError) as error:
            raise malformed(f"invalid regular expression: {error}", token.start, token.end) from None

    def _member(self, left: Value) -> Value:
        self.need("[")
        members = [self.arithmetic()]
        while self.take(","):
            members.append(self.arithmetic())
        self.need("]")
        return lambda row: (value := left(row)) is not None and any(compare(value, "=", one(row)) for one in members)

    def arithmetic(self) -> Value:
        return self._chain(self._product, {"+": lambda a, b: a + b, "-": lambda a, b: a - b})

    def _product(self) -> Value:
        return self._chain(self._power, {"*": lambda a, b: a * b, "/": lambda a, b: a / b, "%": lambda a, b: a % b})

    def _power(self) -> Value:
        return self._chain(self._sign, {"^": lambda a, b: float(a**b)})

    def _chain(self, operand: Callable[[], Value], operators: dict[str, Callable[[float, float], float]]) -> Value:
        left = operand()
        while (operator := self.take(*operators)) is not None:
            left = _calculated(left, operators[operator.word], operand())
        return left

    def _sign(self) -> Value:
        if self.take("-"):
            inner = self._sign()
            return lambda row: -figure if (figure := number(inner(row))) is not None else None
        return self._atom()

    def _atom(self) -> Value:
        token = self.next
        if self.take("("):
            inner = self.condition()
            self.need(")")
            return inner
        if token.kind == "number":
            self.advance()
            figure = float(token.text)
            return lambda row: figure
        if token.kind == "string":
            self.advance()
            return lambda row: token.text
        if token.kind == "name" and self.after.word == "(":
            return self._call()
        if token.kind in ("name", "field"):
            self.advance()
            return lambda row: row.get(token.text)
        return self.fail()  # type: ignore[no-any-return]  # it raises

    def _call(self) -> Value:
        name = self.advance()
        self.need("(")
        if name.word == "bin":
            width = self.period()
            self.need(")")
            return lambda row: bin_of(row.get("@timestamp"), width)
        known = FUNCTIONS.get(name.word)
        if known is None:
            raise malformed(f"Invalid function name: {name.text}", name.start, name.end)
        function, fewest, most = known
        arguments: list[Value] = []
        while not self.take(")"):
            if arguments:
                self.need(",")
            arguments.append(self._period_value() if self.next.kind == "unit" else self.condition())
        if not fewest <= len(arguments) <= most:
            raise malformed(f"Invalid arguments for function: {name.text}", name.start, self.next.end)
        return lambda row: function(*(argument(row) for argument in arguments))

    def _period_value(self) -> Value:
        width = self.period()
        return lambda row: width

    def period(self) -> float:
        """Milliseconds of `5m`, `1h`."""
        token = self.need_kind("unit")
        figure = re.match(r"[\d.]+", token.text)
        unit = token.text[figure.end() :] if figure else ""
        if figure is None or unit not in UNITS or not float(figure[0]):
            raise malformed(f"Invalid time period: {token.text}", token.start, token.end)
        return float(figure[0]) * UNITS[unit]


def _calculated(left: Value, operate: Callable[[float, float], float], right: Value) -> Value:
    def compute(row: Row) -> float | None:
        one, other = number(left(row)), number(right(row))
        if one is None or other is None:
            return None
        try:
            return operate(one, other)
        except (ZeroDivisionError, OverflowError, TypeError, ValueError):
            return None

    return compute


def _negated(condition: Value, negated: bool) -> Value:
    return (lambda row: not condition(row)) if negated else condition
