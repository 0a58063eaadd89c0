"""What cannot be seen, and why: said whenever nothing worse is known, for silence is no health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.model.assessment import Judgement, Node, State
from services.problems import Problem
from services.rules.log_silence import silent
from services.rules.reach import cut_off
from services.rules.view import View
from services.rules.words import clock, listed

_BLIND = 4
"""Severity of the silences that keep us from knowing (see State.severity)."""


def unseen(view: View, judgements: Mapping[str, Judgement], nodes: Sequence[Node]) -> str:
    """`Cannot see …: denied …`; empty when nothing is hidden from us."""
    silence = cut_off(view.situation)
    if silence is not None:
        since = clock(silence.since, view.now)
        return f"No answer since {since}: {silence.problem.message}. What is shown is from then"
    root = _root_problem(view)
    if root is not None:
        remedy = f". {root.remedy.removesuffix('.')}" if root.remedy else ""
        return f"Cannot see anything: {root.message.removesuffix('.')}{remedy}"
    hidden = [judgement for judgement in judgements.values() if judgement.state.severity == _BLIND]
    if hidden:
        alike = [judgement for judgement in hidden if _same_reason(judgement, hidden[0])]
        others = f"; {len(hidden) - len(alike)} more unseen" if len(hidden) > len(alike) else ""
        return f"Cannot see {listed([judgement.title for judgement in alike])}: {hidden[0].detail}{others}"
    stopped = silent(view)
    if stopped is not None:
        return f"Cannot see what {stopped.short} does: {stopped.sentence}"
    closed = [node for node in nodes if node.state.severity == _BLIND]
    if closed:
        why = closed[0].note or closed[0].state.value
        return f"Cannot see {listed([node.title for node in closed])}: {why}"
    return ""


def _same_reason(one: Judgement, other: Judgement) -> bool:
    """Whether one sentence is true of both: a refusal names the operation that was refused."""
    return one.state is other.state and (one.state is not State.DENIED or one.detail == other.detail)


def _root_problem(view: View) -> Problem | None:
    """Why nothing at all is known: who we are, or what the stack is made of, was never answered."""
    for reading in (view.situation.identity, view.situation.parts):
        if reading.problem is not None and view.situation.parts.value is None:
            return reading.problem
    return None
