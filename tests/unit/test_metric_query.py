"""Windows from 15 minutes to 15 months: the period is kept for the oldest point, and a curve is never endless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.metric_query import (
    COUNTED,
    DAY,
    DISTRIBUTION,
    KEPT_S,
    MOST_POINTS,
    PERIODS,
    STRETCHES,
    Range,
    Stretch,
    coarser,
    period_for,
    range_of,
    signal_of,
    statistics_of,
)
from services.model.series import MetricId

NOW = 1_795_403_520  # 2026-11-23T03:12Z


@pytest.mark.parametrize(
    ("seconds", "age", "period"),
    [
        (900, 900, 60),
        (3 * 3600, 3 * 3600, 60),
        (12 * 3600, 12 * 3600, 60),
        (DAY, DAY, 300),
        (7 * DAY, 7 * DAY, 900),
        (3600, 15 * DAY, 60),
        (3600, 15 * DAY + 1, 300),  # a minute's points are gone
        (3600, 63 * DAY, 300),
        (3600, 63 * DAY + 1, 3600),
        (91 * DAY, 91 * DAY, 10_800),
        (455 * DAY, 455 * DAY, DAY),
    ],
)
def test_the_period_is_the_finest_that_is_kept_and_not_too_much(seconds: int, age: int, period: int) -> None:
    assert period_for(seconds, age) == period


@given(
    st.sampled_from(STRETCHES),
    st.integers(0, KEPT_S),
    st.sampled_from((0, DAY, 7 * DAY)),
    st.integers(NOW, NOW + 40 * DAY),
)
def test_every_range_stands_on_its_period_and_asks_for_nothing_that_is_gone(
    stretch: Stretch, back: int, compared: int, now: int
) -> None:
    found = range_of(stretch, now, back=back, compared=compared)
    assert found.start < found.end
    assert found.period in PERIODS
    assert found.start % found.period == found.end % found.period == 0
    assert (found.end - found.start) // found.period <= MOST_POINTS + 1
    assert found.end <= now + found.period
    oldest = now - found.start + compared
    assert found.period >= (60 if oldest <= 15 * DAY else 300 if oldest <= 63 * DAY + 3600 else 3600) or oldest < 0
    shifted = found.shifted(compared)
    assert (shifted.end - shifted.start, shifted.period) == (found.end - found.start, found.period)


def test_the_stretches_go_from_15_minutes_to_15_months_each_longer_than_the_last() -> None:
    lengths = [one.seconds for one in STRETCHES]
    assert lengths == sorted(set(lengths))
    assert (lengths[0], lengths[-1]) == (900, KEPT_S)


@pytest.mark.parametrize(
    ("namespace", "name", "statistics"),
    [
        ("AWS/ApiGateway", "Latency", DISTRIBUTION),
        ("AWS/Lambda", "Duration", DISTRIBUTION),
        ("AWS/Lambda", "Errors", COUNTED),
        ("Shop", "Orders", COUNTED),
    ],
)
def test_a_metric_has_the_statistics_that_say_something_of_it(
    namespace: str, name: str, statistics: tuple[str, ...]
) -> None:
    assert statistics_of(MetricId("us-west-2", namespace, name, ())) == statistics


@given(st.text(max_size=40), st.text(max_size=40))
def test_all_statistics_of_a_metric_bill_as_one(namespace: str, name: str) -> None:
    signal = signal_of(MetricId("us-west-2", namespace, name, (("A", "b"),)), 60)
    assert len(signal.statistics) == len(set(signal.statistics)) <= 5


def test_coarser_points_go_up_to_what_still_says_something_and_back_to_the_finest() -> None:
    hour, seen, period = STRETCHES[1], [60], 60
    while period := coarser(hour, period):
        seen.append(period)
    assert seen == [60, 300, 900]
    assert range_of(hour, NOW, least=300) == Range(NOW // 300 * 300 - 3300, NOW // 300 * 300 + 300, 300)
    assert coarser(STRETCHES[0], 60) == 0
