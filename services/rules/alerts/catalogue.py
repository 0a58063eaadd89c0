"""The rules as the runbook words them, with the thresholds as configured: what a person reads when one is opened."""

from __future__ import annotations

from services.model.alerts import AlertClass
from services.rules.alerts.rule import Rule
from services.rules.words import duration_ms, minutes, percent
from services.settings.values import AlertRules, Thresholds

_FIVE_MINUTES, _TEN_MINUTES, _HALF_AN_HOUR = 300, 600, 1800


def server_errors(rules: AlertRules) -> Rule:
    within = minutes(rules.server_errors_s)
    return Rule(
        "alert.server_errors",
        "API Server Errors",
        AlertClass.CRITICAL,
        f"{rules.server_errors} or more 5xx in {within}",
        f"{rules.server_errors} or more 5XX responses of the API in the newest {within} that have settled.",
        "runbook line 131",
        "api.errors",
        _FIVE_MINUTES,
        "Check logs, consider rollback",
        ("3", "R"),
        rules.server_errors_s,
        "P2",
    )


def high_latency(rules: AlertRules) -> Rule:
    return Rule(
        "alert.high_latency",
        "High Latency",
        AlertClass.CRITICAL,
        f"latency > {duration_ms(rules.high_latency_ms)}",
        f"Mean API Latency over {minutes(rules.mean_s)} above {duration_ms(rules.high_latency_ms)} "
        f"for {minutes(rules.high_latency_s)} without a break.",
        "runbook line 132",
        "api.latency",
        _TEN_MINUTES,
        "Performance investigation",
        ("2",),
        rules.high_latency_s,
        "P2",
    )


def throttling(rules: AlertRules) -> Rule:
    events = "Any throttle event" if rules.throttle_events <= 1 else f"{rules.throttle_events} or more throttle events"
    return Rule(
        "alert.throttling",
        "DynamoDB Throttling",
        AlertClass.CRITICAL,
        f"{events[0].lower()}{events[1:]} in {minutes(rules.mean_s)}",
        f"{events} of a table or one of its indexes in the newest {minutes(rules.mean_s)} that have settled. "
        "The panel's band says how bad (line 96), the alert whether to act (line 133).",
        "runbook line 133",
        "table.throttles",
        _FIVE_MINUTES,
        "Check capacity, scale if needed",
        ("2",),
        rules.mean_s,
        "P2",
    )


def function_errors(rules: AlertRules) -> Rule:
    return Rule(
        "alert.lambda_errors",
        "Lambda Function Errors",
        AlertClass.CRITICAL,
        f"Lambda errors > {percent(rules.lambda_error_percent)}",
        f"Errors of all Invocations of a function over {minutes(rules.mean_s)} above "
        f"{percent(rules.lambda_error_percent)}.",
        "runbook line 134",
        "lambda.errors",
        _FIVE_MINUTES,
        "Check function logs and config",
        ("3",),
        rules.mean_s,
        "P2",
    )


def security(rules: AlertRules) -> Rule:
    return Rule(
        "alert.security",
        "Security Alert",
        AlertClass.CRITICAL,
        f"{rules.failed_sign_ins} or more failed sign-ins in 5 min",
        f"{rules.failed_sign_ins} or more failed sign-ins within five minutes, by the log that the user pool delivers. "
        "Where it delivers none: attempts without tokens (SampleCount - Sum of SignInSuccesses, every client and "
        "unknown ones) in one five-minute period of Cognito's; some ten minutes late.",
        "runbook line 135",
        "users.sign_ins",
        120,
        "Security investigation",
        ("3",),
        _TEN_MINUTES,  # two periods: what comes every five minutes flaps in them
        "P2",
    )


def elevated_errors(rules: AlertRules) -> Rule:
    lower, upper = percent(rules.elevated_error_percent.lower), percent(rules.elevated_error_percent.upper)
    return Rule(
        "alert.elevated_errors",
        "Elevated Error Rate",
        AlertClass.WARNING,
        f"error rate > {lower}, <= {upper}",
        f"5XX of all API requests over {minutes(rules.mean_s)} above {lower} and not above {upper}, "
        f"for {minutes(rules.elevated_error_s)}.",
        "runbook line 141",
        "api.errors",
        _HALF_AN_HOUR,
        "Monitor trends, investigate if sustained",
        ("2",),
        rules.elevated_error_s,
        "P3",
    )


def degradation(rules: AlertRules) -> Rule:
    lower, upper = duration_ms(rules.degraded_latency_ms.lower), duration_ms(rules.degraded_latency_ms.upper)
    return Rule(
        "alert.degradation",
        "Performance Degradation",
        AlertClass.WARNING,
        f"latency > {lower}, <= {upper}",
        f"Mean API Latency over {minutes(rules.mean_s)} above {lower} and not above {upper}.",
        "runbook line 142",
        "api.latency",
        _HALF_AN_HOUR,
        "Performance analysis",
        ("2",),
        rules.mean_s,
        "P3",
    )


def low_activity(rules: AlertRules) -> Rule:
    return Rule(
        "alert.low_activity",
        "Low Activity",
        AlertClass.WARNING,
        f"no request for {rules.idle_hours} hours",
        f"Not one API request in each of the last {rules.idle_hours} whole hours. Missing data are missing requests, "
        "once CloudWatch is known to publish the metric; the health checks of this screen are left out.",
        "runbook line 143",
        "api.requests",
        3600,
        "Check system availability",
        ("1",),
        _FIVE_MINUTES,
        "P3",
    )


def health_trigger(rules: AlertRules) -> Rule:
    return Rule(
        "trigger.health",
        "Health check",
        AlertClass.TRIGGER,
        "health check failing",
        f"Every probe of the health address failed for more than {minutes(rules.trigger_health_s)}, "
        f"{rules.trigger_health_probes} or more of them.",
        "runbook line 273",
        "",
        None,
        "Roll back",
        ("R",),
        rules.trigger_health_s,
        "P1",
    )


def error_trigger(rules: AlertRules) -> Rule:
    limit = percent(rules.trigger_error_percent)
    return Rule(
        "trigger.error_rate",
        "Error rate",
        AlertClass.TRIGGER,
        f"error rate > {limit}",
        f"5XX of all API requests over {minutes(rules.mean_s)} above {limit} for more than "
        f"{minutes(rules.trigger_error_s)} without a break.",
        "runbook line 274",
        "api.errors",
        None,
        "Roll back",
        ("R",),
        rules.trigger_error_s,
        "P2",
    )


def latency_trigger(rules: AlertRules) -> Rule:
    limit = duration_ms(rules.trigger_latency_ms)
    return Rule(
        "trigger.response_time",
        "Response time",
        AlertClass.TRIGGER,
        f"response time > {limit}",
        f"Mean API Latency over {minutes(rules.mean_s)} above {limit} for more than "
        f"{minutes(rules.trigger_latency_s)} without a break.",
        "runbook line 275",
        "api.latency",
        None,
        "Roll back",
        ("R",),
        rules.trigger_latency_s,
        "P2",
    )


def thresholds(bands: Thresholds) -> tuple[Rule, ...]:
    """Bands of the key metrics for which the runbook has no alert row."""
    duration, refused = bands.lambda_duration_ms, bands.edge_4xx_percent
    return (
        _band("threshold.lambda_duration", "Lambda Duration", "lambda.duration", duration_ms(duration.warning), 97),
        _band("threshold.edge_4xx", "CloudFront 4xx Rate", "edge.4xx", percent(refused.warning), 98),
    )


def _band(key: str, title: str, about: str, limit: str, line: int) -> Rule:
    return Rule(
        key,
        title,
        AlertClass.THRESHOLD,
        f"{title} > {limit}",
        f"{title} above its warning threshold of {limit}. The runbook gives no response time.",
        f"runbook line {line}",
        about,
        keys=("2",),
    )
