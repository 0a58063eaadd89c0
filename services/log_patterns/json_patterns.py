"""Patterns for JSON events: `{ $.level = "ERROR" && $.items[0].id >= 2 }`. Only JSON events can match."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from services.log_patterns.operands import (
    OPERATORS,
    Operand,
    PatternError,
    compare,
    operand,
    regex_operand,
    split_regexes,
)

Step = str | int | None
"""A member's name, an index, or None: every member or element."""
Condition = Callable[[Any], bool]

_NAME = re.compile(r"[^\s=!<>&|()\[\]{}.\"%*]+")
_BRACKET = re.compile(r"""\[\s*(?:(?P<index>\d+)|(?P<all>\*)|'(?P<single>[^']*)'|"(?P<double>[^"]*)")\s*\]""")
_WORDS = re.compile(r"\s+(IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS|EXISTS)\b")
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"')
_REGEX = re.compile(r"%((?:\\.|[^%\\])*)%")
_BARE = re.compile(r"(?:(?!&&|\|\|)[^\s(){}\"])+")


def compile_json(text: str) -> Callable[[str], bool]:
    """`text` with its braces. The event matches when it is a JSON object or array of which the expression holds."""
    if split_regexes(text) > 2:
        raise PatternError("Invalid filter pattern: more than 2 regex in a JSON filter pattern")
    condition = _Reader(text).whole()

    def matches(message: str) -> bool:
        if not message.lstrip().startswith(("{", "[")):
            return False
        try:
            document = msgspec.json.decode(message)
        except (msgspec.DecodeError, RecursionError):
            return False
        return condition(document)

    return matches


class _Reader:
    """A reader of the expression between the braces, left to right; && binds tighter than ||."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._at = 0

    def whole(self) -> Condition:
        self._expect("{")
        condition = self._any_of()
        self._expect("}")
        if self._at != len(self._text):
            raise self._error("text after the closing brace")
        return condition

    def _any_of(self) -> Condition:
        parts = [self._all_of()]
        while self._take("||"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda document: any(part(document) for part in parts)

    def _all_of(self) -> Condition:
        parts = [self._unit()]
        while self._take("&&"):
            parts.append(self._unit())
        return parts[0] if len(parts) == 1 else lambda document: all(part(document) for part in parts)

    def _unit(self) -> Condition:
        if self._take("("):
            condition = self._any_of()
            self._expect(")")
            return condition
        steps = self._selector()
        words = _WORDS.match(self._text, self._at)
        if words is not None:
            self._at = words.end()
            return _state_test(steps, " ".join(words[1].split()))
        operator = next((sign for sign in OPERATORS if self._take(sign)), None)
        if operator is None:
            raise self._error("a comparison is missing")
        wanted = self._operand()
        if operator in ("<", ">", "<=", ">=") and wanted.number is None:
            raise self._error(f"{operator} needs a number, not {wanted.text}")
        return lambda document: any(compare(value, operator, wanted) for value in select(document, steps))

    def _selector(self) -> tuple[Step, ...]:
        self._expect("$")
        steps: list[Step] = []
        while True:
            bracket = _BRACKET.match(self._text, self._at)
            if bracket is not None:
                self._at = bracket.end()
                steps.append(_bracket_step(bracket))
            elif self._text.startswith(".[", self._at):
                self._at += 1
            elif self._text.startswith(".*", self._at):
                self._at += 2
                steps.append(None)
            elif self._text.startswith(".", self._at):
                name = _NAME.match(self._text, self._at + 1)
                if name is None:
                    raise self._error("a property name is missing after the dot")
                self._at = name.end()
                steps.append(name[0])
            else:
                return tuple(steps)

    def _operand(self) -> Operand:
        self._skip()
        if (quoted := _QUOTED.match(self._text, self._at)) is not None:
            self._at = quoted.end()
            return operand(re.sub(r"\\(.)", r"\1", quoted[1]), quoted=True)
        if (expression := _REGEX.match(self._text, self._at)) is not None:
            self._at = expression.end()
            return regex_operand(expression[1])
        if (bare := _BARE.match(self._text, self._at)) is not None:
            self._at = bare.end()
            return operand(bare[0], quoted=False)
        raise self._error("a value is missing")

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _take(self, sign: str) -> bool:
        self._skip()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise self._error(f"{sign} expected")

    def _error(self, what: str) -> PatternError:
        return PatternError(f"Invalid filter pattern: {what} at position {self._at}", at=self._at)


def select(document: Any, steps: tuple[Step, ...]) -> list[Any]:
    """Every value that the property selector reaches; empty when there is none."""
    values = [document]
    for step in steps:
        reached: list[Any] = []
        for value in values:
            if step is None:
                reached.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
            elif isinstance(step, int):
                if isinstance(value, list) and step < len(value):
                    reached.append(value[step])
            elif isinstance(value, dict) and step in value:
                reached.append(value[step])
        values = reached
    return values


def _bracket_step(match: re.Match[str]) -> Step:
    if match["index"] is not None:
        return int(match["index"])
    if match["all"] is not None:
        return None
    single: str | None = match["single"]
    return single if single is not None else str(match["double"])


def _state_test(steps: tuple[Step, ...], words: str) -> Condition:
    if words == "NOT EXISTS":
        return lambda document: not select(document, steps)
    if words == "EXISTS":
        return lambda document: bool(select(document, steps))
    wanted = {"IS NULL": None, "IS TRUE": True, "IS FALSE": False}[words]
    return lambda document: any(value is wanted for value in select(document, steps))
