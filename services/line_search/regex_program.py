"""A pattern's tree as a program: instructions in a row, a character's next one always the one behind it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from services.line_search.regex_syntax import Alt, At, Cat, Chars, Node, PatternRefused, Repeat

LARGEST = 400
"""Instructions: what a step of the search costs at most, in bits."""

PREFIX = 4
"""First characters of a match that are looked for before anything else."""
_WIDE = 8


class Op(msgspec.Struct):
    """One instruction: a character, a place, or up to two places to go on at."""

    chars: Chars | None = None
    at: str = ""
    goes: tuple[int, ...] = ()


def compiled(tree: Node) -> list[Op]:
    """The program; its last instruction is the match. Raises PatternRefused when it grows too large."""
    program: list[Op] = []
    _emit(tree, program)
    program.append(Op())
    return program


def _emit(node: Node, program: list[Op]) -> None:
    if len(program) > LARGEST:
        raise PatternRefused("the pattern is too large: fewer or smaller repetitions")
    if isinstance(node, Chars):
        program.append(Op(chars=node))
    elif isinstance(node, At):
        program.append(Op(at=node.kind))
    elif isinstance(node, Cat):
        for part in node.parts:
            _emit(part, program)
    elif isinstance(node, Alt):
        _emit_options(node, program)
    else:
        _emit_repeat(node, program)


def _emit_options(node: Alt, program: list[Op]) -> None:
    ends: list[Op] = []
    for option in node.options[:-1]:
        start, split = len(program), Op()
        program.append(split)
        _emit(option, program)
        ends.append(Op())
        program.append(ends[-1])
        split.goes = (start + 1, len(program))
    _emit(node.options[-1], program)
    for end in ends:
        end.goes = (len(program),)


def _emit_repeat(node: Repeat, program: list[Op]) -> None:
    for _ in range(node.low):
        _emit(node.part, program)
    if node.high is None:
        start, split = len(program), Op()
        program.append(split)
        _emit(node.part, program)
        program.append(Op(goes=(start,)))
        split.goes = (start + 1, len(program))
        return
    splits: list[tuple[int, Op]] = []
    for _ in range(node.high - node.low):
        splits.append((len(program), Op()))
        program.append(splits[-1][1])
        _emit(node.part, program)
    for start, split in splits:
        split.goes = (start + 1, len(program))


NEEDLES = 4
OPTIONS = 8


def literals(node: Node) -> tuple[str, ...]:
    """Texts that every match holds, the longest first; empty when none can be named."""
    return tuple(sorted(set(_literals(node)), key=len, reverse=True)[:NEEDLES])


def _literals(node: Node) -> Iterator[str]:
    if isinstance(node, Repeat):
        if node.low:
            yield from _literals(node.part)
        return
    parts = node.parts if isinstance(node, Cat) else (node,) if isinstance(node, Chars) else ()
    run = ""
    for part in parts:
        if isinstance(part, Chars) and not part.kinds and not part.negated and _single(part):
            run += part.ranges[0][0]
            continue
        if run:
            yield run
        run = ""
        if isinstance(part, (Cat, Repeat)):
            yield from _literals(part)
    if run:
        yield run


def options(node: Node) -> tuple[str, ...]:
    """Texts of which every match holds at least one; empty when they cannot be named, or are too many or too short."""
    if isinstance(node, Repeat):
        return options(node.part) if node.low else ()
    if isinstance(node, Cat):
        return max(
            (options(part) for part in node.parts), key=lambda found: min(map(len, found), default=0), default=()
        )
    if not isinstance(node, Alt):
        return ()
    found: list[str] = []
    for option in node.options:
        named = max(literals(option)[:1], options(option), key=_shortest)
        if not named:
            return ()
        found += named
    return tuple(dict.fromkeys(found)) if len(found) <= OPTIONS else ()


def _shortest(texts: tuple[str, ...]) -> int:
    return min(map(len, texts), default=0)


def _single(chars: Chars) -> bool:
    return len(chars.ranges) == 1 and chars.ranges[0][0] == chars.ranges[0][1]


def beginning(program: list[Op]) -> re.Pattern[str] | None:
    """A pattern of a fixed number of single characters with which every match begins; None: nothing can be said.

    Python's own engine looks for it, at its own speed: without repetition it cannot go astray.
    """
    here, steps = _reach(program, {0}), []
    for _ in range(PREFIX):
        if len(program) - 1 in here:
            break
        sets = {program[index].chars for index in here} - {None}
        if not sets or len(sets) > _WIDE or any(one.fold for one in sets if one is not None):
            break
        steps.append("(?:" + "|".join(sorted(_spelled(one) for one in sets if one is not None)) + ")")
        here = _reach(program, {index + 1 for index in here if program[index].chars is not None})
    return re.compile("".join(steps), re.DOTALL) if steps else None


def _reach(program: list[Op], start: set[int]) -> set[int]:
    """Everything that can be come to without a character, places taken as given."""
    found: set[int] = set()
    todo = list(start)
    while todo:
        index = todo.pop()
        if index in found:
            continue
        found.add(index)
        op = program[index]
        if op.at:
            todo.append(index + 1)
        todo.extend(op.goes)
    return found


def _spelled(chars: Chars) -> str:
    if not chars.ranges and not chars.kinds:
        return "." if chars.negated else "(?!)"
    inside = "".join(f"{re.escape(low)}-{re.escape(high)}" for low, high in chars.ranges)
    return f"[{'^' if chars.negated else ''}{inside}{''.join(chr(92) + kind for kind in chars.kinds)}]"
