"""The hardening checks below the row that opened them: a check a line, then what each is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.model.assessment import State
from services.model.hardening import Finding, Verdict
from widgets import wording
from widgets.spans import Row, Span, row
from widgets.states import SIGNS, style

_NAME, _VERDICT = 14, 8
_STATES = {
    Verdict.OK: State.OK,
    Verdict.WARN: State.WARN,
    Verdict.FAIL: State.CRIT,
    Verdict.UNREAD: State.UNVERIFIED,
}


def finding_rows(findings: Sequence[Finding], asked: datetime) -> tuple[Row, ...]:
    """Paragraphs: the checks first, what is marked next, the rest of what was found after it."""
    return (*(_check(one) for one in findings), row(Span(_asked(asked), "faint")), *_details(findings))


def _check(finding: Finding) -> Row:
    state = _STATES[finding.verdict]
    return row(
        Span(f"{SIGNS[state]} ", style(state)),
        Span(f"{finding.name:<{_NAME}} ", "strong"),
        Span(f"{finding.verdict.value:<{_VERDICT}} ", style(state)),
        Span(finding.sentence),
    )


def _details(findings: Sequence[Finding]) -> Iterator[Row]:
    for finding in findings:
        state = _STATES[finding.verdict]
        for line in finding.lines:
            if line.marked:
                yield row(Span("▲ ", style(state)), Span(line.text, style(state)))
    for finding in findings:
        others = [str(line.text).strip() for line in finding.lines if not line.marked]
        if others:
            yield row(Span(f"{finding.name}: ", "muted"), Span("; ".join(others), "muted"))


def _asked(at: datetime) -> str:
    return f"asked {wording.second(at)}Z · enter asks again · PgDn the rest, where there is more"
