"""Dashboards drawn: the grid on any terminal, curves, numbers, Markdown, and never more room than there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.model.alarms import Alarm
from services.model.dashboards import Answer, Board, Dashboard, Filled, MetricWidget, ValueUnit
from services.problems import ProblemKind, problem
from services.safe_text import safe, safe_lines
from tests.unit.dashboard_support import API, metric, parsed, widget
from widgets import dashboard_grid, dashboard_text, dashboard_tile, dashboard_values, raster
from widgets.charset import ASCII, UNICODE, Charset
from widgets.dashboard_tile import Scene
from widgets.raster import Curve
from widgets.spans import cells, text_of

AT = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
NOW = int(AT.timestamp())


def board(dashboard: Dashboard, *values: float | None, unit: ValueUnit = ValueUnit.MILLISECONDS) -> Board:
    """The dashboard with the same minutes in all its lines, the last one four minutes old."""
    points = tuple((NOW - 60 * (len(values) + 3 - at), value) for at, value in enumerate(values) if value is not None)
    filled = {
        index: Filled(
            tuple(
                Answer(place, line.name, points, 60, unit)
                for place, line in enumerate(one.content.lines)
                if line.visible and not line.fault
            ),
            begin=NOW - 3 * 3600,
            until=NOW,
        )
        for index, one in enumerate(dashboard.widgets)
        if isinstance(one.content, MetricWidget)
    }
    return Board(dashboard, filled, {}, AT)


def drawn(given: Board, index: int = 0, width: int = 60, height: int = 10, charset: Charset = UNICODE) -> str:
    scene = Scene(given, {}, (), float(NOW))
    return "\n".join(text_of(one) for one in dashboard_tile.draw(scene, index, width, height, charset))


# ---- the grid


def _needed(one: Any, width: int) -> int:
    return dashboard_tile.needed(one, width, UNICODE)


@pytest.mark.parametrize("size", [(80, 20), (99, 20), (100, 30), (120, 36), (200, 46), (300, 80)])
def test_widgets_never_overlap_and_never_leave_the_screen_sideways(size: tuple[int, int]) -> None:
    width, height = size
    dashboard = parsed(
        widget("text", (0, 0, 24, 1), markdown="# a"),
        *[metric(API, place=(x, 1, 5, 6)) for x in range(0, 20, 5)],
        metric(API, place=(0, 7, 24, 3)),
        widget("text", (23, 10, 1, 1), markdown="x"),
    )
    regions = dashboard_grid.layout(dashboard.widgets, width, height, _needed)
    taken: set[tuple[int, int]] = set()
    for region in regions:
        assert region.height >= 1
        assert region.x >= 0 and region.right <= width
        here = {(x, y) for x in range(region.x, region.right) for y in range(region.y, region.bottom)}
        assert not here & taken
        taken |= here


def test_a_narrow_terminal_has_one_column_in_reading_order() -> None:
    dashboard = parsed(metric(API, place=(12, 0, 12, 6), title="b"), metric(API, place=(0, 0, 12, 6), title="a"))
    regions = dashboard_grid.layout(dashboard.widgets, 80, 20, _needed)
    assert [one.title for one in dashboard.widgets] == ["a", "b"]
    assert [(region.x, region.width) for region in regions] == [(0, 80), (0, 80)]
    assert regions[0].bottom == regions[1].y


@pytest.mark.parametrize(
    ("units", "height", "rows"), [(28, 46, 46 / 28), (28, 36, 36 / 28), (6, 46, 2.0), (90, 46, 1.5)]
)
def test_a_dashboard_that_fits_is_seen_whole_and_a_long_one_scrolls(units: int, height: int, rows: float) -> None:
    assert dashboard_grid.rows_a_unit(units, height) == rows


# ---- values


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (180.2, ValueUnit.MILLISECONDS, "180 ms"),
        (1.42, ValueUnit.SECONDS, "1.42 s"),
        (0.002, ValueUnit.SECONDS, "2.0 ms"),
        (12.1, ValueUnit.PERCENT, "12.1 %"),
        (51_234, ValueUnit.COUNT, "51 234"),
        (999, ValueUnit.BYTES, "999 B"),
        (3_400_000, ValueUnit.BYTES, "3.4 MB"),
        (97.25, ValueUnit.PLAIN, "97.2"),
        (0.00312, ValueUnit.PLAIN, "0.00312"),
        (0.0, ValueUnit.PLAIN, "0"),
        (2.5e12, ValueUnit.PLAIN, "2.5 T"),
        (1e300, ValueUnit.PLAIN, "1.00e+300"),
        (-180.2, ValueUnit.MILLISECONDS, "-180 ms"),
        (None, ValueUnit.COUNT, "–"),
        (float("nan"), ValueUnit.COUNT, "–"),
    ],
)
def test_a_number_is_short_and_has_its_unit(number: float | None, unit: ValueUnit, text: str) -> None:
    assert dashboard_values.value(number, unit) == text


# ---- curves


def _curve(points: tuple[tuple[int, float], ...], letter: str = "a", high: float = 10.0) -> Curve:
    return Curve(points, 60, 0.0, high, f"series-{letter}", letter)


def test_a_gap_is_never_joined_and_a_letter_tells_where_a_line_ends() -> None:
    shown = raster.window(NOW - 1200, NOW, 20)
    points = tuple((NOW - 1200 + 60 * minute, 10.0) for minute in (*range(7), *range(13, 20)))
    found = raster.draw([_curve(points)], shown, 4, NOW, UNICODE)
    empty = [x for x in range(20) if all(line[x][0] == " " for line in found.cells)]
    assert len([x for x in empty if 5 < x < 15]) >= 3
    assert found.ends == (0,)


def test_a_minute_that_is_still_filling_is_faint_and_joined_to_nothing() -> None:
    shown = raster.window(NOW - 1200, NOW, 21)
    points = (*((NOW - 1200 + 60 * minute, 10.0) for minute in range(19)), (NOW - 60, 0.0))
    found = raster.draw([_curve(points)], shown, 4, NOW - 60, UNICODE)
    faint = [(y, x) for y, line in enumerate(found.cells) for x, cell in enumerate(line) if cell[1] == "chart-faint"]
    assert faint
    assert {y for y, _ in faint} == {3}
    assert found.ends == (0,)


def test_stacked_areas_stand_on_each_other() -> None:
    shown = raster.window(NOW - 600, NOW, 10)
    points = tuple((NOW - 600 + 60 * minute, 5.0) for minute in range(10))
    found = raster.draw([_curve(points, "a"), _curve(points, "b")], shown, 8, NOW, UNICODE, stacked=True)
    styles = {y: {cell[1] for cell in line if cell[1]} for y, line in enumerate(found.cells)}
    assert styles[7] == {"series-a"}
    assert styles[0] == {"series-b"}


def test_without_braille_a_line_is_drawn_in_its_letter() -> None:
    shown = raster.window(NOW - 600, NOW, 10)
    points = tuple((NOW - 600 + 60 * minute, 5.0) for minute in range(10))
    found = raster.draw([_curve(points, "c")], shown, 4, NOW, ASCII)
    assert {cell[0] for line in found.cells for cell in line} == {" ", "c"}


@given(span=st.integers(60, 40_000_000), width=st.integers(1, 300))
def test_a_window_holds_its_span_and_its_cells_stand_still(span: int, width: int) -> None:
    shown = raster.window(NOW - span, NOW, width)
    assert shown.start <= NOW - span or width == 1
    assert shown.end >= NOW
    later = raster.window(NOW - span + 60, NOW + 60, width)
    assert (later.start - shown.start) % (2 * shown.step) == 0 or width == 1


# ---- tiles


def test_a_time_series_tells_title_period_names_values_scale_and_age() -> None:
    dashboard = parsed(
        metric([*API, {"label": "mean"}], ["...", {"label": "slow"}], title="Latency",
               annotations={"horizontal": [{"value": 300, "label": "warning"}]})
    )  # fmt: skip
    shown = drawn(board(dashboard, *[180.0] * 60))
    for word in ("Latency", "1 min", "a mean 180 ms", "b slow 180 ms", "warning 300 ms", "300ms", "3 min"):
        assert word in shown, shown


def test_an_annotation_far_above_the_curve_is_told_and_does_not_flatten_it() -> None:
    dashboard = parsed(metric(API, annotations={"horizontal": [{"value": 9000, "label": "critical"}]}))
    shown = drawn(board(dashboard, *[180.0] * 60))
    assert "↑ critical 9.00 s" in shown
    assert "200ms" in shown


def test_lines_of_the_right_axis_have_a_scale_of_their_own() -> None:
    dashboard = parsed(metric(API, ["...", {"yAxis": "right"}]))
    given = board(dashboard, *[180.0] * 60)
    answers = given.filled[0].answers
    points = tuple((at, 4.0) for at, _ in answers[1].points)
    right = Answer(1, safe("rate"), points, 60, ValueUnit.PERCENT)
    both = Board(dashboard, {0: Filled((answers[0], right), begin=NOW - 10_800, until=NOW)}, {}, AT)
    shown = drawn(both)
    assert "200ms" in shown
    assert "5%" in shown


@pytest.mark.parametrize(
    ("view", "words"),
    [
        ("singleValue", ("▀", "ms")),
        ("gauge", ("0ms", "500ms")),
        ("bar", ("█", "180 ms")),
        ("pie", ("100 %", "drawn as bars")),
        ("table", ("last", "min", "avg", "max", "180 ms")),
    ],
)
def test_every_view_shows_its_value(view: str, words: tuple[str, ...]) -> None:
    dashboard = parsed(metric(API, view=view, yAxis={"left": {"min": 0, "max": 500}}))
    shown = drawn(board(dashboard, *[180.0] * 60))
    for word in words:
        assert word in shown, shown


def test_what_was_still_filling_when_it_was_read_never_counts_however_much_later() -> None:
    dashboard = parsed(metric(API))
    points = tuple((NOW - 60 * ago, 180.0 if ago > 2 else 7.0) for ago in range(60, 0, -1))
    filled = Filled((Answer(0, safe("x"), points, 60, ValueUnit.MILLISECONDS),), begin=NOW - 3600, until=NOW)
    scene = Scene(Board(dashboard, {0: filled}, {}, AT), {}, (), NOW + 3000.0)
    shown = "\n".join(text_of(one) for one in dashboard_tile.draw(scene, 0, 60, 10, UNICODE))
    assert "180 ms" in shown
    assert "50 min" in shown


def test_silence_is_told_and_is_no_zero() -> None:
    dashboard = parsed(metric(API), metric(["AWS/DynamoDB", "ReadThrottleEvents", "TableName", "t"]))
    empty = board(dashboard)
    assert "NO DATA" in drawn(empty)
    assert "only when it happens" in drawn(empty, 1)


@pytest.mark.parametrize(
    ("kind", "words"), [(ProblemKind.DENIED, "DENIED: not yours"), (ProblemKind.REFUSED, "not yours")]
)
def test_a_refusal_stands_in_the_place_of_its_widget(kind: ProblemKind, words: str) -> None:
    dashboard = parsed(metric(API))
    assert words in drawn(Board(dashboard, {0: Filled(problem=problem(kind, "not yours"))}, {}, AT))


def test_what_cannot_be_drawn_says_why_in_its_place() -> None:
    dashboard = parsed(widget("custom", title="Mine"), widget("log", query="SOURCE 'g' | fields @message | limit 5"))
    nothing = board(dashboard)
    assert "Mine" in drawn(nothing)
    assert "cannot be drawn" in drawn(nothing)
    shown = drawn(nothing, 1)
    assert "not drawn: Logs Insights query" in shown
    assert "| fields @message" in shown


def test_alarms_show_their_state_in_words_and_one_that_does_not_exist_says_so() -> None:
    arn = "arn:aws:cloudwatch:us-west-2:123456789012:alarm:"
    dashboard = parsed(widget("alarm", alarms=[f"{arn}app-errors", f"{arn}app-latency", f"{arn}app-gone"]))
    alarms = {
        ("us-west-2", "app-errors"): Alarm(safe("app-errors"), "us-west-2", safe("ALARM"), AT),
        ("us-west-2", "app-latency"): Alarm(safe("app-latency"), "us-west-2", safe("INSUFFICIENT_DATA"), AT),
    }
    scene = Scene(board(dashboard), alarms, (), float(NOW) + 300)
    shown = "\n".join(text_of(one) for one in dashboard_tile.draw(scene, 0, 50, 6, UNICODE))
    for word in ("1 in alarm", "✖ app-errors", "5 min ALARM", "NO DATA", "no such alarm"):
        assert word in shown, shown


def test_a_heading_alone_is_a_rule_across_the_dashboard() -> None:
    shown = drawn(board(parsed(widget("text", markdown="## **Business** Metrics"))), height=1)
    assert shown.startswith("── Business Metrics ──")


def test_markdown_is_drawn_without_its_marks() -> None:
    table = "| a | b |\n|---|--:|\n| 1 | two |"
    text = f"# T\nplain **bold** `code` [text](https://x.y)\n- item\n1. first\n\n{table}\n---\n> said"
    rows = [text_of(one) for one in dashboard_text.rows(safe_lines(text), 40, UNICODE)]
    assert rows[:4] == ["T", "plain bold code text https://x.y", "· item", "1. first"]
    assert rows[5:8] == ["a  b  ", "──────", "1  two"]
    assert rows[8:] == ["─" * 40, "│ said"]


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300), width=st.integers(1, 80))
def test_any_markdown_keeps_to_its_width(text: str, width: int) -> None:
    for one in dashboard_text.rows(safe_lines(text), width, UNICODE):
        assert cells(one) <= max(width, 2)


VALUES = st.lists(st.none() | st.floats(-1e308, 1e308), max_size=40)


@settings(max_examples=300, deadline=None)
@given(
    values=VALUES,
    view=st.sampled_from(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]),
    stacked=st.booleans(),
    width=st.integers(1, 90),
    height=st.integers(1, 24),
    unit=st.sampled_from(list(ValueUnit)),
    charset=st.sampled_from([UNICODE, ASCII]),
    bound=st.none() | st.floats(-1e308, 1e308),
    label=st.text(max_size=40),
)
@example([-1e308, 5e-324], "singleValue", False, 60, 10, ValueUnit.PLAIN, UNICODE, None, "")
@example([9007199254740992.0], "gauge", False, 60, 10, ValueUnit.COUNT, UNICODE, 9007199254740992.0, "")
@example([0.0], "timeSeries", False, 1, 3, ValueUnit.BYTES, UNICODE, 5.992310449541053e307, "")
@example([0.0], "timeSeries", False, 1, 3, ValueUnit.BYTES, UNICODE, 9.5e307, "")
@example([0.0], "gauge", False, 60, 10, ValueUnit.BYTES, UNICODE, 9.5e307, "")
def test_any_values_are_drawn_in_exactly_the_room_there_is(
    values: list[float | None], view: str, stacked: bool, width: int, height: int, unit: ValueUnit, charset: Charset,
    bound: float | None, label: str,
) -> None:  # fmt: skip
    rows = [[*API, {"label": label}], ["...", {"yAxis": "right"}], ["...", {"stat": "p99"}]]
    dashboard = parsed(
        metric(*rows, view=view, stacked=stacked, title=label, yAxis={"left": {"min": bound}, "right": {"max": bound}},
               annotations={"horizontal": [{"value": bound, "label": label}], "vertical": [{"value": AT.isoformat()}]})
    )  # fmt: skip
    scene = Scene(board(dashboard, *values, unit=unit), {}, (), float(NOW))
    tops = dashboard_tile.tops(scene, 0, (None, None))
    shown = dashboard_tile.draw(scene, 0, width, height, charset, tops)
    assert len(shown) == height
    assert all(cells(one) <= width for one in shown)
