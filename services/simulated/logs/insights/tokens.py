"""The words of a query, each with where it stands: an error names the place."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from services.simulated.protocol import AwsError

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?P<unit>(?:ms|min|mo|[smhdwyq])\b)?(?![\w]))
      | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<quoted>`[^`]+`)
      | (?P<name>[A-Za-z_@$][\w@$]*(?:\.[\w@$]+)*)
      | (?P<symbol>!=|<=|>=|=~|[=<>|(),+\-*/^%\[\]])""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/((?:\\.|[^/\\\n])+)/(i?)")
_BEFORE_REGEX = frozenset({"like", "=~", "parse"})


class Token(msgspec.Struct, frozen=True):
    """One word. Kinds: number, unit, string, name, symbol, regex, end."""

    kind: str
    text: str
    """A string without its quotes, a regex without its slashes, a name without its backticks."""
    start: int
    end: int

    @property
    def word(self) -> str:
        """A name in lower case, as keywords are compared; a symbol as it is."""
        return self.text.lower() if self.kind == "name" else self.text if self.kind == "symbol" else ""


def malformed(message: str, start: int, end: int) -> AwsError:
    """The refusal of a query, with the place that is wrong as character offsets."""
    members: dict[str, Any] = {
        "queryCompileError": {"location": {"startCharOffset": start, "endCharOffset": end}, "message": message}
    }
    return AwsError("MalformedQueryException", message, members=members)


def unexpected(token: Token, query: str) -> AwsError:
    line = query.count("\n", 0, token.start) + 1
    position = token.start - (query.rfind("\n", 0, token.start) + 1) + 1
    what = token.text or "<EOF>"
    return malformed(f"unexpected symbol found {what} at line {line} and position {position}", token.start, token.end)


def tokens(query: str) -> list[Token]:
    """The query's words and an end. Raises MalformedQueryException for what is no word."""
    found: list[Token] = []
    at = 0
    while at < len(query):
        match = _regex_at(query, at, found) or _TOKEN.match(query, at)
        if match is None:
            raise unexpected(Token("symbol", query[at], at, at + 1), query)
        if match.re is _REGEX:
            found.append(Token("regex", f"(?i){match[1]}" if match[2] else match[1], at, match.end()))
        elif match["space"] is None:
            found.append(_token(match, query))
        at = match.end()
    return [*found, Token("end", "", len(query), len(query))]


def _regex_at(query: str, at: int, found: list[Token]) -> re.Match[str] | None:
    """A slash begins a regex only where one can stand: behind `like`, `=~`, or a name that is parsed."""
    if query[at] != "/" or not found:
        return None
    parsed = len(found) > 1 and found[-2].word == "parse"
    first = len(found) > 2 and found[-3].word == "replace"
    return _REGEX.match(query, at) if found[-1].word in _BEFORE_REGEX or parsed or first else None


def _token(match: re.Match[str], query: str) -> Token:
    kind, text = match.lastgroup or "", match[0]
    if match["number"] is not None:
        kind = "unit" if match["unit"] else "number"
    elif kind == "string":
        text = re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    elif kind == "quoted":
        kind, text = "field", text[1:-1]
    return Token(kind, text, match.start(), match.end())
