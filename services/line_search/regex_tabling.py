"""A program → the table that takes a block of lines at once, where it is small enough for bytes. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from services.line_search.regex_backwards import backwards, ends_fixed
from services.line_search.regex_program import compiled
from services.line_search.regex_steps import END, Steps
from services.line_search.regex_syntax import Node
from services.line_search.regex_table import PAD, SYMBOLS, Table, WideTable

Rows = list[list[int]]
"""For each state the next one by class of character; the last class is the line's end."""

_NO, _YES = 0, 1
"""The first two states of any automaton: neither is ever left."""


STATES = 256
"""Most states of a table; a few more may be made at first, for those that come to the same are told apart then."""

CLASSES = 32
"""Most classes of characters where a state needs all of a byte: each that stands in a column costs a pass over it."""


def tabled(tree: Node, steps: Steps) -> Table | None:
    """The pattern as a table, read forwards or backwards; None where neither automaton is small enough for bytes.

    What only matches at a line's end is decided there, mostly after a few characters, where reading from the beginning
    has to bear every possible beginning of a match in mind.
    """
    reverse = Steps(compiled(backwards(tree)))
    ways = ((steps, False), (reverse, True))
    late = ends_fixed(tree) and not ends_fixed(backwards(tree))
    return next(filter(None, (table_of(one, back=back) for one, back in (ways[::-1] if late else ways))), None)


def table_of(steps: Steps, *, back: bool, narrow: int = STATES) -> Table | None:
    """The program as a table, one whose states share their bytes if they are at most `narrow`."""
    classes, examples = _classes(steps)
    rows, start = _automaton(steps, examples, 2 * STATES)
    kinds, shift = len(examples) + 1, len(examples).bit_length()
    narrow = min(narrow, 256 >> shift)
    if len(rows) <= 2 * narrow or len(rows) > STATES:
        rows, start = _merged(rows, start)
    if rows and len(rows) <= narrow:
        return _narrow(classes, rows, start, shift, back)
    if not rows or len(rows) > STATES or kinds > CLASSES:
        return None
    by_class = tuple(bytes(row[kind] for row in rows).ljust(256, b"\0") for kind in range(kinds))
    alone = tuple(bytes(255 * (one == kind) for one in range(256)) for kind in range(kinds))
    return WideTable(classes, b"", _YES, start, back, by_class, alone)


def _narrow(classes: bytes, rows: Rows, start: int, shift: int, back: bool) -> Table:
    """State and class in one byte."""
    follows = bytearray(256)
    for state, row in enumerate(rows):
        for kind, target in enumerate(row):
            follows[state << shift | kind] = target << shift
    return Table(classes, bytes(follows), _YES << shift, start << shift, back)


def _classes(steps: Steps) -> tuple[bytes, list[str]]:
    """The class of each byte, and a character of each class: those that no instruction tells apart are one."""
    places: dict[tuple[int, int], int] = {}
    classes = bytearray(256)
    for code, symbol in enumerate(SYMBOLS):
        classes[code] = places.setdefault((steps.taking(symbol), steps.kind(symbol)), len(places))
    classes[ord(PAD)] = len(places)
    return bytes(classes), [SYMBOLS[classes.index(place)] for place in range(len(places))]


def _automaton(steps: Steps, examples: Sequence[str], most: int) -> tuple[Rows, int]:
    """Every state that can be come to, and the first; no rows when they are more than `most`."""
    ends = len(examples)
    rows: Rows = [[_NO] * (ends + 1), [_YES] * (ends + 1)]
    known = {(1, steps.before("", 0)): len(rows)}
    todo = list(known)
    for bits, before in todo:
        row = []
        for example in examples:
            kind = steps.kind(example)
            reach, matches = steps.reached(bits, before, kind)
            state = ((reach & steps.taking(example)) << 1 | 1, kind)
            if not matches and state not in known:
                known[state] = len(known) + 2
                todo.append(state)
            row.append(_YES if matches else known[state])
        rows.append([*row, _YES if steps.reached(bits, before, END)[1] else _NO])
        if len(known) > most:
            return [], 0
    return rows, 2


def _merged(rows: Rows, start: int) -> tuple[Rows, int]:
    """The same with states as one that nothing tells apart: they are split until every follower agrees."""
    blocks = [int(state == _YES) for state in range(len(rows))]
    while True:
        kinds: dict[tuple[int, ...], int] = {}
        split = [
            kinds.setdefault((blocks[state], *(blocks[target] for target in row)), len(kinds))
            for state, row in enumerate(rows)
        ]
        if max(split, default=0) == max(blocks, default=0):
            break
        blocks = split
    merged = {blocks[state]: [blocks[target] for target in row] for state, row in enumerate(rows)}
    return [merged[block] for block in range(len(merged))], blocks[start] if rows else 0
