"""What a called function answered: error or none, the body, and the end of its log."""

from __future__ import annotations

from collections.abc import Mapping

from services.model.entry import Operation, Phase
from services.safe_text import safe
from widgets.spans import Row, Span, wrap

LABEL = 15


def answer_rows(operation: Operation, width: int) -> list[Row]:
    """Rows of at most `width` cells; none for an operation that called nothing, or had no answer."""
    replies = (entry.data for entry in reversed(operation.entries) if entry.phase is Phase.REPLY)
    told = next((data for data in replies if "body" in data and "log" in data), None)
    if told is None:
        return []
    error = str(told.get("error") or "")
    rows = _part("StatusCode", [Span(str(told.get("status", "")))], width)
    rows += _part("FunctionError", [Span(error or "none", "crit" if error else "ok")], width)
    rows += _part("Executed", [Span(_version(told))], width)
    rows += _part("Body", [Span(str(told["body"]) or "empty")], width)
    log = told["log"]
    lines = [str(line) for line in log if str(line)] if isinstance(log, list | tuple) else []
    for place, line in enumerate(lines or ["none came back"]):
        rows += _part("Log tail" if place == 0 else "", [Span(safe(line), "muted")], width)
    return [(), *rows]


def _version(told: Mapping[str, object]) -> str:
    version = str(told.get("version") or "unknown")
    return f"v{version}" if version.isdigit() else version


def _part(label: str, spans: list[Span], width: int) -> list[Row]:
    return wrap([Span(f" {label:<{LABEL}}", "muted"), *spans], width, hang=LABEL + 1)
