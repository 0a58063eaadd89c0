"""The cost cap: what explains is asked more seldom before what is judged, and nothing is left out."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import catalogue
from services.aws.budget import Budget
from services.aws.capping import GIVES_WAY, LEAST_SHARE, Standing, floors, paced, per_hour, stretched
from services.clock import ManualClock
from services.model.assessment import State
from services.model.spending import Need, Spending
from services.problems import ConfigurationError
from services.rules import judge
from services.settings import Cadence
from services.settings.loading import load, parse
from services.watch.pace import BILLED, Pace
from tests.unit.rules_support import NOW, SETTINGS, api_series, calm, metrics, read, steady
from tui.keys import KeyContext
from tui.screens.help import help_rows
from widgets import wording
from widgets.header import HeaderFacts, header_row
from widgets.spans import text_of

PRICE = 0.01 / 1000
ASKED = st.builds(
    Standing, st.integers(0, 5_000).map(PRICE.__mul__), st.sampled_from([30.0, 60.0, 300.0]), st.sampled_from(Need)
)
BESIDES = st.builds(Standing, st.integers(0, 5_000).map(PRICE.__mul__), st.sampled_from([60.0, 300.0]), st.none())
FEEDS = st.lists(ASKED, max_size=6)
CAPS = st.floats(0.001, 100)


@settings(deadline=None)
@given(FEEDS, st.lists(BESIDES, max_size=2), CAPS)
def test_the_cap_is_kept_whenever_something_else_does_not_pass_it_alone(
    watched: list[Standing], besides: list[Standing], cap: float
) -> None:
    asked = stretched(watched, floors([*watched, *besides], cap))
    assert len(asked) == len(watched)
    assert all(after.every >= before.every for before, after in zip(watched, asked, strict=True))
    most = max(cap, per_hour(besides) + LEAST_SHARE * cap)
    assert per_hour(asked) + per_hour(besides) <= most * (1 + 1e-6)


@settings(deadline=None)
@given(FEEDS, CAPS)
def test_nobody_waits_longer_than_one_who_gives_way_before(watched: list[Standing], cap: float) -> None:
    found = floors(watched, cap)
    order = [found[need] for need, _ in GIVES_WAY]
    assert order == sorted(order, reverse=True)
    assert found[Need.JUDGED] <= found[Need.DIAGNOSIS]
    assert all(pause % 60 == 0 and pause < float("inf") for pause in found.values())


@settings(deadline=None)
@given(FEEDS, CAPS)
def test_who_is_more_urgent_is_touched_only_when_the_others_have_given_all_they_have(
    watched: list[Standing], cap: float
) -> None:
    found = floors(watched, cap)
    for place, (need, _) in enumerate(GIVES_WAY):
        if found[need]:
            assert all(found[before] >= ceiling for before, ceiling in GIVES_WAY[:place])


@settings(deadline=None)
@given(FEEDS, CAPS, CAPS)
def test_a_higher_cap_never_makes_anything_slower(watched: list[Standing], one: float, other: float) -> None:
    low, high = (floors(watched, cap) for cap in sorted((one, other)))
    assert all(high[need] <= low[need] for need in Need)


@settings(deadline=None)
@given(st.permutations([Standing(900 * PRICE, 60.0, need) for need in Need]))
def test_the_order_in_which_they_are_told_means_nothing(watched: list[Standing]) -> None:
    assert floors(watched, 0.25) == floors([Standing(900 * PRICE, 60.0, need) for need in Need], 0.25)


def standing(judged: int, diagnosis: int, every: float = 60.0) -> list[Standing]:
    return [Standing(judged * PRICE, 60.0), Standing(diagnosis * PRICE, every, Need.DIAGNOSIS)]


@pytest.mark.parametrize(
    ("judged", "diagnosis", "cap", "pauses"),
    [
        (20, 400, 0.30, (0, 0)),
        (300, 900, 0.25, (0, 480)),  # 300 + 900 ÷ 8 a minute are within 416
        (386, 900, 0.25, (0, 1800)),
        (500, 0, 0.25, (120, 1800)),
        (4_000, 1_000, 0.25, (660, 1800)),
        (4_000, 1_000, 3.0, (0, 0)),
        (4_000, 1_000, 0.01, (18_000, 18_000)),
    ],
)
def test_diagnosis_gives_way_first_then_what_is_judged(
    judged: int, diagnosis: int, cap: float, pauses: tuple[float, float]
) -> None:
    found = floors(standing(judged, diagnosis), cap)
    assert (found[Need.JUDGED], found[Need.DIAGNOSIS]) == pauses


def test_a_pause_is_never_shorter_than_usual() -> None:
    assert [paced(30.0, 0.0), paced(60.0, 300.0), paced(300.0, 120.0)] == [30, 300, 300]


def test_the_budget_paces_by_need_and_says_what_that_costs() -> None:
    budget = Budget(ManualClock(NOW), cap=0.25)
    budget.expect("metrics", 300, 60.0, need=Need.JUDGED)
    budget.expect("metrics", 900, 60.0, need=Need.DIAGNOSIS)
    assert (budget.paced(60.0), budget.paced(60.0, Need.DIAGNOSIS)) == (60, 480)
    assert budget.spending.per_hour == pytest.approx(60 * (300 + 900 / 8) * PRICE)
    assert budget.spending.pauses == {Need.JUDGED: 60, Need.DIAGNOSIS: 480}
    assert budget.spending.slowed == {Need.DIAGNOSIS}
    assert budget.spending.judged_every == 0
    budget.expect("metrics", 20, 60.0, need=Need.DIAGNOSIS)
    assert (budget.paced(60.0, Need.DIAGNOSIS), budget.spending.capped) == (60, False)
    assert Budget(ManualClock(NOW)).paced(60.0) == 60


def test_it_is_known_beforehand_whether_everything_judged_could_be_asked_as_usual() -> None:
    budget = Budget(ManualClock(NOW), cap=0.25)
    budget.expect("metrics", 8, 60.0, need=Need.JUDGED)
    budget.expect("metrics", 900, 60.0, need=Need.QUIET)
    budget.expect("percentiles", 900, 300.0, need=Need.DIAGNOSIS)
    # Diagnosis gives way to a question in half an hour: thirty a minute of the 416 that the cap allows.
    assert [budget.strained("metrics", count, 60.0) for count in (100, 386, 387, 4_000)] == [False, False, True, True]


def test_percentiles_and_operations_explain_and_everything_else_is_judged() -> None:
    from tests.unit.test_catalogue import everything

    explains = {(one.key, one.period) for one in everything() if catalogue.need_of(one) is Need.DIAGNOSIS}
    assert explains == {("api.latency", 300), ("lambda.duration", 300)}


def test_only_what_is_billed_is_asked_more_seldom() -> None:
    pace = Pace(Cadence(), ManualClock(NOW))
    before = {feed: pace.of(feed) for feed in (*BILLED, "stack", "alarms", "releases")}
    pace.capped = lambda every, need: 3 * every if need is Need.JUDGED else 5 * every
    for feed, usual in before.items():
        factor = {Need.JUDGED: 3, Need.DIAGNOSIS: 5}[BILLED[feed]] if feed in BILLED else 1
        assert pace.of(feed) == factor * usual


def test_what_is_asked_more_seldom_is_not_called_stale_for_it() -> None:
    region = metrics(*api_series(steady(214), steady(0), steady(120)))
    old = calm(metrics=read(region, minutes_ago=15))
    assert judge(old, SETTINGS, NOW).judgements["api.errors"].state is State.STALE
    slow = Spending(pauses={Need.JUDGED: 300.0}, slowed=frozenset({Need.JUDGED}))
    capped = msgspec.structs.replace(old, spending=slow)
    assert judge(capped, SETTINGS, NOW).judgements["api.errors"].state is State.OK


SLOWED = Spending(per_hour=0.24, pauses={Need.JUDGED: 60.0, Need.DIAGNOSIS: 540.0}, slowed=frozenset({Need.DIAGNOSIS}))


def test_it_is_said_who_is_asked_how_often() -> None:
    assert wording.cadences(SLOWED) == "diagnosis every 9 min, judged every 60 s"
    assert wording.cadences(msgspec.structs.replace(SLOWED, slowed=frozenset())) == ""
    page = "\n".join(text_of(one) for one in help_rows(KeyContext(capped=wording.cost_cap(SLOWED)), 120))
    assert "$0.24/h is as far as `cost_cap` goes: diagnosis every 9 min, judged every 60 s." in page
    assert "cost_cap" not in "\n".join(text_of(one) for one in help_rows(KeyContext(), 120))


def test_those_of_one_pause_are_named_together() -> None:
    several = {Need.JUDGED: 60.0, Need.SCREEN: 300.0, Need.QUIET: 1_800.0, Need.DIAGNOSIS: 1_800.0}
    screened = Spending(pauses=several, slowed=frozenset({Need.QUIET}))
    assert "Quiet are functions in which the last look found nothing." in wording.cost_cap(screened)
    assert wording.cadences(screened) == "diagnosis and quiet every 30 min, screened every 5 min, judged every 60 s"


def test_a_wide_header_says_it_too_and_a_narrow_one_gives_it_up_first() -> None:
    facts = HeaderFacts("Order Desk", "orders", per_hour=0.24, capped=True, cadences=wording.brief_cadences(SLOWED))
    assert "$0.24/h capped  diagnosis 9 min, judged 60 s" in text_of(header_row(facts, 200))
    assert text_of(header_row(facts, 60)).rstrip().endswith("$0.24/h capped")


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
