"""A regular expression that reads each character of a line once, whatever the pattern and the line.

The program's states are bits of one number. Sets of them become the states of an automaton, made when they are first
come to and kept while there are few: a line is then one look into a table for each character. The automaton's state
is that table itself, so that the loop over a line holds nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any

from services.line_search.regex_program import beginning, compiled, literals, options
from services.line_search.regex_steps import END, Steps
from services.line_search.regex_syntax import parse
from services.line_search.regex_table import Table, plain
from services.line_search.regex_tabling import tabled

STATES = 2_000
"""States that are kept; beyond them all are forgotten and made anew."""

MANY = 64
"""Lines that are worth a table: fewer are read one by one."""

FOLLOWERS = 128
"""Characters that a state remembers the next state of."""

_META, _HITS = -1, -2
"""Keys that no character has: a state's bits and what stood before it; the characters before which a match ends."""

State = dict[Any, Any]
"""Character → next state."""


class Regex:
    """A compiled pattern. Raises PatternRefused for what is not taken."""

    def __init__(self, pattern: str) -> None:
        tree = parse(pattern)
        program = compiled(tree)
        self._tree = tree
        self._fold = pattern.startswith("(?i)")
        self._needles = self._folded(literals(tree))
        self._options = self._folded(options(tree))
        self._begins = beginning(program)
        self._followed = Steps(program)
        self._states: dict[tuple[int, int], State] = {}
        self._table: Table | None = None
        self._tried = False
        """A table was tried to be made, which not every pattern has."""
        self.steps = 0
        """Steps so far that no table knew: each costs about fifty of the others."""

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        if (self._needles or self._options) and not self._has_needles(text):
            return False
        begin = 0
        if self._begins is not None:
            found = self._begins.search(text)
            if found is None:
                return False
            begin = found.start()
        state = self._state(1, self._followed.before(text, begin))
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
        return self._followed.reached(bits, before, END)[1]

    def select(self, texts: Sequence[str], alive: Sequence[int]) -> list[int]:
        """Those of `alive`, places in `texts`, where it matches: many lines at once where there is a table for it."""
        search = self.search
        if len(alive) < MANY or (self._tried and self._table is None):
            return [place for place in alive if search(texts[place])]
        left = self._possible(texts, alive)
        if len(left) >= MANY and not self._tried:
            self._table, self._tried = tabled(self._tree, self._followed), True
        if len(left) < MANY or self._table is None:
            return [place for place in left if search(texts[place])]
        known = [texts[place] for place in left]
        if all(map(str.isascii, known)):
            return list(compress(left, self._table.matching(known)))
        spelled = [plain(text) for text in known]
        flags = iter(self._table.matching([text for text in spelled if text is not None]))
        return [
            place
            for place, text, spelt in zip(left, known, spelled, strict=True)
            if (search(text) if spelt is None else next(flags))
        ]

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
        bits, before, end = 1, self._followed.before(text, begin), begin
        for place in range(begin, len(text)):
            character = text[place]
            kind = self._followed.kind(character)
            reach, matches = self._followed.reached(bits, before, kind)
            if matches:
                end = place
            bits, before = (reach & self._followed.taking(character)) << 1, kind
            if not bits:
                return end
        return len(text) if self._followed.reached(bits, before, END)[1] else end

    def _folded(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one.lower() for one in texts) if self._fold else texts

    def _possible(self, texts: Sequence[str], alive: Sequence[int]) -> Sequence[int]:
        """Those of `alive` where a match is possible, as far as Python's own search can tell."""
        if self._needles or self._options:
            alive = [place for place in alive if self._has_needles(texts[place])]
        if self._begins is None:
            return alive
        begins = self._begins.search
        return [place for place in alive if begins(texts[place])]

    def _has_needles(self, text: str) -> bool:
        """Whether the texts stand in it that every match holds: what costs next to nothing goes first."""
        if self._fold:
            if not text.isascii():
                return True
            text = text.lower()
        for needle in self._needles:
            if needle not in text:
                return False
        if not self._options:
            return True
        for option in self._options:  # noqa: SIM110 - likewise
            if option in text:
                return True
        return False

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
        kind = self._followed.kind(character)
        reach, matches = self._followed.reached(bits, before, kind)
        if matches:
            state[_HITS].add(character)
            return None
        following = self._state((reach & self._followed.taking(character)) << 1 | 1, kind)
        if len(state) < FOLLOWERS:
            state[character] = following
        return following
