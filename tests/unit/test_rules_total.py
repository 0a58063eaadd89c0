"""Judgement is total: whatever was read, it answers, and it never makes OK out of nothing."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.model.assessment import State
from services.model.reading import Reading
from services.model.series import Metrics, Series
from services.model.situation import Situation
from services.problems import Problem, ProblemKind
from services.rules import judge
from services.rules.verdict import KEY_METRICS
from services.rules.windows import Track, Window
from services.safe_text import safe
from tests.unit.rules_support import (
    API,
    EDGE,
    FUNCTION,
    INDEX,
    NOW,
    SETTINGS,
    TABLE,
    api_series,
    calm,
    epoch,
    metrics,
    read,
    series,
    steady,
)

REGIONAL = {
    "api.count": API,
    "api.5xx": API,
    "api.4xx": API,
    "api.latency": API,
    "api.integration": API,
    "lambda.invocations": FUNCTION,
    "lambda.errors": FUNCTION,
    "lambda.throttles": FUNCTION,
    "lambda.duration": FUNCTION,
    "table.read_throttles": TABLE,
    "table.write_throttles": INDEX,
    "table.reads": TABLE,
    "table.writes": TABLE,
}
AT_EDGE = {"edge.requests": EDGE, "edge.4xx": EDGE, "edge.5xx": EDGE, "edge.hits": EDGE}
STATISTICS = ("Sum", "SampleCount", "Average", "Maximum")

times = st.integers(-20, 240).map(epoch) | st.integers(epoch(200), epoch(-100))
points = st.dictionaries(times, st.floats(), max_size=25)


@st.composite
def some_metrics(draw: st.DrawFn, keys: dict[str, str]) -> Metrics:
    found: list[Series] = []
    for key in draw(st.sets(st.sampled_from(sorted(keys)))):
        statistics = draw(st.dictionaries(st.sampled_from(STATISTICS), points, max_size=4))
        found.append(series(key, keys[key], statistics, asked=draw(st.tuples(st.floats(0, 300), st.floats(-9, 60)))))
    hidden = [one.signal.id for one in found if draw(st.booleans())]
    return metrics(*found, unpublished=hidden)


def readings(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Reading[Any]]:
    when = st.integers(-600, 7200).map(lambda seconds: NOW - timedelta(seconds=seconds))
    problems = st.sampled_from(list(ProblemKind)).map(lambda kind: Problem(kind, safe("it failed"), "a:B"))
    return st.builds(
        Reading, st.none() | values, st.none() | when, st.none() | when, st.none() | problems, st.integers(0, 9)
    )


quiet = calm()
others = {
    feed: readings(st.just(getattr(quiet, feed).value))
    for feed in ("parts", "events", "functions", "releases", "apis", "tables", "distributions", "alarms", "user_pools")
}


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(readings(some_metrics(REGIONAL)), readings(some_metrics(AT_EDGE)), st.fixed_dictionaries({}, optional=others))
def test_anything_that_was_read_is_judged_and_nothing_is_ok_without_a_number(
    regional: Reading[Metrics], edge: Reading[Metrics], rest: dict[str, Reading[Any]]
) -> None:
    situation = Situation("production", NOW)
    for feed, reading in (rest | {"metrics": regional, "edge_metrics": edge}).items():
        situation = situation.folded(feed, reading, NOW)
    assessment = judge(situation, SETTINGS, NOW)
    for judgement in assessment.judgements.values():
        if judgement.state is State.OK:
            assert judgement.value is not None
            assert judgement.coverage[0] > 0
        for (first, _), (second, value) in zip(judgement.chart, judgement.chart[1:], strict=False):
            assert first < second
            assert 0 <= value < float("inf")
    if assessment.verdict.state is State.OK:
        assert {assessment.judgements[key].state for key in KEY_METRICS} - {State.NOT_ENABLED} == {State.OK}
        assert not [key for key, one in assessment.judgements.items() if one.state.silent and one.state.severity >= 4]
    assert assessment.verdict.sentence
    assert "\n" not in assessment.verdict.sentence
    assert len(assessment.nodes) == 9
    assert len(assessment.alerts) == 13
    for alert in assessment.alerts:
        assert alert.sentence
        if alert.firing and alert.about in assessment.judgements:
            assert alert.clock.met
            assert assessment.judgements[alert.about].state not in (State.DENIED, State.STALE, State.WAITING)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25, deadline=None)
@given(
    readings(some_metrics(REGIONAL)),
    readings(some_metrics(AT_EDGE)),
    st.fixed_dictionaries(others),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_feeds_arrive_changes_nothing(
    regional: Reading[Metrics], edge: Reading[Metrics], rest: dict[str, Reading[Any]], chance: Random
) -> None:
    feeds = list((rest | {"metrics": regional, "edge_metrics": edge}).items())
    ends = []
    for _ in range(2):
        situation = Situation("production", NOW)
        for feed, reading in feeds:
            situation = situation.folded(feed, reading, NOW)
            judged = judge(situation, SETTINGS, NOW)  # on the way too: nothing of it may be remembered
        ends.append(judged)
        chance.shuffle(feeds)
    assert repr(ends[0]) == repr(ends[1])  # by its text: a number that is none equals nothing


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=40, max_size=40), st.lists(st.booleans(), min_size=40, max_size=40))
def test_more_errors_never_quieten_an_alert_that_has_no_upper_end(errors: list[float], more: list[bool]) -> None:
    ranks = []
    for extra in (0.0, 200.0):
        failing = {
            epoch(40 - minute): min(1000.0, count + (extra if add else 0.0))
            for minute, (count, add) in enumerate(zip(errors, more, strict=True))
        }
        region = metrics(*api_series(steady(1000, 40), failing, steady(100, 40)))
        found = {alert.key: alert for alert in judge(calm(metrics=read(region)), SETTINGS, NOW).alerts}
        ranks.append([found[key].state.rank for key in ("alert.server_errors", "trigger.error_rate")])
        ranks[-1].append(int(found["trigger.error_rate"].clock.held))
    assert all(before <= after for before, after in zip(*ranks, strict=True))


minutes = st.integers(0, 40).map(lambda minute: minute * 60)
amounts = st.dictionaries(minutes, st.floats(0, 1e300), max_size=20)


@given(amounts, st.none() | amounts, st.integers(1, 6), st.integers(0, 45))
def test_rolling_windows_say_what_each_window_says_by_itself(
    found: dict[int, float], weights: dict[int, float] | None, width: int, end: int
) -> None:
    track = Track(found, weights)
    window = Window((end - width) * 60, end * 60, 60)
    rolled = list(track.rolled(window))
    assert rolled == list(track.rolled(window))
    for back, (value, weight) in enumerate(rolled):
        assert value == track.value(window.moved(-back))
        if weights is not None:
            assert weight == track.weight(window.moved(-back))
    assert track.value(window.moved(-len(rolled))) is None


def test_nothing_at_all_is_waiting_everywhere_and_never_ok() -> None:
    assessment = judge(Situation("production", NOW), SETTINGS, NOW)
    assert {judgement.state for judgement in assessment.judgements.values()} == {State.WAITING}
    assert {node.state for node in assessment.nodes} == {State.WAITING}
    assert assessment.verdict.state is State.WAITING


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_more_errors_are_never_a_better_state(some: float, more: float) -> None:
    found = []
    for errors in sorted((some, more)):
        region = metrics(*api_series(steady(1000), steady(errors), steady(100)))
        found.append(judge(calm(metrics=read(region)), SETTINGS, NOW).judgements["api.errors"].state.severity)
    assert found == sorted(found)
