"""The health score as a gauge of a few cells beside its number. Pure."""

from __future__ import annotations

from services.model.assessment import State
from services.model.health_score import Score
from widgets.bar import bar
from widgets.charset import UNICODE, Charset
from widgets.spans import Row, Span
from widgets.states import style

CELLS = 5
LOW, FULL = 60, 100


def look(value: float | None) -> str:
    """The style of a score made of the tiles: a tile that is CRIT takes it down to 60."""
    if value is None or value >= FULL:
        return "strong"
    return style(State.CRIT if value <= LOW else State.WARN)


def gauge(score: Score, charset: Charset = UNICODE) -> Row:
    """`health ███▌░ 70`; `~70` when it is made of the tiles, the account defining none."""
    how = "accent" if score.own else look(score.value)
    figure = f"{score.value:.3g}" if score.own else f"~{score.value:.0f}"
    full = bar(score.value / FULL, CELLS, how if how != "strong" else "ok", charset)
    return (Span("health ", "muted"), *full, Span(f" {figure}", "strong" if how == "accent" else how))
