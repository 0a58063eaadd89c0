"""Every scenario does what its truth says: scored through CloudWatch's handlers by a second reading of the runbook."""

from __future__ import annotations

import pytest

from services.model.assessment import State
from services.simulated.world.scenarios import SCENARIOS, Truth
from tests.unit.scenario_support import Watched, failing

BANDS = (State.OK, State.ELEVATED, State.WARN, State.CRIT, State.NO_TRAFFIC)
"""What can be told from metrics alone; refused and stale questions are met over HTTP."""

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module", params=[(name, seed) for name in SCENARIOS for seed in SEEDS], ids=str)
def watched(request: pytest.FixtureRequest) -> Watched:
    name, seed = request.param
    return Watched(name, seed)


def test_the_rules_that_ring_are_those_of_the_truth_and_in_time(watched: Watched) -> None:
    rings = watched.rings()
    expected = {ring.rule: ring for ring in watched.truth.rings}
    assert set(rings) - set(watched.truth.may_ring) == set(expected)
    late = {rule: (ring.after, rings[rule], ring.by) for rule, ring in expected.items()}
    assert all(after <= first <= by for after, first, by in late.values()), late


def test_judgements_reach_their_states_in_time_and_stay_there(watched: Watched) -> None:
    wrong = []
    for tick in range(-3_600, watched.horizon + 1, 60):
        states = watched.states(tick)
        for reach in watched.truth.reaches:
            if reach.state not in BANDS or reach.key not in states:
                continue
            there = states[reach.key] is reach.state
            due = reach.by <= tick <= (watched.horizon if reach.until is None else reach.until)
            if (due and not there) or (there and tick < reach.after):
                wrong.append((tick, reach.key, states[reach.key]))
    assert not wrong


def test_what_the_truth_does_not_name_stays_as_it_is(watched: Watched) -> None:
    named = {reach.key for reach in watched.truth.reaches}
    wandering = set(watched.truth.may_reach)
    wrong = [
        (tick, key, state)
        for tick in range(-3_600, watched.horizon + 1, 60)
        for key, state in watched.states(tick).items()
        if key not in named and state is not State.OK and not (key in wandering and state is State.ELEVATED)
    ]
    assert not wrong


def test_before_the_first_onset_nothing_is_wrong(watched: Watched) -> None:
    first = min([*watched.truth.onsets, 0.0])
    for tick in range(-3_600, int(first) // 60 * 60, 60):
        assert set(watched.states(tick).values()) == {State.OK}
        assert not list(watched.firing(tick))


def test_the_signs_are_there_and_nowhere_else(watched: Watched) -> None:
    for sign in watched.truth.signs:
        values = watched.points(sign.figure, sign.statistic, sign.period)
        assert not failing(values, sign), sign


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_truth_agrees_with_itself(name: str) -> None:
    scenario = SCENARIOS[name]
    truth = scenario.truth
    assert scenario.name == name
    assert scenario.summary
    assert truth.breaks
    assert list(truth.onsets) == sorted(truth.onsets)
    assert all(ring.after < ring.by <= truth.horizon for ring in truth.rings)
    assert all(reach.after < reach.by < (reach.until or truth.horizon) <= truth.horizon for reach in truth.reaches)
    assert not truth.quiet & {ring.rule for ring in truth.rings}
    if truth.cause is not None:
        assert truth.cause.at in truth.onsets
    _tells_nothing_doubtful(truth)
    assert (name == "calm") == (not truth.onsets)


def _tells_nothing_doubtful(truth: Truth) -> None:
    """What must be said is said of instants at which the truth knows what is, and agrees with it."""
    rings = {ring.rule: ring for ring in truth.rings}
    assert truth.tells
    assert [one.at for one in truth.tells] == sorted(one.at for one in truth.tells)
    for one in truth.tells:
        assert one.at <= truth.horizon
        assert not [reach for reach in truth.reaches if reach.after < one.at < reach.by]
        assert all(one.at >= rings[rule].by for rule in one.rings)
        assert not (one.blames and truth.cause is None)
        assert not one.blames or one.key == (truth.cause.remedy if truth.cause else "")
