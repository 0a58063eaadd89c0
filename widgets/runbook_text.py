"""The runbook's text as a person reads it: headings set off, commands as they are, what was searched for marked.

The words are the document's; only Markdown's own signs for bold and fences are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.model.runbook import Runbook
from widgets.picture import Picture
from widgets.spans import Row, Span, columns, fit, text_of, wrap

_LINK = re.compile(r"\[([^\]]+)\]\(#[^)]*\)")
"""A link inside the document: its section stands in the list beside it."""


class RunbookText(Picture):
    """Shows the whole document; what scrolls it is around it."""

    DEFAULT_CSS = """
    RunbookText { height: auto; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._runbook: Runbook | None = None
        self._words: tuple[str, ...] = ()
        self._at = 0
        self._made: tuple[object, list[Row], list[int]] = (None, [], [])

    def show(self, runbook: Runbook | None, words: tuple[str, ...] = (), at: int = 0) -> None:
        """The document, with lines that have all of `words` marked; the one with the number `at` most of all."""
        if (runbook, words, at) != (self._runbook, self._words, self._at):
            self._runbook, self._words, self._at = runbook, words, at
            self.redraw()

    def row_of(self, line: int) -> int:
        """The row on which a line of the document begins."""
        starts = self._all(self.size.width)[1]
        return starts[min(line, len(starts)) - 1] if starts and line > 0 else 0

    def needed_height(self, width: int) -> int:
        return max(1, len(self._all(width)[0]))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._all(width)[0]

    def _all(self, width: int) -> tuple[list[Row], list[int]]:
        key = (id(self._runbook), self._words, self._at, width)
        if self._made[0] != key:
            lines = self._runbook.lines if self._runbook is not None else ()
            rows, starts = text_rows(lines, self._words, self._at, width)
            self._made = (key, rows, starts)
        return self._made[1], self._made[2]


def found(lines: Sequence[str], words: tuple[str, ...]) -> tuple[int, ...]:
    """Numbers, from 1, of the lines that have all of `words`, in any case."""
    if not words:
        return ()
    return tuple(number for number, line in enumerate(lines, 1) if all(one in line.casefold() for one in words))


def text_rows(lines: Sequence[str], words: tuple[str, ...], at: int, width: int) -> tuple[list[Row], list[int]]:
    """The rows, and for each line of the document the row on which it begins."""
    rows: list[Row] = []
    starts: list[int] = []
    hits = frozenset(found(lines, words))
    tables = _columns(lines, width - 4)
    fenced = False
    for number, line in enumerate(lines, 1):
        starts.append(len(rows))
        fence = line.lstrip().startswith("```")
        if fence:
            fenced = not fenced
            continue
        spans = _spans(line, fenced, tables.get(number, ()))
        if number in hits:
            spans = [Span("▸ ", "accent-strong") if number == at else Span("  "), *_marked(spans, words)]
        elif line:
            spans = [Span("    " if fenced else "  "), *spans]
        rows += wrap(spans, width, hang=4) if line else [()]
    return rows, starts


def _columns(lines: Sequence[str], width: int) -> dict[int, tuple[int, ...]]:
    """Line numbers of tables → the widths of their columns; a table that is too wide is left out."""
    found: dict[int, tuple[int, ...]] = {}
    block: list[int] = []
    for number, line in enumerate([*lines, ""], 1):
        if line.startswith("|"):
            block.append(number)
        elif block:
            cells = [_cells(lines[one - 1]) for one in block]
            count = max(len(one) for one in cells)
            widths = tuple(
                columns(one[at] for one in cells if at < len(one) and not _ruled(one)) for at in range(count)
            )
            if sum(widths) + 2 * len(widths) <= width:
                found |= dict.fromkeys(block, widths)
            block = []
    return found


def _cells(line: str) -> list[str]:
    return [part.strip().replace("**", "") for part in line.strip().strip("|").split("|")]


def _ruled(cells: Sequence[str]) -> bool:
    """Whether a row of a table is the line under its head."""
    return all(set(one) <= set("-:") for one in cells)


def _table(line: str, widths: Sequence[int]) -> list[Span]:
    cells = _cells(line)
    if _ruled(cells):
        return [Span("─" * (sum(widths) + 2 * len(widths) - 2 if widths else 20), "faint")]
    if not widths:
        return [Span(" | ".join(cells))]
    shown = [text_of(fit((Span(cell),), size)) for cell, size in zip(cells, widths, strict=False)]
    return [Span(shown[0], "strong"), *(Span(f"  {one}") for one in shown[1:])]


def _spans(line: str, fenced: bool, widths: Sequence[int]) -> list[Span]:
    if fenced:
        return [Span(line, "muted" if line.lstrip().startswith("#") else "accent")]
    if line.startswith("#"):
        level = len(line) - len(line.lstrip("#"))
        return [Span(line.lstrip("# "), "accent-strong" if level < 3 else "strong")]
    if line.strip() == "---":
        return [Span("─" * 20, "faint")]
    if line.startswith("|"):
        return _table(line, widths)
    return _bold(_LINK.sub(r"\1", line))


def _bold(text: str) -> list[Span]:
    return [Span(part, "strong" if place % 2 else "") for place, part in enumerate(text.split("**")) if part]


def _marked(spans: list[Span], words: tuple[str, ...]) -> list[Span]:
    """The words that were searched for, wherever they stand in the line."""
    marked: list[Span] = []
    for text, style in spans:
        place = 0
        while place < len(text):
            at, size = min(
                ((start, len(one)) for one in words if (start := text.casefold().find(one, place)) >= 0),
                default=(len(text), 0),
            )
            if at > place:
                marked.append(Span(text[place:at], style))
            if size:
                marked.append(Span(text[at : at + size], "match"))
            place = at + size if size else len(text)
    return marked
