"""A checklist below what it is ticked by: how much is done, each item with what ticked it."""

from __future__ import annotations

from services.model.checklists import ListState, Standing
from widgets.charset import Charset
from widgets.spans import Row, Span, wrap


def checklist_rows(found: ListState, closed: str, width: int, charset: Charset) -> list[Row]:
    """Its title with the count, an item a line; rows of at most `width` cells. `closed`: when and by whom it was."""
    signs = {
        Standing.OPEN: (charset.todo, "faint"),
        Standing.HALF: (charset.marker, "warn"),
        Standing.DONE: (charset.done, "ok"),
        Standing.WAIVED: (charset.done, "elevated"),
    }
    count = f"{len(found.items) - found.left} of {len(found.items)}"
    told = f"closed as complete {closed}" if closed else "c closes it as complete"
    rows: list[Row] = [(), *wrap([Span(f" {found.title}  {count}  ", "muted"), Span(told, "muted")], width, hang=1)]
    for item in found.items:
        sign, style = signs[item.standing]
        waived = "waived  " if item.standing is Standing.WAIVED else ""
        spans = [Span(f" {sign} ", style), Span(item.text), Span(f"  {waived}{item.told}", "muted")]
        rows += wrap(spans, width, hang=3)
    return rows
