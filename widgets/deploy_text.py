"""Paragraphs of spans: the head of the deployments, and one entry in full."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.hideable import Hideable
from widgets.sheet import Sheet
from widgets.spans import Row, cut, wrap


class DeployText(Sheet, Hideable):
    """Shows rows, broken at spaces where they are too long."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._paragraphs: tuple[Row, ...] = ()
        self._brief = False

    def show(self, rows: Sequence[Row], *, brief: bool = False) -> None:
        """Show these rows; `brief`: a line each, cut and not broken."""
        self._paragraphs, self._brief = tuple(rows), brief
        self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        if self._brief:
            return [cut(row, width) for row in self._paragraphs]
        return [line for row in self._paragraphs for line in (wrap(row, width, hang=2) if row else [()])]
