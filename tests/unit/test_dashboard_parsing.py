"""Bodies of dashboards: the documented syntax as documented, anything else with a reason and never with a crash."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dashboards.parsing import Unreadable, parse
from services.model.dashboards import AlarmWidget, LogWidget, MetricWidget, Span, TextWidget, Undrawable, View
from services.safe_text import safe
from tests.unit.dashboard_support import API, first, metric, parsed, widget


def _metrics(*rows: Any, **properties: Any) -> list[tuple[str, str, dict[str, str]]]:
    content = first(parsed(metric(*rows, **properties)))
    return [
        (line.metric.namespace, line.metric.name, dict(line.metric.dimensions))
        for line in content.lines
        if line.metric is not None
    ]


def test_a_dot_stands_for_what_the_row_above_has_at_its_place() -> None:
    rows = _metrics(["N", "A", "D", "1"], [".", "B", ".", "."], [".", ".", ".", "2"])
    assert rows == [("N", "A", {"D": "1"}), ("N", "B", {"D": "1"}), ("N", "B", {"D": "2"})]


def test_three_dots_stand_for_everything_up_to_the_values_that_are_given() -> None:
    rows = _metrics(["N", "A", "D", "1", "E", "x"], ["...", "y"], ["...", {"stat": "p99"}])
    assert rows[1] == ("N", "A", {"D": "1", "E": "y"})
    assert rows[2] == rows[1]


def test_rows_of_metrics_refer_past_expressions() -> None:
    rows = _metrics(["N", "A", "D", "1", {"id": "a"}], [{"expression": "a * 2"}], [".", "B", ".", "."])
    assert rows == [("N", "A", {"D": "1"}), ("N", "B", {"D": "1"})]


@pytest.mark.parametrize(
    "row",
    [
        ["..."], [".", "A"], ["N"], ["N", "A", "D"], ["N", 3], ["N", "A", "D", None], "text", 7, None, [], ["N", ""],
        ["N", "A\u001b[31m"], ["N", "Ä"], ["...", "a", "b", "c"], [[["deep"]]], ["N", "A", *["d", "v"] * 31],
    ],
)  # fmt: skip
def test_a_row_that_makes_no_sense_carries_its_fault_and_leaves_the_others_alone(row: Any) -> None:
    content = first(parsed(metric(row, API)))
    assert content.lines[0].fault
    assert content.lines[0].fault.isprintable()
    assert content.lines[1].metric is not None
    assert not content.lines[1].fault


def test_options_of_a_row_win_over_those_of_the_widget_and_colours_are_ignored() -> None:
    rows = (
        [*API, {"stat": "p95", "period": 300, "label": "slow", "yAxis": "right", "visible": False, "color": "#f00"}],
        ["...", {"id": "m2", "region": "eu-west-1"}],
    )
    slow, plain = first(parsed(metric(*rows, stat="Sum", period=60, region="us-east-1"))).lines
    assert (slow.statistic, slow.period, slow.label, slow.right, slow.visible) == ("p95", 300, "slow", True, False)
    assert (slow.region, plain.region) == ("us-east-1", "eu-west-1")
    assert (plain.statistic, plain.period, plain.id, plain.right, plain.visible) == ("Sum", 60, "m2", False, True)


@pytest.mark.parametrize("period", [float("inf"), -5, 0, "60", True, None, 1e300, 59, 61])
def test_periods_are_whole_minutes_whatever_is_written(period: Any) -> None:
    body = json.dumps({"widgets": [metric([*API, {"period": 7}], period=5)]}).replace('"period": 5', '"period": X')
    written = "1e400" if period == float("inf") else json.dumps(period)
    try:
        line = first(parse(safe("b"), body.replace("X", written), "us-west-2")).lines[0]
    except Unreadable:
        assert period == float("inf")
        return
    assert line.period >= 60
    assert line.period % 60 == 0


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [
        ("-PT3H", None, 3 * 3600),
        ("-P1D", None, 86_400),
        ("-P2W", None, 14 * 86_400),
        ("-P1M", None, 30 * 86_400),
        ("-P1DT12H30M", None, 86_400 + 12 * 3600 + 1800),
        ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00.000Z", 86_400),
        ("-P9999Y", None, 455 * 86_400),
        ("-PT0H", None, 3 * 3600),
        ("-P", None, 3 * 3600),
        ("yesterday", None, 3 * 3600),
        ("2026-11-02", "2026-11-01", 3 * 3600),
        (17, {}, 3 * 3600),
        (None, None, 3 * 3600),
    ],
)
def test_time_ranges_are_durations_or_two_instants_and_three_hours_otherwise(
    start: Any, end: Any, seconds: int
) -> None:
    dashboard = parsed(start=start, end=end)
    assert dashboard.span.seconds == seconds
    assert (dashboard.span.end is not None) == (isinstance(end, str) and seconds == 86_400)


def test_a_metric_widget_keeps_its_own_range() -> None:
    assert first(parsed(metric(API, start="-PT1H"), start="-P1D")).span == Span(3600)


@pytest.mark.parametrize("view", list(View))
def test_every_view_of_the_syntax_is_known(view: View) -> None:
    assert first(parsed(metric(API, view=view.value))).view is view


def test_an_unknown_view_is_drawn_as_lines_and_says_so() -> None:
    content = first(parsed(metric(API, view="hologram")))
    assert content.view is View.TIME_SERIES
    assert "hologram" in content.remark


def test_annotations_are_lines_bands_and_moments_and_numbers_are_checked() -> None:
    annotations = {
        "horizontal": [
            {"value": 5, "label": "five"}, [{"value": 1}, {"value": 2, "yAxis": "right"}], {"value": "NaN"}, 3,
        ],
        "vertical": [{"value": "2026-11-23T03:00:00Z", "label": "deploy"}, {"value": "never"}],
    }  # fmt: skip
    content = first(parsed(metric(API, annotations=annotations)))
    assert [(one.value, one.label, one.right) for one in content.levels] == [
        (5, "five", False), (1, "", False), (2, "", True),
    ]  # fmt: skip
    assert [one.label for one in content.moments] == ["deploy"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (widget("text", markdown="# hello"), TextWidget),
        (widget("alarm", alarms=["arn:aws:cloudwatch:us-west-2:123456789012:alarm:a:b"]), AlarmWidget),
        (widget("log", query="SOURCE 'x' | fields @message"), LogWidget),
        (widget("explorer"), Undrawable),
        (widget("custom", endpoint="arn:aws:lambda:us-west-2:123456789012:function:f"), Undrawable),
        (widget("alarm", alarms=["nonsense", 3]), Undrawable),
        (widget("metric"), Undrawable),
        (widget("metric", metrics=[]), Undrawable),
        (widget("hologram"), Undrawable),
        ({}, Undrawable),
        (None, Undrawable),
        ([], Undrawable),
        (widget("metric", annotations={"alarms": ["arn:aws:cloudwatch:us-west-2:1:alarm:a"]}), AlarmWidget),
    ],
)
def test_every_kind_of_widget_has_a_likeness_or_a_reason(given: Any, kind: type) -> None:
    content = parsed(given).widgets[0].content
    assert isinstance(content, kind)
    if isinstance(content, Undrawable):
        assert content.reason


def test_the_name_of_an_alarm_may_hold_colons() -> None:
    content = parsed(widget("alarm", alarms=["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a:b"])).widgets[0].content
    assert isinstance(content, AlarmWidget)
    assert content.alarms == (("eu-west-1", "a:b"),)


def test_variables_start_with_their_defaults_as_patterns_and_as_properties() -> None:
    dashboard = parsed(
        metric(["N", "A", "Stage", "prod"], title="of SERVICE", region="us-west-2"),
        variables=[
            {"type": "pattern", "pattern": "SERVICE", "label": "Service", "defaultValue": "orders"},
            {"type": "property", "property": "Stage", "label": "Stage", "defaultValue": "dev"},
            {"type": "property", "property": "region", "label": "Region", "defaultValue": "eu-west-1"},
            {"type": "property", "property": "Other", "label": "Other"},
            "odd",
        ],
    )
    line = first(dashboard).lines[0]
    assert dashboard.widgets[0].title == "of orders"
    assert line.metric is not None
    assert (line.metric.dimensions, line.metric.region) == ((("Stage", "dev"),), "eu-west-1")
    assert [(one.label, one.value) for one in dashboard.variables][:4] == [
        ("Service", "orders"), ("Stage", "dev"), ("Region", "eu-west-1"), ("Other", ""),
    ]  # fmt: skip


@pytest.mark.runbook("R059")
@pytest.mark.parametrize(
    "body",
    [
        "", "{", "null", "[]", "3", '"text"', "{}", '{"widgets": {}}', '{"widgets": 3}', "\ud800", "[" * 100_000,
        '{"widgets":' + "[" * 100_000, '{"widgets": NaN}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_dashboard_is_refused_in_one_safe_sentence(body: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(safe("board"), body, "us-west-2")
    assert str(caught.value).isprintable()


def test_more_widgets_than_cloudwatch_has_are_cut_with_a_note() -> None:
    dashboard = parsed(*[widget("text", markdown="x")] * 600)
    assert len(dashboard.widgets) == 500
    assert "600" in dashboard.notes[0]


def _no_two_overlap(dashboard: Any) -> bool:
    taken: set[tuple[int, int]] = set()
    for one in dashboard.widgets:
        cells = {
            (x, y)
            for x in range(one.place.x, one.place.x + one.place.width)
            for y in range(one.place.y, min(one.place.bottom, one.place.y + 40))
        }
        if cells & taken or one.place.x + one.place.width > 24:
            return False
        taken |= cells
    return True


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    ["metrics", "view", "title", "region", "stat", "period", "annotations", "yAxis", "markdown", "alarms", "query",
     "start", "end", "stacked", "setPeriodToTimeRange", "horizontal", "vertical", "value", "label", "left", "min"]
)  # fmt: skip
ROWS = st.lists(
    st.lists(st.sampled_from([".", "...", "N", "A", "D", "x"]) | JSON | st.dictionaries(
        st.sampled_from(["id", "expression", "stat", "period", "label", "yAxis", "visible", "region"]), JSON, max_size=4
    ), max_size=8),
    max_size=6,
)  # fmt: skip
PROPERTIES = st.dictionaries(FIELDS, JSON | st.dictionaries(FIELDS, JSON, max_size=3), max_size=8)
WIDGETS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["metric", "metric", "text", "alarm", "log", "custom"]) | JSON,
        "properties": st.tuples(PROPERTIES, ROWS).map(lambda both: {**both[0], "metrics": both[1]}) | JSON,
    },
    optional={name: st.integers(-3, 40) | JSON for name in ("x", "y", "width", "height")},
)


@settings(max_examples=300, deadline=None)
@given(st.lists(WIDGETS, max_size=8), JSON, JSON)
def test_any_body_parses_to_widgets_side_by_side_with_safe_texts(widgets: list[Any], start: Any, given: Any) -> None:
    dashboard = parsed(*widgets, start=start, variables=given)
    assert len(dashboard.widgets) == len(widgets)
    assert _no_two_overlap(dashboard)
    for one in dashboard.widgets:
        assert one.title.isprintable()
        if isinstance(one.content, MetricWidget):
            assert all(line.name.isprintable() and line.fault.isprintable() for line in one.content.lines)
        if isinstance(one.content, TextWidget):
            assert all(line.isprintable() for line in one.content.lines)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_dashboard_or_one_sentence(body: str) -> None:
    try:
        parse(safe("board"), body, "us-west-2")
    except Unreadable as error:
        assert str(error).isprintable()
