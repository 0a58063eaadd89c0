"""What a program wrote while it ran, the newest lines of it."""

from __future__ import annotations

from services.model.entry import Operation, Phase
from widgets.spans import Row, Span, wrap

MOST = 12
"""Lines that are shown; the journal has them all."""


def output_rows(operation: Operation, width: int) -> list[Row]:
    """A line each; nothing where no program was run."""
    lines: list[str] = []
    for entry in operation.entries:
        told = entry.data.get("output")
        if entry.phase is Phase.OUTPUT and isinstance(told, list):
            lines += [str(one) for one in told]
    if not lines:
        return []
    left_out = len(lines) - MOST
    head = f" Output, its last {MOST} of {len(lines)} lines" if left_out > 0 else " Output"
    rows: list[Row] = [(), (Span(head, "muted"),)]
    for line in lines[-MOST:]:
        rows += wrap([Span("   "), Span(line)], width, hang=3)
    return rows
