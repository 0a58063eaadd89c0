"""The list that is left when a rollback has ended: the five checks, who was told."""

from __future__ import annotations

from services.model.validation import Finding, Validation
from widgets.charset import Charset
from widgets.spans import Row, Span, wrap

_TITLE = 10


def validation_rows(found: Validation, width: int, charset: Charset) -> list[Row]:
    """One line a check with its evidence, and what a key still has to do; rows of at most `width` cells."""
    signs = {
        Finding.OK: (charset.done, "ok"),
        Finding.FAIL: (charset.failed, "crit"),
        Finding.WAITS: (charset.todo, "faint"),
    }
    rows: list[Row] = [(), (Span(" Validation", "muted"),)]
    for one in found.checks:
        sign, style = signs[one.finding]
        loud = "crit" if one.finding is Finding.FAIL else ""
        rows += _line(sign, style, one.title, f"{one.finding.value}  {one.text}", loud, width)
    rows += _person(bool(found.validated), "Validated", found.validated or _missing(found), width, charset)
    told = found.told or "m copies the message for the stakeholders"
    return rows + _person(bool(found.told), "Told", told, width, charset)


def _missing(found: Validation) -> str:
    waiting = ", ".join(one.title for one in found.open)
    return f"not yet: {waiting}" if waiting else "all five are well"


def _person(done: bool, title: str, text: str, width: int, charset: Charset) -> list[Row]:
    sign, style = (charset.done, "ok") if done else (charset.todo, "faint")
    return _line(sign, style, title, text, "", width)


def _line(sign: str, style: str, title: str, text: str, loud: str, width: int) -> list[Row]:
    spans = [Span(f" {sign} ", style), Span(f"{title:<{_TITLE}}", "strong"), Span(text, loud)]
    return wrap(spans, width, hang=3 + _TITLE)
