"""Paragraphs of spans: the head of the deployments, and one entry in full."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.hideable import Hideable
from widgets.sheet import Sheet
from widgets.spans import Row, Span, cut, wrap


class DeployText(Sheet, Hideable):
    """Shows rows, broken at spaces where they are too long."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._paragraphs: tuple[Row, ...] = ()
        self._most = 0

    def show(self, rows: Sequence[Row], *, most: int = 0) -> None:
        """Show these rows, each in at most so many lines, of which the last is cut; 0: in as many as it needs."""
        self._paragraphs, self._most = tuple(rows), most
        self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        return [line for row in self._paragraphs for line in self._lines(row, width)]

    def _lines(self, row: Row, width: int) -> list[Row]:
        lines: list[Row] = [*wrap(row, width, hang=2)] if row else [()]
        if not self._most or len(lines) <= self._most:
            return lines
        last = [span for line in lines[self._most - 1 :] for span in (*line, Span(" "))]
        return [*lines[: self._most - 1], cut(last, width)]
