"""Which days are asked the costs of, and what they come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.costs import Cost, CostPeriod, Costs, CostWindow
from services.rules.costs import by_service, days, gist, last_month, last_week, money, total, yesterday
from services.safe_text import safe


def costs(*periods: CostPeriod, monthly: bool = False, unit: str = "USD") -> Costs:
    window = CostWindow("yesterday", date(2026, 11, 19), date(2026, 11, 20), monthly)
    return Costs(window, periods, safe(unit), 1)


def period(*amounts: tuple[str, float], day: date = date(2026, 11, 19), estimated: bool = False) -> CostPeriod:
    return CostPeriod(day, tuple(Cost(safe(name), amount) for name, amount in amounts), estimated)


@pytest.mark.runbook("R199", "R202", "R211")
@pytest.mark.parametrize(
    ("now", "day", "week", "month"),
    [
        (datetime(2026, 11, 20, 3, 11, tzinfo=UTC), (2026, 11, 19), (2026, 11, 13), ((2026, 10, 1), (2026, 11, 1))),
        (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), (2026, 2, 28), (2026, 2, 22), ((2026, 2, 1), (2026, 3, 1))),
        (datetime(2028, 3, 1, 23, 59, tzinfo=UTC), (2028, 2, 29), (2028, 2, 23), ((2028, 2, 1), (2028, 3, 1))),
        (datetime(2027, 1, 1, 12, 0, tzinfo=UTC), (2026, 12, 31), (2026, 12, 25), ((2026, 12, 1), (2027, 1, 1))),
    ],
)
def test_windows_are_whole_days_of_utc_with_an_end_that_is_left_out(
    now: datetime,
    day: tuple[int, int, int],
    week: tuple[int, int, int],
    month: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    today = now.date()
    assert (yesterday(now).start, yesterday(now).end) == (date(*day), today)
    assert (last_week(now).start, last_week(now).end) == (date(*week), today)
    assert (last_month(now).start, last_month(now).end) == (date(*month[0]), date(*month[1]))
    assert last_month(now).monthly and not last_week(now).monthly


@given(st.datetimes(datetime(2020, 1, 2), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_window_never_reaches_into_today(now: datetime) -> None:
    for window in (yesterday(now), last_week(now), last_month(now)):
        assert window.start < window.end <= now.date()
    assert last_month(now).start.day == last_month(now).end.day == 1


def test_services_are_summed_over_the_days_the_dearest_first_and_credits_last() -> None:
    found = costs(
        period(("EC2", 40), ("Lambda", 3), ("Support", -2.5)),
        period(("Lambda", 50), ("EC2", 1), ("Cognito", 0), day=date(2026, 11, 20)),
    )
    assert [(one.service, one.amount) for one in by_service(found)] == [
        ("Lambda", 53), ("EC2", 41), ("Cognito", 0), ("Support", -2.5),
    ]  # fmt: skip
    assert total(found) == pytest.approx(91.5)
    assert [(day.day, round(amount, 9)) for day, amount in days(found)] == [(19, 40.5), (20, 51)]
    assert days(costs(period(("EC2", 40)), monthly=True)) == ()


@pytest.mark.parametrize(
    ("amount", "unit", "told"),
    [
        (41.3, "USD", "$41.30"),
        (0, "USD", "$0.00"),
        (-0.001, "USD", "$0.00"),
        (-2, "USD", "-$2.00"),
        (1.005, "EUR", "1.00 EUR"),
        (-3, "CNY", "-3.00 CNY"),
    ],
)
def test_amounts_carry_their_currency(amount: float, unit: str, told: str) -> None:
    assert money(amount, unit) == told


def test_the_line_that_a_tick_keeps_says_days_sum_and_that_it_is_an_estimate() -> None:
    line = gist(costs(period(("EC2", 40), ("Lambda", 3), ("S3", 1), ("SNS", 0.5), estimated=True)))
    assert line == "yesterday, 2026-11-19: $44.50, estimated: EC2 $40.00, Lambda $3.00, S3 $1.00"
    assert "estimated" not in gist(costs(period(("EC2", 40))))
    assert gist(costs()) == "yesterday, 2026-11-19: Cost Explorer has nothing"
    week = CostWindow("the last 7 days", date(2026, 11, 13), date(2026, 11, 20))
    assert "2026-11-13 to 2026-11-19" in gist(Costs(week, (period(("EC2", 1)),), safe("USD"), 1))
    assert (week.end - week.start) == timedelta(days=7)
