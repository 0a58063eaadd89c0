"""What a pattern's program makes of a character: the instructions it can stand at, bits of one number. Pure."""

from __future__ import annotations

from services.line_search.regex_program import Op
from services.line_search.regex_syntax import Chars

START, WORD, OTHER, END = 0, 1, 2, 0
"""What stands before a place, and behind it."""


class Steps:
    """A program, followed from character to character; what was worked out once is kept."""

    def __init__(self, program: list[Op]) -> None:
        self._program = program
        self._match = len(program) - 1
        self._sets = [(1 << index, op.chars) for index, op in enumerate(program) if op.chars is not None]
        self._takes: dict[str, int] = {}
        self._closures: dict[tuple[int, int, int], tuple[int, bool]] = {}
        self._places = any(op.at for op in program)

    def kind(self, character: str) -> int:
        """What `character` is to a place beside it; the same for all where the pattern names no place."""
        return WORD if self._places and (character.isalnum() or character == "_") else OTHER

    def before(self, text: str, place: int) -> int:
        """What stands before a place of `text`."""
        return self.kind(text[place - 1]) if place else START if self._places else OTHER

    def reached(self, bits: int, before: int, behind: int) -> tuple[int, bool]:
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

    def taking(self, character: str) -> int:
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


def _is_at(kind: str, before: int, behind: int) -> bool:
    if kind == "^":
        return before == START
    if kind == "$":
        return behind == END
    return ((before == WORD) != (behind == WORD)) == (kind == "b")
