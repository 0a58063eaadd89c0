"""What a filter is made of. A term takes the lines that are left and gives those that it lets through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Protocol

import msgspec

from services.line_search.fields import document, value_at
from services.line_search.regex import Regex

Spans = list[tuple[int, int]]


class Term(Protocol):
    """A condition on the text of a line."""

    @property
    def excludes(self) -> bool: ...

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> list[int]:
        """Those of `alive`, places in `texts`, that fulfil it."""
        ...

    def spans(self, text: str) -> Spans:
        """What in a line fulfils it."""
        ...


class Words(msgspec.Struct, frozen=True):
    """A piece of text. Without a capital letter in it, case does not count."""

    text: str
    excludes: bool = False

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> list[int]:
        word = self.text
        if self._any_case:
            if self.excludes:
                return [index for index in alive if word not in texts[index].lower()]
            return [index for index in alive if word in texts[index].lower()]
        if self.excludes:
            return [index for index in alive if word not in texts[index]]
        return [index for index in alive if word in texts[index]]

    def spans(self, text: str) -> Spans:
        where = text.lower() if self._any_case else text
        if self.excludes or len(where) != len(text):
            return []
        found: Spans = []
        place = where.find(self.text)
        while place >= 0:
            found.append((place, place + len(self.text)))
            place = where.find(self.text, place + len(self.text))
        return found

    @property
    def _any_case(self) -> bool:
        return self.text == self.text.lower()


class Expression(msgspec.Struct, frozen=True):
    """A regular expression."""

    regex: Regex
    excludes: bool = False

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> list[int]:
        found = self.regex.select(texts, alive)
        if not self.excludes:
            return found
        matching = set(found)
        return [index for index in alive if index not in matching]

    def spans(self, text: str) -> Spans:
        return [] if self.excludes else self.regex.spans(text)


class Field(msgspec.Struct, frozen=True):
    """A field of a JSON line, or of a REPORT line, compared. `sign` empty: it is there."""

    path: tuple[str, ...]
    sign: str
    value: str
    excludes: bool = False

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> list[int]:
        holds, excludes = self.holds, self.excludes
        inside = next((f'"{name}"' for name in reversed(self.path) if not name.isdigit()), "")
        return [
            index
            for index in alive
            if ((inside in texts[index] or texts[index].startswith("REPORT ")) and holds(texts[index])) != excludes
        ]

    def spans(self, text: str) -> Spans:
        return []  # what is compared stands in the short form of the line, under no name

    def holds(self, text: str) -> bool:
        """Whether the line's field compares as it should; a line without the field never does."""
        found: Mapping[str, Any] | None = document(text)
        if found is None:
            return False
        value = value_at(found, self.path)
        if not self.sign:
            return value is not None
        return value is not None and _compares(value, self.sign, self.value)


_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


def _compares(value: Any, sign: str, wanted: str) -> bool:
    number, limit = _number(value), _number(wanted)
    if number is not None and limit is not None:
        return _NUMBERS[sign](number, limit)
    if sign not in ("=", "!="):
        return False
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return (fnmatchcase(text, _literal(wanted)) if "*" in wanted else text == wanted) == (sign == "=")


def _literal(wanted: str) -> str:
    """`*` alone stands for any text."""
    return wanted.replace("[", "[[]").replace("?", "[?]")


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 40:
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
