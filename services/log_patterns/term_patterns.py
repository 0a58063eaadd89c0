"""Patterns for unstructured events: terms, phrases, `?optional`, `-excluded` and `%regex%`."""

from __future__ import annotations

import re
from collections.abc import Callable

from services.log_patterns.operands import PatternError, regex

Test = Callable[[str], bool]

_PLAIN_TERM = re.compile(r"\w+\Z")
_TOKEN = re.compile(
    r"""\s*(?P<sign>[?-]?)(?:
        "(?P<phrase>(?:\\.|[^"\\])*)"
      | %(?P<regex>(?:\\.|[^%\\])*)%
      | (?P<term>[^\s"]+)
    )""",
    re.VERBOSE,
)


def compile_terms(text: str) -> Test:
    """Case-sensitive. All plain terms and no excluded one; `?` terms count only when there is nothing else.

    AWS: "If you combine ? with other filter patterns, the question mark is ignored".
    """
    required: list[Test] = []
    excluded: list[Test] = []
    optional: list[Test] = []
    bins = {"": required, "-": excluded, "?": optional}
    position = 0
    while position < len(text) and text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            raise PatternError(f"Invalid filter pattern: unbalanced quote at position {position}", at=position)
        bins[match["sign"]].append(_test(match))
        position = match.end()
    return _all_of(required, excluded, optional)


def _test(match: re.Match[str]) -> Test:
    if match["regex"] is not None:
        expression = regex(match["regex"])
        return lambda message: expression.search(message) is not None
    if match["phrase"] is not None:
        phrase = re.sub(r"\\(.)", r"\1", match["phrase"])
    else:
        phrase = match["term"]
        if not _PLAIN_TERM.match(phrase):
            raise PatternError(f"Invalid character(s) in term '{phrase}'", at=match.start("term"))
    return lambda message: phrase in message


def _all_of(required: list[Test], excluded: list[Test], optional: list[Test]) -> Test:
    if required or excluded:
        return lambda message: all(test(message) for test in required) and not any(test(message) for test in excluded)
    if optional:
        return lambda message: any(test(message) for test in optional)
    return lambda message: True
