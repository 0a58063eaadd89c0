"""One line of the log pane as spans: time, group, level, text, request. Pure."""

from __future__ import annotations

from rich.cells import set_cell_size

from services.model.logs import Level
from widgets import log_wording
from widgets.log_ring import Row as LogRow
from widgets.spans import Row, Span, cells, cut_text

LEVEL_STYLES = {
    Level.ERROR: ("crit", ""),
    Level.WARN: ("warn", ""),
    Level.INFO: ("muted", "muted"),
    Level.DEBUG: ("faint", "faint"),
    Level.REPORT: ("accent", "muted"),
    Level.NONE: ("faint", "muted"),
}
"""Level → style of the level's word, of the text."""

LATE = "↺"
LEVEL_WIDTH = 6
REQUEST_FROM = 72
"""Cells of width from which on the request id is shown."""
GROUP_FROM = 36
GROUP_WIDEST = 10
_REQUEST_WIDTH = 10


def log_row(line: LogRow, width: int, group_width: int) -> Row:
    """At most `width` cells; the text is what gives way, and what is cut of it ends in an ellipsis."""
    word, style = LEVEL_STYLES[line.level]
    spans = [
        Span(_second(line.at), "faint"),
        Span(LATE if line.late else " ", "elevated"),
    ]
    if width >= GROUP_FROM and group_width:
        spans.append(Span(set_cell_size(line.group, group_width) + " ", "muted"))
    spans.append(Span(f"{line.level.value:<{LEVEL_WIDTH}} ", word))
    room = width - cells(spans)
    tail: Span | None = None
    if line.request and width >= REQUEST_FROM:
        tail = Span("  " + set_cell_size(log_wording.short_request(line.request), _REQUEST_WIDTH - 2), "faint")
        room -= _REQUEST_WIDTH
    text = cut_text(log_wording.summary(line.text), max(0, room))
    spans.append(Span(text, style))
    if tail is not None:
        spans.append(Span(" " * max(0, room - cells(spans[-1:])), style))
        spans.append(tail)
    return tuple(spans)


def _second(at: int) -> str:
    """UTC, `03:11:40`."""
    second = at // 1000 % 86_400
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
