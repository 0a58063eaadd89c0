"""What cannot be seen, against the truth of every scenario that says when each judgement falls silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.model.assessment import Assessment, State
from services.model.reading import Reading
from services.model.series import Metrics, Series, Sparseness
from services.model.situation import Situation
from services.rules import judge
from services.simulated.world.scenarios import SCENARIOS
from tests.unit.cloudwatch_support import STARTED, at
from tests.unit.rules_support import API, EDGE, FUNCTION, SETTINGS, TABLE, calm, signal
from tests.unit.scenario_support import Watched

HOME = {
    ("api.count", API): ("SampleCount", "Sum"),
    ("api.5xx", API): ("Sum", "SampleCount"),
    ("api.latency", API): ("Average", "SampleCount"),
    ("lambda.invocations", FUNCTION): ("Sum",),
    ("lambda.errors", FUNCTION): ("Sum",),
    ("lambda.duration", FUNCTION): ("Average", "SampleCount"),
    ("table.read_throttles", TABLE): ("Sum",),
    ("table.write_throttles", TABLE): ("Sum",),
    ("table.reads", TABLE): ("Sum", "SampleCount"),
}
AT_EDGE = {("edge.requests", EDGE): ("Sum",), ("edge.4xx", EDGE): ("Average",), ("edge.hits", EDGE): ("Average",)}
BACKFILL = 3 * 3600
"""Seconds of history that are remembered."""


def feeds_of(situation: Situation) -> dict[str, Reading[Any]]:
    found = {name: getattr(situation, name) for name in Situation.__struct_fields__}
    return {name: value for name, value in found.items() if isinstance(value, Reading)}


class Seen:
    """A scenario as a watch that asks once a minute sees it: only what has been published by then."""

    def __init__(self, scenario: str, seed: int = 1) -> None:
        self.watched = Watched(scenario, seed=seed)

    def metrics(self, wanted: Mapping[tuple[str, str], tuple[str, ...]], now: float) -> Metrics:
        origin, settle = int(STARTED.timestamp()), 300 if wanted is AT_EDGE else 120
        found = []
        for (key, resource), statistics in wanted.items():
            points = {
                name: {
                    origin + start: value
                    for start, value in self.watched.points(key, name, now=now).items()
                    if now - BACKFILL <= start < now
                }
                for name in statistics
            }
            one = signal(key, resource, statistics, settle=settle)
            found.append(Series(one, points, origin + int(now) - BACKFILL, origin + int(now)))
        silent = [one.signal for one in found if one.newest is None]
        known = frozenset(one.id for one in silent if one.sparse is not Sparseness.NON_ZERO)
        return Metrics({one.signal.id: one for one in found}, verified=known)

    def judged(self, now: float) -> Assessment:
        when = at(now)
        situation = Situation("production", when)
        for feed, reading in feeds_of(calm()).items():
            situation = situation.folded(feed, Reading(reading.value, when, when), when)
        for feed, wanted in (("metrics", HOME), ("edge_metrics", AT_EDGE)):
            situation = situation.folded(feed, Reading(self.metrics(wanted, now), when, when), when)
        return judge(situation, SETTINGS, when)


def broken_promises(scenario: str, seen: Seen, now: float) -> Iterator[str]:
    """What the truth says of this instant and the judgement does not."""
    judgements = seen.judged(now).judgements
    for reach in SCENARIOS[scenario].truth.reaches:
        state = judgements[reach.key].state
        until = seen.watched.horizon if reach.until is None else reach.until
        if (now < reach.after and state is reach.state) or (reach.by <= now <= until and state is not reach.state):
            yield f"{now:.0f} s: {reach.key} {state}, the truth says {reach.state} {reach.after}-{reach.by}-{until}"


@pytest.mark.parametrize(("scenario", "every"), [("late-metrics", 30), ("traffic-gone", 150)])
def test_each_silence_comes_and_stays_as_the_truth_says(scenario: str, every: int) -> None:
    seen = Seen(scenario)
    wrong = [line for now in range(0, seen.watched.horizon + 1, every) for line in broken_promises(scenario, seen, now)]
    assert wrong == []


def test_nothing_is_calm_while_the_metrics_of_the_home_region_are_late() -> None:
    seen = Seen("late-metrics", seed=3)
    for now in range(780, 2_401, 20):
        found = seen.judged(now)
        assert (found.verdict.state is State.LATE) or now > 1_800, (now, found.verdict)
        assert State.NO_TRAFFIC not in {judgement.state for judgement in found.judgements.values()}, now
        assert found.judgements["edge.4xx"].state is State.OK


def test_no_traffic_outlives_the_history_that_is_remembered() -> None:
    """Four hours and more after the last request no series holds a point any more."""
    found = Seen("traffic-gone").judged(120 + BACKFILL + 3_600)
    assert {judgement.state for judgement in found.judgements.values()} == {State.NO_TRAFFIC}


@pytest.mark.parametrize("scenario", sorted(set(SCENARIOS) - {"late-metrics"}))
def test_nothing_is_called_late_that_is_not(scenario: str) -> None:
    seen = Seen(scenario)
    for now in range(0, min(seen.watched.horizon, 7_200) + 1, 300):
        judgements = seen.judged(now).judgements
        assert [key for key, judgement in judgements.items() if judgement.state is State.LATE] == [], now


@pytest.mark.parametrize("seed", [1, 7])
def test_nothing_is_late_on_a_calm_day(seed: int) -> None:
    seen = Seen("calm", seed)
    seen.watched.horizon = 24 * 3_600
    for now in range(0, 24 * 3_600, 1_800):
        found = seen.judged(now)
        assert found.verdict.state is State.OK, (now, found.verdict)
