"""Many lines at once: a small automaton as a table of bytes, followed column by column through a block of lines.

A line's state and the class of its next character share a byte, so that one `bytes.translate` takes hundreds of lines a
character further, at a sixth of what a look into a dictionary costs for each. Every character is read once, as before.
An automaton with more states has a byte for the state alone, and one such table for each of a few classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import msgspec

COLUMNS = 128
"""Characters of a line that are laid side by side in one go."""

_ROWS = 512
"""Lines in one go: what the processor's cache holds of them."""

_OFTEN = 16
"""Columns between two looks at whether every line is decided."""

NEWLINE, PAD = "␊", "\xff"
"""What a line's own newline is shown as, and the byte behind a line's end."""

_SHORT = "\x80"
"""A newline as a byte."""

SYMBOLS = (*map(chr, range(128)), NEWLINE)
"""The characters that a table knows; the place of each is its byte."""

_NO = 0
"""The state that no match comes out of."""


class Table(msgspec.Struct, frozen=True):
    """An automaton that fits into bytes."""

    classes: bytes
    """Byte of a character → its class."""
    follows: bytes
    """State and class → next state, in the upper bits."""
    yes: int
    """The state behind a match, which is never left."""
    start: int
    backwards: bool = False
    """It reads lines from their end: the automaton is that of the pattern read so."""

    def matching(self, texts: Sequence[str]) -> bytes:
        """One byte for each text, all of them `plain`: 1 where the pattern matches."""
        return b"".join(self._block(texts[first : first + _ROWS]) for first in range(0, len(texts), _ROWS))

    def _block(self, texts: Sequence[str]) -> bytes:
        if self.backwards:
            texts = [text[::-1] for text in texts]
        found = bytearray(len(texts))
        rows: Sequence[int] = range(len(texts))
        states, begin = bytes([self.start]) * len(texts), 0
        decided = bytes((_NO, self.yes))
        is_yes = bytes(state == self.yes for state in range(256))
        is_open = bytes(state not in decided for state in range(256))
        while rows:
            cut = [texts[row][begin : begin + COLUMNS] for row in rows]
            wide = min(COLUMNS, max(map(len, cut)) + 1)
            states = self._walk(states, "".join([one.ljust(wide, PAD) for one in cut]), wide)
            for row in compress(rows, states.translate(is_yes)):
                found[row] = 1
            rows = list(compress(rows, states.translate(is_open)))
            states = states.translate(None, decided)
            begin += COLUMNS
        return bytes(found)

    def _walk(self, states: bytes, text: str, wide: int) -> bytes:
        """The states of the rows of `text`, each `wide` characters, behind its last column."""
        raw, decided = text.encode("latin-1").translate(self.classes), bytes((_NO, self.yes))
        for column in range(wide):
            states = self._step(states, raw[column::wide])
            if not column % _OFTEN and not states.translate(None, decided):
                break
        return states

    def _step(self, states: bytes, kinds: bytes) -> bytes:
        """Every row a character further: `kinds` has the class of each one's."""
        # No byte carries into the next: a state has the upper bits, a class the lower ones.
        both = int.from_bytes(states, "little") | int.from_bytes(kinds, "little")
        return both.to_bytes(len(states), "little").translate(self.follows)


class WideTable(Table, frozen=True):
    """One whose states have all of a byte."""

    by_class: tuple[bytes, ...] = ()
    """For each class: state → next state."""
    alone: tuple[bytes, ...] = ()
    """For each class: byte of a class → all bits where it is that one."""

    def _step(self, states: bytes, kinds: bytes) -> bytes:
        many, whole = len(states), 0
        if kinds.count(kinds[0]) == many:  # as in most columns of lines that are alike
            return states.translate(self.by_class[kinds[0]])
        for kind, follows in enumerate(self.by_class):
            if kind in kinds:
                here = int.from_bytes(kinds.translate(self.alone[kind]), "little")
                whole |= int.from_bytes(states.translate(follows), "little") & here
        return whole.to_bytes(many, "little")


def plain(text: str) -> str | None:
    """The text in characters that a table knows; None: it has others, and is read by itself."""
    if text.isascii():
        return text
    return text.replace(NEWLINE, _SHORT) if text.replace(NEWLINE, "").isascii() else None
