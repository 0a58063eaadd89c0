"""A filter pattern looked at before it is sent: what is wrong with it, where, and what would be right."""

from __future__ import annotations

import msgspec

from services.log_patterns.operands import PatternError
from services.log_patterns.patterns import compile_pattern
from services.safe_text import safe

SYNTAX = (
    ("ERROR timeout", "lines with both terms; case counts"),
    ("?ERROR ?Exception", "lines with one of them or more"),
    ("ERROR -retry", "lines with the first and without the second"),
    ('"Task timed out"', "a phrase; quote what is not letters, digits or _"),
    ("%5[0-9][0-9]%", "a regular expression, without parentheses"),
    ('{ $.level = "ERROR" }', "a field of JSON lines; also != > >= < <= && || EXISTS IS NULL, * in texts"),
    ("[ip, user, ..., status=5*, size]", "fields by their place; text in [] or quotes is one field"),
)
"""The kinds of pattern, each with what it finds: help for whoever types one."""

_EXPECTED = {
    "}": "Close a JSON pattern with }.",
    "]": "Close a pattern of fields with ].",
    "character(s) in term": 'Put it in double quotes: "…".',
    "a comparison is missing": "Write = != < <= > or >=, EXISTS or IS NULL behind the field.",
    "a value is missing": 'Write a number or a text in double quotes, such as "ERROR".',
    "needs a number": "Compare with a number, or use = or !=.",
    "$ expected": "Name a field of the line from its root: $.level.",
    "property name": "Write the field's name behind the dot: $.level.",
    "unbalanced": "A quote or a % is opened and not closed.",
    "after the closing brace": "Nothing may stand behind the closing }.",
    "unsupported character in regex": "Parentheses and control characters are not taken in a regular expression.",
    "in the place of field": "Conditions joined within one place must name the same field.",
    "ellipsis": "Keep one ... only.",
    "2 regex": "Keep two regular expressions at most.",
    "1024": "Shorten it.",
    "cannot read value": 'Write a number, a word, or a text in double quotes behind the sign, such as "a b".',
    "cannot read field": "Write a name, or a name with a condition: status=5*.",
}


class PatternFault(msgspec.Struct, frozen=True):
    """Why a pattern would be refused."""

    sentence: str
    """What is wrong, where, and what was expected."""
    at: int | None = None
    """Where in the text, from 0; None: it is wrong as a whole."""


def check(text: str) -> PatternFault | None:
    """What is wrong with a pattern; None: CloudWatch Logs takes it, as far as can be told here."""
    try:
        compile_pattern(text)
    except PatternError as error:
        at = _place(text, error)
        what = str(error).removeprefix("Invalid filter pattern: ").partition(" at position ")[0]
        where = f" at character {at + 1}" if at is not None else ""
        return PatternFault(str(safe(f"{what}{where}. {_expected(what)}".strip(), 400)), at)
    return None


def _place(text: str, error: PatternError) -> int | None:
    if error.at is not None:
        return min(len(text), error.at + len(text) - len(text.lstrip()))
    found = text.find(error.near) if error.near else -1
    return found if found >= 0 else None


def _expected(what: str) -> str:
    return next((hint for sign, hint in _EXPECTED.items() if sign in what), "")
