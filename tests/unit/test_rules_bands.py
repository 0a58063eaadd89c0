"""The runbook's five key metrics at their boundaries, and the numbers beside them."""

from __future__ import annotations

import pytest

from services.model.assessment import Judgement, State
from services.model.series import Series
from services.plural import several
from services.rules import judge
from services.rules.bands import band, lines
from services.settings.values import Bands
from tests.unit.rules_support import (
    API,
    EDGE,
    FUNCTION,
    INDEX,
    NOW,
    SETTINGS,
    TABLE,
    api_series,
    at,
    calm,
    edge_series,
    epoch,
    lambda_series,
    metrics,
    read,
    series,
    steady,
    table_series,
)


def judged(key: str, *found: Series, edge: bool = False) -> Judgement:
    feeds = {"edge_metrics" if edge else "metrics": read(metrics(*found))}
    return judge(calm(**feeds), SETTINGS, NOW).judgements[key]


@pytest.mark.runbook("R038")
@pytest.mark.parametrize(
    ("milliseconds", "state"),
    [(199, "OK"), (200, "ELEVATED"), (1000, "ELEVATED"), (1001, "WARN"), (2000, "WARN"), (2001, "CRIT")],
)
def test_api_latency_keeps_equality_in_the_lower_band(milliseconds: float, state: str) -> None:
    found = judged("api.latency", *api_series(steady(100), steady(0), steady(milliseconds)))
    assert (found.state, found.value) == (State(state), milliseconds)


@pytest.mark.runbook("R037")
def test_api_latency_shows_the_mean_its_percentiles_and_an_hour_of_chart() -> None:
    five = {epoch(minutes): 3100.0 for minutes in (12, 7)}
    percentiles = metrics(series("api.latency", API, {"p95": five, "p99": {epoch(7): 4800.0}}, period=300))
    situation = calm(
        metrics=read(metrics(*api_series(steady(100), steady(0), steady(180)))), percentiles=read(percentiles)
    )
    found = judge(situation, SETTINGS, NOW).judgements["api.latency"]
    assert found.value == 180
    assert found.detail == "p95 3.1 s · p99 4.8 s · backend 180 ms"
    assert len(found.chart) == 60
    assert found.chart[0] == (epoch(60), 180)


def test_a_percentile_older_than_the_newest_settled_periods_is_not_shown() -> None:
    percentiles = metrics(series("api.latency", API, {"p95": {epoch(60): 9.0}}, period=300))
    found = judge(calm(percentiles=read(percentiles)), SETTINGS, NOW).judgements["api.latency"]
    assert "p95" not in found.detail


@pytest.mark.runbook("R040")
@pytest.mark.parametrize(
    ("errors", "state"),
    [(9, "OK"), (10, "ELEVATED"), (50, "ELEVATED"), (51, "WARN"), (100, "WARN"), (101, "CRIT")],
)
def test_error_rate_keeps_equality_in_the_lower_band(errors: float, state: str) -> None:
    found = judged("api.errors", *api_series(steady(1000), steady(errors), steady(100)))
    assert found.state is State(state)
    assert found.value == pytest.approx(errors / 10)


@pytest.mark.runbook("R039")
def test_error_rate_is_5xx_over_all_requests_of_the_window() -> None:
    requests, errors = {epoch(5): 60.0, epoch(4): 40.0}, {epoch(4): 3.0}
    found = judged("api.errors", *api_series(requests, errors, requests))
    assert found.value == pytest.approx(3.0)
    assert found.detail == "3 of 100 · 5 min"
    assert found.coverage == (2, 5)


@pytest.mark.runbook("R039")
@pytest.mark.parametrize("requests", [steady(0), steady(100, since=90, until=20)])
def test_no_requests_are_no_traffic_and_never_zero_percent(requests: dict[int, float]) -> None:
    region = read(metrics(*api_series(requests, {}, {})))
    found = judge(calm(metrics=region, edge_metrics=read(metrics())), SETTINGS, NOW).judgements["api.errors"]
    assert (found.state, found.value) == (State.NO_TRAFFIC, None)


def test_a_client_error_is_shown_beside_the_rate_and_never_in_it() -> None:
    extra = series("api.4xx", API, {"Sum": steady(50)})
    found = judged("api.errors", *api_series(steady(100), steady(0), steady(1)), extra)
    assert found.value == 0
    assert found.detail.endswith("4xx 250 (50 %)")


@pytest.mark.runbook("R050")
def test_client_errors_and_server_errors_are_separate_counts() -> None:
    extra = series("api.4xx", API, {"Sum": {epoch(4): 7.0}})
    found = judged("api.errors", *api_series(steady(100), {epoch(5): 2.0}, steady(1)), extra)
    assert found.detail == "2 of 500 · 5 min · 4xx 7 (1.4 %)"


@pytest.mark.runbook("R049")
def test_requests_are_shown_as_their_number_and_as_a_rate() -> None:
    found = judged("api.requests", *api_series(steady(240), steady(0), steady(1)))
    assert (found.value, found.detail) == (240, "1 200 in 5 min · 4.0/s")


@pytest.mark.parametrize(("failed", "state"), [(0, State.OK), (3, State.ELEVATED), (19, State.ELEVATED)])
def test_too_few_requests_colour_no_rate_but_hide_no_error(failed: float, state: State) -> None:
    found = judged("api.errors", *api_series({epoch(4): 19.0}, {epoch(4): failed}, {epoch(4): 1.0}))
    assert found.state is state
    assert found.detail == f"{failed} of 19 · 5 min"
    assert found.since is None


@pytest.mark.runbook("R042")
@pytest.mark.parametrize(("events", "state"), [(0, "OK"), (1, "WARN"), (5, "WARN"), (6, "CRIT")])
def test_throttling_has_no_gap_between_normal_and_warning(events: int, state: str) -> None:
    throttles = {epoch(4): float(events)} if events else {}
    found = judged("table.throttles", *table_series(throttles, steady(30)))
    assert (found.state, found.value) == (State(state), events)


@pytest.mark.runbook("R041")
def test_throttle_events_of_an_index_count_for_its_table() -> None:
    found = judged("table.throttles", *table_series({epoch(4): 2.0}, steady(30), on_index={epoch(3): 4.0}))
    assert (found.value, found.state) == (6, State.CRIT)
    assert f"{INDEX} 4" in found.reason


def test_the_hour_of_throttling_is_shown_beside_the_five_minutes() -> None:
    found = judged("table.throttles", *table_series({epoch(40): 7.0}, steady(30)))
    assert (found.value, found.state, found.detail) == (0, State.OK, "on-demand · 7 in the last hour")


@pytest.mark.runbook("R044")
@pytest.mark.parametrize(
    ("seconds", "state"),
    [(4.9, "OK"), (5, "ELEVATED"), (10, "ELEVATED"), (10.1, "WARN"), (15, "WARN"), (15.1, "CRIT")],
)
def test_lambda_duration_keeps_equality_in_the_lower_band(seconds: float, state: str) -> None:
    found = judged("lambda.duration", *lambda_series(steady(10), steady(0), steady(seconds * 1000)))
    assert found.state is State(state)


@pytest.mark.runbook("R043")
def test_lambda_duration_shows_its_maximum() -> None:
    found = judged("lambda.duration", *lambda_series(steady(10), steady(0), steady(4200)))
    assert (found.value, found.detail) == (4200, "max 4.2 s")


def test_a_duration_at_the_functions_timeout_is_not_called_normal() -> None:
    own = series("lambda.duration", FUNCTION, {"Average": steady(100), "Maximum": {epoch(4): 30000.0}})
    found = judged("lambda.duration", series("lambda.invocations", FUNCTION, {"Sum": steady(10)}), own)
    assert found.state is State.ELEVATED
    assert "time-out of 30 s" in found.reason


def test_lambda_errors_above_five_percent_are_critical_at_once() -> None:
    for errors, state in ((50, State.ELEVATED), (51, State.CRIT)):
        found = judged("lambda.errors", *lambda_series(steady(1000), steady(errors), steady(1)))
        assert found.state is state


def test_throttled_invocations_are_told_although_they_are_no_errors() -> None:
    own = series("lambda.throttles", FUNCTION, {"Sum": {epoch(4): 12.0}})
    found = judged("lambda.errors", *lambda_series(steady(100), steady(0), steady(1)), own)
    assert (found.state, found.detail) == (State.ELEVATED, "0 of 500 · 5 min · 12 throttled")


@pytest.mark.runbook("R046")
@pytest.mark.parametrize(
    ("rate", "state"),
    [(4.9, "OK"), (5, "ELEVATED"), (10, "ELEVATED"), (10.1, "WARN"), (20, "WARN"), (20.1, "CRIT")],
)
def test_cloudfront_4xx_keeps_equality_in_the_lower_band(rate: float, state: str) -> None:
    found = judged("edge.4xx", *edge_series({epoch(8): 100.0}, {epoch(8): rate}), edge=True)
    assert found.state is State(state)


@pytest.mark.runbook("R045")
def test_cloudfront_rates_are_weighted_by_requests_not_by_minutes() -> None:
    requests = {epoch(9): 900.0, epoch(8): 100.0}
    found = judged("edge.4xx", *edge_series(requests, {epoch(9): 0.0, epoch(8): 50.0}), edge=True)
    assert found.value == pytest.approx(5.0)


def test_minutes_still_filling_and_the_future_are_never_judged() -> None:
    bad = {epoch(minutes): 99.0 for minutes in (1, 0, -5)}
    found = judged("api.errors", *api_series(steady(100), bad, steady(100)))
    assert (found.state, found.value) == (State.OK, 0)
    assert found.settled_until == epoch(2)
    assert [start for start, _ in found.chart][-1] == epoch(1)


def test_a_mean_is_weighted_by_samples() -> None:
    found = judged(
        "api.latency",
        *api_series({epoch(5): 90.0, epoch(4): 10.0}, {}, {epoch(5): 100.0, epoch(4): 1100.0}),
    )
    assert found.value == pytest.approx(200)


def test_a_breach_is_dated_to_its_first_minute_although_one_minute_in_it_was_lucky() -> None:
    errors = {start: (0.0 if start in (epoch(6),) else 30.0) for start in steady(1, since=12)}
    found = judged("api.errors", *api_series(steady(200), steady(0) | errors, steady(100)))
    assert found.state is State.CRIT
    assert found.since == at(12)


def test_a_breach_that_has_ended_and_come_back_is_dated_to_the_second() -> None:
    errors = dict.fromkeys((*steady(1, since=30, until=20), *steady(1, since=7)), 30.0)
    found = judged("api.errors", *api_series(steady(200), steady(0) | errors, steady(100)))
    assert found.since == at(7)


def test_the_worst_of_several_functions_is_judged_and_named() -> None:
    other = [
        series("lambda.invocations", "other", {"Sum": steady(100)}),
        series("lambda.errors", "other", {"Sum": steady(50)}),
    ]
    found = judged("lambda.errors", *lambda_series(steady(100), steady(0), steady(1)), *other)
    assert (found.state, found.value) == (State.CRIT, 50)
    assert found.detail.startswith("other · ")


def test_capacity_is_units_per_second_of_both_sides() -> None:
    found = judged("table.capacity", *table_series({}, steady(120)))
    assert (found.value, found.detail) == (4, "read 2.0 · write 2.0 · on-demand")


def test_every_threshold_has_one_line_on_the_chart() -> None:
    assert [(one.value, one.state) for one in lines(Bands(1, 5, 10))] == [(5, State.WARN), (10, State.CRIT)]
    assert [(one.value, one.state) for one in lines(Bands(1, 5, 5))] == [(5, State.CRIT)]


def test_of_several_distributions_the_lowest_hit_rate_is_the_worst() -> None:
    other = [
        series("edge.requests", "E2", {"Sum": steady(1)}, settle=300),
        series("edge.hits", "E2", {"Average": steady(12)}, settle=300),
    ]
    edge = read(metrics(*edge_series(steady(500), steady(1), steady(92)), *other))
    found = judge(calm(edge_metrics=edge), SETTINGS, NOW).judgements["edge.hits"]
    assert (found.value, found.detail) == (12.0, "E2 · 5 requests")
    assert [(one.resource, one.value) for one in found.standings] == [("E2", 12.0), (EDGE, 92.0)]


def test_one_is_said_as_one() -> None:
    assert (several(1, "request"), several(0, "request"), several(1412, "request")) == (
        "1 request", "0 requests", "1 412 requests",
    )  # fmt: skip


@pytest.mark.runbook("R036")
def test_a_band_never_gets_better_as_the_value_grows() -> None:
    for bands in (Bands(1, 5, 10), Bands(0, 0, 5), Bands(1, 5, 5)):
        severities = [band(step / 10, bands).severity for step in range(200)]
        assert severities == sorted(severities)


def test_the_table_is_named_by_its_judgement_when_several_are_judged() -> None:
    other = [
        series("table.read_throttles", "sessions", {"Sum": {epoch(4): 9.0}}),
        series("table.reads", "sessions", {"Sum": steady(1), "SampleCount": steady(1)}),
    ]
    found = judged("table.throttles", *table_series({}, steady(30)), *other)
    assert found.detail.startswith("sessions")
    assert TABLE not in found.detail


@pytest.mark.runbook("R052")
def test_write_capacity_is_by_the_second_and_that_of_an_index_stands_apart() -> None:
    table = [series(f"table.{side}", TABLE, {"Sum": steady(units)}) for side, units in (("reads", 60), ("writes", 600))]
    index = [series(f"table.{side}", INDEX, {"Sum": steady(units)}) for side, units in (("reads", 0), ("writes", 120))]
    found = judged("table.capacity", *table, *index)
    assert "write 10.0" in found.detail
    assert found.value == 11.0
    assert "by index: by-user read 0.0, write 2.0" in found.reason
