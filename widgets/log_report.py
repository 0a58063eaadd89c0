"""What found lines add up to, as a table above them: a sentence, a heading, the first rows and how many there are."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.model.insights import Cell
from widgets.hideable import Hideable
from widgets.log_table import table
from widgets.spans import Row, Span, cut_text

MOST_ROWS, FEW_ROWS = 6, 3
"""Rows of the table that are shown, and in a terminal of few rows."""

TALL = 34
"""From so many rows of the terminal on MOST_ROWS are shown."""


class LogTable(msgspec.Struct, frozen=True):
    """A sentence and a table."""

    sentence: str
    fields: tuple[str, ...]
    rows: Sequence[Sequence[Cell]] = ()


class LogReport(Hideable):
    """Shows a LogTable."""

    DEFAULT_CSS = """
    LogReport { height: auto; width: 1fr; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._table = LogTable("", ())

    def show(self, found: LogTable) -> None:
        """Show another table."""
        self._table = found
        self.redraw()
        self.refresh(layout=True)

    def needed_height(self, width: int) -> int:
        return len(self._drawn(width))

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return self._drawn(width)[:height]

    def _drawn(self, width: int) -> list[Row]:
        found = self._table
        drawn: list[Row] = [(Span(cut_text(found.sentence, width), "strong"),)]
        if not found.rows:
            return drawn
        most = MOST_ROWS if self.app.size.height >= TALL else FEW_ROWS
        heading, lines = table(found.fields, found.rows, width)
        drawn.append((Span(heading, "faint"),))
        drawn += [(Span(line),) for line in lines[:most]]
        if len(lines) > most:
            drawn.append((Span(f"… and {len(lines) - most} more", "muted"),))
        return drawn
