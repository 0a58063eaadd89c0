"""The verdict: one sentence that a tired person can read. The worst thing first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.model.assessment import Judgement, Node, State, Verdict
from services.model.changes import Change
from services.problems import Problem
from services.rules import underway
from services.rules.stacks import stack_state
from services.rules.suspects import after, last_change, remedy, suspect
from services.rules.view import View
from services.rules.words import clock, figure, listed
from services.safe_text import safe

KEY_METRICS = ("api.latency", "api.errors", "table.throttles", "lambda.duration", "edge.4xx")
"""The runbook's five, lines 94-98."""

_FIRST = ("api.errors", "lambda.errors", "api.latency", "table.throttles", "lambda.duration", "edge.4xx")
"""What is told first when several are equally bad: what users feel, then what causes it."""

_BLIND = 4
"""Severity of the silences that keep us from knowing (see State.severity)."""


def verdict(
    view: View, judgements: Mapping[str, Judgement], nodes: Sequence[Node], changes: Sequence[Change]
) -> Verdict:
    """An operation of ours first; then what is broken, what cannot be seen, what is awaited; then calm."""
    found = judgements.values()
    worst = max(
        [judgement.state for judgement in found] + [node.state for node in nodes],
        key=lambda state: state.severity,
        default=State.WAITING,
    )
    told = underway.verdict(view.situation, found, worst, view.now)
    if told is not None:
        return told
    for state in (State.CRIT, State.WARN):
        leading = _leading(judgements, state)
        if leading is not None:
            return _breach(view, leading, changes, _unseen(view, judgements, nodes))
        broken = [_component(view, node) for node in nodes if node.state is state]
        stack = view.situation.stack.value
        if stack is not None and stack_state(stack.status) is state:
            broken.insert(0, f"Stack: {stack.status}" + (f", {stack.reason}" if stack.reason else ""))
        if broken:
            return Verdict(state, safe("; ".join(broken[:2])))
    blind = _unseen(view, judgements, nodes)
    if blind:
        return Verdict(worst, safe(blind))
    waiting = [judgements[key].title for key in KEY_METRICS if judgements[key].state is State.WAITING]
    if waiting:
        return Verdict(State.WAITING, safe(f"Waiting for the first answers: {listed(waiting)}"))
    leading = _leading(judgements, State.ELEVATED)
    if leading is not None:
        return _breach(view, leading, changes, "")
    return _calm(view, judgements, changes)


def _component(view: View, node: Node) -> str:
    ringing = [alarm for alarm in view.situation.alarms.value or () if alarm.state == "ALARM"]
    if node.key != "cloudwatch" or not ringing:
        return f"{node.title}: {node.note or node.state}"
    first = min(ringing, key=lambda alarm: (alarm.since is None, alarm.since))
    since = f" since {clock(first.since, view.now)}" if first.since is not None else ""
    return f"Alarm {first.name}{since}" + (f" and {len(ringing) - 1} more in alarm" if len(ringing) > 1 else "")


def _leading(judgements: Mapping[str, Judgement], state: State) -> Judgement | None:
    order = [*(key for key in _FIRST if key in judgements), *(key for key in judgements if key not in _FIRST)]
    return next((judgements[key] for key in order if judgements[key].state is state), None)


def _breach(view: View, judgement: Judgement, changes: Sequence[Change], blind: str) -> Verdict:
    shown = "" if judgement.value is None else f" {figure(judgement.value, judgement.unit)}"
    sentence = f"{judgement.title}{shown}"
    blamed = None
    if judgement.since is None:
        sentence += f" ({judgement.detail})" if judgement.detail else ""
    else:
        sentence += f" since {clock(judgement.since, view.now)}"
        blamed = suspect(judgement.since, changes, judgement.key, judgement.chart_period)
        if blamed is not None:
            sentence += f", {after(blamed, judgement.since)}"
        elif view.situation.events.value is not None:
            sentence += ", no change in the hour before"
    key, does = remedy(view.situation, judgement, blamed, view.thresholds)
    if blind:
        sentence += f". {blind}"
    return Verdict(judgement.state, safe(sentence), judgement.since, blamed, key, safe(does))


def _unseen(view: View, judgements: Mapping[str, Judgement], nodes: Sequence[Node]) -> str:
    """`Cannot see …: denied …`; empty when nothing is hidden from us."""
    root = _root_problem(view)
    if root is not None:
        remedy = f". {root.remedy.removesuffix('.')}" if root.remedy else ""
        return f"Cannot see anything: {root.message.removesuffix('.')}{remedy}"
    hidden = [judgement for judgement in judgements.values() if judgement.state.severity == _BLIND]
    if hidden:
        alike = [judgement for judgement in hidden if judgement.state is hidden[0].state]
        others = f"; {len(hidden) - len(alike)} more unseen" if len(hidden) > len(alike) else ""
        return f"Cannot see {listed([judgement.title for judgement in alike])}: {hidden[0].detail}{others}"
    closed = [node for node in nodes if node.state.severity == _BLIND]
    if closed:
        why = closed[0].note or closed[0].state.value
        return f"Cannot see {listed([node.title for node in closed])}: {why}"
    return ""


def _root_problem(view: View) -> Problem | None:
    """Why nothing at all is known: who we are, or what the stack is made of, was never answered."""
    for reading in (view.situation.identity, view.situation.parts):
        if reading.problem is not None and view.situation.parts.value is None:
            return reading.problem
    return None


def _calm(view: View, judgements: Mapping[str, Judgement], changes: Sequence[Change]) -> Verdict:
    key_metrics = [judgements[key] for key in KEY_METRICS]
    normal = [judgement for judgement in key_metrics if judgement.state is State.OK]
    quiet = [judgement for judgement in key_metrics if judgement.state is not State.OK]
    if not normal:
        sentence = f"Nothing to judge: {listed([f'{one.title} {one.state}' for one in quiet], 5)}"
        return Verdict(max((one.state for one in quiet), key=lambda state: state.severity), safe(sentence))
    parts = ["All five key metrics normal" if not quiet else f"{len(normal)} of 5 key metrics normal"]
    if quiet:
        parts.append(listed([f"{judgement.title} {judgement.state}" for judgement in quiet], 5))
    requests = judgements["api.requests"]
    if requests.value is not None and requests.state is State.OK:
        parts.append(f"{figure(requests.value, requests.unit).removesuffix('/min')} requests/min")
    parts.append(last_change(changes, view.now))
    return Verdict(State.OK, safe("; ".join(filter(None, parts))))
