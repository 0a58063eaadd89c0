"""The filter that a person types: words, "phrases", /expressions/, .fields, level:, group:; `!` before one excludes.

Every part has to hold. Case counts only in a part with a capital letter in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec

from services.line_search.regex import Regex
from services.line_search.regex_syntax import PatternRefused
from services.line_search.terms import Expression, Field, Spans, Term, Words
from services.model.logs import Level

SYNTAX = (
    ("timeout", "lines with this word; !timeout those without it"),
    ('"charge failed"', "a phrase"),
    (r"/5\d\d/", "a regular expression: classes, |, * + ? {n,m}, groups, ^ $ \\b; /…/i: case does not count"),
    (".status>=500", "a field of JSON lines; = != > >= < <=, * in texts; .user.name alone: it is there"),
    (".used_mb>400", "a field of REPORT lines: duration_ms billed_ms memory_mb used_mb init_ms"),
    ("level:warn", "warnings and louder; level:error errors"),
    ("group:api", "lines of these groups; * stands for any text"),
)
"""Each kind of part, and what it finds."""

_LEVELS = {
    "error": Level.ERROR,
    "warn": Level.WARN,
    "warning": Level.WARN,
    "report": Level.REPORT,
    "info": Level.INFO,
    "debug": Level.DEBUG,
}
_FIELD = re.compile(r"\.(?P<path>[A-Za-z_@$][\w@$.-]*)(?P<sign>!=|>=|<=|=|>|<)?(?P<value>\"[^\"]*\"?|\S*)")


class QueryRefused(ValueError):
    """The filter is not understood: the sentence says which part and why."""


class Query(msgspec.Struct, frozen=True):
    """A filter that was understood."""

    text: str
    least: Level | None = None
    groups: tuple[str, ...] = ()
    """Patterns; a line's group must be like one of them."""
    no_groups: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()

    def takes_group(self, name: str) -> bool:
        """Whether lines of a group may pass."""
        wanted = not self.groups or any(fnmatchcase(name, one) for one in self.groups)
        return wanted and not any(fnmatchcase(name, one) for one in self.no_groups)

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> Sequence[int]:
        """Those of `alive`, places in `texts`, whose text passes."""
        for term in self.terms:
            if not alive:
                break
            alive = term.select(texts, alive)
        return alive

    @property
    def steps(self) -> int:
        """Slow steps of its expressions so far."""
        return sum(term.regex.steps for term in self.terms if isinstance(term, Expression))

    def spans(self, text: str) -> Spans:
        """What in a line fulfils the filter, from left to right, without overlaps."""
        return joined(span for term in self.terms for span in term.spans(text))


def parse(text: str) -> Query | None:
    """The filter that `text` says; None of nothing but spaces. Raises QueryRefused."""
    least: Level | None = None
    groups: list[str] = []
    no_groups: list[str] = []
    terms: list[Term] = []
    for word, excludes, quote in _parts(text):
        name, colon, value = word.partition(":")
        if not quote and colon and name == "level":
            least = _level(value, excludes)
        elif not quote and colon and name == "group":
            if not value:
                raise QueryRefused("name a group behind group:")
            (no_groups if excludes else groups).append(value)
        else:
            terms.append(_term(word, excludes, quote))
    if least is None and not groups and not no_groups and not terms:
        return None
    # What costs least goes first: fewer lines are left for the rest.
    terms.sort(key=lambda term: (Words, Expression, Field).index(type(term)))
    return Query(text.strip(), least, tuple(groups), tuple(no_groups), tuple(terms))


def joined(spans: Iterable[tuple[int, int]]) -> Spans:
    """Spans in order, overlapping ones as one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _parts(text: str) -> Iterator[tuple[str, bool, str]]:
    """Each part: its text, whether it excludes, and the quote it stands in. A quote still open ends at the end."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        excludes = text[place] == "!" and place + 1 < len(text) and not text[place + 1].isspace()
        place += excludes
        quote = text[place] if text[place] in '"/' else ""
        if quote:
            end = _closing(text, place + 1, quote)
            word, place = text[place + 1 : end], end + 1
            if quote == "/" and text[place : place + 1] == "i":
                word, place = f"(?i){word}", place + 1
        else:
            end = place
            inside = False
            while end < len(text) and (inside or not text[end].isspace()):
                inside ^= text[end] == '"' and text[place] == "."
                end += 1
            word, place = text[place:end], end
        if word:
            yield word, excludes, quote


def _closing(text: str, place: int, quote: str) -> int:
    while place < len(text) and text[place] != quote:
        place += 2 if text[place] == "\\" and quote == "/" else 1
    return min(place, len(text))


def _level(value: str, excludes: bool) -> Level:
    found = _LEVELS.get(value.lower())
    if found is None or excludes:
        raise QueryRefused("write level:error, level:warn, level:info or level:debug: that and louder")
    return found


def _term(word: str, excludes: bool, quote: str) -> Term:
    if quote == "/":
        try:
            return Expression(Regex(word), excludes)
        except PatternRefused as error:
            raise QueryRefused(f"/{word}/: {error}") from error
    field = _FIELD.fullmatch(word) if not quote else None
    if field is None or (field["value"] and not field["sign"]):
        return Words(word, excludes)
    value, path = field["value"], tuple(field["path"].rstrip(".").split("."))
    if field["sign"] and not value:
        raise QueryRefused(f"a value is missing behind {field['sign']}")
    if not all(path):
        raise QueryRefused(f"a name is missing in .{field['path']}")
    if field["sign"] in (">", ">=", "<", "<=") and not _is_number(value):
        raise QueryRefused(f"{value} is no number: {field['sign']} compares numbers")
    return Field(path, field["sign"] or "", value.strip('"'), excludes)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
