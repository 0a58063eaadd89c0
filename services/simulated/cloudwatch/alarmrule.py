"""The rule of a composite alarm: `ALARM("a") AND NOT (OK("b") OR FALSE)`."""

from __future__ import annotations

import re
from collections.abc import Callable

State = Callable[[str], str]
"""From an alarm's name or ARN to its state."""

_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Z_]+)|(?P<name>\"[^\"]*\"|'[^']*')|(?P<sign>[()])|(?P<bare>[^\s()]+))")
_STATES = {"ALARM": "ALARM", "OK": "OK", "INSUFFICIENT_DATA": "INSUFFICIENT_DATA"}


class RuleError(Exception):
    """An AlarmRule that cannot be read."""


class AlarmRule:
    """A rule, read once; asked as often as states change."""

    def __init__(self, text: str) -> None:
        self.alarms: list[str] = []
        """Names (or ARNs) of the alarms it looks at, in order."""
        self._tokens = _tokens(text)
        self._at = 0
        self._test = self._either()
        if self._at < len(self._tokens):
            raise RuleError(f"unexpected '{self._tokens[self._at]}'")

    def met(self, state: State) -> bool:
        return self._test(state)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        found = self._peek()
        if not found or (wanted and found != wanted):
            raise RuleError(f"expected {wanted or 'more'}, found '{found}'")
        self._at += 1
        return found

    def _either(self) -> Callable[[State], bool]:
        left = self._both()
        while self._peek() == "OR":
            self._take()
            left = _or(left, self._both())
        return left

    def _both(self) -> Callable[[State], bool]:
        left = self._not()
        while self._peek() == "AND":
            self._take()
            left = _and(left, self._not())
        return left

    def _not(self) -> Callable[[State], bool]:
        if self._peek() == "NOT":
            self._take()
            test = self._not()
            return lambda state: not test(state)
        return self._atom()

    def _atom(self) -> Callable[[State], bool]:
        word = self._take()
        if word == "(":
            test = self._either()
            self._take(")")
            return test
        if word in ("TRUE", "FALSE"):
            return lambda state: word == "TRUE"
        if word not in _STATES:
            raise RuleError(f"unexpected '{word}'")
        self._take("(")
        name = self._take().strip("\"'")
        self._take(")")
        self.alarms.append(name)
        return lambda state: state(name) == _STATES[word]


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise RuleError(f"unexpected '{text[position:].strip()[:1]}'")
        found.append(token[0].strip())
        position = token.end()
    if not found:
        raise RuleError("the rule is empty")
    return found


def _or(left: Callable[[State], bool], right: Callable[[State], bool]) -> Callable[[State], bool]:
    return lambda state: left(state) or right(state)


def _and(left: Callable[[State], bool], right: Callable[[State], bool]) -> Callable[[State], bool]:
    return lambda state: left(state) and right(state)
