"""Rows of styled text, and how they are cut, filled, set left and right, and wrapped. Pure; knows no terminal.

Span    a piece of text and the name of its style; the names are the component classes of widgets/picture.py
Row     spans side by side: one line of a picture
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len, set_cell_size


class Span(NamedTuple):
    """Text in one style. Data is never parsed for markup."""

    text: str
    style: str = ""


Row: TypeAlias = tuple[Span, ...]

ELLIPSIS = "…"

HARD = "\u00a0"
"""A space at which `wrap` never breaks; it becomes a plain space there."""

_TIED = re.compile(r"(?<=\d) (?=(?:%|ms|s|min|h|[KMG]B|\d{3})(?!\w))|(?<=[<>]) (?=\d)")
"""Spaces inside what is read as one: `< 1 %`, `120 ms`, `1 135`."""


def row(*spans: Span | str) -> Row:
    """A row; plain strings are unstyled."""
    return tuple(Span(span) if isinstance(span, str) else span for span in spans if span)


def cells(spans: Iterable[Span]) -> int:
    """Width in terminal cells."""
    return sum(cell_len(span.text) for span in spans)


def text_of(spans: Iterable[Span]) -> str:
    """The text alone."""
    return "".join(span.text for span in spans)


def cut_text(text: str, width: int) -> str:
    """At most `width` cells; what was cut ends in an ellipsis."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def squeeze_text(text: str, width: int) -> str:
    """At most `width` cells, the middle left out: names that are told apart by their ends stay apart."""
    if cell_len(text) <= width or width < 5:
        return cut_text(text, width)
    tail = (width - 1) // 2
    head = width - 1 - tail
    return set_cell_size(text, head) + ELLIPSIS + set_cell_size(text[::-1], tail)[::-1]


def cut(spans: Sequence[Span], width: int) -> Row:
    """At most `width` cells of a row; what was cut ends in an ellipsis in the style it was cut in."""
    if cells(spans) <= width:
        return tuple(spans)
    kept: list[Span] = []
    left = width
    for index, span in enumerate(spans):
        size = cell_len(span.text)
        more = index < len(spans) - 1
        if size < left or (size == left and not more):
            kept.append(span)
            left -= size
            continue
        piece = cut_text(span.text, left) if size > left else cut_text(span.text + " ", left)
        kept.append(Span(piece, span.style))
        break
    return tuple(span for span in kept if span.text)


def fit(spans: Sequence[Span], width: int, style: str = "") -> Row:
    """Exactly `width` cells: cut or filled with spaces in `style`."""
    shown = cut(spans, width)
    missing = width - cells(shown)
    return (*shown, Span(" " * missing, style)) if missing > 0 else shown


def spread(left: Sequence[Span], right: Sequence[Span], width: int, gap: int = 1) -> Row:
    """`left` at the left end and `right` at the right end of `width` cells; `left` gives way, `right` stays whole."""
    right = cut(right, width)
    used = cells(right)
    room = width - used - (gap if used else 0)
    start = cut(left, max(0, room))
    return (*start, Span(" " * (width - used - cells(start))), *right)


def centred(spans: Sequence[Span], width: int) -> Row:
    """In the middle of `width` cells."""
    shown = cut(spans, width)
    before = (width - cells(shown)) // 2
    return fit((Span(" " * before), *shown), width)


def wrap(spans: Iterable[Span], width: int, hang: int = 0) -> list[Row]:
    """Broken at spaces into rows of at most `width` cells; later rows are indented by `hang`.

    A word wider than a row is broken where it has to be: nothing is left out.
    """
    width = max(1, width)
    hang = hang if hang + 2 <= width else 0
    rows: list[list[Span]] = [[]]
    room = width
    for word in _words(spans):
        size = cells(word)
        blank = all(not span.text.strip(" ") for span in word)
        if blank and not text_of(rows[-1]).strip():
            if len(rows) == 1 and size < room:  # the indent of the first row is meant
                rows[-1].extend(word)
                room -= size
            continue
        if size > room and not blank and text_of(rows[-1]).strip():
            rows.append([Span(" " * hang)] if hang else [])
            room = width - hang
        if blank and size > room:
            continue
        while size > room:
            if room >= cell_len(word[0].text[0]) or room == width:
                piece, word = _split(word, room)
                rows[-1].extend(piece)
            rows.append([Span(" " * hang)] if hang else [])
            room, size = width - hang, cells(word)
        rows[-1].extend(word)
        room -= size
    return [_merged(_trimmed(one)) for one in rows]


def columns(texts: Iterable[str]) -> int:
    """Width of the widest."""
    return max((cell_len(text) for text in texts), default=0)


def _words(spans: Iterable[Span]) -> Iterable[list[Span]]:
    """Runs of non-spaces (which may change style inside) and runs of spaces, in turn."""
    word: list[Span] = []
    blank = False
    for span in spans:
        start, text = 0, _TIED.sub(HARD, span.text)
        for index, character in enumerate(text):
            if (character == " ") != blank:
                if index > start:
                    word.append(Span(text[start:index], span.style))
                if word:
                    yield word
                word, start, blank = [], index, character == " "
        if start < len(text):
            word.append(Span(text[start:], span.style))
    if word:
        yield word


def _split(word: list[Span], width: int) -> tuple[list[Span], list[Span]]:
    """The first `width` cells of `word`, at least one character, and the rest."""
    head: list[Span] = []
    for index, span in enumerate(word):
        taken = 0
        for character in span.text:
            size = cell_len(character)
            if size > width and (head or taken):
                break
            width -= size
            taken += 1
        if taken:
            head.append(Span(span.text[:taken], span.style))
        if taken < len(span.text):
            return head, [Span(span.text[taken:], span.style), *word[index + 1 :]]
    return head, []


def _trimmed(spans: list[Span]) -> list[Span]:
    while spans and not spans[-1].text.strip(" ") and len(spans) > 1:
        spans.pop()
    return spans


def _merged(spans: list[Span]) -> Row:
    merged: list[Span] = []
    for span in spans:
        if merged and merged[-1].style == span.style:
            merged[-1] = Span(merged[-1].text + span.text, span.style)
        else:
            merged.append(span)
    return tuple(Span(span.text.replace(HARD, " "), span.style) for span in merged)
