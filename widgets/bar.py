"""A bar that fills from the left, in eighths of a cell. Pure."""

from __future__ import annotations

from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span


def bar(done: float, width: int, style: str = "accent", charset: Charset = UNICODE) -> Row:
    """Exactly `width` cells, `done` of them (0..1) full; not quite full before it is, not quite empty once begun."""
    eighths = round(max(0.0, min(1.0, done)) * width * 8)
    if 0 < done < 1:
        eighths = max(1, min(width * 8 - 1, eighths))
    whole, part = divmod(eighths, 8)
    full = charset.bar[8] * whole + (charset.bar[part] if part else "")
    if full.endswith(" "):
        full = full[:-1]
    return (Span(full, style), Span(charset.shade * (width - len(full)), "faint"))
