"""Recovery is judged on whole settled minutes after the switch, and on nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model.entry import Outcome
from services.model.plan import Criterion
from services.rules.recovery import RecoveryVerdict, fresh_start, recovered

SWITCHED = datetime(2026, 3, 14, 3, 14, 20, tzinfo=UTC)
FIRST = int(datetime(2026, 3, 14, 3, 15, tzinfo=UTC).timestamp())
CRITERION = Criterion("errors < 1 %, latency < 1 s")
Points = dict[int, float]


def minutes(value: float, count: int = 5, first: int = FIRST) -> Points:
    return {first + 60 * index: value for index in range(count)}


def after(seconds: float) -> datetime:
    return SWITCHED + timedelta(seconds=seconds)


def judged(
    now: datetime,
    requests: Points,
    errors: Points | None = None,
    latency: Points | None = None,
    criterion: Criterion = CRITERION,
) -> RecoveryVerdict:
    slow = latency if latency is not None else dict.fromkeys(requests, 150.0)
    return recovered(criterion, requests, errors or {}, slow, requests, SWITCHED, now)


READY = 40 + 300 + 120
"""Seconds from the switch to the end of the first settled window: 40 s to the next minute, 5 minutes, 2 to settle."""


@pytest.mark.runbook("R237")
def test_minutes_before_the_switch_and_the_minute_of_the_switch_never_count() -> None:
    before = minutes(100, 30, FIRST - 30 * 60)
    found = judged(after(READY), before | minutes(50), before)
    assert found.outcome is Outcome.RECOVERED
    assert "of 250 requests" in found.sentence


def test_it_waits_until_the_window_is_complete_and_settled() -> None:
    early = judged(after(READY - 1), minutes(100, 10))
    assert (early.outcome, early.periods) == (None, (4, 5))
    assert early.judge_at == after(READY)
    assert early.sentence == "4 of 5 settled minutes; judged at 03:22"
    assert judged(after(READY), minutes(100, 10)).outcome is Outcome.RECOVERED


def test_a_switch_on_the_minute_begins_its_window_at_once() -> None:
    assert fresh_start(datetime(2026, 3, 14, 3, 15, tzinfo=UTC)) == FIRST
    assert fresh_start(SWITCHED) == FIRST


@pytest.mark.parametrize(
    ("errors", "outcome"), [(0, Outcome.RECOVERED), (0.99, Outcome.RECOVERED), (1, Outcome.NOT_RECOVERED)]
)
def test_the_error_rate_has_to_be_below_the_limit_not_at_it(errors: float, outcome: Outcome) -> None:
    assert judged(after(READY), minutes(100), minutes(errors)).outcome is outcome


@pytest.mark.parametrize(
    ("latency", "outcome"), [(999, Outcome.RECOVERED), (1000, Outcome.NOT_RECOVERED), (4000, Outcome.NOT_RECOVERED)]
)
def test_the_latency_has_to_be_below_the_limit_not_at_it(latency: float, outcome: Outcome) -> None:
    assert judged(after(READY), minutes(100), {}, minutes(latency)).outcome is outcome


def test_a_world_that_stays_bad_is_not_recovered_and_says_what_is_wrong() -> None:
    found = judged(after(READY), minutes(200), minutes(30), minutes(1500))
    assert found.outcome is Outcome.NOT_RECOVERED
    assert "errors 15 % of 1 000 requests" in found.sentence
    assert "errors are not below 1 % and latency is not below 1 s" in found.sentence


def test_too_few_requests_are_waited_for_and_inconclusive_when_patience_ends() -> None:
    few = minutes(4, 30)
    assert judged(after(READY), few).outcome is None
    assert judged(after(1199), few).outcome is None
    ended = judged(after(1200), minutes(4, 17))
    assert ended.outcome is Outcome.INCONCLUSIVE
    assert "100 are needed" in ended.sentence


def test_a_longer_window_may_reach_the_requests_a_short_one_lacks() -> None:
    assert judged(after(READY + 6 * 60), minutes(10, 11)).outcome is Outcome.RECOVERED


def test_an_empty_newest_minute_is_waited_for_before_it_counts_as_empty() -> None:
    four = minutes(100, 4)
    assert judged(after(READY), four).outcome is None
    assert judged(after(READY + 240), four).outcome is Outcome.RECOVERED


def test_no_latency_at_all_never_counts_as_fast() -> None:
    assert judged(after(READY), minutes(100), {}, {}).outcome is None
    assert judged(after(1200), minutes(100, 30), {}, {}).outcome is Outcome.INCONCLUSIVE


def test_silence_is_never_recovery() -> None:
    for seconds in range(0, 3000, 60):
        assert judged(after(seconds), {}).outcome in (None, Outcome.INCONCLUSIVE)
    assert judged(after(1200), {}).outcome is Outcome.INCONCLUSIVE


VALUES = st.one_of(st.floats(), st.just(float("nan")), st.just(float("inf")))
SERIES = st.dictionaries(st.integers(FIRST - 900, FIRST + 1800), VALUES, max_size=30) | st.dictionaries(
    st.integers(-20, 30).map(lambda index: FIRST + 60 * index), st.floats(0, 1000), max_size=40
)


@given(SERIES, SERIES, SERIES, SERIES, st.integers(-600, 4000))
def test_any_series_at_any_time_gives_a_verdict_and_recovery_needs_requests(
    requests: Points, errors: Points, latency: Points, counts: Points, seconds: int
) -> None:
    found = recovered(CRITERION, requests, errors, latency, counts, SWITCHED, after(seconds))
    if found.outcome is Outcome.RECOVERED:
        fresh = [value for start, value in requests.items() if start >= FIRST and value >= 0]
        assert sum(fresh) >= CRITERION.min_requests
        assert seconds >= READY
    assert 0 <= found.periods[0] <= found.periods[1]


@given(st.floats(0, 100), st.floats(0, 100))
def test_more_errors_never_turn_a_bad_verdict_good(some: float, more: float) -> None:
    low, high = sorted((some, more))
    if judged(after(READY), minutes(100), minutes(high)).outcome is Outcome.RECOVERED:
        assert judged(after(READY), minutes(100), minutes(low)).outcome is Outcome.RECOVERED
