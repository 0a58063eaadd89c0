"""The runbook's eight alerts at their boundaries, with their clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from services.model.alerts import AlertClass, AlertReading, AlertState
from services.model.assessment import State
from services.model.reading import Reading
from services.model.series import Metrics, Series
from services.model.sign_ins import FailedSignIn, SignInLog
from services.model.situation import Situation
from services.model.witness import Probes
from services.problems import ProblemKind, problem
from services.rules import judge
from services.safe_text import safe
from services.settings.values import AlertRules
from tests.unit.rules_support import (
    FUNCTION,
    INDEX,
    NOW,
    SETTINGS,
    TABLE,
    api_series,
    at,
    calm,
    epoch,
    failed,
    lambda_series,
    metrics,
    read,
    series,
    steady,
    table_series,
)

QUIET, COUNTING, FIRING, UNSEEN = AlertState.QUIET, AlertState.COUNTING, AlertState.FIRING, AlertState.UNOBSERVABLE


def found(key: str, *own: Series) -> AlertReading:
    return of(key, metrics(*own))


def of(key: str, region: Metrics, **feeds: Reading[Any]) -> AlertReading:
    alerts = judge(calm(metrics=read(region), **feeds), SETTINGS, NOW).alerts
    return next(alert for alert in alerts if alert.key == key)


def slow(*spans: tuple[int, int, float]) -> list[Series]:
    """Latency of so many ms from a to b minutes ago, in the order given; 100 ms before."""
    latency = steady(100)
    for since, until, value in spans:
        latency |= steady(value, since, until)
    return api_series(steady(100), steady(0), latency)


def failing(*spans: tuple[int, int, float]) -> list[Series]:
    """So many of a thousand requests a minute fail from a to b minutes ago."""
    errors = steady(0)
    for since, until, value in spans:
        errors |= steady(value, since, until)
    return api_series(steady(1000), errors, steady(100))


@pytest.mark.runbook("R061")
def test_all_rules_are_there_in_the_runbooks_order_criticals_first() -> None:
    alerts = judge(calm(), SETTINGS, NOW).alerts
    assert [(alert.title, alert.severity, alert.respond_s) for alert in alerts] == [
        ("API Server Errors", AlertClass.CRITICAL, 300),
        ("High Latency", AlertClass.CRITICAL, 600),
        ("DynamoDB Throttling", AlertClass.CRITICAL, 300),
        ("Lambda Function Errors", AlertClass.CRITICAL, 300),
        ("Security Alert", AlertClass.CRITICAL, 120),
        ("Elevated Error Rate", AlertClass.WARNING, 1800),
        ("Performance Degradation", AlertClass.WARNING, 1800),
        ("Low Activity", AlertClass.WARNING, 3600),
        ("Health check", AlertClass.TRIGGER, None),
        ("Error rate", AlertClass.TRIGGER, None),
        ("Response time", AlertClass.TRIGGER, None),
        ("Lambda Duration", AlertClass.THRESHOLD, None),
        ("CloudFront 4xx Rate", AlertClass.THRESHOLD, None),
    ]


@pytest.mark.runbook("R063")
@pytest.mark.runbook("R065")
@pytest.mark.runbook("R067")
@pytest.mark.runbook("R069")
@pytest.mark.runbook("R074")
@pytest.mark.runbook("R076")
@pytest.mark.parametrize(
    ("title", "action", "keys"),
    [
        ("API Server Errors", "Check logs, consider rollback", ("3", "R")),
        ("High Latency", "Performance investigation", ("2",)),
        ("DynamoDB Throttling", "Check capacity, scale if needed", ("2",)),
        ("Lambda Function Errors", "Check function logs and config", ("3",)),
        ("Elevated Error Rate", "Monitor trends, investigate if sustained", ("2",)),
        ("Performance Degradation", "Performance analysis", ("2",)),
    ],
)
def test_an_alert_opens_as_the_runbooks_words_and_a_key(title: str, action: str, keys: tuple[str, ...]) -> None:
    alert = next(one for one in judge(calm(), SETTINGS, NOW).alerts if one.title == title)
    assert (alert.action, alert.keys, alert.responder) == (action, keys, "On-call engineer")
    assert alert.definition.endswith(".")
    assert alert.source.startswith("runbook line 1")


def test_a_quiet_night_fires_and_counts_nothing() -> None:
    states = {alert.state for alert in judge(calm(), SETTINGS, NOW).alerts}
    assert states == {QUIET, UNSEEN}


@pytest.mark.runbook("R062")
@pytest.mark.parametrize(
    ("errors", "state", "clock"),
    [
        ({4: 2.0, 9: 1.0}, FIRING, "3 of 3"),
        ({4: 1.0, 9: 1.0}, COUNTING, "2 of 3"),
        ({3: 1.0, 14: 2.0}, COUNTING, "1 of 3"),
        ({12: 2.0, 3: 1.0}, FIRING, "3 of 3"),
        ({13: 2.0, 3: 1.0}, COUNTING, "1 of 3"),
        ({1: 9.0}, QUIET, "0 of 3"),
        ({}, QUIET, "0 of 3"),
    ],
)
def test_three_server_errors_in_ten_settled_minutes_fire(
    errors: dict[int, float], state: AlertState, clock: str
) -> None:
    own = api_series(steady(100), {epoch(minutes): count for minutes, count in errors.items()}, steady(100))
    alert = found("alert.server_errors", *own)
    assert (alert.state, alert.clock.text) == (state, clock)


def test_server_errors_tell_the_rate_they_are_however_small() -> None:
    alert = found("alert.server_errors", *failing((4, 3, 3)))
    assert alert.sentence == "3 5xx of 10 000 requests (< 0.1 %) in 10 min"
    assert alert.clock.since == at(4)


@pytest.mark.runbook("R064")
@pytest.mark.parametrize(
    ("spans", "state", "clock"),
    [
        ([(17, 2, 2100.0)], FIRING, "15:00 of 15:00"),
        ([(16, 2, 2100.0)], COUNTING, "14:00 of 15:00"),
        ([(17, 7, 2100.0), (7, 2, 1900.0)], QUIET, "0:00 of 15:00"),
        ([(60, 2, 2000.0)], QUIET, "0:00 of 15:00"),
        ([(60, 2, 2001.0)], FIRING, "58:00 of 15:00"),
        ([(17, 10, 2100.0), (9, 2, 2400.0), (10, 9, 1900.0)], FIRING, "15:00 of 15:00"),
    ],
)
def test_high_latency_is_a_mean_above_two_seconds_for_fifteen_minutes(
    spans: list[tuple[int, int, float]], state: AlertState, clock: str
) -> None:
    alert = found("alert.high_latency", *slow(*spans))
    assert (alert.state, alert.clock.text) == (state, clock)


def test_a_counting_clock_says_since_when_and_when_it_fires() -> None:
    alert = found("alert.high_latency", *slow((9, 0, 2400)))
    assert (alert.state, alert.clock.text) == (COUNTING, "7:00 of 15:00")
    assert (alert.clock.since, alert.clock.due) == (at(9), at(9) + timedelta(minutes=17))
    assert alert.sentence == "2.4 s over 5 min, above 2 s since 03:03"
    assert alert.clock.resets == "a mean over 5 min that is not above 2 s"


def test_minutes_without_data_break_the_run_and_are_not_called_well() -> None:
    latency = {start: value for start, value in steady(2400, 30).items() if not epoch(12) <= start < epoch(6)}
    gap = [
        series("api.count", "api/prod", {"SampleCount": steady(100), "Sum": steady(100)}),
        series("api.latency", "api/prod", {"Average": latency, "SampleCount": dict.fromkeys(latency, 100.0)}),
    ]
    alert = found("alert.high_latency", *gap)
    assert (alert.state, alert.clock.text) == (COUNTING, "4:00 of 15:00")
    silent = found("alert.high_latency", gap[0], series("api.latency", "api/prod", {"Average": steady(2400, 30, 9)}))
    assert silent.state is UNSEEN


@pytest.mark.runbook("R066")
@pytest.mark.parametrize(("events", "state"), [(0, QUIET), (1, FIRING), (9, FIRING)])
def test_any_throttle_event_fires_although_the_panel_only_warns(events: float, state: AlertState) -> None:
    throttles = {epoch(4): events} if events else {}
    assessment = judge(calm(metrics=read(metrics(*table_series(throttles, steady(30))))), SETTINGS, NOW)
    alert = next(one for one in assessment.alerts if one.key == "alert.throttling")
    assert alert.state is state
    if events == 1:
        assert assessment.judgements["table.throttles"].state == "WARN"
        assert "line 96" in alert.definition
        assert "line 133" in alert.definition


def test_the_throttling_alert_is_told_of_the_series_that_has_the_events() -> None:
    """The table's own reads are empty while one key of an index throttles: whoever looks there sees nothing."""
    on_index = found("alert.throttling", *table_series({epoch(3): 2.0}, steady(30), on_index={epoch(4): 300.0}))
    assert on_index.signals == (f"table.write_throttles@{INDEX}/60",)
    assert found("alert.throttling", *table_series({}, steady(30))).signals == (f"table.read_throttles@{TABLE}/60",)


def test_a_table_that_is_not_seen_alive_has_no_zero_throttles() -> None:
    assert found("alert.throttling", *table_series({}, {})).state is UNSEEN
    stopped = metrics(*table_series({}, steady(1, 90, 30)))
    assert of("alert.throttling", stopped, edge_metrics=read(metrics())).state is QUIET
    assert of("alert.throttling", stopped).state is UNSEEN  # people came to the edge: the region is late


@pytest.mark.runbook("R068")
@pytest.mark.parametrize(
    ("errors", "invocations", "state"), [(6, 100, FIRING), (5, 100, QUIET), (0, 0, QUIET), (3, 19, QUIET)]
)
def test_function_errors_above_five_percent_fire(errors: float, invocations: float, state: AlertState) -> None:
    called = {epoch(4): float(invocations)} if invocations else steady(100, 60, 30)
    alert = found("alert.lambda_errors", *lambda_series(called, {epoch(4): float(errors)} if errors else {}, called))
    assert alert.state is state


def test_of_several_functions_the_failing_one_is_named() -> None:
    other = [
        series("lambda.invocations", "other", {"Sum": steady(100)}),
        series("lambda.errors", "other", {"Sum": steady(50)}),
    ]
    alert = found("alert.lambda_errors", *lambda_series(steady(100), steady(0), steady(1)), *other)
    assert (alert.state, alert.resource) == (FIRING, "other")
    assert alert.sentence.startswith("other: 50 %")
    assert FUNCTION not in alert.sentence


@pytest.mark.runbook("R073")
@pytest.mark.parametrize(
    ("rate", "state"), [(50, QUIET), (51, FIRING), (70, FIRING), (100, FIRING), (101, QUIET), (300, QUIET)]
)
def test_an_elevated_error_rate_is_above_five_and_not_above_ten_percent(rate: float, state: AlertState) -> None:
    assert found("alert.elevated_errors", *failing((60, 0, rate))).state is state


@pytest.mark.runbook("R073")
def test_above_ten_percent_the_warning_makes_way_for_the_critical_rules() -> None:
    alert = found("alert.elevated_errors", *failing((60, 0, 101)))
    assert alert.sentence == "10.1 % over 5 min, above 10 %: the critical rules speak"
    assert found("trigger.error_rate", *failing((60, 0, 101))).state is FIRING


@pytest.mark.runbook("R074")
def test_an_elevated_rate_says_for_how_long_it_has_been_in_its_band() -> None:
    assert found("alert.elevated_errors", *failing((6, 0, 70))).clock.text == "4:00 of 5:00"
    assert found("alert.elevated_errors", *failing((32, 0, 70))).clock.text == "30:00 of 5:00"


@pytest.mark.runbook("R075")
@pytest.mark.parametrize(
    ("latency", "state"), [(1000, QUIET), (1001, FIRING), (1500, FIRING), (2000, FIRING), (2001, QUIET)]
)
def test_degradation_is_above_one_and_not_above_two_seconds(latency: float, state: AlertState) -> None:
    assert found("alert.degradation", *slow((60, 0, latency))).state is state


@pytest.mark.runbook("R075")
def test_above_two_seconds_degradation_becomes_the_candidate_of_high_latency() -> None:
    own = slow((9, 0, 2100))
    assert found("alert.degradation", *own).state is QUIET
    assert found("alert.high_latency", *own).state is COUNTING


def clients(*failures: dict[int, float], unpublished: bool = False) -> Metrics:
    """Five-minute periods of sign-ins: ten succeed, so many do not; one client for each argument."""
    found = []
    for number, failed_by_period in enumerate(failures):
        tried = {epoch(minutes): 10 + count for minutes, count in failed_by_period.items()}
        points = {"SampleCount": tried, "Sum": dict.fromkeys(tried, 10.0)}
        found.append(series("users.sign_ins", f"pool/client{number}", points, period=300, settle=600))
    return metrics(*found, unpublished=[one.signal.id for one in found] if unpublished else ())


def security(reading: Metrics) -> AlertReading:
    alerts = judge(calm(percentiles=read(reading)), SETTINGS, NOW).alerts
    return next(alert for alert in alerts if alert.key == "alert.security")


@pytest.mark.runbook("R070")
@pytest.mark.parametrize(
    ("failures", "state"),
    [
        ([{17: 10.0}], FIRING),
        ([{17: 9.0}], COUNTING),
        ([{17: 5.0}, {17: 5.0}], FIRING),
        ([{17: 5.0, 22: 5.0}], COUNTING),
        ([{22: 20.0}], QUIET),
        ([{17: 0.0}], QUIET),
    ],
)
def test_ten_failed_sign_ins_of_all_clients_in_one_period_fire(
    failures: list[dict[int, float]], state: AlertState
) -> None:
    assert security(clients(*failures)).state is state


@pytest.mark.runbook("R071")
def test_failed_sign_ins_are_told_with_their_attempts_and_answered_within_two_minutes() -> None:
    alert = security(clients({17: 12.0}))
    assert alert.sentence == "12 of 22 sign-in attempts without tokens in the 5 min to 03:00"
    assert (alert.respond_s, alert.action) == (120, "Security investigation")


def test_failed_sign_ins_are_dated_to_the_first_of_the_periods_in_a_row() -> None:
    assert security(clients({17: 12.0, 22: 30.0, 27: 11.0, 32: 3.0, 37: 40.0})).clock.since == at(27)
    assert security(clients({17: 3.0, 22: 30.0})).clock.since == at(17)


def test_sign_ins_that_nobody_asks_for_or_cloudwatch_does_not_know_are_not_observable() -> None:
    assert security(metrics()).state is UNSEEN
    silent = series("users.sign_ins", "pool/c", {"Sum": {}, "SampleCount": {}}, period=300, settle=600)
    assert security(metrics(silent)).sentence.startswith("no sign-in attempts")
    unknown = security(metrics(silent, unpublished=[silent.signal.id]))
    assert (unknown.state, "CloudWatch knows no" in unknown.sentence) == (UNSEEN, True)


def idle(requests: dict[int, float], *, verified: bool = True, unpublished: bool = False) -> AlertReading:
    own = series("api.count", "api/prod", {"SampleCount": requests, "Sum": requests}, asked=(190, 0))
    name = [own.signal.id]
    region = metrics(own, unpublished=name if unpublished else ())
    return of("alert.low_activity", msgspec.structs.replace(region, verified=frozenset(name if verified else ())))


@pytest.mark.runbook("R077")
@pytest.mark.parametrize(
    ("requests", "state", "clock"),
    [
        ({}, FIRING, "2:00:00 of 2:00:00"),
        ({133: 1.0}, FIRING, "2:00:00 of 2:00:00"),
        ({132: 1.0}, COUNTING, "1:00:00 of 2:00:00"),
        ({73: 1.0}, COUNTING, "1:00:00 of 2:00:00"),
        ({72: 1.0}, QUIET, "0:00 of 2:00:00"),
        ({13: 1.0}, QUIET, "0:00 of 2:00:00"),
        ({12: 1.0}, QUIET, "0:00 of 2:00:00"),
    ],
)
def test_two_whole_hours_without_a_request_fire_and_one_request_in_either_does_not(
    requests: dict[int, float], state: AlertState, clock: str
) -> None:
    alert = idle({epoch(minutes): count for minutes, count in requests.items()})
    assert (alert.state, alert.clock.text) == (state, clock)


def sent(*spans: tuple[int, int], each: int = 2) -> Reading[Probes]:
    """So many health checks of ours in each minute from a to b minutes ago."""
    return read(Probes((), {epoch(ago): each for since, until in spans for ago in range(since, until, -1)}))


def checked(requests: dict[int, float], probes: Reading[Probes]) -> AlertReading:
    own = series("api.count", "api/prod", {"SampleCount": requests, "Sum": requests}, asked=(190, 0))
    return of("alert.low_activity", metrics(own), probes=probes)


@pytest.mark.runbook("R077")
@pytest.mark.parametrize(
    ("requests", "probes", "state"),
    [
        (steady(2, 190), sent((190, 0)), FIRING),  # ours alone
        (steady(2, 190) | {epoch(40): 3.0}, sent((190, 0)), QUIET),  # and one of somebody
        (steady(2, 190) | {epoch(100): 3.0}, sent((190, 0)), COUNTING),
        (steady(2, 190) | {epoch(73): 1.0, epoch(72): 3.0}, sent((190, 0)), FIRING),  # one arrived a moment later
        (steady(2, 190), sent((100, 0)), COUNTING),  # of the time before this screen nothing is known
        (steady(2, 190), read(Probes((), {})), QUIET),
        ({epoch(40): 1.0, epoch(100): 1.0}, sent((190, 0)), QUIET),  # the health address leads elsewhere
        ({}, sent((190, 0)), UNSEEN),
    ],
)
def test_our_own_health_checks_are_nobodys_requests(
    requests: dict[int, float], probes: Reading[Probes], state: AlertState
) -> None:
    assert checked(requests, probes).state is state


def test_where_only_our_health_checks_come_it_is_said_so_and_since_when() -> None:
    requests = steady(214, 190, 30) | steady(2, 30)
    region = metrics(
        *api_series(requests, steady(0, 190), steady(40, 190)),
        *lambda_series(requests, steady(0, 190), steady(80, 190)),
        *table_series({}, steady(30)),
    )
    found = judge(calm(metrics=read(region), probes=sent((100, 0))), SETTINGS, NOW)
    users = found.judgements["api.requests"]
    assert (users.state, users.value, users.detail) == (
        State.NO_TRAFFIC,
        2.0,
        "none but our own health checks since 02:42",
    )
    assert found.verdict.state is State.NO_TRAFFIC
    assert found.verdict.sentence.startswith("Requests: none but our own health checks since 02:42; ")
    assert found.judgements["api.latency"].state is State.OK


@pytest.mark.runbook("R078")
def test_low_activity_is_answered_within_the_hour() -> None:
    alert = idle({})
    assert (alert.respond_s, alert.action) == (3600, "Check system availability")
    assert alert.sentence == "no request since 01:00, 2 whole hours"


@pytest.mark.runbook("R077")
def test_absence_counts_only_under_a_name_that_cloudwatch_knows() -> None:
    assert idle({}, verified=False).state is UNSEEN
    assert idle({}, unpublished=True).state is UNSEEN
    assert idle({epoch(140): 1.0}, verified=False).state is FIRING


def test_hours_that_were_never_asked_for_are_not_empty() -> None:
    own = series("api.count", "api/prod", {"SampleCount": {}, "Sum": {}}, asked=(100, 0))
    region = msgspec.structs.replace(metrics(own), verified=frozenset([own.signal.id]))
    assert of("alert.low_activity", region).state is UNSEEN


@pytest.mark.parametrize("kind", list(ProblemKind))
def test_what_cannot_be_read_is_not_observable_and_says_why(kind: ProblemKind) -> None:
    for alert in judge(
        calm(metrics=failed(kind), edge_metrics=failed(kind), percentiles=failed(kind)), SETTINGS, NOW
    ).alerts:
        assert alert.state is UNSEEN, alert.key
        assert alert.sentence


def test_a_band_without_an_alert_row_is_told_as_a_threshold() -> None:
    alert = found("threshold.lambda_duration", *lambda_series(steady(10), steady(0), steady(10_001)))
    assert (alert.state, alert.severity, alert.respond_s) == (FIRING, AlertClass.THRESHOLD, None)
    assert alert.sentence.startswith("WARN: ")
    assert found("threshold.lambda_duration", *lambda_series(steady(10), steady(0), steady(10_000))).state is QUIET


def test_every_threshold_is_a_setting() -> None:
    patient = msgspec.structs.replace(SETTINGS, alerts=AlertRules(server_errors=50, server_errors_s=1200))
    region = read(metrics(*failing((14, 2, 4))))
    alert = judge(calm(metrics=region), patient, NOW).alerts[0]
    assert (alert.state, alert.clock.text) == (COUNTING, "48 of 50")
    assert alert.definition.startswith("50 or more 5XX responses of the API in the newest 20 min")
    assert TABLE not in alert.sentence


def from_log(*seconds_ago: float, read_ago: float = 0, groups: tuple[str, ...] = ("/aws/cognito/pool",)) -> Situation:
    """The pool's log was read at `read_ago`; so long before now somebody failed to sign in. The metric has ten."""
    now = int(NOW.timestamp() * 1000)
    failed = [
        FailedSignIn(now - int(ago * 1000), f"event-{place}", safe(f"user-{place % 3}"), safe("203.0.113.17"))
        for place, ago in enumerate(sorted(seconds_ago, reverse=True))
    ]
    told = SignInLog(tuple(safe(one) for one in groups), tuple(failed), now - int(read_ago * 1000))
    return calm(percentiles=read(clients({17: 10.0}))).folded("sign_ins", read(told, read_ago / 60), NOW)


def security_of(situation: Situation) -> AlertReading:
    return next(alert for alert in judge(situation, SETTINGS, NOW).alerts if alert.key == "alert.security")


def spread_over(number: int, seconds: float, until: float = 20) -> list[float]:
    return [until + seconds * place / (number - 1) for place in range(number)]


@pytest.mark.runbook("R070")
@pytest.mark.parametrize(
    ("ago", "state", "held"),
    [
        (spread_over(10, 300), FIRING, 10),
        (spread_over(10, 301), COUNTING, 9),
        (spread_over(10, 360), COUNTING, 8),
        (spread_over(9, 200), COUNTING, 9),
        (spread_over(10, 240, until=299), FIRING, 10),
        (spread_over(10, 240, until=300), QUIET, 0),
        ([], QUIET, 0),
    ],
)
def test_ten_failures_of_the_pools_log_within_any_five_minutes_fire(
    ago: list[float], state: AlertState, held: int
) -> None:
    alert = security_of(from_log(*ago))
    assert (alert.state, alert.clock.held) == (state, held)


@pytest.mark.runbook("R071")
def test_failures_of_the_pools_log_are_told_with_their_users_and_addresses() -> None:
    alert = security_of(from_log(*spread_over(20, 570)))
    assert alert.sentence == "11 failed sign-ins in 5 min to 03:11, of 3 users, most from 203.0.113.17 (11)"
    assert alert.clock.since == NOW - timedelta(seconds=590)
    assert (alert.respond_s, alert.keys) == (120, ("3",))


@pytest.mark.runbook("R070")
def test_where_no_log_is_delivered_or_it_is_not_read_the_metric_speaks() -> None:
    quiet = spread_over(3, 60)
    for situation in (
        from_log(*quiet, groups=()),
        from_log(*quiet, read_ago=3600),
        from_log(*quiet).folded("sign_ins", Reading().failed(problem(ProblemKind.DENIED, "no"), NOW), NOW),
    ):
        assert security_of(situation).sentence.startswith("10 of 20 sign-in attempts without tokens")
    assert security_of(from_log(*quiet)).state is COUNTING


def test_failures_that_were_going_on_before_the_log_was_read_are_dated_by_the_metric() -> None:
    ongoing = from_log(*spread_over(40, 780))
    assert security_of(ongoing).clock.since == at(17)
    since_then = from_log(*spread_over(20, 570))
    assert security_of(since_then).clock.since == NOW - timedelta(seconds=590), "a pause lay between"
