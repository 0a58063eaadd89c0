"""The evidence beside the limits, in a row or two: what is good, what is waited for, what speaks against it."""

from __future__ import annotations

from rich.cells import cell_len

from services.model.entry import Operation, Phase
from services.model.evidence import Bearing, pieces_in
from widgets.charset import UNICODE, Charset
from widgets.spans import HARD, Row, Span, wrap

_STYLES = {Bearing.BAD: "crit", Bearing.WAITS: "warn", Bearing.UNREAD: "warn", Bearing.DENIED: "warn",
           Bearing.SAID: "muted"}  # fmt: skip

INDENT, SIGN, GAP = 3, 2, 3
"""Cells before the pieces, of a sign with its space, and between two pieces."""


def evidence_rows(operation: Operation, width: int, charset: Charset = UNICODE) -> list[Row]:
    """`✓ latency 118 ms, yesterday 121 ms   ✓ /health 200 JSON   ✓ no new error shape`: a piece is never broken where
    a row can hold it."""
    told = next((one for one in reversed(operation.entries) if one.phase in (Phase.VERIFYING, Phase.DONE)), None)
    pieces = pieces_in(told.data) if told is not None else ()
    spans: list[Span] = [Span(" " * INDENT)]
    for place, piece in enumerate(pieces):
        style = _STYLES.get(piece.bearing, "")
        whole = cell_len(piece.text) + SIGN + INDENT <= width
        spans.append(Span(" " * GAP if place else ""))
        spans.append(Span(f"{_sign(piece.bearing, charset)}{HARD}", style or "ok"))
        spans.append(Span(piece.text.replace(" ", HARD) if whole else piece.text, style))
    return wrap(spans, width, hang=INDENT) if pieces else []


def _sign(bearing: Bearing, charset: Charset) -> str:
    """No state by colour alone."""
    if bearing is Bearing.GOOD:
        return charset.done
    if bearing is Bearing.BAD:
        return charset.failed
    return "▲" if bearing is not Bearing.SAID else charset.todo
