"""The runbook's eight alerts, its three rollback triggers, and the bands that have no alert row (decisions A1-A15)."""

from __future__ import annotations

from collections.abc import Mapping

from services.model.alerts import AlertClock, AlertReading, AlertState, Measure
from services.model.assessment import Judgement, State, Unit
from services.rules.alerts import catalogue
from services.rules.alerts.activity import low_activity
from services.rules.alerts.counted import counted
from services.rules.alerts.health import health
from services.rules.alerts.held import Condition, held
from services.rules.alerts.rule import Found, Rule, evaluate, reading, unobservable
from services.rules.alerts.signins import sign_ins
from services.rules.view import View
from services.rules.worst import Subject

__all__ = ["readings"]


def readings(view: View, subjects: Mapping[str, Subject]) -> tuple[AlertReading, ...]:
    """Every rule, in the runbook's order: critical alerts, warnings, triggers, then bands without an alert row."""
    rules, floor = view.settings.alerts, view.thresholds.min_requests
    errors, latency = subjects["api.errors"], subjects["api.latency"]

    def rate(above: float, required_s: int = 0, *, strictly: bool = False, up_to: float = float("inf")) -> Condition:
        return Condition(above, rules.mean_s, Unit.PERCENT, required_s, strictly, up_to, floor)

    def mean(above: float, required_s: int = 0, *, strictly: bool = False, up_to: float = float("inf")) -> Condition:
        return Condition(above, rules.mean_s, Unit.MILLISECONDS, required_s, strictly, up_to)

    def held_for(rule: Rule, subject: Subject, condition: Condition) -> AlertReading:
        return evaluate(rule, subject, lambda finding: held(condition, finding))

    return (
        evaluate(
            catalogue.server_errors(rules),
            errors,
            lambda finding: counted(finding, rules.server_errors_s, rules.server_errors, "5xx"),
        ),
        held_for(catalogue.high_latency(rules), latency, mean(rules.high_latency_ms, rules.high_latency_s)),
        evaluate(
            catalogue.throttling(rules),
            subjects["table.throttles"],
            lambda finding: counted(finding, rules.mean_s, rules.throttle_events, "throttle event"),
        ),
        held_for(catalogue.function_errors(rules), subjects["lambda.errors"], rate(rules.lambda_error_percent)),
        reading(catalogue.security(rules), [sign_ins(view, rules.failed_sign_ins)]),
        held_for(
            catalogue.elevated_errors(rules),
            errors,
            rate(rules.elevated_error_percent.lower, rules.elevated_error_s, up_to=rules.elevated_error_percent.upper),
        ),
        held_for(
            catalogue.degradation(rules),
            latency,
            mean(rules.degraded_latency_ms.lower, up_to=rules.degraded_latency_ms.upper),
        ),
        reading(catalogue.low_activity(rules), [low_activity(view, rules.idle_hours)]),
        reading(
            catalogue.health_trigger(rules),
            [health(view)],
        ),
        held_for(
            catalogue.error_trigger(rules),
            errors,
            rate(rules.trigger_error_percent, rules.trigger_error_s, strictly=True),
        ),
        held_for(
            catalogue.latency_trigger(rules),
            latency,
            mean(rules.trigger_latency_ms, rules.trigger_latency_s, strictly=True),
        ),
        *(_threshold(rule, subjects[rule.about].judgement) for rule in catalogue.thresholds(view.thresholds)),
    )


def _threshold(rule: Rule, judgement: Judgement) -> AlertReading:
    """A key metric out of its band, with the band's own word for it and no response clock (decisions A10)."""
    out = judgement.state in (State.WARN, State.CRIT)
    if judgement.state.silent and judgement.state is not State.NO_TRAFFIC:
        return reading(rule, [unobservable(judgement.detail)])
    held_s = 0.0
    if out and judgement.since is not None and judgement.as_of is not None:
        held_s = (judgement.as_of - judgement.since).total_seconds()
    clock = AlertClock(Measure.TIME, held_s, 0, since=judgement.since if out else None)
    state = AlertState.FIRING if out else AlertState.QUIET
    return reading(rule, [Found(state, clock, f"{judgement.state}: {judgement.reason}", judgement.value)])
