"""How a state looks: a word, a sign and a colour. Never a colour alone."""

from __future__ import annotations

from services.model.assessment import State
from widgets.spans import Span

SIGNS = {
    State.OK: "●",
    State.ELEVATED: "◆",
    State.WARN: "▲",
    State.CRIT: "✖",
    State.NO_TRAFFIC: "○",
    State.NO_DATA: "∅",
    State.NOT_ENABLED: "⊘",
    State.DENIED: "⊗",
    State.UNVERIFIED: "?",
    State.LATE: "◷",
    State.STALE: "◌",
    State.WAITING: "…",
}
"""One for each state, no two alike: readable without colour."""

_STYLES = {State.OK: "ok", State.ELEVATED: "elevated", State.WARN: "warn", State.CRIT: "crit"}

WIDEST_WORD = max(len(state.value) for state in State)
"""Cells the longest state word takes: columns of states line up."""

STATE_CLASSES = ("-ok", "-elevated", "-warn", "-crit", "-silent")


def style(state: State) -> str:
    """The style name: `ok`, `elevated`, `warn`, `crit`, and `silent` for every silence."""
    return _STYLES.get(state, "silent")


def state_class(state: State) -> str:
    """The one class a widget carries for its state, for stylesheets."""
    return f"-{style(state)}"


def sign(state: State) -> Span:
    """The sign in its colour."""
    return Span(SIGNS[state], style(state))


def word(state: State) -> Span:
    """Sign and word: `▲ WARN`; CRIT and WARN stand in a block of their colour: they are to be seen first."""
    text = f"{SIGNS[state]} {state.value}"
    if state in (State.CRIT, State.WARN):
        return Span(f" {text} ", f"badge-{style(state)}")
    return Span(text, style(state))
