"""The watch over time, against the simulated account, over HTTP, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.model.assessment import State
from services.simulated.account import SimulatedAccount
from tests.contract.watch_support import counted, watched
from tests.simulated_support import simulated


@pytest.fixture
def calm() -> Iterator[SimulatedAccount]:
    with simulated("calm") as account:
        yield account


@pytest.fixture
def incident() -> Iterator[SimulatedAccount]:
    with simulated("bad-deploy") as account:
        yield account


def test_metrics_are_asked_once_a_minute_in_windows_that_reach_back(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        before = counted(calm)["cloudwatch:GetMetricData"]
        scene.advance(480)
        calls = [call for call in calm.calls if call.operation == "GetMetricData"][before:]
        minutely = [
            c
            for c in calls
            if c.region == "us-west-2"
            and c.parameters["MetricDataQueries"][0]["MetricStat"]["Period"] == 60
            and "HealthScore" not in str(c.parameters)  # the dashboard's, in its own window
        ]
        assert 7 <= len(minutely) <= 9
        spans = {c.parameters["EndTime"] - c.parameters["StartTime"] for c in minutely}
        assert spans == {timedelta(seconds=960)}
        known = scene.situation.metrics.value
        assert known is not None
        (count,) = known.find("api.count")
        minutes = sorted(count.statistic("SampleCount"))
        assert minutes == list(range(minutes[0], minutes[-1] + 60, 60))
        assert len(minutes) >= 60


def test_what_an_hour_costs_is_told_and_within_the_goal(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.advance(300)
        standing = scene.situation.spending.per_hour
        assert 0.005 < standing <= 0.02
        before = scene.situation.spending.metrics_requested
        scene.advance(600, step=60)
        scene.advance(15)
        spent = (scene.situation.spending.metrics_requested - before) / 1000 * 0.01
        assert spent == pytest.approx(standing / 6, rel=0.15)
        assert scene.situation.spending.calls["cloudwatch:GetMetricData"] == counted(calm)["cloudwatch:GetMetricData"]


def test_a_deployment_is_followed_event_by_event(incident: SimulatedAccount) -> None:
    with watched(incident) as scene:
        events = scene.situation.events.value
        assert events is not None
        known = len(events)
        scene.advance(420, step=5)
        events, stack, releases = (
            scene.situation.events.value,
            scene.situation.stack.value,
            scene.situation.releases.value,
        )
        assert events is not None
        assert stack is not None
        assert releases is not None
        assert len(events) > known
        assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
        assert len({event.id for event in events}) == len(events)
        assert stack.status == "UPDATE_COMPLETE"
        statuses = {reading.value.status for reading in scene.told("stack") if reading.value is not None}
        assert "UPDATE_IN_PROGRESS" in statuses
        assert releases[0].alias is not None
        assert releases[0].alias.version == 42


def test_the_evidence_tells_a_bad_version_from_a_good_one(incident: SimulatedAccount) -> None:
    with watched(incident) as scene:
        scene.advance(720, step=30)
        assert scene.situation.evidence.value is not None
        rates = {one.version: one.error_rate for one in scene.situation.evidence.value}
        assert rates[42] is not None
        assert rates[41] is not None
        assert rates[42] > 5 > 1 > rates[41]


def test_faster_questions_while_an_operation_runs(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        before = counted(calm)["lambda:GetAlias"]
        scene.watch.busy_until("releases", scene.clock.now() + timedelta(seconds=60))
        scene.settle()
        scene.advance(60, step=5)
        fast = counted(calm)["lambda:GetAlias"] - before
        scene.advance(60, step=5)
        slow = counted(calm)["lambda:GetAlias"] - before - fast
        assert fast >= 12
        assert slow <= 5


def test_refresh_asks_everything_again_at_once(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        before = counted(calm)
        scene.watch.refresh()
        scene.settle()
        asked = counted(calm) - before
        for call in ("cloudformation:DescribeStacks", "lambda:GetAlias", "cloudwatch:GetMetricData", "s3:HeadBucket"):
            assert asked[call] >= 1, call


def test_nothing_is_told_after_the_stop(calm: SimulatedAccount) -> None:
    with watched(calm) as scene:
        scene.watch.stop()
        told = len(scene.updates)
        scene.clock.advance(600)
        scene.watch.join(10)
        assert len(scene.updates) == told


def test_what_was_seen_once_stays_known_when_its_last_point_has_left_the_history() -> None:
    with simulated("traffic-gone") as account, watched(account) as scene:
        found = scene.look(scene.clock.now() + timedelta(hours=2))
        assert found.judgements["api.requests"].state is State.NO_TRAFFIC
        known = scene.situation.metrics.value
        assert known is not None
        assert {one.signal.id for one in known.find("api.count")} <= known.verified
