"""The large chart and its page: exact in width, right in scale, the cursor where its values are, exports that hold."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.model.assessment import State, Threshold, Unit
from services.model.changes import Change, ChangeKind
from services.safe_text import safe
from tests.unit.widget_support import texts
from tui.metric_export import csv_text, file_stem, write
from tui.metric_figure import CURVE
from tui.metric_svg import svg_text
from tui.metric_text import chart_text
from widgets.charset import ASCII, UNICODE, Charset
from widgets.chart import Curve, Strand, chart_rows, moment, nearest, round_parts, times, window_of
from widgets.metric_view import MetricPage, page_rows
from widgets.spans import cells

START = 1_795_392_000
HOUR = 3600


def _curve(points: dict[int, float] | None = None, **fields: Any) -> Curve:
    given_points = {minute: 100.0 + minute for minute in range(60)} if points is None else points
    made: dict[str, Any] = {
        "points": tuple((START + 60 * minute, value) for minute, value in sorted(given_points.items())),
        "period": 60, "start": START, "end": START + HOUR, "unit": Unit.MILLISECONDS,
    } | fields  # fmt: skip
    return Curve(**made)


def _page(**fields: Any) -> MetricPage:
    curve = _curve(**fields)
    values = {"Average": curve.points, "p99": tuple((at, value * 3) for at, value in curve.points)}
    return MetricPage("Latency", "ApiGateway  ApiName=a", "Average", ("Average", "p99"), values, curve, "1 h")


@given(
    st.dictionaries(st.integers(0, 59), st.floats(0, 1e9), max_size=60),
    st.integers(58, 220),
    st.integers(8, 60),
    st.one_of(st.none(), st.integers(START - HOUR, START + 2 * HOUR)),
    st.booleans(),
    st.integers(0, 8),
)
@settings(max_examples=60, deadline=None)
def test_every_row_fits_whatever_is_drawn(
    points: dict[int, float], width: int, height: int, cursor: int | None, unicode: bool, more: int
) -> None:
    thresholds = (Threshold(1000, State.WARN), Threshold(2000, State.CRIT), Threshold(30_000, State.CRIT, "timeout"))
    change = Change(datetime.fromtimestamp(START + 600, UTC), ChangeKind.ALIAS, safe("v42"), safe("v42 went live"))
    charset = UNICODE if unicode else ASCII
    compared = tuple((START + 60 * minute, value / 2) for minute, value in points.items())
    others = tuple(Strand(f"line {place}", compared) for place in range(more))
    curve = _curve(points, cursor=cursor, compared=compared, thresholds=thresholds, changes=(change,), others=others)
    rows = chart_rows(curve, width, height, charset)
    assert len(rows) == max(3, height)
    assert all(cells(row) == width for row in rows)
    page = MetricPage("t", "s", "Average", ("Average",), {"Average": curve.points}, curve, "1 h", "yesterday", "note")
    assert all(cells(row) <= width for row in page_rows(page, width, height, charset))


@given(st.integers(900, 455 * 86_400), st.integers(40, 220))
def test_the_window_shows_the_whole_stretch_and_its_columns_do_not_move(seconds: int, width: int) -> None:
    curve = _curve(start=START, end=START + seconds)
    shown = window_of(curve, width)
    assert shown.start <= START
    assert shown.end >= START + seconds
    assert shown.start % (2 * shown.step) == 0
    later = window_of(_curve(start=START + shown.step, end=START + seconds + shown.step), width)
    assert later.step == shown.step


@pytest.mark.parametrize(("scale", "parts"), [(25, 5), (8, 4), (1, 5), (1500, 3), (60, 3), (400, 4), (2.5, 5)])
def test_a_scale_falls_into_round_parts(scale: float, parts: int) -> None:
    assert round_parts(scale) == parts


def test_the_thresholds_stand_at_the_scale_with_their_numbers() -> None:
    rows = texts(chart_rows(_curve({0: 3000.0}, thresholds=(Threshold(1000, State.WARN),)), 80, 20))
    assert any("1s ┈" in row for row in rows)


TIMEOUT = Threshold(30_000, State.CRIT, "timeout")


@pytest.mark.parametrize(("peak", "said"), [(20_000.0, "30s ┈ timeout ┈"), (300.0, "↑ timeout 30.0 s ")])
def test_a_named_line_stands_at_its_height_or_says_that_it_is_above(peak: float, said: str) -> None:
    assert said in "\n".join(texts(chart_rows(_curve({0: peak}, thresholds=(TIMEOUT,)), 80, 20)))


@pytest.mark.parametrize("charset", [UNICODE, ASCII])
def test_each_of_several_lines_ends_in_its_letter_and_where_there_are_no_dots_is_drawn_in_it(charset: Charset) -> None:
    low = Strand("p99", tuple((START + 60 * minute, 900.0) for minute in range(60)))
    rows = texts(chart_rows(_curve(dict.fromkeys(range(60), 100.0), label="Average", others=(low,)), 80, 20, charset))
    ends = [row[-1] for row in rows if row[-1] in "ab"]
    assert ends == ["b", "a"], "from above: the higher line first"
    if charset is ASCII:
        assert any("aaaa" in row for row in rows) and any("bbbb" in row for row in rows)


def test_the_legend_tells_every_line_and_what_is_still_filling_is_not_its_value() -> None:
    other = Strand("p99", ((START, 900.0), (START + 60, 5.0)))
    page = _page(points={0: 100.0, 1: 1.0}, label="Average", others=(other,), settled_until=START + 60)
    assert " a Average 100 ms   b p99 900 ms" in texts(page_rows(page, 80, 20, UNICODE))[2]


def test_the_minute_still_filling_is_neither_the_newest_nor_the_least_nor_compared() -> None:
    points = dict.fromkeys(range(58), 220.0) | {58: 200.0, 59: 9.0}
    page = _page(points=points, settled_until=START + 59 * 60, unit=Unit.COUNT)
    assert "newest 200 · most 220 · mean 220 · least 200" in texts(page_rows(page, 120, 20, UNICODE))[1]
    at = START + 59 * 60
    under = _page(points=points, settled_until=at, unit=Unit.COUNT, cursor=at, compared=((at - 60, 220.0), (at, 220.0)))
    under = MetricPage(**{name: getattr(under, name) for name in under.__struct_fields__} | {"compared": "yesterday"})
    last = texts(page_rows(under, 120, 20, UNICODE))[-1]
    assert "still filling  Average 9" in last and last.rstrip().endswith("yesterday 220")
    assert f"# still filling: from {datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ} on" in csv_text(page)
    other = Strand("p99", tuple((START + 60 * minute, value) for minute, value in points.items()))
    several = _page(points=points, label="Average", others=(other,), settled_until=at, unit=Unit.COUNT)
    for drawn in (svg_text(several), chart_text(several)):
        assert "Average 200" in drawn and "p99 200" in drawn


def test_the_cursor_tells_every_statistic_and_the_change_against_the_other_day() -> None:
    at = START + 10 * 60
    page = _page(cursor=at, compared=((at, 55.0),))
    page = MetricPage(**{name: getattr(page, name) for name in page.__struct_fields__} | {"compared": "yesterday"})
    last = texts(page_rows(page, 120, 20, UNICODE))[-1]
    assert "Average 110 ms" in last
    assert "p99 330 ms" in last
    assert "yesterday 55 ms (+100 %)" in last


def test_a_cursor_on_a_gap_shows_no_value_and_never_a_zero() -> None:
    last = texts(page_rows(_page(points={0: 5.0}, cursor=START + 30 * 60), 120, 20, UNICODE))[-1]
    assert "Average –" in last


def test_a_window_without_data_says_so_and_one_that_is_asked_for_does_not() -> None:
    empty = _page(points={})
    assert "no data in this window" in texts(page_rows(empty, 120, 20, UNICODE))[1]
    asking = MetricPage(**{name: getattr(empty, name) for name in empty.__struct_fields__} | {"note": "asking …"})
    assert "no data" not in "\n".join(texts(page_rows(asking, 120, 20, UNICODE)))


@pytest.mark.parametrize(
    ("seconds", "said"), [(HOUR, "00:00"), (3 * 86_400, "11-23 00:00"), (90 * 86_400, "2026-11-23")]
)
def test_times_are_as_fine_as_the_window(seconds: int, said: str) -> None:
    assert moment(START, seconds) == said


@pytest.mark.parametrize("seconds", [HOUR, 3 * 86_400, 90 * 86_400])
def test_the_cursors_time_touches_no_other_wherever_it_stands(seconds: int) -> None:
    shown = window_of(_curve({}, start=START, end=START + seconds), 110)
    size = len(moment(START, seconds))
    for at in range(START, START + seconds, seconds // 200):
        row = texts([times(shown, 6, 116, at)])[0]
        assert moment(at, seconds) in row
        assert max(map(len, re.split(r"  +", row.strip()))) <= size, row


def test_a_moment_inside_a_period_finds_that_periods_value() -> None:
    points = ((START, 1.0), (START + 60, 2.0))
    assert nearest(points, START + 119, 60) == 2.0
    assert nearest(points, START + 120, 60) is None


# ---- export


def test_the_csv_has_a_row_a_period_and_a_column_a_statistic_as_cloudwatch_gave_them() -> None:
    rows = list(csv.reader(line for line in io.StringIO(csv_text(_page())) if not line.startswith("#")))
    assert rows[0] == ["time", "Average", "p99"]
    assert rows[1] == ["2026-11-23T00:00:00Z", "100.0", "300.0"]
    assert len(rows) == 61


@pytest.mark.parametrize("title", ["=cmd()", "<script>&", "a\nb", "\x1b[31m"])
def test_hostile_names_neither_become_formulas_nor_markup_nor_lines(title: str) -> None:
    page = _page()
    page = MetricPage(**{name: getattr(page, name) for name in page.__struct_fields__} | {"title": title})
    assert all(line.startswith("#") for line in csv_text(page).splitlines()[:3])
    assert csv_text(page).splitlines()[3].startswith("time,")
    ElementTree.fromstring(svg_text(page))
    assert "\x1b" not in svg_text(page) + csv_text(page)
    assert set(file_stem("production", page, datetime(2026, 11, 23, 3, 12, tzinfo=UTC))) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    )


def test_the_picture_never_joins_a_curve_across_a_gap() -> None:
    page = _page(points={0: 1.0, 1: 2.0, 30: 3.0, 31: 4.0})
    assert svg_text(page).count(f'stroke="{CURVE}"') == 2


def test_an_older_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.svg").symlink_to(tmp_path / "elsewhere")
    first = write(tmp_path, "x", _page())
    second = write(tmp_path, "x", _page())
    assert [path.name for path in first] == ["x-1.csv", "x-1.svg", "x-1.png", "x-1.txt"]
    assert [path.name for path in second] == ["x-2.csv", "x-2.svg", "x-2.png", "x-2.txt"]
    assert {path.stat().st_mode & 0o777 for path in (*first, *second)} == {0o600}
    assert not (tmp_path / "elsewhere").exists()
