"""Paragraphs of spans: the head of the deployments, and one entry in full."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.hideable import Hideable
from widgets.spans import Row, cut, wrap


class DeployText(Hideable):
    """Shows rows, broken at spaces where they are too long; at most `most` rows, all of them for 0."""

    def __init__(self, *, most: int = 0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Row, ...] = ()
        self._most = most

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows, each broken where it has to be."""
        self._rows = tuple(rows)
        self.redraw()

    def needed_height(self, width: int) -> int:
        return len(self._all(width))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._all(width)

    def _all(self, width: int) -> list[Row]:
        if self._most:
            return [cut(row, width) for row in self._rows[: self._most]]
        return [line for row in self._rows for line in (wrap(row, width, hang=2) if row else [()])]
