"""The verdict: one sentence that a tired person can read. The worst thing first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.model.alerts import AlertClass, AlertReading
from services.model.assessment import Judgement, Node, State, Unit, Verdict
from services.model.changes import Change
from services.plural import several
from services.rules import absence, isolation, underway
from services.rules.broken_parts import broken_parts, ringing
from services.rules.cache import KEY as HITS
from services.rules.cache import fallen
from services.rules.countdown import countdown
from services.rules.creeping import creeping
from services.rules.suspects import REACH, after, crept, last_change, last_known, remedy, suspect
from services.rules.unseen import unseen
from services.rules.view import View
from services.rules.words import clock, count, figure, listed
from services.safe_text import safe

KEY_METRICS = ("api.latency", "api.errors", "table.throttles", "lambda.duration", "edge.4xx")
"""The runbook's five, lines 94-98."""

FIRST = ("api.errors", "lambda.errors", "api.latency", "table.throttles", "lambda.duration", "edge.4xx")
"""What is told first when several are equally bad: what users feel, then what causes it."""


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
            besides = filter(None, (_worst_function(judgements, leading), unseen(view, judgements, nodes)))
            return _breach(view, leading, state, changes, alerts, ". ".join(besides))
        if state is State.WARN:
            coincidence = _coincidence(view, judgements, changes, alerts)
            if coincidence is not None:
                return coincidence
        firing = _firing(alerts, state)
        if firing is not None:
            return _alert(view, firing, state, changes, alerts)
        parts = broken_parts(view, nodes, changes, state)
        if parts is not None:
            return parts
    return None


def _quiet(
    view: View, judgements: Mapping[str, Judgement], nodes: Sequence[Node], changes: Sequence[Change], worst: State
) -> Verdict:
    """Nothing is broken as far as can be seen."""
    blind = unseen(view, judgements, nodes)
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
    calling = len(ringing(view))
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
