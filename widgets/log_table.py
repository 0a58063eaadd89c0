"""A table among the log screen's lists: columns as wide as they need, numbers to the right, a heading. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.model.insights import Cell
from widgets.spans import Span as Piece
from widgets.spans import columns, cut_text, fit, squeeze_text, text_of

WIDEST = 48
"""Most cells of a column that is not the last."""

GAP = "  "


def table(fields: Sequence[str], rows: Sequence[Sequence[Cell]], width: int) -> tuple[str, list[str]]:
    """The heading and a line for each row, each in at most `width` cells."""
    shown = [[told(value) for value in row] for row in rows]
    numeric = [all(isinstance(row[place], float | None) for row in rows) for place in range(len(fields))]
    wide = [
        min(WIDEST, max(columns([name]), columns(row[place] for row in shown))) for place, name in enumerate(fields)
    ]
    if wide:  # the last one has what is left
        wide[-1] = max(8, width - sum(wide[:-1]) - len(GAP) * (len(wide) - 1))
    return _line(fields, wide, numeric, width), [_line(row, wide, numeric, width) for row in shown]


def told(value: Cell) -> str:
    """One value: instants as UTC, whole numbers without a point, `-` for none."""
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.2f}"
    return value


def _line(cells: Sequence[str], wide: Sequence[int], numeric: Sequence[bool], width: int) -> str:
    found = []
    for place, (cell, room) in enumerate(zip(cells, wide, strict=True)):
        last = place == len(wide) - 1
        if numeric[place] and not last:
            found.append(cut_text(cell, room).rjust(room))
        elif last:
            found.append(cut_text(cell, room))
        else:
            found.append(text_of(fit([Piece(squeeze_text(cell, room))], room)))
    return cut_text(GAP.join(found), width)
