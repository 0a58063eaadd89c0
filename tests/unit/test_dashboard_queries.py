"""From a dashboard to the calls that fill it: exactly the body's metrics, one call a region, periods that exist."""

from __future__ import annotations

from typing import Any

import pytest

from services.dashboards import naming, queries, units
from services.dashboards.expressions import named, renamed, stands_alone
from services.dashboards.finding import find
from services.model.dashboards import Dashboard, Span, ValueUnit
from tests.unit.dashboard_support import API, first, metric, parsed, widget

NOW = 1_795_402_800.0 + 30


def _asked(dashboard: Dashboard, span: Span | None = None) -> list[dict[str, Any]]:
    return [dict(query.parameters) for ask in queries.asks(dashboard, NOW, span) for query in ask.queries]


@pytest.mark.runbook("R054")
@pytest.mark.runbook("R055")
def test_a_metric_is_asked_for_by_exactly_the_names_of_the_body() -> None:
    row = ["My App", "InstancesStarted", "Environment", "production", "Zone", "a", {"stat": "Sum"}]
    (asked,) = _asked(parsed(metric(row, period=60), periodOverride="inherit"))
    assert asked["MetricStat"] == {
        "Metric": {
            "Namespace": "My App",
            "MetricName": "InstancesStarted",
            "Dimensions": [{"Name": "Environment", "Value": "production"}, {"Name": "Zone", "Value": "a"}],
        },
        "Period": 60,
        "Stat": "Sum",
    }


def test_widgets_of_one_region_share_a_call_and_their_ids_do_not_clash() -> None:
    one = metric([*API, {"id": "m1", "visible": False}], [{"expression": "m1 * 2", "id": "e1"}])
    (ask,) = queries.asks(parsed(one, one), NOW)
    assert [query.id for query in ask.queries] == ["w0_m1", "w0_e1", "w1_m1", "w1_e1"]
    assert [query.parameters.get("Expression") for query in ask.queries] == [None, "w0_m1 * 2", None, "w1_m1 * 2"]
    assert [query.parameters["ReturnData"] for query in ask.queries] == [False, True, False, True]


def test_regions_and_spans_have_calls_of_their_own() -> None:
    asks = queries.asks(
        parsed(metric(API), metric(API, region="us-east-1"), metric(API, start="-PT1H"), start="-PT3H"), NOW
    )
    assert {(ask.region, (ask.until - ask.begin) // 3600) for ask in asks} == {
        ("us-west-2", 3), ("us-east-1", 3), ("us-west-2", 1),
    }  # fmt: skip


@pytest.mark.parametrize("expression", ["SUM(METRICS())", "SEARCH('{N,D} A', 'Sum')", "SELECT AVG(A) FROM N"])
def test_an_expression_that_looks_at_its_whole_request_is_alone_with_its_widget(expression: str) -> None:
    asks = queries.asks(parsed(metric(API), metric([{"expression": expression}], API)), NOW)
    assert [ask.widgets for ask in asks] == [(0,), (1,)]


def test_no_call_is_larger_than_aws_takes_and_no_widget_is_torn() -> None:
    board = parsed(*[metric(*[["N", f"M{number}"] for number in range(30)]) for _ in range(60)])
    asks = queries.asks(board, NOW)
    assert sorted(index for ask in asks for index in ask.widgets) == list(range(60))
    for ask in asks:
        assert len(ask.queries) <= 500
        assert sum((ask.until - ask.begin) // query.period for query in ask.queries) <= queries.POINTS_A_CALL


@pytest.mark.parametrize(
    ("start", "override", "own", "period"),
    [
        ("-PT3H", "auto", 300, 60),
        ("-P1D", "auto", 60, 300),
        ("-P7D", "auto", 60, 3600),
        ("-PT3H", "inherit", 300, 300),
        ("-PT3H", "inherit", 60, 60),
        ("-P3D", "inherit", 60, 180),
        ("-P30D", "inherit", 60, 1800),
        ("-P100D", "inherit", 60, 7200),
    ],
)
def test_periods_follow_the_range_or_the_body_and_never_what_no_longer_exists(
    start: str, override: str, own: int, period: int
) -> None:
    board = parsed(metric(API, period=own), start=start, periodOverride=override)
    (ask,) = queries.asks(board, NOW)
    assert ask.queries[0].period == period
    assert (ask.until - ask.begin) // period <= queries.MOST_POINTS + 1


def test_one_value_over_the_whole_range_is_one_period() -> None:
    (ask,) = queries.asks(parsed(metric(API, setPeriodToTimeRange=True, view="singleValue"), start="-PT6H"), NOW)
    assert ask.queries[0].period == 6 * 3600


def test_a_range_chosen_by_hand_replaces_those_of_the_body() -> None:
    (ask,) = queries.asks(parsed(metric(API, start="-PT1H"), start="-P1D"), NOW, Span(12 * 3600))
    assert ask.until - ask.begin >= 12 * 3600
    assert ask.until - ask.begin < 12 * 3600 + 600


def test_math_across_regions_is_a_fault_of_its_row_alone() -> None:
    rows = ([*API, {"id": "a", "region": "us-east-1"}], [{"expression": "a * 2"}], API)
    board = parsed(metric(*rows))
    assert "us-east-1" in queries.faults(first(board))[1]
    assert len(_asked(board)) == 2


@pytest.mark.parametrize(
    ("expression", "names", "after"),
    [
        ("100 * errors / requests", {"errors", "requests"}, "100 * w_errors / w_requests"),
        ("IF(m1 > 1e3, m1, 0)", {"m1"}, "IF(w_m1 > 1e3, w_m1, 0)"),
        ("SUM([m1, m10])", {"m1", "m10"}, "SUM([w_m1, w_m10])"),
        ("METRICS(\"m1\") + FILL(m1, 'm1')", {"m1"}, "METRICS(\"m1\") + FILL(w_m1, 'm1')"),
        ("'unclosed m1", {"unclosed", "m1"}, "'w_unclosed w_m1"),
    ],
)
def test_ids_in_an_expression_are_found_and_renamed_and_nothing_else(
    expression: str, names: set[str], after: str
) -> None:
    assert named(expression) == names
    assert renamed(expression, {name: f"w_{name}" for name in names}) == after


def test_a_plain_expression_does_not_stand_alone() -> None:
    assert not stands_alone("100 * searches / selects")


@pytest.mark.parametrize(
    ("row", "unit"),
    [
        (API, ValueUnit.MILLISECONDS),
        ([*API, {"stat": "SampleCount"}], ValueUnit.COUNT),
        (["AWS/Lambda", "Errors", "F", "f"], ValueUnit.COUNT),
        (["AWS/CloudFront", "4xxErrorRate", "D", "d"], ValueUnit.PERCENT),
        (["AWS/CloudFront", "BytesDownloaded", "D", "d"], ValueUnit.BYTES),
        (["AWS/EC2", "CPUUtilization", "I", "i"], ValueUnit.PERCENT),
        (["Own", "Anything"], ValueUnit.PLAIN),
        (["Own", "Learned"], ValueUnit.SECONDS),
        ([{"expression": "m1 * 3", "label": "Error rate %"}], ValueUnit.PERCENT),
    ],
)
def test_values_have_the_unit_of_their_metric(row: list[Any], unit: ValueUnit) -> None:
    lines = first(parsed(metric(row))).lines
    assert units.of_line(lines[0], lines, {("Own", "Learned"): ValueUnit.SECONDS}) is unit


@pytest.mark.parametrize(
    ("expression", "unit"),
    [("a + b", ValueUnit.MILLISECONDS), ("(a - b)", ValueUnit.MILLISECONDS), ("a / b", ValueUnit.PLAIN)],
)
def test_a_sum_has_the_unit_of_its_parts_and_a_ratio_none(expression: str, unit: ValueUnit) -> None:
    lines = first(parsed(metric([*API, {"id": "a"}], ["...", {"id": "b"}], [{"expression": expression}]))).lines
    assert units.of_line(lines[2], lines, {}) is unit


def test_lines_are_called_by_what_tells_them_apart() -> None:
    def named_as(*rows: Any) -> tuple[str, ...]:
        return naming.names(first(parsed(metric(*rows))).lines)

    assert named_as(API) == ("Latency",)
    assert named_as([*API, {"stat": "p95"}], ["...", {"stat": "p99"}]) == ("p95", "p99")
    assert named_as(["N", "A", "D", "1"], [".", "B", ".", "."]) == ("A", "B")
    assert named_as(["N", "A", "D", "1", "E", "e"], ["N", "A", "D", "2", "E", "e"]) == ("1", "2")
    assert named_as(["N", "A", {"label": "mine"}], ["N", "A"]) == ("mine", "A")


@pytest.mark.runbook("R053")
@pytest.mark.runbook("R056")
def test_the_runbooks_sections_are_found_by_heading_and_their_values_by_title_or_metric() -> None:
    board = parsed(
        widget("text", (0, 0, 24, 1), markdown="## API"),
        metric(API, place=(0, 1, 24, 6), title="Response time"),
        widget("text", (0, 7, 24, 1), markdown="## Business Metrics"),
        metric(["Own", "Started"], place=(0, 8, 12, 6), title="EC2 operations"),
        metric(["Own", "ActiveUsers"], place=(12, 8, 12, 6)),
        widget("text", (0, 14, 24, 1), markdown="## System Health ##"),
        metric(["Own", "HealthScore"], place=(0, 15, 12, 6), title="Score"),
        metric(["Own", "ResponseTime"], place=(12, 15, 12, 6), title="Response times"),
    )
    found = find(board)
    assert found.business is not None and [one.title for one in found.business.widgets] == ["EC2 operations", ""]
    assert found.health is not None and len(found.health.widgets) == 2
    assert found.operations is board.widgets[3]
    assert found.activity is board.widgets[4]
    assert found.score is board.widgets[6]
    assert found.response is board.widgets[7]


def test_what_a_dashboard_does_not_define_is_not_found() -> None:
    found = find(parsed(metric(API, title="Latency")))
    assert (found.business, found.health, found.operations, found.activity, found.score) == (None,) * 5
