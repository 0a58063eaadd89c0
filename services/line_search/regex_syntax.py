"""Regular expressions as text → tree. What is not taken is refused with a sentence that says where.

Taken: letters, `.`, classes `[a-z]` `[^…]` `\\d \\w \\s \\D \\W \\S`, groups `(…)` `(?:…)`, `|`, `* + ? {n} {n,} {n,m}`
(a lazy `?` behind them changes nothing about whether a line matches), `^ $ \\b \\B`, and `(?i)` at the beginning.
Refused: back references, look-around, possessive repetition: they cannot be told in one pass over the line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

REPEATS = 100
"""Largest number in braces."""

LONGEST = 500
"""Characters of a pattern."""

DEEPEST = 40
"""Groups inside each other."""


class PatternRefused(ValueError):
    """The pattern is not taken: the sentence says what, where and why."""


class Chars(msgspec.Struct, frozen=True):
    """One character of a set."""

    ranges: tuple[tuple[str, str], ...] = ()
    kinds: str = ""
    """Letters of `\\d`-like classes."""
    negated: bool = False
    fold: bool = False
    """Case does not count."""

    def has(self, character: str) -> bool:
        """Whether the set holds `character`."""
        forms = {character, character.lower(), character.upper()} if self.fold else (character,)
        return any(self._holds(form) for form in forms) != self.negated

    def _holds(self, character: str) -> bool:
        return any(low <= character <= high for low, high in self.ranges) or any(
            KINDS[kind](character) for kind in self.kinds
        )


class Cat(msgspec.Struct, frozen=True):
    """One after the other."""

    parts: tuple[Node, ...]


class Alt(msgspec.Struct, frozen=True):
    """One or the other."""

    options: tuple[Node, ...]


class Repeat(msgspec.Struct, frozen=True):
    """`low` to `high` times; `high` None: any number."""

    part: Node
    low: int
    high: int | None


class At(msgspec.Struct, frozen=True):
    """A place: `^`, `$`, `b` (a word's edge), `B` (no edge)."""

    kind: str


Node: TypeAlias = Chars | Cat | Alt | Repeat | At

KINDS: dict[str, Callable[[str], bool]] = {
    "d": str.isdecimal,
    "D": lambda one: not one.isdecimal(),
    "w": lambda one: one.isalnum() or one == "_",
    "W": lambda one: not (one.isalnum() or one == "_"),
    "s": str.isspace,
    "S": lambda one: not one.isspace(),
}
_ANY = Chars(negated=True)
_LETTERS = {"n": "␊", "t": "\t", "r": "␍", "f": "␌", "v": "␋"}
"""Control characters as they are shown: the lines were made safe where they entered."""


def parse(text: str) -> Node:
    """The tree of a pattern. Raises PatternRefused."""
    if len(text) > LONGEST:
        raise PatternRefused(f"the pattern is longer than {LONGEST} characters")
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._fold = text.startswith("(?i)")
        self._text = text
        self._at = 4 if self._fold else 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._alternatives()
        if self._at < len(self._text):
            raise self._refused("a ) without its (")
        return node

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _next(self) -> str:
        found = self._peek()
        self._at += 1
        return found

    def _refused(self, why: str) -> PatternRefused:
        return PatternRefused(f"{why}, at character {min(self._at, len(self._text)) + 1}")

    def _alternatives(self) -> Node:
        options = [self._sequence()]
        while self._peek() == "|":
            self._next()
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Alt(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Cat(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return part
        if isinstance(part, At):
            raise self._refused("a place such as ^ or \\b cannot be repeated")
        if self._peek() == "?":
            self._next()
        elif self._peek() == "+":
            raise self._refused("possessive repetition is not taken")
        if self._peek() in ("*", "?", "+"):
            raise self._refused("a repetition of a repetition needs a group")
        return Repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self._peek()
        if sign in simple:
            self._next()
            return simple[sign]
        return self._braces() if sign == "{" else None

    def _braces(self) -> tuple[int, int | None] | None:
        """`{2}`, `{2,}`, `{2,5}`, `{,5}`; anything else in braces is meant as it stands, as in JSON."""
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at + 1 : end].partition(",") if end > 0 else ("", "", "")
        numbers = [one for one in (low, high) if one]
        if not numbers or not all(one.isascii() and one.isdigit() for one in numbers):
            return None
        first = int(low) if low else 0
        last = (int(high) if high else None) if comma else first
        if max(first, last or 0) > REPEATS:
            raise self._refused(f"more than {REPEATS} repetitions")
        if last is not None and last < first:
            raise self._refused("the larger number of a repetition stands last")
        self._at = end + 1
        return first, last

    def _atom(self) -> Node:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign == ".":
            return _ANY
        if sign in "^$":
            return At(sign)
        if sign == "\\":
            return self._escape()
        if sign in "*+?":
            self._at -= 1
            raise self._refused(f"nothing stands before {sign}")
        return self._one(sign)

    def _one(self, character: str) -> Chars:
        return Chars(((character, character),), fold=self._fold)

    def _group(self) -> Node:
        if self._peek() == "?":
            if not self._text.startswith("?:", self._at):
                raise self._refused("only (…) and (?:…) are taken, and (?i) at the beginning")
            self._at += 2
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refused(f"more than {DEEPEST} groups inside each other")
        node = self._alternatives()
        if self._next() != ")":
            raise self._refused("a ( without its )")
        self._depth -= 1
        return node

    def _escape(self) -> Node:
        sign = self._next()
        if not sign:
            raise self._refused("nothing stands behind \\")
        if sign in KINDS:
            return Chars(kinds=sign, fold=self._fold)
        if sign in "bB":
            return At(sign)
        if sign in "AZ":
            return At("^" if sign == "A" else "$")
        return self._one(self._letter(sign))

    def _letter(self, sign: str) -> str:
        if sign in _LETTERS:
            return _LETTERS[sign]
        if sign.isascii() and sign.isalnum():
            raise self._refused(f"\\{sign} is not taken")
        return sign

    def _class(self) -> Node:
        negated = self._peek() == "^"
        if negated:
            self._next()
        ranges: list[tuple[str, str]] = []
        kinds = ""
        first = True
        while first or self._peek() != "]":
            first = False
            low, kind = self._member()
            kinds += kind
            if kind:
                continue
            high = low
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._next()
                high, kind = self._member()
                if kind or high < low:
                    raise self._refused("a range runs from a character to a later one")
            ranges.append((low, high))
        self._next()
        return Chars(tuple(ranges), kinds, negated, self._fold)

    def _member(self) -> tuple[str, str]:
        """A character of a class, or the letter of a kind."""
        sign = self._next()
        if not sign:
            raise self._refused("a [ without its ]")
        if sign != "\\":
            return sign, ""
        sign = self._next()
        if sign in KINDS:
            return "", sign
        return ("\b", "") if sign == "b" else (self._letter(sign), "")
