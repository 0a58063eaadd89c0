"""The line canvas: absolute time buckets, gaps, peaks, the part that is still filling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.model.assessment import State, Threshold, Unit
from widgets import scale
from widgets.canvas import Kind, Plot, Window, columns, draw, span_for, window
from widgets.charset import ASCII
from widgets.spans import Row, cells, text_of
from widgets.sparkline import sparkline

NOW = 1_795_403_460  # on a minute, not on a cell of two minutes
WARN, CRIT = Threshold(5, State.WARN), Threshold(10, State.CRIT)


def minutes(*values: float | None, until: int = NOW) -> tuple[tuple[int, float], ...]:
    """Points a minute apart, the last one the minute before `until`; None is a gap."""
    start = until - 60 * len(values)
    return tuple((start + 60 * index, value) for index, value in enumerate(values) if value is not None)


def grid(rows: tuple[Row, ...]) -> list[list[tuple[str, str]]]:
    return [[(character, span.style) for span in one for character in span.text] for one in rows]


@given(
    values=st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=200),
    width=st.integers(1, 60),
    height=st.integers(1, 12),
    kind=st.sampled_from(list(Kind)),
)
def test_a_chart_is_exactly_as_large_as_asked(values: list[float | None], width: int, height: int, kind: Kind) -> None:
    rows = draw(Plot(minutes(*values), kind=kind, thresholds=(WARN, CRIT)), window(NOW, width), 100.0, height)
    assert len(rows) == height
    assert all(cells(one) == width for one in rows)


@settings(max_examples=50)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=100, max_size=140),
    width=st.integers(10, 40),
    later=st.integers(0, 40),
)
def test_finished_columns_never_change_while_the_window_moves_on(
    values: list[float | None], width: int, later: int
) -> None:
    plot = Plot(minutes(*values), thresholds=(WARN, CRIT))
    before, after = window(NOW, width), window(NOW + later * 60, width)
    shift = (after.start - before.start) // (2 * before.step)
    assert (after.start - before.start) % (2 * before.step) == 0
    old, new = grid(draw(plot, before, 100.0, 5)), grid(draw(plot, after, 100.0, 5))
    for first, second in zip(old, new, strict=True):
        # the first shown column of a window has no neighbour to be joined to
        assert first[shift + 1 :] == second[1 : width - shift]


def test_a_second_that_passes_changes_nothing() -> None:
    assert window(NOW + 1, 30) == window(NOW + 59, 30)


@pytest.mark.parametrize(
    ("width", "step", "span"),
    [(30, 60, 3600), (44, 60, 3600), (150, 15, 4500), (10, 300, 6000), (2, 900, 3600)],
)
def test_a_window_shows_at_least_the_span_in_steps_that_fit_the_periods(width: int, step: int, span: int) -> None:
    shown = window(NOW, width)
    assert shown.step == step
    assert shown.end - shown.start == max(span, width * 2 * step)
    assert shown.start % (2 * step) == 0
    assert shown.start < NOW < shown.end


@pytest.mark.parametrize(
    ("width", "period", "span"), [(30, 60, 3600), (22, 60, 2640), (10, 60, 1800), (22, 300, 3600), (90, 60, 3600)]
)
def test_a_narrow_chart_shows_less_time_so_that_each_minute_is_seen(width: int, period: int, span: int) -> None:
    assert span_for(width, period, 3600, 1800) == span


def test_a_gap_stays_a_gap() -> None:
    shown = window(NOW, 30)
    points = minutes(*[5.0] * 20, *[None] * 10, *[5.0] * 10)
    line = grid(draw(Plot(points), shown, 10.0, 1))[0]
    gap = range(shown.cell(NOW - 19 * 60) or 0, shown.cell(NOW - 12 * 60) or 0)
    assert len(gap) > 2
    assert all(line[cell] == (" ", "") for cell in gap)
    assert line[gap.start - 2][0] != " " and line[gap.stop + 2][0] != " "


def test_a_curve_is_not_joined_across_a_gap() -> None:
    points = minutes(0.0, 0.0, None, None, 10.0, 10.0)
    rows = draw(Plot(points), window(NOW, 30), 10.0, 4)
    assert sum(character != " " for one in rows[1:3] for character in text_of(one)) == 0


def test_a_jump_between_neighbours_is_joined() -> None:
    rows = draw(Plot(minutes(0.0, 0.0, 10.0, 10.0)), window(NOW, 30), 10.0, 4)
    assert all(text_of(one).strip() for one in rows)


def test_a_short_peak_is_seen_however_long_the_column() -> None:
    values = [1.0] * 120
    values[60] = 100.0
    shown = Window(NOW - 240 * 300, 300, 120)
    assert max(high for column in columns(minutes(*values), 60, shown) if column for _, high in [column]) == 100.0


def test_a_long_period_fills_all_its_columns() -> None:
    shown = window(NOW, 30)
    start = shown.start + 600
    filled = [index for index, column in enumerate(columns(((start, 3.0),), 300, shown)) if column]
    assert filled == [10, 11, 12, 13, 14]


def test_what_is_still_filling_is_faint_and_has_no_band() -> None:
    plot = Plot(minutes(*[1.0] * 28, 50.0, 50.0), settled_until=NOW - 120, thresholds=(CRIT,))
    styles = [style for one in grid(draw(plot, window(NOW, 30), 100.0, 3)) for _, style in one]
    assert "chart-faint" in styles
    assert "chart-crit" not in styles


def test_a_count_that_is_still_growing_is_not_drawn_as_a_fall() -> None:
    values = [*[10.0] * 28, 1.0]
    joined = draw(Plot(minutes(*values)), window(NOW, 30), 10.0, 4)
    loose = draw(Plot(minutes(*values), settled_until=NOW - 60), window(NOW, 30), 10.0, 4)
    assert text_of(joined[1]).strip() and text_of(joined[2]).strip()
    assert not text_of(loose[1]).strip() and not text_of(loose[2]).strip()


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf"), -5.0, 1e300])
def test_a_value_that_cannot_be_drawn_breaks_nothing(odd: float) -> None:
    rows = draw(Plot(minutes(1.0, odd, 1.0)), window(NOW, 30), scale.top(odd, Unit.COUNT), 3)
    assert {cells(one) for one in rows} == {30}


def test_a_settled_breach_has_the_colour_of_its_band() -> None:
    points = minutes(*[1.0] * 5, *[7.0] * 5, *[50.0] * 5)
    rows = grid(draw(Plot(points, thresholds=(WARN, CRIT)), window(NOW, 30), 60, 3))
    styles = {style for one in rows for character, style in one if character >= "\u2801"}
    assert styles == {"chart", "chart-warn", "chart-crit"}


def test_a_value_on_the_threshold_is_not_above_it() -> None:
    rows = grid(draw(Plot(minutes(*[10.0] * 10), thresholds=(CRIT,)), window(NOW, 30), 20, 2))
    assert "chart-crit" not in {style for one in rows for _, style in one}


def test_threshold_lines_and_markers_show_through_empty_cells_only() -> None:
    shown = window(NOW, 30)
    plot = Plot(minutes(*[0.0] * 60), thresholds=(CRIT,), markers=(NOW - 1800,))
    rows = grid(draw(plot, shown, 20.0, 4))
    cell = shown.cell(NOW - 1800)
    assert cell is not None
    assert rows[0][cell] == ("┊", "rule")
    lines = [y for y in range(4) if rows[y][0] == ("┈", "line-crit")]
    assert lines == [2] or lines == [1]
    assert "┈" not in text_of(draw(plot, shown, 20.0, 4)[3])


def test_an_area_reaches_down_to_zero() -> None:
    rows = draw(Plot(minutes(*[10.0] * 10), kind=Kind.AREA), window(NOW, 30), 10.0, 3)
    assert all("⣿" in text_of(one) for one in rows)


def test_empty_cells_are_spaces() -> None:
    for one in draw(Plot(()), window(NOW, 30), 10.0, 3):
        assert text_of(one) == " " * 30


def test_ascii_draws_the_same_shape() -> None:
    plot = Plot(minutes(*[0.0] * 20, *[9.0] * 20), thresholds=(CRIT,))
    unicode, plain = draw(plot, window(NOW, 30), 15.0, 4), draw(plot, window(NOW, 30), 15.0, 4, ASCII)
    for one, other in zip(unicode, plain, strict=True):
        assert text_of(other).isascii()
        assert [a == " " for a in text_of(one)] == [b == " " for b in text_of(other)]


def test_a_sparkline_has_the_same_columns_and_colours() -> None:
    plot = Plot(minutes(*[1.0] * 30, None, None, None, None, *[50.0] * 6), thresholds=(CRIT,))
    line = sparkline(plot, window(NOW, 30), 50.0)
    assert cells(line) == 30
    assert {span.style for span in line} == {"", "chart", "chart-crit"}
    assert text_of(line).rstrip()[-1] == "▇"


@pytest.mark.parametrize(
    ("number", "top"),
    [
        (0, 1),
        (0.9, 1),
        (1, 1),
        (1.2, 1.5),
        (12.7, 15),
        (21, 25),
        (26, 30),
        (410, 500),
        (1491, 1500),
        (9.1, 10),
        (10.1, 15),
    ],
)
def test_scales_end_on_round_numbers(number: float, top: float) -> None:
    assert scale.nice(number) == pytest.approx(top)


def test_a_scale_grows_at_once_and_comes_down_with_slack() -> None:
    high = scale.top(90, Unit.COUNT)
    assert high == 100
    assert scale.top(110, Unit.COUNT, before=high) == 150
    assert scale.top(77, Unit.COUNT, before=high) == high
    assert scale.top(56, Unit.COUNT, before=high) == 60
    assert scale.top(58, Unit.COUNT, before=60) == 80
    assert scale.top(54, Unit.COUNT, before=80) == 80


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from(list(Unit)))
def test_a_scale_always_holds_its_peak(first: float, second: float, unit: Unit) -> None:
    top = scale.top(second, unit, (WARN, CRIT), scale.top(first, unit, (WARN, CRIT)))
    assert top >= second
    assert top >= 1


def test_a_threshold_comes_onto_the_chart_when_the_peak_is_half_way_to_it() -> None:
    assert scale.top(490, Unit.MILLISECONDS, (Threshold(1000, State.WARN),)) < 1000
    assert scale.top(500, Unit.MILLISECONDS, (Threshold(1000, State.WARN),)) == 1000
