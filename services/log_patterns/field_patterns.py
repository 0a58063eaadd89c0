"""Patterns for space-delimited events: `[ip, user, ..., status = 4* && status != 404, bytes > 1000]`."""

from __future__ import annotations

import re
from collections.abc import Callable

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

_FIELD = re.compile(r'\[([^\]]*)\]|"((?:\\.|[^"\\])*)"|(\S+)')
_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])*%|&&|\|\||[^"%]', re.DOTALL)
_NAME = re.compile(r"\s*([\w.$-]*)\s*")


class Field(msgspec.Struct, frozen=True):
    """One place of the pattern: alternatives of conditions that must all hold; an ellipsis is any number of places."""

    alternatives: tuple[tuple[tuple[str, Operand], ...], ...] = ()
    ellipsis: bool = False

    def holds(self, text: str) -> bool:
        if not self.alternatives:
            return True
        return any(
            all(compare(text, operator, wanted) for operator, wanted in conditions) for conditions in self.alternatives
        )


def compile_fields(text: str) -> Callable[[str], bool]:
    """`text` with its brackets. Fields match by position; without an ellipsis their number has to be the same."""
    stripped = text.strip()
    if not stripped.endswith("]"):
        raise PatternError("Invalid filter pattern: ] expected", at=len(stripped))
    if split_regexes(stripped) > 2:
        raise PatternError("Invalid filter pattern: more than 2 regex in a space-delimited filter pattern")
    fields = tuple(_field(part) for part in _split(stripped[1:-1], ","))
    if sum(field.ellipsis for field in fields) > 1:
        raise PatternError("Invalid filter pattern: only one ellipsis is allowed", at=stripped.rfind("..."))
    return lambda message: _matches(fields, split_fields(message))


def split_fields(message: str) -> list[str]:
    """The event's fields: words, but what stands in `[…]` or `"…"` is one field, without its delimiters."""
    fields: list[str] = []
    for bracketed, quoted, plain in _FIELD.findall(message):
        fields.append(plain or quoted or bracketed)
    return fields


def _matches(fields: tuple[Field, ...], words: list[str]) -> bool:
    for index, field in enumerate(fields):
        if not field.ellipsis:
            continue
        head, tail = fields[:index], fields[index + 1 :]
        if len(words) < len(head) + len(tail):
            return False
        last = words[len(words) - len(tail) :]
        return _each(head, words[: len(head)]) and _each(tail, last)
    return len(words) == len(fields) and _each(fields, words)


def _each(fields: tuple[Field, ...], words: list[str]) -> bool:
    return all(field.holds(word) for field, word in zip(fields, words, strict=True))


def _field(text: str) -> Field:
    if text.strip() == "...":
        return Field(ellipsis=True)
    name: str | None = None
    alternatives: list[tuple[tuple[str, Operand], ...]] = []
    for alternative in _split(text, "||"):
        conditions: list[tuple[str, Operand]] = []
        for condition in _split(alternative, "&&"):
            found, comparison = _condition(condition)
            if name is not None and found != name:
                raise PatternError(f"Invalid filter pattern: field {found} in the place of field {name}", near=found)
            name = found
            if comparison is not None:
                conditions.append(comparison)
        if conditions:
            alternatives.append(tuple(conditions))
    return Field(tuple(alternatives))


def _condition(text: str) -> tuple[str, tuple[str, Operand] | None]:
    match = _NAME.match(text)
    name, rest = (match[1], text[match.end() :].strip()) if match else ("", text.strip())
    if not rest:
        return name, None
    for operator in OPERATORS:
        if rest.startswith(operator):
            return name, (operator, _value(rest[len(operator) :].strip(), operator))
    if not name and rest.startswith('"'):
        return "", ("=", _value(rest, "="))
    raise PatternError(f"Invalid filter pattern: cannot read field {text.strip()}", near=text.strip())


def _value(text: str, operator: str) -> Operand:
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        wanted = operand(re.sub(r"\\(.)", r"\1", text[1:-1]), quoted=True)
    elif len(text) >= 2 and text.startswith("%") and text.endswith("%"):
        wanted = regex_operand(text[1:-1])
    elif not text or re.search(r"[\s\"\[\]]", text):
        raise PatternError(f"Invalid filter pattern: cannot read value {text or '(empty)'}", near=text or operator)
    else:
        wanted = operand(text, quoted=False)
    if operator in ("<", ">", "<=", ">=") and wanted.number is None:
        raise PatternError(f"Invalid filter pattern: {operator} needs a number, not {text}", near=text)
    return wanted


def _split(text: str, separator: str) -> list[str]:
    """`text` cut at `separator`, but not inside quotes or a regex."""
    parts = [""]
    position = 0
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:
            raise PatternError(f"Invalid filter pattern: unbalanced quote in {text.strip()}", near=text[position:])
        position = piece.end()
        if piece[0] == separator:
            parts.append("")
        else:
            parts[-1] += piece[0]
    return parts
