"""Numbers become short text, the same everywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.assessment import Unit
from widgets import wording


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 ms"), (0.04, "0.0 ms"), (0.42, "0.4 ms"), (7.25, "7.2 ms"), (9.94, "9.9 ms"), (9.96, "10 ms"),
        (180, "180 ms"), (999.4, "999 ms"), (999.6, "1.00 s"), (1000, "1.00 s"), (1420, "1.42 s"), (9994, "9.99 s"),
        (9996, "10.0 s"), (12_400, "12.4 s"), (99_960, "100 s"), (1_234_000, "1 234 s"),
    ],
)  # fmt: skip
def test_a_duration_has_three_digits_and_one_unit(number: float, text: str) -> None:
    assert wording.milliseconds(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 %"), (0.001, "<0.01 %"), (0.04, "0.04 %"), (0.096, "0.1 %"), (2.34, "2.3 %"), (9.96, "10.0 %"),
        (12.1, "12.1 %"), (99.96, "100.0 %"), (100, "100 %"),
    ],
)  # fmt: skip
def test_a_rate_above_zero_never_reads_as_zero(number: float, text: str) -> None:
    assert wording.percent(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (0.004, "<0.1"), (0.06, "0.1"),
     (3.5, "3.5"), (171, "171"), (1412, "1 412"), (51_234, "51 234"), (999_999, "999 999"),
     (1_234_567, "1.23 M")],
)  # fmt: skip
def test_counts_are_grouped_by_three_with_a_space(number: float, text: str) -> None:
    assert wording.count(number) == text


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (1420, Unit.MILLISECONDS, "1.42 s"), (12.1, Unit.PERCENT, "12.1 %"), (1412, Unit.COUNT, "1 412"),
        (282.4, Unit.PER_MINUTE, "282/min"), (0.25, Unit.PER_MINUTE, "0.25/min"), (41.6, Unit.UNITS_PER_SECOND,
        "41.6 units/s"), (0, Unit.UNITS_PER_SECOND, "0 units/s"), (None, Unit.COUNT, "–"),
        (float("nan"), Unit.PERCENT, "–"), (float("inf"), Unit.COUNT, "–"),
    ],
)  # fmt: skip
def test_a_value_is_said_in_its_unit_and_no_value_is_a_dash(number: float | None, unit: Unit, text: str) -> None:
    assert wording.value(number, unit) == text


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (2000, Unit.MILLISECONDS, "2s"), (1500, Unit.MILLISECONDS, "1.5s"), (500, Unit.MILLISECONDS, "500ms"),
        (10, Unit.PERCENT, "10%"), (400, Unit.COUNT, "400"), (1500, Unit.PER_MINUTE, "1.5k"),
        (2_000_000, Unit.COUNT, "2M"),
    ],
)  # fmt: skip
def test_an_axis_says_it_shorter(number: float, unit: Unit, text: str) -> None:
    assert wording.axis(number, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (-3, "<5 s"), (0, "<5 s"), (4.9, "<5 s"), (5, "5 s"), (9.9, "5 s"), (59.9, "55 s"), (60, "1 min"),
     (119, "1 min"), (120, "2 min"), (7199, "119 min"),
     (7200, "2 h"), (172_799, "47 h"), (172_800, "2 d"), (3 * 86_400, "3 d")],
)  # fmt: skip
def test_an_age_is_rounded_down_to_fives_of_seconds_and_whole_larger_units(seconds: float | None, text: str) -> None:
    assert wording.age(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.42, "0.4 s"), (4, "4 s"), (58, "58 s"), (60, "1 min 00 s"), (125, "2 min 05 s"),
     (4320, "1 h 12 min")],
)  # fmt: skip
def test_how_long_it_took(seconds: float | None, text: str) -> None:
    assert wording.took(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(250, "4:10"), (8, "0:08"), (0.2, "0:01"), (0, "0:00"), (-5, "0:00"), (3720, "1:02:00")]
)
def test_a_countdown_is_rounded_up_so_that_zero_means_now(seconds: float, text: str) -> None:
    assert wording.countdown(seconds) == text


@pytest.mark.parametrize(("rate", "text"), [(0, "$0.00/h"), (0.001, "<$0.01/h"), (0.018, "$0.02/h"), (1.5, "$1.50/h")])
def test_a_cost_above_zero_never_reads_as_zero(rate: float, text: str) -> None:
    assert wording.dollars_per_hour(rate) == text


def test_times_are_utc_whatever_zone_they_come_in() -> None:
    moment = datetime(2026, 11, 23, 4, 11, 42, tzinfo=timezone(timedelta(hours=1)))
    assert wording.clock(moment) == "03:11:42Z"
    assert wording.minute(moment) == "03:11"
    assert wording.minute(int(moment.timestamp())) == "03:11"
    assert wording.second(moment.astimezone(UTC)) == "03:11:42"


@pytest.mark.parametrize(("number", "text"), [("123456789012", "1234-5678-9012"), ("", ""), ("12ab", "12ab")])
def test_an_account_is_read_in_groups_of_four(number: str, text: str) -> None:
    assert wording.account(number) == text


@pytest.mark.parametrize(("factor", "text"), [(1.0, ""), (12.0, "×12"), (0.5, "×0.5")])
def test_speed_is_said_only_when_it_is_not_the_worlds_own(factor: float, text: str) -> None:
    assert wording.speed(factor) == text


@given(st.floats(min_value=1e-6, max_value=1e7), st.sampled_from(list(Unit)))
def test_every_value_is_short_and_printable(number: float, unit: Unit) -> None:
    text = wording.value(number, unit)
    assert text.isprintable()
    assert len(text.removesuffix(" units/s").removesuffix("/min")) <= 9
