"""A regular expression that reads each character of a line once, whatever the pattern and the line.

The program's states are bits of one number. Sets of them become the states of an automaton, made when they are first
come to and kept while there are few: a line is then one look into a table for each character. The automaton's state
is that table itself, so that the loop over a line holds nothing else.
"""

from __future__ import annotations

from typing import Any

from services.line_search.regex_program import Op, beginning, compiled, literals
from services.line_search.regex_syntax import Chars, parse

STATES = 2_000
"""States that are kept; beyond them all are forgotten and made anew."""

FOLLOWERS = 128
"""Characters that a state remembers the next state of."""

_START, _WORD, _OTHER, _END = 0, 1, 2, 0
"""What stands before a place, and behind it."""

_META, _HITS = -1, -2
"""Keys that no character has: a state's bits and what stood before it; the characters before which a match ends."""

State = dict[Any, Any]
"""Character → next state."""


class Regex:
    """A compiled pattern. Raises PatternRefused for what is not taken."""

    def __init__(self, pattern: str) -> None:
        tree = parse(pattern)
        self._program = compiled(tree)
        self._match = len(self._program) - 1
        self._fold = pattern.startswith("(?i)")
        found = literals(tree)
        self._needles = tuple(one.lower() for one in found) if self._fold else found
        self._begins = beginning(self._program)
        self._sets = [(1 << index, op.chars) for index, op in enumerate(self._program) if op.chars is not None]
        self._takes: dict[str, int] = {}
        self._closures: dict[tuple[int, int, int], tuple[int, bool]] = {}
        self._states: dict[tuple[int, int], State] = {}
        self.steps = 0
        """Steps so far that no table knew: each costs about fifty of the others."""

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        if self._needles and not self._has_needles(text):
            return False
        begin = 0
        if self._begins is not None:
            found = self._begins.search(text)
            if found is None:
                return False
            begin = found.start()
        state = self._state(1, _before(text, begin))
        step = self._step
        rest = iter(text[begin:] if begin else text)
        while True:
            try:
                for character in rest:
                    state = state[character]
                break
            except KeyError:
                following = step(state, character)
                if following is None:
                    return True
                state = following
        bits, before = state[_META]
        return self._reached(bits, before, _END)[1]

    def spans(self, text: str, most: int = 40) -> list[tuple[int, int]]:
        """Where it matches, from left to right, each as long as it goes; for the few lines that are looked at."""
        found: list[tuple[int, int]] = []
        place = 0
        while place < len(text) and len(found) < most:
            begin = self._begins.search(text, place) if self._begins is not None else None
            if self._begins is not None:
                if begin is None:
                    break
                place = begin.start()
            end = self._longest(text, place)
            if end > place:
                found.append((place, end))
            place = max(end, place + 1)
        return found

    def _longest(self, text: str, begin: int) -> int:
        """Where the longest match that begins at `begin` ends; `begin` itself when none does."""
        bits, before, end = 1, _before(text, begin), begin
        for place in range(begin, len(text)):
            character = text[place]
            kind = _kind(character)
            reach, matches = self._reached(bits, before, kind)
            if matches:
                end = place
            bits, before = (reach & self._taking(character)) << 1, kind
            if not bits:
                return end
        return len(text) if self._reached(bits, before, _END)[1] else end

    def _has_needles(self, text: str) -> bool:
        """Whether the texts stand in it that every match holds: what costs next to nothing goes first."""
        if self._fold:
            if not text.isascii():
                return True
            text = text.lower()
        for needle in self._needles:  # noqa: SIM110 - called for every line: a generator would cost as much as all else
            if needle not in text:
                return False
        return True

    def _state(self, bits: int, before: int) -> State:
        state = self._states.get((bits, before))
        if state is None:
            if len(self._states) >= STATES:
                self._states = {}
            state = self._states[bits, before] = {_META: (bits, before), _HITS: set()}
        return state

    def _step(self, state: State, character: str) -> State | None:
        """The state behind `character`, which is new to `state`; None: a match has ended before it."""
        if character in state[_HITS]:
            return None
        self.steps += 1
        bits, before = state[_META]
        kind = _kind(character)
        reach, matches = self._reached(bits, before, kind)
        if matches:
            state[_HITS].add(character)
            return None
        following = self._state((reach & self._taking(character)) << 1 | 1, kind)
        if len(state) < FOLLOWERS:
            state[character] = following
        return following

    def _reached(self, bits: int, before: int, behind: int) -> tuple[int, bool]:
        """The instructions that wait for a character, and whether a match ends here."""
        reach, matches = 0, False
        while bits:
            low = bits & -bits
            bits ^= low
            mask, ends = self._closure(low.bit_length() - 1, before, behind)
            reach |= mask
            matches = matches or ends
        return reach, matches

    def _closure(self, start: int, before: int, behind: int) -> tuple[int, bool]:
        key = (start, before, behind)
        known = self._closures.get(key)
        if known is not None:
            return known
        mask, seen, todo = 0, set[int](), [start]
        while todo:
            index = todo.pop()
            if index in seen:
                continue
            seen.add(index)
            op: Op = self._program[index]
            if op.chars is not None:
                mask |= 1 << index
            elif op.at and _is_at(op.at, before, behind):
                todo.append(index + 1)
            todo.extend(op.goes)
        known = self._closures[key] = mask, self._match in seen
        return known

    def _taking(self, character: str) -> int:
        """The instructions that take `character`."""
        mask = self._takes.get(character)
        if mask is None:
            if len(self._takes) > 4_096:
                self._takes = {}
            answers: dict[Chars, bool] = {}
            mask = 0
            for bit, chars in self._sets:
                if chars not in answers:
                    answers[chars] = chars.has(character)
                mask |= bit if answers[chars] else 0
            self._takes[character] = mask
        return mask


def _kind(character: str) -> int:
    return _WORD if character.isalnum() or character == "_" else _OTHER


def _before(text: str, place: int) -> int:
    return _kind(text[place - 1]) if place else _START


def _is_at(kind: str, before: int, behind: int) -> bool:
    if kind == "^":
        return before == _START
    if kind == "$":
        return behind == _END
    return ((before == _WORD) != (behind == _WORD)) == (kind == "b")
