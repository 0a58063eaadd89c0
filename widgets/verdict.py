"""One sentence: what is broken, since when, after what, and which key puts it right."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.model.assessment import State, Verdict
from services.safe_text import SafeText
from widgets.picture import Picture
from widgets.spans import HARD, Row, Span, wrap
from widgets.states import SIGNS, STATE_CLASSES, state_class, style


class VerdictBar(Picture):
    """Shows a Verdict; wraps where it has to and is never cut: its height is what it needs."""

    DEFAULT_CSS = """
    VerdictBar { height: auto; min-height: 1; background: $panel; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._verdict: Verdict | None = None

    def show(self, verdict: Verdict) -> None:
        """Show `verdict`."""
        if verdict == self._verdict:
            return
        self._verdict = verdict
        wanted = state_class(verdict.state)
        for name in STATE_CLASSES:
            self.set_class(name == wanted, name)
        self.redraw()

    def needed_height(self, width: int) -> int:
        return len(verdict_rows(self._verdict, width)) if self._verdict else 1

    def draw(self, width: int, height: int) -> Sequence[Row]:
        return fitted_rows(self._verdict, width, height) if self._verdict else []


def fitted_rows(verdict: Verdict, width: int, height: int) -> list[Row]:
    """The verdict in at most `height` rows: where a stylesheet gives less than is needed, the sentence loses words
    from its end; state, key and remedy stay."""
    rows = verdict_rows(verdict, width)
    words = verdict.sentence.split(" ")
    while len(rows) > height and len(words) > 1:
        words.pop()
        shorter = SafeText(" ".join(words).rstrip(".,;") + "…")
        rows = verdict_rows(msgspec.structs.replace(verdict, sentence=shorter), width)
    return rows


def verdict_rows(verdict: Verdict, width: int) -> list[Row]:
    """The verdict in rows of at most `width` cells; later rows are set under the sentence."""
    name = style(verdict.state)
    badge = Span(f" {SIGNS[verdict.state]} {verdict.state.value} ", f"badge-{name}")
    loud = verdict.state in (State.CRIT, State.WARN)
    hang = len(badge.text) + 2
    spans = [Span(verdict.sentence, "strong" if loud else "")]
    if verdict.key:
        spans += [Span("  "), Span(f"{HARD}{verdict.key}{HARD}", "key-cap"), Span(" "), Span(verdict.remedy)]
    room = width - hang - 1
    if room < 20:
        return wrap([badge, Span("  "), *spans], width)
    body = wrap(spans, room)
    indent = Span(" " * hang)
    return [(badge, Span("  "), *body[0])] + [(indent, *line) for line in body[1:]]
