"""Readiness, a row a check: what is in the way first to the eye, and under it what lifts it."""

from __future__ import annotations

from services.model.assessment import State
from services.model.readiness import Answer, Check, Readiness
from widgets.sheet import Sheet
from widgets.spans import Row, Span, wrap
from widgets.states import SIGNS, style

LAYER = 16
NAME = 13
ANSWER = 13

STATES = {
    Answer.YES: State.OK,
    Answer.CAREFUL: State.WARN,
    Answer.UNKNOWN: State.UNVERIFIED,
    Answer.NO: State.CRIT,
}
"""Whose sign and colour an answer has."""


class ReadinessView(Sheet):
    """Shows a Readiness."""

    DEFAULT_CSS = """
    ReadinessView { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._readiness: Readiness | None = None

    def show(self, readiness: Readiness) -> None:
        """Show what is known now."""
        if readiness != self._readiness:
            self._readiness = readiness
            self.redraw()

    def all_rows(self, width: int) -> list[Row]:
        return [] if self._readiness is None else readiness_rows(self._readiness, width)


def readiness_rows(readiness: Readiness, width: int) -> list[Row]:
    """The sentence, then every layer; rows of at most `width` cells."""
    rows = wrap(_sentence(readiness), width)
    for layer in readiness.layers:
        for index, check in enumerate(layer.checks):
            rows += _row(layer.name if index == 0 else "", check, width)
    return rows


def _sentence(readiness: Readiness) -> list[Span]:
    blockers = readiness.blockers
    if blockers:
        return [Span(f"{SIGNS[State.CRIT]} {len(blockers)} in the way of a rollback", style(State.CRIT))]
    unknown = sum(check.answer is Answer.UNKNOWN for layer in readiness.layers for check in layer.checks)
    rest = f"; {unknown} not known" if unknown else ""
    return [Span(f"{SIGNS[State.OK]} nothing known is in the way of a rollback{rest}", style(State.OK))]


def _row(layer: str, check: Check, width: int) -> list[Row]:
    state = STATES[check.answer]
    look = style(state)
    hang = LAYER + ANSWER + NAME if width >= 90 else ANSWER
    head = [Span(f"{SIGNS[state]} {check.answer.value:<{ANSWER - 2}}", look)]
    if width >= 90:
        head = [Span(f"{layer:<{LAYER}}", "title"), *head, Span(f"{check.name:<{NAME}}", "muted")]
    else:
        head += [Span(f"{layer}: " if layer else "", "title"), Span(f"{check.name}  ", "muted")]
    rows = wrap([*head, Span(check.said, look if check.answer is Answer.NO else "")], width, hang)
    if check.remedy and check.answer is not Answer.YES:
        rows += wrap([Span(" " * hang), Span(check.remedy, "accent")], width, hang)
    return rows
