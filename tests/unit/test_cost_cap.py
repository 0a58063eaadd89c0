"""The cost cap: what is watched is asked more seldom, all alike, and nothing is left out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.aws.budget import Budget
from services.aws.capping import LEAST_SHARE, per_hour, stretch, stretched
from services.clock import ManualClock
from services.model.assessment import State
from services.model.spending import Spending
from services.problems import ConfigurationError
from services.rules import judge
from services.settings import Cadence
from services.settings.loading import load, parse
from services.watch.pace import BILLED, Pace
from tests.unit.rules_support import NOW, SETTINGS, api_series, calm, metrics, read, steady
from widgets.header import HeaderFacts, header_row
from widgets.spans import text_of

PRICE = 0.01 / 1000
FEEDS = st.lists(st.tuples(st.integers(0, 5_000).map(PRICE.__mul__), st.sampled_from([60.0, 300.0])), max_size=4)


@given(FEEDS, FEEDS, st.floats(0.001, 100))
def test_the_cap_is_kept_whenever_something_else_does_not_pass_it_alone(
    watched: list[tuple[float, float]], besides: list[tuple[float, float]], cap: float
) -> None:
    factor = stretch(watched, besides, cap)
    asked = [(dollars, stretched(every, factor)) for dollars, every in watched]
    assert factor >= 1
    assert all(after >= before for (_, before), (_, after) in zip(watched, asked, strict=True))
    most = max(cap, per_hour(besides) + LEAST_SHARE * cap)
    assert per_hour(asked) + per_hour(besides) <= most * (1 + 1e-6)


@given(FEEDS, st.floats(0.001, 10), st.floats(0.001, 10))
def test_a_higher_cap_never_makes_anything_slower(watched: list[tuple[float, float]], one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert stretch(watched, (), high) <= stretch(watched, (), low)


def test_below_the_cap_nothing_changes_and_above_it_pauses_are_whole_minutes() -> None:
    assert stretch([(20 * PRICE, 60.0)], (), 0.25) == 1
    assert [stretched(every, 1.0) for every in (30.0, 60.0)] == [30, 60]
    assert stretched(60.0, 4.8) == 300
    assert stretched(300.0, 1.01) == 360


def test_the_budget_paces_what_is_watched_and_says_what_that_costs() -> None:
    budget = Budget(ManualClock(NOW), cap=0.25)
    budget.expect("metrics", 2_000, 60.0, watched=True)
    assert budget.paced(60.0) == 300
    assert budget.spending.per_hour == pytest.approx(0.24)
    assert budget.spending.stretch == pytest.approx(4.8)
    budget.expect("metrics", 20, 60.0, watched=True)
    assert (budget.paced(60.0), budget.spending.stretch) == (60, 1)
    assert Budget(ManualClock(NOW)).paced(60.0) == 60


def test_only_what_is_billed_is_asked_more_seldom() -> None:
    pace = Pace(Cadence(), ManualClock(NOW))
    before = {feed: pace.of(feed) for feed in (*BILLED, "stack", "alarms", "releases")}
    pace.capped = lambda every: 3 * every
    for feed, usual in before.items():
        assert pace.of(feed) == (3 * usual if feed in BILLED else usual)


def test_what_is_asked_more_seldom_is_not_called_stale_for_it() -> None:
    region = metrics(*api_series(steady(214), steady(0), steady(120)))
    old = calm(metrics=read(region, minutes_ago=15))
    assert judge(old, SETTINGS, NOW).judgements["api.errors"].state is State.STALE
    capped = msgspec.structs.replace(old, spending=Spending(stretch=5.0))
    assert judge(capped, SETTINGS, NOW).judgements["api.errors"].state is State.OK


@pytest.mark.parametrize("capped", [True, False])
def test_the_header_says_when_the_cap_holds(capped: bool) -> None:
    shown = text_of(header_row(HeaderFacts("Order Desk", "orders", per_hour=0.24, capped=capped), 120))
    assert "$0.24/h" in shown
    assert ("$0.24/h capped" in shown) is capped


HEAD = 'system = "S"\n{}\n[[environments]]\nname = "p"\nstack = "s"\nregion = "us-west-2"\n'


@pytest.mark.parametrize("wrong", ["0", "-1", "nan", "inf", "0.0001", "1e6"])
def test_a_cap_that_is_none_is_refused_with_the_range(wrong: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(HEAD.format(f"cost_cap = {wrong}").encode(), "c.toml")
    assert "c.toml, line 2: cost_cap" in str(refused.value)
    assert "dollars per hour from 0.001 to 1000" in str(refused.value)


def test_a_cap_of_another_kind_is_refused_and_the_default_is_a_quarter() -> None:
    with pytest.raises(ConfigurationError, match="cost_cap"):
        parse(HEAD.format("cost_cap = 'much'").encode(), "c.toml")
    assert parse(HEAD.format("cost_cap = 2").encode(), "c.toml").cost_cap == 2
    assert load().cost_cap == 0.25
