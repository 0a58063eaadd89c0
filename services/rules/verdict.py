"""The verdict: one sentence that a tired person can read. The worst thing first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.model.alarms import Alarm
from services.model.alerts import AlertClass, AlertReading
from services.model.assessment import Judgement, Node, State, Unit, Verdict
from services.model.changes import Change
from services.model.stacks import Stack
from services.plural import several
from services.problems import Problem
from services.rules import absence, isolation, underway
from services.rules.cache import KEY as HITS
from services.rules.cache import fallen
from services.rules.countdown import countdown
from services.rules.creeping import creeping
from services.rules.log_silence import silent
from services.rules.operations import operations
from services.rules.reach import cut_off
from services.rules.stack_states import Way, permitted
from services.rules.stacks import stack_state
from services.rules.suspects import REACH, after, crept, last_change, last_known, remedy, suspect
from services.rules.view import View
from services.rules.words import clock, count, figure, listed
from services.safe_text import safe

KEY_METRICS = ("api.latency", "api.errors", "table.throttles", "lambda.duration", "edge.4xx")
"""The runbook's five, lines 94-98."""

FIRST = ("api.errors", "lambda.errors", "api.latency", "table.throttles", "lambda.duration", "edge.4xx")
"""What is told first when several are equally bad: what users feel, then what causes it."""

_BLIND = 4
"""Severity of the silences that keep us from knowing (see State.severity)."""


def verdict(
    view: View,
    judgements: Mapping[str, Judgement],
    nodes: Sequence[Node],
    changes: Sequence[Change],
    alerts: Sequence[AlertReading] = (),
) -> Verdict:
    """An operation of ours first; then what is broken, what cannot be seen, what is awaited; then calm."""
    found = judgements.values()
    worst = max(
        [judgement.state for judgement in found] + [node.state for node in nodes],
        key=lambda state: state.severity,
        default=State.WAITING,
    )
    told = _broken(view, judgements, nodes, changes, alerts)
    ours = underway.verdict(view.situation, found, worst, view.now, told)
    if ours is not None:
        return ours
    closed = isolation.verdict(view, told)
    if closed is not None:
        return closed
    if told is None:
        return _quiet(view, judgements, nodes, changes, worst)
    could, _ = remedy(view.situation, "api.", State.CRIT, told.suspect, view.thresholds, met=True)
    return msgspec.structs.replace(told, clock=countdown(alerts, could == "R", view.now))


def _broken(
    view: View,
    judgements: Mapping[str, Judgement],
    nodes: Sequence[Node],
    changes: Sequence[Change],
    alerts: Sequence[AlertReading],
) -> Verdict | None:
    """The worst of what is broken; a metric before a component, a component before an alarm that only repeats it."""
    for state in (State.CRIT, State.WARN):
        leading = _leading(judgements, state)
        if leading is not None:
            besides = filter(None, (_worst_function(judgements, leading), _unseen(view, judgements, nodes)))
            return _breach(view, leading, state, changes, alerts, ". ".join(besides))
        if state is State.WARN:
            coincidence = _coincidence(view, judgements, changes, alerts)
            if coincidence is not None:
                return coincidence
        firing = _firing(alerts, state)
        if firing is not None:
            return _alert(view, firing, state, changes, alerts)
        broken = [_component(view, node, changes) for node in nodes if node.state is state]
        stack = view.situation.stack.value
        if stack is not None and stack_state(stack.status) is state:
            why = stack.reason or _first_failure(view)
            broken.insert(0, f"Stack: {stack.status}" + (f", {why}" if why else ""))
        if broken:
            key, does = _stack_remedy(stack) if broken[0].startswith("Stack: ") else ("", "")
            return Verdict(state, safe("; ".join(broken[:2])), key=key, remedy=safe(does))
    return None


def _stack_remedy(stack: Stack | None) -> tuple[str, str]:
    """What R does about a stack that is stuck; nothing where CloudFormation has no way of its own."""
    ways = permitted(stack.status).ways if stack is not None and stack.status.endswith("_FAILED") else ()
    own = [way for way in ways if way is not Way.REDEPLOY]
    return ("R", f"prepares to {own[0].value}") if own else ("", "")


def _first_failure(view: View) -> str:
    """`AuditTable failed at 03:02: …`, of the newest operation; what else failed was only cancelled by it."""
    history = operations(view.situation.events.value or ())
    failed = history[0].root_cause if history else None
    if failed is None:
        return ""
    return f"{failed.logical_id} failed at {clock(failed.at, view.now)}: {failed.reason or failed.status}"


def _quiet(
    view: View, judgements: Mapping[str, Judgement], nodes: Sequence[Node], changes: Sequence[Change], worst: State
) -> Verdict:
    """Nothing is broken as far as can be seen."""
    blind = _unseen(view, judgements, nodes)
    if blind:
        return Verdict(worst if worst.silent else State.STALE, safe(blind))
    waiting = [judgements[key].title for key in KEY_METRICS if judgements[key].state is State.WAITING]
    if waiting:
        return Verdict(State.WAITING, safe(f"Waiting for the first answers: {listed(waiting)}"))
    leading = _leading(judgements, State.ELEVATED)
    if leading is not None:
        return _breach(view, leading, leading.state, changes, (), "")
    return _calm(view, judgements, changes)


def _coincidence(
    view: View, judgements: Mapping[str, Judgement], changes: Sequence[Change], alerts: Sequence[AlertReading]
) -> Verdict | None:
    """A metric on its way up right after a change, while alarms ring or an alert about it fires: both said at once.

    The metric is only ELEVATED yet, but somebody is being called, and the change is what they have to hear of.
    """
    calling = len(_ringing(view))
    for key in (*FIRST, *judgements):
        judgement = judgements.get(key)
        if judgement is None or judgement.state is not State.ELEVATED or judgement.since is None:
            continue
        about = [one for one in alerts if one.firing and one.about == key and one.severity is AlertClass.CRITICAL]
        blamed = suspect(judgement.since, changes, key, judgement.chart_period)
        if blamed is None or not (calling or about):
            continue
        told = [f"{one.title}: {one.sentence}" for one in about[:1]]
        if calling:
            told.append(f"CloudWatch: {count(calling)} in alarm")
        return _breach(view, judgement, State.WARN, changes, alerts, ". ".join(told))
    return None


def _firing(alerts: Sequence[AlertReading], state: State) -> AlertReading | None:
    """The first alert or trigger that fires although no metric is out of its band. One that asks for a rollback, the
    health check's, is as bad as it gets; the others call somebody whatever the colour (decisions A1, A7)."""
    wanted = AlertClass.TRIGGER if state is State.CRIT else AlertClass.CRITICAL
    found = [one for one in alerts if one.firing and one.severity is wanted]
    if state is State.WARN and not found:
        found = [one for one in alerts if one.firing and one.severity is AlertClass.WARNING]
    return next(iter(found), None)


def _alert(
    view: View, alert: AlertReading, state: State, changes: Sequence[Change], alerts: Sequence[AlertReading]
) -> Verdict:
    sentence, since = f"{alert.title}: {alert.sentence}", alert.clock.since
    key = alert.about or "api.health"
    blamed = suspect(since, changes, key) if since is not None else None
    begun = alert.window is not None and since is not None and since.timestamp() == alert.window[0]
    if since is not None and not begun and "since" not in alert.sentence:
        sentence += f" since {clock(since, view.now)}"
    if blamed is not None and since is not None:
        sentence += f", {after(blamed, since)}"
    elif since is not None and (creep := crept(view.situation, key, since, changes)) is not None:
        blamed, sentence = creep.change, f"{sentence}. {creep.sentence}"
    pressed, does = remedy(view.situation, key, state, blamed, view.thresholds, met=_met(alerts, key))
    return Verdict(state, safe(sentence), since, blamed, pressed, safe(does))


def _met(alerts: Sequence[AlertReading], key: str) -> bool:
    """Whether a rollback trigger of the runbook fires for what `key` shows; the health check's stands for all."""
    return any(
        one.firing and one.severity is AlertClass.TRIGGER and (not one.about or one.about[:4] == key[:4])
        for one in alerts
    )


def _ringing(view: View) -> list[Alarm]:
    return [alarm for alarm in view.situation.alarms.value or () if alarm.state == "ALARM"]


def _component(view: View, node: Node, changes: Sequence[Change]) -> str:
    ringing = _ringing(view)
    if node.key == "health":
        return f"API health check failed: {node.note}"
    if node.key != "cloudwatch" or not ringing:
        return f"{node.title}: {node.note or node.state}"
    first = min(ringing, key=lambda alarm: (alarm.since is None, alarm.since))
    told = f"Alarm {first.name}"
    if first.since is not None:
        blamed = suspect(first.since, changes, "api.")
        told += f" since {clock(first.since, view.now)}" + (f", {after(blamed, first.since)}" if blamed else "")
    return told + (f" and {len(ringing) - 1} more in alarm" if len(ringing) > 1 else "")


def _leading(judgements: Mapping[str, Judgement], state: State) -> Judgement | None:
    order = [*(key for key in FIRST if key in judgements), *(key for key in judgements if key not in FIRST)]
    return next((judgements[key] for key in order if judgements[key].state is state), None)


def _worst_function(judgements: Mapping[str, Judgement], leading: Judgement) -> str:
    """Of several functions the one that fails, where the API's own figure is what is told."""
    errors = judgements.get("lambda.errors")
    if errors is None or not leading.key.startswith("api.") or errors.state not in (State.WARN, State.CRIT):
        return ""
    worst = next(iter(errors.standings), None)
    if worst is None or worst.value is None:
        return ""
    return f"Of {len(errors.standings)} functions {worst.resource} fails most: {figure(worst.value, errors.unit)}"


def _breach(
    view: View,
    judgement: Judgement,
    state: State,
    changes: Sequence[Change],
    alerts: Sequence[AlertReading],
    besides: str,
) -> Verdict:
    """What, how bad, since when, after what, told as `state`; `besides` is a sentence of its own."""
    whose = f" of {judgement.standings[0].resource}" if judgement.standings else ""
    sentence = f"{judgement.title}{whose}{_shown(judgement.value, judgement.unit)}"
    blamed = None
    if judgement.since is None:
        sentence += f" ({judgement.detail})" if judgement.detail else ""
    else:
        sentence += f" since {clock(judgement.since, view.now)}"
        blamed = suspect(judgement.since, changes, judgement.key, judgement.chart_period)
        if blamed is not None:
            sentence += f", {after(blamed, judgement.since)}"
        elif (creep := crept(view.situation, judgement.key, judgement.since, changes)) is not None:
            blamed, sentence = creep.change, f"{sentence}. {creep.sentence}"
        elif view.situation.events.value is not None:
            none = absence.phrase(view.situation, judgement.key, judgement.since, REACH, view.now)
            sentence += f", {none}{last_known(none, judgement.since, changes)}"
    met = _met(alerts, judgement.key)
    key, does = remedy(view.situation, judgement.key, state, blamed, view.thresholds, met=met)
    if besides:
        sentence += f". {besides}"
    return Verdict(state, safe(sentence), judgement.since, blamed, key, safe(does))


def _unseen(view: View, judgements: Mapping[str, Judgement], nodes: Sequence[Node]) -> str:
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


def _calm(view: View, judgements: Mapping[str, Judgement], changes: Sequence[Change]) -> Verdict:
    key_metrics = [judgements[key] for key in KEY_METRICS]
    normal = [judgement for judgement in key_metrics if judgement.state is State.OK]
    quiet = [judgement for judgement in key_metrics if judgement.state is not State.OK]
    requests = judgements["api.requests"]
    unused = any(judgement.state is State.NO_TRAFFIC for judgement in (*quiet, requests))
    parts = []
    if requests.state is State.NO_TRAFFIC and requests.value:
        parts.append(f"{requests.title}: {requests.detail}")
    elif requests.state is State.NO_TRAFFIC and requests.newest is not None:
        parts.append(f"No request since {clock(requests.newest, view.now)}")
    told = listed([f"{judgement.title} {judgement.state}" for judgement in quiet], 5)
    if not normal:
        parts.append(f"nothing to judge: {told}" if parts else f"Nothing to judge: {told}")
        return Verdict(State.NO_TRAFFIC if unused else State.NOT_ENABLED, safe("; ".join(parts)))
    parts.append("All five key metrics normal" if not quiet else f"{len(normal)} of 5 key metrics normal")
    if quiet:
        parts.append(told)
    if requests.value is not None and requests.state is State.OK:
        parts.append(f"{figure(requests.value, requests.unit).removesuffix('/min')} requests/min")
    told, since, blamed = _besides(view, judgements, changes)
    parts.append(told)
    # A part that the stack does not have hides nothing; one that nobody uses may be one that nobody reaches.
    state = State.NO_TRAFFIC if unused else State.OK
    return Verdict(state, safe("; ".join(filter(None, parts))), since, blamed)


def _besides(
    view: View, judgements: Mapping[str, Judgement], changes: Sequence[Change]
) -> tuple[str, datetime | None, Change | None]:
    """What has got worse although every band is kept: what it is, since when, and after which change; or the last."""
    fall = fallen(view, judgements.get(HITS), changes)
    if fall is not None:
        return str(fall.sentence), fall.since, fall.suspect
    creep = creeping(view.situation, changes, view.now)
    if creep is not None:
        return str(creep.sentence), creep.change.at, creep.change
    return last_change(changes, view.now), None, None


def _shown(value: float | None, unit: Unit) -> str:
    if value is None:
        return ""
    return f" {several(value, 'event') if unit is Unit.COUNT else figure(value, unit)}"
