"""Seven silences, told apart: none of them is a green zero."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.model.alerts import AlertState
from services.model.assessment import Judgement, State
from services.model.edge import Distribution
from services.model.reading import Reading
from services.model.series import Metrics
from services.model.situation import Situation
from services.problems import ProblemKind
from services.rules import judge
from services.safe_text import safe
from tests.unit.rules_support import (
    API,
    EDGE,
    FUNCTION,
    NOW,
    SETTINGS,
    api_series,
    calm,
    edge_series,
    epoch,
    failed,
    lambda_series,
    metrics,
    read,
    series,
    steady,
    table_series,
)

METRICS = metrics(
    *api_series(steady(100), steady(0), steady(100)),
    *lambda_series(steady(100), steady(0), steady(50)),
    *table_series({}, steady(30)),
)

NOBODY = read(metrics(*edge_series({}, {})))
"""An edge at which no request was seen."""


def judged(key: str, **feeds: Reading[Any]) -> Judgement:
    return judge(calm(**feeds), SETTINGS, NOW).judgements[key]


def test_denied_names_the_permission_even_when_an_old_value_is_left() -> None:
    for value in (None, METRICS):
        found = judged("api.errors", metrics=failed(ProblemKind.DENIED, value, 1, "cloudwatch:GetMetricData"))
        assert found.state is State.DENIED
        assert "cloudwatch:GetMetricData" in found.reason


def test_unanswered_is_waiting() -> None:
    assert judged("api.errors", metrics=Reading()).state is State.WAITING


def test_never_answered_and_failing_is_stale_and_says_why() -> None:
    found = judged("api.errors", metrics=failed(ProblemKind.UNREACHABLE))
    assert (found.state, found.value) == (State.STALE, None)
    assert "it is unreachable" in found.reason


def test_metrics_that_wait_for_refused_names_are_refused() -> None:
    found = judge(
        Situation("production", NOW, parts=failed(ProblemKind.DENIED, None, 0, "cloudformation:ListStackResources")),
        SETTINGS,
        NOW,
    )
    assert {judgement.state for judgement in found.judgements.values()} == {State.DENIED}


@pytest.mark.parametrize("key", ["table.throttles", "table.capacity"])
def test_series_of_tables_that_may_not_be_described_are_refused_and_name_the_permission(key: str) -> None:
    without = metrics(*api_series(steady(100), steady(0), steady(100)))
    denied = failed(ProblemKind.DENIED, operation="dynamodb:DescribeTable")
    found = judged(key, metrics=read(without), tables=denied)
    assert found.state is State.DENIED
    assert "dynamodb:DescribeTable" in found.detail
    throttled = judged(key, metrics=read(without), tables=failed(ProblemKind.THROTTLED))
    assert (throttled.state, "it is throttled" in throttled.reason) == (State.STALE, True)


def test_a_stack_without_tables_has_no_throttling_whatever_the_tables_feed_says() -> None:
    parts = calm().parts.value
    assert parts is not None
    without = read(msgspec.structs.replace(parts, tables=()))
    denied = failed(ProblemKind.DENIED, operation="dynamodb:DescribeTable")
    found = judged("table.throttles", parts=without, metrics=read(metrics()), tables=denied)
    assert found.state is State.NOT_ENABLED


@pytest.mark.parametrize(("minutes", "state"), [(2, State.OK), (4, State.STALE)])
def test_a_failing_feed_is_stale_after_three_cadences(minutes: float, state: State) -> None:
    found = judged("api.errors", metrics=failed(ProblemKind.THROTTLED, METRICS, minutes))
    assert found.state is state
    assert found.value == 0


def test_a_feed_that_stopped_without_failing_is_stale_in_the_end() -> None:
    assert judged("api.errors", metrics=read(METRICS, 9)).state is State.OK
    assert judged("api.errors", metrics=read(METRICS, 11)).state is State.STALE


def test_where_the_accounts_time_runs_faster_a_question_may_take_that_much_more_of_it() -> None:
    """At 60 times life's pace two seconds of this machine are two minutes: three turns of three minutes, not of one."""
    for minutes, state in ((4, State.OK), (8, State.OK), (9.5, State.STALE)):
        situation = calm(metrics=failed(ProblemKind.TIMEOUT, METRICS, minutes))
        found = judge(msgspec.structs.replace(situation, speed=60.0), SETTINGS, NOW).judgements["api.errors"]
        assert found.state is state, minutes


def test_a_value_is_judged_as_of_when_it_was_taken() -> None:
    """Minutes nobody has asked for yet are not missing."""
    until = metrics(*api_series(steady(100, until=3), steady(0), steady(100, until=3)))
    found = judged("api.errors", metrics=read(until, 2))
    assert (found.state, found.coverage) == (State.OK, (5, 5))


def test_an_identity_that_was_never_published_is_unverified_and_hints_at_the_nearest() -> None:
    own = series("api.5xx", "api/prod", {"Sum": {}})
    unknown = metrics(own, unpublished=[own.signal.id], hints={own.signal.id: "{ApiName=other}"})
    found = judged("api.errors", metrics=read(unknown))
    assert found.state is State.UNVERIFIED
    assert "{ApiName=other}" in found.reason


def test_a_paid_metric_that_is_off_is_not_enabled() -> None:
    off = Distribution(safe(EDGE), safe("d"), safe("Deployed"), True, extra_metrics=False)
    found = judged(
        "edge.hits", edge_metrics=read(metrics(*edge_series(steady(9), steady(1)))), distributions=read((off,))
    )
    assert (found.state, found.value) == (State.NOT_ENABLED, None)


def test_a_part_the_stack_lacks_is_not_enabled() -> None:
    situation = calm()
    parts = situation.parts.value
    assert parts is not None
    without = read(msgspec.structs.replace(parts, distributions=()))
    found = judged("edge.4xx", parts=without, edge_metrics=read(metrics()))
    assert found.state is State.NOT_ENABLED
    assert "no distribution" in found.detail


@pytest.mark.runbook("R036")
def test_a_counter_is_zero_only_while_its_resource_is_seen_alive() -> None:
    alive = judged("table.throttles", metrics=read(metrics(*table_series({}, steady(30)))))
    dead = judged("table.throttles", metrics=read(metrics(*table_series({}, {}))))
    used = metrics(*table_series({}, steady(30, since=90, until=30)))
    idle = judged("table.throttles", metrics=read(used), edge_metrics=NOBODY)
    assert (alive.state, alive.value) == (State.OK, 0)
    assert (dead.state, dead.value) == (State.NO_DATA, None)
    assert (idle.state, idle.value) == (State.NO_TRAFFIC, None)


@pytest.mark.runbook("R036")
def test_a_resource_that_has_published_nothing_at_all_has_no_data() -> None:
    nothing = metrics(*api_series({}, {}, {}), *lambda_series({}, {}, {}))
    for key in ("api.latency", "api.errors", "api.requests", "lambda.duration", "lambda.errors"):
        assert judged(key, metrics=read(nothing)).state is State.NO_DATA, key


def idle_everywhere(*, verified: bool, before: bool = False) -> dict[str, State]:
    """Judgement → state when no series of either region has a point that is remembered."""
    long_ago = steady(50, since=300, until=220) if before else {}
    home = metrics(
        *api_series(long_ago, long_ago, long_ago),
        *lambda_series(long_ago, long_ago, long_ago),
        *table_series({}, long_ago),
    )
    edge = metrics(*edge_series(long_ago, long_ago, long_ago))
    if verified:
        home, edge = (
            msgspec.structs.replace(
                one, verified=frozenset(name for name in one.series if "throttles@audit" not in name)
            )
            for one in (home, edge)
        )
    found = judge(calm(metrics=read(home), edge_metrics=read(edge)), SETTINGS, NOW)
    return {key: judgement.state for key, judgement in found.judgements.items()}


@pytest.mark.runbook("R036")
def test_no_traffic_stays_no_traffic_for_as_long_as_the_identity_is_known() -> None:
    assert set(idle_everywhere(verified=True).values()) == {State.NO_TRAFFIC}
    assert set(idle_everywhere(verified=False, before=True).values()) == {State.NO_TRAFFIC}
    assert set(idle_everywhere(verified=False).values()) == {State.NO_DATA}


def test_a_table_that_was_only_written_to_is_idle_and_not_unverified() -> None:
    own = metrics(*table_series({}, {}))
    reads, writes = (series.signal.id for key in ("table.reads", "table.writes") for series in own.find(key))
    known = Metrics(own.series, unpublished=frozenset({reads}), verified=frozenset({writes}))
    assert judged("table.capacity", metrics=read(known)).state is State.NO_TRAFFIC
    unknown = Metrics(own.series, unpublished=frozenset({reads, writes}))
    assert judged("table.capacity", metrics=read(unknown)).state is State.UNVERIFIED


def test_a_verified_latency_without_points_while_requests_came_is_still_no_data() -> None:
    own = metrics(*api_series(steady(100), steady(0), {}))
    known = Metrics(own.series, verified=frozenset(own.series))
    assert judged("api.latency", metrics=read(known)).state is State.NO_DATA


def test_a_latency_without_points_while_requests_came_is_no_data() -> None:
    found = judged("api.latency", metrics=read(metrics(*api_series(steady(100), steady(0), {}))))
    assert found.state is State.NO_DATA
    assert "although" in found.reason


def test_a_resource_that_was_used_before_and_not_in_the_window_has_no_traffic() -> None:
    before = steady(100, since=60, until=20)
    found = judged("api.latency", metrics=read(metrics(*api_series(before, {}, before))), edge_metrics=NOBODY)
    assert found.state is State.NO_TRAFFIC


@pytest.mark.parametrize(("stopped", "state"), [(8, State.LATE), (60, State.LATE), (64, State.NO_DATA)])
def test_a_metric_that_stays_away_while_its_resource_is_used_is_late_and_in_the_end_no_data(
    stopped: float, state: State
) -> None:
    latency = steady(100, since=120, until=stopped)
    found = judged("api.latency", metrics=read(metrics(*api_series(steady(100, since=120), {}, latency))))
    assert (found.state, found.value) == (state, None)


@pytest.mark.parametrize("key", ["api.errors", "lambda.errors"])
def test_requests_alone_say_nothing_of_errors(key: str) -> None:
    used = steady(100)
    home = metrics(
        series("api.count", API, {"SampleCount": used, "Sum": used}),
        series("api.5xx", API, {}),
        series("lambda.invocations", FUNCTION, {"Sum": used}),
        series("lambda.errors", FUNCTION, {}),
    )
    found = judged(key, metrics=read(home))
    assert (found.state, found.value) == (State.NO_DATA, None)
    unknown = msgspec.structs.replace(home, unpublished=frozenset(home.series))
    assert judged(key, metrics=read(unknown)).state is State.UNVERIFIED


def test_a_rate_without_its_requests_is_no_data_and_not_without_traffic() -> None:
    stopped = steady(100, since=60, until=12)
    edge = metrics(*edge_series(stopped, steady(1)))
    assert judged("edge.4xx", edge_metrics=read(edge)).state is State.NO_DATA


def test_requests_that_are_not_counted_although_they_were_timed_are_no_missing_traffic() -> None:
    counted = steady(100, since=200, until=150)
    home = metrics(
        series("api.count", API, {"SampleCount": counted, "Sum": counted}, asked=(200, 0)),
        series("api.latency", API, {"Average": steady(90, since=200), "SampleCount": steady(100, since=200)}),
    )
    found = judge(calm(metrics=read(home)), SETTINGS, NOW)
    assert found.judgements["api.requests"].state is State.NO_DATA
    low = next(alert for alert in found.alerts if alert.key == "alert.low_activity")
    assert low.state is AlertState.UNOBSERVABLE
    assert "its latency is not" in low.sentence


def test_a_hit_rate_that_was_switched_off_a_while_ago_is_not_enabled() -> None:
    before = steady(92, since=60, until=20)
    edge = read(metrics(*edge_series(steady(100), steady(1), before)))
    off = read((Distribution(safe(EDGE), safe("d.net"), safe("Deployed"), True, extra_metrics=False),))
    assert judged("edge.hits", edge_metrics=edge, distributions=off).state is State.NOT_ENABLED
    assert judged("edge.hits", edge_metrics=edge).state is State.LATE


def test_a_source_that_stopped_while_others_go_on_is_late() -> None:
    stopped = steady(100, since=60, until=5)
    late = metrics(*api_series(stopped, {}, stopped), *lambda_series(steady(100), steady(0), steady(1)))
    assert judged("api.latency", metrics=read(late)).state is State.LATE
    alone = metrics(*api_series(stopped, {}, stopped))
    assert judged("api.latency", metrics=read(alone), edge_metrics=NOBODY).state is State.OK


def region_until(minutes: float, at_edge: dict[int, float], since: float = 60) -> dict[str, Judgement]:
    """Judgements when the home region's points, one a minute, end `minutes` ago and the edge's requests are these."""
    used = steady(100, since=since, until=minutes)
    none = dict.fromkeys(used, 0.0)
    home = metrics(*api_series(used, none, used), *lambda_series(used, none, used), *table_series({}, used))
    edge = metrics(*edge_series(at_edge, dict.fromkeys(at_edge, 1.0), dict.fromkeys(at_edge, 90.0)))
    return dict(judge(calm(metrics=read(home), edge_metrics=read(edge)), SETTINGS, NOW).judgements)


AT_HOME = (
    "api.latency",
    "api.errors",
    "api.requests",
    "lambda.duration",
    "lambda.errors",
    "table.throttles",
    "table.capacity",
)


@pytest.mark.parametrize("minutes", [6, 7, 10, 30])
def test_a_region_that_fell_silent_while_the_edge_goes_on_is_late_and_not_without_traffic(minutes: int) -> None:
    found = region_until(minutes, steady(100, until=3), since=90)
    assert {found[key].state for key in AT_HOME} == {State.LATE}
    assert found["edge.4xx"].state is State.OK
    assert found["api.latency"].as_of is not None
    assert "requests went on" in found["api.latency"].reason


def test_an_edge_that_fell_silent_while_the_region_goes_on_is_late() -> None:
    found = region_until(0, steady(100, until=12, since=90))
    assert found["edge.4xx"].state is State.LATE
    assert found["api.latency"].state is State.OK


def test_a_region_where_everything_stopped_at_once_has_no_traffic() -> None:
    found = region_until(10, steady(100, until=10, since=90), since=90)
    assert {found[key].state for key in AT_HOME} == {State.NO_TRAFFIC}


def test_a_region_that_was_used_now_and_then_has_no_traffic_although_the_edge_goes_on() -> None:
    used = {epoch(minutes): 2.0 for minutes in range(90, 10, -2)}
    home = metrics(*api_series(used, {}, used))
    found = judged("api.latency", metrics=read(home), edge_metrics=read(metrics(*edge_series(steady(9), steady(1)))))
    assert found.state is State.NO_TRAFFIC


def test_an_api_that_nobody_calls_while_the_rest_of_its_region_is_heard_of_has_no_traffic() -> None:
    used = steady(100, since=90, until=10)
    home = metrics(*api_series(used, {}, used), *lambda_series(steady(3), steady(0), steady(1)))
    assert judged("api.latency", metrics=read(home)).state is State.NO_TRAFFIC


def test_lateness_does_not_hide_what_is_critical_already() -> None:
    stopped = steady(100, since=60, until=5)
    bad = api_series(stopped, stopped, stopped)
    late = metrics(*bad, *lambda_series(steady(100), steady(0), steady(1)))
    assert judged("api.errors", metrics=read(late)).state is State.CRIT


def test_every_silence_has_a_sentence() -> None:
    for problem in ProblemKind:
        for judgement in judge(calm(metrics=failed(problem)), SETTINGS, NOW).judgements.values():
            assert judgement.reason
            assert judgement.detail or not judgement.state.silent
