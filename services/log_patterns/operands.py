"""What a filter pattern compares with: numbers, strings with `*`, regular expressions between percent signs.

Source: CloudWatch Logs user guide, "Filter pattern syntax"; facts of the pattern kinds in aws.md 3.5.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

OPERATORS = ("!=", "<=", ">=", "=", "<", ">")
"""Longest first, so that a reader can try them in order."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_REGEX_TEXT = re.compile(r"(?:\\.|[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|*+. ])*\Z")


class PatternError(Exception):
    """The pattern is not one that CloudWatch Logs takes; the message is AWS's kind of sentence."""

    def __init__(self, message: str, at: int | None = None, near: str = "") -> None:
        """`at`: where in the stripped pattern, from 0; without it `near` is the piece that is wrong."""
        super().__init__(message)
        self.at = at
        self.near = near


class Operand(msgspec.Struct, frozen=True):
    """The right-hand side of a comparison."""

    text: str
    number: float | None = None
    expression: re.Pattern[str] | None = None
    """Of a regex, or of a string with wildcards."""
    quoted: bool = False


def regex(body: str) -> re.Pattern[str]:
    """The expression between two percent signs. Parentheses and unlisted symbols are refused, as AWS refuses them."""
    if not body:
        raise PatternError("Invalid filter pattern: empty regex", near="%%")
    if not _REGEX_TEXT.match(body):
        raise PatternError(f"Invalid filter pattern: unsupported character in regex %{body}%", near=body)
    try:
        return re.compile(body)
    except (re.error, OverflowError) as error:
        raise PatternError(f"Invalid filter pattern: regex %{body}%: {error}", near=body) from None


def operand(text: str, *, quoted: bool) -> Operand:
    """A bare or quoted value: `404`, `4*`, `"Access Denied*"`."""
    if "*" in text:
        return Operand(text, expression=_wildcard(text), quoted=quoted)
    number = float(text) if not quoted and _NUMBER.match(text) else None
    return Operand(text, number=number, quoted=quoted)


def regex_operand(body: str) -> Operand:
    return Operand(f"%{body}%", expression=regex(body))


def compare(actual: Any, operator: str, wanted: Operand) -> bool:
    """Whether `actual`, a JSON value or a field's text, stands in that relation. Null compares with nothing."""
    if actual is None or isinstance(actual, (dict, list)):
        return False
    if operator == "=":
        return _equal(actual, wanted)
    if operator == "!=":
        return not _equal(actual, wanted)
    number = number_of(actual)
    if number is None or wanted.number is None:
        return False
    if operator == "<":
        return number < wanted.number
    if operator == ">":
        return number > wanted.number
    return number <= wanted.number if operator == "<=" else number >= wanted.number


def number_of(actual: Any) -> float | None:
    """The value as a number; None for what is none (booleans are none)."""
    if isinstance(actual, bool):
        return None
    if isinstance(actual, (int, float)):
        return float(actual)
    if isinstance(actual, str) and _NUMBER.match(actual):
        return float(actual)
    return None


def text_of(actual: Any) -> str:
    """The value as the text that strings and expressions are matched against."""
    if isinstance(actual, bool):
        return "true" if actual else "false"
    return str(actual)


def split_regexes(text: str) -> int:
    """How many `%…%` stand in a pattern, outside quotes."""
    unquoted = re.sub(r'"(?:\\.|[^"\\])*"', "", text)
    return unquoted.count("%") // 2


def _equal(actual: Any, wanted: Operand) -> bool:
    if wanted.expression is not None:
        return wanted.expression.search(text_of(actual)) is not None
    if wanted.number is not None:
        number = number_of(actual)
        return number == wanted.number if number is not None else False
    if wanted.quoted and not isinstance(actual, str):
        return False
    return text_of(actual) == wanted.text


def _wildcard(text: str) -> re.Pattern[str]:
    return re.compile(r"\A" + ".*".join(re.escape(part) for part in text.split("*")) + r"\Z", re.DOTALL)
