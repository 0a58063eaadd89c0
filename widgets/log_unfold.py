"""A line as a whole: JSON set out with its names apart, anything else in its own lines. Pure.

JSON is set out from the text itself and not from what it means: numbers stay as they were written and escaped
characters stay escaped.
"""

from __future__ import annotations

import re

import msgspec

from services.safe_text import safe
from widgets.spans import Row, Span, wrap

_NEWLINE = "␊"
_MEMBER = re.compile(r'(\s*)("(?:[^"\\]|\\.)*")(: )(.*)')

MOST_ROWS = 400


def unfolded(text: str, width: int) -> list[Row]:
    """Rows of at most `width` cells. Total: any text, any width."""
    pretty = _set_out(text)
    rows: list[Row] = []
    for line in pretty.split("\n") if pretty is not None else text.split(_NEWLINE):
        if len(rows) >= MOST_ROWS:
            rows.append((Span("… more; y copies the whole line", "faint"),))
            break
        indent = len(line) - len(line.lstrip(" "))
        rows += wrap(_spans(line) if pretty is not None else [Span(line)], width, hang=min(indent + 2, width // 3))
    return rows


def _set_out(text: str) -> str | None:
    """JSON over several lines; None: it is none."""
    start = text.find("{")
    if start < 0 or start > 200:
        return None
    head, body = text[:start].rstrip(), text[start:]
    for candidate in (body, body.replace(_NEWLINE, "\n")):
        try:
            msgspec.json.decode(candidate)
            pretty = msgspec.json.format(candidate, indent=2)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            continue
        safely = "\n".join(safe(line, 100_000) for line in pretty.split("\n"))
        return f"{head}\n{safely}" if head else safely
    return None


def _spans(line: str) -> list[Span]:
    """Names stand out from values by their weight as well as by their colour."""
    found = _MEMBER.fullmatch(line)
    if found is None:
        return [Span(line, "muted" if line.strip(" ,") in ("{", "}", "[", "]") else "")]
    return [Span(found[1]), Span(found[2], "key"), Span(found[3], "muted"), Span(found[4])]
